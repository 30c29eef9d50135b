/* SPDX-License-Identifier: MIT */
/*
 * The lexer inside a record: it walks the schema's fields, answers the questions of the tail rules, and reads
 * subsections at a tail or behind their section. It must not ask which option it is.
 */
#include "read/lexer_record.h"

#include <assert.h>
#include <string.h>

#include "read/choices.h"
#include "read/dependence.h"
#include "read/field_length.h"
#include "read/groups.h"
#include "read/known_names.h"
#include "read/readings.h"
#include "read/told.h"
#include "read/unknowns.h"

/* ---- Records ------------------------------------------------------------------------------------- */

void enter_element(struct lexer *lexer, const struct vmwire_field *field, uint32_t element)
{
    enter_record(lexer, field->structure, FRAME_EMBEDDED);
    lexer->entering.field = field;
    lexer->entering.element = element;
    if (field->dependence && field->dependence->versioned)
        lexer->entering.version_id = field->dependence->version_id;
}

static struct frame *top_frame(struct lexer *lexer)
{
    return &lexer->frames[lexer->depth - 1];
}

/* Notes the record that begins in `frame`: subsections behind the section may be its own. */
static void keep_owner(struct lexer *lexer, struct frame *frame)
{
    struct owner owner = {.around = NO_OWNER, .element = -1, .structure = frame->structure};
    if (lexer->depth > 1)
        owner.around = lexer->frames[lexer->depth - 2].owner;
    else if (frame->kind == FRAME_SUBSECTION)
        owner.around = lexer->owner_number;
    if (frame->kind == FRAME_EMBEDDED) {
        owner.name = lexer->entering.field->name;
        owner.element = shown_element(lexer->entering.field, lexer->entering.element);
    } else if (frame->kind == FRAME_SUBSECTION) {
        owner.name = lexer->subsection->name;
    }
    frame->owner = owners_begin(&lexer->owners, owner);
}

/* Where the fields end that the record which begins is one of. */
static const uint8_t *limit_of_fields_around(const struct lexer *lexer)
{
    const struct frame *around = &lexer->frames[lexer->depth - 2];
    return lexer->frames[lexer->depth - 1].kind == FRAME_EMBEDDED ? around->fields_end
                                                                  : around->limit;
}

LEXER_RULE(record)
{
    if (lexer->depth == VMWIRE_SCHEMA_NESTING_LIMIT)
        return FAIL(lexer, VMWIRE_ERROR_LIMIT, "records are nested deeper than %d",
                    VMWIRE_SCHEMA_NESTING_LIMIT);
    if (!lexer->records_left--)
        return FAIL(lexer, VMWIRE_ERROR_LIMIT, "more records than a stream of %zu bytes may have",
                    (size_t)(lexer->limit - lexer->begin));
    if (lexer->entering.kind == FRAME_SECTION && lexer->entering.structure->declared &&
        !lexer->unknowns.asking &&
        (tries_nothing(lexer) ? enter_without_trial(lexer) : find_unknowns(lexer)))
        return LEXER_ERROR;
    if (lexer->depth == 0) {
        lexer->keeps_names = lexer->splits || lexer->entering.structure->declared;
        lexer->names = NULL;
        lexer->answers = NULL;
    }
    lexer->frames[lexer->depth++] = (struct frame){.structure = lexer->entering.structure,
                                                   .kind = lexer->entering.kind,
                                                   .version_id = lexer->entering.version_id,
                                                   .names = lexer->names};
    if (lexer->depth == 1) {
        lexer->record_begins = lexer_offset(lexer);
    } else {
        top_frame(lexer)->limit = limit_of_fields_around(lexer);
        inherit_numbers(top_frame(lexer), &lexer->frames[lexer->depth - 2]);
    }
    if (lexer->keeps_owners)
        keep_owner(lexer, top_frame(lexer));
    if (lexer->counts_readings && lexer->entering.structure->declared &&
        lexer->entering.structure->assumed)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                    "the readings of \"%s\" are not counted by what a program declares: a "
                    "description is needed",
                    lexer->entering.structure->name);
    if (lexer->depth == 1 && lexer->counts_readings &&
        !count_readings(lexer, lexer->entering.structure))
        return LEXER_ERROR;
    if (lexer->goes_by_description)
        find_told_record(lexer);
    token->structure = lexer->entering.structure;
    token->value = top_frame(lexer)->owner;
    token->field = lexer->entering.field;
    token->element = lexer->entering.element;
    lexer->cost->records++;
    lexer->condition = lexer->record;
    return emit_mark(lexer, token, TOKEN_RECORD);
}

