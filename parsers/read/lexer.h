/*
 * Private to the reader: the lexer turns bytes and a schema into the tokens of grammar/stream.y. It
 * walks the schema by itself and is never steered by the grammar, which may run one token late.
 *
 * Here are its state and the functions that all rules of grammar/stream.re share. The rules of one kind
 * are in lexer_framing.h, lexer_record.h and lexer_iterable.h.
 */
#ifndef VMWIRE_READ_LEXER_H
#define VMWIRE_READ_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "stream.conditions.h" /* made by re2c of grammar/stream.re */
#include "stream.h"            /* made by lemon of grammar/stream.y: TOKEN_... */
#include "vmwire/reader.h"
#include "vmwire/wire.h"

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
    LEXER_AGAIN = -2,          /* instead of a token: the condition has changed, look again */
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
    int tail; /* the condition at a tail (read/parsers.h) */

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

/* Sets the lexer at the beginning of the stream. */
void lexer_begin(struct lexer *lexer);

/* The condition that the lexer is in expects this, in words. */
const char *lexer_expected(const struct lexer *lexer);

/* The name of a token as the grammar spells it. */
const char *token_name(int token);

/* Sets error->section and error->path to where the lexer is. */
void lexer_locate(const struct lexer *lexer, struct error *error);

/* ---- What the rules share -------------------------------------------------------------------------- */

/* Bytes up to the end of the input, or of the package. */
static inline size_t bytes_left(const struct lexer *lexer)
{
    return (size_t)(lexer->limit - lexer->cursor);
}

/* Bytes from the start of the stream. */
static inline uint64_t lexer_offset(const struct lexer *lexer)
{
    return (uint64_t)(lexer->cursor - lexer->begin);
}

/* Sets the error at the cursor; an expression that is LEXER_ERROR. */
#define FAIL(lexer, kind, ...)                                                                     \
    (error_set((lexer)->error, kind, lexer_offset(lexer), __VA_ARGS__), LEXER_ERROR)

/* Counts bytes that were looked at before it was known what they are. */
static inline void count_lookahead(struct lexer *lexer, size_t length)
{
    lexer->cost->bytes_examined += length;
    if (length > lexer->cost->longest_lookahead)
        lexer->cost->longest_lookahead = length;
}

/* Emits the next `length` bytes as a token. Does not count them as examined, sets no value. */
static inline int emit_as(struct lexer *lexer, struct token *token, int kind, size_t length,
                          enum account account)
{
    token->bytes.data = lexer->cursor;
    token->bytes.length = length;
    lexer->cursor += length;
    lexer->cost->tokens++;
    lexer->cost->accounted[account] += length;
    return kind;
}

/* A token without bytes. */
static inline int emit_mark(struct lexer *lexer, struct token *token, int kind)
{
    return emit_as(lexer, token, kind, 0, ACCOUNT_FRAMING);
}

/* What a token's bytes are part of. */
enum account token_account(int kind);

/* Emits the bytes up to `cursor`, the end of those that the rule matched, as a token; of up to eight bytes
 * the value is their integer. */
int lexer_emit(struct lexer *lexer, struct token *token, int kind, const uint8_t *cursor);

/* A length byte and as many bytes; `text` (256 bytes, or NULL) receives them up to a NUL, as a C
 * string. */
int emit_str8(struct lexer *lexer, struct token *token, int kind, char *text);

/* The next `length` bytes are one token; `condition` comes behind them. */
void announce_payload(struct lexer *lexer, int token, uint64_t length, int condition);

/* The input ends within the token that the condition expects, or before `length` bytes of `what`. */
int lexer_truncated(struct lexer *lexer);
int fail_truncated_bytes(struct lexer *lexer, const char *what, uint64_t length);

int check_version(struct lexer *lexer, const char *what, uint32_t found, uint32_t highest,
                  uint32_t lowest);

/* 0 where the structure's layout is that of this version, LEXER_ERROR otherwise. */
int check_layout(struct lexer *lexer, const struct structure *structure, uint32_t version_id);

/*
 * The functions that the rules call. `cursor` is the end of the bytes that the rule matched; each returns a
 * token's kind, LEXER_ERROR or LEXER_AGAIN, and where the rule names no condition, sets it.
 */
#define LEXER_RULE(name) int lexer_##name(struct lexer *lexer, struct token *token)
#define LEXER_MATCH(name)                                                                          \
    int lexer_##name(struct lexer *lexer, struct token *token, const uint8_t *cursor)

#endif
