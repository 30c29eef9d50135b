/*
 * What the rules of grammar/stream.re call: the walk through the schema, lengths read from the stream,
 * and the sections, blocks and commands that earlier bytes have announced. What a byte means is said
 * in the rules; which option is being read is a value here, never a question.
 */
#include "lexer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "wire.h"

static const char *const token_names[] = {
#include "token_names.inc"
};

const char *token_name(int token)
{
    size_t count = sizeof(token_names) / sizeof(token_names[0]);
    return token > 0 && (size_t)token < count ? token_names[token] : "the end of the stream";
}

const char *entry_kind_name(const struct entry *entry)
{
    return token_name(entry->kind);
}

/* What the bytes of a token are part of; framing where the table says nothing. */
static const unsigned char account_of[] = {
    [TOKEN_DATA] = ACCOUNT_FIELD,
    [TOKEN_LIST_ELEMENT] = ACCOUNT_FIELD,
    [TOKEN_LIST_END] = ACCOUNT_FIELD,
    [TOKEN_END_OF_STRUCT] = ACCOUNT_SUBSECTION,
    [TOKEN_SUBSECTION] = ACCOUNT_SUBSECTION,
    [TOKEN_NAME] = ACCOUNT_SUBSECTION,
    [TOKEN_ORDINAL] = ACCOUNT_SUBSECTION,
    [TOKEN_RAM_MEM_SIZE] = ACCOUNT_RAM,
    [TOKEN_RAM_ZERO] = ACCOUNT_RAM,
    [TOKEN_RAM_PAGE] = ACCOUNT_RAM,
    [TOKEN_RAM_XBZRLE] = ACCOUNT_RAM,
    [TOKEN_RAM_COMPRESS] = ACCOUNT_RAM,
    [TOKEN_RAM_HOOK] = ACCOUNT_RAM,
    [TOKEN_RAM_MULTIFD_FLUSH] = ACCOUNT_RAM,
    [TOKEN_RAM_EOS] = ACCOUNT_RAM,
    [TOKEN_BLOCK_NAME] = ACCOUNT_RAM,
    [TOKEN_BLOCK_LENGTH] = ACCOUNT_RAM,
    [TOKEN_BLOCK_PAGE_SIZE] = ACCOUNT_RAM,
    [TOKEN_BLOCK_ADDRESS] = ACCOUNT_RAM,
    [TOKEN_MAPPED_HEADER] = ACCOUNT_RAM,
    [TOKEN_MAPPED_BITMAP] = ACCOUNT_RAM,
    [TOKEN_MAPPED_PAGES] = ACCOUNT_RAM,
    [TOKEN_FILL] = ACCOUNT_RAM,
    [TOKEN_PAGE] = ACCOUNT_RAM,
    [TOKEN_XBZRLE_HEADER] = ACCOUNT_RAM,
    [TOKEN_COMPRESSED_LENGTH] = ACCOUNT_RAM,
    [TOKEN_BITMAP_CHUNK] = ACCOUNT_ITERABLE,
    [TOKEN_BITMAP_LAST_CHUNK] = ACCOUNT_ITERABLE,
    [TOKEN_NODE_NAME] = ACCOUNT_ITERABLE,
    [TOKEN_BITMAP_NAME] = ACCOUNT_ITERABLE,
    [TOKEN_GRANULARITY] = ACCOUNT_ITERABLE,
    [TOKEN_START_FLAGS] = ACCOUNT_ITERABLE,
    [TOKEN_FIRST_SECTOR] = ACCOUNT_ITERABLE,
    [TOKEN_SECTOR_COUNT] = ACCOUNT_ITERABLE,
    [TOKEN_BITS_LENGTH] = ACCOUNT_ITERABLE,
    [TOKEN_BITS] = ACCOUNT_ITERABLE,
    [TOKEN_HTAB_SHIFT] = ACCOUNT_ITERABLE,
    [TOKEN_HTAB_HEADER] = ACCOUNT_ITERABLE,
    [TOKEN_HTAB_CHUNK] = ACCOUNT_ITERABLE,
    [TOKEN_HPTES] = ACCOUNT_ITERABLE,
    [TOKEN_HTAB_END] = ACCOUNT_ITERABLE,
    [TOKEN_STATTR_MORE] = ACCOUNT_ITERABLE,
    [TOKEN_STATTR_COUNT] = ACCOUNT_ITERABLE,
    [TOKEN_STATTR_VALUES] = ACCOUNT_ITERABLE,
    [TOKEN_STATTR_DONE] = ACCOUNT_ITERABLE,
    [TOKEN_STATTR_EOS] = ACCOUNT_ITERABLE,
    [TOKEN_DESCRIPTION] = ACCOUNT_DESCRIPTION,
    [TOKEN_UNREAD] = ACCOUNT_UNREAD,
};

/* ---- Tokens and errors ------------------------------------------------------------------------- */

void lexer_begin(struct lexer *lexer)
{
    uint32_t page_size = lexer->schema->page_size;
    bool power_of_two = page_size && (page_size & (page_size - 1)) == 0;
    /* The smallest page that leaves room for all the flags beside an address is 1 KiB. */
    lexer->page_size = power_of_two && page_size >= 1024 ? page_size : TARGET_PAGE_SIZE_DEFAULT;
    lexer->condition = yycstream;
    lexer->cursor = lexer->begin;
}

int lexer_next(struct lexer *lexer, struct token *token)
{
    return lexer_token(lexer, token);
}

static size_t left(const struct lexer *lexer)
{
    return (size_t)(lexer->limit - lexer->cursor);
}

static uint64_t offset(const struct lexer *lexer)
{
    return (uint64_t)(lexer->cursor - lexer->begin);
}

static int emit_as(struct lexer *lexer, struct token *token, int kind, size_t length,
                   enum account account)
{
    token->bytes.data = lexer->cursor;
    token->bytes.length = length;
    lexer->cursor += length;
    lexer->cost->tokens++;
    lexer->cost->accounted[account] += length;
    return kind;
}

int lexer_emit(struct lexer *lexer, struct token *token, int kind, const uint8_t *cursor)
{
    size_t length = (size_t)(cursor - lexer->cursor);
    token->value = 0;
    if (length <= sizeof(token->value))
        for (const uint8_t *byte = lexer->cursor; byte < cursor; byte++)
            token->value = token->value << 8 | *byte;
    lexer->cost->bytes_examined += length;
    return emit_as(lexer, token, kind, length, account_of[kind]);
}

