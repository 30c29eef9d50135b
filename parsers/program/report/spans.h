/* SPDX-License-Identifier: MIT */
/*
 * How one reader reads a stream: as a list of spans, each some bytes and what the reader takes them for. Also of a stream that
 * it refuses. Knows nothing of witnesses.
 */
#ifndef VMWIRE_PROGRAM_REPORT_SPANS_H
#define VMWIRE_PROGRAM_REPORT_SPANS_H

#include "vmwire/vmwire.h"

/* Bytes that the reader takes for one thing. The texts live in the arena of the spans, or in the schema. */
struct span {
    uint64_t at; /* in the stream */
    uint64_t length;
    const char *kind;    /* the part of the stream: "framing", "field", "subsection", ... */
    const char *section; /* its idstr; "": none has begun */
    const char
        *path; /* of the record that the bytes belong to, from the section's own; "": that one */
    const char *name; /* of the field, with its element; or the token's */
    const char *type; /* of the field; "": it is none */
};

/* The spans of a stream in its order, without gaps, until the reader accepts or refuses it. */
struct spans {
    struct vmwire_arena *arena;
    struct span *list;
    size_t count, room;
    const struct vmwire_stream *stream; /* NULL: the reader refuses it */
    struct vmwire_error error;          /* why */
    struct span refused; /* where it gives up, behind the spans: the bytes that it cannot take */
};

/* Reads the stream. Returns false with spans->error set when memory runs out. All lives in `arena`. */
bool read_spans(struct spans *spans, const struct vmwire_option *option, struct vmwire_bytes input,
                const struct vmwire_schema *schema, struct vmwire_arena *arena);

/* Whether the bytes are taken for the same thing. */
bool is_same_span(const struct span *a, const struct span *b);

#endif
