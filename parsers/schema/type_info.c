/* SPDX-License-Identifier: MIT */
/*
 * A type's class_init is followed, because a class refers to its structures and properties only there. How a property lies in
 * memory is found by fit, as with structures: of the shapes the one that explains most arrays.
 */
#include "schema/type_info.h"

#include <stdlib.h>
#include <string.h>

#include "schema/class_code.h"
#include "schema/condition_code.h"
#include "schema/parents.h"

enum {
    SIZE_LIMIT = 1 << 26, /* bytes of an object or a class */
    ALIGNMENT_LIMIT = 4096,
    PROPERTIES_LIMIT = 1024, /* of a type */
    STEPS_LIMIT = 1 << 12,   /* instructions of a class */
    ARRAY_STEPS = 32,        /* what an array costs: it is looked at a few times */
    DERIVED_LIMIT = 32,      /* types above one another */
    BIT_TYPES = 8            /* types of properties that are one bit; QEMU has three */
};

/* ---- Types ---- */

/* Where members of TypeInfo lie. The alignment is there since 5.2. */
struct type_shape {
    uint16_t instance_size, alignment, functions, function_count, abstract, class_size, class_init;
};

static const struct type_shape type_shapes[] = {
    {16, 24, 32, 3, 56, 64, 72},
    {16, 0, 24, 3, 48, 56, 64},
};

static bool is_function(const struct program_image *image, uint64_t address, uint64_t *function)
{
    return program_image_pointer(image, address, function) &&
           (!*function || program_image_code(image, *function).length > 0);
}

/* Addresses can be small numbers, too, where relocations tell them apart. */
static bool is_small(const struct program_image *image, uint64_t address, uint64_t limit)
{
    uint64_t number;
    const struct image_segment *segment = program_image_segment(image, address);
    if (segment && !segment->fixed && program_image_pointer(image, address, &number) && number)
        return false;
    return program_image_number(image, address, 8, &number) && number <= limit;
}

/* Reads the type at the address. Returns false when there is none. */
static bool read_type(const struct program_image *image, const struct type_shape *shape,
                      uint64_t address, struct found_type *type)
{
    uint64_t name, parent, function, abstract, data;
    if (!program_image_pointer(image, address, &name) || !name ||
        !program_image_pointer(image, address + 8, &parent) || !parent ||
        !is_small(image, address + shape->instance_size, SIZE_LIMIT) ||
        !is_small(image, address + shape->class_size, SIZE_LIMIT) ||
        !program_image_number(image, address + shape->abstract, 8, &abstract) || abstract > 1 ||
        (shape->alignment && !is_small(image, address + shape->alignment, ALIGNMENT_LIMIT)) ||
        !is_function(image, address + shape->class_init, &type->class_init) ||
        !is_function(image, address + shape->class_init + 8, &function))
        return false;
    for (uint16_t i = 0; i < shape->function_count; i++)
        if (!is_function(image, address + shape->functions + UINT64_C(8) * i,
                         i ? &function : &type->instance_init))
            return false;
    type->name = program_image_string(image, name);
    type->parent = program_image_string(image, parent);
    type->abstract = abstract;
    type->has_data = program_image_pointer(image, address + shape->class_init + 16, &data) && data;
    return type->name && type->parent;
}

static int compare_types(const void *a, const void *b)
{
    return strcmp(((const struct found_type *)a)->name, ((const struct found_type *)b)->name);
}

const struct found_type *find_type(const struct found_types *types, const char *name)
{
    const struct found_type key = {.name = name};
    return types->count ? bsearch(&key, types->list, types->count, sizeof(key), compare_types)
                        : NULL;
}

static size_t count_types(const struct program_image *image, const struct type_shape *shape,
                          const uint64_t *named, size_t named_count)
{
    size_t count = 0;
    for (size_t i = 0; i < named_count; i++) {
        struct found_type type;
        count += read_type(image, shape, named[i], &type) && type.class_init;
    }
    return count;
}