/* A token without bytes. */
static int emit_mark(struct lexer *lexer, struct token *token, int kind)
{
    return emit_as(lexer, token, kind, 0, ACCOUNT_FRAMING);
}

static void looked_at(struct lexer *lexer, size_t length)
{
    lexer->cost->bytes_examined += length;
    if (length > lexer->cost->longest_lookahead)
        lexer->cost->longest_lookahead = length;
}

#define FAIL(lexer, kind, ...) \
    (error_set((lexer)->error, kind, offset(lexer), __VA_ARGS__), LEXER_ERROR)

static const char *const expected[] = {
    [yycstream] = "the magic QEVM",
    [yycstream_version] = "the stream version (4 bytes)",
    [yycitem] = "an item (00 end, 01 02 03 04 section, 07 configuration, 08 command)",
    [yycafter_eof] = "the description (06) or the end of the file",
    [yycunread] = "the end of the file",
    [yycsection_id] = "a section id (4 bytes)",
    [yycidstr] = "an idstr (a length byte and as many bytes)",
    [yycinstance_id] = "an instance id (4 bytes)",
    [yycsection_version] = "a version id (4 bytes)",
    [yyccontinued_id] = "a section id (4 bytes)",
    [yycfooter] = "a section footer (7e)",
    [yycfooter_id] = "the footer's section id (4 bytes)",
    [yycrecord] = "a record",
    [yycfield] = "a field",
    [yyclist] = "a list element (a byte that is not 00) or its end (00)",
    [yyctail_legacy] = "the tail of a record",
    [yyctail_guarded] = "the tail of a record",
    [yyctail_heuristic] = "the tail of a record",
    [yyctail_flagday] = "the tail of a record",
    [yyctail_standalone] = "the tail of a record",
    [yyctail_toplevel] = "the tail of a record",
    [yycname] = "a subsection name (a length byte and as many bytes)",
    [yycname_version] = "a subsection's version id (4 bytes)",
    [yycseparate_id] = "the section id of a subsection's owner (4 bytes)",
    [yycseparate_ordinal] = "the ordinal of a subsection's owner (4 bytes)",
    [yycseparate_name] = "a subsection name (a length byte and as many bytes)",
    [yycowner_ordinal] = "the ordinal of a subsection's owner (4 bytes)",
    [yycseparate_version] = "a subsection's version id (4 bytes)",
    [yyccommand_id] = "a command (2 bytes)",
    [yyccommand_length] = "a command's length (2 bytes)",
    [yycpackage_length] = "a package's length (4 bytes)",
    [yycpayload] = "the bytes that were announced",
    [yycram] = "a RAM entry (address and flags, 8 bytes)",
    [yycblock_name] = "the name of a RAM block (a length byte and as many bytes)",
    [yycblock_list] = "the name of a RAM block (a length byte and as many bytes)",
    [yycblock_length] = "the length of a RAM block (8 bytes)",
    [yycblock_page_size] = "the page size of a RAM block (8 bytes)",
    [yycblock_address] = "the guest address of a RAM block (8 bytes)",
    [yycmapped_header] = "the mapped-ram header of a RAM block (28 bytes)",
    [yycfill] = "the byte that fills a RAM page",
    [yycxbzrle] = "an XBZRLE header (3 bytes)",
    [yyccompressed] = "the length of a compressed page (4 bytes)",
    [yycbitmap] = "the flags of a dirty-bitmap chunk (1, 2 or 4 bytes)",
    [yycnode_name] = "a node name (a length byte and as many bytes)",
    [yycbitmap_name] = "a bitmap name (a length byte and as many bytes)",
    [yycgranularity] = "a bitmap's granularity (4 bytes)",
    [yycstart_flags] = "a bitmap's flags (1 byte)",
    [yycfirst_sector] = "a bitmap chunk's first sector (8 bytes)",
    [yycsector_count] = "a bitmap chunk's number of sectors (4 bytes)",
    [yycbits_length] = "the length of a bitmap chunk (8 bytes)",
    [yychtab] = "a hash table header (4 bytes)",
    [yychtab_chunk] = "a hash table chunk (8 bytes)",
    [yycstattr] = "a storage attributes entry (address and flags, 8 bytes)",
    [yycstattr_count] = "the number of storage attributes (8 bytes)",
};

const char *lexer_expected(const struct lexer *lexer)
{
    return expected[lexer->condition];
}

int lexer_truncated(struct lexer *lexer)
{
    return FAIL(lexer, ERROR_TRUNCATED, "expected %s, but only %zu bytes are left%s",
                lexer_expected(lexer), left(lexer), lexer->package_depth ? " in the package" : "");
}

static int truncated_bytes(struct lexer *lexer, const char *what, uint64_t length)
{
    return FAIL(lexer, ERROR_TRUNCATED, "expected %s of %llu bytes, but only %zu are left%s", what,
                (unsigned long long)length, left(lexer),
                lexer->package_depth ? " in the package" : "");
}

/* ---- Where it is, for errors ------------------------------------------------------------------- */

struct text {
    char *text;
    size_t size, length;
};

static void text_add(struct text *text, const char *part)
{
    size_t length = strlen(part);
    if (length > text->size - 1 - text->length)
        length = text->size - 1 - text->length;
    memcpy(text->text + text->length, part, length);
    text->length += length;
    text->text[text->length] = '\0';
}

static void text_add_field(struct text *text, const struct frame *frame)
{
    if (frame->field >= frame->structure->field_count)
        return;
    const struct field *field = &frame->structure->fields[frame->field];
    char index[32] = "";
    if (field->index >= 0)
        snprintf(index, sizeof(index), "[%d]", field->index);
    else if (field->count > 1 && field->class == FIELD_RECORD)
        snprintf(index, sizeof(index), "[%u]", frame->element);
    else if (field->class == FIELD_LIST)
        snprintf(index, sizeof(index), "[%u]", frame->element);
    if (text->length)
        text_add(text, ".");
    text_add(text, field->name);
    text_add(text, index);
}

