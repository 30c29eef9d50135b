/* SPDX-License-Identifier: MIT */
/*
 * A function that the program starts with gives another one to register_module_init (QEMU include/qemu/module.h, type_init).
 * That one is followed, with what it writes to its stack: a call with an address on the stack, where a name, a parent and a
 * function stand as in a TypeInfo, registers a type.
 */
#include "schema/registered_types.h"

#include <string.h>

#include "schema/class_code.h"

enum {
    BEGIN_STEPS = 16, /* instructions of a function that the program starts with */
    REGISTER_STEPS = 1 << 11,
    STORES_LIMIT = 32,     /* words on the stack */
    MODULE_TYPES = 8,      /* QEMU's module_init_type has fewer */
    BEGINS_LIMIT = 1 << 17 /* bytes of an array of functions */
};

struct stack_word {
    uint64_t place, number;
};

struct registering {
    struct code_reader *reader;
    const struct found_types *types;
    uint64_t function; /* that a function of the start gives away; 0: none */
    struct stack_word stored[STORES_LIMIT];
    size_t stored_count;
    struct found_type *list;
    size_t count, room;
};

/* ---- Functions of the start ---- */

static enum class_call note_module(void *context, const struct code_state *state, uint64_t function)
{
    struct registering *registering = context;
    const struct code_value *given = &state->registers[CODE_DI], *type = &state->registers[CODE_SI];
    (void)function;
    if (given->kind != VALUE_NUMBER || type->kind != VALUE_NUMBER || type->number >= MODULE_TYPES ||
        !program_image_code(registering->reader->image, given->number).length)
        return CLASS_STEP_OVER;
    registering->function = given->number;
    return CLASS_TAKEN;
}

/* ---- The stack ---- */

static const struct stack_word *find_word(const struct registering *registering, uint64_t place)
{
    for (size_t i = 0; i < registering->stored_count; i++)
        if (registering->stored[i].place == place)
            return &registering->stored[i];
    return NULL;
}

static void note_store(void *context, uint64_t place, const uint64_t *number)
{
    struct registering *registering = context;
    struct stack_word *word = (struct stack_word *)find_word(registering, place);
    if (!word && registering->stored_count < STORES_LIMIT)
        word = &registering->stored[registering->stored_count++];
    if (word)
        *word = (struct stack_word){place, number ? *number : 0};
}

static uint64_t number_at(const struct registering *registering, uint64_t place)
{
    const struct stack_word *word = find_word(registering, place);
    return word ? word->number : 0;
}

static uint64_t function_at(const struct registering *registering, uint64_t place)
{
    const uint64_t function = number_at(registering, place);
    return program_image_code(registering->reader->image, function).length ? function : 0;
}

/* ---- Types ---- */

static enum class_call note_type(void *context, const struct code_state *state, uint64_t function)
{
    struct registering *registering = context;
    const struct code_value *given = &state->registers[CODE_DI];
    const struct program_image *image = registering->reader->image;
    (void)function;
    if (given->kind != VALUE_OBJECT)
        return CLASS_STEP_OVER;
    const uint64_t name = number_at(registering, given->number),
                   parent = number_at(registering, given->number + 8);
    struct found_type type = {
        .has_data = true,
        .name = program_image_string(image, name),
        .parent = program_image_string(image, parent),
        .class_init = function_at(registering, given->number + registering->types->class_init),
        .instance_init =
            function_at(registering, given->number + registering->types->instance_init),
    };
    /* In a loop only some members are written again: the name is. */
    note_store(registering, given->number, NULL);
    if (!type.name || !type.parent || !type.class_init || find_type(registering->types, type.name))
        return CLASS_STEP_OVER;
    registering->list = vmwire_arena_grow(registering->reader->arena, registering->list,
                                          registering->count, &registering->room, sizeof(type));
    registering->list[registering->count++] = type;
    return CLASS_TAKEN;
}

static void follow_begin(struct registering *registering, uint64_t address)
{
    const struct class_observer begins = {registering, NULL, note_module, NULL, BEGIN_STEPS},
                                registers = {registering, NULL, note_type, note_store,
                                             REGISTER_STEPS};
    uint64_t function;
    if (!program_image_pointer(registering->reader->image, address, &function) || !function)
        return;
    registering->function = 0;
    registering->stored_count = 0;
    follow_class(registering->reader, function, &begins);
    if (registering->function)
        follow_class(registering->reader, registering->function, &registers);
}

void add_registered_types(struct code_reader *reader, struct found_types *types)
{
    struct registering registering = {.reader = reader, .types = types};
    const struct program_image *image = reader->image;
    for (size_t i = 0; reader->handle && i < image->begin_count; i++)
        for (uint64_t at = 0; at + 8 <= image->begins[i].length && at < BEGINS_LIMIT; at += 8)
            follow_begin(&registering, image->begins[i].address + at);
    merge_types(reader->arena, types, registering.list, registering.count);
}
