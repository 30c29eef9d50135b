/* SPDX-License-Identifier: MIT */
/*
 * A machine type's class_init calls the one of the next release, and adds each property of its own release in a loop. All that
 * is followed: what is added last counts. Most machine types of a family share what older releases add: they share lists.
 */
#include "schema/compat_properties.h"

#include <string.h>

#include "schema/class_code.h"

enum {
    GLOBAL_PROPERTY =
        32, /* bytes: driver, property, value, and whether it was used, or is optional */
    STEPS_LIMIT = 1 << 17, /* instructions of a machine type; the oldest need 20000 */
    VALUES_LIMIT = 8192,   /* of a machine type; those of QEMU 11.1 have 700 */
};

static const char machine_suffix[] = "-machine";

/* One list after the other: each begins where the properties of an array of the program do. */
struct machine_search {
    struct code_reader *reader;
    const struct found_types *types;
    const struct vmwire_program_facts *facts;
    uint64_t *values; /* the addresses that the machine type adds, in this order */
    size_t value_count, value_room;
    /* All lists so far, by the address of their first property. */
    struct shared_list {
        uint64_t address;
        size_t length; /* in the program */
        struct vmwire_machine_properties properties;
    } * lists;
    size_t list_count, list_room;
};

/* The numbers of a machine type's lists. */
struct taken_lists {
    size_t *numbers;
    size_t count;
};

/* Reads the GlobalProperty at the address. Returns false when there is none. */
static bool read_value(const struct program_image *image, uint64_t address,
                       struct vmwire_machine_property *value)
{
    uint64_t driver, property, text, truths;
    if (!program_image_pointer(image, address, &driver) || !driver ||
        !program_image_pointer(image, address + 8, &property) || !property ||
        !program_image_pointer(image, address + 16, &text) ||
        !program_image_number(image, address + 24, 8, &truths) || truths & ~UINT64_C(0x0101))
        return false;
    value->driver = program_image_string(image, driver);
    value->property = program_image_string(image, property);
    value->value = text ? program_image_string(image, text) : NULL;
    if (text && !value->value && program_image_number(image, text, 1, &text) && !text)
        value->value = "";
    return value->driver && value->property;
}

/* A function is called with a property, or with all of an array: compat_props_add, where it is a function. */
static enum class_call note_call(void *context, const struct code_state *state, uint64_t function)
{
    struct machine_search *search = context;
    const struct code_value *second = &state->registers[CODE_SI];
    struct vmwire_machine_property value;
    const struct code_instruction *first;
    if (second->kind != VALUE_NUMBER || !read_value(search->reader->image, second->number, &value))
        return state->registers[CODE_DI].kind == VALUE_OBJECT &&
                       state->registers[CODE_DI].number == 0 && function != 0
                   ? CLASS_FOLLOW
                   : CLASS_STEP_OVER;
    first = function ? code_read(search->reader, function) : NULL;
    while (first && first->operation == CODE_OTHER && !first->written) /* endbr64 */
        first = code_read(search->reader, first->next);
    /* Functions of a library are called through a jump: g_ptr_array_add. */
    if (first && !(first->operation == CODE_JUMP && first->to.kind != OPERAND_NUMBER))
        return CLASS_FOLLOW;
    if (search->value_count < VALUES_LIMIT) {
        search->values =
            vmwire_arena_grow(search->reader->arena, search->values, search->value_count,
                              &search->value_room, sizeof(*search->values));
        search->values[search->value_count++] = second->number;
    }
    return CLASS_TAKEN;
}

/* ---- Lists ---- */

static bool is_derived(const struct vmwire_type *type, const char *driver)
{
    for (; type; type = type->is_a)
        if (strcmp(type->name, driver) == 0 || (type->parent && strcmp(type->parent, driver) == 0))
            return true;
    return false;
}

static bool has_property(struct code_reader *reader, const struct vmwire_type *type,
                         const char *name)
{
    for (; type && code_spend(reader, type->property_count); type = type->is_a)
        for (size_t i = 0; i < type->property_count; i++)
            if (strcmp(type->properties[i].name, name) == 0)
                return true;
    return false;
}

/* Whether a type that is known has the property: the others decide over nothing. */
static bool is_known(const struct machine_search *search,
                     const struct vmwire_machine_property *value)
{
    const struct vmwire_program_facts *facts = search->facts;
    if (!code_spend(search->reader, facts->type_count))
        return false;
    for (size_t i = 0; i < facts->type_count; i++)
        if (is_derived(&facts->types[i], value->driver) &&
            has_property(search->reader, &facts->types[i], value->property))
            return true;
    return false;
}

