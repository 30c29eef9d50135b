/* SPDX-License-Identifier: MIT */
/*
 * A program can declare several structures of one name: the one that has most of the fields is meant.
 */
#include "skew/side_structures.h"

#include <string.h>

#include "skew/shared/likeness.h"

/* A structure that gets its name when QEMU runs, and has the fields. */
static const struct vmwire_structure *find_nameless(const struct vmwire_schema *schema,
                                                    const struct vmwire_structure *like)
{
    for (size_t i = 0; i < schema->declared_count; i++) {
        const struct vmwire_structure *each = schema->declared[i].structure;
        if (schema->declared[i].idstr && !schema->declared[i].idstr[0] && each->field_count &&
            count_shared_fields(like, each) * 4 >= like->field_count * 3)
            return each;
    }
    return NULL;
}

/* The declared structure that a section of this idstr has: the one like `like`, which can be NULL. */
static const struct vmwire_structure *find_declared(const struct vmwire_schema *schema,
                                                    const char *idstr,
                                                    const struct vmwire_structure *like)
{
    const struct vmwire_structure *best = NULL, *each;
    int64_t most = 0;
    for (size_t i = 0; schema && (each = vmwire_schema_declared(schema, idstr, i)); i++) {
        int64_t is_like = like ? likeness(each, like) : 0;
        if (!best || is_like > most) {
            best = each;
            most = is_like;
        }
    }
    return best || !schema || !like ? best : find_nameless(schema, like);
}

/* A structure without fields is of a device that cannot be migrated, or whose sections have another one of the name
 * (amd-iommu). */
const struct vmwire_structure *dumped_structure(const struct vmwire_schema *schema,
                                                const struct vmwire_structure *like)
{
    const struct vmwire_structure *best = NULL;
    int64_t most = 0;
    for (size_t i = 0; schema && like && like->name && i < schema->type_count; i++) {
        const struct vmwire_structure *each = schema->types[i].structure;
        if (strcmp(each->name, like->name) != 0 || (like->field_count && !each->field_count))
            continue;
        const int64_t is_like = likeness(each, like);
        if (!best || is_like > most) {
            best = each;
            most = is_like;
        }
    }
    return best;
}

struct view view_of_section(const struct vmwire_side *side, const char *idstr,
                            const struct vmwire_structure *described,
                            const struct vmwire_structure *like)
{
    struct view view = {.described = described};
    view.declared = find_declared(side->declared, idstr, described ? described : like);
    if (!view.declared && described)
        view.dumped = dumped_structure(side->dumped, described);
    else if (!view.declared) {
        view.declared = dumped_structure(side->dumped, like);
        view.in_memory = view.declared != NULL;
    }
    view.version_id = described       ? described->described_version_id
                      : view.declared ? view.declared->version_id
                                      : 0;
    return view;
}

bool tells_devices(const struct vmwire_side *side)
{
    return side->stream || side->described || side->declared;
}
