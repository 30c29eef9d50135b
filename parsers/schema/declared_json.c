/* SPDX-License-Identifier: MIT */
/*
 * Makes the JSON of declarations. A member that is 0, false or empty is left out. Once memory has run out, each value is
 * NULL, and so is what it was put into.
 */
#include "vmwire/declared_json.h"

/* Puts a value into an object and takes it over. */
static void put(json_t **object, const char *key, json_t *value)
{
    if (*object && value && json_object_set_new(*object, key, value) == 0)
        return;
    if (!*object)
        json_decref(value);
    json_decref(*object);
    *object = NULL;
}

static void append(json_t **array, json_t *value)
{
    if (*array && value && json_array_append_new(*array, value) == 0)
        return;
    if (!*array)
        json_decref(value);
    json_decref(*array);
    *array = NULL;
}

static void put_integer(json_t **object, const char *key, uint64_t number)
{
    put(object, key, json_integer((json_int_t)number));
}

static void put_number(json_t **object, const char *key, uint64_t number)
{
    if (number)
        put_integer(object, key, number);
}

static void put_truth(json_t **object, const char *key, bool truth)
{
    if (truth)
        put(object, key, json_true());
}

static void put_array(json_t **object, const char *key, json_t *array)
{
    if (array && json_array_size(array) == 0)
        json_decref(array);
    else
        put(object, key, array);
}

static json_t *make_flags(uint32_t flags)
{
    json_t *names = json_array();
    for (unsigned bit = 0; bit < 32; bit++)
        if (flags >> bit & 1)
            append(&names, json_string(vmwire_declared_flag_name(UINT32_C(1) << bit)));
    return names;
}

static json_t *make_field(const struct vmwire_declarations *declarations,
                          const struct vmwire_declared_field *field)
{
    json_t *object = json_object();
    put(&object, "name", json_string(field->name));
    if (field->type)
        put(&object, "type", json_string(field->type));
    if (field->structure)
        put_integer(&object, "structure", (uint64_t)(field->structure - declarations->structures));
    put_integer(&object, "offset", field->offset);
    put_number(&object, "size", field->size);
    put_number(&object, "start", field->start);
    put_number(&object, "num", field->num);
    if (field->num_bytes) {
        put_integer(&object, "num_offset", field->num_offset);
        put_integer(&object, "num_bytes", field->num_bytes);
    }
    if (field->size_bytes) {
        put_integer(&object, "size_offset", field->size_offset);
        put_integer(&object, "size_bytes", field->size_bytes);
    }
    put_array(&object, "flags", make_flags(field->flags));
    put_number(&object, "version_id", field->version_id);
    put_number(&object, "struct_version_id", field->struct_version_id);
    put_number(&object, "condition", field->condition);
    return object;
}

static json_t *make_fields(const struct vmwire_declarations *declarations,
                           const struct vmwire_declared_structure *structure)
{
    json_t *fields = json_array();
    for (size_t i = 0; i < structure->field_count; i++)
        append(&fields, make_field(declarations, &structure->fields[i]));
    return fields;
}

static json_t *make_structure(const struct vmwire_declarations *declarations,
                              const struct vmwire_declared_structure *structure)
{
    json_t *object = json_object(), *subsections = json_array();
    put(&object, "name", json_string(structure->name));
    put_integer(&object, "version_id", structure->version_id);
    put_integer(&object, "minimum_version_id", structure->minimum_version_id);
    put_number(&object, "priority", (uint64_t)structure->priority);
    put_truth(&object, "unmigratable", structure->unmigratable);
    put_truth(&object, "early_setup", structure->early_setup);
    put_truth(&object, "conditional", structure->conditional);
    put_number(&object, "needed", structure->needed);
    if (structure->has_fields)
        put(&object, "fields", make_fields(declarations, structure));
    for (size_t i = 0; i < structure->subsection_count; i++)
        append(&subsections, json_integer(structure->subsections[i] - declarations->structures));
    put_array(&object, "subsections", subsections);
    return object;
}

/* ---- What decides ---- */

