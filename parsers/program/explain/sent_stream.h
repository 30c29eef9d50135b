/* SPDX-License-Identifier: MIT */
/*
 * Reads the stream of the writer as it was meant: by its description, which no value misleads. A stream that has none, or a wrong
 * one, is read by what a program declares. Knows nothing of the reader's machine.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_SENT_STREAM_H
#define VMWIRE_PROGRAM_EXPLAIN_SENT_STREAM_H

#include "program/shared/arguments.h"
#include "program/shared/side_files.h"

struct sent_stream {
    struct side_files *writer;       /* writer->side.stream: the items that were read */
    const struct side_files *reader; /* whose layouts help where the writer has none */
    /* Why it is not read to its end: VMWIRE_ERROR_TRUNCATED: it is cut off. VMWIRE_ERROR_NONE: it is read. */
    struct vmwire_error error;
    /* Where its own description does not fit its bytes; VMWIRE_ERROR_NONE: it does, or there is none. */
    struct vmwire_error misdescribed;
    /* Why what a program declares does not fit either; VMWIRE_ERROR_NONE: it does, or there is none. */
    struct vmwire_error misdeclared;
    const char *layouts;  /* by what it was read, for people */
    bool description_cut; /* it ends within its description: all of the state is there */
    bool described;       /* it was read by its own description */
    bool by_reader;       /* by the layouts of the reader */
    const char
        *no_layouts; /* what to give, where nothing tells the layouts; NULL: something does */
    struct vmwire_bytes unread; /* behind the byte that ends it */
};

/* Whether the option's streams are those of today's QEMU. */
bool is_todays_wire(const struct vmwire_option *option);

/* The options by which a described stream is read as it was sent, the surest first; NULL behind the last one. */
const struct vmwire_option *option_as_sent(size_t number);

/* Reads the stream; `writer` and `reader` are set, and their sides open. Everything is in writer->arena, within an attempt of the
 * caller. Returns false with the error reported. */
bool read_as_sent(struct sent_stream *sent, const struct arguments *arguments);

/* Loads the layouts of the stream again: its own description, and what the reader's program declares. `loaded->schema` stays NULL
 * where there is no such program. Memory and errors are those of read_as_sent(). */
bool load_by_reader(struct loaded_file *loaded, const struct sent_stream *sent,
                    const struct vmwire_option *option, const struct arguments *arguments);

#endif
