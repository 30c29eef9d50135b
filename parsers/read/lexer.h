/* SPDX-License-Identifier: MIT */
/*
 * The lexer turns bytes and a schema into the tokens of grammar/stream.y. This file has its state and the
 * functions that all rules of grammar/stream.re share; lexer_framing.h, lexer_record.h, lexer_ram.h and lexer_iterable.h
 * have those of one kind of rule each. The lexer walks the schema by itself. It must not know what the
 * grammar's actions build: they may run one token late.
 */
#ifndef VMWIRE_READ_LEXER_H
#define VMWIRE_READ_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/owners.h"
#include "read/counted_readings.h"
#include "schema/layout.h"
#include "stream.conditions.h" /* made by re2c of grammar/stream.re */
#include "stream.h"            /* made by lemon of grammar/stream.y: TOKEN_... */
#include "vmwire/reader.h"
#include "vmwire/wire.h"

struct lexer;
struct token;

/* Reads one token (lexer_rules.h). */
typedef int token_rules(struct lexer *lexer, struct token *token);

struct token {
    struct vmwire_bytes
        bytes; /* length 0: a mark, which has no bytes; asn1: what DER stands for, where that
                                  has other bytes */
    const uint8_t *at; /* where it begins in the stream */
    uint64_t
        value; /* the integer in the bytes; RECORD, AT: the number of the record in `owners`; a string:
                       how many bytes stand before it, its length byte for one */
    const struct vmwire_field *field; /* DATA, LIST_ELEMENT, LIST_END; RECORD, if embedded */
    union {
        const struct vmwire_structure *structure;   /* RECORD */
        const struct vmwire_subsection *subsection; /* VERSION_ID of a subsection */
        const char *idstr;                          /* SECTION_ID of a part or an end */
    };
    uint32_t element; /* of the field */
    int kind;         /* TOKEN_... */
};

enum {
    LEXER_ERROR = -1,         /* instead of a token: the error is set */
    LEXER_AGAIN = -2,         /* instead of a token: the condition has changed, look again */
    LEXER_ASKS = -3,          /* instead of a token: a trial must choose (read/unknowns.h) */
    LEXER_SPLIT = -4,         /* instead of a token: the field that a trial is about has ended */
    LEXER_TRIALS = 1 << 25,   /* tokens of a stream that are tried (read/unknowns.h) */
    SECTION_TRIALS = 1 << 22, /* likewise of a section, or of a field that is split */
    LEXER_RECORDS = 1 << 14,  /* a stream may have so many records, and 2 more for each byte */
    /* DER: of each record its SubSection, its SEQUENCE and two lists; of each package two values, and an item */
    LEXER_DER_NESTING_LIMIT =
        4 * VMWIRE_SCHEMA_NESTING_LIMIT + 2 * VMWIRE_PACKAGE_NESTING_LIMIT + 2,
    LEXER_ITERABLE_LIMIT = 64, /* iterable sections of a stream; QEMU has one of each kind */
};

/* What holds a record: this decides what follows its end. A group is part of a field of a private encoding, and no record:
 * `structure` is the one around it. */
enum frame_kind {
    FRAME_CONFIGURATION,
    FRAME_SECTION,
    FRAME_EMBEDDED,
    FRAME_SUBSECTION,
    FRAME_GROUP,
};

/* What the description says of a record, and how far the reader has come in it. */
struct told {
    const struct vmwire_structure *structure; /* NULL: nothing */
    size_t field;    /* the one that told the last embedded record, or may tell the next one */
    int64_t element; /* of it: the last one that was told */
    size_t sent;     /* how many of its subsections were read */
};

struct frame {
    const struct vmwire_structure *structure;
    enum frame_kind kind;
    size_t field;     /* the next field */
    uint32_t element; /* the next element of it */
    uint32_t counted; /* elements of a VMWIRE_LENGTH_STR8 field */
    /* What the next field depends on, and what is known of it. Where the layout depends on nothing, only the field's own
     * numbers count. */
    uint32_t version_id;
    size_t resolved;      /* one more than the field whose count and size these are; 0: none */
    uint32_t count, size; /* its elements, and the bytes of one */
    bool marked;          /* the marker of its next element was read */
    uint32_t known;       /* a bit for each slot */
    uint32_t slots[VMWIRE_SLOTS];
    size_t numbers;   /* how many of those of the structure's facts are known */
    bool in_elements; /* asn1: within the SEQUENCE OF of this field */
    size_t owner;     /* its number in `owners`, where these are kept */
    /* Where the option frames records: where the fields must end, and where those around this record do. NULL:
     * nothing says so. */
    const uint8_t *fields_end, *limit;
    struct told told; /* what the description says of this record */
    /* Where fields of private encodings are split. */
    const struct known_name *names;         /* those that were known before it */
    const struct layout_group *group;       /* FRAME_GROUP */
    bool exact;                             /* FRAME_GROUP: it must end at `group_end` */
    const uint8_t *group_begin, *group_end; /* NULL: nothing outside of it tells its end */
};

struct started_iterable {
    uint32_t section_id;
    uint32_t instance_id;
    int condition;
    char idstr[256];
};