/* Sorts by name, and leaves one of each. */
static void sort_types(struct found_types *types)
{
    size_t kept = 0;
    if (types->count)
        qsort(types->list, types->count, sizeof(*types->list), compare_types);
    for (size_t i = 0; i < types->count; i++) {
        if (kept && strcmp(types->list[i].name, types->list[kept - 1].name) == 0) {
            if (!types->list[kept - 1].class_init) /* what only looks like a type seldom has one */
                types->list[kept - 1] = types->list[i];
        } else {
            types->list[kept++] = types->list[i];
        }
    }
    types->count = kept;
}

struct found_types find_types(const struct program_image *image, struct vmwire_arena *arena,
                              const uint64_t *named, size_t named_count)
{
    const struct type_shape *best = NULL;
    size_t most = 0, room = 0;
    struct found_types types = {.list = NULL};
    for (size_t i = 0; i < sizeof(type_shapes) / sizeof(type_shapes[0]); i++) {
        size_t count = count_types(image, &type_shapes[i], named, named_count);
        best = count > most ? &type_shapes[i] : best;
        most = count > most ? count : most;
    }
    for (size_t i = 0; best && i < named_count; i++) {
        struct found_type type;
        if (!read_type(image, best, named[i], &type))
            continue;
        types.list = vmwire_arena_grow(arena, types.list, types.count, &room, sizeof(*types.list));
        types.list[types.count++] = type;
    }
    sort_types(&types);
    if (best) {
        types.class_init = best->class_init;
        types.instance_init = best->functions;
    }
    return types;
}

void merge_types(struct vmwire_arena *arena, struct found_types *types,
                 const struct found_type *others, size_t count)
{
    if (!count)
        return;
    struct found_type *list = vmwire_arena_alloc(arena, (types->count + count) * sizeof(*list));
    if (types->count)
        memcpy(list, types->list, types->count * sizeof(*list));
    memcpy(list + types->count, others, count * sizeof(*list));
    types->list = list;
    types->count += count;
    sort_types(types);
}

/* ---- Properties ---- */

/* Where members of Property lie (QEMU include/hw/qdev-properties.h). */
static const struct property_shape {
    uint16_t size, bit, has_default, value;
    bool counted; /* no empty property ends an array */
} property_shapes[] = {
    {72, 24, 25, 32, false}, /* to 5.2 */
    {88, 24, 40, 48, false}, /* 6.0 to 9.2 */
    {72, 64, 65, 40, true},  /* since 10.0 */
};

enum { PROPERTY_SHAPES = sizeof(property_shapes) / sizeof(property_shapes[0]) };

/* Sizes of the integers of types (QEMU hw/core/qdev-properties.c, qdev-properties-system.c). */
static const struct {
    const char *type;
    uint8_t size;
} property_sizes[] = {
    {"bool", 1},   {"uint8", 1}, {"uint16", 2}, {"uint32", 4},    {"int32", 4},
    {"uint64", 8}, {"int64", 8}, {"size", 8},   {"OnOffAuto", 4}, {"size32", 4},
};

/* Where an array of properties may lie. */
struct property_array {
    uint64_t address;
    size_t count; /* SIZE_MAX: up to an empty one */
    size_t type;  /* whose class refers to it */
};

/* A program can make a description when it runs: it copies another one (e1000e_class_init). */
static bool is_filled_later(const struct program_image *image, uint64_t info)
{
    const struct image_segment *segment = program_image_segment(image, info);
    uint64_t word;
    return segment && segment->written && program_image_number(image, info, 8, &word) && !word;
}

/* The type of the property, with the address of its description; NULL: there is no property. */
static const char *read_property_type(const struct program_image *image, uint64_t address,
                                      uint64_t *info)
{
    uint64_t type;
    if (!program_image_pointer(image, address + 8, info) || !*info)
        return NULL;
    const char *name = program_image_undefined(image, *info);
    if (name)
        return name;
    if (is_filled_later(image, *info))
        return "unknown";
    return program_image_pointer(image, *info, &type) && type ? program_image_string(image, type)
                                                              : NULL;
}

