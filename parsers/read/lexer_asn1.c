/* SPDX-License-Identifier: MIT */
/*
 * The lexer where the stream is DER. Each function reads one value, checks that it is the one that the module has here,
 * and makes a token of it whose bytes are those of QEMU's encoding. No length is taken that reaches beyond the value
 * around it. It must not know what is in an entry of an iterable section.
 */
#include "read/lexer_asn1.h"

#include <string.h>

#include "read/der.h"
#include "read/lexer_framing.h"
#include "read/lexer_record.h"
#include "vmwire/asn1.h"

/* ---- Values -------------------------------------------------------------------------------------- */

/* What a condition expects, in words. */
static const char *const expected_values[] = {
    [yycitem] = "an item (40 end, 61 62 63 64 section, 67 configuration, 68 command)",
    [yycafter_eof] = "the description (46), unread bytes (4d) or the end of the stream",
    [yycunread] = "unread bytes (4d) or the end of the stream",
    [yycsection_id] = "a section id (02, INTEGER)",
    [yycidstr] = "an idstr (04, OCTET STRING)",
    [yycinstance_id] = "an instance id (02, INTEGER)",
    [yycsection_version] = "a version id (02, INTEGER)",
    [yyccontinued_id] = "a section id (02, INTEGER)",
    [yycfooter] = "a section footer (6b)",
    [yycfooter_id] = "the footer's section id (02, INTEGER)",
    [yycrecord] = "a record (30, SEQUENCE)",
    [yycelements] = "the elements of an array or a list (30, SEQUENCE OF)",
    [yycinteger] = "an INTEGER (02)",
    [yycboolean] = "a BOOLEAN (01)",
    [yycoctets] = "an OCTET STRING (04)",
    [yycstring] = "a string (04, OCTET STRING)",
    [yyctail_asn1] = "the end of the record, or the list of its subsections (7f d3 4c)",
    [yyctail_chosen] = "the end of the record, or the list of its subsections (7f d3 4c)",
    [yycsubsection_list] = "a subsection (7f d3 53) or the end of their list",
    [yycafter_list] = "the end of the record",
    [yycname] = "a subsection's name (04, OCTET STRING)",
    [yycname_version] = "a subsection's version id (02, INTEGER)",
    [yyccommand_id] = "a command (02, INTEGER)",
    [yyccommand_length] = "a command's bytes (04, OCTET STRING) or a package (a0)",
    [yycpackage_rest] = "unread bytes (4d) or the end of the package",
    [yycentry] = "an entry of an iterable section (4a)",
};

static const char *expected_value(const struct lexer *lexer)
{
    size_t count = sizeof(expected_values) / sizeof(expected_values[0]);
    const char *words = (size_t)lexer->expects < count ? expected_values[lexer->expects] : NULL;
    return words ? words : lexer_expected(lexer);
}

int lexer_der_missing(struct lexer *lexer)
{
    if (!lexer->limit_count)
        return FAIL(lexer, VMWIRE_ERROR_TRUNCATED, "expected %s, but the stream ends here",
                    expected_value(lexer));
    return FAIL(lexer, VMWIRE_ERROR_ENCODING,
                "expected %s, but the value around it ends here: an element is missing",
                expected_value(lexer));
}

int lexer_der_wrong_value(struct lexer *lexer)
{
    if (!bytes_left(lexer))
        return lexer_der_missing(lexer);
    const char *fault = der_identifier_fault(lexer->cursor, lexer->limit);
    if (fault)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected %s, found %s", expected_value(lexer),
                    fault);
    return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected %s, found a value with the tag %02x",
                expected_value(lexer), lexer->cursor[0]);
}