struct lexer {
    bool passed_unsteady; /* groups: in another state other fields could stand here */
    const struct vmwire_option *option;
    const struct vmwire_schema *schema;
    struct vmwire_cost *cost;
    struct vmwire_error *error;
    struct vmwire_arena *arena; /* freed when the whole stream is read */
    struct vmwire_arena
        *values; /* of the items: for what DER stands for, and fields that were made */
    struct vmwire_tail_observer observer;
    struct vmwire_tail_chooser chooser;
    struct vmwire_declared_sections declared_sections;
    bool as_declared;   /* this section is one of them */
    token_rules *rules; /* read/parsers.h */
    int tail;           /* the condition at a tail (read/parsers.h) */
    int record,
        instance; /* likewise where a record begins, and where a full section has its instance */

    /* The place in the bytes. */
    const uint8_t *begin, *cursor, *limit;
    /* What is read on when a package has ended: the stream itself, then the packages around the innermost
     * one. */
    struct outer {
        const uint8_t *cursor, *limit;
    } outer[VMWIRE_PACKAGE_NESTING_LIMIT];
    unsigned package_depth;
    bool quits; /* the command postcopy-run ends all open packages */

    uint64_t records_left; /* bounds the cost of a schema whose records have no bytes */

    /* The place in the stream. */
    int condition;
    int section_type; /* TOKEN_SECTION_... of this section, as are the next three */
    uint32_t section_id;
    uint32_t instance_id;
    char idstr[256]; /* a C string */
    enum { FOOTERS_UNKNOWN, FOOTERS_PRESENT, FOOTERS_ABSENT } footers;
    struct started_iterable *iterables; /* NULL: none */
    unsigned iterable_count;
    uint32_t counted[LAYOUT_COUNTED]; /* full sections that were read, by their idstr */

    /* The place in the schema. */
    struct frame frames[VMWIRE_SCHEMA_NESTING_LIMIT];
    unsigned depth; /* frames in use */
    struct {        /* the next record */
        const struct vmwire_structure *structure;
        enum frame_kind kind;
        const struct vmwire_field *field; /* FRAME_EMBEDDED: the field that holds it */
        uint32_t element;
        uint32_t version_id;
    } entering;
    /* What nothing on the wire tells of the section that is read (read/unknowns.h). */
    struct unknowns {
        const uint32_t *chosen;
        size_t count, next;
        bool asking;   /* this is a trial: the next members are for it */
        bool answered; /* what was asked has this answer */
        uint32_t answer, limit;
        const char *what;   /* was asked last */
        uint64_t checked;   /* bytes of values that were looked at for the last token */
        const uint8_t *end; /* where the record is to end; NULL: that is not known */
        unsigned
            split; /* the depth of the field that the trial is about; 0: it is about a section */
        bool
            missed; /* an earlier field that tells something was not there, or sections were counted */
        bool
            refused_at_tail; /* what looks like a subsection was refused: it can be data that misleads QEMU */
    } unknowns;
    bool takes_any; /* trials do not ask whether a writer sends such values (read/private_ways.h) */
    bool can_split, splits_all;
    bool splits; /* in this section fields of private encodings are split (read/groups.h) */
    bool
        keeps_names; /* in this section: the next members are lists, the last one first (read/known_names.h) */
    const struct known_name *names;             /* fields that later ones may refer to */
    const struct known_answer *answers;         /* what only QEMU's code knows */
    uint64_t trials_left;                       /* how many more tokens may be tried */
    const struct vmwire_structure *owner;       /* whose subsection's header this is */
    const struct vmwire_subsection *subsection; /* whose name was read last */
    bool goes_by_description;
    const struct vmwire_schema
        *description;     /* tells which subsections were sent; NULL: not read yet */
    size_t told_sections; /* sections that it has told, in the order of the stream */
    char name[256];       /* that name, a C string */

    /* The readings of the section that is read. */
    bool counts_readings; /* the option goes by them */
    struct readings readings;
    const struct vmwire_subsection
        *told; /* by them: the subsection that begins; NULL: the name tells it */
    uint64_t
        pairs_left; /* how many more pairs of a byte and a place the counts of this stream may go over */
    uint64_t readings_allocated, readings_peak; /* bytes, to count them */

    /* The owners of subsections that follow their section: the last full section, or the configuration. */
    bool has_owner; /* nothing else has followed it */
    uint32_t owner_section_id;
    char owner_idstr[256];
    bool keeps_owners;      /* the option sends subsections behind their section */
    struct owners owners;   /* the records of the section, and of the subsections behind it */
    uint64_t record_begins; /* the offset of the item's record */
    bool separate;          /* this item is such a subsection: the next members tell whose */
    char path[OWNER_PATH_LIMIT + 1]; /* of the owner */
    size_t path_length;
    uint64_t path_at, name_at; /* the offsets of path and name */
    size_t owner_number;
    size_t name_length; /* of the name in an idstr */