/* Reads the property at the address. Returns false when there is none. */
static bool read_property(const struct program_image *image, const struct property_shape *shape,
                          uint64_t address, struct vmwire_property *property, uint64_t *info)
{
    uint64_t name, bit, has_default, value;
    if (!program_image_pointer(image, address, &name) || !name ||
        !program_image_number(image, address + 16, 8, &property->offset) ||
        property->offset > SIZE_LIMIT ||
        !program_image_number(image, address + shape->bit, 1, &bit) || bit > 63 ||
        !program_image_number(image, address + shape->has_default, 1, &has_default) ||
        has_default > 1 || !program_image_number(image, address + shape->value, 8, &value))
        return false;
    property->name = program_image_string(image, name);
    property->type = read_property_type(image, address, info);
    property->size = 0;
    for (size_t i = 0; property->type && i < sizeof(property_sizes) / sizeof(property_sizes[0]);
         i++)
        if (strcmp(property_sizes[i].type, property->type) == 0)
            property->size = property_sizes[i].size;
    property->has_default = has_default && property->size;
    property->value = property->has_default ? (int64_t)value : 0;
    property->bit = (uint32_t)bit;
    property->is_bit = false;
    return property->name && property->type;
}

/* The number of properties of an array, and how many of them have a default; SIZE_MAX: it is none, or too much was read. */
static size_t count_properties(struct code_reader *reader, const struct property_shape *shape,
                               const struct property_array *array, size_t *defaults)
{
    const struct program_image *image = reader->image;
    struct vmwire_property property;
    uint64_t name, info;
    *defaults = 0;
    if (shape->counted != (array->count != SIZE_MAX) && !(array->count == 0))
        return SIZE_MAX;
    for (size_t count = 0; count < PROPERTIES_LIMIT; count++) {
        uint64_t address = array->address + count * shape->size;
        if (count == array->count ||
            (!shape->counted && program_image_pointer(image, address, &name) && !name))
            return count;
        if (!code_spend(reader, 1) || !read_property(image, shape, address, &property, &info))
            return SIZE_MAX;
        *defaults += property.has_default;
    }
    return SIZE_MAX;
}

/* ---- Classes ---- */

struct reference {
    size_t type, structure;
};

/* A property that code adds with functions: this one says its value. */
struct getter {
    const char *name;
    uint64_t function;
    size_t type;
};

struct type_search {
    struct code_reader *reader;
    const struct found_types *types;
    const uint64_t *structures;
    size_t structure_count;
    size_t type; /* whose class is followed */
    struct reference *references;
    size_t reference_count, reference_room;
    struct property_array *arrays;
    size_t array_count, array_room;
    struct getter *getters;
    size_t getter_count, getter_room;
};

static int compare_addresses(const void *a_pointer, const void *b_pointer)
{
    uint64_t a = *(const uint64_t *)a_pointer, b = *(const uint64_t *)b_pointer;
    return (a > b) - (a < b);
}

static void add_array(struct type_search *search, uint64_t address, size_t count)
{
    struct vmwire_arena *arena = search->reader->arena;
    if (!code_spend(search->reader, ARRAY_STEPS))
        return;
    for (size_t i = search->array_count; i > 0 && search->arrays[i - 1].type == search->type; i--)
        if (search->arrays[i - 1].address == address && search->arrays[i - 1].count == count)
            return;
    search->arrays = vmwire_arena_grow(arena, search->arrays, search->array_count,
                                       &search->array_room, sizeof(*search->arrays));
    search->arrays[search->array_count++] = (struct property_array){address, count, search->type};
}

/* Whether an array of properties may begin at the address: with a name and a type. */
static bool may_be_properties(const struct type_search *search, uint64_t address)
{
    uint64_t name, info;
    const struct program_image *image = search->reader->image;
    return address % 8 == 0 && program_image_pointer(image, address, &name) && name &&
           program_image_string(image, name) && read_property_type(image, address, &info);
}

static const uint64_t *find_structure(const struct type_search *search, uint64_t address)
{
    return search->structure_count ? bsearch(&address, search->structures, search->structure_count,
                                             sizeof(address), compare_addresses)
                                   : NULL;
}

