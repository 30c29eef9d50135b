/* SPDX-License-Identifier: MIT */
/*
 * What is known on one side of a thing on the wire: a field, or an embedded structure. Knows nothing of its neighbours.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_ELEMENT_H
#define VMWIRE_SKEW_LAYOUTS_ELEMENT_H

#include <string.h>

#include "skew/conditions/places_in_memory.h"

/* What is known of a structure on one side: what its program declares, or a dump where nothing else is known, and how its stream
 * has it. One can be NULL. */
struct view {
    const struct vmwire_structure *declared, *described;
    const struct vmwire_structure *dumped; /* beside `described`: tells versions and subsections */
    uint32_t version_id;    /* that is on the wire: fields of later versions are not there */
    bool in_memory;         /* `declared` is of a dump: its sizes are those in memory */
    struct device_place at; /* of what is declared */
};

enum element_width {
    WIDTH_FIXED,     /* `bytes` */
    WIDTH_SENT,      /* earlier bytes of the stream tell it */
    WIDTH_MACHINE,   /* only the machine or QEMU's code knows it */
    WIDTH_PRIVATE,   /* the encoding of its type tells it */
    WIDTH_IN_MEMORY, /* `bytes` of an element in memory: on the wire it can have others */
};

enum element_presence {
    PRESENCE_ALWAYS,
    PRESENCE_BY_STATE, /* earlier bytes of the stream tell it */
    PRESENCE_BY_CODE,  /* only a function of QEMU knows */
};

enum element_here { HERE_UNKNOWN, HERE, NOT_HERE }; /* in the side's stream */

/* Which elements of an array of pointers have a byte in front of them (since QEMU 11.1 some arrays have). */
enum pointer_markers {
    MARKERS_UNKNOWN,
    MARKERS_OF_NULL, /* those that are null, instead of them: a reader goes by its own pointers */
    MARKERS_OF_ALL,  /* all: a reader goes by what is sent */
};

/* Whether the field is such a byte. */
static inline bool is_pointer_marker(const struct vmwire_field *field)
{
    return field->null_pointer || strcmp(field->type, "ptr-marker") == 0;
}

struct element {
    const char *name, *type; /* type "": not known */
    const char *path;        /* from the root */
    struct view inside;      /* the structure of each element; both NULL: plain values */
    uint64_t bytes;          /* of all elements */
    uint64_t each, count;    /* bytes of one of them; their number */
    enum element_width width;
    enum element_presence presence;
    enum element_here here;
    const struct layout_rule *rule;      /* what earlier bytes tell of it; NULL: nothing */
    const struct vmwire_condition *asks; /* what the function asks that decides; NULL: not known */
    struct device_place at;              /* of the structure that it asks */
    int asked; /* what it says: 1 that it is there, 0 that it is not, -1 that is not known */
    const char *
        counter; /* the field of the structure that sends the number of elements; NULL: another one, or none */
    uint32_t counter_factor; /* to be multiplied with it */
    bool told;               /* the writer's stream tells `count` by it, and `here` */
    bool counted; /* a declaration says that their number or size is not always the same */
    bool
        may_be_empty; /* likewise, and it can be 0: a list has an end, and null pointers have a byte each */
    bool
        by_state; /* the state decides whether it is there, or how many bytes it has, as a declaration or grammar/layouts tells */
    bool declared; /* a declaration tells the width and the presence */
    bool sized;    /* it tells `each`, also where their number is not known */
    bool
        pointers; /* the stream has it as an array of pointers: with a byte for each that is null */
    enum pointer_markers markers;
    bool filler; /* it holds nothing: unused bytes */
    const struct vmwire_field
        *described;         /* the first field of the stream's layout that it is; NULL: none */
    size_t described_count; /* how many fields there are it */
    size_t owner;           /* the part that has it */
};

/* Whether nothing is known of the structure. */
static inline bool is_unknown_view(struct view view)
{
    return !view.declared && !view.described;
}

#endif
