/* SPDX-License-Identifier: MIT */
#include "schema/declared_facts.h"

#include <stdlib.h>
#include <string.h>

#include "schema/parents.h"

enum {
    WAYS_LIMIT = 64,
    TESTS_LIMIT = 64,
    OBJECTS_LIMIT = 1 << 16, /* conditions, types, lists, machine types; of each */
    VALUES_LIMIT = 1 << 12,  /* of a list */
};

static struct vmwire_arena *arena_of(const struct source_walk *walk)
{
    return walk->schema->arena;
}

static bool fail(struct source_walk *walk, const char *key, const char *problem)
{
    return walk_fail(walk, VMWIRE_ERROR_SCHEMA, key, "%s", problem);
}

/* An array, or NULL where it is not there. */
static bool take_array(struct source_walk *walk, const json_t *object, const char *key,
                       size_t limit, const json_t **array)
{
    return walk_array(walk, object, key, true, array) &&
           (json_array_size(*array) <= limit || fail(walk, key, "too many"));
}

static bool take_integer(struct source_walk *walk, const json_t *object, const char *key,
                         int64_t least, int64_t most, int64_t *number)
{
    const json_t *json = json_object_get(object, key);
    *number = json_integer_value(json);
    return (json_is_integer(json) && *number >= least && *number <= most) ||
           fail(walk, key, "not an integer, or out of its range");
}

static bool take_text(struct source_walk *walk, const json_t *json, const char *key,
                      const char **text)
{
    if (!json_is_string(json))
        return fail(walk, key, "not a string");
    *text = vmwire_arena_string(arena_of(walk), json_string_value(json), json_string_length(json));
    return strlen(*text) == json_string_length(json) || fail(walk, key, "a NUL in a string");
}

/* ---- Conditions ---- */

static bool take_relation(struct source_walk *walk, const json_t *json,
                          enum vmwire_test_relation *relation)
{
    const char *sign = json_string_value(json_object_get(json, "is"));
    for (int each = VMWIRE_TEST_EQUAL; sign && each <= VMWIRE_TEST_AT_MOST; each++)
        if (strcmp(vmwire_test_relation_sign((enum vmwire_test_relation)each), sign) == 0) {
            *relation = (enum vmwire_test_relation)each;
            return true;
        }
    return fail(walk, "is", "no relation");
}

static bool load_test(struct source_walk *walk, const json_t *json, struct vmwire_test *test)
{
    int64_t offset, size, mask;
    if (!json_is_object(json))
        return fail(walk, "conditions", "a test that is no object");
    *test = (struct vmwire_test){.kind = VMWIRE_TEST_UNKNOWN};
    if (json_object_size(json) == 0)
        return true;
    if (!take_relation(walk, json, &test->relation) ||
        !take_integer(walk, json, "number", INT64_MIN, INT64_MAX, &test->number))
        return false;
    test->kind = VMWIRE_TEST_VERSION;
    if (!json_object_get(json, "offset"))
        return true;
    if (!take_integer(walk, json, "offset", INT64_MIN, INT64_MAX, &offset) ||
        !take_integer(walk, json, "size", 1, 8, &size))
        return false;
    test->kind = VMWIRE_TEST_PLACE;
    test->offset = (uint64_t)offset;
    test->size = (uint8_t)size;
    test->mask = UINT64_MAX >> (64 - 8 * size);
    if (json_object_get(json, "mask")) {
        if (!take_integer(walk, json, "mask", INT64_MIN, INT64_MAX, &mask))
            return false;
        test->mask &= (uint64_t)mask;
    }
    return true;
}

static bool load_way(struct source_walk *walk, const json_t *json, struct vmwire_tests *way)
{
    if (!json_is_array(json) || json_array_size(json) > TESTS_LIMIT)
        return fail(walk, "conditions", "a way that is no list of tests, or one of too many");
    struct vmwire_test *tests =
        vmwire_arena_alloc(arena_of(walk), json_array_size(json) * sizeof(*tests));
    for (size_t i = 0; i < json_array_size(json); i++)
        if (!load_test(walk, json_array_get(json, i), &tests[i]))
            return false;
    *way = (struct vmwire_tests){tests, json_array_size(json)};
    return true;
}

