/*
 * The four ways in which reading what was written can end (design, section 3).
 */
#ifndef VMWIRE_OUTCOME_H
#define VMWIRE_OUTCOME_H

#include <stdbool.h>

#include "vmwire/record.h"

#pragma GCC visibility push(default)

/* In the order of gravity. */
enum outcome {
    OUTCOME_EXACT,     /* what was read equals what was written */
    OUTCOME_REJECT,    /* a clear error: the migration fails */
    OUTCOME_TRUNCATED, /* accepted, and sections were left unread: silent */
    OUTCOME_CORRUPT,   /* accepted, and it differs: silent, the worst */
};

/*
 * `read` is NULL where the reader rejected. Both were read with the same schema: structures are told
 * apart by their place in it. A stream of which something was left unread is truncated, whatever else
 * differs.
 */
enum outcome outcome_of(const struct stream *written, const struct stream *read);

/* Whether what was read ended before what was written did. */
bool is_truncated(const struct stream *written, const struct stream *read);

const char *outcome_name(enum outcome outcome);

#pragma GCC visibility pop

#endif
