/* SPDX-License-Identifier: MIT */
/*
 * Loops over constants are followed turn by turn: a machine type adds its properties so (QEMU include/hw/boards.h,
 * compat_props_add). Where a jump depends on something unknown, the code behind it is followed first, and the other way up to
 * where code begins that was already followed.
 */
#include "schema/class_code.h"

#include <string.h>

enum {
    CALLS_LIMIT =
        64, /* calls within calls: a machine type calls the function of the next release */
    WAITING_LIMIT = 256,
    FOLLOWED = 1 << 12 /* bits of a filter: addresses that were followed in this function */
};

struct caller {
    uint64_t address;
    struct code_value registers[CODE_REGISTERS];
    uint8_t followed[FOLLOWED / 8];
};

/* The other way of a jump. */
struct branch {
    struct code_state state;
    size_t depth;
};

struct class_walk {
    struct code_reader *reader;
    const struct class_observer *observer;
    struct code_state state;
    uint8_t followed[FOLLOWED / 8];
    bool is_branch; /* the code may be known already */
    struct caller callers[CALLS_LIMIT];
    size_t depth;
    struct branch waiting[WAITING_LIMIT];
    size_t waiting_count;
    size_t steps_left;
};

static unsigned filter_place(uint64_t address)
{
    return (unsigned)(address * UINT64_C(0x9e3779b97f4a7c15) >> 40) % FOLLOWED;
}

static bool was_followed(const struct class_walk *walk, uint64_t address)
{
    const unsigned place = filter_place(address);
    return walk->followed[place / 8] >> place % 8 & 1;
}

static void mark_followed(struct class_walk *walk, uint64_t address)
{
    const unsigned place = filter_place(address);
    walk->followed[place / 8] |= (uint8_t)(1U << place % 8);
}

static void refer(const struct class_walk *walk, uint64_t address)
{
    if (walk->observer->refer)
        walk->observer->refer(walk->observer->context, address);
}

/* Tells which addresses the instruction takes, or loads. */
static void refer_to_operand(const struct class_walk *walk,
                             const struct code_instruction *instruction)
{
    const struct code_operand *from = &instruction->from;
    uint64_t pointer;
    if (from->kind == OPERAND_NUMBER && from->size >= 4)
        refer(walk, (uint64_t)from->number);
    if (from->kind != OPERAND_MEMORY || from->reg != CODE_NO_REGISTER ||
        from->index != CODE_NO_REGISTER)
        return;
    if (instruction->operation == CODE_ADDRESS)
        refer(walk, (uint64_t)from->number);
    for (uint64_t at = 0; instruction->operation != CODE_ADDRESS && at < from->size; at += 8)
        if (program_image_pointer(walk->reader->image, (uint64_t)from->number + at, &pointer) &&
            pointer)
            refer(walk, pointer);
}

/* Tells what is written to the stack. */
static void tell_store(const struct class_walk *walk, const struct code_instruction *instruction)
{
    const struct code_operand *to = &instruction->to;
    if (!walk->observer->store || to->kind != OPERAND_MEMORY ||
        instruction->operation == CODE_COMPARE || instruction->operation == CODE_TEST)
        return;
    const struct code_value place = code_address_of(&walk->state, to);
    struct code_value value = {.kind = VALUE_UNKNOWN};
    if (instruction->operation == CODE_MOVE && to->size == 8)
        value = code_value_of(walk->reader, &walk->state, &instruction->from);
    if (place.kind == VALUE_OBJECT)
        walk->observer->store(walk->observer->context, place.number,
                              value.kind == VALUE_NUMBER ? &value.number : NULL);
}

/* The function returns, or its way ends. Before that its branches are followed. Returns false at the end of all. */
static bool end_function(struct class_walk *walk)
{
    if (walk->waiting_count && walk->waiting[walk->waiting_count - 1].depth == walk->depth) {
        walk->state = walk->waiting[--walk->waiting_count].state;
        walk->is_branch = true;
        return true;
    }
    if (walk->depth == 0)
        return false;
    const struct caller *caller = &walk->callers[--walk->depth];
    const struct code_value unknown = {.kind = VALUE_UNKNOWN};
    memcpy(walk->state.registers, caller->registers, sizeof(caller->registers));
    memcpy(walk->followed, caller->followed, sizeof(walk->followed));
    walk->state.address = caller->address;
    walk->is_branch = false;
    code_forget_call(&walk->state, unknown);
    return true;
}

