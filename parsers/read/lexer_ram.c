/* SPDX-License-Identifier: MIT */
/*
 * The lexer inside a section of RAM: the flags beside an address say which entry it is and what follows. It
 * must not know the schema.
 */
#include "read/lexer_ram.h"

#include "read/entry_rows.h"
#include "wire_rows.h"

/* Without VMWIRE_RAM_SAVE_FLAG_CONTINUE. */
static const struct entry_row ram_entries[] = {RAM_ENTRY_ROWS};
static const struct entry_row ram_3_entries[] = {RAM_3_ENTRY_ROWS};

static void after_block(struct lexer *lexer)
{
    lexer->condition = lexer->block_bytes_left ? yycblock_list : yycram;
}

LEXER_MATCH(ram_entry)
{
    uint64_t value = vmwire_be64(lexer->cursor);
    uint32_t flags = (uint32_t)value & (lexer->page_size - 1);
    bool same_block = flags & VMWIRE_RAM_SAVE_FLAG_CONTINUE;
    const struct entry_row *row =
        find_entry_row(ram_entries, sizeof(ram_entries) / sizeof(ram_entries[0]),
                       flags & ~(uint32_t)VMWIRE_RAM_SAVE_FLAG_CONTINUE);
    if (!row)
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "unknown combination of RAM flags %03x", flags);

    int condition = row->condition;
    if (row->of_block) {
        if (same_block && !lexer->block_named)
            return FAIL(lexer, VMWIRE_ERROR_ITEM,
                        "a RAM page of the same block as before, but none was named");
        lexer->block_named = true;
        lexer->cost->pages++;
        lexer->payload = (struct payload){TOKEN_PAGE, yycram, lexer->page_size};
        lexer->after_block_name = condition;
        lexer->condition = same_block ? condition : yycblock_name;
    } else {
        lexer->condition = condition;
    }
    if (row->token == TOKEN_RAM_MEM_SIZE) {
        lexer->block_bytes_left = value - flags;
        after_block(lexer);
    }
    lexer_emit(lexer, token, row->token, cursor);
    token->value = value - flags;
    return row->token;
}

/* Version 3: no entry names a block. */
LEXER_MATCH(ram_3_entry)
{
    uint64_t value = vmwire_be64(lexer->cursor);
    uint32_t flags = (uint32_t)value & (lexer->page_size - 1);
    const struct entry_row *row =
        find_entry_row(ram_3_entries, sizeof(ram_3_entries) / sizeof(ram_3_entries[0]), flags);
    if (!row)
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "unknown combination of RAM flags %03x", flags);
    if (row->token == TOKEN_RAM_PAGE || row->token == TOKEN_RAM_ZERO)
        lexer->cost->pages++;
    lexer->payload = (struct payload){TOKEN_PAGE, yycram_3, lexer->page_size};
    lexer->condition = row->condition;
    lexer_emit(lexer, token, row->token, cursor);
    token->value = value - flags;
    return row->token;
}

void lexer_after_fill(struct lexer *lexer)
{
    lexer->condition = lexer->payload.condition;
}

LEXER_RULE(block_name)
{
    int kind = emit_str8(lexer, token, TOKEN_BLOCK_NAME, NULL);
    if (kind != LEXER_ERROR)
        lexer->condition = lexer->after_block_name;
    return kind;
}

LEXER_RULE(listed_block)
{
    return emit_str8(lexer, token, TOKEN_BLOCK_NAME, NULL);
}

void lexer_after_address(struct lexer *lexer)
{
    if (lexer->mapped_ram)
        lexer->condition = yycmapped_header;
    else
        after_block(lexer);
}

void lexer_after_page_size(struct lexer *lexer)
{
    if (lexer->ignore_shared)
        lexer->condition = yycblock_address;
    else
        lexer_after_address(lexer);
}

/* asn1: the block is an entry of its own, and ends here. */
int lexer_no_page_size(struct lexer *lexer)
{
    if (!lexer->in_entry)
        return lexer_truncated(lexer);
    lexer_after_page_size(lexer);
    return LEXER_AGAIN;
}

