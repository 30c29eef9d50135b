/* SPDX-License-Identifier: MIT */
/*
 * Where a side has both, the declaration and the stream's layout are walked in step: the declaration tells what depends on
 * what, the layout which fields there are.
 */
#include "skew/layouts/elements.h"

#include <stdio.h>
#include <string.h>

#include "skew/layouts/element_fields.h"

/* A structure whose fields are being listed. */
struct level {
    size_t part;
    size_t declared, described; /* the next field of each */
};

struct listing {
    struct vmwire_arena *arena;
    struct elements elements;
    const struct kept_paths *keeps;
    const struct vmwire_layouts *layouts;
    struct level levels[VMWIRE_SCHEMA_NESTING_LIMIT];
    size_t depth;
};

const char *view_name(struct view view)
{
    return view.declared ? view.declared->name : view.described ? view.described->name : NULL;
}

const char *join_path(struct vmwire_arena *arena, const char *path, const char *name)
{
    const size_t length = strlen(path) + strlen(name) + 2;
    char *joined = vmwire_arena_alloc(arena, length);
    snprintf(joined, length, "%s%s%s", path, path[0] && name[0] ? "." : "", name);
    return joined;
}

static void begin_level(struct listing *listing, struct view view, const char *path)
{
    struct elements *elements = &listing->elements;
    elements->parts = vmwire_arena_grow(listing->arena, elements->parts, elements->part_count,
                                        &elements->part_room, sizeof(*elements->parts));
    elements->parts[elements->part_count] = (struct part){view, path};
    listing->levels[listing->depth++] = (struct level){.part = elements->part_count++};
}

/* Several fields of a structure can have one name. A description numbers them then (QEMU migration/vmstate.c, vmfield_name_num);
 * a dump does not. */
static const char *number_name(struct vmwire_arena *arena, const struct view *view, size_t index)
{
    const struct vmwire_field *fields = view->declared->fields;
    const char *name = fields[index].name;
    size_t before = 0, all = 0;
    for (size_t i = 0; i < view->declared->field_count; i++) {
        bool same = strcmp(fields[i].name, name) == 0;
        all += same;
        before += same && i < index;
    }
    if (all == 1 || view->in_memory)
        return name;
    const size_t length = strlen(name) + 24;
    char *numbered = vmwire_arena_alloc(arena, length);
    snprintf(numbered, length, "%s[%zu]", name, before);
    return numbered;
}

size_t base_length(const char *name)
{
    const char *number = strrchr(name, '[');
    return number && name[strlen(name) - 1] == ']' ? (size_t)(number - name) : strlen(name);
}

bool declares_name(const struct elements *elements, const struct element *element)
{
    const size_t length = base_length(element->name);
    for (size_t i = 0; i < elements->part_count; i++) {
        const struct vmwire_structure *declared = elements->parts[i].view.declared;
        for (size_t k = 0; declared && k < declared->field_count; k++) {
            const char *name = declared->fields[k].name;
            if (base_length(name) == length && strncmp(name, element->name, length) == 0)
                return true;
        }
    }
    return false;
}

/* Whether a described field is the declared one, or a part of it: a private encoding can be described by its parts. */
static bool is_part_of(const char *described, const struct vmwire_structure *declared,
                       const struct vmwire_field *field, const char *name)
{
    const size_t length = strlen(name);
    if (strcmp(described, name) == 0)
        return true;
    return !is_record(field) && strncmp(described, name, length) == 0 &&
           (described[length] == '.' || described[length] == '[') &&
           !declares_field(declared, described);
}

static bool is_kept(const struct listing *listing, const char *path)
{
    for (size_t i = 0; i < listing->keeps->count; i++)
        if (strcmp(listing->keeps->paths[i], path) == 0)
            return true;
    return false;
}

/* Whether the element is one structure that is always there: its fields are part of the row. */
static bool is_taken_apart(const struct listing *listing, const struct element *element,
                           const char *path)
{
    const struct vmwire_field *described = element->described;
    bool one = described ? element->described_count == 1 && described->count == 1 &&
                               described->class == VMWIRE_FIELD_RECORD
                         : element->count == 1;
    bool steady = !element->declared || (element->presence == PRESENCE_ALWAYS &&
                                         !element->counted && element->here != NOT_HERE);
    return listing->keeps->inlines && !is_unknown_view(element->inside) && one && steady &&
           listing->depth < VMWIRE_SCHEMA_NESTING_LIMIT && !is_kept(listing, path);
}

static void add_element(struct listing *listing, struct element element)
{
    struct elements *elements = &listing->elements;
    element.owner = listing->levels[listing->depth - 1].part;
    element.path = join_path(listing->arena, elements->parts[element.owner].path, element.name);
    if (is_taken_apart(listing, &element, element.path)) {
        begin_level(listing, element.inside, element.path);
        return;
    }
    elements->list = vmwire_arena_grow(listing->arena, elements->list, elements->count,
                                       &elements->room, sizeof(*elements->list));
    elements->list[elements->count++] = element;
}

