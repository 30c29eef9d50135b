/* SPDX-License-Identifier: MIT */
/*
 * Counts the readings of a section's record before the lexer reads it: the ways in which a writer of this schema could
 * have written its bytes. The lexer then asks at each tail what the only reading does there. It must not know what the
 * grammar builds, nor what a description says was sent.
 */
#ifndef VMWIRE_READ_READINGS_H
#define VMWIRE_READ_READINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/error.h"
#include "vmwire/schema.h"

struct lexer;

enum {
    READINGS_NONE,
    READINGS_ONE,
    READINGS_TWO, /* or more */
};

/* How many (byte, place) pairs the counts of one stream may go over: so many, and so many for each byte of it. */
enum { READINGS_PAIRS = 1 << 22, READINGS_PAIRS_A_BYTE = 64 };

/* A section is sure to stay within the limits of the count if all its readings but the first together are at no more
 * records, tails and ends of records than the first number. The second and the third are for the fields of these readings,
 * in all sections up to this one: so many, and so many for each byte of the stream. */
enum {
    READINGS_SURE_PLACES = 1 << 18,
    READINGS_SURE_FIELDS = 1 << 20,
    READINGS_SURE_A_BYTE = 8,
};

/* What a reading does at a tail where a 05 stands and the structure declares subsections. */
struct reading_choice {
    uint64_t offset;                            /* of the tail, in bytes of the stream */
    const struct vmwire_subsection *subsection; /* that begins; NULL: the record ends */
};

/* The readings of the record that is read. */
struct readings {
    unsigned count; /* READINGS_... */
    /* READINGS_ONE: its choices. READINGS_TWO: those up to where two readings part. READINGS_NONE: those of the reading
     * that goes on longest. */
    const struct reading_choice *choices;
    size_t choice_count, next;
    struct { /* READINGS_TWO: what the two do at the tail behind the choices */
        const struct vmwire_subsection *one, *other;
    } parting;
    struct { /* READINGS_NONE: where the last one ends, and why */
        uint64_t offset;
        enum vmwire_error_kind kind;
        const char *message;
    } failure;
};

/* Counts the readings of the record that begins at the cursor: of a section, or of the configuration. False: there are
 * more places alive than are followed; the error is set. */
bool count_readings(struct lexer *lexer, const struct vmwire_structure *structure);

/* Whether no reading goes on over the next `length` bytes. Then sets the error. */
bool readings_end_within(struct lexer *lexer, uint64_t length);

/* The lexer has read on. True: no reading goes on so far; the error is set. */
bool readings_have_ended(struct lexer *lexer);

#endif
