/* SPDX-License-Identifier: MIT */
/*
 * A structure as the row of things that stand on the wire one after another: its fields, those of structures embedded in it
 * among them. Two rows can then be compared, however the fields are put into structures. Knows one side only.
 */
#ifndef VMWIRE_SKEW_ELEMENTS_H
#define VMWIRE_SKEW_ELEMENTS_H

#include "skew/places_in_memory.h"
#include "vmwire/skew.h"

/* What is known of a structure on one side: what its program or dump declares, and how its stream has it. One can be NULL. */
struct view {
    const struct vmwire_structure *declared, *described;
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
    int asked;    /* what it says: 1 that it is there, 0 that it is not, -1 that is not known */
    bool counted; /* a declaration says that their number or size is not always the same */
    bool
        may_be_empty; /* likewise, and it can be 0: a list has an end, and null pointers have a byte each */
    bool
        by_state; /* the state decides whether it is there, or how many bytes it has, as a declaration or grammar/layouts tells */
    bool declared; /* a declaration tells the width and the presence */
    bool sized;    /* it tells `each`, also where their number is not known */
    bool filler;   /* it holds nothing: unused bytes */
    const struct vmwire_field
        *described;         /* the first field of the stream's layout that it is; NULL: none */
    size_t described_count; /* how many fields there are it */
    size_t owner;           /* the part that has it */
};

/* A structure whose fields are in the row: the root, or one that is embedded in it. */
struct part {
    struct view view;
    const char *path; /* from the root; "" is the root */
};

struct elements {
    struct element *list;
    size_t count, room;
    struct part *parts;
    size_t part_count, part_room;
};

/* Which embedded structures stay one element. */
struct kept_paths {
    bool inlines; /* false: all */
    const char **paths;
    size_t count, room;
};

/* Makes the row. Embedded structures are taken apart, but for those that are kept and those of which there can be several.
 * `layouts`: what grammar/layouts tells, for structures of which no declaration is given; NULL: nothing. */
struct elements list_elements(struct vmwire_arena *arena, struct view root,
                              const struct kept_paths *keeps, const struct vmwire_layouts *layouts);

/* Whether a structure of the row declares a field of the element's name, also one that its version or a property leaves out. */
bool declares_name(const struct elements *elements, const struct element *element);

/* Of the name without the number at its end, which tells fields of one name apart. */
size_t base_length(const char *name);

/* A name within a structure, which has the path; "" is the root. */
const char *join_path(struct vmwire_arena *arena, const char *path, const char *name);

/* The structure's name on this side; NULL: it has none. */
const char *view_name(struct view view);

/* Whether nothing is known of the structure. */
static inline bool is_unknown_view(struct view view)
{
    return !view.declared && !view.described;
}

#endif