/* Reads the length of the value whose identifier octets end at `cursor`. */
static int find_contents(struct lexer *lexer, const uint8_t *cursor, struct vmwire_bytes *contents)
{
    size_t count;
    uint64_t length;
    const char *fault = der_length(cursor, lexer->limit, &count, &length);
    if (fault && *fault)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected %s, found %s", expected_value(lexer),
                    fault);
    size_t left = fault ? 0 : (size_t)(lexer->limit - cursor) - count;
    if (!fault && length <= left) {
        *contents = (struct vmwire_bytes){cursor + count, (size_t)length};
        return 0;
    }
    enum vmwire_error_kind kind =
        lexer->limit_count ? VMWIRE_ERROR_ENCODING : VMWIRE_ERROR_TRUNCATED;
    const char *around = lexer->limit_count ? "value around it" : "stream";
    if (fault)
        return FAIL(lexer, kind, "expected %s, but the %s ends in its length",
                    expected_value(lexer), around);
    return FAIL(lexer, kind, "expected %s, found a length of %llu, but the %s ends after %zu bytes",
                expected_value(lexer), (unsigned long long)length, around, left);
}

static const uint8_t *end_of(struct vmwire_bytes bytes)
{
    return bytes.data + bytes.length;
}

/* Moves over bytes that are no token's. */
static void skip_to(struct lexer *lexer, const uint8_t *cursor, enum vmwire_account account)
{
    size_t length = (size_t)(cursor - lexer->cursor);
    lexer->cost->bytes_examined += length;
    lexer->cost->accounted[account] += length;
    lexer->cursor = cursor;
}

/* The value holds what comes next. */
static int enter_value(struct lexer *lexer, const uint8_t *end)
{
    if (lexer->limit_count == LEXER_DER_NESTING_LIMIT)
        return FAIL(lexer, VMWIRE_ERROR_LIMIT, "values are nested deeper than %d",
                    LEXER_DER_NESTING_LIMIT);
    lexer->limits[lexer->limit_count++] = lexer->limit;
    lexer->limit = end;
    return 0;
}

static void leave_value(struct lexer *lexer)
{
    lexer->limit = lexer->limits[--lexer->limit_count];
}

/* The value that was read is the last one of the value around it. */
static int check_last(struct lexer *lexer, const uint8_t *end)
{
    if (end == lexer->limit)
        return 0;
    lexer->cursor = end;
    return FAIL(
        lexer, VMWIRE_ERROR_ENCODING,
        "expected the end of the value around it, found %zu more bytes: an element too many",
        bytes_left(lexer));
}

/* Reads an INTEGER that is not negative and has at most so many bytes. */
static int read_number(struct lexer *lexer, const uint8_t *cursor, unsigned size, uint64_t *value,
                       const uint8_t **end)
{
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents))
        return LEXER_ERROR;
    const char *fault = der_integer_fault(contents.data, end_of(contents));
    if (fault)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected %s, found %s", expected_value(lexer),
                    fault);
    if (contents.data[0] & 0x80 || contents.length > size + (contents.data[0] == 0))
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected %s of %u bytes, found %s",
                    expected_value(lexer), size,
                    contents.data[0] & 0x80 ? "a negative one" : "a larger one");
    *value = 0;
    for (size_t i = 0; i < contents.length; i++)
        *value = *value << 8 | contents.data[i];
    *end = end_of(contents);
    return 0;
}

/* Emits the bytes up to `end`, which are a number or a string. */
static int emit_value(struct lexer *lexer, struct token *token, int kind, const uint8_t *end,
                      uint64_t value)
{
    lexer_emit(lexer, token, kind, end);
    token->value = value;
    return kind;
}

/* ---- Items --------------------------------------------------------------------------------------- */

int lexer_der_item(struct lexer *lexer, struct token *token, const uint8_t *cursor, int kind)
{
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents) || enter_value(lexer, end_of(contents)))
        return LEXER_ERROR;
    lexer->section_type = kind;
    return lexer_emit(lexer, token, kind, contents.data);
}

LEXER_MATCH(der_eof)
{
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents))
        return LEXER_ERROR;
    if (contents.length)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING,
                    "expected a NULL without contents, found %zu bytes", contents.length);
    return lexer_eof(lexer, token, contents.data);
}

