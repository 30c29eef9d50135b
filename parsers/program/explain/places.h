/* SPDX-License-Identifier: MIT */
/*
 * Places in a stream that was read: sections, paths, fields at a byte. Knows nothing of two sides.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_PLACES_H
#define VMWIRE_PROGRAM_EXPLAIN_PLACES_H

#include "vmwire/vmwire.h"

/* Whether the item begins a section, and so names it. */
bool begins_section(const struct vmwire_item *item);

/* The number of sections that the stream begins. */
size_t count_begun(const struct vmwire_stream *stream);

/* The item that has the byte, or NULL. */
const struct vmwire_item *item_at(const struct vmwire_stream *stream, const uint8_t *byte);

/* Whether they are the same section. */
bool is_same_section(const struct vmwire_item *a, const struct vmwire_item *b);

/* The byte behind the stream's last item. The stream has items. */
const uint8_t *end_of_items(const struct vmwire_stream *stream);

/* The section's idstr as a C string. */
const char *name_section(struct vmwire_arena *arena, const struct vmwire_item *item);

/* A field that has bytes of the section. */
struct field_place {
    const char *path; /* from the section's root */
    const struct vmwire_value *value;
    const uint8_t *begin; /* its first byte */
};

/* Calls back for each field of the section, in the order of the stream. The paths are in the arena. */
struct field_visitor {
    void *context;
    bool (*wants)(void *context, const uint8_t *begin,
                  size_t length); /* whether its path is to be made */
    void (*field)(void *context, const struct field_place *place);
};
void visit_fields(const struct vmwire_item *item, struct vmwire_bytes stream,
                  struct vmwire_arena *arena, const struct field_visitor *visitor);

/* The path of the record of this structure whose own bytes end here; NULL: there is none. */
const char *path_of_tail(const struct vmwire_item *item, struct vmwire_bytes stream,
                         const uint8_t *tail, const char *owner, struct vmwire_arena *arena);

/* The bytes of the subsection that begins here. Of no length: none does. */
struct vmwire_bytes subsection_at(const struct vmwire_item *item, const uint8_t *byte);

/* Where the subsections of the streams begin that stand at the tail of their owners, ascending. */
struct tails {
    struct sent_tail {
        uint64_t offset;
        const char *owner; /* the structure whose tail it is; NULL: it has no name */
    } * list;
    size_t count, room;
};
void find_tails(struct tails *tails, const struct vmwire_stream *stream, struct vmwire_bytes bytes,
                struct vmwire_arena *arena);

#endif
