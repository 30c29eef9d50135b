/* SPDX-License-Identifier: MIT */
/*
 * Reads groups with a frame for each one that is open. What nothing tells is chosen as elsewhere (read/unknowns.h).
 */
#include "read/groups.h"

#include <stdio.h>
#include <string.h>

#include "model/alike.h"
#include "model/field_name.h"
#include "read/choices.h"
#include "read/dependence.h"
#include "read/known_names.h"

static struct frame *top_frame(struct lexer *lexer)
{
    return &lexer->frames[lexer->depth - 1];
}

/* ---- Names of what is in a field ------------------------------------------------------------------ */

enum { NAME_ROOM = 256 /* of a name, with its NUL */ };

/* A group of one plain field that is no array. It adds nothing to the name of the field. */
static bool is_one_field(const struct layout_group *group)
{
    return group->type && group->field_count == 1 && group->fields[0].kind == LAYOUT_PLAIN;
}

static bool is_repeated(const struct layout_field *field)
{
    return field->kind == LAYOUT_LIST || (field->kind != LAYOUT_PLAIN && field->rule.count);
}

/* A name that is being written. One that is too long is cut off. */
struct written_name {
    char text[NAME_ROOM];
    size_t length;
};

static void append(struct written_name *name, const char *separator, const char *part)
{
    int added =
        snprintf(name->text + name->length, NAME_ROOM - name->length, "%s%s", separator, part);
    size_t room = NAME_ROOM - 1 - name->length;
    name->length += added > 0 && (size_t)added < room ? (size_t)added : added > 0 ? room : 0;
}

static void append_index(struct written_name *name, uint32_t element)
{
    char index[16];
    snprintf(index, sizeof(index), "[%u]", element);
    append(name, "", index);
}

/* The way to the field on top: the name of the structure's field, and of each one within it. */
static void write_path(const struct lexer *lexer, struct written_name *name)
{
    unsigned first = lexer->depth - 1;
    while (lexer->frames[first - 1].kind == FRAME_GROUP)
        first--;
    const struct frame *around = &lexer->frames[first - 1];
    const struct vmwire_field *field = &around->structure->fields[around->field];
    char own[FIELD_NAME_ROOM];
    write_field_name(around->structure, field, own);
    append(name, "", own);
    if (field->count > 1 || (field->dependence && field->dependence->count))
        append_index(name, around->element);
    for (unsigned i = first; i < lexer->depth; i++) {
        const struct frame *frame = &lexer->frames[i];
        const struct layout_field *inner = &frame->group->fields[frame->field];
        if (is_one_field(frame->group))
            continue;
        append(name, ".", inner->name);
        if (is_repeated(inner))
            append_index(name, frame->element);
    }
}

/* A field for the parser. A trial has no parser. Where fields before it are not there, or another number of elements, it is
 * because of this state. */
static const struct vmwire_field *make_field(struct lexer *lexer, struct vmwire_field field,
                                             const char *last)
{
    struct written_name name = {.length = 0};
    if (lexer->unknowns.asking)
        return NULL;
    field.unsteady = lexer->passed_unsteady;
    lexer->passed_unsteady = false;
    write_path(lexer, &name);
    if (last)
        append(&name, ".", last);
    struct vmwire_field *made = vmwire_arena_alloc(lexer->values, sizeof(*made));
    *made = field;
    made->index = -1;
    made->name = vmwire_arena_string(lexer->values, name.text, name.length);
    return made;
}

/* ---- Beginning and end ---------------------------------------------------------------------------- */

int enter_group(struct lexer *lexer, const struct layout_group *group, const uint8_t *end,
                bool exact)
{
    if (lexer->depth == VMWIRE_SCHEMA_NESTING_LIMIT)
        return FAIL(lexer, VMWIRE_ERROR_LIMIT, "records are nested deeper than %d",
                    VMWIRE_SCHEMA_NESTING_LIMIT);
    const struct frame *around = top_frame(lexer);
    lexer->frames[lexer->depth++] = (struct frame){
        .structure = around->structure,
        .kind = FRAME_GROUP,
        .version_id = around->version_id,
        .owner = around->owner,
        .names = lexer->names,
        .group = group,
        .group_begin = lexer->cursor,
        .group_end = end,
        .exact = exact,
    };
    lexer->condition = yycfield;
    return LEXER_AGAIN;
}