void lexer_locate(const struct lexer *lexer, struct error *error)
{
    if (lexer->idstr[0])
        snprintf(error->section, sizeof(error->section), "\"%s\" instance %u", lexer->idstr,
                 lexer->instance_id);
    struct text path = {error->path, sizeof(error->path), 0};
    for (unsigned i = 0; i < lexer->depth; i++) {
        const struct frame *frame = &lexer->frames[i];
        if (frame->kind == FRAME_SUBSECTION) {
            if (path.length)
                text_add(&path, ".");
            text_add(&path, frame->structure->name ? frame->structure->name : "?");
        }
        bool last = i + 1 == lexer->depth;
        if (last || lexer->frames[i + 1].kind == FRAME_EMBEDDED)
            text_add_field(&path, frame);
    }
}

/* ---- Strings ----------------------------------------------------------------------------------- */

/* A length byte and as many bytes; `text` (256 bytes) receives them up to a NUL, as a C string. */
static int emit_str8(struct lexer *lexer, struct token *token, int kind, char *text)
{
    if (left(lexer) < 1)
        return lexer_truncated(lexer);
    size_t length = lexer->cursor[0];
    if (left(lexer) - 1 < length)
        return truncated_bytes(lexer, lexer_expected(lexer), 1 + length);
    if (text) {
        memcpy(text, lexer->cursor + 1, length);
        text[length] = '\0';
    }
    lexer_emit(lexer, token, kind, lexer->cursor + 1 + length);
    token->value = 1;
    return kind;
}

/* ---- The stream -------------------------------------------------------------------------------- */

int lexer_not_a_stream(struct lexer *lexer)
{
    if (lexer->cursor[0] == '{' || lexer->cursor[0] == '[')
        return FAIL(lexer, ERROR_NOT_A_STREAM,
                    "expected the magic QEVM, found JSON: a dump or a description is a schema, not a "
                    "stream");
    return FAIL(lexer, ERROR_NOT_A_STREAM, "expected the magic QEVM: not a migration stream");
}

LEXER_MATCH(stream_version)
{
    uint32_t version = be32(lexer->cursor);
    if (version == QEMU_VM_FILE_VERSION_COMPAT)
        return FAIL(lexer, ERROR_STREAM_VERSION,
                    "obsolete v2 stream: expected stream version %u",
                    lexer->option->stream_version);
    if (version != lexer->option->stream_version)
        return FAIL(lexer, ERROR_STREAM_VERSION, "expected stream version %u (%s), found %u",
                    lexer->option->stream_version, lexer->option->name, version);
    return lexer_emit(lexer, token, TOKEN_VERSION, cursor);
}

static void enter(struct lexer *lexer, const struct structure *structure, enum frame_kind kind)
{
    lexer->entering.structure = structure;
    lexer->entering.kind = kind;
    lexer->entering.field = NULL;
    lexer->entering.element = 0;
    lexer->condition = yycrecord;
}

static void enter_element(struct lexer *lexer, const struct field *field, uint32_t element)
{
    enter(lexer, field->structure, FRAME_EMBEDDED);
    lexer->entering.field = field;
    lexer->entering.element = element;
}

/* From here on the records of this section are numbered, from 0. */
static void begin_owner(struct lexer *lexer, uint32_t section_id)
{
    lexer->has_owner = true;
    lexer->owner_section_id = section_id;
    memcpy(lexer->owner_idstr, lexer->idstr, sizeof(lexer->owner_idstr));
    lexer->begun_count = 0;
}

LEXER_MATCH(configuration)
{
    strcpy(lexer->idstr, CONFIGURATION_IDSTR);
    lexer->section_id = CONFIGURATION_SECTION_ID;
    lexer->instance_id = 0;
    begin_owner(lexer, CONFIGURATION_SECTION_ID);
    enter(lexer, lexer->schema->configuration, FRAME_CONFIGURATION);
    return lexer_emit(lexer, token, TOKEN_CONFIGURATION, cursor);
}

int lexer_unknown_item(struct lexer *lexer)
{
    return FAIL(lexer, ERROR_ITEM, "expected %s, found %02x", expected[yycitem], lexer->cursor[0]);
}

LEXER_RULE(end_of_items)
{
    if (!lexer->package_depth)
        return lexer_truncated(lexer);
    lexer->limit = lexer->package_limits[--lexer->package_depth];
    lexer->condition = yycitem;
    return emit_mark(lexer, token, TOKEN_PACKAGE_END);
}

LEXER_MATCH(description)
{
    lexer->idstr[0] = '\0';
    size_t length = be32(lexer->cursor + 1);
    if ((size_t)(lexer->limit - cursor) < length)
        return truncated_bytes(lexer, "a description", length);
    lexer_emit(lexer, token, TOKEN_DESCRIPTION, cursor + length);
    return TOKEN_DESCRIPTION;
}

LEXER_RULE(unread)
{
    return emit_as(lexer, token, TOKEN_UNREAD, left(lexer), ACCOUNT_UNREAD);
}

/* ---- Sections ---------------------------------------------------------------------------------- */

/* Whether the idstr just read is "OWNER/SUBSECTION" of the section before (option toplevel). */
static bool names_owner(const struct lexer *lexer, uint32_t section_id, const char *idstr)
{
    size_t length = strlen(lexer->owner_idstr);
    return lexer->option->subsections == SUBSECTION_SECTION && lexer->has_owner &&
           section_id == lexer->owner_section_id &&
           strncmp(idstr, lexer->owner_idstr, length) == 0 && idstr[length] == '/';
}

LEXER_RULE(idstr)
{
    uint32_t section_id = be32(lexer->cursor - 4);
    char idstr[256];
    int kind = emit_str8(lexer, token, TOKEN_IDSTR, idstr);
    if (kind == LEXER_ERROR)
        return kind;
    /* Condition section_id comes behind both SECTION_START and SECTION_FULL; the byte tells which. */
    lexer->section_type = token->bytes.data[-5] == QEMU_VM_SECTION_START ? TOKEN_SECTION_START
                                                                         : TOKEN_SECTION_FULL;
    if (lexer->section_type == TOKEN_SECTION_FULL && names_owner(lexer, section_id, idstr)) {
        size_t owner_length = strlen(lexer->owner_idstr) + 1;
        strcpy(lexer->name, idstr + owner_length);
        token->value += owner_length;
        lexer->condition = yycowner_ordinal;
        return TOKEN_NAME;
    }
    lexer->section_id = section_id;
    memcpy(lexer->idstr, idstr, sizeof(idstr));
    lexer->instance_id = 0;
    if (idstr[0] == '\0')
        return FAIL(lexer, ERROR_ITEM, "expected an idstr, found an empty one");
    lexer->condition = yycinstance_id;
    return kind;
}

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