/* The number of the list of `length` properties from the address on. */
static size_t share_list(struct machine_search *search, uint64_t address, size_t length)
{
    struct vmwire_arena *arena = search->reader->arena;
    code_spend(search->reader, search->list_count + length);
    for (size_t i = 0; i < search->list_count; i++)
        if (search->lists[i].address == address && search->lists[i].length == length)
            return i;
    struct vmwire_machine_property *values = vmwire_arena_alloc(arena, length * sizeof(*values));
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        if (read_value(search->reader->image, address + i * GLOBAL_PROPERTY, &values[count]) &&
            values[count].value && is_known(search, &values[count]))
            count++;
    search->lists = vmwire_arena_grow(arena, search->lists, search->list_count, &search->list_room,
                                      sizeof(*search->lists));
    search->lists[search->list_count] = (struct shared_list){address, length, {values, count}};
    return search->list_count++;
}

/* Finds the lists of what a machine type adds: each run of properties that lie one behind the other. */
static struct taken_lists take_lists(struct machine_search *search)
{
    struct taken_lists taken = {NULL, 0};
    size_t room = 0;
    for (size_t i = 0, length; i < search->value_count; i += length) {
        for (length = 1; i + length < search->value_count; length++)
            if (search->values[i + length] != search->values[i] + length * GLOBAL_PROPERTY)
                break;
        if (!search->reader->steps_left)
            break;
        size_t list = share_list(search, search->values[i], length);
        if (!search->lists[list].properties.count)
            continue;
        taken.numbers = vmwire_arena_grow(search->reader->arena, taken.numbers, taken.count, &room,
                                          sizeof(*taken.numbers));
        taken.numbers[taken.count++] = list;
    }
    return taken;
}

/* ---- Machine types ---- */

static bool is_machine(const struct found_type *type, size_t *length)
{
    const size_t name = strlen(type->name), suffix = sizeof(machine_suffix) - 1;
    *length = name > suffix ? name - suffix : 0;
    return *length && strcmp(type->name + *length, machine_suffix) == 0 && type->class_init &&
           !type->abstract;
}

/* Follows the classes that the machine type is derived from, the first one first. */
static void follow_machine(struct machine_search *search, const struct found_type *type)
{
    enum { DERIVED_LIMIT = 8 };
    const struct class_observer observer = {search, NULL, note_call, NULL, STEPS_LIMIT};
    const struct found_type *classes[DERIVED_LIMIT];
    size_t count = 0;
    for (; type && count < DERIVED_LIMIT; type = find_type(search->types, type->parent))
        classes[count++] = type;
    search->value_count = 0;
    while (count > 0)
        if (classes[--count]->class_init)
            follow_class(search->reader, classes[count]->class_init, &observer);
}

/* Makes the lists, but for empty ones, and refers to them. */
static void put_values(const struct machine_search *search, struct vmwire_machine *machines,
                       const struct taken_lists *taken, struct vmwire_program_facts *facts)
{
    struct vmwire_arena *arena = search->reader->arena;
    struct vmwire_machine_properties *values =
        vmwire_arena_alloc(arena, search->list_count * sizeof(*values));
    size_t *places = vmwire_arena_alloc(arena, search->list_count * sizeof(*places));
    for (size_t i = 0; i < search->list_count; i++) {
        places[i] = facts->value_count;
        if (search->lists[i].properties.count)
            values[facts->value_count++] = search->lists[i].properties;
    }
    for (size_t i = 0; i < facts->machine_count; i++) {
        const struct vmwire_machine_properties **lists =
            vmwire_arena_alloc(arena, taken[i].count * sizeof(*lists));
        for (size_t k = 0; k < taken[i].count; k++)
            lists[k] = &values[places[taken[i].numbers[k]]];
        machines[i].properties = lists;
        machines[i].property_count = taken[i].count;
    }
    facts->values = values;
    facts->machines = machines;
}

void add_machines(struct code_reader *reader, const struct found_types *types,
                  struct vmwire_program_facts *facts)
{
    struct machine_search search = {.reader = reader, .types = types, .facts = facts};
    struct vmwire_machine *machines =
        vmwire_arena_alloc(reader->arena, types->count * sizeof(*machines));
    struct taken_lists *taken = vmwire_arena_alloc(reader->arena, types->count * sizeof(*taken));
    size_t length;
    for (size_t i = 0; reader->handle && i < types->count; i++) {
        if (!is_machine(&types->list[i], &length))
            continue;
        machines[facts->machine_count].name =
            vmwire_arena_string(reader->arena, types->list[i].name, length);
        follow_machine(&search, &types->list[i]);
        taken[facts->machine_count++] = take_lists(&search);
    }
    put_values(&search, machines, taken, facts);
}
