/* SPDX-License-Identifier: MIT */
/*
 * Copies the structures of a device, each once, and changes the copies. A work list holds those whose fields still point to the
 * originals, so nothing recurses.
 */
#include "program/compare/other_release.h"

#include <string.h>

#include "vmwire/arena.h"

/* A structure and its copy. */
struct copied {
    const struct vmwire_structure *original;
    struct vmwire_structure *copy;
};

struct copying {
    struct vmwire_arena *arena;
    const char *changed;
    enum release_difference difference;
    struct copied *list;
    size_t count, room;
    bool differs;
};

static const char *const names[] = {
    [RELEASE_FIELD_MORE] = "a field more",
    [RELEASE_FIELD_FEWER] = "a field fewer",
    [RELEASE_STRUCTURE_MORE] = "an embedded structure more",
    [RELEASE_STRUCTURE_FEWER] = "an embedded structure fewer",
};

const char *release_difference_name(enum release_difference difference)
{
    return names[difference];
}

static bool is_embedded(const struct vmwire_field *field)
{
    return field->class == VMWIRE_FIELD_RECORD || field->class == VMWIRE_FIELD_LIST;
}

/* Takes out the last field of that kind. One on which others depend stays: without it nothing tells how they are read. */
static bool take_out(struct vmwire_structure *structure, bool embedded)
{
    for (size_t i = structure->field_count; i--;) {
        struct vmwire_field *field = &structure->fields[i];
        if (is_embedded(field) != embedded || field->determines || field->dependence)
            continue;
        memmove(field, field + 1, (structure->field_count - i - 1) * sizeof(*field));
        structure->field_count--;
        return true;
    }
    return false;
}

/* The new structure has one field, and no subsection. */
static const struct vmwire_structure *make_new_structure(struct vmwire_arena *arena,
                                                         const struct vmwire_field *field)
{
    struct vmwire_structure *made = vmwire_arena_alloc(arena, sizeof(*made));
    struct vmwire_field *own = vmwire_arena_alloc(arena, sizeof(*own));
    *own = *field;
    own->name = "value";
    *made = (struct vmwire_structure){.name = "new structure",
                                      .version_id = 1,
                                      .minimum_version_id = 1,
                                      .described_version_id = 1,
                                      .fields = own,
                                      .field_count = 1,
                                      .least_size = field->size};
    return made;
}

/* The copy has room for one field more. */
static bool append(struct vmwire_structure *structure, bool embedded, struct vmwire_arena *arena)
{
    struct vmwire_field added = {.name = "new field",
                                 .type = "uint32",
                                 .size = 4,
                                 .count = 1,
                                 .index = -1,
                                 .class = VMWIRE_FIELD_FREE};
    if (embedded) {
        added.structure = make_new_structure(arena, &added);
        added.type = "struct";
        added.class = VMWIRE_FIELD_RECORD;
    }
    structure->fields[structure->field_count++] = added;
    return true;
}

static bool change(struct vmwire_structure *structure, const struct copying *copying)
{
    bool embedded = copying->difference == RELEASE_STRUCTURE_MORE ||
                    copying->difference == RELEASE_STRUCTURE_FEWER;
    bool more =
        copying->difference == RELEASE_FIELD_MORE || copying->difference == RELEASE_STRUCTURE_MORE;
    return more ? append(structure, embedded, copying->arena) : take_out(structure, embedded);
}

static const struct vmwire_structure *copy_of(struct copying *copying,
                                              const struct vmwire_structure *original)
{
    for (size_t i = 0; i < copying->count; i++)
        if (copying->list[i].original == original)
            return copying->list[i].copy;
    struct vmwire_structure *copy = vmwire_arena_alloc(copying->arena, sizeof(*copy));
    *copy = *original;
    copy->fields =
        vmwire_arena_alloc(copying->arena, (original->field_count + 1) * sizeof(*copy->fields));
    memcpy(copy->fields, original->fields, original->field_count * sizeof(*copy->fields));
    copy->subsections = vmwire_arena_alloc(copying->arena, (original->subsection_count + 1) *
                                                               sizeof(*copy->subsections));
    memcpy(copy->subsections, original->subsections,
           original->subsection_count * sizeof(*copy->subsections));
    copying->list = vmwire_arena_grow(copying->arena, copying->list, copying->count, &copying->room,
                                      sizeof(*copying->list));
    copying->list[copying->count++] = (struct copied){original, copy};
    return copy;
}

/* Has the copy point to copies. */
static void point_to_copies(struct copying *copying, struct vmwire_structure *copy)
{
    for (size_t i = 0; i < copy->field_count; i++)
        if (copy->fields[i].structure)
            copy->fields[i].structure = copy_of(copying, copy->fields[i].structure);
    for (size_t i = 0; i < copy->subsection_count; i++)
        if (copy->subsections[i].structure)
            copy->subsections[i].structure = copy_of(copying, copy->subsections[i].structure);
}

const struct vmwire_schema *make_other_release(const struct vmwire_schema *schema,
                                               const struct vmwire_device *device,
                                               const char *changed,
                                               enum release_difference difference,
                                               struct vmwire_arena *arena)
{
    struct copying copying = {.arena = arena, .changed = changed, .difference = difference};
    const struct vmwire_structure *root = copy_of(&copying, device->structure);
    for (size_t i = 0; i < copying.count; i++)
        point_to_copies(&copying, copying.list[i].copy);
    for (size_t i = 0, count = copying.count; i < count; i++)
        if (copying.list[i].copy->name && strcmp(copying.list[i].copy->name, changed) == 0)
            copying.differs |= change(copying.list[i].copy, &copying);
    if (!copying.differs)
        return NULL;
    struct vmwire_device *only = vmwire_arena_alloc(arena, sizeof(*only));
    struct vmwire_schema *other = vmwire_arena_alloc(arena, sizeof(*other));
    *only = *device;
    only->structure = root;
    *other = *schema;
    other->devices = other->described = only;
    other->device_count = other->described_count = 1;
    return other;
}