LEXER_MATCH(block_length)
{
    lexer->block_length = vmwire_be64(lexer->cursor);
    if (lexer->block_length > lexer->block_bytes_left)
        return FAIL(lexer, VMWIRE_ERROR_ITEM,
                    "a RAM block of %llu bytes, but only %llu are left of the total",
                    (unsigned long long)lexer->block_length,
                    (unsigned long long)lexer->block_bytes_left);
    lexer->block_bytes_left -= lexer->block_length;
    if (lexer->postcopy_advised)
        lexer->condition = yycblock_page_size;
    else
        lexer_after_page_size(lexer);
    return lexer_emit(lexer, token, TOKEN_BLOCK_LENGTH, cursor);
}

/* QEMU migration/ram.c, mapped_ram_setup_ramblock. */
LEXER_MATCH(mapped_header)
{
    uint32_t version = vmwire_be32(lexer->cursor);
    uint64_t page_size = vmwire_be64(lexer->cursor + 4);
    uint64_t bitmap_offset = vmwire_be64(lexer->cursor + 12);
    uint64_t pages_offset = vmwire_be64(lexer->cursor + 20);
    uint64_t here = (uint64_t)(cursor - lexer->begin);
    if (version > VMWIRE_MAPPED_RAM_HDR_VERSION || page_size < VMWIRE_TARGET_PAGE_SIZE_LEAST ||
        page_size & (page_size - 1))
        return FAIL(lexer, VMWIRE_ERROR_ITEM,
                    "mapped-ram header version %u with page size %llu is not known", version,
                    (unsigned long long)page_size);
    if (lexer->ignore_shared && !bitmap_offset && !pages_offset) {
        /* Since QEMU 11.0, a shared block has neither bitmap nor pages. */
        after_block(lexer);
        return lexer_emit(lexer, token, TOKEN_MAPPED_HEADER, cursor);
    }
    uint64_t bitmap_size = (lexer->block_length / page_size + 63) / 64 * 8;
    if (bitmap_offset != here || pages_offset < here || pages_offset - here < bitmap_size)
        return FAIL(
            lexer, VMWIRE_ERROR_ITEM,
            "a mapped-ram block with its bitmap at %llu and its pages at %llu, expected them "
            "behind its header, at %llu and %llu or later",
            (unsigned long long)bitmap_offset, (unsigned long long)pages_offset,
            (unsigned long long)here, (unsigned long long)(here + bitmap_size));
    uint64_t block_length = lexer->block_length;
    after_block(lexer);
    lexer->mapped_pages = (struct payload){TOKEN_MAPPED_PAGES, lexer->condition, block_length};
    announce_payload(lexer, TOKEN_MAPPED_BITMAP, pages_offset - bitmap_offset, yycpayload);
    return lexer_emit(lexer, token, TOKEN_MAPPED_HEADER, cursor);
}

/* A length, and a compressed page of that many bytes. */
int lexer_compressed_page(struct lexer *lexer, struct token *token, int kind, const uint8_t *cursor)
{
    bool xbzrle = kind == TOKEN_XBZRLE_HEADER;
    uint32_t length = xbzrle ? vmwire_be16(lexer->cursor + 1) : vmwire_be32(lexer->cursor);
    uint32_t size = lexer->page_size;
    /* QEMU migration/ram.c: an XBZRLE page is at most a page, a compressed one zlib's compressBound(). */
    uint32_t limit = xbzrle ? size : size + (size >> 12) + (size >> 14) + (size >> 25) + 13;
    if (length > limit)
        return FAIL(lexer, VMWIRE_ERROR_ITEM,
                    "a page of %u bytes was compressed to %u, more than %u", size, length, limit);
    announce_payload(lexer, TOKEN_PAGE, length, yycram);
    return lexer_emit(lexer, token, kind, cursor);
}

int lexer_unknown_xbzrle(struct lexer *lexer)
{
    if (bytes_left(lexer) < 3)
        return lexer_truncated(lexer);
    return FAIL(lexer, VMWIRE_ERROR_ITEM, "expected XBZRLE encoding (01), found %02x",
                lexer->cursor[0]);
}
