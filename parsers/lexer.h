/*
 * Private to the reader: the lexer turns bytes and a schema into the tokens of grammar/stream.y. It
 * walks the schema by itself and is never steered by the grammar, which may run one token late.
 */
#ifndef VMWIRE_LEXER_H
#define VMWIRE_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "bytes.h"
#include "cost.h"
#include "error.h"
#include "option.h"
#include "reader.h"
#include "schema.h"
#include "stream.conditions.h" /* made by re2c of grammar/stream.re */
#include "stream.h"            /* made by lemon of grammar/stream.y: TOKEN_... */
#include "wire.h"

struct token {
    struct bytes bytes; /* where it stands; length 0 for the marks that have no bytes */
    uint64_t value; /* the integer that it carries; of RECORD and ORDINAL the ordinal; of a string
                       the number of bytes that stand before it: its length byte and, of a NAME
                       in a toplevel section, the owner's idstr */
    const struct field *field; /* DATA, LIST_ELEMENT, LIST_END; RECORD, if embedded */
    union {
        const struct structure *structure;   /* RECORD */
        const struct subsection *subsection; /* VERSION_ID of a subsection */
        const char *idstr;                   /* SECTION_ID of a part or an end */
    };
    uint32_t element; /* which element of its field */
    int kind;         /* TOKEN_... */
};

enum {
    LEXER_ERROR = -1,          /* instead of a token: the error is set */
    LEXER_RECORDS = 1 << 14,   /* that a stream may have, besides 2 for each of its bytes */
    LEXER_ITERABLE_LIMIT = 64, /* iterable sections that were started: QEMU has one per kind */
};

/* What a record is to the one around it: says what follows its end. */
enum frame_kind { FRAME_CONFIGURATION, FRAME_SECTION, FRAME_EMBEDDED, FRAME_SUBSECTION };

struct frame {
    const struct structure *structure;
    enum frame_kind kind;
    size_t field;     /* the next one */
    uint32_t element; /* the next one within it */
    uint32_t counted; /* elements of a LENGTH_STR8 field that are left */
};

struct started_iterable {
    uint32_t section_id;
    uint32_t instance_id;
    int condition;
    char idstr[256];
};

struct lexer {
    const struct protocol_option *option;
    const struct schema *schema;
    struct cost *cost;
    struct error *error;
    struct arena *arena; /* for what lives as long as the stream */
    struct tail_observer observer;
    struct tail_chooser chooser;
    int tail; /* the condition at a tail */

    /* Where it is in the bytes. */
    const uint8_t *begin, *cursor, *limit;
    const uint8_t *package_limits[PACKAGE_NESTING_LIMIT]; /* the limits outside the packages */
    unsigned package_depth;

    uint64_t records_left; /* a schema of records without bytes costs no more than this */

    /* Where it is in the stream. */
    int condition;
    int section_type; /* TOKEN_SECTION_... of the section being read */
    uint32_t section_id;
    uint32_t instance_id;
    char idstr[256]; /* of the section being read, as a C string */
    enum { FOOTERS_UNKNOWN, FOOTERS_PRESENT, FOOTERS_ABSENT } footers;
    struct started_iterable *iterables; /* NULL: none was started */
    unsigned iterable_count;

    /* Where it is in the schema. */
    struct frame frames[SCHEMA_NESTING_LIMIT];
    unsigned depth; /* frames in use */
    struct {        /* the record that begins next */
        const struct structure *structure;
        enum frame_kind kind;
        const struct field *field; /* of an embedded one */
        uint32_t element;
    } entering;
    const struct structure *owner;       /* of the subsection whose header is being read */
    const struct subsection *subsection; /* the one whose name was read last */
    char name[256];                      /* that name, as a C string */

    /* The structures of the last section by ordinal, for subsections sent behind it. */
    bool has_owner; /* a full section or the configuration, and nothing else, came last */
    uint32_t owner_section_id;
    char owner_idstr[256];
    const struct structure **begun;
    size_t begun_count, begun_room;

