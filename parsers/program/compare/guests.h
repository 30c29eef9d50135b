/* SPDX-License-Identifier: MIT */
/*
 * The streams of guests that bring a field to hold a witness (corpus/guest), under each option and variant.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_GUESTS_H
#define VMWIRE_PROGRAM_COMPARE_GUESTS_H

#include <jansson.h>

#include "program/shared/arguments.h"

struct guest {
    const char *name;
    bool is_control; /* one byte differs, and every reader reads it */
    enum vmwire_outcome
        *outcomes; /* one a variant: of the guest's state as its writer writes it, for its reader */
};

/* Whether the entries of the manifest are streams of guests. */
bool holds_guests(const json_t *manifest);

/* Reads the state that was sent as the description of the stream tells it, and fills in the outcomes. Returns an exit status; the
 * error is reported. */
int measure_guest(struct guest *guest, const char *file, const json_t *entry,
                  const struct arguments *arguments, struct vmwire_arena *arena);

#endif