/* The structure behind functions in a table of these, as a class of processors has one (SysemuCPUOps, legacy_vmsd; since 11.1
 * monitor_defs stands before it). What stands behind the table has names. */
static const uint64_t *find_in_table(const struct type_search *search, uint64_t address)
{
    enum { WORDS = 24, LEAST_FUNCTIONS = 2 };
    const struct program_image *image = search->reader->image;
    size_t functions = 0;
    for (size_t i = 0; i < WORDS; i++) {
        uint64_t pointer;
        if (!program_image_pointer(image, address + 8 * i, &pointer))
            return NULL;
        if (pointer && program_image_code(image, pointer).length)
            functions++;
        else if (pointer && functions < LEAST_FUNCTIONS)
            return NULL;
        else if (pointer && find_structure(search, pointer))
            return find_structure(search, pointer);
        else if (pointer && program_image_string(image, pointer))
            return NULL;
    }
    return NULL;
}

static void note_reference(void *context, uint64_t address)
{
    struct type_search *search = context;
    const uint64_t *found = find_structure(search, address);
    if (!found && may_be_properties(search, address))
        add_array(search, address, SIZE_MAX);
    found = found ? found : find_in_table(search, address);
    if (!found)
        return;
    const struct reference reference = {search->type, (size_t)(found - search->structures)};
    if (!code_spend(search->reader, 1))
        return;
    for (size_t i = search->reference_count;
         i > 0 && search->references[i - 1].type == search->type; i--)
        if (search->references[i - 1].structure == reference.structure)
            return;
    search->references =
        vmwire_arena_grow(search->reader->arena, search->references, search->reference_count,
                          &search->reference_room, sizeof(*search->references));
    search->references[search->reference_count++] = reference;
}

/* Notes a call that adds a bool with functions (object_property_add_bool, object_class_property_add_bool). Returns false when it is
 * none. */
static bool note_getter(struct type_search *search, const struct code_state *state)
{
    const struct program_image *image = search->reader->image;
    const struct code_value *name = &state->registers[CODE_SI], *get = &state->registers[CODE_DX],
                            *set = &state->registers[CODE_CX];
    const char *text =
        name->kind == VALUE_NUMBER ? program_image_string(image, name->number) : NULL;
    if (!text || get->kind != VALUE_NUMBER || !program_image_code(image, get->number).length ||
        set->kind != VALUE_NUMBER ||
        (set->number && !program_image_code(image, set->number).length) ||
        !code_spend(search->reader, 1))
        return false;
    search->getters =
        vmwire_arena_grow(search->reader->arena, search->getters, search->getter_count,
                          &search->getter_room, sizeof(*search->getters));
    search->getters[search->getter_count++] = (struct getter){text, get->number, search->type};
    return true;
}

/* Of what an object begins with, only functions are followed that get the object and no name. */
static enum class_call note_instance_call(void *context, const struct code_state *state,
                                          uint64_t function)
{
    struct type_search *search = context;
    const struct code_value *object = &state->registers[CODE_DI];
    if (object->kind != VALUE_OBJECT || object->number || !function)
        return CLASS_STEP_OVER;
    if (note_getter(search, state))
        return CLASS_TAKEN;
    return state->registers[CODE_SI].kind == VALUE_NUMBER ? CLASS_STEP_OVER : CLASS_FOLLOW;
}

/* Properties are given to a function, since 10.0 with their number (device_class_set_props_n). */
static enum class_call note_call(void *context, const struct code_state *state, uint64_t function)
{
    struct type_search *search = context;
    const struct code_value *array = &state->registers[CODE_SI],
                            *count = &state->registers[CODE_DX];
    (void)function;
    if (note_getter(search, state))
        return CLASS_TAKEN;
    if (array->kind != VALUE_NUMBER || !may_be_properties(search, array->number))
        return CLASS_STEP_OVER;
    if (count->kind == VALUE_NUMBER && count->number && count->number < PROPERTIES_LIMIT)
        add_array(search, array->number, (size_t)count->number);
    return CLASS_TAKEN;
}