LEXER_MATCH(der_configuration)
{
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents) || enter_value(lexer, end_of(contents)))
        return LEXER_ERROR;
    return lexer_configuration(lexer, token, contents.data);
}

LEXER_MATCH(der_description)
{
    struct vmwire_bytes contents;
    lexer->idstr[0] = '\0';
    if (find_contents(lexer, cursor, &contents))
        return LEXER_ERROR;
    size_t header = (size_t)(contents.data - lexer->cursor);
    return emit_value(lexer, token, TOKEN_DESCRIPTION, end_of(contents), header);
}

LEXER_MATCH(der_unread)
{
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents))
        return LEXER_ERROR;
    if (!contents.length)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected unread bytes, found none");
    size_t header = (size_t)(contents.data - lexer->cursor);
    return emit_value(lexer, token, TOKEN_UNREAD, end_of(contents), header);
}

/* ---- Sections ------------------------------------------------------------------------------------ */

LEXER_MATCH(der_section_id)
{
    const uint8_t *end;
    uint64_t value;
    if (read_number(lexer, cursor, 4, &value, &end))
        return LEXER_ERROR;
    lexer->last_integer = value;
    return emit_value(lexer, token, TOKEN_SECTION_ID, end, value);
}

/* Moves before the last octet of the length of a string, which is the length byte of a str8. */
static int find_string(struct lexer *lexer, const uint8_t *cursor, enum vmwire_account account)
{
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents))
        return LEXER_ERROR;
    if (contents.length > UINT8_MAX)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected %s of at most 255 bytes, found %zu",
                    expected_value(lexer), contents.length);
    skip_to(lexer, contents.data - 1, account);
    return 0;
}

LEXER_MATCH(der_idstr)
{
    uint32_t section_id = (uint32_t)lexer->last_integer;
    if (find_string(lexer, cursor, VMWIRE_ACCOUNT_FRAMING))
        return LEXER_ERROR;
    return take_idstr(lexer, token, lexer->section_type, section_id);
}

LEXER_MATCH(der_instance_id)
{
    const uint8_t *end;
    uint64_t value;
    if (read_number(lexer, cursor, 4, &value, &end))
        return LEXER_ERROR;
    lexer->last_integer = value;
    return emit_value(lexer, token, TOKEN_INSTANCE_ID, end, value);
}

/* The entries of an iterable section are items of their own. */
static void expect_entries(struct lexer *lexer)
{
    leave_value(lexer);
    lexer->entry_condition = lexer->condition;
    lexer->condition = yycentry;
}

LEXER_MATCH(der_section_version)
{
    const uint8_t *end;
    uint64_t value;
    if (read_number(lexer, cursor, 4, &value, &end) ||
        enter_content(lexer, (uint32_t)lexer->last_integer, (uint32_t)value))
        return LEXER_ERROR;
    emit_value(lexer, token, TOKEN_VERSION_ID, end, value);
    if (lexer->section_type == TOKEN_SECTION_FULL)
        return TOKEN_VERSION_ID;
    if (check_last(lexer, end))
        return LEXER_ERROR;
    expect_entries(lexer);
    return TOKEN_VERSION_ID;
}

LEXER_MATCH(der_continued_id)
{
    const uint8_t *end;
    uint64_t value;
    if (read_number(lexer, cursor, 4, &value, &end) ||
        continue_iterable(lexer, token, (uint32_t)value))
        return LEXER_ERROR;
    emit_value(lexer, token, TOKEN_SECTION_ID, end, value);
    if (check_last(lexer, end))
        return LEXER_ERROR;
    expect_entries(lexer);
    return TOKEN_SECTION_ID;
}

LEXER_MATCH(der_footer)
{
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents) || begin_footer(lexer) ||
        enter_value(lexer, end_of(contents)))
        return LEXER_ERROR;
    return lexer_emit(lexer, token, TOKEN_FOOTER, contents.data);
}

