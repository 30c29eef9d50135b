/* SPDX-License-Identifier: MIT */
/*
 * The lexer outside records and iterables: the stream, sections and their footers, commands and packages.
 * It must not know what is in a record.
 */
#include "read/lexer_framing.h"

#include <string.h>

#include "read/lexer_iterable.h"
#include "read/lexer_record.h"
#include "read/other_format.h"
#include "read/told.h"
#include "read/unknowns.h"
#include "wire_rows.h"

/* ---- The stream ---------------------------------------------------------------------------------- */

int lexer_not_a_stream(struct lexer *lexer)
{
    if (lexer->cursor[0] == '{' || lexer->cursor[0] == '[')
        return FAIL(
            lexer, VMWIRE_ERROR_NOT_A_STREAM,
            "expected the magic QEVM, found JSON: a dump or a description is a schema, not a "
            "stream");
    char text[256];
    const struct vmwire_bytes bytes = {lexer->cursor, bytes_left(lexer)};
    if (describe_other_format(bytes, text, sizeof(text)))
        return FAIL(lexer, VMWIRE_ERROR_NOT_A_STREAM, "expected the magic QEVM, found %s", text);
    return FAIL(lexer, VMWIRE_ERROR_NOT_A_STREAM,
                "expected the magic QEVM: not a migration stream");
}

LEXER_MATCH(stream_version)
{
    uint32_t version = vmwire_be32(lexer->cursor);
    if (version == VMWIRE_QEMU_VM_FILE_VERSION_COMPAT)
        return FAIL(lexer, VMWIRE_ERROR_STREAM_VERSION,
                    "obsolete v2 stream: expected stream version %u",
                    lexer->option->stream_version);
    if (version != lexer->option->stream_version)
        return FAIL(lexer, VMWIRE_ERROR_STREAM_VERSION, "expected stream version %u (%s), found %u",
                    lexer->option->stream_version, lexer->option->name, version);
    if (lexer->goes_by_description && find_description(lexer))
        return LEXER_ERROR;
    return lexer_emit(lexer, token, TOKEN_VERSION, cursor);
}

/* Subsections may follow this section, and name its records by path and place. */
static void begin_owner(struct lexer *lexer, uint32_t section_id)
{
    lexer->has_owner = true;
    lexer->owner_section_id = section_id;
    memcpy(lexer->owner_idstr, lexer->idstr, sizeof(lexer->owner_idstr));
    owners_clear(&lexer->owners);
}

LEXER_MATCH(configuration)
{
    strcpy(lexer->idstr, VMWIRE_CONFIGURATION_IDSTR);
    lexer->section_id = VMWIRE_CONFIGURATION_SECTION_ID;
    lexer->instance_id = 0;
    begin_owner(lexer, VMWIRE_CONFIGURATION_SECTION_ID);
    enter_record(lexer, lexer->schema->configuration, FRAME_CONFIGURATION);
    return lexer_emit(lexer, token, TOKEN_CONFIGURATION, cursor);
}

int lexer_unknown_item(struct lexer *lexer)
{
    return FAIL(lexer, VMWIRE_ERROR_ITEM, "expected %s, found %02x", lexer_expected(lexer),
                lexer->cursor[0]);
}

LEXER_MATCH(eof)
{
    lexer->condition = lexer->package_depth ? yycpackage_rest : yycafter_eof;
    return lexer_emit(lexer, token, TOKEN_EOF, cursor);
}

LEXER_RULE(unread)
{
    token->value = 0;
    return emit_as(lexer, token, TOKEN_UNREAD, bytes_left(lexer), VMWIRE_ACCOUNT_UNREAD);
}

LEXER_MATCH(description)
{
    lexer->idstr[0] = '\0';
    size_t length = vmwire_be32(lexer->cursor + 1);
    if ((size_t)(lexer->limit - cursor) < length)
        return lexer_unread(lexer, token); /* QEMU has loaded everything and does not look */
    lexer_emit(lexer, token, TOKEN_DESCRIPTION, cursor + length);
    token->value = 1 + 4;
    return TOKEN_DESCRIPTION;
}

/* ---- Sections ------------------------------------------------------------------------------------ */

/* toplevel: whether the idstr is "IDSTR/PATH/NAME", and IDSTR that of the section before. Then `name` points to
 * NAME in `idstr`. */
