/* SPDX-License-Identifier: MIT */
/*
 * Follows each way through the function up to its return. At a jump that depends on something the way splits. A function with
 * too many ways, or one that writes to memory, is not understood.
 */
#include "schema/condition_code.h"

#include <string.h>

enum {
    WAITING_LIMIT = 32, /* ways that are not followed to their end yet */
    WAYS_LIMIT = 16,    /* that say yes */
    TESTS_LIMIT = 8,    /* of a way */
    STEPS_LIMIT = 1024, /* instructions, on all ways */
    CALLS_LIMIT = 3     /* calls within calls */
};

struct caller {
    uint64_t address; /* where it goes on */
    struct code_value registers[CODE_REGISTERS];
};

struct way {
    struct code_state state;
    struct caller callers[CALLS_LIMIT];
    size_t depth;
    struct vmwire_test tests[TESTS_LIMIT];
    size_t test_count;
};

struct exploration {
    struct code_reader *reader;
    struct way waiting[WAITING_LIMIT];
    size_t waiting_count;
    struct vmwire_tests ways[WAYS_LIMIT];
    size_t way_count;
    size_t steps_left;
};

static bool is_same_place(const struct vmwire_test *a, const struct vmwire_test *b)
{
    return a->kind == b->kind && a->kind != VMWIRE_TEST_UNKNOWN && a->offset == b->offset &&
           a->size == b->size && a->mask == b->mask && a->number == b->number;
}

/* What the way has found out of the test already: 1 it holds, 0 it does not, -1 nothing. */
static int recall(const struct way *way, const struct vmwire_test *test)
{
    for (size_t i = 0; i < way->test_count; i++) {
        if (!is_same_place(&way->tests[i], test))
            continue;
        if (way->tests[i].relation == test->relation)
            return 1;
        if (code_negate(way->tests[i]).relation == test->relation)
            return 0;
    }
    return -1;
}

static bool add_test(struct way *way, struct vmwire_test test)
{
    if (recall(way, &test) == 1)
        return true;
    if (way->test_count == TESTS_LIMIT)
        return false;
    way->tests[way->test_count++] = test;
    return true;
}

/* The way says yes. */
static bool add_way(struct exploration *exploration, const struct way *way)
{
    if (exploration->way_count == WAYS_LIMIT)
        return false;
    const size_t size = way->test_count * sizeof(*way->tests);
    struct vmwire_test *tests = vmwire_arena_alloc(exploration->reader->arena, size);
    memcpy(tests, way->tests, size);
    exploration->ways[exploration->way_count++] = (struct vmwire_tests){tests, way->test_count};
    return true;
}

/* The function returns to its caller, or the way ends: what it returns is a bool. */
static bool end_function(struct exploration *exploration, struct way *way, bool *ended)
{
    struct code_value result = way->state.registers[CODE_AX];
    struct vmwire_test test;
    *ended = way->depth == 0;
    if (!*ended) {
        const struct caller *caller = &way->callers[--way->depth];
        memcpy(way->state.registers, caller->registers, sizeof(caller->registers));
        way->state.address = caller->address;
        code_forget_call(&way->state, result);
        return true;
    }
    if (result.kind == VALUE_NUMBER)
        result.number &= UINT8_MAX;
    int is_true = code_is_true(result, &test);
    is_true = is_true < 0 ? recall(way, &test) : is_true;
    if (is_true < 0 && !add_test(way, test))
        return false;
    return is_true == 0 || add_way(exploration, way);
}

/* A call: its result is known where it checks a type, or asks something of the structure and can be followed. */
static void call(const struct exploration *exploration, struct way *way,
                 const struct code_instruction *instruction)
{
    struct code_state *state = &way->state;
    const struct code_value object = state->registers[CODE_DI];
    const struct code_value unknown = {.kind = VALUE_UNKNOWN};
    const bool follows = instruction->to.kind == OPERAND_NUMBER && way->depth < CALLS_LIMIT &&
                         object.kind == VALUE_OBJECT;
    state->address = instruction->next;
    if (code_checks_type(exploration->reader, state)) {
        code_forget_call(state, object);
    } else if (follows) {
        struct caller *caller = &way->callers[way->depth++];
        caller->address = instruction->next;
        memcpy(caller->registers, state->registers, sizeof(caller->registers));
        state->address = (uint64_t)instruction->to.number;
    } else {
        code_forget_call(state, unknown);
    }
}

/* At a question the way goes on where the answer is no; another one begins where it is yes. */
static bool split(struct exploration *exploration, struct way *way, int decided,
                  struct vmwire_test test, struct way **other)
{
    *other = NULL;
    if (decided >= 0)
        return true;
    if (exploration->waiting_count == WAITING_LIMIT)
        return false;
    *other = &exploration->waiting[exploration->waiting_count++];
    memcpy(*other, way, sizeof(*way));
    return add_test(*other, test) && add_test(way, code_negate(test));
}