static int start_iterable(struct lexer *lexer, uint32_t version_id)
{
    int condition = -1;
    for (size_t i = 0; i < sizeof(iterable_grammars) / sizeof(iterable_grammars[0]); i++)
        if (strcmp(iterable_grammars[i].idstr, lexer->idstr) == 0 &&
            iterable_grammars[i].version_id == version_id)
            condition = iterable_grammars[i].condition;
    if (condition < 0)
        return FAIL(lexer, ERROR_NO_LAYOUT, "no grammar for iterable section \"%s\" version %u",
                    lexer->idstr, version_id);
    unsigned i = 0;
    while (i < lexer->iterable_count && lexer->iterables[i].section_id != lexer->section_id)
        i++;
    if (i == LEXER_ITERABLE_LIMIT)
        return FAIL(lexer, ERROR_LIMIT, "more than %d iterable sections", LEXER_ITERABLE_LIMIT);
    if (i == lexer->iterable_count)
        lexer->iterable_count++;
    struct started_iterable *started = &lexer->iterables[i];
    started->section_id = lexer->section_id;
    started->condition = condition;
    strcpy(started->idstr, lexer->idstr);
    lexer->has_owner = false;
    lexer->condition = condition;
    return 0;
}

static int check_version(struct lexer *lexer, const char *what, uint32_t found, uint32_t highest,
                         uint32_t lowest)
{
    if (found > highest)
        return FAIL(lexer, ERROR_VERSION_ID, "version_id %u of \"%s\" is above the reader's %u",
                    found, what, highest);
    if (found < lowest)
        return FAIL(lexer, ERROR_VERSION_ID, "version_id %u of \"%s\" is below the reader's minimum %u",
                    found, what, lowest);
    return 0;
}

static int enter_section(struct lexer *lexer, uint32_t version_id)
{
    const struct device *device = schema_device(lexer->schema, lexer->idstr, lexer->instance_id);
    if (!device)
        return FAIL(lexer, ERROR_NO_LAYOUT,
                    "no description of section \"%s\" instance %u: its layout is not known",
                    lexer->idstr, lexer->instance_id);
    const struct structure *structure = device->structure;
    if (structure->name && check_version(lexer, structure->name, version_id, structure->version_id,
                                         structure->minimum_version_id))
        return LEXER_ERROR;
    begin_owner(lexer, lexer->section_id);
    lexer->cost->sections++;
    enter(lexer, structure, FRAME_SECTION);
    return 0;
}

LEXER_MATCH(section_version)
{
    lexer->instance_id = be32(lexer->cursor - 4);
    uint32_t version_id = be32(lexer->cursor);
    int refused = lexer->section_type == TOKEN_SECTION_START ? start_iterable(lexer, version_id)
                                                             : enter_section(lexer, version_id);
    return refused ? refused : lexer_emit(lexer, token, TOKEN_VERSION_ID, cursor);
}

LEXER_MATCH(continued_id)
{
    uint32_t section_id = be32(lexer->cursor);
    lexer->has_owner = false;
    for (unsigned i = 0; i < lexer->iterable_count; i++)
        if (lexer->iterables[i].section_id == section_id) {
            strcpy(lexer->idstr, lexer->iterables[i].idstr);
            lexer->section_id = section_id;
            lexer->condition = lexer->iterables[i].condition;
            token->idstr = lexer->iterables[i].idstr;
            return lexer_emit(lexer, token, TOKEN_SECTION_ID, cursor);
        }
    return FAIL(lexer, ERROR_SECTION_ID, "section id %u was never started", section_id);
}

LEXER_MATCH(footer)
{
    if (lexer->footers == FOOTERS_ABSENT)
        return lexer_no_footer(lexer, token);
    lexer->footers = FOOTERS_PRESENT;
    lexer->condition = yycfooter_id;
    return lexer_emit(lexer, token, TOKEN_FOOTER, cursor);
}

LEXER_RULE(no_footer)
{
    if (lexer->footers == FOOTERS_PRESENT && !left(lexer))
        return lexer_truncated(lexer);
    if (lexer->footers == FOOTERS_PRESENT)
        return FAIL(lexer, ERROR_FOOTER, "expected a section footer (7e), found %02x",
                    lexer->cursor[0]);
    looked_at(lexer, left(lexer) ? 1 : 0);
    lexer->footers = FOOTERS_ABSENT;
    lexer->condition = yycitem;
    return lexer_token(lexer, token);
}

LEXER_MATCH(footer_id)
{
    uint32_t section_id = be32(lexer->cursor);
    if (section_id != lexer->section_id)
        return FAIL(lexer, ERROR_SECTION_ID, "the footer names section %u, expected %u", section_id,
                    lexer->section_id);
    return lexer_emit(lexer, token, TOKEN_SECTION_ID, cursor);
}

/* ---- Records ----------------------------------------------------------------------------------- */

static struct frame *top(struct lexer *lexer)
{
    return &lexer->frames[lexer->depth - 1];
}

static void remember_begun(struct lexer *lexer, const struct structure *structure)
{
    if (lexer->begun_count == lexer->begun_size) {
        size_t size = lexer->begun_size ? 2 * lexer->begun_size : 64;
        const struct structure **begun = arena_alloc(lexer->arena, size * sizeof(*begun));
        if (lexer->begun_count)
            memcpy(begun, lexer->begun, lexer->begun_count * sizeof(*begun));
        lexer->begun = begun;
        lexer->begun_size = size;
    }
    lexer->begun[lexer->begun_count++] = structure;
}

