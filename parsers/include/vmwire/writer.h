/*
 * Writing: items in, bytes out. One writer for all options, driven by the option's row of
 * properties.
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

struct writer;

struct writing {
    const struct protocol_option *option;
    bool footers;  /* for the items that an option adds: the stream's sections have footers */
    bool drop_ram; /* leave the pages of RAM out: block lists and ends of sections stay */
    struct arena
        *arena; /* of the output, which outlives the writer; NULL: it is the writer's own */
};

/* The caller ends the writer with writer_destroy(). */
struct writer *writer_create(const struct writing *writing);
void writer_destroy(struct writer *writer);

/* Appends one item; a value's data may be NULL where it is zeros. False with `error` set (ERROR_CANNOT_WRITE) where the option's wire format has
 * no room for it, for instance an idstr beyond 255 bytes. Items come in the order of the stream. */
bool writer_item(struct writer *writer, const struct item *item, struct error *error);

/* What was written so far; valid until the next call, or as long as the arena after the last one. */
struct bytes writer_output(const struct writer *writer);

#pragma GCC visibility pop

#endif
