/* SPDX-License-Identifier: MIT */
/*
 * What is known of the readings of a section (readings.h), and how many places they may come to. It must not know the
 * lexer.
 */
#ifndef VMWIRE_READ_COUNTED_READINGS_H
#define VMWIRE_READ_COUNTED_READINGS_H

#include <stddef.h>
#include <stdint.h>

#include "vmwire/error.h"
#include "vmwire/schema.h"

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

#endif
