/*
 * What the rules of grammar/stream.re call: the walk through the schema, lengths read from the
 * stream, and the sections, blocks and commands that earlier bytes have announced. What a byte
 * means is said in the rules; which option is being read is a value here, never a question.
 */
#include "lexing.h"

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

/* grammar/stream.y declares the tokens in groups, in this order. */
enum account token_account(int kind)
{
    if (kind == TOKEN_DESCRIPTION)
        return ACCOUNT_DESCRIPTION;
    if (kind == TOKEN_UNREAD)
        return ACCOUNT_UNREAD;
    if (kind >= TOKEN_BITMAP_CHUNK)
        return ACCOUNT_ITERABLE;
    if (kind >= TOKEN_RAM_MEM_SIZE)
        return ACCOUNT_RAM;
    if (kind >= TOKEN_END_OF_STRUCT)
        return ACCOUNT_SUBSECTION;
    if (kind >= TOKEN_RECORD)
        return ACCOUNT_FIELD;
    return ACCOUNT_FRAMING;
}

/* ---- Tokens and errors -------------------------------------------------------------------------
 */

void lexer_begin(struct lexer *lexer)
{
    uint32_t page_size = lexer->schema->page_size;
    bool power_of_two = page_size && (page_size & (page_size - 1)) == 0;
    /* The smallest page that leaves room for all the flags beside an address is 1 KiB. */
    lexer->page_size = power_of_two && page_size >= 1024 ? page_size : TARGET_PAGE_SIZE_DEFAULT;
    lexer->tail = lexer->chooser.takes ? yyctail_told : lexer->option->tail;
    lexer->condition = yycstream;
    lexer->cursor = lexer->begin;
    lexer->records_left = LEXER_RECORDS + 2 * (uint64_t)bytes_left(lexer);
}

int lexer_next(struct lexer *lexer, struct token *token)
{
    return lexer_token(lexer, token);
}

int lexer_emit(struct lexer *lexer, struct token *token, int kind, const uint8_t *cursor)
{
    size_t length = (size_t)(cursor - lexer->cursor);
    token->value = 0;
    if (length <= sizeof(token->value))
        for (const uint8_t *byte = lexer->cursor; byte < cursor; byte++)
            token->value = token->value << 8 | *byte;
    lexer->cost->bytes_examined += length;
    return emit_as(lexer, token, kind, length, token_account(kind));
}

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
    [yyctail_told] = "the tail of a record",
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
                lexer_expected(lexer), bytes_left(lexer),
                lexer->package_depth ? " in the package" : "");
}

int truncated_bytes(struct lexer *lexer, const char *what, uint64_t length)
{
    return FAIL(lexer, ERROR_TRUNCATED, "expected %s of %llu bytes, but only %zu are left%s", what,
                (unsigned long long)length, bytes_left(lexer),
                lexer->package_depth ? " in the package" : "");
}

/* ---- Where it is, for errors -------------------------------------------------------------------
 */

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

/* ---- Strings -----------------------------------------------------------------------------------
 */

/* The condition that expects a string of this kind; the lexer may be in the next one already. */
static int string_condition(int kind)
{
    switch (kind) {
    case TOKEN_NAME:
        return yycname;
    case TOKEN_BLOCK_NAME:
        return yycblock_name;
    case TOKEN_NODE_NAME:
        return yycnode_name;
    case TOKEN_BITMAP_NAME:
        return yycbitmap_name;
    default:
        return yycidstr;
    }
}

int emit_str8(struct lexer *lexer, struct token *token, int kind, char *text)
{
    if (bytes_left(lexer) < 1)
        return lexer_truncated(lexer);
    size_t length = lexer->cursor[0];
    if (bytes_left(lexer) - 1 < length)
        return truncated_bytes(lexer, expected[string_condition(kind)], 1 + length);
    if (text) {
        memcpy(text, lexer->cursor + 1, length);
        text[length] = '\0';
    }
    lexer_emit(lexer, token, kind, lexer->cursor + 1 + length);
    token->value = 1;
    return kind;
}