LEXER_MATCH(der_footer_id)
{
    const uint8_t *end;
    uint64_t value;
    if (read_number(lexer, cursor, 4, &value, &end) || check_footer_id(lexer, (uint32_t)value))
        return LEXER_ERROR;
    emit_value(lexer, token, TOKEN_SECTION_ID, end, value);
    if (check_last(lexer, end))
        return LEXER_ERROR;
    leave_value(lexer);
    return TOKEN_SECTION_ID;
}

int lexer_der_no_footer(struct lexer *lexer)
{
    if (lexer->footers != FOOTERS_PRESENT)
        return lexer_no_footer(lexer);
    if (!bytes_left(lexer))
        return lexer_der_missing(lexer);
    return FAIL(lexer, VMWIRE_ERROR_FOOTER, "expected a section footer (6b), found %02x",
                lexer->cursor[0]);
}

/* ---- Entries of iterable sections ---------------------------------------------------------------- */

/* Another entry can begin at these conditions. */
static bool is_between_entries(int condition)
{
    return condition == yycram || condition == yycblock_list || condition == yycbitmap ||
           condition == yycram_3 || condition == yycdisk || condition == yychtab_chunk ||
           condition == yycstattr || condition == yycfooter;
}

int lexer_der_entry(struct lexer *lexer, const uint8_t *cursor)
{
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents) || enter_value(lexer, end_of(contents)))
        return LEXER_ERROR;
    bool ram = lexer->entry_condition == yycram || lexer->entry_condition == yycram_3 ||
               lexer->entry_condition == yycblock_list;
    skip_to(lexer, contents.data, ram ? VMWIRE_ACCOUNT_RAM : VMWIRE_ACCOUNT_ITERABLE);
    lexer->condition = lexer->entry_condition;
    lexer->in_entry = true;
    return LEXER_AGAIN;
}

int lexer_entry_token(struct lexer *lexer, int kind)
{
    if (kind == LEXER_ERROR || !is_between_entries(lexer->condition))
        return kind;
    if (bytes_left(lexer))
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "%zu bytes are left of the entry's OCTET STRING",
                    bytes_left(lexer));
    leave_value(lexer);
    lexer->in_entry = false;
    if (lexer->condition != yycfooter) {
        lexer->entry_condition = lexer->condition;
        lexer->condition = yycentry;
    }
    return kind;
}

/* ---- Records ------------------------------------------------------------------------------------- */

static struct frame *top_frame(struct lexer *lexer)
{
    return &lexer->frames[lexer->depth - 1];
}

static const struct vmwire_field *current_field(struct lexer *lexer)
{
    struct frame *frame = top_frame(lexer);
    return &frame->structure->fields[frame->field];
}

/* The record of an item or of a subsection is the last element there, so it ends where that ends. */
LEXER_MATCH(der_record)
{
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents))
        return LEXER_ERROR;
    bool embedded = lexer->entering.kind == FRAME_EMBEDDED;
    if (embedded ? enter_value(lexer, end_of(contents)) : check_last(lexer, end_of(contents)))
        return LEXER_ERROR;
    skip_to(lexer, contents.data, VMWIRE_ACCOUNT_FIELD);
    return lexer_record(lexer, token);
}

static void next_field(struct frame *frame)
{
    frame->field++;
    frame->element = 0;
    frame->in_elements = false;
}

/* Leaves the SEQUENCE OF of a field. */
static int end_elements(struct lexer *lexer)
{
    if (check_last(lexer, lexer->cursor))
        return LEXER_ERROR;
    leave_value(lexer);
    return 0;
}

/* Memory for what the value at the cursor stands for. A pointer to that value stands before it (record.h,
 * vmwire_value_place). */
static uint8_t *take_decoded(struct lexer *lexer, size_t length)
{
    uint8_t *memory = arena_take(lexer->values, sizeof(lexer->cursor) + length);
    memcpy(memory, &lexer->cursor, sizeof(lexer->cursor));
    return memory + sizeof(lexer->cursor);
}

