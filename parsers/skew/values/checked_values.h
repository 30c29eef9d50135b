/* SPDX-License-Identifier: MIT */
/*
 * The values of a section that a loader compares, by the rows [[value]] of grammar/loader.toml, and its PCI configuration.
 * Knows one side; nothing of the other.
 */
#ifndef VMWIRE_SKEW_VALUES_CHECKED_VALUES_H
#define VMWIRE_SKEW_VALUES_CHECKED_VALUES_H

#include "skew/shared/found.h"
#include "skew/shared/loader_tables.h"
#include "skew/values/pci_device.h"

/* A value. Two sides have the same one where the rows and the paths are the same. */
struct checked_value {
    const struct value_row *row;
    const char *path;  /* with the first of the row's names */
    const char *shown; /* with the field's own name */
    const char *structure;
    const struct vmwire_value *value;
    const struct vmwire_value
        *limit;    /* the last value before it of one of the row's `limits`; NULL: none */
    size_t number; /* in the order of the section, from 0 */
};

struct checked_values {
    struct checked_value *values; /* in the order of the section */
    size_t count, room;
    struct pci_space space; /* the first one */
    uint64_t left_out;      /* rows of which the section has the subsection `unless`, a bit each */
};

/* The values of a section. Of a field that stays whole, those that it has in each way in which the reader can take it. */
struct checked_values find_checked_values(const struct skew *skew, const struct vmwire_side *side,
                                          const struct vmwire_item *section);

/* Sorts by row and path. */
void sort_checked_values(struct checked_values *values);

/* The same value of the other side, which is sorted; of several, the first in its section. NULL: there is none. */
const struct checked_value *find_same_value(const struct checked_values *sorted,
                                            const struct checked_value *value);

#endif