LEXER_RULE(record)
{
    if (lexer->depth == SCHEMA_NESTING_LIMIT)
        return FAIL(lexer, ERROR_LIMIT, "records are nested deeper than %d", SCHEMA_NESTING_LIMIT);
    lexer->frames[lexer->depth++] = (struct frame){.structure = lexer->entering.structure,
                                                   .kind = lexer->entering.kind};
    token->structure = lexer->entering.structure;
    token->value = lexer->begun_count;
    token->field = lexer->entering.field;
    token->element = lexer->entering.element;
    remember_begun(lexer, lexer->entering.structure);
    lexer->cost->records++;
    lexer->condition = yycfield;
    return emit_mark(lexer, token, TOKEN_RECORD);
}

/* What the configuration tells about RAM: the capabilities that QEMU validates change its encoding. */
static void learn_configuration(struct lexer *lexer, const struct field *field, struct bytes data)
{
    static const char ignore_shared[] = "\x0fx-ignore-shared", mapped_ram[] = "\x0amapped-ram";
    if (strcmp(field->type, "capability") == 0) {
        lexer->ignore_shared |= data.length == sizeof(ignore_shared) - 1 &&
                                memcmp(data.data, ignore_shared, data.length) == 0;
        lexer->mapped_ram |= data.length == sizeof(mapped_ram) - 1 &&
                             memcmp(data.data, mapped_ram, data.length) == 0;
    }
    if (strcmp(field->name, "target_page_bits") == 0) {
        uint32_t bits = data.length == 4 ? be32(data.data) : 0;
        if (bits >= 10 && bits < 31)
            lexer->page_size = (uint32_t)1 << bits;
    }
}

static int null_pointer(struct lexer *lexer, uint64_t length)
{
    for (uint64_t i = 0; i < length; i++)
        if (lexer->cursor[i] != VMS_NULLPTR_MARKER)
            return FAIL(lexer, ERROR_ITEM, "expected a null pointer's marker (30), found %02x",
                        lexer->cursor[i]);
    return 0;
}

/* The wire length of the value that comes next. A counted one is counted by the four bytes before it. */
static uint64_t value_length(const struct lexer *lexer, const struct field *field)
{
    switch (field->length) {
    case LENGTH_COUNTED:
        return be32(lexer->cursor - 4);
    case LENGTH_STR8:
        return 1 + (left(lexer) ? (uint64_t)lexer->cursor[0] : 0);
    default:
        return (uint64_t)field->size * field->count;
    }
}

static int data(struct lexer *lexer, struct token *token, struct frame *frame,
                const struct field *field)
{
    uint64_t length = value_length(lexer, field);
    if (length > left(lexer))
        return truncated_bytes(lexer, field->type, length);
    if (field->null_pointer && null_pointer(lexer, length))
        return LEXER_ERROR;
    token->field = field;
    token->element = frame->element;
    lexer->cost->bytes_examined += length;
    emit_as(lexer, token, TOKEN_DATA, length, ACCOUNT_FIELD);
    if (lexer->owner_section_id == CONFIGURATION_SECTION_ID)
        learn_configuration(lexer, field, token->bytes);
    if (field->length == LENGTH_STR8)
        frame->element++;
    else
        frame->field++;
    return TOKEN_DATA;
}

/* Whether a counted array of strings has another element. */
static bool another_string(const struct lexer *lexer, struct frame *frame)
{
    if (frame->element == 0)
        frame->counted = be32(lexer->cursor - 4);
    return frame->element < frame->counted;
}

LEXER_RULE(field)
{
    struct frame *frame = top(lexer);
    const struct structure *structure = frame->structure;
    for (; frame->field < structure->field_count; frame->field++, frame->element = 0) {
        const struct field *field = &structure->fields[frame->field];
        if (field->class == FIELD_RECORD) {
            if (frame->element == field->count)
                continue;
            enter_element(lexer, field, frame->element);
            return lexer_record(lexer, token);
        }
        if (field->class == FIELD_LIST) {
            lexer->condition = yyclist;
            return lexer_token(lexer, token);
        }
        if (field->length == LENGTH_STR8 && !another_string(lexer, frame))
            continue;
        return data(lexer, token, frame, field);
    }
    if (!structure->name) /* an old-style section: QEMU looks for no subsection behind it */
        return lexer_end_of_record(lexer, token);
    lexer->condition = lexer->option->tail;
    return lexer_token(lexer, token);
}

LEXER_MATCH(list_end)
{
    struct frame *frame = top(lexer);
    token->field = &frame->structure->fields[frame->field];
    token->element = frame->element;
    frame->field++;
    frame->element = 0;
    return lexer_emit(lexer, token, TOKEN_LIST_END, cursor);
}

LEXER_MATCH(list_element)
{
    struct frame *frame = top(lexer);
    const struct field *field = &frame->structure->fields[frame->field];
    if (!field->structure)
        return FAIL(lexer, ERROR_NO_LAYOUT, "no description of the elements of list \"%s\"",
                    field->name);
    enter_element(lexer, field, frame->element);
    token->field = field;
    token->element = frame->element;
    return lexer_emit(lexer, token, TOKEN_LIST_ELEMENT, cursor);
}

/* What follows the end of the record on top: the rest of the one around it, or of the section. */
static void leave(struct lexer *lexer)
{
    enum frame_kind kind = top(lexer)->kind;
    lexer->depth--;
    switch (kind) {
    case FRAME_CONFIGURATION:
        lexer->idstr[0] = '\0';
        lexer->condition = yycitem;
        break;
    case FRAME_SECTION:
        lexer->condition = yycfooter;
        break;
    case FRAME_EMBEDDED:
        top(lexer)->element++;
        lexer->condition = yycfield;
        break;
    case FRAME_SUBSECTION: /* a subsection behind its section has nothing below it */
        lexer->condition = lexer->depth ? lexer->option->tail : yycfooter;
        break;
    }
}

LEXER_RULE(end_of_record)
{
    leave(lexer);
    return emit_mark(lexer, token, TOKEN_END);
}

LEXER_RULE(not_a_subsection)
{
    looked_at(lexer, 1);
    return lexer_end_of_record(lexer, token);
}

LEXER_MATCH(end_of_struct)
{
    if (top(lexer)->kind != FRAME_EMBEDDED)
        return lexer_not_a_subsection(lexer, token);
    leave(lexer);
    return lexer_emit(lexer, token, TOKEN_END_OF_STRUCT, cursor);
}

/* ---- Tails ------------------------------------------------------------------------------------- */