static bool jump_if(struct exploration *exploration, struct way *way,
                    const struct code_instruction *instruction)
{
    struct vmwire_test test;
    struct way *other;
    int decided = code_ask(&way->state, instruction->condition, &test);
    decided = decided < 0 ? recall(way, &test) : decided;
    uint64_t target = (uint64_t)instruction->to.number;
    if (!split(exploration, way, decided, test, &other))
        return false;
    if (other)
        other->state.address = target;
    way->state.address = decided == 1 ? target : instruction->next;
    return true;
}

static bool move_if(struct exploration *exploration, struct way *way,
                    const struct code_instruction *instruction)
{
    struct vmwire_test test;
    struct way *other;
    struct code_instruction move = *instruction;
    int decided = code_ask(&way->state, instruction->condition, &test);
    decided = decided < 0 ? recall(way, &test) : decided;
    move.operation = CODE_MOVE;
    way->state.address = instruction->next;
    if (!split(exploration, way, decided, test, &other))
        return false;
    if (other) {
        other->state.address = instruction->next;
        code_do(exploration->reader, &other->state, &move);
    }
    if (decided == 1)
        code_do(exploration->reader, &way->state, &move);
    return true;
}

/* Ends a way that goes where nobody can follow: whether it says yes is unknown. */
static bool end_unknown(struct exploration *exploration, struct way *way)
{
    const struct vmwire_test unknown = {.kind = VMWIRE_TEST_UNKNOWN};
    return add_test(way, unknown) && add_way(exploration, way);
}

/* Another function is called in the place of this one. */
static bool jump(struct exploration *exploration, struct way *way,
                 const struct code_instruction *instruction, bool *ended)
{
    if (instruction->to.kind == OPERAND_NUMBER) {
        way->state.address = (uint64_t)instruction->to.number;
        return true;
    }
    way->state.registers[CODE_AX].kind = VALUE_UNKNOWN;
    return end_function(exploration, way, ended);
}

/* Follows a way to its end. Returns false when there is too much of it. */
static bool follow(struct exploration *exploration, struct way *way)
{
    bool ended = false, followed = true;
    while (followed && !ended) {
        struct code_state *state = &way->state;
        const struct code_instruction *instruction = code_read(exploration->reader, state->address);
        if (!instruction || state->altered)
            return end_unknown(exploration, way);
        if (!exploration->steps_left--)
            return false;
        switch (instruction->operation) {
        case CODE_RETURN:
            followed = end_function(exploration, way, &ended);
            break;
        case CODE_JUMP:
            followed = jump(exploration, way, instruction, &ended);
            break;
        case CODE_JUMP_IF:
            followed = jump_if(exploration, way, instruction);
            break;
        case CODE_MOVE_IF:
            followed = move_if(exploration, way, instruction);
            break;
        case CODE_CALL:
            call(exploration, way, instruction);
            break;
        default:
            code_do(exploration->reader, state, instruction);
            state->address = instruction->next;
        }
    }
    return followed;
}

/* Whether the ways tell something: not only that all depends on something unknown. */
static bool tells(const struct exploration *exploration)
{
    bool known = exploration->way_count == 0;
    for (size_t i = 0; i < exploration->way_count; i++) {
        known |= exploration->ways[i].count == 0;
        for (size_t k = 0; k < exploration->ways[i].count; k++)
            known |= exploration->ways[i].list[k].kind != VMWIRE_TEST_UNKNOWN;
    }
    return known;
}

struct vmwire_condition read_condition(struct code_reader *reader, uint64_t function)
{
    const struct vmwire_condition unknown = {.understood = false};
    struct exploration *exploration = reader->scratch;
    if (!code_spend(reader, 1))
        return unknown;
    if (!exploration)
        exploration = reader->scratch =
            vmwire_arena_alloc(reader->arena, sizeof(*exploration) + sizeof(struct way));
    struct way *way = (struct way *)(exploration + 1);
    exploration->reader = reader;
    exploration->steps_left = STEPS_LIMIT;
    exploration->way_count = 0;
    exploration->waiting_count = 1;
    memset(&exploration->waiting[0], 0, sizeof(exploration->waiting[0]));
    exploration->waiting[0].state = code_begin(function);
    while (exploration->waiting_count > 0) {
        memcpy(way, &exploration->waiting[--exploration->waiting_count], sizeof(*way));
        if (!follow(exploration, way))
            return unknown;
    }
    if (!tells(exploration))
        return unknown;
    const size_t size = exploration->way_count * sizeof(*exploration->ways);
    struct vmwire_tests *ways = vmwire_arena_alloc(reader->arena, size);
    memcpy(ways, exploration->ways, size);
    return (struct vmwire_condition){true, ways, exploration->way_count};
}