/* Where a record is embedded, only it tells its version. The version of a section or a subsection was checked before its
 * record was entered. */
LEXER_MATCH(record_version)
{
    const struct frame *frame = top_frame(lexer);
    const struct vmwire_structure *structure = frame->structure;
    uint32_t version_id = vmwire_be32(lexer->cursor);
    bool checked = frame->kind == FRAME_SECTION || frame->kind == FRAME_SUBSECTION;
    if (!checked && structure->name &&
        (check_version(lexer, structure->name, version_id, structure->version_id,
                       structure->minimum_version_id) ||
         check_layout(lexer, structure, version_id)))
        return LEXER_ERROR;
    return lexer_emit(lexer, token, TOKEN_VERSION_ID, cursor);
}

static const char *name_of_record(const struct lexer *lexer)
{
    const char *name = lexer->frames[lexer->depth - 1].structure->name;
    return name ? name : lexer->idstr;
}

LEXER_MATCH(fields_length)
{
    struct frame *frame = top_frame(lexer);
    uint32_t length = vmwire_be32(lexer->cursor);
    if (length > (size_t)(lexer->limit - cursor))
        return FAIL(lexer, VMWIRE_ERROR_TRUNCATED,
                    "the fields of \"%s\" have %u bytes, but only %zu are left",
                    name_of_record(lexer), length, (size_t)(lexer->limit - cursor));
    if (frame->limit && (cursor > frame->limit || length > (size_t)(frame->limit - cursor)))
        return FAIL(lexer, VMWIRE_ERROR_LENGTH,
                    "the fields of \"%s\" have %u bytes and end behind those around them",
                    name_of_record(lexer), length);
    frame->fields_end = cursor + length;
    return lexer_emit(lexer, token, TOKEN_FIELDS_LENGTH, cursor);
}

/* 0 where the next field of `length` bytes ends within the length of the record's fields, LEXER_ERROR otherwise. */
static int check_within_fields(struct lexer *lexer, uint64_t length)
{
    const struct frame *frame = top_frame(lexer);
    if (!frame->fields_end || (lexer->cursor <= frame->fields_end &&
                               length <= (uint64_t)(frame->fields_end - lexer->cursor)))
        return 0;
    return FAIL(lexer, VMWIRE_ERROR_LENGTH,
                "a field of %llu bytes ends behind the length of the fields of \"%s\"",
                (unsigned long long)length, name_of_record(lexer));
}

/* 0 where the fields have as many bytes as the record says, LEXER_ERROR otherwise. */
static int check_fields_end(struct lexer *lexer)
{
    const struct frame *frame = top_frame(lexer);
    if (!frame->fields_end || lexer->cursor == frame->fields_end)
        return 0;
    bool beyond = lexer->cursor > frame->fields_end;
    size_t difference =
        (size_t)(beyond ? lexer->cursor - frame->fields_end : frame->fields_end - lexer->cursor);
    return FAIL(lexer, VMWIRE_ERROR_LENGTH,
                "the fields of \"%s\" have %zu bytes %s than their length says",
                name_of_record(lexer), difference, beyond ? "more" : "less");
}

/* The encoding of RAM depends on fields of the configuration: capabilities and the page size. */
void learn_ram_encoding(struct lexer *lexer, const struct vmwire_field *field,
                        struct vmwire_bytes data)
{
    static const char ignore_shared[] = "\x0fx-ignore-shared", mapped_ram[] = "\x0amapped-ram";
    if (strcmp(field->type, "capability") == 0) {
        lexer->ignore_shared |= data.length == sizeof(ignore_shared) - 1 &&
                                memcmp(data.data, ignore_shared, data.length) == 0;
        lexer->mapped_ram |= data.length == sizeof(mapped_ram) - 1 &&
                             memcmp(data.data, mapped_ram, data.length) == 0;
    }
    if (strcmp(field->name, "target_page_bits") == 0) {
        uint32_t bits = data.length == 4 ? vmwire_be32(data.data) : 0;
        if (bits < 31 && (uint32_t)1 << bits >= VMWIRE_TARGET_PAGE_SIZE_LEAST) {
            lexer->page_size = (uint32_t)1 << bits;
            lexer->page_size_known = true;
        }
    }
}