static bool load_condition(struct source_walk *walk, const json_t *json,
                           struct vmwire_condition *condition)
{
    if (json_is_null(json))
        return true;
    if (!json_is_array(json) || json_array_size(json) > WAYS_LIMIT)
        return fail(walk, "conditions", "one that is no list of ways, or one of too many");
    struct vmwire_tests *ways =
        vmwire_arena_alloc(arena_of(walk), json_array_size(json) * sizeof(*ways));
    for (size_t i = 0; i < json_array_size(json); i++)
        if (!load_way(walk, json_array_get(json, i), &ways[i]))
            return false;
    *condition = (struct vmwire_condition){true, ways, json_array_size(json)};
    return true;
}

static bool load_conditions(struct source_walk *walk, struct vmwire_program_facts *facts)
{
    const json_t *array;
    if (!take_array(walk, walk->root, "conditions", OBJECTS_LIMIT, &array))
        return false;
    facts->condition_count = json_array_size(array);
    struct vmwire_condition *conditions =
        vmwire_arena_alloc(arena_of(walk), facts->condition_count * sizeof(*conditions));
    for (size_t i = 0; i < facts->condition_count; i++)
        if (!load_condition(walk, json_array_get(array, i), &conditions[i]))
            return false;
    facts->conditions = conditions;
    return true;
}

/* ---- Types ---- */

static bool load_property(struct source_walk *walk, const json_t *json,
                          struct vmwire_property *property)
{
    int64_t offset, size = 0, bit = 0, value = 0;
    const bool is_bit = json_object_get(json, "bit"), has_default = json_object_get(json, "value");
    if (!take_text(walk, json_object_get(json, "name"), "name", &property->name) ||
        !take_text(walk, json_object_get(json, "type"), "type", &property->type) ||
        !take_integer(walk, json, "offset", 0, INT64_MAX, &offset) ||
        (json_object_get(json, "size") && !take_integer(walk, json, "size", 1, 8, &size)) ||
        (is_bit && !take_integer(walk, json, "bit", 0, 8 * size - 1, &bit)) ||
        (has_default && !take_integer(walk, json, "value", INT64_MIN, INT64_MAX, &value)))
        return false;
    property->offset = (uint64_t)offset;
    property->size = (uint8_t)size;
    property->is_bit = is_bit;
    property->bit = (uint32_t)bit;
    property->has_default = has_default;
    property->value = value;
    property->by_code = json_is_true(json_object_get(json, "code"));
    return true;
}

static bool load_properties(struct source_walk *walk, const json_t *json, struct vmwire_type *type)
{
    const json_t *array;
    if (!take_array(walk, json, "properties", OBJECTS_LIMIT, &array))
        return false;
    type->property_count = json_array_size(array);
    struct vmwire_property *properties =
        vmwire_arena_alloc(arena_of(walk), type->property_count * sizeof(*properties));
    for (size_t i = 0; i < type->property_count; i++)
        if (!load_property(walk, json_array_get(array, i), &properties[i]))
            return false;
    type->properties = properties;
    return true;
}

static bool load_structure_numbers(struct source_walk *walk, const json_t *json,
                                   size_t structure_count, struct vmwire_type *type)
{
    const json_t *array;
    if (!take_array(walk, json, "structures", OBJECTS_LIMIT, &array))
        return false;
    type->structure_count = json_array_size(array);
    size_t *numbers = vmwire_arena_alloc(arena_of(walk), type->structure_count * sizeof(*numbers));
    for (size_t i = 0; i < type->structure_count; i++) {
        const json_t *number = json_array_get(array, i);
        if (!json_is_integer(number) || json_integer_value(number) < 0 ||
            (uint64_t)json_integer_value(number) >= structure_count)
            return fail(walk, "structures", "no number of a structure");
        numbers[i] = (size_t)json_integer_value(number);
    }
    type->structures = numbers;
    return true;
}

