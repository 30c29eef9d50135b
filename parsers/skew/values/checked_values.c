/* SPDX-License-Identifier: MIT */
#include "skew/values/checked_values.h"

#include <stdlib.h>
#include <string.h>

#include "skew/shared/places.h"
#include "skew/shared/walk_path.h"
#include "skew/shared/whole_field.h"

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

/* A bit for each row that fits the structure. */
static uint64_t rows_of(const char *structure)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < value_row_count; i++)
        if (fits_structure(&value_rows[i], structure))
            rows |= UINT64_C(1) << i;
    return rows;
}

/* ---- The walk ---- */

struct finding {
    const struct skew *skew;
    const struct vmwire_side *side;
    const char *idstr; /* of the section */
    struct checked_values *found;
    struct vmwire_record_walk walk;
    /* Of each record around, and of the walk's own: */
    uint64_t rows[VMWIRE_SCHEMA_NESTING_LIMIT + 1]; /* those that fit its structure */
    const struct vmwire_value *limits[VMWIRE_SCHEMA_NESTING_LIMIT + 1];
};

static void enter_record(struct finding *finding)
{
    unsigned depth = finding->walk.depth;
    finding->rows[depth] = rows_of(finding->walk.record->structure->name);
    finding->limits[depth] = NULL;
}

/* The path with the first of the row's names in place of the field's own, at its end. */
static const char *common_path(const struct finding *finding, const struct value_row *row,
                               const char *shown, const char *name)
{
    const char *fitting = row->fields ? fitting_name(row->fields, name) : NULL;
    if (!fitting || fitting == row->fields[0])
        return shown;
    return vmwire_text(finding->skew->arena, "%.*s%s", (int)(strlen(shown) - strlen(fitting)),
                       shown, row->fields[0]);
}

/* The row of a value; NULL: none. `limit`: the last value before it in its record that is one of a row's `limits`. */
static const struct value_row *row_of(uint64_t rows, const struct vmwire_value *value,
                                      const struct vmwire_value **limit)
{
    const struct vmwire_field *field = value->field;
    for (size_t i = 0; i < value_row_count; i++) {
        const struct value_row *row = &value_rows[i];
        if (!(rows >> i & 1))
            continue;
        if (row->limits && fitting_name(row->limits, field->name))
            *limit = value;
        if (fits_type(row, field->type) && (!row->fields || fitting_name(row->fields, field->name)))
            return row;
    }
    return NULL;
}

/* `value` has what is not set here. */
static void add_value(struct finding *finding, struct checked_value value)
{
    struct checked_values *found = finding->found;
    value.path = common_path(finding, value.row, value.shown, value.value->field->name);
    value.number = found->count;
    found->values = vmwire_arena_grow(finding->skew->arena, found->values, found->count,
                                      &found->room, sizeof(*found->values));
    found->values[found->count++] = value;
}

/* Returns whether it is a checked one. */
static bool look_at_value(struct finding *finding)
{
    const struct vmwire_record_walk *walk = &finding->walk;
    const struct vmwire_value **limit = &finding->limits[walk->depth];
    const struct value_row *row = row_of(finding->rows[walk->depth], walk->value, limit);
    if (row)
        add_value(finding, (struct checked_value){
                               .row = row,
                               .shown = walk_path(finding->skew, walk, walk->value->field->name),
                               .structure = walk->record->structure->name,
                               .value = walk->value,
                               .limit = row->limits ? *limit : NULL,
                           });
    return row;
}

/* ---- Fields that stay whole ---- */

static bool is_checked(const char *structure, const struct vmwire_field *field)
{
    const struct vmwire_value *limit = NULL, value = {.field = field};
    return row_of(rows_of(structure), &value, &limit) || limit;
}

static bool has_value(const struct private_values *values, const struct private_value *value)
{
    for (size_t i = 0; i < values->count; i++) {
        const struct private_value *each = &values->list[i];
        if (strcmp(each->path, value->path) == 0)
            return each->bytes.length == value->bytes.length &&
                   memcmp(each->bytes.data, value->bytes.data, value->bytes.length) == 0;
    }
    return false;
}

/* The checked values that are alike in all ways. */
static struct private_values values_in_common(const struct private_field *field,
                                              const struct private_ways *ways,
                                              struct vmwire_arena *arena)
{
    struct private_values common = read_private_values(field, &ways->list[0], is_checked, arena);
    for (size_t way = 1; way < ways->count && common.count; way++) {
        struct vmwire_arena *within = vmwire_arena_create_within(arena);
        const struct private_values others =
            read_private_values(field, &ways->list[way], is_checked, within);
        size_t kept = 0;
        for (size_t i = 0; i < common.count; i++)
            if (has_value(&others, &common.list[i]))
                common.list[kept++] = common.list[i];
        common.count = kept;
        vmwire_arena_destroy(within);
    }
    return common;
}

/* The bytes of a path up to the name of its last field. */
static size_t parent_length(const struct private_value *value)
{
    return strlen(value->path) - strlen(value->field->name);
}

static bool same_record(const struct private_value *a, const struct private_value *b)
{
    return parent_length(a) == parent_length(b) && begins_with(a->path, b->path, parent_length(b));
}

static void look_at_whole_field(struct finding *finding, struct private_field *field)
{
    struct vmwire_arena *arena = finding->skew->arena;
    field->takes_any = finding->side == finding->skew->writer;
    const struct private_ways ways = find_private_ways(field, true, arena);
    if (!ways.complete || !ways.count)
        return;
    const struct private_values common = values_in_common(field, &ways, arena);
    const struct vmwire_value *limit = NULL;
    for (size_t i = 0; i < common.count; i++) {
        const struct private_value *each = &common.list[i];
        struct vmwire_value *value = vmwire_arena_alloc(arena, sizeof(*value));
        *value = (struct vmwire_value){.field = each->field, .data = each->bytes};
        if (i && !same_record(each, each - 1))
            limit = NULL;
        const struct value_row *row = row_of(rows_of(each->structure), value, &limit);
        if (row)
            add_value(finding, (struct checked_value){
                                   .row = row,
                                   .shown = walk_path(finding->skew, &finding->walk, each->path),
                                   .structure = each->structure,
                                   .value = value,
                                   .limit = row->limits ? limit : NULL});
    }
}

static void look_at_subsection(struct finding *finding)
{
    const char *name = finding->walk.subsection->subsection->name;
    for (size_t i = 0; i < value_row_count; i++)
        if (value_rows[i].unless && strcmp(value_rows[i].unless, name) == 0)
            finding->found->left_out |= UINT64_C(1) << i;
}

struct checked_values find_checked_values(const struct skew *skew, const struct vmwire_side *side,
                                          const struct vmwire_item *section)
{
    struct checked_values found = {.values = NULL};
    struct finding finding = {
        .skew = skew, .side = side, .idstr = text_of_bytes(skew, section->idstr), .found = &found};
    struct private_field whole;
    enum vmwire_record_step step;
    vmwire_record_walk_begin(&finding.walk, section->record);
    while ((step = vmwire_record_walk_next(&finding.walk)) != VMWIRE_RECORD_DONE) {
        if (step == VMWIRE_RECORD_BEGIN)
            enter_record(&finding);
        else if (step == VMWIRE_RECORD_SUBSECTION)
            look_at_subsection(&finding);
        else if (step == VMWIRE_RECORD_VALUE && !look_at_value(&finding) &&
                 find_whole_field(skew, finding.idstr, &finding.walk, &whole))
            look_at_whole_field(&finding, &whole);
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
