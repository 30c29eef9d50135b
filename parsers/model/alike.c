/* SPDX-License-Identifier: MIT */
/*
 * Goes through two structures side by side, with a list of those that are open.
 */
#include "model/alike.h"

#include <string.h>

static bool depend_alike(const struct vmwire_dependence *a, const struct vmwire_dependence *b)
{
    if (!a || !b)
        return !a && !b;
    return a->sets == b->sets && a->count == b->count && a->count_factor == b->count_factor &&
           a->size == b->size && a->size_factor == b->size_factor &&
           a->size_in_bits == b->size_in_bits && a->condition == b->condition &&
           a->since == b->since && a->before == b->before && a->elements == b->elements &&
           a->versioned == b->versioned && a->version_id == b->version_id &&
           a->pointers == b->pointers && a->markers == b->markers;
}

/* Whether the same numbers are fields of their owners. */
static bool inherit_alike(const struct vmwire_inheritance *a, const struct vmwire_inheritance *b)
{
    if (!a || !b)
        return !a && !b;
    return memcmp(a->slots, b->slots, sizeof(a->slots)) == 0;
}

static bool have_alike_fields(const struct vmwire_structure *a, const struct vmwire_structure *b)
{
    bool alike = a->field_count == b->field_count && a->subsection_count == b->subsection_count &&
                 inherit_alike(a->inherited, b->inherited);
    for (size_t i = 0; alike && i < a->field_count; i++) {
        const struct vmwire_field *one = &a->fields[i], *other = &b->fields[i];
        alike = one->type == other->type && one->size == other->size &&
                one->count == other->count && depend_alike(one->dependence, other->dependence) &&
                !one->structure == !other->structure &&
                (!one->structure || strcmp(one->structure->name, other->structure->name) == 0);
    }
    for (size_t i = 0; alike && i < a->subsection_count; i++)
        alike = strcmp(a->subsections[i].name, b->subsections[i].name) == 0;
    return alike;
}

bool are_alike(const struct vmwire_structure *a, const struct vmwire_structure *b)
{
    struct {
        const struct vmwire_structure *a, *b;
        size_t field; /* the next one */
    } open[VMWIRE_SCHEMA_NESTING_LIMIT + 1] = {{a, b, 0}};
    unsigned depth = 1;
    bool alike = have_alike_fields(a, b);
    while (alike && depth > 0) {
        if (open[depth - 1].field == open[depth - 1].a->field_count) {
            depth--;
            continue;
        }
        size_t field = open[depth - 1].field++;
        const struct vmwire_structure *one = open[depth - 1].a->fields[field].structure,
                                      *other = open[depth - 1].b->fields[field].structure;
        if (!one)
            continue;
        alike = have_alike_fields(one, other);
        open[depth].a = one, open[depth].b = other, open[depth].field = 0;
        depth++;
    }
    return alike;
}