    /* The encoding of RAM, as the configuration and commands set it. */
    bool ignore_shared, mapped_ram, postcopy_advised;
    uint32_t page_size;
    bool page_size_known;      /* the description or the configuration tells it */
    uint64_t searched_to;      /* the bytes before this offset were read to find the page size */
    uint64_t block_bytes_left; /* the block list's total less the blocks read */
    uint64_t block_length;     /* of the block whose name was read last */
    bool block_named;          /* an earlier page named its block */
    int after_block_name;      /* the condition behind the name of a page's block */
    uint64_t chunk_flags;      /* of the current chunk of a dirty bitmap or of a disk */
    size_t chunk_part;         /* the next part of it that may follow (lexer_iterable.c) */

    /* The run of bytes that comes next, for the condition `payload`. */
    struct payload {
        int token;
        int condition; /* behind the run */
        uint64_t length;
    } payload, mapped_pages;

    uint16_t command;

    /* asn1. `limit` is the end of the innermost value that holds others; these are the ends around it. */
    const uint8_t *limits[LEXER_DER_NESTING_LIMIT];
    unsigned limit_count;
    int expects; /* the condition of this token; `condition` may be the next one already */
    uint64_t last_integer; /* counts what is in the next field */
    int entry_condition;   /* of the next entry of an iterable section */
    bool in_entry;
};

/* Sets the lexer at the beginning of the stream. */
void lexer_begin(struct lexer *lexer);

/* Says in words which bytes the lexer expects next. */
const char *lexer_expected(const struct lexer *lexer);

/* The name of a token as the grammar spells it. */
const char *token_name(int token);

/* Sets error->section and error->path to where the lexer is. */
void lexer_locate(const struct lexer *lexer, struct vmwire_error *error);

/* ---- For all rules ------------------------------------------------------------------------------- */

/* Bytes up to the end of the input or of the package. */
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
    (vmwire_error_set((lexer)->error, kind, lexer_offset(lexer), __VA_ARGS__), LEXER_ERROR)

/* Counts bytes that the lexer examines before it knows what they are. */
static inline void count_lookahead(struct lexer *lexer, size_t length)
{
    lexer->cost->bytes_examined += length;
    if (length > lexer->cost->longest_lookahead)
        lexer->cost->longest_lookahead = length;
}

/* Emits the next `length` bytes as a token. Sets no value, and does not count the bytes as examined: RAM
 * pages are skipped. */
static inline int emit_as(struct lexer *lexer, struct token *token, int kind, size_t length,
                          enum vmwire_account account)
{
    token->bytes.data = token->at = lexer->cursor;
    token->bytes.length = length;
    lexer->cursor += length;
    lexer->cost->tokens++;
    lexer->cost->accounted[account] += length;
    return kind;
}

/* Emits a token without bytes. */
static inline int emit_mark(struct lexer *lexer, struct token *token, int kind)
{
    return emit_as(lexer, token, kind, 0, VMWIRE_ACCOUNT_FRAMING);
}

/* The account to which a token's bytes are charged. */
enum vmwire_account token_account(int kind);

/* Emits the bytes up to `cursor` as a token. Its value is their integer, if they are eight or fewer. */
int lexer_emit(struct lexer *lexer, struct token *token, int kind, const uint8_t *cursor);

/* Emits a length byte and as many bytes as a token. Copies them to `text` (256 bytes, or NULL) as a C
 * string. */
int emit_str8(struct lexer *lexer, struct token *token, int kind, char *text);

/* Makes the next `length` bytes one token; `condition` follows them. */
void announce_payload(struct lexer *lexer, int token, uint64_t length, int condition);

/* Makes a record of this structure the next thing to read. */
void enter_record(struct lexer *lexer, const struct vmwire_structure *structure,
                  enum frame_kind kind);

/* Set the error: the input ends within the token that the condition expects, or within the `length` bytes of
 * `what`. Both return LEXER_ERROR. */
int lexer_truncated(struct lexer *lexer);
int fail_truncated_bytes(struct lexer *lexer, const char *what, uint64_t length);

/* Whether the next token can begin the content of a section of RAM. */
static inline bool lexer_begins_ram(const struct lexer *lexer)
{
    return lexer->condition == yycram ||
           (lexer->condition == yycentry && lexer->entry_condition == yycram);
}

/* 0 where `lowest` <= `found` <= `highest`, LEXER_ERROR otherwise. */
int check_version(struct lexer *lexer, const char *what, uint32_t found, uint32_t highest,
                  uint32_t lowest);

/* 0 where the structure's layout is that of this version, LEXER_ERROR otherwise. */
int check_layout(struct lexer *lexer, const struct vmwire_structure *structure,
                 uint32_t version_id);

/*
 * Declare a function that a rule of grammar/stream.re calls. `cursor` is the end of the bytes that the rule
 * matched. The function returns a token's kind, LEXER_ERROR or LEXER_AGAIN. Where the rule names no next
 * condition, the function sets it.
 */
#define LEXER_RULE(name) int lexer_##name(struct lexer *lexer, struct token *token)
#define LEXER_MATCH(name)                                                                          \
    int lexer_##name(struct lexer *lexer, struct token *token, const uint8_t *cursor)

#endif
