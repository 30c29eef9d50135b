/* SPDX-License-Identifier: MIT */
/*
 * A stream as the checker sees it: where the reader decides, what each byte can hold, and what the
 * reader does with changed bytes. Knows nothing of certificates.
 */
#ifndef VMWIRE_PROOFS_TAILS_H
#define VMWIRE_PROOFS_TAILS_H

#include "vmwire/vmwire.h"

/* A tail: the place behind a record's last field, or behind a subsection, where the reader decides. */
struct tail {
    const struct vmwire_item *item;
    const struct vmwire_structure *owner;
    const char *path; /* from the section's own record, as `vmwire check` writes it */
    uint64_t offset;
    const struct vmwire_subsection_value
        *sent;      /* the subsection that begins here; NULL: the record ends */
    unsigned depth; /* of the owner's record; 1: the section's own */
    uint64_t
        limit; /* the reader finds no bytes from here on: the end of its package, or of the stream */
};

/* The caller sets option, schema, bytes and arena; list_tails() sets the rest. */
struct tails {
    const struct vmwire_option *option;
    const struct vmwire_schema *schema;
    struct vmwire_bytes bytes;
    struct vmwire_arena *arena;
    const struct vmwire_stream *stream;
    uint64_t limit;   /* of the item that is listed */
    uint8_t *classes; /* one for each byte: enum vmwire_field_class, or BYTE_OF_FRAMING */
    /* For each byte the depth of the outermost record in which, in a state with another value of an earlier field, other
     * bytes can stand there; NO_OTHERS. Tails of deeper records that end there come before them. */
    uint8_t *others;
    uint64_t steady_from; /* the end of the last item with such a byte */
    struct tail *list;    /* in the order in which the reader meets them */
    size_t count, room;
    uint64_t *decisions; /* the offsets at which the reader decides */
    size_t decision_count, decision_room;
    bool out_of_memory; /* a reading failed for this reason, so nothing is known */
};

/* BYTE_THAT_MOVES: of a field that decides what follows. With another value, other bytes stand behind it. */
enum { BYTE_OF_FRAMING = 0xff, BYTE_THAT_MOVES = 0xfe };

enum { NO_OTHERS = 0xff };

/* Whether in another state other bytes can stand behind the tail, up to and at the offset. */
bool can_others_stand(const struct tails *tails, const struct tail *tail, uint64_t at);

/* Reads the stream and lists its tails. Checks that the reader decides at each of them and nowhere
 * else. Returns NULL, or says what is wrong. */
const char *list_tails(struct tails *tails);

/* Returns true if a state can have this value at this offset. Nobody knows what an opaque field can
 * hold: `opaque` is the answer for its bytes. */
bool can_byte_be(const struct tails *tails, uint64_t offset, uint8_t value, bool opaque);

/* Returns when the reader looks for a subsection at a tail of this structure. */
enum vmwire_tail_look find_look(const struct tails *tails, const struct vmwire_structure *owner);

/* Returns the offset behind these bytes of the stream. */
uint64_t find_end(const struct tails *tails, struct vmwire_bytes bytes);

/* The result of reading changed bytes. */
struct misreading {
    enum vmwire_outcome outcome;
    size_t
        tail; /* index of the reader's first decision that differs from the writer's; SIZE_MAX: no
                    tail of the list */
    bool out_of_memory; /* the rest is not known */
};

/* Reads `changed`, which is as long as the stream. */
struct misreading read_changed(const struct tails *tails, const uint8_t *changed);

#endif
