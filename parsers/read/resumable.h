/* SPDX-License-Identifier: MIT */
/*
 * Readings of streams that begin alike, one after another. A reading leaves a point; the next one goes on there if its
 * stream has the same bytes up to the point. The result is that of vmwire_stream_read(). Points are left within the
 * record of a section, where the option sends subsections inline.
 */
#ifndef VMWIRE_READ_RESUMABLE_H
#define VMWIRE_READ_RESUMABLE_H

#include "vmwire/reader.h"

struct resumable;

/*
 * All streams are read under this option with this schema. None has more than `longest` bytes. All stand at the same
 * address, one after another. `notes_size` is the size of `notes` below. It is in the arena, which must not be reset to
 * a mark before, but destroyed.
 */
struct resumable *resumable_begin(const struct vmwire_option *option,
                                  const struct vmwire_schema *schema, size_t longest,
                                  size_t notes_size, struct vmwire_arena *arena);

/* Forgets the point: the next stream is read from its beginning. */
void resumable_forget(struct resumable *resumable);

struct resumed_reading {
    struct vmwire_bytes input;
    uint64_t
        same_until; /* the offset up to which the reading may go on from a point, or leave one */
    struct vmwire_sink sink;
    struct vmwire_tail_observer observer;
    struct vmwire_tail_chooser chooser; /* in all readings, or in none */
    void *
        notes; /* what sink and observer have noted: kept with a point, and set again when a reading goes on */
};

/* Reads one stream. The items are valid until the next reading. */
bool resumable_read(struct resumable *resumable, const struct resumed_reading *resumed,
                    struct vmwire_error *error);

#endif