static bool idstr_names_owner(struct lexer *lexer, uint32_t section_id, const char *idstr,
                              const char **name)
{
    size_t length = strlen(lexer->owner_idstr);
    if (lexer->option->subsections != VMWIRE_SUBSECTION_SECTION || !lexer->has_owner ||
        section_id != lexer->owner_section_id || strncmp(idstr, lexer->owner_idstr, length) != 0 ||
        idstr[length] != '/')
        return false;
    *name = split_path_and_name(idstr + length + 1, lexer->path);
    return *name;
}

/* The idstr, which was emitted, is two tokens: `path_length` bytes with the owner's path, and the name. */
static int emit_path_of_idstr(struct lexer *lexer, struct token *token, size_t path_length,
                              const char *name)
{
    lexer->name_length = token->bytes.length - path_length;
    lexer->cursor = token->bytes.data;
    lexer->cost->tokens--;
    lexer->cost->bytes_examined -= token->bytes.length;
    lexer->cost->accounted[token_account(TOKEN_IDSTR)] -= token->bytes.length;
    lexer_emit(lexer, token, TOKEN_PATH, lexer->cursor + path_length);
    strcpy(lexer->name, name);
    lexer->path_length = strlen(lexer->path);
    strcpy(lexer->idstr, lexer->owner_idstr);
    lexer->section_id = lexer->owner_section_id;
    lexer->path_at = (uint64_t)(token->bytes.data - lexer->begin);
    lexer->separate = true;
    lexer->condition = yycidstr_name;
    return TOKEN_PATH;
}

int take_idstr(struct lexer *lexer, struct token *token, int section_type, uint32_t section_id)
{
    char idstr[256];
    int kind = emit_str8(lexer, token, TOKEN_IDSTR, idstr);
    if (kind == LEXER_ERROR)
        return kind;
    lexer->section_type = section_type;
    const char *name;
    if (lexer->section_type == TOKEN_SECTION_FULL &&
        idstr_names_owner(lexer, section_id, idstr, &name))
        return emit_path_of_idstr(lexer, token, 1 + (size_t)(name - idstr), name);
    lexer->section_id = section_id;
    memcpy(lexer->idstr, idstr, sizeof(idstr));
    lexer->instance_id = 0;
    if (idstr[0] == '\0') {
        lexer->cursor = token->bytes.data;
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "expected an idstr, found an empty one");
    }
    lexer->condition =
        lexer->section_type == TOKEN_SECTION_START ? yycinstance_id : lexer->instance;
    return kind;
}

/* SECTION_START and SECTION_FULL share the conditions up to here; their byte tells which it was. */
LEXER_RULE(idstr)
{
    int section_type = lexer->cursor[-5] == VMWIRE_QEMU_VM_SECTION_START ? TOKEN_SECTION_START
                                                                         : TOKEN_SECTION_FULL;
    return take_idstr(lexer, token, section_type, vmwire_be32(lexer->cursor - 4));
}

static int start_iterable(struct lexer *lexer, uint32_t version_id)
{
    int condition = iterable_condition(lexer->idstr, version_id);
    if (condition < 0)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                    "no grammar for iterable section \"%s\" version %u", lexer->idstr, version_id);
    unsigned i = 0;
    while (i < lexer->iterable_count && lexer->iterables[i].section_id != lexer->section_id)
        i++;
    if (i == LEXER_ITERABLE_LIMIT)
        return FAIL(lexer, VMWIRE_ERROR_LIMIT, "more than %d iterable sections",
                    LEXER_ITERABLE_LIMIT);
    if (!lexer->iterables)
        lexer->iterables =
            vmwire_arena_alloc(lexer->arena, LEXER_ITERABLE_LIMIT * sizeof(*lexer->iterables));
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

/* Some layouts depend on how many sections of a name there are: those of "cpu" are the processors. */
static void count_section(struct lexer *lexer)
{
    const struct vmwire_layouts *layouts = lexer->schema->layouts;
    for (uint32_t i = 0; layouts && i < layouts->counted_count; i++)
        lexer->counted[i] += strcmp(layouts->counted[i], lexer->idstr) == 0;
}

