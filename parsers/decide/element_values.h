/* SPDX-License-Identifier: MIT */
/*
 * The values of elements: which ones a reader's INTEGER refuses, and in which state two fields differ. Bytes are as QEMU
 * writes them. Knows nothing of DER and of the comparison of structures.
 */
#ifndef VMWIRE_DECIDE_ELEMENT_VALUES_H
#define VMWIRE_DECIDE_ELEMENT_VALUES_H

#include "vmwire/arena.h"
#include "vmwire/asn1.h"
#include "vmwire/decide.h"

/* A state: the stream's values, but for these. */
struct value_state {
    struct vmwire_arena *arena;
    const struct vmwire_item *item; /* whose values are changed */
    struct vmwire_changed_value *changes;
    size_t count, room;
};

/* Whether the reader's INTEGER takes all values of the writer's. Both fields are INTEGERs. */
bool takes_all_values(const struct vmwire_field *writes, const struct vmwire_field *reads);

/* Whether it takes the stream's value. */
bool takes_value(const struct vmwire_value *value, const struct vmwire_field *reads);

/* Whether a state can have another value there. */
bool can_change(const struct vmwire_value *value);

/* Changes the value to one that the reader's INTEGER refuses, which does not take all of them; or to zeros, which it takes. */
void change_to_refused(struct value_state *state, const struct vmwire_value *value,
                       const struct vmwire_field *reads);
void change_to_zeros(struct value_state *state, const struct vmwire_value *value);

/* Sees to it that two values differ in the state, or two records in one of their values. False: they cannot, or are not
 * alike. */
bool make_unequal(struct value_state *state, const struct vmwire_value *a,
                  const struct vmwire_value *b);

#endif
