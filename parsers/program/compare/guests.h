/* SPDX-License-Identifier: MIT */
/*
 * The streams of guests that bring a field to hold a witness (corpus/guest), under each option and variant.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_GUESTS_H
#define VMWIRE_PROGRAM_COMPARE_GUESTS_H

#include <jansson.h>

#include "program/replay/replay_stream.h"

struct guest {
    const char *name;
    const char *of;     /* the guest; its control has the same */
    const char *folder; /* of its manifest, as a word of a command */
    bool is_control;    /* one byte differs, and a reader that a guest misleads reads it */
    enum vmwire_outcome
        *outcomes; /* one a variant: of the guest's state as its writer writes it, for its reader */
};

/* What the guests do to a reader: those whose control it reads. */
struct guest_count {
    size_t refused, silent, all;
    size_t not_asked; /* it refuses the control, too */
};

struct guest_count count_guests(const struct guest *guests, size_t count, size_t variant);

/* Whether the entries of the manifest are streams of guests. */
bool holds_guests(const json_t *manifest);

/* Fills in the outcomes. The state that was sent is that of the entry's original with the bytes of the stream. `entry` is checked
 * (replay/manifest_entry.h). Returns an exit status; the error is reported. */
int measure_guest(struct guest *guest, const struct replay_entry *entry,
                  const struct arguments *arguments, struct vmwire_arena *arena);

#endif