static int enter_section(struct lexer *lexer, uint32_t version_id)
{
    const struct vmwire_declared_sections *declared = &lexer->declared_sections;
    lexer->as_declared =
        declared->has && declared->has(declared->context, lexer->idstr, lexer->instance_id);
    lexer->splits = lexer->splits_all || (lexer->can_split && lexer->as_declared);
    const struct vmwire_device *device =
        lexer->as_declared ? NULL
                           : vmwire_schema_device(lexer->schema, lexer->idstr, lexer->instance_id);
    const struct vmwire_structure *structure =
        device ? device->structure : find_declared(lexer, version_id);
    if (!structure)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                    "no description of section \"%s\" instance %u: its layout is not known",
                    lexer->idstr, lexer->instance_id);
    if (structure->name && (check_version(lexer, structure->name, version_id, structure->version_id,
                                          structure->minimum_version_id) ||
                            check_layout(lexer, structure, version_id)))
        return LEXER_ERROR;
    begin_owner(lexer, lexer->section_id);
    lexer->cost->sections++;
    count_section(lexer);
    enter_record(lexer, structure, FRAME_SECTION);
    lexer->entering.version_id = version_id;
    return 0;
}

int enter_content(struct lexer *lexer, uint32_t instance_id, uint32_t version_id)
{
    lexer->instance_id = instance_id;
    return lexer->section_type == TOKEN_SECTION_START ? start_iterable(lexer, version_id)
                                                      : enter_section(lexer, version_id);
}

LEXER_MATCH(section_version)
{
    int refused = enter_content(lexer, vmwire_be32(lexer->cursor - 4), vmwire_be32(lexer->cursor));
    return refused ? refused : lexer_emit(lexer, token, TOKEN_VERSION_ID, cursor);
}

LEXER_RULE(section_record)
{
    lexer->instance_id = vmwire_be32(lexer->cursor - 4);
    return enter_section(lexer, vmwire_be32(lexer->cursor)) ? LEXER_ERROR
                                                            : lexer_record(lexer, token);
}

int continue_iterable(struct lexer *lexer, struct token *token, uint32_t section_id)
{
    lexer->has_owner = false;
    for (unsigned i = 0; i < lexer->iterable_count; i++)
        if (lexer->iterables[i].section_id == section_id) {
            strcpy(lexer->idstr, lexer->iterables[i].idstr);
            lexer->section_id = section_id;
            lexer->instance_id = lexer->iterables[i].instance_id;
            lexer->condition = lexer->iterables[i].condition;
            token->idstr = lexer->iterables[i].idstr;
            return 0;
        }
    return FAIL(lexer, VMWIRE_ERROR_SECTION_ID, "section id %u was never started", section_id);
}

LEXER_MATCH(continued_id)
{
    int refused = continue_iterable(lexer, token, vmwire_be32(lexer->cursor));
    return refused ? refused : lexer_emit(lexer, token, TOKEN_SECTION_ID, cursor);
}

int begin_footer(struct lexer *lexer)
{
    if (lexer->footers == FOOTERS_ABSENT)
        return FAIL(lexer, VMWIRE_ERROR_FOOTER,
                    "expected no section footer, because the first section has none, found %02x",
                    lexer->cursor[0]);
    lexer->footers = FOOTERS_PRESENT;
    lexer->cost->footers++;
    lexer->condition = yycfooter_id;
    return 0;
}

LEXER_MATCH(footer)
{
    int refused = begin_footer(lexer);
    return refused ? refused : lexer_emit(lexer, token, TOKEN_FOOTER, cursor);
}

int lexer_no_footer(struct lexer *lexer)
{
    if (lexer->footers == FOOTERS_PRESENT && !bytes_left(lexer))
        return lexer_truncated(lexer);
    if (lexer->footers == FOOTERS_PRESENT)
        return FAIL(lexer, VMWIRE_ERROR_FOOTER, "expected a section footer (7e), found %02x",
                    lexer->cursor[0]);
    count_lookahead(lexer, bytes_left(lexer) ? 1 : 0);
    lexer->footers = FOOTERS_ABSENT;
    lexer->condition = yycitem;
    return LEXER_AGAIN;
}

int check_footer_id(struct lexer *lexer, uint32_t section_id)
{
    if (section_id == lexer->section_id)
        return 0;
    return FAIL(lexer, VMWIRE_ERROR_SECTION_ID, "the footer names section %u, expected %u",
                section_id, lexer->section_id);
}

LEXER_MATCH(footer_id)
{
    int refused = check_footer_id(lexer, vmwire_be32(lexer->cursor));
    return refused ? refused : lexer_emit(lexer, token, TOKEN_SECTION_ID, cursor);
}

/* ---- Commands ------------------------------------------------------------------------------------ */

/* The length of each command in bytes; -1: any. */
static const int command_lengths[] = {COMMAND_LENGTH_ROWS};

