/* SPDX-License-Identifier: MIT */
#include "skew/values/checked_values.h"

#include <stdlib.h>
#include <string.h>

#include "skew/shared/walk_path.h"

/* ---- What a row fits ---- */

static bool begins_with(const char *text, const char *beginning, size_t length)
{
    return strncmp(text, beginning, length) == 0;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), of_ending = strlen(ending);
    return length >= of_ending && strcmp(text + length - of_ending, ending) == 0;
}

static bool fits_structure(const struct value_row *row, const char *name)
{
    if (!row->structure)
        return true;
    size_t length = strlen(row->structure);
    if (!name)
        return false;
    return row->structure[length - 1] == '*' ? begins_with(name, row->structure, length - 1)
                                             : strcmp(name, row->structure) == 0;
}

static bool fits_type(const struct value_row *row, const char *type)
{
    if (!row->type)
        return true;
    return *row->type == '*' ? ends_with(type, row->type + 1) : strcmp(type, row->type) == 0;
}

/* Whether the name is this one, or has it behind a dot. */
static bool is_named(const char *name, const char *wanted)
{
    if (!ends_with(name, wanted))
        return false;
    size_t before = strlen(name) - strlen(wanted);
    return !before || name[before - 1] == '.';
}

/* Returns which of the names it is; NULL: none of them. */
static const char *fitting_name(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (is_named(name, *names))
            return *names;
    return NULL;
}

/* ---- The walk ---- */

struct finding {
    const struct skew *skew;
    const struct vmwire_side *side;
    struct checked_values *found;
    struct vmwire_record_walk walk;
    /* Of each record around, and of the walk's own: */
    uint64_t rows[VMWIRE_SCHEMA_NESTING_LIMIT + 1]; /* those that fit its structure */
    const struct vmwire_value *limits[VMWIRE_SCHEMA_NESTING_LIMIT + 1];
};

static void enter_record(struct finding *finding)
{
    unsigned depth = finding->walk.depth;
    finding->rows[depth] = 0;
    finding->limits[depth] = NULL;
    for (size_t i = 0; i < value_row_count; i++)
        if (fits_structure(&value_rows[i], finding->walk.record->structure->name))
            finding->rows[depth] |= UINT64_C(1) << i;
}

/* The path with the first of the row's names in place of the field's own. */
static const char *common_path(const struct finding *finding, const struct value_row *row)
{
    const char *name = finding->walk.value->field->name;
    const char *fitting = row->fields ? fitting_name(row->fields, name) : NULL;
    if (fitting && fitting != row->fields[0])
        name = vmwire_text(finding->skew->arena, "%.*s%s", (int)(strlen(name) - strlen(fitting)),
                           name, row->fields[0]);
    return walk_path(finding->skew, &finding->walk, name);
}

static void add_value(struct finding *finding, const struct value_row *row)
{
    struct checked_values *found = finding->found;
    const struct vmwire_record_walk *walk = &finding->walk;
    found->values = vmwire_arena_grow(finding->skew->arena, found->values, found->count,
                                      &found->room, sizeof(*found->values));
    found->values[found->count] =
        (struct checked_value){.row = row,
                               .path = common_path(finding, row),
                               .shown = walk_path(finding->skew, walk, walk->value->field->name),
                               .structure = walk->record->structure->name,
                               .value = walk->value,
                               .limit = row->limits ? finding->limits[walk->depth] : NULL,
                               .number = found->count};
    found->count++;
}

static void look_at_value(struct finding *finding)
{
    const struct vmwire_field *field = finding->walk.value->field;
    const unsigned depth = finding->walk.depth;
    for (size_t i = 0; i < value_row_count; i++) {
        const struct value_row *row = &value_rows[i];
        if (!(finding->rows[depth] >> i & 1))
            continue;
        if (row->limits && fitting_name(row->limits, field->name))
            finding->limits[depth] = finding->walk.value;
        if (fits_type(row, field->type) &&
            (!row->fields || fitting_name(row->fields, field->name))) {
            add_value(finding, row);
            return;
        }
    }
}

static void look_at_subsection(struct finding *finding)
{
    const char *name = finding->walk.subsection->subsection->name;
    for (size_t i = 0; i < value_row_count; i++)
        if (value_rows[i].unless && strcmp(value_rows[i].unless, name) == 0)
            finding->found->left_out |= UINT64_C(1) << i;
    for (size_t i = 0; i < pointer_row_count; i++)
        if (strcmp(pointer_rows[i].subsection, name) == 0)
            finding->found->pointers |= UINT64_C(1) << i;
}

struct checked_values find_checked_values(const struct skew *skew, const struct vmwire_side *side,
                                          const struct vmwire_record *record)
{
    struct checked_values found = {.values = NULL};
    struct finding finding = {.skew = skew, .side = side, .found = &found};
    enum vmwire_record_step step;
    vmwire_record_walk_begin(&finding.walk, record);
    while ((step = vmwire_record_walk_next(&finding.walk)) != VMWIRE_RECORD_DONE) {
        if (step == VMWIRE_RECORD_BEGIN)
            enter_record(&finding);
        else if (step == VMWIRE_RECORD_SUBSECTION)
            look_at_subsection(&finding);
        else if (step == VMWIRE_RECORD_VALUE)
            look_at_value(&finding);
        if (!found.space.bytes.length)
            find_pci_space(skew, side, &finding.walk, step, &found.space);
    }
    return found;
}

/* ---- Values of two sides ---- */

static int by_row_and_path(const void *a, const void *b)
{
    const struct checked_value *one = a, *other = b;
    if (one->row != other->row)
        return one->row < other->row ? -1 : 1;
    return strcmp(one->path, other->path);
}

static int in_order(const void *a, const void *b)
{
    const struct checked_value *one = a, *other = b;
    int order = by_row_and_path(a, b);
    return order ? order : (one->number > other->number) - (one->number < other->number);
}

void sort_checked_values(struct checked_values *values)
{
    if (values->count)
        qsort(values->values, values->count, sizeof(*values->values), in_order);
}

const struct checked_value *find_same_value(const struct checked_values *sorted,
                                            const struct checked_value *value)
{
    const struct checked_value *found = sorted->count
                                            ? bsearch(value, sorted->values, sorted->count,
                                                      sizeof(*sorted->values), by_row_and_path)
                                            : NULL;
    while (found && found > sorted->values && by_row_and_path(found - 1, value) == 0)
        found--;
    return found;
}