static int check_null_pointers(struct lexer *lexer, uint64_t length)
{
    for (uint64_t i = 0; i < length; i++)
        if (lexer->cursor[i] != VMWIRE_VMS_NULLPTR_MARKER) {
            vmwire_error_set(lexer->error, VMWIRE_ERROR_ITEM, lexer_offset(lexer) + i,
                             "expected a null pointer's marker (30), found %02x", lexer->cursor[i]);
            return LEXER_ERROR;
        }
    return 0;
}

/* 0 where so many bytes follow, in the input and in the record's fields, LEXER_ERROR otherwise. */
static int check_value_length(struct lexer *lexer, const struct vmwire_field *field,
                              uint64_t length)
{
    if (length > bytes_left(lexer))
        return fail_truncated_bytes(lexer, field->type, length);
    return check_within_fields(lexer, length);
}

/* Emits the next bytes as a value of the field. */
static int emit_value(struct lexer *lexer, struct token *token, const struct frame *frame,
                      const struct vmwire_field *field, uint64_t length)
{
    if (check_value_length(lexer, field, length) || readings_end_within(lexer, length))
        return LEXER_ERROR;
    token->field = field;
    token->element = frame->element;
    lexer->cost->bytes_examined += length;
    if (lexer->keeps_names)
        note_field(lexer, field, (struct vmwire_bytes){lexer->cursor, length});
    return emit_as(lexer, token, TOKEN_DATA, length, VMWIRE_ACCOUNT_FIELD);
}

/* In a trial: 0 where QEMU can have written these bytes, LEXER_ASKS or LEXER_ERROR otherwise. */
static int check_tried(struct lexer *lexer, const struct frame *frame,
                       const struct vmwire_field *field, struct vmwire_bytes bytes)
{
    const struct layout_values *values = field->rule ? field->rule->values : NULL;
    int failed = check_tried_value(lexer, field, bytes);
    int64_t number = 0;
    for (size_t i = 0; i < bytes.length; i++)
        number = (int64_t)((uint64_t)number << 8 | bytes.data[i]);
    if (failed || !values || !lexer->unknowns.asking || bytes.length > sizeof(number))
        return failed;
    return check_values(lexer, frame, values, &number, 1, field->name);
}

/* An element of a private encoding. Where its size is not known, its own fields tell it. */
static int split_dependent(struct lexer *lexer, const struct vmwire_field *field,
                           const struct layout_group *group)
{
    bool known = field->size > 0 && !field->dependence->size;
    if (known && check_value_length(lexer, field, field->size))
        return LEXER_ERROR;
    return enter_group(lexer, group, known ? lexer->cursor + field->size : NULL,
                       known && group->sized);
}

/* A field that depends on something: an element of it, or all of them where they are plain. */
static int emit_dependent(struct lexer *lexer, struct token *token, struct frame *frame,
                          const struct vmwire_field *field)
{
    enum element_bytes bytes;
    int failed = find_element_bytes(lexer, frame, field, &bytes);
    if (failed)
        return failed;
    if (bytes == ELEMENT_MARKER) {
        int kind = emit_value(lexer, token, frame, field, 1);
        if (kind != LEXER_ERROR && !frame->marked)
            frame->element++;
        return kind;
    }
    frame->marked = false;
    if (field->class == VMWIRE_FIELD_RECORD) {
        enter_element(lexer, field, frame->element);
        return lexer_record(lexer, token);
    }
    const struct layout_group *group = find_group(lexer, frame, field);
    if (group)
        return split_dependent(lexer, field, group);
    bool each = field->dependence->pointers || field->dependence->markers;
    uint64_t length = dependent_length(frame, field) * (each ? 1 : frame->count);
    if (check_value_length(lexer, field, length))
        return LEXER_ERROR;
    failed = check_tried(lexer, frame, field, (struct vmwire_bytes){lexer->cursor, length});
    if (failed)
        return failed;
    int kind = emit_value(lexer, token, frame, field, length);
    if (kind == LEXER_ERROR)
        return LEXER_ERROR;
    if (set_slot(lexer, frame, field, token->bytes))
        return LEXER_ERROR;
    frame->element += each ? 1 : frame->count;
    return kind;
}

