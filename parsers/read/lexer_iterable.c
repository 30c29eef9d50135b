/* SPDX-License-Identifier: MIT */
/*
 * The lexer inside the other iterable sections: lengths, flags and names decide what comes next. It must not
 * know the schema.
 */
#include "read/lexer_iterable.h"

#include <string.h>

#include "read/entry_rows.h"
#include "wire_rows.h"

/* The iterable sections that there is a grammar for. */
static const struct {
    const char *idstr;
    uint32_t version_id;
    int condition;
} iterable_grammars[] = {ITERABLE_ROWS};

int iterable_condition(const char *idstr, uint32_t version_id)
{
    for (size_t i = 0; i < sizeof(iterable_grammars) / sizeof(iterable_grammars[0]); i++)
        if (strcmp(iterable_grammars[i].idstr, idstr) == 0 &&
            iterable_grammars[i].version_id == version_id)
            return iterable_grammars[i].condition;
    return -1;
}

/* ---- dirty-bitmap -------------------------------------------------------------------------------- */

/* What follows the flags of a chunk, in this order: each part whose flag is there. */
static const struct {
    uint32_t flag;
    int condition; /* -1: it has no bytes */
    bool last;     /* the parts behind it are not looked at */
} bitmap_parts[] = {BITMAP_PART_ROWS};

void lexer_after_chunk(struct lexer *lexer)
{
    lexer->condition =
        lexer->chunk_flags & VMWIRE_DIRTY_BITMAP_MIG_FLAG_EOS ? yycfooter : yycbitmap;
}

static void next_part(struct lexer *lexer)
{
    const size_t count = sizeof(bitmap_parts) / sizeof(bitmap_parts[0]);
    int condition = -1;
    while (condition < 0 && lexer->chunk_part < count) {
        size_t part = lexer->chunk_part++;
        if (!(lexer->chunk_flags & bitmap_parts[part].flag))
            continue;
        condition = bitmap_parts[part].condition;
        if (bitmap_parts[part].last)
            lexer->chunk_part = count;
    }
    if (condition < 0)
        lexer_after_chunk(lexer);
    else
        lexer->condition = condition;
}

LEXER_MATCH(bitmap_chunk)
{
    bool last = cursor[-1] & VMWIRE_DIRTY_BITMAP_MIG_FLAG_EOS;
    lexer_emit(lexer, token, last ? TOKEN_BITMAP_LAST_CHUNK : TOKEN_BITMAP_CHUNK, cursor);
    lexer->chunk_flags = token->value;
    lexer->chunk_part = 0;
    next_part(lexer);
    return last ? TOKEN_BITMAP_LAST_CHUNK : TOKEN_BITMAP_CHUNK;
}

LEXER_RULE(node_name)
{
    int kind = emit_str8(lexer, token, TOKEN_NODE_NAME, NULL);
    if (kind != LEXER_ERROR)
        next_part(lexer);
    return kind;
}

LEXER_RULE(bitmap_name)
{
    int kind = emit_str8(lexer, token, TOKEN_BITMAP_NAME, NULL);
    if (kind != LEXER_ERROR)
        next_part(lexer);
    return kind;
}

void lexer_after_sectors(struct lexer *lexer)
{
    if (lexer->chunk_flags & VMWIRE_DIRTY_BITMAP_MIG_FLAG_ZEROES)
        lexer_after_chunk(lexer);
    else
        lexer->condition = yycbits_length;
}

LEXER_MATCH(bits_length)
{
    uint64_t length = vmwire_be64(lexer->cursor);
    if (length > VMWIRE_DIRTY_BITMAP_CHUNK_LIMIT)
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "a bitmap chunk of %llu bytes, more than %d",
                    (unsigned long long)length, VMWIRE_DIRTY_BITMAP_CHUNK_LIMIT);
    lexer_after_chunk(lexer);
    announce_payload(lexer, TOKEN_BITS, length, lexer->condition);
    return lexer_emit(lexer, token, TOKEN_BITS_LENGTH, cursor);
}

/* ---- block --------------------------------------------------------------------------------------- */

static const struct entry_row disk_entries[] = {DISK_ENTRY_ROWS};

LEXER_MATCH(disk_entry)
{
    uint64_t value = vmwire_be64(lexer->cursor);
    uint32_t flags = (uint32_t)value & (VMWIRE_BDRV_SECTOR_SIZE - 1);
    const struct entry_row *row =
        find_entry_row(disk_entries, sizeof(disk_entries) / sizeof(disk_entries[0]), flags);
    if (!row)
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "unknown combination of block migration flags %03x",
                    flags);
    lexer->condition = row->condition;
    lexer->chunk_flags = flags;
    lexer_emit(lexer, token, row->token, cursor);
    token->value = value / VMWIRE_BDRV_SECTOR_SIZE;
    return row->token;
}

LEXER_RULE(disk_name)
{
    int kind = emit_str8(lexer, token, TOKEN_DISK_NAME, NULL);
    if (kind == LEXER_ERROR)
        return kind;
    if (lexer->chunk_flags & VMWIRE_BLK_MIG_FLAG_ZERO_BLOCK)
        lexer->condition = yycdisk;
    else
        announce_payload(lexer, TOKEN_DISK_DATA, VMWIRE_BLK_MIG_BLOCK_SIZE, yycdisk);
    return kind;
}

/* ---- spapr/htab, s390-storage_attributes --------------------------------------------------------- */

LEXER_MATCH(htab_chunk)
{
    uint64_t valid = vmwire_be16(lexer->cursor + 4);
    announce_payload(lexer, TOKEN_HPTES, valid * VMWIRE_HASH_PTE_SIZE_64, yychtab_chunk);
    lexer_emit(lexer, token, TOKEN_HTAB_CHUNK, cursor);
    token->value = vmwire_be32(token->bytes.data);
    return TOKEN_HTAB_CHUNK;
}

static const struct entry_row stattr_entries[] = {STATTR_ENTRY_ROWS};

LEXER_MATCH(stattr_entry)
{
    uint64_t value = vmwire_be64(lexer->cursor);
    uint32_t flags = (uint32_t)value & (lexer->page_size - 1);
    const struct entry_row *row =
        find_entry_row(stattr_entries, sizeof(stattr_entries) / sizeof(stattr_entries[0]), flags);
    if (!row)
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "unknown combination of storage attribute flags %03x",
                    flags);
    if (row->refused)
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "%s", row->refused);
    lexer->condition = row->condition;
    lexer_emit(lexer, token, row->token, cursor);
    token->value = value - flags;
    return row->token;
}

LEXER_MATCH(stattr_count)
{
    announce_payload(lexer, TOKEN_STATTR_VALUES, vmwire_be64(lexer->cursor), yycstattr);
    return lexer_emit(lexer, token, TOKEN_STATTR_COUNT, cursor);
}