/* Two shapes can explain the same arrays: then defaults tell them apart. */
static const struct property_shape *find_property_shape(const struct type_search *search)
{
    const struct property_shape *best = &property_shapes[0];
    size_t most = 0;
    for (size_t i = 0; i < PROPERTY_SHAPES; i++) {
        size_t sum = 0;
        for (size_t k = 0; k < search->array_count; k++) {
            size_t defaults, count = count_properties(search->reader, &property_shapes[i],
                                                      &search->arrays[k], &defaults);
            sum += count == SIZE_MAX ? 0 : count + defaults;
        }
        best = sum > most ? &property_shapes[i] : best;
        most = sum > most ? sum : most;
    }
    return best;
}

/* The types of single bits: they are named bool, too, but a property of theirs has a bit other than 0. */
struct bit_types {
    uint64_t infos[BIT_TYPES];
    size_t count;
};

static bool is_bit_type(const struct bit_types *types, uint64_t info)
{
    for (size_t i = 0; i < types->count; i++)
        if (types->infos[i] == info)
            return true;
    return false;
}

static struct bit_types find_bit_types(const struct type_search *search,
                                       const struct property_shape *shape)
{
    const struct program_image *image = search->reader->image;
    struct bit_types types = {.count = 0};
    struct vmwire_property property;
    uint64_t info = 0;
    for (size_t i = 0; i < search->array_count; i++) {
        size_t defaults,
            count = count_properties(search->reader, shape, &search->arrays[i], &defaults);
        for (size_t k = 0; count != SIZE_MAX && k < count; k++)
            if (read_property(image, shape, search->arrays[i].address + k * shape->size, &property,
                              &info) &&
                property.bit && strcmp(property.type, "bool") == 0 && types.count < BIT_TYPES &&
                !is_bit_type(&types, info))
                types.infos[types.count++] = info;
    }
    return types;
}

/* ---- The result ---- */

/* Which types are kept: those whose classes refer to structures, and what these are derived from, or is derived from them. */
static bool *choose_types(const struct type_search *search)
{
    struct vmwire_arena *arena = search->reader->arena;
    bool *chosen = vmwire_arena_alloc(arena, search->types->count);
    bool *refers = vmwire_arena_alloc(arena, search->types->count);
    for (size_t i = 0; i < search->reference_count; i++) {
        const struct found_type *type = &search->types->list[search->references[i].type];
        refers[search->references[i].type] = true;
        for (size_t k = 0; type && k < DERIVED_LIMIT; k++) {
            chosen[type - search->types->list] = true;
            type = find_type(search->types, type->parent);
        }
    }
    for (size_t i = 0; i < search->types->count; i++) {
        const struct found_type *type = &search->types->list[i];
        for (size_t k = 0; type && k < DERIVED_LIMIT; k++) {
            chosen[i] |= refers[type - search->types->list];
            type = find_type(search->types, type->parent);
        }
    }
    return chosen;
}

/* Both lists are in the order of the types: `*next` is the first one that no type has taken. */
static void take_structures(const struct type_search *search, size_t number, size_t *next,
                            struct vmwire_type *type)
{
    struct vmwire_arena *arena = search->reader->arena;
    size_t *structures = NULL, room = 0;
    for (; *next < search->reference_count && search->references[*next].type <= number; ++*next) {
        if (search->references[*next].type != number)
            continue;
        structures =
            vmwire_arena_grow(arena, structures, type->structure_count, &room, sizeof(*structures));
        structures[type->structure_count++] = search->references[*next].structure;
    }
    type->structures = structures;
}

/* How properties lie in the program. */
struct property_reading {
    const struct property_shape *shape;
    struct bit_types bits;
};

static void take_array(const struct type_search *search, const struct property_reading *reading,
                       const struct property_array *array, struct vmwire_type *type, size_t *room)
{
    struct vmwire_property *properties = (struct vmwire_property *)type->properties;
    size_t defaults;
    const size_t count = count_properties(search->reader, reading->shape, array, &defaults);
    for (size_t k = 0; count != SIZE_MAX && k < count; k++) {
        uint64_t info = 0;
        properties = vmwire_arena_grow(search->reader->arena, properties, type->property_count,
                                       room, sizeof(*properties));
        struct vmwire_property *property = &properties[type->property_count];
        if (!read_property(search->reader->image, reading->shape,
                           array->address + k * reading->shape->size, property, &info))
            continue;
        property->is_bit = is_bit_type(&reading->bits, info);
        if (property->is_bit)
            property->size = property->bit < 32 ? 4 : 8;
        type->property_count++;
    }
    type->properties = properties;
}

