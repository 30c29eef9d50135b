/* SPDX-License-Identifier: MIT */
/*
 * Whether an element is on the wire, as far as one side tells it. Knows nothing of the other side.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_ON_WIRE_H
#define VMWIRE_SKEW_LAYOUTS_ON_WIRE_H

#include "skew/layouts/element.h"

/* Whether values that are sent before it decide whether it is there, and no declaration tells more: the other side goes by what is
 * sent, too. */
bool is_left_to_state(const struct element *element);

/* Whether it is known that the element is on the wire. One of which there can be none is not. */
bool is_certain(const struct element *element);

/* Whether the field is there, with elements or without. */
bool is_present(const struct element *element);

/* Whether it is known not to be there. One that the stream does not show can have no elements. */
bool is_left_out(const struct element *element);

/* Whether it is known that it is not there. */
bool is_absent(const struct element *element);

/* Whether it is known how many bytes it has. */
bool is_measured(const struct element *element);

/* Of all its elements, in the side's stream. */
uint64_t sent_bytes(const struct element *element);
uint64_t sent_count(const struct element *element);

#endif