static void call(struct class_walk *walk, uint64_t function, uint64_t next)
{
    struct code_state *state = &walk->state;
    const struct code_value unknown = {.kind = VALUE_UNKNOWN}, object = state->registers[CODE_DI];
    state->address = next;
    if (code_checks_type(walk->reader, state)) {
        code_forget_call(state, object);
        return;
    }
    bool follows = walk->observer->call &&
                   walk->observer->call(walk->observer->context, state, function) == CLASS_FOLLOW;
    if (!follows || walk->depth == CALLS_LIMIT) {
        code_forget_call(state, unknown);
        return;
    }
    struct caller *caller = &walk->callers[walk->depth++];
    caller->address = next;
    memcpy(caller->registers, state->registers, sizeof(caller->registers));
    memcpy(caller->followed, walk->followed, sizeof(caller->followed));
    memset(walk->followed, 0, sizeof(walk->followed));
    state->address = function;
    walk->is_branch = false;
}

static void jump_if(struct class_walk *walk, const struct code_instruction *instruction)
{
    struct vmwire_test test;
    int decided = code_ask(&walk->state, instruction->condition, &test);
    uint64_t target = (uint64_t)instruction->to.number;
    walk->state.address = decided == 1 ? target : instruction->next;
    if (decided >= 0 || walk->waiting_count == WAITING_LIMIT || was_followed(walk, target))
        return;
    struct branch *branch = &walk->waiting[walk->waiting_count++];
    branch->state = walk->state;
    branch->state.address = target;
    branch->depth = walk->depth;
}

/* Whether a jump may be a call in the last place: QEMU's functions begin at multiples of 16. */
static bool may_call(const struct class_walk *walk, const struct code_instruction *instruction)
{
    uint64_t target = (uint64_t)instruction->to.number;
    return walk->observer->call && target % 16 == 0 && !was_followed(walk, target);
}

/* Returns false at the end of all. */
static bool step(struct class_walk *walk)
{
    const uint64_t address = walk->state.address;
    const struct code_instruction *instruction =
        walk->is_branch && was_followed(walk, address) ? NULL : code_read(walk->reader, address);
    if (!walk->steps_left)
        return false;
    walk->steps_left--;
    if (!instruction)
        return end_function(walk);
    mark_followed(walk, address);
    refer_to_operand(walk, instruction);
    switch (instruction->operation) {
    case CODE_RETURN:
        return end_function(walk);
    case CODE_JUMP:
        if (instruction->to.kind != OPERAND_NUMBER)
            return end_function(walk);
        if (may_call(walk, instruction) &&
            walk->observer->call(walk->observer->context, &walk->state,
                                 (uint64_t)instruction->to.number) == CLASS_TAKEN)
            return end_function(walk);
        walk->state.address = (uint64_t)instruction->to.number;
        break;
    case CODE_JUMP_IF:
        jump_if(walk, instruction);
        break;
    case CODE_CALL:
        call(walk, instruction->to.kind == OPERAND_NUMBER ? (uint64_t)instruction->to.number : 0,
             instruction->next);
        break;
    case CODE_MOVE_IF:
        if (instruction->to.kind == OPERAND_REGISTER && instruction->to.whole)
            walk->state.registers[instruction->to.reg].kind = VALUE_UNKNOWN;
        walk->state.address = instruction->next;
        break;
    default:
        tell_store(walk, instruction);
        code_do(walk->reader, &walk->state, instruction);
        walk->state.address = instruction->next;
    }
    return true;
}

void follow_class(struct code_reader *reader, uint64_t function,
                  const struct class_observer *observer)
{
    if (!reader->class_scratch)
        reader->class_scratch = vmwire_arena_alloc(reader->arena, sizeof(struct class_walk));
    struct class_walk *walk = reader->class_scratch;
    walk->reader = reader;
    walk->observer = observer;
    walk->state = code_begin(function);
    walk->state.registers[CODE_SI].kind = VALUE_UNKNOWN; /* class_data */
    if (observer->store) {
        walk->state.registers[CODE_SP] = walk->state.registers[CODE_DI];
        walk->state.registers[CODE_DI].kind = VALUE_UNKNOWN;
    }
    walk->depth = walk->waiting_count = 0;
    walk->steps_left = observer->steps;
    walk->is_branch = false;
    memset(walk->followed, 0, sizeof(walk->followed));
    while (step(walk))
        ;
}