bool lexer_declares_any(const struct lexer *lexer)
{
    return lexer->frames[lexer->depth - 1].structure->subsection_count > 0;
}

bool lexer_declares_existing(const struct lexer *lexer)
{
    const struct structure *structure = lexer->frames[lexer->depth - 1].structure;
    for (size_t i = 0; i < structure->subsection_count; i++)
        if (structure->subsections[i].existing)
            return true;
    return false;
}

/* QEMU migration/vmstate.c, vmstate_subsection_load: a length byte of at least the owner's name and one
 * more, that many bytes, and the owner's name at their beginning. */
bool lexer_plausible_name(struct lexer *lexer)
{
    const char *owner = top(lexer)->structure->name;
    size_t owner_length = strlen(owner);
    if (left(lexer) < 2) {
        looked_at(lexer, left(lexer));
        return false;
    }
    size_t length = lexer->cursor[1];
    if (length < owner_length + 1 || left(lexer) - 2 < length) {
        looked_at(lexer, 2);
        return false;
    }
    looked_at(lexer, 2 + length);
    return memcmp(lexer->cursor + 2, owner, owner_length) == 0;
}

bool lexer_owner_declares_name(struct lexer *lexer)
{
    if (top(lexer)->kind != FRAME_SUBSECTION || left(lexer) < 2 ||
        left(lexer) - 2 < lexer->cursor[1])
        return false;
    char name[256] = {0};
    memcpy(name, lexer->cursor + 2, lexer->cursor[1]);
    looked_at(lexer, 2 + (size_t)lexer->cursor[1]);
    if (structure_subsection(top(lexer)->structure, name))
        return false;
    for (unsigned i = lexer->depth - 1; i > 0; i--) {
        if (structure_subsection(lexer->frames[i - 1].structure, name))
            return true;
        if (lexer->frames[i - 1].kind != FRAME_SUBSECTION)
            break;
    }
    return false;
}

LEXER_RULE(name)
{
    const uint8_t *before = lexer->cursor;
    int kind = emit_str8(lexer, token, TOKEN_NAME, lexer->name);
    if (kind == LEXER_ERROR)
        return kind;
    lexer->owner = top(lexer)->structure;
    lexer->subsection = structure_subsection(lexer->owner, lexer->name);
    if (lexer->subsection && option_sends_inline(lexer->option, lexer->subsection))
        return kind;
    lexer->cursor = before;
    return FAIL(lexer, ERROR_UNKNOWN_SUBSECTION, "subsection \"%s\" in \"%s\" does not exist",
                lexer->name, lexer->owner->name);
}

/* Checks the version of the subsection whose name was read last and enters its record. */
static int enter_subsection(struct lexer *lexer)
{
    const struct subsection *subsection = lexer->subsection;
    /* QEMU keeps the be32 in a uint8_t (vmstate_subsection_load): the upper bytes do not count. */
    uint8_t version_id = (uint8_t)be32(lexer->cursor);
    if (check_version(lexer, subsection->name, version_id, subsection->version_id,
                      subsection->minimum_version_id))
        return LEXER_ERROR;
    if (!subsection->structure)
        return FAIL(lexer, ERROR_NO_LAYOUT,
                    "subsection \"%s\" is declared, but its layout is not known: no stream given "
                    "sent it",
                    subsection->name);
    lexer->cost->subsections++;
    enter(lexer, subsection->structure, FRAME_SUBSECTION);
    return 0;
}

static int emit_subsection_version(struct lexer *lexer, struct token *token)
{
    if (enter_subsection(lexer))
        return LEXER_ERROR;
    lexer->cost->bytes_examined += 4;
    token->value = be32(lexer->cursor);
    token->subsection = lexer->subsection;
    return emit_as(lexer, token, TOKEN_VERSION_ID, 4, ACCOUNT_SUBSECTION);
}

LEXER_MATCH(subsection_version)
{
    assert(cursor == lexer->cursor + 4);
    return emit_subsection_version(lexer, token);
}

/* ---- Subsections behind their owner's section --------------------------------------------------- */

LEXER_MATCH(owner_id)
{
    uint32_t section_id = be32(lexer->cursor);
    if (!lexer->has_owner || section_id != lexer->owner_section_id)
        return FAIL(lexer, ERROR_SECTION_ID,
                    "a subsection of section %u, which is not the section before it", section_id);
    strcpy(lexer->idstr, lexer->owner_idstr);
    lexer->section_id = section_id;
    return lexer_emit(lexer, token, TOKEN_SECTION_ID, cursor);
}

LEXER_MATCH(ordinal)
{
    uint32_t ordinal = be32(lexer->cursor);
    if (ordinal >= lexer->begun_count)
        return FAIL(lexer, ERROR_SECTION_ID, "ordinal %u, but the section has only %zu records",
                    ordinal, lexer->begun_count);
    lexer->owner = lexer->begun[ordinal];
    return lexer_emit(lexer, token, TOKEN_ORDINAL, cursor);
}

LEXER_RULE(separate_name)
{
    return emit_str8(lexer, token, TOKEN_NAME, lexer->name);
}

LEXER_MATCH(separate_version)
{
    assert(cursor == lexer->cursor + 4);
    lexer->subsection = structure_subsection(lexer->owner, lexer->name);
    if (!lexer->subsection || option_sends_inline(lexer->option, lexer->subsection))
        return FAIL(lexer, ERROR_UNKNOWN_SUBSECTION, "subsection \"%s\" in \"%s\" does not exist",
                    lexer->name, lexer->owner->name ? lexer->owner->name : lexer->owner_idstr);
    lexer->section_id = lexer->owner_section_id;
    strcpy(lexer->idstr, lexer->owner_idstr);
    return emit_subsection_version(lexer, token);
}

/* ---- Commands ---------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int length; /* bytes; -1: any */
} commands[] = {
    [MIG_CMD_OPEN_RETURN_PATH] = {"open-return-path", 0},
    [MIG_CMD_PING] = {"ping", 4},
    [MIG_CMD_POSTCOPY_ADVISE] = {"postcopy-advise", -1},
    [MIG_CMD_POSTCOPY_LISTEN] = {"postcopy-listen", 0},
    [MIG_CMD_POSTCOPY_RUN] = {"postcopy-run", 0},
    [MIG_CMD_POSTCOPY_RAM_DISCARD] = {"postcopy-ram-discard", -1},
    [MIG_CMD_PACKAGED] = {"packaged", 4},
    [MIG_CMD_ENABLE_COLO] = {"enable-colo", 0},
    [MIG_CMD_POSTCOPY_RESUME] = {"postcopy-resume", 0},
    [MIG_CMD_RECV_BITMAP] = {"recv-bitmap", -1},
    [MIG_CMD_SWITCHOVER_START] = {"switchover-start", 0},
};

