/*
 * A template: a stream that holds every subsection that a state may send, each marked as optional, so
 * that the engine can decide about all of them at once. Made of a real stream, whose own bytes it keeps,
 * or of a device alone, of which only a schema is known; what is not known to hold anything holds zeros.
 *
 * Knows records, schemas and the writer; knows nothing of the engine that asks for it.
 */
#ifndef VMWIRE_TEMPLATE_H
#define VMWIRE_TEMPLATE_H

#include "vmwire/arena.h"
#include "vmwire/option.h"
#include "vmwire/reader.h"
#include "vmwire/record.h"

#pragma GCC visibility push(default)

struct template
{
    struct stream stream; /* its records point into `bytes` */
    struct bytes bytes;
    bool
        incomplete; /* a subsection was left out: its layout is not known, or there is no end of them */
};

/* Subsections that the option sends inline at their owner's tail are optional, the others are left out:
 * they are items of their own, and no tail depends on them. False with `error` set where the option
 * cannot write it. All lives in `arena`, except what the stream's bytes and its schema hold. */
bool template_of_stream(struct template *made, const struct protocol_option *option,
                        const struct stream *stream, struct arena *arena, struct error *error);

/* The stream as it is, as the option writes it: one state, of which no subsection is optional. The option
 * sends its subsections inline. */
bool template_of_state(struct template *made, const struct protocol_option *option,
                       const struct stream *stream, struct arena *arena, struct error *error);

/* A stream of one section with a footer, and the end. */
bool template_of_device(struct template *made, const struct protocol_option *option,
                        const struct device *device, struct arena *arena, struct error *error);

#pragma GCC visibility pop

#endif
