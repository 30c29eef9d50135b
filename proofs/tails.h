/*
 * What a stream is to the checker: where its reader decides, what each byte of it can hold, and what
 * the reader does when bytes are changed.
 */
#ifndef VMWIRE_PROOFS_TAILS_H
#define VMWIRE_PROOFS_TAILS_H

#include "vmwire.h"

/* A place where the reader decides: the last field of a record is read, or a subsection behind it. */
struct tail {
    const struct item *item;
    const struct structure *owner;
    const char *path; /* from the section's own record, as `vmwire check` writes it */
    uint64_t offset;
    const struct subsection_value *sent; /* that begins here; NULL: the record ends */
};

struct tails {
    const struct protocol_option *option;
    const struct schema *schema;
    struct bytes bytes;
    struct arena *arena;
    const struct stream *stream;
    uint8_t *classes;  /* of every byte: enum field_class, or BYTE_OF_FRAMING */
    struct tail *list; /* in the order of the stream */
    size_t count, room;
};

enum { BYTE_OF_FRAMING = 0xff };

/* Reads `bytes` and fills in the rest. The reader must decide at these tails and nowhere else; NULL,
 * or what is wrong. */
const char *tails_of(struct tails *tails);

/* Whether a state can have this value there. What an opaque byte can hold is not known: `opaque` is
 * what to believe of it. */
bool tails_byte_can_be(const struct tails *tails, uint64_t offset, uint8_t value, bool opaque);

/* When the reader looks for a subsection at a tail of this structure. */
enum tail_look tails_look_at(const struct tails *tails, const struct structure *owner);

/* Offset behind the last of these bytes of the stream. */
uint64_t tails_end_of(const struct tails *tails, struct bytes bytes);

/* What the reader does with other bytes of the same length. */
struct misreading {
    enum outcome outcome;
    size_t tail; /* of its first decision that is not the writer's; SIZE_MAX: of none */
};

struct misreading tails_read_changed(const struct tails *tails, const uint8_t *changed);

#endif