const char *command_name(uint16_t command)
{
    size_t count = sizeof(commands) / sizeof(commands[0]);
    return command < count && commands[command].name ? commands[command].name : NULL;
}

static void announce(struct lexer *lexer, int token, uint64_t length, int condition)
{
    lexer->payload = (struct payload){token, condition, length};
    lexer->condition = yycpayload;
}

LEXER_MATCH(command_id)
{
    lexer->idstr[0] = '\0';
    lexer->has_owner = false;
    lexer->command = be16(lexer->cursor);
    if (!command_name(lexer->command))
        return FAIL(lexer, ERROR_ITEM, "expected a command, found %04x", lexer->command);
    return lexer_emit(lexer, token, TOKEN_COMMAND_ID, cursor);
}

LEXER_MATCH(command_length)
{
    uint16_t length = be16(lexer->cursor);
    int known = commands[lexer->command].length;
    if (known >= 0 && length != known)
        return FAIL(lexer, ERROR_ITEM, "command %s has %d bytes, found a length of %u",
                    command_name(lexer->command), known, length);
    if (lexer->command == MIG_CMD_POSTCOPY_ADVISE)
        lexer->postcopy_advised = true;
    if (lexer->command == MIG_CMD_PACKAGED)
        lexer->condition = yycpackage_length;
    else
        announce(lexer, TOKEN_PAYLOAD, length, yycitem);
    return lexer_emit(lexer, token, TOKEN_COMMAND_LENGTH, cursor);
}

LEXER_MATCH(package)
{
    uint32_t length = be32(lexer->cursor);
    if ((size_t)(lexer->limit - cursor) < length)
        return FAIL(lexer, ERROR_TRUNCATED, "expected a package of %u bytes, but only %zu are left",
                    length, (size_t)(lexer->limit - cursor));
    if (lexer->package_depth == LEXER_PACKAGE_LIMIT)
        return FAIL(lexer, ERROR_LIMIT, "packages are nested deeper than %d", LEXER_PACKAGE_LIMIT);
    lexer->package_limits[lexer->package_depth++] = lexer->limit;
    lexer->limit = cursor + length;
    return lexer_emit(lexer, token, TOKEN_PACKAGE, cursor);
}

LEXER_RULE(payload)
{
    struct payload payload = lexer->payload;
    if (payload.length > left(lexer))
        return truncated_bytes(lexer, lexer_expected(lexer), payload.length);
    lexer->condition = payload.condition;
    if (payload.token == TOKEN_MAPPED_BITMAP)
        lexer->payload = lexer->mapped_pages;
    token->value = 0;
    return emit_as(lexer, token, payload.token, payload.length, account_of[payload.token]);
}

/* ---- ram --------------------------------------------------------------------------------------- */

static const struct {
    uint32_t flags; /* without RAM_SAVE_FLAG_CONTINUE */
    int token;
    int condition; /* behind it, and behind its block's name where it has one */
    bool of_block; /* a page: the name of its block follows unless the entry before named it */
} ram_entries[] = {
    {RAM_SAVE_FLAG_PAGE, TOKEN_RAM_PAGE, yycpayload, true},
    {RAM_SAVE_FLAG_ZERO, TOKEN_RAM_ZERO, yycfill, true},
    {RAM_SAVE_FLAG_XBZRLE, TOKEN_RAM_XBZRLE, yycxbzrle, true},
    {RAM_SAVE_FLAG_COMPRESS_PAGE, TOKEN_RAM_COMPRESS, yyccompressed, true},
    {RAM_SAVE_FLAG_MEM_SIZE, TOKEN_RAM_MEM_SIZE, yycblock_list, false},
    {RAM_SAVE_FLAG_EOS, TOKEN_RAM_EOS, yycfooter, false},
    {RAM_SAVE_FLAG_HOOK, TOKEN_RAM_HOOK, yycram, false},
    {RAM_SAVE_FLAG_MULTIFD_FLUSH, TOKEN_RAM_MULTIFD_FLUSH, yycram, false},
};

static void after_block(struct lexer *lexer)
{
    lexer->condition = lexer->block_bytes_left ? yycblock_list : yycram;
}