int begin_command(struct lexer *lexer, uint16_t command)
{
    lexer->idstr[0] = '\0';
    lexer->has_owner = false;
    lexer->command = command;
    if (vmwire_command_name(command))
        return 0;
    return FAIL(lexer, VMWIRE_ERROR_ITEM, "expected a command, found %04x", command);
}

LEXER_MATCH(command_id)
{
    int refused = begin_command(lexer, vmwire_be16(lexer->cursor));
    return refused ? refused : lexer_emit(lexer, token, TOKEN_COMMAND_ID, cursor);
}

/* QEMU takes each package out of the stream itself (loadvm_handle_cmd_packaged reads mis->from_src_file). So
 * the length and the bytes of a package within a package follow behind the outermost one. */
static int find_package(struct lexer *lexer)
{
    unsigned depth = lexer->package_depth;
    if (depth == VMWIRE_PACKAGE_NESTING_LIMIT)
        return FAIL(lexer, VMWIRE_ERROR_LIMIT, "packages are nested deeper than %d",
                    VMWIRE_PACKAGE_NESTING_LIMIT);
    if (depth) {
        lexer->outer[depth] = (struct outer){lexer->cursor, lexer->limit};
        lexer->cursor = lexer->outer[0].cursor;
        lexer->limit = lexer->outer[0].limit;
    }
    lexer->condition = yycpackage_length;
    return TOKEN_COMMAND_LENGTH;
}

int begin_payload(struct lexer *lexer, uint16_t length)
{
    int known = command_lengths[lexer->command];
    if (known >= 0 && length != known)
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "command %s has %d bytes, found a length of %u",
                    vmwire_command_name(lexer->command), known, length);
    if (lexer->command == VMWIRE_MIG_CMD_POSTCOPY_ADVISE)
        lexer->postcopy_advised = true;
    if (lexer->command == VMWIRE_MIG_CMD_POSTCOPY_RUN && lexer->package_depth)
        lexer->condition = yycpostcopy_run;
    else
        announce_payload(lexer, TOKEN_PAYLOAD, length, yycitem);
    return 0;
}

LEXER_MATCH(command_length)
{
    int refused = begin_payload(lexer, vmwire_be16(lexer->cursor));
    if (refused)
        return refused;
    lexer_emit(lexer, token, TOKEN_COMMAND_LENGTH, cursor);
    return lexer->command == VMWIRE_MIG_CMD_PACKAGED ? find_package(lexer) : TOKEN_COMMAND_LENGTH;
}

/* ---- Packages ------------------------------------------------------------------------------------ */

LEXER_MATCH(package)
{
    uint32_t length = vmwire_be32(lexer->cursor);
    if ((size_t)(lexer->limit - cursor) < length)
        return FAIL(lexer, VMWIRE_ERROR_TRUNCATED,
                    "expected a package of %u bytes, but only %zu are left", length,
                    (size_t)(lexer->limit - cursor));
    lexer->outer[0] = (struct outer){cursor + length, lexer->limit};
    lexer->package_depth++;
    lexer->limit = cursor + length;
    return lexer_emit(lexer, token, TOKEN_PACKAGE, cursor);
}

LEXER_RULE(postcopy_run)
{
    lexer->quits = true;
    return emit_mark(lexer, token, TOKEN_POSTCOPY_RUN);
}

LEXER_RULE(package_end)
{
    int kind = emit_mark(lexer, token, TOKEN_PACKAGE_END);
    const struct outer *outer = &lexer->outer[--lexer->package_depth];
    lexer->cursor = outer->cursor;
    lexer->limit = outer->limit;
    lexer->has_owner = false; /* no subsection follows its section out of the package */
    lexer->quits = lexer->quits && lexer->package_depth;
    lexer->condition = lexer->quits ? yycloadvm_quit : yycitem;
    return kind;
}

LEXER_RULE(loadvm_quit)
{
    return emit_mark(lexer, token, TOKEN_LOADVM_QUIT);
}

LEXER_RULE(payload)
{
    struct payload payload = lexer->payload;
    if (payload.length > bytes_left(lexer))
        return fail_truncated_bytes(lexer, lexer_expected(lexer), payload.length);
    lexer->condition = payload.condition;
    if (payload.token == TOKEN_MAPPED_BITMAP)
        lexer->payload = lexer->mapped_pages;
    token->value = 0;
    return emit_as(lexer, token, payload.token, payload.length, token_account(payload.token));
}