static int list_token(struct lexer *lexer, struct token *token, struct frame *frame)
{
    const struct vmwire_field *field = current_field(lexer);
    bool ends = !bytes_left(lexer);
    if (!ends && !field->structure)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT, "no description of the elements of list \"%s\"",
                    field->name);
    int kind = emit_mark(lexer, token, ends ? TOKEN_LIST_END : TOKEN_LIST_ELEMENT);
    uint8_t *marker = take_decoded(lexer, 1);
    *marker = !ends;
    token->bytes = (struct vmwire_bytes){marker, 1};
    token->field = field;
    token->element = frame->element;
    if (ends) {
        leave_value(lexer);
        next_field(frame);
    } else {
        enter_element(lexer, field, frame->element);
    }
    return kind;
}

/* The condition of an element; yycfield: the field has no further one. */
static int element_condition(struct lexer *lexer, struct frame *frame,
                             struct vmwire_element element)
{
    switch (element.kind) {
    case VMWIRE_ELEMENT_RECORD:
        return frame->element < current_field(lexer)->count ? yycrecord : yycfield;
    case VMWIRE_ELEMENT_STRINGS:
        return frame->element < frame->counted ? yycstring : yycfield;
    case VMWIRE_ELEMENT_INTEGER:
        return yycinteger;
    case VMWIRE_ELEMENT_BOOLEAN:
        return yycboolean;
    default:
        return yycoctets;
    }
}

LEXER_RULE(der_field)
{
    struct frame *frame = top_frame(lexer);
    while (frame->field < frame->structure->field_count) {
        const struct vmwire_field *field = current_field(lexer);
        const struct vmwire_element element = vmwire_field_element(field);
        if (field->dependence)
            return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                        "the module is not known: field \"%s\" depends on something, as the "
                        "program declares it; a description is needed",
                        field->name);
        if (element.sequence_of && !frame->in_elements) {
            lexer->condition = yycelements;
            return LEXER_AGAIN;
        }
        if (element.kind == VMWIRE_ELEMENT_LIST)
            return list_token(lexer, token, frame);
        bool absent = element.kind == VMWIRE_ELEMENT_OCTETS &&
                      field->length == VMWIRE_LENGTH_FIXED && !field->size;
        int condition = absent ? yycfield : element_condition(lexer, frame, element);
        if (condition != yycfield) {
            if (condition == yycrecord)
                enter_element(lexer, field, frame->element);
            lexer->condition = condition;
            return LEXER_AGAIN;
        }
        if (frame->in_elements && end_elements(lexer))
            return LEXER_ERROR;
        next_field(frame);
    }
    lexer->condition = lexer->tail;
    return LEXER_AGAIN;
}

/* Emits the value up to `end`; `data` is what it stands for. */
static int emit_field(struct lexer *lexer, struct token *token, const uint8_t *end,
                      struct vmwire_bytes data)
{
    token->field = current_field(lexer);
    token->element = top_frame(lexer)->element;
    size_t length = (size_t)(end - lexer->cursor);
    lexer->cost->bytes_examined += length;
    emit_as(lexer, token, TOKEN_DATA, length, VMWIRE_ACCOUNT_FIELD);
    token->bytes = data;
    if (lexer->owner_section_id == VMWIRE_CONFIGURATION_SECTION_ID)
        learn_ram_encoding(lexer, token->field, data);
    return TOKEN_DATA;
}

/* Reads an INTEGER into the bytes of a field. */
static int take_integer(struct lexer *lexer, const uint8_t *cursor, uint8_t *data,
                        struct vmwire_bytes *contents)
{
    const struct vmwire_field *field = current_field(lexer);
    const bool is_signed = vmwire_field_element(field).is_signed;
    if (find_contents(lexer, cursor, contents))
        return LEXER_ERROR;
    const char *fault = der_integer_fault(contents->data, end_of(*contents));
    if (fault)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected %s, found %s", expected_value(lexer),
                    fault);
    bool negative = contents->data[0] & 0x80;
    struct vmwire_bytes digits = *contents;
    if (!is_signed && digits.length > 1 && !digits.data[0])
        digits = (struct vmwire_bytes){digits.data + 1, digits.length - 1};
    if (digits.length > field->size || (negative && !is_signed))
        return FAIL(lexer, VMWIRE_ERROR_ENCODING,
                    "found an INTEGER that is out of the range of type %s, %u bytes", field->type,
                    field->size);
    size_t padding = field->size - digits.length;
    memset(data, negative ? 0xff : 0, padding);
    memcpy(data + padding, digits.data, digits.length);
    return 0;
}

