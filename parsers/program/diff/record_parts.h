/* SPDX-License-Identifier: MIT */
/*
 * Pairs the parts of two records of one place: fields and subsections by their names, elements of arrays by their indices,
 * elements of lists in order. Does not look into a part, but to tell elements of a list apart.
 */
#ifndef VMWIRE_PROGRAM_DIFF_RECORD_PARTS_H
#define VMWIRE_PROGRAM_DIFF_RECORD_PARTS_H

#include "program/diff/difference.h"

/* Elements of a field that both sides have, or one of them; or a subsection. */
struct part {
    const char *name;
    struct vmwire_bytes subsection_name; /* of a subsection */
    uint32_t occurrence;                 /* among the parts of the record with this name */
    bool indexed;
    int64_t index[SIDE_COUNT]; /* of the first element */
    size_t elements;           /* 1 where it is no array */
    const struct vmwire_value *value[SIDE_COUNT];
    size_t skipped[SIDE_COUNT]; /* elements of the value before the first one */
    const struct vmwire_subsection_value *subsection[SIDE_COUNT];
};

struct parts {
    struct part *parts;
    size_t count;
};

/* Pairs them. The arena must be within an attempt. */
struct parts pair_parts(struct vmwire_arena *arena, const struct vmwire_record *a,
                        const struct vmwire_record *b);

/* Bytes of one element of a plain value. */
size_t element_size(const struct vmwire_value *value);

#endif