/* The described fields from `first` on that are this declared one. */
static size_t count_described(const struct view *view, size_t first,
                              const struct vmwire_field *field, const char *name)
{
    size_t count = 0;
    while (first + count < view->described->field_count &&
           is_part_of(view->described->fields[first + count].name, view->declared, field, name))
        count++;
    return count;
}

/* Whether a described field from `first` on is this declared one. */
static bool comes_later(const struct view *view, size_t first, const struct vmwire_field *field,
                        const char *name)
{
    for (size_t i = first; i < view->described->field_count; i++)
        if (is_part_of(view->described->fields[i].name, view->declared, field, name))
            return true;
    return false;
}

/* Whether a field of the declaration has the name, or would have it with a number. */
static bool declares_numbered(const struct vmwire_structure *declared, const char *name)
{
    const size_t length = base_length(name);
    for (size_t i = 0; i < declared->field_count; i++)
        if (strcmp(declared->fields[i].name, name) == 0 ||
            (strlen(declared->fields[i].name) == length &&
             strncmp(declared->fields[i].name, name, length) == 0))
            return true;
    return false;
}

/* Whether the next described field is the declared one under another name: the stream is of a writer that calls it otherwise. */
static bool is_renamed_here(const struct view *view, size_t next, const struct vmwire_field *field,
                            const char *name)
{
    if (next >= view->described->field_count || presence_of(field) != PRESENCE_ALWAYS ||
        !has_version(field, view->version_id))
        return false;
    const struct vmwire_field *described = &view->described->fields[next];
    return !is_record(described) && !is_record(field) && described->size == field->size &&
           described->count == field->count &&
           !declares_numbered(view->declared, described->name) &&
           !comes_later(view, next, field, name);
}

/* What a dump has inside a described field; NULL: nothing, or it has another structure there. */
static const struct vmwire_structure *dumped_inside(const struct view *view,
                                                    const struct element *element)
{
    const char *name = view_name(element->inside);
    for (size_t i = 0; view->dumped && name && i < view->dumped->field_count; i++) {
        const struct vmwire_structure *each = view->dumped->fields[i].structure;
        if (each && each->name && strcmp(each->name, name) == 0)
            return each;
    }
    return NULL;
}

/* Adds the next described field, and those that are the next elements of the same array. */
static void add_described(struct listing *listing, struct level *level, const struct view *view)
{
    const struct vmwire_field *fields = &view->described->fields[level->described];
    size_t left = view->described->field_count - level->described, count = 1;
    bool array = fields[0].index >= 0 || fields[0].null_pointer || is_record(&fields[0]);
    while (array && count < left && strcmp(fields[count].name, fields[0].name) == 0)
        count++;
    struct element element = {.name = NULL, .asked = -1};
    set_described(&element, view->described, fields, count, listing->layouts);
    element.inside.dumped = dumped_inside(view, &element);
    level->described += count;
    add_element(listing, element);
}

/* Adds the next declared field, with the described ones that it is. */
static void add_declared(struct listing *listing, struct level *level, const struct view *view)
{
    const struct vmwire_field *field = &view->declared->fields[level->declared];
    struct element element = {.name = NULL, .asked = -1};
    const char *name = number_name(listing->arena, view, level->declared);
    size_t count = view->described ? count_described(view, level->described, field, name) : 0;
    if (view->described && !count && is_renamed_here(view, level->described, field, name))
        count = 1;
    /* A stream shows what its writer's function has said. */
    if (!has_version(field, view->version_id) ||
        (!count && ask_field(view, field) == 0)) { /* the stream's layout can be of a later one */
        level->described += count;
        level->declared++;
        return;
    }
    if (view->described && !count && presence_of(field) == PRESENCE_ALWAYS &&
        comes_later(view, level->described, field, name)) {
        add_described(listing, level, view); /* the declaration does not have it */
        return;
    }
    set_declared(&element, view, field);
    element.name = name;
    if (count)
        set_described(&element, view->described, &view->described->fields[level->described], count,
                      listing->layouts);
    else if (view->described)
        element.here = NOT_HERE;
    level->described += count;
    level->declared++;
    add_element(listing, element);
}

static void list_next(struct listing *listing)
{
    struct level *level = &listing->levels[listing->depth - 1];
    const struct view view = listing->elements.parts[level->part].view;
    if (view.declared && level->declared < view.declared->field_count)
        add_declared(listing, level, &view);
    else if (view.described && level->described < view.described->field_count)
        add_described(listing, level, &view);
    else
        listing->depth--;
}

struct elements list_elements(struct vmwire_arena *arena, struct view root,
                              const struct kept_paths *keeps, const struct vmwire_layouts *layouts)
{
    struct listing listing = {.arena = arena, .keeps = keeps, .layouts = layouts};
    begin_level(&listing, root, "");
    while (listing.depth > 0)
        list_next(&listing);
    return listing.elements;
}