/* Whether the next element of a private encoding is split. */
static bool splits_element(struct lexer *lexer, const struct frame *frame,
                           const struct vmwire_field *field, const struct layout_group *group)
{
    return group && field->size <= bytes_left(lexer) &&
           (frame->structure->declared || split_field(lexer, group, lexer->cursor + field->size));
}

static int emit_data(struct lexer *lexer, struct token *token, struct frame *frame,
                     const struct vmwire_field *field)
{
    const struct layout_group *group = find_group(lexer, frame, field);
    if (splits_element(lexer, frame, field, group))
        return enter_group(lexer, group, lexer->cursor + field->size, true);
    uint64_t length = value_length(lexer, lexer->cursor, frame, field);
    if (group) /* the elements before were split */
        length -= (uint64_t)field->size * frame->element;
    if (check_value_length(lexer, field, length))
        return LEXER_ERROR;
    if (field->length == VMWIRE_LENGTH_POINTERS && length == 0)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                    "one of %u pointers is not null: what it points to is not described",
                    field->count);
    if (field->null_pointer && field->length == VMWIRE_LENGTH_FIXED &&
        check_null_pointers(lexer, length))
        return LEXER_ERROR;
    const struct vmwire_bytes bytes = {lexer->cursor, length};
    if (readings_end_within(lexer, length) || check_tried_value(lexer, field, bytes))
        return LEXER_ERROR;
    if (lexer->keeps_names)
        note_field(lexer, field, bytes);
    token->field = field;
    token->element = frame->element;
    lexer->cost->bytes_examined += length;
    emit_as(lexer, token, TOKEN_DATA, length, VMWIRE_ACCOUNT_FIELD);
    if (lexer->owner_section_id == VMWIRE_CONFIGURATION_SECTION_ID)
        learn_ram_encoding(lexer, field, token->bytes);
    if (field->length == VMWIRE_LENGTH_STR8)
        frame->element++;
    else
        frame->field++;
    return TOKEN_DATA;
}

/* The count of a counted array of strings is in the four bytes before its first element. */
static bool has_another_string(const struct lexer *lexer, struct frame *frame)
{
    if (frame->element == 0)
        frame->counted = vmwire_be32(lexer->cursor - 4);
    return frame->element < frame->counted;
}

LEXER_RULE(field)
{
    struct frame *frame = top_frame(lexer);
    const struct vmwire_structure *structure = frame->structure;
    if (frame->group)
        return read_group(lexer, token);
    int unknown = structure->facts ? note_numbers(lexer, frame) : 0;
    if (unknown)
        return unknown;
    for (; frame->field < structure->field_count; frame->field++, frame->element = 0) {
        const struct vmwire_field *field = &structure->fields[frame->field];
        if (field->dependence) {
            int failed = resolve_field(lexer, frame, field);
            if (failed)
                return failed;
            bool list = field->class == VMWIRE_FIELD_LIST; /* it has an end of its own */
            if (frame->count == 0 || (!list && frame->element == frame->count))
                continue;
            if (!list)
                return emit_dependent(lexer, token, frame, field);
        }
        if (field->class == VMWIRE_FIELD_RECORD) {
            if (frame->element == field->count)
                continue;
            enter_element(lexer, field, frame->element);
            return lexer_record(lexer, token);
        }
        if (field->class == VMWIRE_FIELD_LIST) {
            lexer->condition = yyclist;
            return LEXER_AGAIN;
        }
        bool absent = field->length == VMWIRE_LENGTH_STR8
                          ? !has_another_string(lexer, frame)
                          : field->length == VMWIRE_LENGTH_FIXED && !field->size;
        if (absent)
            continue;
        return emit_data(lexer, token, frame, field);
    }
    if (check_fields_end(lexer))
        return LEXER_ERROR;
    if (!structure->name &&
        !frame->fields_end) /* QEMU looks for no subsection behind an old-style section */
        return lexer_end_of_record(lexer, token);
    lexer->condition = lexer->tail;
    return LEXER_AGAIN;
}