LEXER_MATCH(der_integer)
{
    struct vmwire_bytes contents, data = {NULL, current_field(lexer)->size};
    uint8_t *bytes = take_decoded(lexer, data.length);
    if (take_integer(lexer, cursor, bytes, &contents))
        return LEXER_ERROR;
    data.data = bytes;
    lexer->last_integer = 0;
    for (size_t i = 0; i < data.length; i++)
        lexer->last_integer = lexer->last_integer << 8 | bytes[i];
    emit_field(lexer, token, end_of(contents), data);
    next_field(top_frame(lexer));
    return TOKEN_DATA;
}

/* Reads a BOOLEAN into the byte of a field. X.690, 11.1. */
static int take_boolean(struct lexer *lexer, const uint8_t *cursor, uint8_t *data,
                        struct vmwire_bytes *contents)
{
    if (find_contents(lexer, cursor, contents))
        return LEXER_ERROR;
    if (contents->length != 1)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected a BOOLEAN of one byte, found %zu",
                    contents->length);
    if (contents->data[0] != 0 && contents->data[0] != 0xff)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected a BOOLEAN 00 or ff, found %02x",
                    contents->data[0]);
    *data = contents->data[0] & 1;
    return 0;
}

LEXER_MATCH(der_boolean)
{
    struct vmwire_bytes contents;
    uint8_t *byte = take_decoded(lexer, 1);
    if (take_boolean(lexer, cursor, byte, &contents))
        return LEXER_ERROR;
    emit_field(lexer, token, end_of(contents), (struct vmwire_bytes){byte, 1});
    next_field(top_frame(lexer));
    return TOKEN_DATA;
}

/* How many bytes the OCTET STRING of a field has, or has at least. */
static uint64_t octets_length(const struct lexer *lexer, const struct vmwire_field *field)
{
    if (field->length == VMWIRE_LENGTH_COUNTED)
        return lexer->last_integer;
    return field->length == VMWIRE_LENGTH_POINTERS ? field->count
                                                   : (uint64_t)field->size * field->count;
}

static int check_octets(struct lexer *lexer, struct vmwire_bytes contents)
{
    const struct vmwire_field *field = current_field(lexer);
    uint64_t length = octets_length(lexer, field);
    bool longer = field->length == VMWIRE_LENGTH_POINTERS;
    if (contents.length < length || (contents.length > length && !longer))
        return FAIL(lexer, VMWIRE_ERROR_ENCODING,
                    "expected an OCTET STRING of %llu bytes%s (type %s), found %zu",
                    (unsigned long long)length, longer ? " or more" : "", field->type,
                    contents.length);
    for (size_t i = 0; field->null_pointer && !longer && i < contents.length; i++)
        if (contents.data[i] != VMWIRE_VMS_NULLPTR_MARKER)
            return FAIL(lexer, VMWIRE_ERROR_ITEM,
                        "expected a null pointer's marker (30), found %02x", contents.data[i]);
    return 0;
}

LEXER_MATCH(der_octets)
{
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents) || check_octets(lexer, contents))
        return LEXER_ERROR;
    emit_field(lexer, token, end_of(contents), contents);
    next_field(top_frame(lexer));
    return TOKEN_DATA;
}

