/*
 * The decision table of `vmwire compare`: what was measured, a row a stream, a cell an option.
 */
#ifndef VMWIRE_TABLE_H
#define VMWIRE_TABLE_H

#include "program.h"

/* One stream under one option. */
struct cell {
    enum outcome outcome;
    bool written;       /* false: the option's wire format has no room for it */
    struct error error; /* of a reject */
    uint64_t bytes;     /* as the option writes it */
    struct cost cost;   /* of reading that back, unless it was rejected */
    double seconds;
};

struct row {
    const char *file;
    uint64_t bytes;     /* as it came: today's format */
    uint64_t state;     /* those of the devices: without RAM, other iterables, description */
    struct cell *cells; /* one an option */
};

struct table {
    struct arena *arena;
    struct row *rows;
    size_t row_count, row_room;
};

/* Prints it to standard output: what each option does over all streams, and each stream. */
void table_print_text(const struct table *table);
void table_print_json(const struct table *table);

#endif
