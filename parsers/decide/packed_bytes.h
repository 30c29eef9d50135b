/* SPDX-License-Identifier: MIT */
/*
 * Required bytes in a short form: a search keeps millions of them. Most follow one another in the stream, near to where
 * the step begins. So the form is runs: the distance from the end of the run before, the length, the values. It must not
 * know pairs and steps.
 */
#ifndef VMWIRE_DECIDE_PACKED_BYTES_H
#define VMWIRE_DECIDE_PACKED_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "vmwire/decide.h"

/* Memory for short forms, which need no alignment. It is valid as long as the arena's; begins as {0}. */
struct packing_room {
    uint8_t *next;
    size_t left;
};

/* The short form of the bytes in their order, in the room, for which the arena has more. The first run's distance is that
 * from the offset `near`. NULL: there are none. */
const uint8_t *pack_bytes(struct packing_room *room, struct vmwire_arena *arena,
                          const struct vmwire_required_byte *list, size_t count, uint64_t near);

/* Writes the bytes again, as many and with the same `near`. */
void unpack_bytes(struct vmwire_required_byte *list, const uint8_t *packed, size_t count,
                  uint64_t near);

/* Whether the bytes have one at the offset. Sets its value; with two, that of the first. The last one has the value `last`. */
bool find_packed_byte(const uint8_t *packed, size_t count, uint64_t near, uint64_t offset,
                      uint8_t last, uint8_t *value);

#endif
