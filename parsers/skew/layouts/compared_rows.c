/* SPDX-License-Identifier: MIT */
#include "skew/layouts/compared_rows.h"

#include <string.h>

#include "skew/shared/places.h"

void compare_later(struct comparison *comparison, struct waiting waiting)
{
    if (is_unknown_view(waiting.writer) || is_unknown_view(waiting.reader))
        return;
    comparison->list =
        vmwire_arena_grow(comparison->skew->arena, comparison->list, comparison->count,
                          &comparison->room, sizeof(*comparison->list));
    comparison->list[comparison->count++] = waiting;
}

/* What grammar/layouts tells: a schema of the two sides can have it already. NULL: memory ran out. */
static const struct vmwire_layouts *find_layouts(struct skew *skew)
{
    const struct vmwire_schema *const known[] = {skew->writer->described, skew->writer->declared,
                                                 skew->reader->described, skew->reader->declared};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && !skew->layouts; i++)
        skew->layouts = known[i] ? known[i]->layouts : NULL;
    if (skew->layouts)
        return skew->layouts;
    struct vmwire_error error;
    struct vmwire_schema *schema = vmwire_schema_create(skew->arena, &error);
    if (schema && vmwire_schema_add_layouts(schema, &error))
        skew->layouts = schema->layouts;
    return skew->layouts;
}

static bool has_part(const struct elements *elements, const char *path)
{
    for (size_t i = 1; i < elements->part_count; i++)
        if (strcmp(elements->parts[i].path, path) == 0)
            return true;
    return false;
}

static bool have_one_structure(const struct part *part, const struct element *element)
{
    const char *name = view_name(element->inside), *other = view_name(part->view);
    return name && other && strcmp(name, other) == 0;
}

/* A structure that only one row takes apart, because on the other side there can be several, is kept in both. It can have another
 * name there: neither row knows the other one's path then. */
static bool keep_unlike(const struct rows *rows, struct kept_paths *keeps,
                        const struct elements *apart, const struct elements *whole)
{
    const size_t before = keeps->count;
    for (size_t i = 0; i < whole->count; i++) {
        const struct element *element = &whole->list[i];
        const bool alone = !has_part(apart, element->path);
        for (size_t k = 1; k < apart->part_count && !is_unknown_view(element->inside); k++) {
            const struct part *part = &apart->parts[k];
            if (strcmp(element->path, part->path) != 0 &&
                !(alone && have_one_structure(part, element) && !has_part(whole, part->path)))
                continue;
            keeps->paths = vmwire_arena_grow(rows->comparison->skew->arena, keeps->paths,
                                             keeps->count, &keeps->room, sizeof(*keeps->paths));
            keeps->paths[keeps->count++] = part->path;
        }
    }
    return keeps->count > before;
}

void list_rows(struct rows *rows)
{
    struct vmwire_arena *arena = rows->comparison->skew->arena;
    const struct waiting *of = rows->of;
    const struct vmwire_layouts *layouts = find_layouts(rows->comparison->skew);
    struct kept_paths keeps = {.inlines = of->writer.in_memory == of->reader.in_memory};
    bool again = true;
    while (again) {
        rows->writer = list_elements(arena, of->writer, &keeps, layouts);
        rows->reader = list_elements(arena, of->reader, &keeps, layouts);
        again = keep_unlike(rows, &keeps, &rows->writer, &rows->reader) ||
                keep_unlike(rows, &keeps, &rows->reader, &rows->writer);
    }
}

const char *path_of_element(const struct rows *rows, const struct element *element)
{
    return join_path(rows->comparison->skew->arena, rows->of->path, element->path);
}

uint64_t offset_of_field(const struct comparison *comparison, const struct vmwire_field *field)
{
    const struct vmwire_item *item = comparison->section->written;
    const struct vmwire_side *writer = comparison->skew->writer;
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    bool within = false;
    if (!item || !item->record || !field)
        return VMWIRE_ERROR_NO_OFFSET;
    vmwire_record_walk_begin(&walk, item->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        if (step != VMWIRE_RECORD_VALUE && step != VMWIRE_RECORD_BEGIN)
            continue;
        within |= walk.value && walk.value->field == field;
        if (within && step == VMWIRE_RECORD_VALUE)
            return offset_in(writer, vmwire_value_place(walk.value, writer->bytes));
    }
    return VMWIRE_ERROR_NO_OFFSET;
}

uint64_t offset_of_section(const struct comparison *comparison)
{
    const struct vmwire_item *item = comparison->section->written;
    return item ? offset_in(comparison->skew->writer, item->raw.data) : VMWIRE_ERROR_NO_OFFSET;
}

uint64_t offset_of_run(const struct rows *rows, size_t first)
{
    for (size_t i = first; i < rows->writer.count; i++)
        if (rows->writer.list[i].described)
            return offset_of_field(rows->comparison, rows->writer.list[i].described);
    return VMWIRE_ERROR_NO_OFFSET;
}
