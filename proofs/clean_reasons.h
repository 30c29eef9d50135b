/* SPDX-License-Identifier: MIT */
/*
 * The reasons why a tail can be clean, each with its test.
 */
#ifndef VMWIRE_PROOFS_CLEAN_REASONS_H
#define VMWIRE_PROOFS_CLEAN_REASONS_H

#include "tails.h"

struct clean_reason_test {
    const char *name;
    bool has_offset; /* the certificate gives an offset with it: `at` */
    /* Returns true if no state misleads the reader at this tail, for this reason. */
    bool (*holds)(const struct tails *tails, const struct tail *tail, uint64_t at);
};

/* Returns NULL if there is no reason of this name. */
const struct clean_reason_test *find_clean_reason(const char *name);

#endif