static json_t *make_test(const struct vmwire_test *test)
{
    json_t *object = json_object();
    if (test->kind == VMWIRE_TEST_UNKNOWN)
        return object;
    if (test->kind == VMWIRE_TEST_PLACE) {
        put_integer(&object, "offset", test->offset);
        put_integer(&object, "size", test->size);
        if (test->mask != UINT64_MAX >> (64 - 8 * test->size))
            put_integer(&object, "mask", test->mask);
    }
    put(&object, "is", json_string(vmwire_test_relation_sign(test->relation)));
    put_integer(&object, "number", (uint64_t)test->number);
    return object;
}

static json_t *make_condition(const struct vmwire_condition *condition)
{
    if (!condition->understood)
        return json_null();
    json_t *ways = json_array();
    for (size_t i = 0; i < condition->way_count; i++) {
        json_t *tests = json_array();
        for (size_t k = 0; k < condition->ways[i].count; k++)
            append(&tests, make_test(&condition->ways[i].list[k]));
        append(&ways, tests);
    }
    return ways;
}

static json_t *make_property(const struct vmwire_property *property)
{
    json_t *object = json_object();
    put(&object, "name", json_string(property->name));
    put(&object, "type", json_string(property->type));
    put_integer(&object, "offset", property->offset);
    put_number(&object, "size", property->size);
    if (property->is_bit)
        put_integer(&object, "bit", property->bit);
    if (property->has_default)
        put_integer(&object, "value", (uint64_t)property->value);
    put_truth(&object, "code", property->by_code);
    return object;
}

static json_t *make_type(const struct vmwire_type *type)
{
    json_t *object = json_object(), *structures = json_array(), *properties = json_array();
    put(&object, "name", json_string(type->name));
    if (type->parent)
        put(&object, "parent", json_string(type->parent));
    for (size_t i = 0; i < type->structure_count; i++)
        append(&structures, json_integer((json_int_t)type->structures[i]));
    put_array(&object, "structures", structures);
    for (size_t i = 0; i < type->property_count; i++)
        append(&properties, make_property(&type->properties[i]));
    put_array(&object, "properties", properties);
    return object;
}

static json_t *make_values(const struct vmwire_machine_properties *properties)
{
    json_t *values = json_array();
    for (size_t i = 0; i < properties->count; i++)
        append(&values, json_pack("[sss]", properties->list[i].driver, properties->list[i].property,
                                  properties->list[i].value));
    return values;
}

static json_t *make_machine(const struct vmwire_program_facts *facts,
                            const struct vmwire_machine *machine)
{
    json_t *object = json_object(), *lists = json_array();
    put(&object, "name", json_string(machine->name));
    for (size_t i = 0; i < machine->property_count; i++)
        append(&lists, json_integer(machine->properties[i] - facts->values));
    put_array(&object, "values", lists);
    return object;
}

static void put_facts(json_t **root, const struct vmwire_program_facts *facts)
{
    json_t *conditions = json_array(), *types = json_array(), *values = json_array(),
           *machines = json_array();
    for (size_t i = 0; i < facts->condition_count; i++)
        append(&conditions, make_condition(&facts->conditions[i]));
    for (size_t i = 0; i < facts->type_count; i++)
        append(&types, make_type(&facts->types[i]));
    for (size_t i = 0; i < facts->value_count; i++)
        append(&values, make_values(&facts->values[i]));
    for (size_t i = 0; i < facts->machine_count; i++)
        append(&machines, make_machine(facts, &facts->machines[i]));
    put_array(root, "conditions", conditions);
    put_array(root, "types", types);
    put_array(root, "values", values);
    put_array(root, "machines", machines);
}

json_t *vmwire_declarations_json(const struct vmwire_declarations *declarations,
                                 struct vmwire_error *error)
{
    json_t *root = json_object(), *structures = json_array();
    put_integer(&root, "declarations", 1);
    put(&root, "shape", json_string(declarations->shape));
    for (size_t i = 0; i < declarations->structure_count; i++)
        append(&structures, make_structure(declarations, &declarations->structures[i]));
    put(&root, "structures", structures);
    put_facts(&root, &declarations->facts);
    if (!root)
        vmwire_error_set_memory(error, 0);
    return root;
}
