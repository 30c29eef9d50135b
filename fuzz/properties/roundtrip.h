/*
 * A round: a state is written under one option, and what comes back is held against it. Where it is not
 * the same, the tail at which the reader was misled is found, and the engine asked whether that can be.
 */
#ifndef VMWIRE_FUZZ_ROUND_H
#define VMWIRE_FUZZ_ROUND_H

#include "inputs/test_case.h"

/* The bytes of a state under an option; false with `error` set where it has no room for it. */
bool write_state(const struct test_case *test_case, const struct stream *state,
                 const struct protocol_option *option, struct bytes *bytes, struct error *error);

struct roundtrip {
    const struct protocol_option *option;
    bool written; /* false: the option's wire format has no room for this state */
    struct bytes bytes;
    enum outcome outcome;
    bool undecided; /* the reader came to something of which no layout is known, as it may */
    const struct stream *read; /* NULL: rejected */
    struct cost cost;          /* of the reading */
    struct error error;        /* of a reading that rejected */
};

/* Whether the length of an array of pointers in it is told by the footer behind it alone, and so not under each
 * option (lexer_record.c, pointers_length). */
bool length_depends_on_footer(const struct item *item);

/* All lives in the subject's arena. */
struct roundtrip run_roundtrip(const struct test_case *test_case, const struct stream *state,
                               const struct protocol_option *option);

/* The decision of the reader that was not the writer's: the first one, or where it was in step again after
 * that the first one since. */
struct misled_tail {
    const struct structure *owner; /* whose tail it is; NULL: no tail was misread */
    uint64_t offset;
    bool taken; /* the reader took a subsection */
    const char *name;
};

enum possibility { POSSIBLE, IMPOSSIBLE, NOT_DECIDED };

/* Of a round of an option that sends inline, which did not come back exact. `possible`: what the engine
 * says of that outcome at that tail, if not NULL; its witnesses for that tail are tried then. */
struct misled_tail find_misled_tail(const struct test_case *test_case, const struct stream *state,
                                    const struct roundtrip *roundtrip, enum possibility *possible);

#endif