/* ---- The stream --------------------------------------------------------------------------------
 */

int lexer_not_a_stream(struct lexer *lexer)
{
    if (lexer->cursor[0] == '{' || lexer->cursor[0] == '[')
        return FAIL(
            lexer, ERROR_NOT_A_STREAM,
            "expected the magic QEVM, found JSON: a dump or a description is a schema, not a "
            "stream");
    return FAIL(lexer, ERROR_NOT_A_STREAM, "expected the magic QEVM: not a migration stream");
}

LEXER_MATCH(stream_version)
{
    uint32_t version = be32(lexer->cursor);
    if (version == QEMU_VM_FILE_VERSION_COMPAT)
        return FAIL(lexer, ERROR_STREAM_VERSION, "obsolete v2 stream: expected stream version %u",
                    lexer->option->stream_version);
    if (version != lexer->option->stream_version)
        return FAIL(lexer, ERROR_STREAM_VERSION, "expected stream version %u (%s), found %u",
                    lexer->option->stream_version, lexer->option->name, version);
    return lexer_emit(lexer, token, TOKEN_VERSION, cursor);
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
    lexer->has_owner = false; /* a package's sections end with it */
    lexer->limit = lexer->package_limits[--lexer->package_depth];
    lexer->condition = yycitem;
    return emit_mark(lexer, token, TOKEN_PACKAGE_END);
}

LEXER_MATCH(description)
{
    lexer->idstr[0] = '\0';
    size_t length = be32(lexer->cursor + 1);
    if ((size_t)(lexer->limit - cursor) < length)
        return lexer_unread(lexer, token); /* QEMU has loaded all by now and does not mind */
    lexer_emit(lexer, token, TOKEN_DESCRIPTION, cursor + length);
    return TOKEN_DESCRIPTION;
}

LEXER_RULE(unread)
{
    return emit_as(lexer, token, TOKEN_UNREAD, bytes_left(lexer), ACCOUNT_UNREAD);
}

/* ---- Sections ----------------------------------------------------------------------------------
 */

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
    /* Condition section_id comes behind both SECTION_START and SECTION_FULL; the byte tells which.
     */
    lexer->section_type =
        token->bytes.data[-5] == QEMU_VM_SECTION_START ? TOKEN_SECTION_START : TOKEN_SECTION_FULL;
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
    if (idstr[0] == '\0') {
        lexer->cursor = token->bytes.data;
        return FAIL(lexer, ERROR_ITEM, "expected an idstr, found an empty one");
    }
    lexer->condition = yycinstance_id;
    return kind;
}

static int start_iterable(struct lexer *lexer, uint32_t version_id)
{
    int condition = iterable_condition(lexer->idstr, version_id);
    if (condition < 0)
        return FAIL(lexer, ERROR_NO_LAYOUT, "no grammar for iterable section \"%s\" version %u",
                    lexer->idstr, version_id);
    unsigned i = 0;
    while (i < lexer->iterable_count && lexer->iterables[i].section_id != lexer->section_id)
        i++;
    if (i == LEXER_ITERABLE_LIMIT)
        return FAIL(lexer, ERROR_LIMIT, "more than %d iterable sections", LEXER_ITERABLE_LIMIT);
    if (!lexer->iterables)
        lexer->iterables =
            arena_alloc(lexer->arena, LEXER_ITERABLE_LIMIT * sizeof(*lexer->iterables));
    if (i == lexer->iterable_count)
        lexer->iterable_count++;
    struct started_iterable *started = &lexer->iterables[i];
    started->section_id = lexer->section_id;
    started->instance_id = lexer->instance_id;
    started->condition = condition;
    strcpy(started->idstr, lexer->idstr);
    lexer->has_owner = false;
    lexer->condition = condition;
    return 0;
}