/* The code of such a class can ask for its data, which are not known, and then take one array or another. */
static bool is_one_of_several(const struct type_search *search, size_t number, size_t next)
{
    const struct property_array *array = &search->arrays[next];
    return search->types->list[number].has_data && next + 1 < search->array_count &&
           array->type == number && array[1].type == number && array->address != array[1].address;
}

static void take_properties(const struct type_search *search,
                            const struct property_reading *reading, size_t number, size_t *next,
                            struct vmwire_type *type)
{
    size_t room = 0;
    bool several = false;
    for (; *next < search->array_count && search->arrays[*next].type <= number; ++*next) {
        several |= is_one_of_several(search, number, *next);
        if (search->arrays[*next].type == number && !several)
            take_array(search, reading, &search->arrays[*next], type, &room);
    }
}

/* Adds the properties with functions whose function says a byte of the object. A property that is given in an array, too, is that. */
static void take_getters(const struct type_search *search, size_t number, struct vmwire_type *type)
{
    struct vmwire_property *properties = (struct vmwire_property *)type->properties;
    size_t room = type->property_count;
    for (size_t i = 0; i < search->getter_count; i++) {
        const struct getter *getter = &search->getters[i];
        if (getter->type != number)
            continue;
        const struct vmwire_condition says = read_condition(search->reader, getter->function);
        const struct vmwire_test *test =
            says.understood && says.way_count == 1 && says.ways[0].count == 1
                ? &says.ways[0].list[0]
                : NULL;
        if (!test || test->kind != VMWIRE_TEST_PLACE || test->size != 1 ||
            test->mask != UINT8_MAX || test->relation != VMWIRE_TEST_NOT_EQUAL || test->number)
            continue;
        properties = vmwire_arena_grow(search->reader->arena, properties, type->property_count,
                                       &room, sizeof(*properties));
        properties[type->property_count++] = (struct vmwire_property){.name = getter->name,
                                                                      .type = "bool",
                                                                      .offset = test->offset,
                                                                      .size = 1,
                                                                      .by_code = true};
    }
    type->properties = properties;
}

void add_types(struct code_reader *reader, const struct found_types *types,
               const uint64_t *structures, size_t structure_count,
               struct vmwire_program_facts *facts)
{
    struct type_search search = {.reader = reader,
                                 .types = types,
                                 .structures = structures,
                                 .structure_count = structure_count};
    const struct class_observer observer = {&search, note_reference, note_call, NULL, STEPS_LIMIT},
                                instance = {&search, NULL, note_instance_call, NULL, STEPS_LIMIT};
    for (size_t i = 0; i < types->count; i++) {
        search.type = i;
        if (types->list[i].class_init)
            follow_class(reader, types->list[i].class_init, &observer);
    }
    struct property_reading reading = {.shape = find_property_shape(&search)};
    reading.bits = find_bit_types(&search, reading.shape);
    size_t next_reference = 0, next_array = 0;
    const bool *chosen = choose_types(&search);
    struct vmwire_type *list = vmwire_arena_alloc(reader->arena, types->count * sizeof(*list));
    for (size_t i = 0; i < types->count; i++) {
        if (!chosen[i])
            continue;
        struct vmwire_type *type = &list[facts->type_count++];
        type->name = types->list[i].name;
        type->parent = types->list[i].parent;
        take_structures(&search, i, &next_reference, type);
        take_properties(&search, &reading, i, &next_array, type);
        search.type = i;
        if (types->list[i].instance_init)
            follow_class(reader, types->list[i].instance_init, &instance);
        take_getters(&search, i, type);
    }
    set_parents(list, facts->type_count);
    facts->types = list;
}
