/*
 * The protocol options: one row each. A row says as values how the option differs from today's format; no code
 * outside the grammar, the lexer's tail rules and the one writer asks which option it is.
 */
#ifndef VMWIRE_OPTION_H
#define VMWIRE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/schema.h"

#pragma GCC visibility push(default)

/* Where an option puts a subsection. */
enum subsection_place {
    SUBSECTION_INLINE,  /* at its owner's tail */
    SUBSECTION_ITEM,    /* an item of its own behind the section (standalone) */
    SUBSECTION_SECTION, /* a full section of its own behind the section, unless an older release
                           declared it already: then at its owner's tail (toplevel) */
};

/* When the reader looks for a subsection at a tail. The lexer's tail rules are what a reader does;
 * this is what the engine takes them to be, and the tests hold the one against the other. */
enum tail_look {
    LOOK_NEVER,
    LOOK_ALWAYS,      /* a 05 is a subsection */
    LOOK_IF_DECLARED, /* the same, where the structure has subsections */
    LOOK_IF_PLAUSIBLE /* the same, where a plausible name follows */
};

struct protocol_option {
    const char *name;
    const char *about;       /* half a line for a person */
    uint32_t stream_version; /* the be32 behind the magic */
    bool sentinel;           /* a 00 behind every embedded record */
    enum subsection_place subsections;
    enum tail_look look;
    /* Its claim: every state comes back as it was, if no subsection is existing, no structure has two of
     * one name, and with a sentinel none has a name that its owner has too. */
    bool exact;
};

/* All options, in the order of the discussion. */
extern const struct protocol_option protocol_options[];
extern const size_t protocol_option_count;

/* The option of that name, or NULL. */
const struct protocol_option *protocol_option_find(const char *name);

/* Whether the option sends this subsection at its owner's tail. */
bool option_sends_inline(const struct protocol_option *option, const struct subsection *subsection);

#pragma GCC visibility pop

#endif
