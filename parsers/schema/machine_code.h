/* SPDX-License-Identifier: MIT */
/*
 * Follows the code of short functions (x86-64), as far as it moves constants, the first two arguments, and what they point
 * to. Nothing is run. What an instruction does otherwise is unknown. Knows the processor and nothing of QEMU, but for its
 * way to check types (QEMU include/qom/object.h, OBJECT_CHECK), which calls a function that returns its argument.
 */
#ifndef VMWIRE_SCHEMA_MACHINE_CODE_H
#define VMWIRE_SCHEMA_MACHINE_CODE_H

#include "schema/decoder_memory.h"
#include "schema/program_image.h"
#include "vmwire/program_facts.h"

/* ---- Instructions ---- */

enum code_operation {
    CODE_OTHER, /* what it writes to is unknown */
    CODE_NOTHING,
    CODE_MOVE, /* also with zeros in front */
    CODE_MOVE_SIGNED,
    CODE_ADDRESS, /* lea */
    CODE_COMPARE,
    CODE_TEST,
    CODE_ADD,
    CODE_SUBTRACT,
    CODE_AND,
    CODE_OR,
    CODE_XOR,
    CODE_SHIFT_LEFT,
    CODE_SHIFT_RIGHT,
    CODE_NOT,
    CODE_SET,     /* a byte, by a condition */
    CODE_MOVE_IF, /* cmov */
    CODE_JUMP_IF,
    CODE_JUMP,
    CODE_CALL,
    CODE_RETURN,
    CODE_STOP, /* nothing follows */
};

/* The conditions of jumps; the last bit negates (Intel SDM, volume 2, appendix B.1.4). */
enum code_condition {
    CODE_BELOW = 2,
    CODE_EQUAL = 4,
    CODE_NOT_ABOVE = 6,
    CODE_NEGATIVE = 8,
    CODE_LESS = 12,
    CODE_NOT_GREATER = 14,
    CODE_ANY_CONDITION = 16, /* another one, which is not followed */
};

enum { CODE_REGISTERS = 16, CODE_NO_REGISTER = 0xff };
enum { CODE_AX, CODE_CX, CODE_DX, CODE_BX, CODE_SP, CODE_BP, CODE_SI, CODE_DI, CODE_R8 };

struct code_operand {
    enum { OPERAND_NONE, OPERAND_REGISTER, OPERAND_NUMBER, OPERAND_MEMORY } kind;
    uint8_t size; /* bytes */
    uint8_t reg;  /* of memory: the base, or CODE_NO_REGISTER */
    uint8_t index, scale;
    bool whole;     /* a register that is understood: none of vectors, and not bits 8 to 15 */
    bool thread;    /* memory of the thread: the guard of the stack lies there */
    int64_t number; /* of memory: what is added */
};

struct code_instruction {
    uint64_t address, next;
    enum code_operation operation;
    enum code_condition condition;
    struct code_operand to, from;
    uint32_t written; /* a bit for each register that another operation writes to */
    bool flags;       /* likewise: it can write to the flags */
};

/* Decodes and remembers. `handle` is capstone's. */
struct code_reader {
    const struct program_image *image;
    struct vmwire_arena *arena;
    uintptr_t handle;
    struct decoder_memory memory;          /* of the handle */
    void *decoded;                         /* capstone's cs_insn */
    const struct code_instruction **table; /* by address; open addressing */
    size_t count, size;
    uint64_t steps_left;           /* so time is bounded */
    void *scratch, *class_scratch; /* of condition_code.c, class_code.c */
};

/* A reader of another processor's program decodes nothing. The result is false when capstone cannot be used. */
bool code_reader_open(struct code_reader *reader, const struct program_image *image,
                      struct vmwire_arena *arena);
void code_reader_close(struct code_reader *reader);

/* Counts other work as steps, too. Returns false when there was too much of it. */
bool code_spend(struct code_reader *reader, uint64_t steps);

/* The instruction at the address; NULL: none. */
const struct code_instruction *code_read(struct code_reader *reader, uint64_t address);

/* ---- Values ---- */

struct code_value {
    enum code_value_kind {
        VALUE_UNKNOWN,
        VALUE_NUMBER,
        VALUE_OBJECT, /* the first argument and `number` bytes */
        VALUE_PLACE, /* the integer of `size` bytes at the object's byte `number`, its bits of `mask` shifted to the right */
        VALUE_VERSION, /* the second argument */
        VALUE_TRUTH,   /* 1 where the test holds, else 0 */
        VALUE_GUARD,   /* of the stack */
    } kind;
    uint8_t size, shift;
    uint64_t number, mask;
    struct vmwire_test test;
};

/* What a processor holds, as far as it is known. */
struct code_state {
    uint64_t address;
    struct code_value registers[CODE_REGISTERS];
    struct code_value left, right; /* that were compared last */
    uint8_t compared_size;         /* bytes; 0: what was compared is unknown */
    bool bits;                     /* the two were combined by AND, and compared with 0 */
    bool altered;                  /* memory that is not the stack was written */
};

struct code_state code_begin(uint64_t address);

/* What an operand holds. */
struct code_value code_value_of(const struct code_reader *reader, const struct code_state *state,
                                const struct code_operand *operand);

/* The address of a memory operand: a number, or a place in the object; unknown otherwise. */
struct code_value code_address_of(const struct code_state *state,
                                  const struct code_operand *operand);

/* Does what an instruction does that is no jump, no call and no return. */
void code_do(const struct code_reader *reader, struct code_state *state,
             const struct code_instruction *instruction);

/* What a conditional jump asks. `test` is of kind VMWIRE_TEST_UNKNOWN where that is not understood. Returns 1 where it always
 * jumps, 0 where it never does, -1 where the test decides. */
int code_ask(const struct code_state *state, enum code_condition condition,
             struct vmwire_test *test);

struct vmwire_test code_negate(struct vmwire_test test);

/* Whether a value is not 0, as code_ask() tells it. */
int code_is_true(struct code_value value, struct vmwire_test *test);

/* Forgets what a function need not keep, and takes its result. */
void code_forget_call(struct code_state *state, struct code_value result);

/* Whether a call with these registers checks a type and returns its first argument: that, a type's name, a file, a line, a
 * function. */
bool code_checks_type(const struct code_reader *reader, const struct code_state *state);

#endif