/* What the field that was split is for others. */
static int note_split_field(struct lexer *lexer, struct frame *around, struct vmwire_bytes bytes)
{
    const struct vmwire_field *field = &around->structure->fields[around->field];
    note_field(lexer, field, bytes);
    around->element++;
    if (!field->dependence) {
        bool last = around->element == field->count;
        around->field += last;
        around->element = last ? 0 : around->element;
        return 0;
    }
    return field->dependence->sets && bytes.length <= sizeof(uint64_t)
               ? set_slot(lexer, around, field, bytes)
               : 0;
}

static int leave_group(struct lexer *lexer)
{
    const struct frame *group = top_frame(lexer);
    const struct vmwire_bytes bytes = {group->group_begin,
                                       (size_t)(lexer->cursor - group->group_begin)};
    if (group->exact && lexer->cursor != group->group_end)
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "a field does not end where its bytes do");
    lexer->names = group->names;
    lexer->depth--;
    struct frame *around = top_frame(lexer);
    if (around->kind == FRAME_GROUP)
        around->element++;
    else if (note_split_field(lexer, around, bytes))
        return LEXER_ERROR;
    bool whole = lexer->unknowns.asking && lexer->depth == lexer->unknowns.split;
    return whole ? LEXER_SPLIT : LEXER_AGAIN;
}

/* ---- Fields --------------------------------------------------------------------------------------- */

/* An integer of the field; 0 where it has none. */
static int64_t integer_at(const struct layout_field *field, const uint8_t *bytes)
{
    uint64_t number = 0;
    if (field->size == 0 || field->size > sizeof(number))
        return 0;
    for (uint32_t i = 0; i < field->size; i++)
        number = number << 8 | bytes[field->little_endian ? field->size - 1 - i : i];
    unsigned unused = 8 * (unsigned)(sizeof(number) - field->size);
    return field->is_signed ? (int64_t)(number << unused) >> unused : (int64_t)number;
}

/* In a trial: whether QEMU can have written these bytes. 0, LEXER_ASKS or LEXER_ERROR. */
static int check_plain(struct lexer *lexer, const struct frame *frame,
                       const struct layout_field *field, struct vmwire_bytes bytes)
{
    const struct vmwire_field checked = {.name = field->name, .class = field->class};
    int failed = check_tried_value(lexer, &checked, bytes);
    if (tries_nothing(lexer))
        return failed;
    for (size_t at = 0; field->rule.values && !failed && at < bytes.length; at += field->size) {
        int64_t number = integer_at(field, bytes.data + at);
        failed = check_values(lexer, frame, field->rule.values, &number, 1, field->name);
    }
    return failed;
}

/* The bytes of one element. */
static int find_plain_size(struct lexer *lexer, const struct frame *frame,
                           const struct layout_field *field, uint64_t *size)
{
    *size = field->size;
    return field->rule.size ? find_number(lexer, frame, field->rule.size, size) : 0;
}

/* All elements of integers or bytes. */
static int emit_plain(struct lexer *lexer, struct token *token, struct frame *frame,
                      const struct layout_field *field)
{
    uint64_t size, length;
    int failed = find_plain_size(lexer, frame, field, &size);
    if (failed)
        return failed;
    if (__builtin_mul_overflow(size, (uint64_t)frame->count, &length) || length > bytes_left(lexer))
        return fail_truncated_bytes(lexer, field->type, length);
    if (frame->group_end && length > (uint64_t)(frame->group_end - lexer->cursor))
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "\"%s\" ends behind the field that it is in",
                    field->name);
    const struct vmwire_bytes bytes = {lexer->cursor, length};
    failed = check_plain(lexer, frame, field, bytes);
    if (failed)
        return failed;
    token->field = make_field(lexer,
                              (struct vmwire_field){.type = field->type,
                                                    .size = (uint32_t)size,
                                                    .count = frame->count,
                                                    .class = field->class,
                                                    .determines = field->determines},
                              NULL);
    token->element = 0;
    bool integer = frame->count == 1 && field->size && field->size <= sizeof(uint64_t);
    note_name(lexer, field->name, integer ? integer_at(field, bytes.data) : 0, bytes);
    frame->element = frame->count;
    lexer->cost->bytes_examined += length;
    return length ? emit_as(lexer, token, TOKEN_DATA, length, VMWIRE_ACCOUNT_FIELD) : LEXER_AGAIN;
}

