/* SPDX-License-Identifier: MIT */
/*
 * Round trip: writes a state under an option, reads it back and compares. On a difference, finds the tail that
 * misled the reader and asks the engine whether that outcome is possible.
 */
#ifndef VMWIRE_FUZZ_ROUNDTRIP_H
#define VMWIRE_FUZZ_ROUNDTRIP_H

#include "inputs/test_case.h"

/* Writes a state. Returns false with `error` set if the option's format has no room for it. */
bool write_state(const struct test_case *test_case, const struct vmwire_stream *state,
                 const struct vmwire_option *option, struct vmwire_bytes *bytes,
                 struct vmwire_error *error);

struct roundtrip {
    const struct vmwire_option *option;
    bool written; /* false: the option's format has no room for this state */
    struct vmwire_bytes bytes;
    enum vmwire_outcome outcome;
    bool
        undecided; /* the reader stopped at something whose layout is not known, which is allowed */
    bool
        other_layout; /* the reader, out of step, has read what would in truth be read otherwise (test_case.h): the
                          outcome may be none that happens. The engine must not exclude it all the same */
    const struct vmwire_schema *description; /* of the state, if the reader goes by it; else NULL */
    const struct vmwire_stream *read;        /* NULL: rejected */
    struct vmwire_cost cost;                 /* of reading */
    struct vmwire_error error;               /* if it was rejected */
};

/* Whether the item has an array of pointers whose length only a following footer tells (lexer_record.c,
 * pointers_length). Options that send no footer there cannot read it. */
bool length_depends_on_footer(const struct vmwire_item *item);

/* What a description of the state says, written under one option, if the reader of the other one goes by it. */
const struct vmwire_schema *description_of(const struct test_case *test_case,
                                           const struct vmwire_stream *state,
                                           const struct vmwire_option *writer,
                                           const struct vmwire_option *reader);

/* All memory is in the test case's arena. */
struct roundtrip run_roundtrip(const struct test_case *test_case, const struct vmwire_stream *state,
                               const struct vmwire_option *option);

/* The decision of the reader that the writer did not intend: the first one, or the first one after the reader
 * was correct again. */
struct misled_tail {
    const struct vmwire_structure *owner; /* of the tail; NULL: no tail was misread */
    uint64_t offset;
    bool taken; /* the reader took a subsection */
    const char *name;
    bool
        unknown; /* the state has no template (a package within a package): nothing tells the tail */
};

enum possibility { POSSIBLE, IMPOSSIBLE, NOT_DECIDED };

/* Finds the misled tail of a round trip that is not exact, under an option that sends inline. `possible`, if not
 * NULL: the engine's answer for that outcome at that tail. The engine's witnesses for the tail are checked then,
 * too. */
struct misled_tail find_misled_tail(const struct test_case *test_case,
                                    const struct vmwire_stream *state,
                                    const struct roundtrip *roundtrip, enum possibility *possible);

/* Whether the reader counts readings, and the state is one that no writer sends: the engine does not speak of it. */
bool counts_in_unsent(const struct roundtrip *roundtrip, const struct vmwire_stream *state);

#endif
