/* SPDX-License-Identifier: MIT */
/*
 * Reads a stream as the reader's option does, and finds where it parts from how the stream was meant: where a value is taken for a
 * subsection, or a subsection for values.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_MISREADING_H
#define VMWIRE_PROGRAM_EXPLAIN_MISREADING_H

#include "program/explain/sent_stream.h"

struct misreading {
    const struct sent_stream *sent;
    const struct vmwire_option *option;
    struct vmwire_bytes bytes;         /* those that are read: offsets count in them */
    const struct vmwire_stream *meant; /* how the stream was meant */
    const struct vmwire_stream *read;  /* what the reader has read, up to an error */
    struct vmwire_error error;         /* VMWIRE_ERROR_NONE: the reader accepts the stream */
    enum vmwire_outcome outcome;
    bool parts;                        /* the reader parts from how the stream was meant, at: */
    uint64_t tail;                     /* in `bytes` */
    bool taken;                        /* it takes what stands there for a subsection */
    const char *owner;                 /* whose tail it is */
    const char *path;                  /* of the owner */
    const char *name;                  /* of the subsection as it is read; "" where it is cut off */
    const struct vmwire_item *section; /* where it parts, as it was meant; NULL: in no section */
    uint64_t end; /* of an accepted stream: the byte 00 that ends it for the reader, in `bytes` */
};

/* Reads the stream; `sent` and `option` are set. Everything is in the writer's arena, within an attempt of the caller. Returns
 * false with the error reported. */
bool read_as_reader(struct misreading *misreading, const struct arguments *arguments);

/* Whether the reader has read the section. */
bool has_read(const struct misreading *misreading, const struct vmwire_item *section);

#endif
