/* SPDX-License-Identifier: MIT */
/*
 * Makes the description of a stream that carries none, by what a program declares.
 */
#ifndef VMWIRE_PROGRAM_SHARED_MAKE_DESCRIPTION_H
#define VMWIRE_PROGRAM_SHARED_MAKE_DESCRIPTION_H

#include <jansson.h>

#include "vmwire/vmwire.h"

/* A description, and how the stream was read when it was made. */
struct made_description {
    json_t *root; /* NULL: memory ran out */
    bool
        accepted; /* the reader accepted the stream; if not, only sections before the error are described */
    uint64_t digest; /* of the tree */
    /* The tails at which a subsection began. */
    struct taken_tail {
        uint64_t offset;
        const char *owner; /* of the schema */
    } * tails;
    size_t tail_count, tail_room;
};

/* Describes the sections that no other description tells, and with `splits` those in which fields of private encodings are
 * split. Returns false with `error` set where the reader does not accept the stream. The caller calls free_description() in both cases. */
bool make_description(struct made_description *made, const struct vmwire_option *option,
                      struct vmwire_bytes stream, const struct vmwire_schema *schema, bool splits,
                      struct vmwire_error *error);

/* Whether the stream, read by the schema with that description and with the same subsections, has the same tree. Otherwise sets
 * `error`. */
bool check_description(const struct made_description *made, const struct vmwire_option *option,
                       struct vmwire_bytes stream, const struct vmwire_schema *schema,
                       struct vmwire_error *error);

void free_description(struct made_description *made);

#endif