static bool load_types(struct source_walk *walk, size_t structure_count,
                       struct vmwire_program_facts *facts)
{
    const json_t *array;
    if (!take_array(walk, walk->root, "types", OBJECTS_LIMIT, &array))
        return false;
    facts->type_count = json_array_size(array);
    struct vmwire_type *types =
        vmwire_arena_alloc(arena_of(walk), facts->type_count * sizeof(*types));
    for (size_t i = 0; i < facts->type_count; i++) {
        const json_t *json = json_array_get(array, i), *parent = json_object_get(json, "parent");
        if (!take_text(walk, json_object_get(json, "name"), "types", &types[i].name) ||
            (parent && !take_text(walk, parent, "parent", &types[i].parent)) ||
            !load_structure_numbers(walk, json, structure_count, &types[i]) ||
            !load_properties(walk, json, &types[i]))
            return false;
    }
    set_parents(types, facts->type_count);
    facts->types = types;
    return true;
}

/* ---- Machine types ---- */

static bool load_values(struct source_walk *walk, const json_t *json,
                        struct vmwire_machine_properties *values)
{
    if (!json_is_array(json) || json_array_size(json) > VALUES_LIMIT)
        return fail(walk, "values", "no list, or too long a one");
    values->count = json_array_size(json);
    struct vmwire_machine_property *list =
        vmwire_arena_alloc(arena_of(walk), values->count * sizeof(*list));
    for (size_t i = 0; i < values->count; i++) {
        const json_t *value = json_array_get(json, i);
        if (!take_text(walk, json_array_get(value, 0), "values", &list[i].driver) ||
            !take_text(walk, json_array_get(value, 1), "values", &list[i].property) ||
            !take_text(walk, json_array_get(value, 2), "values", &list[i].value))
            return false;
    }
    values->list = list;
    return true;
}

static bool load_lists(struct source_walk *walk, struct vmwire_program_facts *facts)
{
    const json_t *array;
    if (!take_array(walk, walk->root, "values", OBJECTS_LIMIT, &array))
        return false;
    facts->value_count = json_array_size(array);
    struct vmwire_machine_properties *values =
        vmwire_arena_alloc(arena_of(walk), facts->value_count * sizeof(*values));
    for (size_t i = 0; i < facts->value_count; i++)
        if (!load_values(walk, json_array_get(array, i), &values[i]))
            return false;
    facts->values = values;
    return true;
}

static bool load_machine(struct source_walk *walk, const json_t *json,
                         const struct vmwire_program_facts *facts, struct vmwire_machine *machine)
{
    const json_t *array;
    if (!take_text(walk, json_object_get(json, "name"), "machines", &machine->name) ||
        !take_array(walk, json, "values", OBJECTS_LIMIT, &array))
        return false;
    machine->property_count = json_array_size(array);
    const struct vmwire_machine_properties **lists =
        vmwire_arena_alloc(arena_of(walk), machine->property_count * sizeof(*lists));
    for (size_t i = 0; i < machine->property_count; i++) {
        const json_t *number = json_array_get(array, i);
        if (!json_is_integer(number) || json_integer_value(number) < 0 ||
            (uint64_t)json_integer_value(number) >= facts->value_count)
            return fail(walk, "machines", "no number of a list of values");
        lists[i] = &facts->values[json_integer_value(number)];
    }
    machine->properties = lists;
    return true;
}

static bool load_machines(struct source_walk *walk, struct vmwire_program_facts *facts)
{
    const json_t *array;
    if (!take_array(walk, walk->root, "machines", OBJECTS_LIMIT, &array))
        return false;
    facts->machine_count = json_array_size(array);
    struct vmwire_machine *machines =
        vmwire_arena_alloc(arena_of(walk), facts->machine_count * sizeof(*machines));
    for (size_t i = 0; i < facts->machine_count; i++)
        if (!load_machine(walk, json_array_get(array, i), facts, &machines[i]))
            return false;
    facts->machines = machines;
    return true;
}

const struct vmwire_program_facts *load_facts(struct source_walk *walk, size_t structure_count)
{
    struct vmwire_program_facts *facts = vmwire_arena_alloc(arena_of(walk), sizeof(*facts));
    return load_conditions(walk, facts) && load_types(walk, structure_count, facts) &&
                   load_lists(walk, facts) && load_machines(walk, facts)
               ? facts
               : NULL;
}
