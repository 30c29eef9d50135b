/* SPDX-License-Identifier: MIT */
/*
 * The lexer is set to where the field begins, in a structure that has only this field, and tries all that it asks. The values
 * are read as in a stream, with the answers of one way.
 */
#include "read/private_ways.h"

#include <inttypes.h>
#include <string.h>

#include "read/groups.h"
#include "read/parsers.h"
#include "read/unknowns.h"
#include "schema/layout.h"

enum {
    BEHIND = 5, /* bytes of a footer: a record in the field can end where the field does */
    WAY_TOKENS = SECTION_TRIALS / PRIVATE_WAYS_LIMIT, /* of a way whose values are asked for */
};

/* A structure that has only the field. */
static const struct vmwire_structure *make_structure(const struct private_field *field,
                                                     struct vmwire_arena *arena)
{
    struct vmwire_structure *structure = vmwire_arena_alloc(arena, sizeof(*structure));
    struct vmwire_field *only = vmwire_arena_alloc(arena, sizeof(*only));
    *only = (struct vmwire_field){.name = field->name ? field->name : field->type,
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

static const struct layout_group *layout_of(const struct private_field *field)
{
    const struct vmwire_layouts *layouts = field->schema->layouts;
    return layouts ? layout_of_type(layouts, field->type, field->structure, field->idstr) : NULL;
}

struct private_ways find_private_ways(const struct private_field *field, bool exact,
                                      struct vmwire_arena *arena)
{
    const struct layout_group *group = layout_of(field);
    if (!group || field->bytes.length > UINT32_MAX)
        return (struct private_ways){.complete = false};
    struct lexer *lexer = make_lexer(field, arena);
    return find_ways(lexer, group, lexer->cursor + field->bytes.length, exact);
}

/* ---- What is in it ---- */

/* The names of the records around, from the structure that has the field, by their depth. */
struct path {
    const char *steps[VMWIRE_SCHEMA_NESTING_LIMIT + 1];
};

/* A record has begun: it is on top. */
static void note_record(const struct lexer *lexer, const struct token *token, struct path *path)
{
    const int64_t element = token->field ? shown_element(token->field, token->element) : -1;
    const char *own = token->structure->name ? token->structure->name : "";
    const char *name = token->field ? token->field->name : own;
    path->steps[lexer->depth] =
        element < 0 ? name : vmwire_text(lexer->arena, "%s[%" PRId64 "]", name, element);
}

static const char *path_to(const struct lexer *lexer, const struct path *path, const char *name)
{
    const char *text = "";
    for (unsigned depth = 2; depth <= lexer->depth; depth++)
        if (lexer->frames[depth - 1].kind != FRAME_GROUP)
            text = vmwire_text(lexer->arena, "%s%s.", text, path->steps[depth]);
    return vmwire_text(lexer->arena, "%s%s", text, name);
}

static void add_value(const struct lexer *lexer, const struct private_field *field,
                      const struct token *token, const struct path *path,
                      struct private_values *values)
{
    values->list = vmwire_arena_grow(lexer->arena, values->list, values->count, &values->room,
                                     sizeof(*values->list));
    values->list[values->count++] = (struct private_value){
        .structure = lexer->frames[lexer->depth - 1].structure->name,
        .path = path_to(lexer, path, token->field->name),
        .field = token->field,
        .bytes = {field->bytes.data + (token->at - lexer->begin), token->bytes.length},
    };
}

struct private_values
read_private_values(const struct private_field *field, const struct private_way *way,
                    bool (*wants)(const char *structure, const struct vmwire_field *field),
                    struct vmwire_arena *arena)
{
    struct private_values values = {.list = NULL};
    struct lexer *lexer = make_lexer(field, arena);
    uint32_t *chosen = vmwire_arena_alloc(arena, way->answer_count * sizeof(*chosen));
    for (size_t i = 0; i < way->answer_count; i++)
        chosen[i] = way->answers[i].choice;
    lexer->unknowns = (struct unknowns){.chosen = chosen, .count = way->answer_count};
    const uint8_t *end = lexer->cursor + way->length;
    int kind = enter_group(lexer, layout_of(field), end, true);
    struct token token = {0};
    struct path path = {.steps = {NULL}};
    for (unsigned tokens = 0; kind != LEXER_ERROR && lexer->depth > 1; tokens++) {
        if (tokens == WAY_TOKENS)
            return (struct private_values){.list = NULL};
        kind = lexer->rules(lexer, &token);
        if (kind == TOKEN_RECORD)
            note_record(lexer, &token, &path);
        else if (kind == TOKEN_DATA &&
                 wants(lexer->frames[lexer->depth - 1].structure->name, token.field))
            add_value(lexer, field, &token, &path, &values);
    }
    return values;
}