LEXER_MATCH(list_end)
{
    struct frame *frame = top_frame(lexer);
    if (check_within_fields(lexer, 1))
        return LEXER_ERROR;
    token->field = &frame->structure->fields[frame->field];
    token->element = frame->element;
    frame->field++;
    frame->element = 0;
    return lexer_emit(lexer, token, TOKEN_LIST_END, cursor);
}

LEXER_MATCH(list_element)
{
    struct frame *frame = top_frame(lexer);
    const struct vmwire_field *field = &frame->structure->fields[frame->field];
    if (check_within_fields(lexer, 1))
        return LEXER_ERROR;
    if (!field->structure)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT, "no description of the elements of list \"%s\"",
                    field->name);
    enter_element(lexer, field, frame->element);
    token->field = field;
    token->element = frame->element;
    return lexer_emit(lexer, token, TOKEN_LIST_ELEMENT, cursor);
}

static void report_tail_of(const struct lexer *lexer, const struct vmwire_structure *owner,
                           uint64_t offset, bool taken, const char *name)
{
    if (!lexer->observer.tail || !owner->name) /* an old-style section has no tail */
        return;
    struct vmwire_tail_event event = {offset, owner, taken, name};
    lexer->observer.tail(lexer->observer.context, &event);
}

static void report_tail(const struct lexer *lexer, uint64_t offset, bool taken, const char *name)
{
    report_tail_of(lexer, lexer->frames[lexer->depth - 1].structure, offset, taken, name);
}

/* The fields of a record that is no section and no element are known to later ones, those of a `tmp` as if they were its
 * owner's. */
static void leave_names_of_record(struct lexer *lexer)
{
    const struct frame *frame = top_frame(lexer), *around = frame - 1;
    bool embedded = frame->kind == FRAME_EMBEDDED, single = false;
    if (embedded && around->group) {
        single = !around->group->fields[around->field].rule.count;
    } else if (embedded) {
        const struct vmwire_field *field = &around->structure->fields[around->field];
        if (strcmp(field->type, "tmp") == 0)
            return;
        single = field->class == VMWIRE_FIELD_RECORD && field->count == 1 && field->index < 0 &&
                 !(field->dependence && field->dependence->count);
    }
    leave_names(lexer, single);
}

/* Leaves the innermost record. The rest of the record around it follows, or that of the section. */
static void leave_record(struct lexer *lexer)
{
    enum frame_kind kind = top_frame(lexer)->kind;
    report_tail(lexer, lexer_offset(lexer), false, NULL);
    if (lexer->keeps_names)
        leave_names_of_record(lexer);
    if (lexer->keeps_owners)
        owners_end(&lexer->owners, top_frame(lexer)->owner,
                   lexer_offset(lexer) - lexer->record_begins);
    lexer->depth--;
    lexer->separate &= lexer->depth > 0;
    switch (kind) {
    case FRAME_CONFIGURATION:
        lexer->idstr[0] = '\0';
        lexer->condition = yycitem;
        break;
    case FRAME_SECTION:
        lexer->condition = yycfooter;
        break;
    case FRAME_EMBEDDED:
        top_frame(lexer)->element++;
        lexer->condition = yycfield;
        break;
    case FRAME_GROUP: /* it is left in read/groups.c */
        break;
    case FRAME_SUBSECTION: /* depth 0: it was sent behind its section */
        lexer->condition = lexer->depth ? lexer->tail : yycfooter;
        break;
    }
}

void lexer_return_to_record(struct lexer *lexer)
{
    lexer->depth++;
    lexer->separate = lexer->frames[0].kind == FRAME_SUBSECTION;
    if (top_frame(lexer)->kind == FRAME_EMBEDDED)
        lexer->frames[lexer->depth - 2].element--;
}

LEXER_RULE(end_of_record)
{
    int failed = check_absent_subsections(lexer);
    if (failed)
        return failed;
    leave_record(lexer);
    return emit_mark(lexer, token, TOKEN_END);
}

