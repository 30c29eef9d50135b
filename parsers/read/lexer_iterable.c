/* SPDX-License-Identifier: MIT */
/*
 * The lexer inside the other iterable sections: lengths, flags and names decide what comes next. It must not
 * know the schema.
 */
#include "read/lexer_iterable.h"

#include <string.h>

/* The iterable sections that there is a grammar for. */
static const struct {
    const char *idstr;
    uint32_t version_id;
    int condition;
} iterable_grammars[] = {
    {"ram", 4, yycram},
    {"dirty-bitmap", 1, yycbitmap},
    {"spapr/htab", 1, yychtab},
    {"s390-storage_attributes", 0, yycstattr},
};

int iterable_condition(const char *idstr, uint32_t version_id)
{
    for (size_t i = 0; i < sizeof(iterable_grammars) / sizeof(iterable_grammars[0]); i++)
        if (strcmp(iterable_grammars[i].idstr, idstr) == 0 &&
            iterable_grammars[i].version_id == version_id)
            return iterable_grammars[i].condition;
    return -1;
}

/* ---- dirty-bitmap -------------------------------------------------------------------------------- */

void lexer_after_chunk(struct lexer *lexer)
{
    lexer->condition =
        lexer->chunk_flags & VMWIRE_DIRTY_BITMAP_MIG_FLAG_EOS ? yycfooter : yycbitmap;
}

static void after_bitmap_name(struct lexer *lexer)
{
    if (lexer->chunk_flags & VMWIRE_DIRTY_BITMAP_MIG_FLAG_START)
        lexer->condition = yycgranularity;
    else if (lexer->chunk_flags & VMWIRE_DIRTY_BITMAP_MIG_FLAG_COMPLETE)
        lexer_after_chunk(lexer);
    else if (lexer->chunk_flags & VMWIRE_DIRTY_BITMAP_MIG_FLAG_BITS)
        lexer->condition = yycfirst_sector;
    else
        lexer_after_chunk(lexer);
}

static void after_node_name(struct lexer *lexer)
{
    if (lexer->chunk_flags & VMWIRE_DIRTY_BITMAP_MIG_FLAG_BITMAP_NAME)
        lexer->condition = yycbitmap_name;
    else
        after_bitmap_name(lexer);
}

LEXER_MATCH(bitmap_chunk)
{
    bool last = cursor[-1] & VMWIRE_DIRTY_BITMAP_MIG_FLAG_EOS;
    lexer_emit(lexer, token, last ? TOKEN_BITMAP_LAST_CHUNK : TOKEN_BITMAP_CHUNK, cursor);
    lexer->chunk_flags = token->value;
    if (lexer->chunk_flags & VMWIRE_DIRTY_BITMAP_MIG_FLAG_DEVICE_NAME)
        lexer->condition = yycnode_name;
    else
        after_node_name(lexer);
    return last ? TOKEN_BITMAP_LAST_CHUNK : TOKEN_BITMAP_CHUNK;
}

LEXER_RULE(node_name)
{
    int kind = emit_str8(lexer, token, TOKEN_NODE_NAME, NULL);
    if (kind != LEXER_ERROR)
        after_node_name(lexer);
    return kind;
}

LEXER_RULE(bitmap_name)
{
    int kind = emit_str8(lexer, token, TOKEN_BITMAP_NAME, NULL);
    if (kind != LEXER_ERROR)
        after_bitmap_name(lexer);
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

/* ---- spapr/htab, s390-storage_attributes --------------------------------------------------------- */

LEXER_MATCH(htab_chunk)
{
    uint64_t valid = vmwire_be16(lexer->cursor + 4);
    announce_payload(lexer, TOKEN_HPTES, valid * VMWIRE_HASH_PTE_SIZE_64, yychtab_chunk);
    lexer_emit(lexer, token, TOKEN_HTAB_CHUNK, cursor);
    token->value = vmwire_be32(token->bytes.data);
    return TOKEN_HTAB_CHUNK;
}

LEXER_MATCH(stattr_entry)
{
    uint64_t value = vmwire_be64(lexer->cursor);
    uint32_t flags = (uint32_t)value & (lexer->page_size - 1);
    int kind;
    switch (flags) {
    case VMWIRE_STATTR_FLAG_MORE:
        lexer->condition = yycstattr_count;
        kind = TOKEN_STATTR_MORE;
        break;
    case VMWIRE_STATTR_FLAG_DONE:
        lexer->condition = yycstattr;
        kind = TOKEN_STATTR_DONE;
        break;
    case VMWIRE_STATTR_FLAG_EOS:
        lexer->condition = yycfooter;
        kind = TOKEN_STATTR_EOS;
        break;
    case VMWIRE_STATTR_FLAG_ERROR:
        return FAIL(lexer, VMWIRE_ERROR_ITEM,
                    "the writer says that its storage attributes are incomplete");
    default:
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "unknown combination of storage attribute flags %03x",
                    flags);
    }
    lexer_emit(lexer, token, kind, cursor);
    token->value = value - flags;
    return kind;
}

LEXER_MATCH(stattr_count)
{
    announce_payload(lexer, TOKEN_STATTR_VALUES, vmwire_be64(lexer->cursor), yycstattr);
    return lexer_emit(lexer, token, TOKEN_STATTR_COUNT, cursor);
}