    /* What the configuration and commands told about RAM. */
    bool ignore_shared, mapped_ram, postcopy_advised;
    uint32_t page_size;
    uint64_t block_bytes_left; /* of the block list's total */
    uint64_t block_length;     /* of the block whose name was read last */
    bool block_named;          /* a page that names its block has been read */
    int after_block_name;      /* the condition that follows the name of a page's block */
    uint64_t chunk_flags;      /* of the dirty-bitmap chunk being read */

    /* The run of bytes that comes next, in the condition `payload`. */
    struct payload {
        int token;
        int condition; /* behind it */
        uint64_t length;
    } payload, mapped_pages;

    uint16_t command;
};

void lexer_begin(struct lexer *lexer);

/* The next token's kind (TOKEN_..., 0 at the end of the stream), or LEXER_ERROR. */
int lexer_next(struct lexer *lexer, struct token *token);

/* What the condition that the lexer is in expects, in words. */
const char *lexer_expected(const struct lexer *lexer);

/* The name of a token as the grammar spells it. */
const char *token_name(int token);

/* Back to the end of the record that the last token, an END, has left: for an error's path only. */
void lexer_return_to_record(struct lexer *lexer);

/* Sets error->section and error->path to where the lexer is. */
void lexer_locate(const struct lexer *lexer, struct error *error);

/*
 * What the rules of grammar/stream.re call. `cursor` is the end of the bytes that the rule matched;
 * each returns a token's kind or LEXER_ERROR, and where the rule names no condition, sets it.
 */
int lexer_token(struct lexer *lexer, struct token *token);
int lexer_emit(struct lexer *lexer, struct token *token, int kind, const uint8_t *cursor);

#define LEXER_RULE(name) int lexer_##name(struct lexer *lexer, struct token *token)
#define LEXER_MATCH(name)                                                                          \
    int lexer_##name(struct lexer *lexer, struct token *token, const uint8_t *cursor)

int lexer_not_a_stream(struct lexer *lexer);
int lexer_unknown_item(struct lexer *lexer);
int lexer_unknown_xbzrle(struct lexer *lexer);
int lexer_truncated(struct lexer *lexer);
LEXER_MATCH(stream_version);
LEXER_MATCH(configuration);
LEXER_RULE(end_of_items);
LEXER_MATCH(description);
LEXER_RULE(unread);
LEXER_RULE(idstr);
LEXER_MATCH(section_version);
LEXER_MATCH(continued_id);
LEXER_MATCH(footer);
LEXER_RULE(no_footer);
LEXER_MATCH(footer_id);
LEXER_RULE(record);
LEXER_RULE(field);
LEXER_MATCH(list_end);
LEXER_MATCH(list_element);
LEXER_RULE(end_of_record);
LEXER_RULE(not_a_subsection);
LEXER_MATCH(end_of_struct);
LEXER_RULE(name);
LEXER_MATCH(subsection_version);
LEXER_MATCH(owner_id);
LEXER_MATCH(ordinal);
LEXER_RULE(separate_name);
LEXER_MATCH(separate_version);
LEXER_MATCH(command_id);
LEXER_MATCH(command_length);
LEXER_MATCH(package);
LEXER_RULE(payload);
LEXER_MATCH(ram_entry);
LEXER_RULE(block_name);
LEXER_RULE(listed_block);
LEXER_MATCH(block_length);
LEXER_MATCH(mapped_header);
int lexer_announces_page(struct lexer *lexer, struct token *token, int kind, const uint8_t *cursor);
LEXER_MATCH(bitmap_chunk);
LEXER_RULE(node_name);
LEXER_RULE(bitmap_name);
LEXER_MATCH(bits_length);
LEXER_MATCH(htab_chunk);
LEXER_MATCH(stattr_entry);
LEXER_MATCH(stattr_count);
void lexer_after_page_size(struct lexer *lexer);
void lexer_after_address(struct lexer *lexer);
void lexer_chunk_ends(struct lexer *lexer);
void lexer_after_sectors(struct lexer *lexer);

/* The questions that the tail rules ask. None of them moves the lexer. */
bool lexer_declares_any(const struct lexer *lexer);
bool lexer_declares_existing(const struct lexer *lexer);
bool lexer_plausible_name(struct lexer *lexer);
bool lexer_owner_declares_name(struct lexer *lexer);
bool lexer_is_told(const struct lexer *lexer);

#endif