/* Its bytes are those of a str8: the last octet of the length is the length byte. */
LEXER_MATCH(der_string)
{
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents))
        return LEXER_ERROR;
    if (contents.length > UINT8_MAX)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected %s of at most 255 bytes, found %zu",
                    expected_value(lexer), contents.length);
    struct vmwire_bytes string = {contents.data - 1, contents.length + 1};
    emit_field(lexer, token, end_of(contents), string);
    top_frame(lexer)->element++;
    return TOKEN_DATA;
}

/* Reads the elements of an array of scalars, which is one value of the record. The lexer is within their
 * SEQUENCE OF. */
static int take_array(struct lexer *lexer, struct vmwire_element element, uint8_t *data)
{
    struct frame *frame = top_frame(lexer);
    const struct vmwire_field *field = current_field(lexer);
    bool boolean = element.kind == VMWIRE_ELEMENT_BOOLEAN;
    lexer->expects = boolean ? yycboolean : yycinteger;
    for (uint32_t i = 0; i < field->count; i++, data += field->size) {
        struct vmwire_bytes contents;
        frame->element = i;
        if (!bytes_left(lexer) ||
            lexer->cursor[0] != (boolean ? VMWIRE_DER_BOOLEAN : VMWIRE_DER_INTEGER))
            return lexer_der_wrong_value(lexer);
        if (boolean ? take_boolean(lexer, lexer->cursor + 1, data, &contents)
                    : take_integer(lexer, lexer->cursor + 1, data, &contents))
            return LEXER_ERROR;
        lexer->cursor = end_of(contents);
    }
    frame->element = 0;
    return end_elements(lexer);
}

static int take_scalars(struct lexer *lexer, struct token *token, struct vmwire_element element,
                        struct vmwire_bytes contents)
{
    enum { LEAST_ELEMENT = 3 }; /* bytes */
    const struct vmwire_field *field = current_field(lexer);
    const uint8_t *begin = lexer->cursor;
    if (contents.length / LEAST_ELEMENT < field->count)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING,
                    "expected %u elements, but %zu bytes have less: an element is missing",
                    field->count, contents.length);
    size_t length = (size_t)field->size * field->count;
    uint8_t *data = take_decoded(lexer, length);
    lexer->cursor = contents.data;
    if (enter_value(lexer, end_of(contents)) || take_array(lexer, element, data))
        return LEXER_ERROR;
    lexer->cursor = begin;
    emit_field(lexer, token, end_of(contents), (struct vmwire_bytes){data, length});
    next_field(top_frame(lexer));
    return TOKEN_DATA;
}

LEXER_MATCH(der_elements)
{
    struct frame *frame = top_frame(lexer);
    const struct vmwire_element element = vmwire_field_element(current_field(lexer));
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents))
        return LEXER_ERROR;
    if (element.kind == VMWIRE_ELEMENT_INTEGER || element.kind == VMWIRE_ELEMENT_BOOLEAN)
        return take_scalars(lexer, token, element, contents);
    if (enter_value(lexer, end_of(contents)))
        return LEXER_ERROR;
    skip_to(lexer, contents.data, VMWIRE_ACCOUNT_FIELD);
    frame->in_elements = true;
    if (element.kind == VMWIRE_ELEMENT_STRINGS)
        frame->counted = (uint32_t)lexer->last_integer;
    return LEXER_AGAIN;
}

/* ---- Subsections --------------------------------------------------------------------------------- */

LEXER_MATCH(der_subsection_list)
{
    struct vmwire_bytes contents;
    if (!top_frame(lexer)->structure->name)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING,
                    "found a list of subsections, but an old-style section has none");
    if (find_contents(lexer, cursor, &contents))
        return LEXER_ERROR;
    if (!contents.length)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING,
                    "found an empty list of subsections: a record without them has no list");
    if (enter_value(lexer, end_of(contents)))
        return LEXER_ERROR;
    return lexer_emit(lexer, token, TOKEN_SUBSECTION_LIST, contents.data);
}

