/* SPDX-License-Identifier: MIT */
/*
 * The functions that all rules of the lexer share: tokens, errors, strings, versions. They must not know
 * which condition follows which.
 */
#include "read/lexer.h"

#include <stdio.h>
#include <string.h>

/* ---- Tokens -------------------------------------------------------------------------------------- */

static const char *const token_names[] = {
#include "token_names.inc"
};

const char *token_name(int token)
{
    size_t count = sizeof(token_names) / sizeof(token_names[0]);
    return token > 0 && (size_t)token < count ? token_names[token] : "the end of the stream";
}

/* grammar/stream.y declares the tokens in groups, in this order. */
enum vmwire_account token_account(int kind)
{
    if (kind == TOKEN_DESCRIPTION)
        return VMWIRE_ACCOUNT_DESCRIPTION;
    if (kind == TOKEN_UNREAD)
        return VMWIRE_ACCOUNT_UNREAD;
    if (kind >= TOKEN_BITMAP_CHUNK)
        return VMWIRE_ACCOUNT_ITERABLE;
    if (kind >= TOKEN_RAM_MEM_SIZE)
        return VMWIRE_ACCOUNT_RAM;
    if (kind >= TOKEN_END_OF_STRUCT)
        return VMWIRE_ACCOUNT_SUBSECTION;
    if (kind >= TOKEN_RECORD)
        return VMWIRE_ACCOUNT_FIELD;
    return VMWIRE_ACCOUNT_FRAMING;
}

void lexer_begin(struct lexer *lexer)
{
    uint32_t page_size = lexer->schema->page_size;
    bool power_of_two = page_size && (page_size & (page_size - 1)) == 0;
    lexer->page_size_known = power_of_two && page_size >= VMWIRE_TARGET_PAGE_SIZE_LEAST;
    lexer->page_size = lexer->page_size_known ? page_size : VMWIRE_TARGET_PAGE_SIZE_DEFAULT;
    lexer->condition = yycstream;
    lexer->cursor = lexer->begin;
    lexer->records_left = LEXER_RECORDS + 2 * (uint64_t)bytes_left(lexer);
    lexer->trials_left = LEXER_TRIALS;
    lexer->pairs_left = READINGS_PAIRS + READINGS_PAIRS_A_BYTE * (uint64_t)bytes_left(lexer);
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
    [yycframed_instance] = "an instance id (4 bytes)",
    [yycsection_record] = "a version id (4 bytes)",
    [yyccontinued_id] = "a section id (4 bytes)",
    [yycfooter] = "a section footer (7e)",
    [yycfooter_id] = "the footer's section id (4 bytes)",
    [yycrecord] = "a record",
    [yycrecord_version] = "a record's version id (4 bytes)",
    [yycfields_length] = "the length of a record's fields (4 bytes)",
    [yycfield] = "a field",
    [yyclist] = "a list element (a byte that is not 00) or its end (00)",
    [yyctail_legacy] = "the tail of a record",
    [yyctail_guarded] = "the tail of a record",
    [yyctail_heuristic] = "the tail of a record",
    [yyctail_flagday] = "the tail of a record",
    [yyctail_framed] = "a subsection (05) or the end of the record (00)",
    [yyctail_standalone] = "the tail of a record",
    [yyctail_toplevel] = "the tail of a record",
    [yyctail_consistent] = "the tail of a record",
    [yyctail_combined] = "the tail of a record",
    [yyctail_described] = "the tail of a record",
    [yyctail_asn1] = "the tail of a record",
    [yyctail_chosen] = "the tail of a record",
    [yycname] = "a subsection name (a length byte and as many bytes)",
    [yycname_version] = "a subsection's version id (4 bytes)",
    [yycframed_name] = "a subsection name (a length byte and as many bytes)",
    [yycsubsection_record] = "a subsection's version id (4 bytes)",
    [yycseparate_id] = "the section id of a subsection's owner (4 bytes)",
    [yycseparate_path] = "the path of a subsection's owner (a length byte and as many bytes)",
    [yycseparate_at] = "where a subsection's owner ends (4 bytes)",
    [yycseparate_name] = "a subsection name (a length byte and as many bytes)",
    [yycidstr_name] = "a subsection name",
    [yycinstance_at] = "where a subsection's owner ends (4 bytes)",
    [yycseparate_version] = "a subsection's version id (4 bytes)",
    [yyccommand_id] = "a command (2 bytes)",
    [yyccommand_length] = "a command's length (2 bytes)",
    [yycpackage_length] = "a package's length (4 bytes)",
    [yycpostcopy_run] = "the end of the command postcopy-run",
    [yycpackage_rest] = "the end of a package",
    [yycloadvm_quit] = "the end of a package",
    [yycpayload] = "the bytes that were announced",
    [yycram] = "a RAM entry (address and flags, 8 bytes)",
    [yycram_3] = "a RAM entry (address and flags, 8 bytes)",
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
    [yycdisk] = "a block migration entry (number and flags, 8 bytes)",
    [yycdisk_name] = "the name of a disk (a length byte and as many bytes)",
    [yycentry] = "an entry of an iterable section",
    [yycinteger] = "an INTEGER",
    [yycboolean] = "a BOOLEAN",
    [yycoctets] = "an OCTET STRING",
    [yycstring] = "an OCTET STRING",
    [yycelements] = "a SEQUENCE OF",
    [yycsubsection_list] = "a subsection",
    [yycafter_list] = "the end of the record",
};

