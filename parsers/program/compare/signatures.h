/* SPDX-License-Identifier: MIT */
/*
 * The signatures that were found: a variant, the structure whose tail is misread, and an outcome. Of each, the first place.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_SIGNATURES_H
#define VMWIRE_PROGRAM_COMPARE_SIGNATURES_H

#include "vmwire/vmwire.h"

struct signature {
    size_t variant;
    const char *owner; /* the structure's name; "" where it has none */
    enum vmwire_outcome outcome;
    const char *file;
    uint64_t offset; /* of the tail, in the stream as the variant's option writes it */
    const char *path;
};

struct signatures {
    struct vmwire_arena *arena; /* owns the list and its strings */
    struct signature *list;
    size_t count, room;
};

/* Adds those of a tail that are not listed yet. */
void add_signatures(struct signatures *signatures, size_t variant, const char *file,
                    const struct vmwire_tail_verdict *verdict);

/* How many the variant has with this outcome. */
size_t count_signatures(const struct signatures *signatures, size_t variant,
                        enum vmwire_outcome outcome);

/* The first with the worst outcome of the variant; NULL: it has none. */
const struct signature *worst_signature(const struct signatures *signatures, size_t variant);

#endif