LEXER_RULE(not_a_subsection)
{
    count_lookahead(lexer, 1);
    return lexer_end_of_record(lexer, token);
}

LEXER_MATCH(end_of_struct)
{
    enum frame_kind kind = top_frame(lexer)->kind;
    if (kind == FRAME_SECTION || kind == FRAME_CONFIGURATION)
        return lexer_not_a_subsection(lexer, token);
    leave_record(lexer);
    return lexer_emit(lexer, token, TOKEN_END_OF_STRUCT, cursor);
}

LEXER_MATCH(end_of_framed)
{
    leave_record(lexer);
    return lexer_emit(lexer, token, TOKEN_END_OF_STRUCT, cursor);
}

int lexer_no_end_of_record(struct lexer *lexer)
{
    return FAIL(lexer, VMWIRE_ERROR_ITEM,
                "behind the fields of \"%s\" expected a subsection (05) or the end of the record "
                "(00), found %02x",
                name_of_record(lexer), lexer->cursor[0]);
}

/* ---- Tails --------------------------------------------------------------------------------------- */

bool lexer_declares_any(const struct lexer *lexer)
{
    return lexer->frames[lexer->depth - 1].structure->subsection_count > 0;
}

bool lexer_declares_existing(const struct lexer *lexer)
{
    const struct vmwire_structure *structure = lexer->frames[lexer->depth - 1].structure;
    for (size_t i = 0; i < structure->subsection_count; i++)
        if (structure->subsections[i].existing)
            return true;
    return false;
}

/* QEMU migration/qemu-file.c, qemu_peek_byte and qemu_peek_buffer: a look-ahead that finds no more bytes sets
 * the file's error, and whoever asks for it next refuses the stream. Nobody asks between the tail of a
 * subsection and that of its owner. */
int lexer_looks_beyond_end(struct lexer *lexer)
{
    uint64_t tail = lexer_offset(lexer);
    bool marked = bytes_left(lexer) > 0;
    for (unsigned depth = lexer->depth; depth > 0; depth--) {
        report_tail_of(lexer, lexer->frames[depth - 1].structure, tail, marked, marked ? "" : NULL);
        if (lexer->frames[depth - 1].kind != FRAME_SUBSECTION)
            break;
    }
    lexer->unknowns.refused_at_tail = true;
    return FAIL(
        lexer, VMWIRE_ERROR_TRUNCATED,
        "to tell whether a subsection of \"%s\" begins here, the reader looks beyond the end "
        "of the %s",
        top_frame(lexer)->structure->name, lexer->package_depth ? "package" : "stream");
}

/* QEMU migration/vmstate.c, vmstate_subsection_load: the length byte exceeds the length of the owner's
 * name, that many bytes follow, and they begin with the owner's name. */
int lexer_plausible_name(struct lexer *lexer)
{
    const char *owner = top_frame(lexer)->structure->name;
    size_t owner_length = strlen(owner), left = bytes_left(lexer);
    size_t length = left < 2 ? 0 : lexer->cursor[1];
    if (left < 2 || (length > owner_length && left - 2 < length)) {
        count_lookahead(lexer, left);
        return lexer_looks_beyond_end(lexer);
    }
    if (length <= owner_length) {
        count_lookahead(lexer, 2);
        return 0;
    }
    count_lookahead(lexer, 2 + length);
    return memcmp(lexer->cursor + 2, owner, owner_length) == 0;
}

bool lexer_chooser_takes(const struct lexer *lexer)
{
    return lexer->chooser.takes(lexer->chooser.context, lexer->frames[lexer->depth - 1].structure,
                                lexer_offset(lexer));
}

/* Two readings part at this tail. */
static int fail_at_parting(struct lexer *lexer)
{
    const struct vmwire_structure *owner = top_frame(lexer)->structure;
    const struct readings *readings = &lexer->readings;
    if (readings->parting.other)
        return FAIL(lexer, VMWIRE_ERROR_TWO_READINGS,
                    "two readings of the section part here: the first subsection \"%s\" of \"%s\" "
                    "begins, or another one of that name",
                    readings->parting.one->name, owner->name);
    return FAIL(lexer, VMWIRE_ERROR_TWO_READINGS,
                "two readings of the section part here: subsection \"%s\" begins, or \"%s\" ends",
                readings->parting.one->name, owner->name);
}

