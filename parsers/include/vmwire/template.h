/* SPDX-License-Identifier: MIT */
/*
 * A template: a stream with every subsection that a state may send, each marked as optional. So the
 * engine can decide about all choices of subsections at once. A template is made from a real
 * stream, and keeps the values of its fields, or from a device of the schema alone. Added fields
 * hold zeros.
 *
 * Knows records, schemas and the writer; knows nothing of the engine.
 */
#ifndef VMWIRE_TEMPLATE_H
#define VMWIRE_TEMPLATE_H

#include "vmwire/arena.h"
#include "vmwire/option.h"
#include "vmwire/reader.h"
#include "vmwire/record.h"

#pragma GCC visibility push(default)

/* What states may send that the template does not have, and why not. */
enum vmwire_omission_reason {
    VMWIRE_OMITTED_UNKNOWN,  /* its layout is not known */
    VMWIRE_OMITTED_LARGE,    /* the template would be too large, or nested too deep */
    VMWIRE_OMITTED_SEPARATE, /* it is sent behind its section, where no tail depends on it */
    VMWIRE_OMITTED_ELEMENTS, /* lists with another number of elements than the stream's, or than none; fields that decide
                                what follows, with another value */
    VMWIRE_OMISSION_REASONS,
};

/* The subsections, or lists, that are missing for one reason. */
struct vmwire_omission {
    size_t count;
    const char *first; /* the name of one of them; NULL: there is none */
};

/* A template, or a single state in the same form. */
struct vmwire_template {
    struct vmwire_stream stream; /* its records point into `bytes` */
    struct vmwire_bytes bytes;
    struct vmwire_omission omitted[VMWIRE_OMISSION_REASONS];
};

/*
 * Makes a template of a stream. It has the subsections that the option sends at their owner's tail,
 * all of them optional. It leaves out those that the option sends behind the section, because no
 * tail depends on them.
 *
 * The template lives in `arena` and points to the schema and the bytes of `stream`, which must
 * outlive it. Returns false with `error` set when the option cannot write the template
 * (VMWIRE_ERROR_CANNOT_WRITE).
 */
bool vmwire_template_of_stream(struct vmwire_template *made, const struct vmwire_option *option,
                               const struct vmwire_stream *stream, struct vmwire_arena *arena,
                               struct vmwire_error *error);

/* Makes the one state that the stream holds, as the option writes it. No subsection is added, none
 * is optional. The option must send these subsections at their owner's tail. Memory and errors as
 * above. */
bool vmwire_template_of_state(struct vmwire_template *made, const struct vmwire_option *option,
                              const struct vmwire_stream *stream, struct vmwire_arena *arena,
                              struct vmwire_error *error);

/* Makes a template of a device: a stream of one section with a footer (since QEMU 2.4), then the
 * end. The device's schema must outlive it. Memory and errors as above; also returns false when the device's
 * own fields are more than a template may have (VMWIRE_ERROR_LIMIT). */
bool vmwire_template_of_device(struct vmwire_template *made, const struct vmwire_option *option,
                               const struct vmwire_device *device, struct vmwire_arena *arena,
                               struct vmwire_error *error);

#pragma GCC visibility pop

#endif