/* The marker in front of an element of a list, or the one that ends it. */
static int emit_marker(struct lexer *lexer, struct token *token, struct frame *frame,
                       const struct layout_field *field)
{
    if (bytes_left(lexer) < field->size)
        return fail_truncated_bytes(lexer, field->type, field->size);
    const struct vmwire_bytes bytes = {lexer->cursor, field->size};
    int failed = check_plain(lexer, frame, field, bytes);
    if (failed)
        return failed;
    int64_t number = integer_at(field, bytes.data);
    bool ends = false;
    for (size_t i = 0; i < field->end_count; i++)
        ends |= field->ends[i] == number;
    const struct layout_name counter = {NULL, field->counter};
    const struct known_name *counted = ends && field->counter ? find_name(lexer, &counter) : NULL;
    if (counted && counted->value != frame->element && !tries_nothing(lexer))
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "\"%s\" is %lld, and %u elements are there",
                    field->counter, (long long)counted->value, frame->element);
    token->field = make_field(lexer,
                              (struct vmwire_field){.type = field->type,
                                                    .size = field->size,
                                                    .count = 1,
                                                    .class = VMWIRE_FIELD_CHECKED,
                                                    .determines = true},
                              field->marker);
    token->element = 0;
    if (ends) {
        frame->field++;
        frame->element = 0;
    } else {
        frame->marked = true;
        note_name(lexer, field->marker, number, bytes);
    }
    return emit_as(lexer, token, TOKEN_DATA, field->size, VMWIRE_ACCOUNT_FIELD);
}

static int read_list(struct lexer *lexer, struct token *token, struct frame *frame,
                     const struct layout_field *field)
{
    if (!frame->marked)
        return emit_marker(lexer, token, frame, field);
    frame->marked = false;
    return enter_group(lexer, field->group, frame->group_end, false);
}

/* The name of the structure; NULL: none is sent. */
static const char *structure_name(const struct frame *frame, const struct layout_field *field)
{
    for (size_t i = 0; field->within && i < field->structure_count; i++)
        if (frame->structure->name && strcmp(field->within[i], frame->structure->name) == 0)
            return field->structures[i];
    return field->within ? NULL : field->structures[0];
}

/* One of those that are declared under this name, from 0, without those that are like one before; NULL: there are not so
 * many. */
static const struct vmwire_structure *different_structure(const struct vmwire_schema *schema,
                                                          const char *name, uint32_t number)
{
    const struct vmwire_structure *structure;
    for (size_t i = 0; (structure = vmwire_schema_declared(schema, name, i)); i++) {
        size_t before = 0;
        while (before < i && !are_alike(vmwire_schema_declared(schema, name, before), structure))
            before++;
        if (before == i && number-- == 0)
            break;
    }
    return structure;
}

/* The structure that the program declares under this name. Of several it has to be found which one it is. */
static int find_structure(struct lexer *lexer, const char *name,
                          const struct vmwire_structure **structure)
{
    const struct vmwire_schema *schema = lexer->schema;
    uint32_t count = 0, choice = 0;
    *structure = NULL;
    if (!schema->declared_count)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT, "no program given declares \"%s\"", name);
    while (different_structure(schema, name, count))
        count++;
    int failed = count > 1 ? choose(lexer, count, "which structure of a name it is", &choice) : 0;
    if (!failed && count)
        *structure = different_structure(schema, name, choice);
    return failed;
}

/* A program that declares no such structure has no device that sends it. */
static int read_structure(struct lexer *lexer, struct frame *frame,
                          const struct layout_field *field)
{
    const char *name = structure_name(frame, field);
    const struct vmwire_structure *structure = NULL;
    int failed = name ? find_structure(lexer, name, &structure) : 0;
    if (failed)
        return failed;
    if (!structure) {
        frame->element++;
        return LEXER_AGAIN;
    }
    enter_record(lexer, structure, FRAME_EMBEDDED);
    lexer->entering.field = make_field(
        lexer,
        (struct vmwire_field){
            .type = "struct", .count = 1, .class = VMWIRE_FIELD_RECORD, .structure = structure},
        NULL);
    return LEXER_AGAIN; /* the record begins */
}