int lexer_only_reading_takes(struct lexer *lexer)
{
    struct readings *readings = &lexer->readings;
    if (!lexer_declares_any(lexer))
        return 0;
    if (readings->next == readings->choice_count)
        return readings->count == READINGS_TWO ? fail_at_parting(lexer) : 0;
    const struct reading_choice *choice = &readings->choices[readings->next++];
    assert(choice->offset == lexer_offset(lexer));
    lexer->told = choice->subsection;
    return lexer->told != NULL;
}

static const struct vmwire_subsection *find_named_subsection(const struct lexer *lexer)
{
    return lexer->told ? lexer->told : vmwire_structure_subsection(lexer->owner, lexer->name);
}

LEXER_RULE(name)
{
    const uint8_t *before = lexer->cursor;
    uint64_t tail = lexer_offset(lexer) - 1;
    int kind = emit_str8(lexer, token, TOKEN_NAME, lexer->name);
    report_tail(lexer, tail, true, kind == LEXER_ERROR ? "" : lexer->name);
    if (kind == LEXER_ERROR)
        return kind;
    lexer->owner = top_frame(lexer)->structure;
    lexer->subsection = find_named_subsection(lexer);
    token->subsection = lexer->subsection;
    if (lexer->goes_by_description && check_told_name(lexer, before))
        return LEXER_ERROR;
    if (lexer->subsection && vmwire_option_sends_inline(lexer->option, lexer->subsection)) {
        int failed = check_sent_subsection(lexer, lexer->name);
        if (failed) {
            lexer->cursor = before;
            lexer->condition = yycname;
        }
        return failed ? failed : kind;
    }
    lexer->cursor = before;
    lexer->unknowns.refused_at_tail = true;
    return FAIL(lexer, VMWIRE_ERROR_UNKNOWN_SUBSECTION,
                "subsection \"%s\" in \"%s\" does not exist", lexer->name, name_of_record(lexer));
}

/* Checks the version of the subsection whose name was read last, and enters its record. */
int enter_subsection(struct lexer *lexer, uint32_t sent_version_id)
{
    const struct vmwire_subsection *subsection = lexer->subsection;
    /* QEMU keeps the be32 in a uint8_t (vmstate_subsection_load) and so drops the upper bytes. */
    uint8_t version_id = (uint8_t)sent_version_id;
    if (check_version(lexer, subsection->name, version_id, subsection->version_id,
                      subsection->minimum_version_id))
        return LEXER_ERROR;
    const struct vmwire_structure *structure = subsection->structure;
    /* Where the owner is read as it is described, nothing tells what the layout depends on. Where it is not, another
     * stream does not tell it. */
    const struct vmwire_structure *owner =
        lexer->frames[lexer->depth ? lexer->depth - 1 : 0].structure;
    if (subsection->dependent && owner->declared)
        structure = subsection->dependent;
    if (!structure)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                    "subsection \"%s\" is declared, but its layout is not known: no stream given "
                    "sent it",
                    subsection->name);
    if (vmwire_option_refuses(lexer->option, subsection))
        return FAIL(lexer, VMWIRE_ERROR_NESTED_SUBSECTION,
                    "subsection \"%s\" declares subsections of its own, which the reader asserts "
                    "it does not",
                    subsection->name);
    if (check_layout(lexer, structure, version_id))
        return LEXER_ERROR;
    lexer->cost->subsections++;
    enter_record(lexer, structure, FRAME_SUBSECTION);
    lexer->entering.version_id = version_id;
    return 0;
}

static int emit_subsection_version(struct lexer *lexer, struct token *token)
{
    if (enter_subsection(lexer, vmwire_be32(lexer->cursor)))
        return LEXER_ERROR;
    lexer->cost->bytes_examined += 4;
    token->value = vmwire_be32(lexer->cursor);
    token->subsection = lexer->subsection;
    return emit_as(lexer, token, TOKEN_VERSION_ID, 4, VMWIRE_ACCOUNT_SUBSECTION);
}

LEXER_MATCH(subsection_version)
{
    assert(cursor == lexer->cursor + 4);
    return emit_subsection_version(lexer, token);
}

