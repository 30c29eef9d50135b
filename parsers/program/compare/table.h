/* SPDX-License-Identifier: MIT */
/*
 * The decision table: a row a stream, a cell an option.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_TABLE_H
#define VMWIRE_PROGRAM_COMPARE_TABLE_H

#include <jansson.h>
#include <stdbool.h>

#include "program/compare/guests.h"
#include "program/compare/measure_variant.h"
#include "vmwire/vmwire.h"

/* One stream under one option. */
struct cell {
    enum vmwire_outcome outcome;
    bool written;              /* false: the option's wire format cannot hold the stream */
    struct vmwire_error error; /* set if the outcome is reject */
    uint64_t bytes;            /* length of the written stream */
    struct vmwire_cost cost;   /* of reading it back, unless the reader rejects */
    double seconds;            /* for reading it back */
};

struct row {
    const char *file;
    const char *word; /* the file as a word of a command */
    const char
        *schemas; /* the options of the command line that tell its layouts: " --schema FILE ..." */
    const char
        *existing;  /* likewise of the release before: " --existing FILE"; "": it is not known */
    uint64_t bytes; /* length of the stream in the file */
    uint64_t state; /* bytes of framing, fields and subsections: the state of the devices */
    struct cell *cells;            /* one an option */
    struct variant_cell *variants; /* one a variant; NULL: not asked for */
    const char *machine;           /* the machine type that the stream names; NULL: none */
};

struct table {
    struct vmwire_arena *arena;
    struct row *rows;
    size_t row_count, row_room;
    struct seen_names seen; /* the structures of all streams so far */
    struct signatures signatures;
    struct guest *guests;
    size_t guest_count, guest_room;
    const char *words;             /* the command line: schemas and files, */
    const char *since_words;       /* and its option --since; "": it is not given */
    json_t *guest_rows, *era_rows; /* what real programs did; program/report/recorded.h */
    json_t *witnesses;             /* of the folders of witnesses; program/report/witnesses.h */
    const char *since; /* the first version of machine types that are new; NULL: none is known */
};

#endif