/* Finds how many elements there are: none where the field is not there. */
static int resolve(struct lexer *lexer, struct frame *frame, const struct layout_field *field)
{
    bool exists;
    uint64_t count = 1;
    if (frame->resolved == frame->field + 1)
        return 0;
    int failed = check_conditions(lexer, frame, field->rule.when, &exists);
    if (!failed && exists && field->rule.count)
        failed = find_number(lexer, frame, field->rule.count, &count);
    if (failed)
        return failed;
    /* Elements have bytes: more than there are bytes cannot follow. */
    frame->count = !exists ? 0 : count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
    frame->resolved = frame->field + 1;
    return 0;
}

static int read_value(struct lexer *lexer, const struct frame *frame,
                      const struct layout_field *field)
{
    uint64_t number;
    int failed = find_number(lexer, frame, field->value, &number);
    if (!failed)
        note_name(lexer, field->name, (int64_t)number, (struct vmwire_bytes){0});
    return failed;
}

int read_group(struct lexer *lexer, struct token *token)
{
    struct frame *frame = top_frame(lexer);
    for (; frame->field < frame->group->field_count; frame->field++, frame->element = 0) {
        const struct layout_field *field = &frame->group->fields[frame->field];
        int failed = resolve(lexer, frame, field);
        if (!failed && frame->count && field->kind == LAYOUT_VALUE)
            failed = read_value(lexer, frame, field);
        if (failed)
            return failed;
        if (frame->count && field->kind == LAYOUT_LIST)
            return read_list(lexer, token, frame, field);
        lexer->passed_unsteady |= layout_rule_asks_state(&field->rule);
        if (frame->element == frame->count || field->kind == LAYOUT_VALUE)
            continue;
        if (field->kind == LAYOUT_PLAIN)
            return emit_plain(lexer, token, frame, field);
        if (field->kind == LAYOUT_STRUCTURE)
            return read_structure(lexer, frame, field);
        return enter_group(lexer, field->group, frame->group_end, false);
    }
    return leave_group(lexer);
}

/* ---- Subsections that are sent exactly when something holds ---------------------------------------
 *
 * So a writer does. QEMU's reader takes what comes.
 */

static int check_needed(struct lexer *lexer, const struct layout_facts *facts, bool sent)
{
    bool needed;
    if (tries_nothing(lexer) || lexer->takes_any)
        return 0;
    int failed = check_conditions(lexer, top_frame(lexer), facts->needed, &needed);
    if (failed || needed == sent)
        return failed;
    return FAIL(lexer, VMWIRE_ERROR_ITEM, sent ? "\"%s\" is not sent here" : "\"%s\" must be sent",
                facts->structure);
}

static bool has_needed_subsections(const struct lexer *lexer)
{
    return lexer->keeps_names && lexer->frames[lexer->depth - 1].structure->declared;
}

/* From here on, up to the end of its owner, the subsection's name is known as that of a field. */
int check_sent_subsection(struct lexer *lexer, const char *name)
{
    const struct layout_facts *facts = layout_facts_of(lexer->schema->layouts, name);
    if (!has_needed_subsections(lexer) || !facts || !facts->has_needed)
        return 0;
    int failed = check_needed(lexer, facts, true);
    if (!failed)
        note_subsection(lexer, facts->structure);
    return failed;
}

int check_absent_subsections(struct lexer *lexer)
{
    const struct vmwire_structure *owner = top_frame(lexer)->structure;
    int failed = 0;
    for (size_t i = 0; has_needed_subsections(lexer) && !failed && i < owner->subsection_count;
         i++) {
        const struct layout_name name = {NULL, owner->subsections[i].name};
        const struct layout_facts *facts = layout_facts_of(lexer->schema->layouts, name.name);
        if (facts && facts->has_needed && !find_name(lexer, &name))
            failed = check_needed(lexer, facts, false);
    }
    return failed;
}