LEXER_MATCH(ram_entry)
{
    uint64_t value = be64(lexer->cursor);
    uint32_t flags = (uint32_t)value & (lexer->page_size - 1);
    bool same_block = flags & RAM_SAVE_FLAG_CONTINUE;
    size_t i = 0;
    while (i < sizeof(ram_entries) / sizeof(ram_entries[0]) &&
           ram_entries[i].flags != (flags & ~(uint32_t)RAM_SAVE_FLAG_CONTINUE))
        i++;
    if (i == sizeof(ram_entries) / sizeof(ram_entries[0]))
        return FAIL(lexer, ERROR_ITEM, "unknown combination of RAM flags %03x", flags);

    int condition = ram_entries[i].condition;
    if (ram_entries[i].of_block) {
        lexer->cost->pages++;
        lexer->payload = (struct payload){TOKEN_PAGE, yycram, lexer->page_size};
        lexer->after_block_name = condition;
        lexer->condition = same_block ? condition : yycblock_name;
    } else {
        lexer->condition = condition;
    }
    if (ram_entries[i].token == TOKEN_RAM_MEM_SIZE) {
        lexer->block_bytes_left = value - flags;
        after_block(lexer);
    }
    lexer_emit(lexer, token, ram_entries[i].token, cursor);
    token->value = value - flags;
    return ram_entries[i].token;
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

LEXER_MATCH(block_length)
{
    lexer->block_length = be64(lexer->cursor);
    if (lexer->block_length > lexer->block_bytes_left)
        return FAIL(lexer, ERROR_ITEM, "a RAM block of %llu bytes, but only %llu are left of the total",
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
    uint32_t version = be32(lexer->cursor);
    uint64_t page_size = be64(lexer->cursor + 4);
    uint64_t bitmap_offset = be64(lexer->cursor + 12);
    uint64_t pages_offset = be64(lexer->cursor + 20);
    uint64_t here = (uint64_t)(cursor - lexer->begin);
    if (version > MAPPED_RAM_HDR_VERSION || page_size < 1024 || page_size & (page_size - 1))
        return FAIL(lexer, ERROR_ITEM, "mapped-ram header version %u with page size %llu is not known",
                    version, (unsigned long long)page_size);
    if (lexer->ignore_shared && !bitmap_offset && !pages_offset) {
        /* Since QEMU 11.0: a block that is shared has neither. */
        after_block(lexer);
        return lexer_emit(lexer, token, TOKEN_MAPPED_HEADER, cursor);
    }
    uint64_t bitmap_size = (lexer->block_length / page_size + 63) / 64 * 8;
    if (bitmap_offset != here || pages_offset < here || pages_offset - here < bitmap_size)
        return FAIL(lexer, ERROR_ITEM,
                    "a mapped-ram block with its bitmap at %llu and its pages at %llu, expected them "
                    "behind its header, at %llu and %llu or later",
                    (unsigned long long)bitmap_offset, (unsigned long long)pages_offset,
                    (unsigned long long)here, (unsigned long long)(here + bitmap_size));
    uint64_t block_length = lexer->block_length;
    after_block(lexer);
    lexer->mapped_pages = (struct payload){TOKEN_MAPPED_PAGES, lexer->condition, block_length};
    announce(lexer, TOKEN_MAPPED_BITMAP, pages_offset - bitmap_offset, yycpayload);
    return lexer_emit(lexer, token, TOKEN_MAPPED_HEADER, cursor);
}

/* A compressed page: a length, and that many bytes. */
int lexer_announces_page(struct lexer *lexer, struct token *token, int kind, const uint8_t *cursor)
{
    uint32_t length = kind == TOKEN_XBZRLE_HEADER ? be16(lexer->cursor + 1) : be32(lexer->cursor);
    announce(lexer, TOKEN_PAGE, length, yycram);
    return lexer_emit(lexer, token, kind, cursor);
}

int lexer_unknown_xbzrle(struct lexer *lexer)
{
    if (left(lexer) < 3)
        return lexer_truncated(lexer);
    return FAIL(lexer, ERROR_ITEM, "expected XBZRLE encoding (01), found %02x", lexer->cursor[0]);
}

/* ---- dirty-bitmap ------------------------------------------------------------------------------ */

void lexer_chunk_ends(struct lexer *lexer)
{
    lexer->condition = lexer->chunk_flags & DIRTY_BITMAP_MIG_FLAG_EOS ? yycfooter : yycbitmap;
}

static void after_bitmap_name(struct lexer *lexer)
{
    if (lexer->chunk_flags & DIRTY_BITMAP_MIG_FLAG_START)
        lexer->condition = yycgranularity;
    else if (lexer->chunk_flags & DIRTY_BITMAP_MIG_FLAG_COMPLETE)
        lexer_chunk_ends(lexer);
    else if (lexer->chunk_flags & DIRTY_BITMAP_MIG_FLAG_BITS)
        lexer->condition = yycfirst_sector;
    else
        lexer_chunk_ends(lexer);
}

static void after_node_name(struct lexer *lexer)
{
    if (lexer->chunk_flags & DIRTY_BITMAP_MIG_FLAG_BITMAP_NAME)
        lexer->condition = yycbitmap_name;
    else
        after_bitmap_name(lexer);
}

LEXER_MATCH(bitmap_chunk)
{
    bool last = cursor[-1] & DIRTY_BITMAP_MIG_FLAG_EOS;
    lexer_emit(lexer, token, last ? TOKEN_BITMAP_LAST_CHUNK : TOKEN_BITMAP_CHUNK, cursor);
    lexer->chunk_flags = token->value;
    if (lexer->chunk_flags & DIRTY_BITMAP_MIG_FLAG_DEVICE_NAME)
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
    if (lexer->chunk_flags & DIRTY_BITMAP_MIG_FLAG_ZEROES)
        lexer_chunk_ends(lexer);
    else
        lexer->condition = yycbits_length;
}

LEXER_MATCH(bits_length)
{
    lexer_chunk_ends(lexer);
    announce(lexer, TOKEN_BITS, be64(lexer->cursor), lexer->condition);
    return lexer_emit(lexer, token, TOKEN_BITS_LENGTH, cursor);
}

/* ---- spapr/htab, s390-storage_attributes ------------------------------------------------------- */

LEXER_MATCH(htab_chunk)
{
    uint64_t valid = be16(lexer->cursor + 4);
    announce(lexer, TOKEN_HPTES, valid * HASH_PTE_SIZE_64, yychtab_chunk);
    lexer_emit(lexer, token, TOKEN_HTAB_CHUNK, cursor);
    token->value = be32(token->bytes.data);
    return TOKEN_HTAB_CHUNK;
}

LEXER_MATCH(stattr_entry)
{
    uint64_t value = be64(lexer->cursor);
    uint32_t flags = (uint32_t)value & (lexer->page_size - 1);
    int kind;
    switch (flags) {
    case STATTR_FLAG_MORE:
        lexer->condition = yycstattr_count;
        kind = TOKEN_STATTR_MORE;
        break;
    case STATTR_FLAG_DONE:
        lexer->condition = yycstattr;
        kind = TOKEN_STATTR_DONE;
        break;
    case STATTR_FLAG_EOS:
        lexer->condition = yycfooter;
        kind = TOKEN_STATTR_EOS;
        break;
    case STATTR_FLAG_ERROR:
        return FAIL(lexer, ERROR_ITEM, "the writer says that its storage attributes are incomplete");
    default:
        return FAIL(lexer, ERROR_ITEM, "unknown combination of storage attribute flags %03x", flags);
    }
    lexer_emit(lexer, token, kind, cursor);
    token->value = value - flags;
    return kind;
}

LEXER_MATCH(stattr_count)
{
    announce(lexer, TOKEN_STATTR_VALUES, be64(lexer->cursor), yycstattr);
    return lexer_emit(lexer, token, TOKEN_STATTR_COUNT, cursor);
}
