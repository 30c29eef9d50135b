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
enum outcome {
    OUTCOME_EXACT,     /* the reader restored the state that was written */
    OUTCOME_REJECT,    /* the reader reported an error: the migration fails */
    OUTCOME_TRUNCATED, /* the reader accepted, but did not read all sections: a silent error */
    OUTCOME_CORRUPT,   /* the reader accepted another state than was written: a silent error */
};

/*
 * Compares the stream that was written with the stream that was read. `read` is NULL when the
 * reader rejected. Both streams need the same schema, because structures are compared by their
 * address. When the reader did not read all sections, the outcome is OUTCOME_TRUNCATED, whatever
 * else differs.
 */
enum outcome outcome_of(const struct stream *written, const struct stream *read);

/* Whether the reader stopped before the end of the stream that was written. */
bool is_truncated(const struct stream *written, const struct stream *read);

/* The outcome's name, for instance "exact". The string is constant. */
const char *outcome_name(enum outcome outcome);

#pragma GCC visibility pop

#endif
