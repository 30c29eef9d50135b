/* SPDX-License-Identifier: MIT */
/*
 * A reader meets a layout that its schema does not tell. A real one has some layout there. Here the schema gets each that
 * is a number of bytes: whatever a layout is, the reader goes on behind some number of them. Knows nothing of states.
 */
#ifndef VMWIRE_TESTS_BRUTE_LAYOUTS_H
#define VMWIRE_TESTS_BRUTE_LAYOUTS_H

#include "brute.h"

/* What the error is about. */
struct unknown_layout {
    enum { UNKNOWN_NOTHING, UNKNOWN_VERSION, UNKNOWN_SUBSECTION, UNKNOWN_LIST } what;
    unsigned version;
    char name[64]; /* of the structure, subsection or field */
};

static inline struct unknown_layout unknown_layout_of(const struct vmwire_error *error)
{
    struct unknown_layout unknown = {UNKNOWN_NOTHING, 0, ""};
    const char *text = error->message;
    if (error->kind != VMWIRE_ERROR_NO_LAYOUT)
        return unknown;
    if (sscanf(text, "the layout of version %u of \"%63[^\"]", &unknown.version, unknown.name) == 2)
        unknown.what = UNKNOWN_VERSION;
    else if (sscanf(text, "subsection \"%63[^\"]", unknown.name) == 1)
        unknown.what = UNKNOWN_SUBSECTION;
    else if (sscanf(text, "no description of the elements of list \"%63[^\"]", unknown.name) == 1)
        unknown.what = UNKNOWN_LIST;
    return unknown;
}

enum { MOST_FILLED = 32 };

/* The places of the schema that hold the layout, and what they held before. */
struct filled_layout {
    struct vmwire_structure structure;
    struct vmwire_field field;
    struct filled_place {
        const struct vmwire_structure **at, *before;
    } places[MOST_FILLED];
    size_t count;
};

static inline void fill_place(struct filled_layout *filled, const struct vmwire_structure **at)
{
    if (filled->count == MOST_FILLED)
        TEST_BROKEN("a layout is unknown in more than %d places", MOST_FILLED);
    filled->places[filled->count++] = (struct filled_place){at, *at};
    if (*at && filled->count == 1) {
        filled->structure.subsections = (*at)->subsections;
        filled->structure.subsection_count = (*at)->subsection_count;
    }
    *at = &filled->structure;
}

static inline bool lacks_version(const struct unknown_layout *unknown,
                                 const struct vmwire_structure *structure)
{
    return unknown->what == UNKNOWN_VERSION && structure && structure->name &&
           strcmp(structure->name, unknown->name) == 0 &&
           structure->described_version_id != unknown->version;
}

static inline void fill_structure(struct filled_layout *filled,
                                  const struct unknown_layout *unknown,
                                  const struct vmwire_structure *structure)
{
    for (size_t i = 0; i < structure->subsection_count; i++) {
        struct vmwire_subsection *subsection = &structure->subsections[i];
        bool unsent = unknown->what == UNKNOWN_SUBSECTION && !subsection->structure &&
                      strcmp(subsection->name, unknown->name) == 0;
        if (unsent || lacks_version(unknown, subsection->structure))
            fill_place(filled, &subsection->structure);
    }
    for (size_t i = 0; i < structure->field_count; i++) /* where records tell their version */
        if (lacks_version(unknown, structure->fields[i].structure))
            fill_place(filled, &structure->fields[i].structure);
    for (size_t i = 0; unknown->what == UNKNOWN_LIST && i < structure->field_count; i++)
        if (structure->fields[i].class == VMWIRE_FIELD_LIST && !structure->fields[i].structure &&
            strcmp(structure->fields[i].name, unknown->name) == 0)
            fill_place(filled, &structure->fields[i].structure);
}

/* Gives the schema such a layout, of no bytes as yet. empty_layout() takes it back. */
static inline void fill_layout(struct filled_layout *filled, const struct unknown_layout *unknown,
                               const struct vmwire_schema *schema)
{
    *filled = (struct filled_layout){
        .structure = {.name = unknown->name,
                      .version_id = UINT8_MAX,
                      .described_version_id = unknown->version,
                      .fields = &filled->field,
                      .assumed = unknown->what == UNKNOWN_SUBSECTION},
        .field =
            {.name = "h", .type = "buffer", .count = 1, .index = -1, .class = VMWIRE_FIELD_FREE},
    };
    for (size_t i = 0; i < schema->device_count; i++)
        if (lacks_version(unknown, schema->devices[i].structure))
            fill_place(filled, (const struct vmwire_structure **)&schema->devices[i].structure);
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        fill_structure(filled, unknown, each);
}

static inline void set_layout_size(struct filled_layout *filled, size_t bytes)
{
    filled->field.size = (uint32_t)bytes;
    filled->structure.field_count = bytes > 0;
}

static inline void empty_layout(struct filled_layout *filled)
{
    while (filled->count) {
        const struct filled_place *place = &filled->places[--filled->count];
        *place->at = place->before;
    }
}

#endif
