/* SPDX-License-Identifier: MIT */
/*
 * Follows the description beside the records: which record of it is the one that is read, and which subsection of it is
 * the next. Fields are found by name and element, in the order of the description. It must not ask which option it is.
 */
#include "read/told.h"

#include <string.h>

enum { NO_ELEMENT = -1 };

static struct frame *frame_at(struct lexer *lexer, unsigned depth)
{
    return &lexer->frames[depth - 1];
}

/* ---- The description ------------------------------------------------------------------------------- */

/* Makes a schema of the description's JSON, in the lexer's arena. */
static int load_description(struct lexer *lexer, struct vmwire_bytes json)
{
    struct vmwire_error error = {0};
    struct vmwire_schema *schema = vmwire_schema_create(lexer->arena, &error);
    if (!schema || !vmwire_schema_add_description(schema, json, &error) ||
        !vmwire_schema_finish(schema, &error)) {
        if (error.offset != VMWIRE_ERROR_NO_OFFSET)
            error.offset += (uint64_t)(json.data - lexer->begin);
        *lexer->error = error;
        return LEXER_ERROR;
    }
    lexer->cost->bytes_examined += json.length;
    lexer->description = schema;
    return 0;
}

int find_description(struct lexer *lexer)
{
    struct vmwire_bytes json = {0}, input = {lexer->begin, (size_t)(lexer->limit - lexer->begin)};
    if (!lexer->description) {
        if (!vmwire_description_locate(input, &json, lexer->error))
            return LEXER_ERROR;
        if (!json.length) {
            vmwire_error_set(lexer->error, VMWIRE_ERROR_NOT_DESCRIBED, input.length,
                             "no description at the end of the stream: it tells which subsections "
                             "were sent");
            return LEXER_ERROR;
        }
        /* All bytes up to its end are held before the first one is understood. */
        if (bytes_left(lexer) > lexer->cost->longest_lookahead)
            lexer->cost->longest_lookahead = bytes_left(lexer);
        if (load_description(lexer, json))
            return LEXER_ERROR;
    }
    return 0;
}

/* ---- Records ----------------------------------------------------------------------------------------- */

static struct told begin_told(const struct vmwire_structure *structure)
{
    return (struct told){.structure = structure, .element = NO_ELEMENT};
}

/* The description has the sections in the order of the stream, which can have two of one device. */
static void tell_section(struct lexer *lexer, struct told *told)
{
    const struct vmwire_schema *description = lexer->description;
    const struct vmwire_device *next = &description->described[lexer->told_sections];
    if (lexer->told_sections == description->described_count ||
        next->instance_id != lexer->instance_id || strcmp(next->idstr, lexer->idstr) != 0)
        return;
    lexer->told_sections++;
    *told = begin_told(next->structure);
}

/* Whether a field of the description has this element of the reader's field. */
static bool tells_element(const struct vmwire_field *told, const char *name, int64_t element)
{
    int64_t first = told->index > 0 ? told->index : 0;
    return told->class == VMWIRE_FIELD_RECORD && strcmp(told->name, name) == 0 &&
           element >= first && element - first < told->count;
}

/* Moves on to the next field that holds records. It never goes back, so the cost is bounded by the description. */
static void seek_told_field(struct told *told)
{
    while (told->field < told->structure->field_count &&
           told->structure->fields[told->field].class != VMWIRE_FIELD_RECORD) {
        told->field++;
        told->element = NO_ELEMENT;
    }
}

/* The reader enters an element of a field. The description may list the elements of an array as one field, or as one
 * each. It tells nothing of a field that is not the next one of it. */
static void tell_embedded(struct told *around, const struct vmwire_field *field, uint32_t element,
                          struct told *told)
{
    const struct vmwire_structure *in = around->structure;
    int64_t shown = shown_element(field, element), place = shown > 0 ? shown : 0;
    if (!in || field->class != VMWIRE_FIELD_RECORD)
        return;
    seek_told_field(around);
    bool goes_on =
        around->element == NO_ELEMENT ||
        (place > around->element && tells_element(&in->fields[around->field], field->name, place));
    if (!goes_on) {
        around->field++;
        around->element = NO_ELEMENT;
        seek_told_field(around);
    }
    if (around->field == in->field_count ||
        !tells_element(&in->fields[around->field], field->name, place))
        return;
    around->element = place;
    *told = begin_told(in->fields[around->field].structure);
}

void find_told_record(struct lexer *lexer)
{
    struct frame *frame = frame_at(lexer, lexer->depth);
    if (frame->kind == FRAME_SECTION)
        tell_section(lexer, &frame->told);
    if (lexer->depth == 1)
        return;
    struct frame *around = frame_at(lexer, lexer->depth - 1);
    if (frame->kind == FRAME_EMBEDDED && around->kind != FRAME_GROUP)
        tell_embedded(&around->told, lexer->entering.field, lexer->entering.element, &frame->told);
    else if (frame->kind == FRAME_SUBSECTION && around->told.structure)
        frame->told =
            begin_told(around->told.structure->subsections[around->told.sent++].structure);
}

/* ---- Subsections ------------------------------------------------------------------------------------------- */

const struct vmwire_subsection *told_next(struct lexer *lexer)
{
    const struct told *told = &frame_at(lexer, lexer->depth)->told;
    return told->structure && told->sent < told->structure->sent_count
               ? &told->structure->subsections[told->sent]
               : NULL;
}

int check_told_name(struct lexer *lexer, const uint8_t *before)
{
    const struct vmwire_subsection *next = told_next(lexer);
    if (!next || strcmp(next->name, lexer->name) == 0)
        return 0; /* NULL: in the configuration */
    lexer->cursor = before;
    return FAIL(lexer, VMWIRE_ERROR_NOT_DESCRIBED,
                "subsection \"%s\" where the description tells \"%s\"", lexer->name, next->name);
}
