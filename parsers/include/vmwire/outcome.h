/* SPDX-License-Identifier: MIT */
/*
 * The outcomes: how a migration can end when one program writes a stream and another reads it.
 * Compares two streams; knows nothing of how they were written and read.
 */
#ifndef VMWIRE_OUTCOME_H
#define VMWIRE_OUTCOME_H

#include <stdbool.h>

#include "vmwire/record.h"

#pragma GCC visibility push(default)

/* From the most harmless to the worst. */
enum vmwire_outcome {
    VMWIRE_OUTCOME_EXACT,     /* the reader restored the state that was written */
    VMWIRE_OUTCOME_REJECT,    /* the reader reported an error: the migration fails */
    VMWIRE_OUTCOME_TRUNCATED, /* the reader accepted, but did not read all sections: a silent error */
    VMWIRE_OUTCOME_CORRUPT, /* the reader accepted another state than was written: a silent error */
};

/*
 * Compares the stream that was written with the stream that was read. `read` is NULL when the
 * reader rejected. Both streams need the same schema, because structures are compared by their
 * address. When the reader did not read all sections, the outcome is VMWIRE_OUTCOME_TRUNCATED, whatever
 * else differs.
 */
enum vmwire_outcome vmwire_outcome_of(const struct vmwire_stream *written,
                                      const struct vmwire_stream *read);

/* Whether the reader stopped before the end of the stream that was written. */
bool vmwire_is_truncated(const struct vmwire_stream *written, const struct vmwire_stream *read);

/* The outcome's name, for instance "exact". The string is constant. */
const char *vmwire_outcome_name(enum vmwire_outcome outcome);

#pragma GCC visibility pop

#endif