LEXER_RULE(subsection_record)
{
    (void)token;
    return enter_subsection(lexer, vmwire_be32(lexer->cursor))
               ? LEXER_ERROR
               : LEXER_AGAIN; /* the record begins */
}

/* ---- Subsections behind their owner's section ---------------------------------------------------- */

LEXER_MATCH(owner_id)
{
    uint32_t section_id = vmwire_be32(lexer->cursor);
    if (!lexer->has_owner || section_id != lexer->owner_section_id)
        return FAIL(lexer, VMWIRE_ERROR_SECTION_ID,
                    "a subsection of section %u, which is not the section before it", section_id);
    strcpy(lexer->idstr, lexer->owner_idstr);
    lexer->section_id = section_id;
    return lexer_emit(lexer, token, TOKEN_SECTION_ID, cursor);
}

LEXER_RULE(path)
{
    lexer->path_at = lexer_offset(lexer);
    int kind = emit_str8(lexer, token, TOKEN_PATH, lexer->path);
    lexer->path_length = token->bytes.length - 1;
    lexer->separate = kind != LEXER_ERROR;
    return kind;
}

/* Says why no record of the section is the owner. */
static int fail_without_owner(struct lexer *lexer, struct vmwire_bytes path, uint32_t at)
{
    size_t anywhere = owners_find_anywhere(&lexer->owners, path);
    if (anywhere != NO_OWNER)
        return FAIL(lexer, VMWIRE_ERROR_OWNER, "the record \"%s\" ends at byte %llu, not at %u",
                    lexer->path, (unsigned long long)owner_at(&lexer->owners, anywhere)->ends_at,
                    at);
    vmwire_error_set(lexer->error, VMWIRE_ERROR_OWNER, lexer->path_at,
                     "the section has no record \"%s\" that a subsection could belong to",
                     lexer->path);
    return LEXER_ERROR;
}

/* The owner is the record at the path, if it ends where `at` says. */
LEXER_MATCH(at)
{
    uint32_t at = vmwire_be32(lexer->cursor);
    struct vmwire_bytes path = {(const uint8_t *)lexer->path, lexer->path_length};
    lexer->owner_number = owners_find(&lexer->owners, path, at);
    if (lexer->owner_number == NO_OWNER)
        return fail_without_owner(lexer, path, at);
    lexer->owner = owner_at(&lexer->owners, lexer->owner_number)->structure;
    lexer_emit(lexer, token, TOKEN_AT, cursor);
    token->value = lexer->owner_number;
    return TOKEN_AT;
}

/* Whether the owner has the subsection, and the option sends it behind the section. */
static bool owner_declares_name(struct lexer *lexer)
{
    lexer->subsection = vmwire_structure_subsection(lexer->owner, lexer->name);
    if (lexer->subsection && !vmwire_option_sends_inline(lexer->option, lexer->subsection))
        return true;
    return vmwire_error_set(lexer->error, VMWIRE_ERROR_UNKNOWN_SUBSECTION, lexer->name_at,
                            "subsection \"%s\" in \"%s\" does not exist", lexer->name,
                            lexer->owner->name ? lexer->owner->name : lexer->owner_idstr);
}

LEXER_RULE(separate_name)
{
    lexer->name_at = lexer_offset(lexer);
    int kind = emit_str8(lexer, token, TOKEN_NAME, lexer->name);
    return kind == LEXER_ERROR || owner_declares_name(lexer) ? kind : LEXER_ERROR;
}

/* The rest of an idstr, which began with the owner's path. */
LEXER_RULE(idstr_name)
{
    lexer->name_at = lexer_offset(lexer);
    lexer_emit(lexer, token, TOKEN_NAME, lexer->cursor + lexer->name_length);
    token->value = 0;
    return TOKEN_NAME;
}

LEXER_MATCH(instance_at)
{
    int kind = lexer_at(lexer, token, cursor);
    return kind == LEXER_ERROR || owner_declares_name(lexer) ? kind : LEXER_ERROR;
}

LEXER_MATCH(separate_version)
{
    assert(cursor == lexer->cursor + 4);
    return emit_subsection_version(lexer, token);
}