int check_version(struct lexer *lexer, const char *what, uint32_t found, uint32_t highest,
                  uint32_t lowest)
{
    if (found > highest)
        return FAIL(lexer, ERROR_VERSION_ID, "version_id %u of \"%s\" is above the reader's %u",
                    found, what, highest);
    if (found < lowest)
        return FAIL(lexer, ERROR_VERSION_ID,
                    "version_id %u of \"%s\" is below the reader's minimum %u", found, what,
                    lowest);
    return 0;
}

/* Of all versions that a reader accepts, a description tells the layout of only one; a dump's that
 * is used at all is the same in all versions that this dump accepts. */
int check_layout(struct lexer *lexer, const struct structure *structure, uint32_t version_id)
{
    if (version_id == structure->described_version_id ||
        (structure->assumed && structure->minimum_version_id <= version_id &&
         version_id <= structure->version_id))
        return 0;
    return FAIL(lexer, ERROR_NO_LAYOUT,
                "the layout of version %u of \"%s\" is not known, only that of version %u",
                version_id, structure->name, structure->described_version_id);
}

static int enter_section(struct lexer *lexer, uint32_t version_id)
{
    const struct device *device = schema_device(lexer->schema, lexer->idstr, lexer->instance_id);
    if (!device)
        return FAIL(lexer, ERROR_NO_LAYOUT,
                    "no description of section \"%s\" instance %u: its layout is not known",
                    lexer->idstr, lexer->instance_id);
    const struct structure *structure = device->structure;
    if (structure->name && (check_version(lexer, structure->name, version_id, structure->version_id,
                                          structure->minimum_version_id) ||
                            check_layout(lexer, structure, version_id)))
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
            lexer->instance_id = lexer->iterables[i].instance_id;
            lexer->condition = lexer->iterables[i].condition;
            token->idstr = lexer->iterables[i].idstr;
            return lexer_emit(lexer, token, TOKEN_SECTION_ID, cursor);
        }
    return FAIL(lexer, ERROR_SECTION_ID, "section id %u was never started", section_id);
}

LEXER_MATCH(footer)
{
    if (lexer->footers == FOOTERS_ABSENT)
        return FAIL(lexer, ERROR_FOOTER,
                    "expected no section footer, because the first section has none, found 7e");
    lexer->footers = FOOTERS_PRESENT;
    lexer->cost->footers++;
    lexer->condition = yycfooter_id;
    return lexer_emit(lexer, token, TOKEN_FOOTER, cursor);
}

LEXER_RULE(no_footer)
{
    if (lexer->footers == FOOTERS_PRESENT && !bytes_left(lexer))
        return lexer_truncated(lexer);
    if (lexer->footers == FOOTERS_PRESENT)
        return FAIL(lexer, ERROR_FOOTER, "expected a section footer (7e), found %02x",
                    lexer->cursor[0]);
    looked_at(lexer, bytes_left(lexer) ? 1 : 0);
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

/* ---- Commands ----------------------------------------------------------------------------------
 */

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

void announce(struct lexer *lexer, int token, uint64_t length, int condition)
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
    if (lexer->package_depth == PACKAGE_NESTING_LIMIT)
        return FAIL(lexer, ERROR_LIMIT, "packages are nested deeper than %d",
                    PACKAGE_NESTING_LIMIT);
    lexer->package_limits[lexer->package_depth++] = lexer->limit;
    lexer->limit = cursor + length;
    return lexer_emit(lexer, token, TOKEN_PACKAGE, cursor);
}

LEXER_RULE(payload)
{
    struct payload payload = lexer->payload;
    if (payload.length > bytes_left(lexer))
        return truncated_bytes(lexer, lexer_expected(lexer), payload.length);
    lexer->condition = payload.condition;
    if (payload.token == TOKEN_MAPPED_BITMAP)
        lexer->payload = lexer->mapped_pages;
    token->value = 0;
    return emit_as(lexer, token, payload.token, payload.length, token_account(payload.token));
}