LEXER_MATCH(der_subsection)
{
    struct vmwire_bytes contents;
    if (find_contents(lexer, cursor, &contents) || enter_value(lexer, end_of(contents)))
        return LEXER_ERROR;
    return lexer_emit(lexer, token, TOKEN_SUBSECTION, contents.data);
}

int lexer_der_end_of_list(struct lexer *lexer)
{
    leave_value(lexer);
    return LEXER_AGAIN;
}

LEXER_MATCH(der_name)
{
    if (find_string(lexer, cursor, VMWIRE_ACCOUNT_SUBSECTION))
        return LEXER_ERROR;
    return lexer_name(lexer, token);
}

LEXER_MATCH(der_subsection_version)
{
    const uint8_t *end;
    uint64_t value;
    if (read_number(lexer, cursor, 4, &value, &end) || enter_subsection(lexer, (uint32_t)value))
        return LEXER_ERROR;
    token->subsection = lexer->subsection;
    size_t length = (size_t)(end - lexer->cursor);
    lexer->cost->bytes_examined += length;
    emit_as(lexer, token, TOKEN_VERSION_ID, length, VMWIRE_ACCOUNT_SUBSECTION);
    token->value = value;
    return TOKEN_VERSION_ID;
}

LEXER_RULE(der_end_of_record)
{
    bool subsection = top_frame(lexer)->kind == FRAME_SUBSECTION;
    leave_value(lexer);
    lexer_end_of_record(lexer, token);
    if (subsection)
        lexer->condition = yycsubsection_list;
    return TOKEN_END;
}

/* ---- Commands ------------------------------------------------------------------------------------ */

LEXER_MATCH(der_command_id)
{
    const uint8_t *end;
    uint64_t value;
    if (read_number(lexer, cursor, 2, &value, &end) || begin_command(lexer, (uint16_t)value))
        return LEXER_ERROR;
    return emit_value(lexer, token, TOKEN_COMMAND_ID, end, value);
}

LEXER_MATCH(der_payload)
{
    struct vmwire_bytes contents;
    if (lexer->command == VMWIRE_MIG_CMD_PACKAGED)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected a package (a0), found an OCTET STRING");
    if (find_contents(lexer, cursor, &contents))
        return LEXER_ERROR;
    if (contents.length > UINT16_MAX)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "a command has at most 65535 bytes, found %zu",
                    contents.length);
    if (begin_payload(lexer, (uint16_t)contents.length) || check_last(lexer, end_of(contents)))
        return LEXER_ERROR;
    leave_value(lexer);
    return emit_value(lexer, token, TOKEN_COMMAND_LENGTH, contents.data, contents.length);
}

/* The package is the last element of its command, so it ends where that ends. */
LEXER_MATCH(der_package)
{
    struct vmwire_bytes contents;
    unsigned depth = lexer->package_depth;
    if (lexer->command != VMWIRE_MIG_CMD_PACKAGED)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING, "expected an OCTET STRING (04), found a package");
    if (depth == VMWIRE_PACKAGE_NESTING_LIMIT)
        return FAIL(lexer, VMWIRE_ERROR_LIMIT, "packages are nested deeper than %d",
                    VMWIRE_PACKAGE_NESTING_LIMIT);
    if (find_contents(lexer, cursor, &contents) || check_last(lexer, end_of(contents)))
        return LEXER_ERROR;
    if (contents.length > UINT32_MAX)
        return FAIL(lexer, VMWIRE_ERROR_ENCODING,
                    "a package is shorter than 4 GiB, found %zu bytes", contents.length);
    lexer->outer[depth] = (struct outer){end_of(contents), lexer->limit};
    return emit_value(lexer, token, TOKEN_COMMAND_LENGTH, contents.data, 0);
}

LEXER_RULE(der_package_begins)
{
    lexer->package_depth++;
    emit_mark(lexer, token, TOKEN_PACKAGE);
    token->value = bytes_left(lexer);
    return TOKEN_PACKAGE;
}

LEXER_RULE(der_package_end)
{
    int kind = lexer_package_end(lexer, token);
    leave_value(lexer);
    return kind;
}
