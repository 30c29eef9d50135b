/* SPDX-License-Identifier: MIT */
/*
 * The lexer is set to where the field begins, in a structure that has only this field, and tries all that it asks.
 */
#include "read/private_ways.h"

#include <string.h>

#include "read/parsers.h"
#include "read/unknowns.h"
#include "schema/layout.h"

enum { BEHIND = 5 /* bytes of a footer: a record in the field can end where the field does */ };

/* A structure that has only the field. */
static const struct vmwire_structure *make_structure(const struct private_field *field,
                                                     struct vmwire_arena *arena)
{
    struct vmwire_structure *structure = vmwire_arena_alloc(arena, sizeof(*structure));
    struct vmwire_field *only = vmwire_arena_alloc(arena, sizeof(*only));
    *only = (struct vmwire_field){.name = field->type,
                                  .type = field->type,
                                  .size = (uint32_t)field->bytes.length,
                                  .count = 1,
                                  .index = -1,
                                  .class = VMWIRE_FIELD_OPAQUE};
    *structure =
        (struct vmwire_structure){.name = field->structure, .fields = only, .field_count = 1};
    return structure;
}

static struct vmwire_bytes copy_with_footer(struct vmwire_bytes bytes, struct vmwire_arena *arena)
{
    uint8_t *copy = vmwire_arena_alloc(arena, bytes.length + BEHIND);
    memcpy(copy, bytes.data, bytes.length);
    copy[bytes.length] = VMWIRE_QEMU_VM_SECTION_FOOTER;
    return (struct vmwire_bytes){copy, bytes.length + BEHIND};
}

/* A lexer in front of the field. */
static struct lexer *make_lexer(const struct private_field *field, struct vmwire_arena *arena)
{
    struct lexer *lexer = vmwire_arena_alloc(arena, sizeof(*lexer));
    const struct vmwire_option *today = vmwire_option_find("heuristic");
    const struct parser *parser = parser_of(today);
    const struct vmwire_bytes input = copy_with_footer(field->bytes, arena);
    lexer->option = today;
    lexer->schema = field->schema;
    lexer->cost = vmwire_arena_alloc(arena, sizeof(*lexer->cost));
    lexer->error = vmwire_arena_alloc(arena, sizeof(*lexer->error));
    lexer->arena = lexer->values = lexer->owners.arena = arena;
    lexer->rules = parser->rules;
    lexer->record = parser->record;
    lexer->instance = parser->instance;
    lexer->tail = parser->tail;
    lexer->can_split = lexer->splits_all = lexer->splits = lexer->keeps_names = true;
    lexer->takes_any = field->takes_any;
    lexer->begin = input.data;
    lexer->limit = input.data + input.length;
    lexer->footers = FOOTERS_PRESENT;
    lexer_begin(lexer);
    const size_t length = strnlen(field->idstr, sizeof(lexer->idstr) - 1);
    memcpy(lexer->idstr, field->idstr, length);
    lexer->frames[lexer->depth++] =
        (struct frame){.structure = make_structure(field, arena), .kind = FRAME_SECTION};
    return lexer;
}

struct private_ways find_private_ways(const struct private_field *field, bool exact,
                                      struct vmwire_arena *arena)
{
    const struct layout_group *group =
        field->schema->layouts
            ? layout_of_type(field->schema->layouts, field->type, field->structure, field->idstr)
            : NULL;
    if (!group || field->bytes.length > UINT32_MAX)
        return (struct private_ways){.complete = false};
    struct lexer *lexer = make_lexer(field, arena);
    return find_ways(lexer, group, lexer->cursor + field->bytes.length, exact);
}
