/* SPDX-License-Identifier: MIT */
/*
 * The table of protocol options. A row holds the properties in which an option differs from today's
 * format. Other code reads these properties; it never asks for an option by name. Knows nothing of
 * readers and writers.
 */
#ifndef VMWIRE_OPTION_H
#define VMWIRE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/schema.h"

#pragma GCC visibility push(default)

/* Where an option's writer puts a subsection. */
enum vmwire_subsection_place {
    VMWIRE_SUBSECTION_INLINE, /* at its owner's tail: behind the last field of the structure */
    VMWIRE_SUBSECTION_ITEM,   /* in an item of its own behind the section (standalone) */
    VMWIRE_SUBSECTION_SECTION, /* in a full section of its own behind the section; but at its owner's tail
                           when an older release already declares it (toplevel) */
};

/* When an option's reader takes the byte 05 at a tail for a subsection. The engine uses these
 * values. The readers use the lexer's tail rules instead. The tests compare the two. */
enum vmwire_tail_look {
    VMWIRE_LOOK_NEVER,
    VMWIRE_LOOK_ALWAYS,      /* always */
    VMWIRE_LOOK_IF_DECLARED, /* when the structure declares subsections */
    VMWIRE_LOOK_IF_PLAUSIBLE, /* when a longer name follows that begins with the structure's name (QEMU
                         migration/vmstate.c, vmstate_subsection_load) */
    VMWIRE_LOOK_IF_ONLY_READING, /* when the only reading of the whole section has one here. A reading is
                         what a writer of the reader's schema could have written; where there is none, or
                         more than one, the reader rejects */
    VMWIRE_LOOK_IF_DECLARED_AND_PLAUSIBLE, /* when both hold */
    VMWIRE_LOOK_DESCRIBED, /* when the description of the stream tells that the subsection was sent here. Where it tells
                         nothing of a record that can have subsections, and where there is no description, the reader
                         refuses the stream */
};

/* How an option writes items, fields and records as bytes. */
enum vmwire_encoding {
    VMWIRE_ENCODING_QEMU, /* as QEMU does: no tags, and few lengths */
    VMWIRE_ENCODING_DER, /* each item, field and record is a DER value with tag and length (asn1.h) */
};

/* A row of the table. */
struct vmwire_option {
    const char *name;
    const char *about;       /* half a line for a person */
    uint32_t stream_version; /* the be32 behind the magic */
    bool sentinel; /* a byte 00 closes each record but those of sections and the configuration */
    /* Each record begins with its version_id and the length of its fields, a be32 each; the headers of full
     * sections and subsections have no version. The sentinel also closes the records of sections and the
     * configuration. */
    bool framed;
    bool flat; /* writer and reader abort if a subsection declares subsections of its own */
    enum vmwire_subsection_place subsections;
    enum vmwire_tail_look look;
    enum vmwire_encoding encoding;
    /* The option claims that its reader restores every state exactly. The claim needs two
     * conditions: no subsection is `existing`; no structure has two subsections of one name. With VMWIRE_LOOK_DESCRIBED also two more:
     * the stream is described, and no structure in a list declares subsections. */
    bool exact;
};

/* All options. First those of QEMU: legacy (0.13), guarded (0.14.0 to 0.15.1), heuristic (1.0 to
 * today). Then the proposed ones, which no release has. */
extern const struct vmwire_option vmwire_options[];
extern const size_t vmwire_option_count;

/* Returns the option of that name, or NULL. */
const struct vmwire_option *vmwire_option_find(const char *name);

/* Whether the option's writer puts this subsection at its owner's tail. */
bool vmwire_option_sends_inline(const struct vmwire_option *option,
                                const struct vmwire_subsection *subsection);

/* Whether the option's writer and reader refuse this subsection: the option is `flat`, and the
 * subsection declares subsections of its own (as far as the schema knows its layout). */
bool vmwire_option_refuses(const struct vmwire_option *option,
                           const struct vmwire_subsection *subsection);

#pragma GCC visibility pop

#endif