const char *lexer_expected(const struct lexer *lexer)
{
    return expected[lexer->condition];
}

/* The length of a package stands in the stream, wherever its command stands. */
static const char *place_of_bytes(const struct lexer *lexer)
{
    bool packaged = lexer->package_depth && lexer->condition != yycpackage_length;
    return packaged ? " in the package" : "";
}

int lexer_truncated(struct lexer *lexer)
{
    return FAIL(lexer, VMWIRE_ERROR_TRUNCATED, "expected %s, but only %zu bytes are left%s",
                lexer_expected(lexer), bytes_left(lexer), place_of_bytes(lexer));
}

int fail_truncated_bytes(struct lexer *lexer, const char *what, uint64_t length)
{
    return FAIL(lexer, VMWIRE_ERROR_TRUNCATED, "expected %s of %llu bytes, but only %zu are left%s",
                what, (unsigned long long)length, bytes_left(lexer), place_of_bytes(lexer));
}

void announce_payload(struct lexer *lexer, int token, uint64_t length, int condition)
{
    lexer->payload = (struct payload){token, condition, length};
    lexer->condition = yycpayload;
}

void enter_record(struct lexer *lexer, const struct vmwire_structure *structure,
                  enum frame_kind kind)
{
    lexer->entering.structure = structure;
    lexer->entering.kind = kind;
    lexer->entering.field = NULL;
    lexer->entering.element = 0;
    lexer->entering.version_id = structure->version_id;
    lexer->condition = yycrecord;
}

struct text {
    char *text;
    size_t size, length;
};

static void append_text(struct text *text, const char *part)
{
    size_t length = strlen(part);
    if (length > text->size - 1 - text->length)
        length = text->size - 1 - text->length;
    memcpy(text->text + text->length, part, length);
    text->length += length;
    text->text[text->length] = '\0';
}

static void append_field(struct text *text, const struct frame *frame)
{
    const struct layout_group *group = frame->group;
    if (frame->field >= (group ? group->field_count : frame->structure->field_count))
        return;
    const struct vmwire_field *field = group ? NULL : &frame->structure->fields[frame->field];
    const char *name = group ? group->fields[frame->field].name : field->name;
    char index[32] = "";
    int64_t element = group ? frame->element : shown_element(field, frame->element);
    if (element >= 0)
        snprintf(index, sizeof(index), "[%lld]", (long long)element);
    if (text->length)
        append_text(text, ".");
    append_text(text, name);
    append_text(text, index);
}

void lexer_locate(const struct lexer *lexer, struct vmwire_error *error)
{
    if (lexer->idstr[0])
        snprintf(error->section, sizeof(error->section), "\"%s\" instance %u", lexer->idstr,
                 lexer->instance_id);
    struct text path = {error->path, sizeof(error->path), 0};
    if (lexer->separate)
        append_text(&path, lexer->path);
    for (unsigned i = 0; i < lexer->depth; i++) {
        const struct frame *frame = &lexer->frames[i];
        if (frame->kind == FRAME_SUBSECTION) {
            if (path.length)
                append_text(&path, ".");
            append_text(&path, frame->structure->name ? frame->structure->name : "?");
        }
        bool last = i + 1 == lexer->depth;
        bool goes_on = !last && (lexer->frames[i + 1].kind == FRAME_EMBEDDED ||
                                 lexer->frames[i + 1].kind == FRAME_GROUP);
        if (last || goes_on)
            append_field(&path, frame);
    }
}

/* The condition that expects a string of this kind. lexer->condition will not do: it may be the next one
 * already. */
static int string_condition(int kind)
{
    switch (kind) {
    case TOKEN_PATH:
        return yycseparate_path;
    case TOKEN_NAME:
        return yycname;
    case TOKEN_BLOCK_NAME:
        return yycblock_name;
    case TOKEN_NODE_NAME:
        return yycnode_name;
    case TOKEN_BITMAP_NAME:
        return yycbitmap_name;
    case TOKEN_DISK_NAME:
        return yycdisk_name;
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
        return fail_truncated_bytes(lexer, expected[string_condition(kind)], 1 + length);
    if (text) {
        memcpy(text, lexer->cursor + 1, length);
        text[length] = '\0';
    }
    lexer_emit(lexer, token, kind, lexer->cursor + 1 + length);
    token->value = 1;
    return kind;
}

int check_version(struct lexer *lexer, const char *what, uint32_t found, uint32_t highest,
                  uint32_t lowest)
{
    if (found > highest)
        return FAIL(lexer, VMWIRE_ERROR_VERSION_ID,
                    "version_id %u of \"%s\" is above the reader's %u", found, what, highest);
    if (found < lowest)
        return FAIL(lexer, VMWIRE_ERROR_VERSION_ID,
                    "version_id %u of \"%s\" is below the reader's minimum %u", found, what,
                    lowest);
    return 0;
}

/* A description tells the layout of one version only, although the reader may accept others. A layout that
 * a dump tells is the same in all versions that the dump accepts, and one that a program declares says what differs. */
int check_layout(struct lexer *lexer, const struct vmwire_structure *structure, uint32_t version_id)
{
    if (version_id == structure->described_version_id ||
        ((structure->assumed || structure->declared) &&
         structure->minimum_version_id <= version_id && version_id <= structure->version_id))
        return 0;
    return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                "the layout of version %u of \"%s\" is not known, only that of version %u",
                version_id, structure->name, structure->described_version_id);
}
