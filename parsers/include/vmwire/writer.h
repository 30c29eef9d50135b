/* SPDX-License-Identifier: MIT */
/*
 * The writer: makes the bytes of a stream from its items. One writer serves all options; it reads
 * the option's properties (option.h). Knows nothing of readers.
 */
#ifndef VMWIRE_WRITER_H
#define VMWIRE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/arena.h"
#include "vmwire/bytes.h"
#include "vmwire/error.h"
#include "vmwire/option.h"
#include "vmwire/record.h"

#pragma GCC visibility push(default)

struct vmwire_writer;

/* Receives the bytes of a stream in their order. A NULL pointer with a length stands for zeros. The bytes are valid until
 * the call returns. Returns false with `error` set when it cannot take them: the writer then writes nothing more. */
struct vmwire_byte_sink {
    void *context;
    bool (*write)(void *context, struct vmwire_bytes bytes, struct vmwire_error *error);
};

/* The settings of a writer. */
struct vmwire_writing {
    const struct vmwire_option *option;
    bool footers;  /* add footers to the items that the option adds */
    bool drop_ram; /* leave out the pages of RAM; keep block lists and the ends of sections */
    /* The caller passes entries as the reader of this option does (reader.h, vmwire_entry_sink). Needs a sink. NULL: the
     * items have them */
    const struct vmwire_option *entries_from;
    struct vmwire_arena *arena; /* holds the output; NULL: the writer owns the output */
    struct vmwire_byte_sink
        sink; /* takes the bytes when an item outside of packages is complete, and RAM as it lies in
                                     the items; sink.write NULL: the writer keeps all */
};

/* Makes a writer and writes the stream's magic and version (QEMU migration/savevm.c,
 * qemu_savevm_state_header). Copies `writing`. The caller releases the writer with
 * vmwire_writer_destroy(), before the arena. Returns NULL with `error` set when memory runs out
 * (VMWIRE_ERROR_MEMORY). */
struct vmwire_writer *vmwire_writer_create(const struct vmwire_writing *writing,
                                           struct vmwire_error *error);

/* Releases the writer, and its output when that is not in an arena. Does nothing when `writer` is
 * NULL. */
void vmwire_writer_destroy(struct vmwire_writer *writer);

/* Appends one item. The caller passes the items in the order of the stream. A value's data may be a
 * NULL pointer with a length: the writer then writes zeros. Returns false with `error` set
 * (VMWIRE_ERROR_CANNOT_WRITE) when the option's wire format cannot express the item, for instance an
 * idstr of more than 255 bytes, or a subsection whose owner the reader could not tell from another record; or when memory
 * runs out (VMWIRE_ERROR_MEMORY). The output then ends within the item. */
bool vmwire_writer_item(struct vmwire_writer *writer, const struct vmwire_item *item,
                        struct vmwire_error *error);

/* Writes an entry of an iterable section, and before the first one what its header says. The caller passes it before the
 * section's item. Only with `entries_from`. Returns false as vmwire_writer_item() does. */
bool vmwire_writer_entry(struct vmwire_writer *writer, const struct vmwire_item *section,
                         const struct vmwire_entry *entry, struct vmwire_error *error);

/* Returns all bytes written so far, but for those that a sink has taken. They are valid until the next call of vmwire_writer_item() or
 * vmwire_writer_destroy(). In an arena, the bytes after the last item are valid as long as the arena. */
struct vmwire_bytes vmwire_writer_output(const struct vmwire_writer *writer);

#pragma GCC visibility pop

#endif
