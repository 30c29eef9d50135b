/* SPDX-License-Identifier: MIT */
/*
 * A structure as the row of things that stand on the wire one after another: its fields, those of structures embedded in it
 * among them. Two rows can then be compared, however the fields are put into structures. Knows one side only.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_ELEMENTS_H
#define VMWIRE_SKEW_LAYOUTS_ELEMENTS_H

#include "skew/layouts/element.h"
#include "vmwire/skew.h"

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

#endif
