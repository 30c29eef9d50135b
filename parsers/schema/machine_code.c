/* SPDX-License-Identifier: MIT */
/*
 * Instructions are decoded by capstone, and kept in a smaller form: a function can be followed many times.
 */
#include "schema/machine_code.h"

#include <capstone/capstone.h>
#include <elf.h>
#include <string.h>

enum { LONGEST_INSTRUCTION = 15, FIRST_TABLE = 1 << 12 };

/* ---- Decoding ---- */

bool code_reader_open(struct code_reader *reader, const struct program_image *image,
                      struct vmwire_arena *arena)
{
    csh handle = 0;
    *reader = (struct code_reader){.image = image, .arena = arena};
    if (image->machine != EM_X86_64)
        return true;
    reader->memory.bytes = vmwire_arena_alloc(arena, DECODER_MEMORY);
    if (use_decoder_memory(&reader->memory) &&
        cs_open(CS_ARCH_X86, CS_MODE_64, &handle) == CS_ERR_OK) {
        reader->handle = handle;
        if (cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON) == CS_ERR_OK)
            reader->decoded = cs_malloc(handle);
    }
    use_decoder_memory(NULL);
    if (reader->decoded)
        return true;
    code_reader_close(reader);
    return false;
}

void code_reader_close(struct code_reader *reader)
{
    csh handle = reader->handle;
    if (!handle)
        return;
    use_decoder_memory(&reader->memory);
    if (reader->decoded)
        cs_free(reader->decoded, 1);
    cs_close(&handle);
    use_decoder_memory(NULL);
    reader->decoded = NULL;
    reader->handle = 0;
}

/* The parts of each register, from that of eight bytes down to that of one. */
static const x86_reg register_parts[CODE_REGISTERS][4] = {
    {X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL},
    {X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL},
    {X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL},
    {X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL},
    {X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL},
    {X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL},
    {X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL},
    {X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL},
    {X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B},
    {X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B},
    {X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B},
    {X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B},
    {X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B},
    {X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B},
    {X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B},
    {X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B},
};

/* The bits 8 to 15 of the first four registers. */
static const x86_reg second_bytes[] = {X86_REG_AH, X86_REG_CH, X86_REG_DH, X86_REG_BH};

/* The register that this is a part of; CODE_NO_REGISTER: it is none of these. */
static uint8_t find_register(x86_reg part, bool *whole)
{
    *whole = true;
    for (size_t i = 0; i < CODE_REGISTERS; i++)
        for (size_t k = 0; k < 4; k++)
            if (register_parts[i][k] == part)
                return (uint8_t)i;
    *whole = false;
    for (uint8_t i = 0; i < 4; i++)
        if (second_bytes[i] == part)
            return i;
    return CODE_NO_REGISTER;
}

static struct code_operand take_memory(const cs_insn *decoded, const x86_op_mem *memory)
{
    bool whole;
    struct code_operand taken = {.kind = OPERAND_MEMORY,
                                 .reg = CODE_NO_REGISTER,
                                 .index = CODE_NO_REGISTER,
                                 .scale = (uint8_t)memory->scale,
                                 .whole = true,
                                 .thread = memory->segment == X86_REG_FS,
                                 .number = memory->disp};
    if (memory->base == X86_REG_RIP) {
        taken.number += (int64_t)(decoded->address + decoded->size);
    } else if (memory->base != X86_REG_INVALID) {
        taken.reg = find_register(memory->base, &whole);
        taken.whole &= whole;
    }
    if (memory->index != X86_REG_INVALID) {
        taken.index = find_register(memory->index, &whole);
        taken.whole &= whole;
    }
    return taken;
}

static struct code_operand take_operand(const cs_insn *decoded, const cs_x86_op *operand)
{
    struct code_operand taken = {.kind = OPERAND_NONE};
    switch (operand->type) {
    case X86_OP_REG:
        taken.kind = OPERAND_REGISTER;
        taken.reg = find_register(operand->reg, &taken.whole);
        break;
    case X86_OP_IMM:
        taken.kind = OPERAND_NUMBER;
        taken.number = operand->imm;
        break;
    case X86_OP_MEM:
        taken = take_memory(decoded, &operand->mem);
        break;
    default:
        break;
    }
    taken.size = operand->size;
    return taken;
}

static const struct {
    unsigned id;
    enum code_operation operation;
} operations[] = {
    {X86_INS_NOP, CODE_NOTHING},
    {X86_INS_MOV, CODE_MOVE},
    {X86_INS_MOVABS, CODE_MOVE},
    {X86_INS_MOVZX, CODE_MOVE},
    {X86_INS_MOVSX, CODE_MOVE_SIGNED},
    {X86_INS_MOVSXD, CODE_MOVE_SIGNED},
    {X86_INS_LEA, CODE_ADDRESS},
    {X86_INS_CMP, CODE_COMPARE},
    {X86_INS_TEST, CODE_TEST},
    {X86_INS_ADD, CODE_ADD},
    {X86_INS_INC, CODE_ADD},
    {X86_INS_SUB, CODE_SUBTRACT},
    {X86_INS_DEC, CODE_SUBTRACT},
    {X86_INS_AND, CODE_AND},
    {X86_INS_OR, CODE_OR},
    {X86_INS_XOR, CODE_XOR},
    {X86_INS_SHL, CODE_SHIFT_LEFT},
    {X86_INS_SHR, CODE_SHIFT_RIGHT},
    {X86_INS_NOT, CODE_NOT},
    {X86_INS_JMP, CODE_JUMP},
    {X86_INS_CALL, CODE_CALL},
    {X86_INS_RET, CODE_RETURN},
    {X86_INS_UD2, CODE_STOP},
    {X86_INS_HLT, CODE_STOP},
    {X86_INS_INT3, CODE_STOP},
    {X86_INS_PUSH, CODE_NOTHING},
};

static const struct {
    unsigned jump, set, move;
    int condition;
} conditionals[] = {
    {X86_INS_JB, X86_INS_SETB, X86_INS_CMOVB, CODE_BELOW},
    {X86_INS_JAE, X86_INS_SETAE, X86_INS_CMOVAE, CODE_BELOW + 1},
    {X86_INS_JE, X86_INS_SETE, X86_INS_CMOVE, CODE_EQUAL},
    {X86_INS_JNE, X86_INS_SETNE, X86_INS_CMOVNE, CODE_EQUAL + 1},
    {X86_INS_JBE, X86_INS_SETBE, X86_INS_CMOVBE, CODE_NOT_ABOVE},
    {X86_INS_JA, X86_INS_SETA, X86_INS_CMOVA, CODE_NOT_ABOVE + 1},
    {X86_INS_JS, X86_INS_SETS, X86_INS_CMOVS, CODE_NEGATIVE},
    {X86_INS_JNS, X86_INS_SETNS, X86_INS_CMOVNS, CODE_NEGATIVE + 1},
    {X86_INS_JL, X86_INS_SETL, X86_INS_CMOVL, CODE_LESS},
    {X86_INS_JGE, X86_INS_SETGE, X86_INS_CMOVGE, CODE_LESS + 1},
    {X86_INS_JLE, X86_INS_SETLE, X86_INS_CMOVLE, CODE_NOT_GREATER},
    {X86_INS_JG, X86_INS_SETG, X86_INS_CMOVG, CODE_NOT_GREATER + 1},
    {X86_INS_JO, X86_INS_SETO, X86_INS_CMOVO, CODE_ANY_CONDITION},
    {X86_INS_JNO, X86_INS_SETNO, X86_INS_CMOVNO, CODE_ANY_CONDITION},
    {X86_INS_JP, X86_INS_SETP, X86_INS_CMOVP, CODE_ANY_CONDITION},
    {X86_INS_JNP, X86_INS_SETNP, X86_INS_CMOVNP, CODE_ANY_CONDITION},
};

static void take_operation(struct code_instruction *instruction, unsigned id)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        if (operations[i].id == id) {
            instruction->operation = operations[i].operation;
            if (id == X86_INS_INC || id == X86_INS_DEC)
                instruction->from = (struct code_operand){
                    .kind = OPERAND_NUMBER, .size = instruction->to.size, .number = 1};
            return;
        }
    for (size_t i = 0; i < sizeof(conditionals) / sizeof(conditionals[0]); i++) {
        if (conditionals[i].jump == id)
            instruction->operation = CODE_JUMP_IF;
        else if (conditionals[i].set == id)
            instruction->operation = CODE_SET;
        else if (conditionals[i].move == id)
            instruction->operation = CODE_MOVE_IF;
        else
            continue;
        instruction->condition = (enum code_condition)conditionals[i].condition;
        return;
    }
}

static void take_registers(struct code_instruction *instruction, const uint16_t *registers,
                           size_t count)
{
    bool whole;
    instruction->flags = false;
    for (size_t i = 0; i < count; i++) {
        instruction->flags |= registers[i] == X86_REG_EFLAGS;
        uint8_t reg = find_register((x86_reg)registers[i], &whole);
        if (reg != CODE_NO_REGISTER)
            instruction->written |= UINT32_C(1) << reg;
    }
}

/* Decodes the instruction at its address. It stays as it is where there is none. */
static void decode(const struct code_reader *reader, struct code_instruction *instruction)
{
    cs_insn *decoded = reader->decoded;
    const struct vmwire_bytes code = program_image_code(reader->image, instruction->address);
    const uint8_t *bytes = code.data;
    size_t left = code.length < LONGEST_INSTRUCTION ? code.length : LONGEST_INSTRUCTION;
    uint64_t at = instruction->address;
    if (!left || !cs_disasm_iter(reader->handle, &bytes, &left, &at, decoded))
        return;
    const cs_x86 *detail = &decoded->detail->x86;
    instruction->operation = CODE_OTHER;
    instruction->flags = true;
    instruction->next = at;
    if (detail->op_count > 0)
        instruction->to = take_operand(decoded, &detail->operands[0]);
    bool writes = detail->op_count > 0 && detail->operands[0].access & CS_AC_WRITE;
    if (detail->op_count > 1)
        instruction->from = take_operand(decoded, &detail->operands[1]);
    take_operation(instruction, decoded->id);
    if (instruction->operation == CODE_OTHER && !writes)
        instruction->to.kind = OPERAND_NONE;
    cs_regs read, written;
    uint8_t read_count = 0, written_count = 0;
    if (instruction->operation == CODE_OTHER &&
        cs_regs_access(reader->handle, decoded, read, &read_count, written, &written_count) ==
            CS_ERR_OK)
        take_registers(instruction, written, written_count);
}

static const struct code_instruction *decode_next(struct code_reader *reader, uint64_t address)
{
    struct code_instruction *instruction = vmwire_arena_alloc(reader->arena, sizeof(*instruction));
    instruction->address = address;
    instruction->operation = CODE_STOP;
    use_decoder_memory(&reader->memory);
    decode(reader, instruction);
    use_decoder_memory(NULL);
    return instruction;
}

static size_t find_place(const struct code_reader *reader, uint64_t address)
{
    size_t place = (size_t)(address * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (reader->size - 1);
    while (reader->table[place] && reader->table[place]->address != address)
        place = (place + 1) & (reader->size - 1);
    return place;
}

static void grow_table(struct code_reader *reader)
{
    const struct code_instruction **before = reader->table;
    const size_t size = reader->size;
    reader->size = size ? 2 * size : FIRST_TABLE;
    reader->table =
        vmwire_arena_alloc(reader->arena, reader->size * sizeof(struct code_instruction *));
    for (size_t i = 0; i < size; i++)
        if (before[i])
            reader->table[find_place(reader, before[i]->address)] = before[i];
}

bool code_spend(struct code_reader *reader, uint64_t steps)
{
    bool enough = steps < reader->steps_left;
    reader->steps_left -= enough ? steps : reader->steps_left;
    return enough;
}

const struct code_instruction *code_read(struct code_reader *reader, uint64_t address)
{
    if (!reader->handle || !reader->steps_left)
        return NULL;
    reader->steps_left--;
    if (2 * reader->count >= reader->size)
        grow_table(reader);
    const size_t place = find_place(reader, address);
    if (!reader->table[place]) {
        reader->table[place] = decode_next(reader, address);
        reader->count++;
    }
    const struct code_instruction *instruction = reader->table[place];
    return instruction->operation == CODE_STOP ? NULL : instruction;
}

/* ---- Values ---- */

static const struct code_value unknown = {.kind = VALUE_UNKNOWN};

static uint64_t bits_of(unsigned size)
{
    return size >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;
}

static struct code_value number_value(uint64_t number, unsigned size)
{
    return (struct code_value){.kind = VALUE_NUMBER, .number = number & bits_of(size)};
}

static uint64_t extend_sign(uint64_t number, unsigned size)
{
    const unsigned shift = size < 8 ? 64 - 8 * size : 0;
    return (uint64_t)((int64_t)(number << shift) >> shift);
}

/* The value without its bits above. */
static struct code_value cut(struct code_value value, unsigned size)
{
    if (value.kind == VALUE_NUMBER)
        value.number &= bits_of(size);
    else if (value.kind == VALUE_PLACE)
        value.mask &= bits_of(size) << value.shift;
    else if (value.kind == VALUE_OBJECT && size < 8)
        return unknown;
    else if (value.kind == VALUE_VERSION && size < 4)
        return unknown;
    return value;
}

struct code_value code_address_of(const struct code_state *state,
                                  const struct code_operand *operand)
{
    struct code_value address = number_value((uint64_t)operand->number, 8);
    if (!operand->whole)
        return unknown;
    if (operand->index != CODE_NO_REGISTER) {
        const struct code_value *index = &state->registers[operand->index];
        if (index->kind != VALUE_NUMBER)
            return unknown;
        address.number += index->number * operand->scale;
    }
    if (operand->reg != CODE_NO_REGISTER) {
        const struct code_value *base = &state->registers[operand->reg];
        if (base->kind != VALUE_NUMBER && base->kind != VALUE_OBJECT)
            return unknown;
        address.kind = base->kind;
        address.number += base->number;
    }
    return address;
}

static struct code_value load(const struct code_reader *reader, const struct code_state *state,
                              const struct code_operand *operand)
{
    if (operand->thread)
        return (struct code_value){.kind = VALUE_GUARD};
    const struct code_value address = code_address_of(state, operand);
    const unsigned size = operand->size;
    if (size != 1 && size != 2 && size != 4 && size != 8)
        return unknown;
    if (address.kind == VALUE_OBJECT)
        return (struct code_value){.kind = VALUE_PLACE,
                                   .size = (uint8_t)size,
                                   .number = address.number,
                                   .mask = bits_of(size)};
    uint64_t number, pointer;
    const struct image_segment *segment =
        address.kind == VALUE_NUMBER ? program_image_segment(reader->image, address.number) : NULL;
    if (!segment)
        return unknown;
    if (size == 8 && program_image_pointer(reader->image, address.number, &pointer) && pointer)
        return number_value(pointer, 8);
    if (segment->written || !program_image_number(reader->image, address.number, size, &number))
        return unknown;
    return number_value(number, size);
}

struct code_value code_value_of(const struct code_reader *reader, const struct code_state *state,
                                const struct code_operand *operand)
{
    switch (operand->kind) {
    case OPERAND_NUMBER:
        return number_value((uint64_t)operand->number, operand->size);
    case OPERAND_REGISTER:
        return operand->whole ? cut(state->registers[operand->reg], operand->size) : unknown;
    case OPERAND_MEMORY:
        return load(reader, state, operand);
    case OPERAND_NONE:
        break;
    }
    return unknown;
}

/* Whether memory is the stack: mostly %rbp holds something else. */
static bool is_stack(const struct code_state *state, const struct code_operand *operand)
{
    return operand->reg == CODE_SP || (operand->reg == CODE_BP && operand->number < 0 &&
                                       state->registers[CODE_BP].kind == VALUE_UNKNOWN);
}

static void store(struct code_state *state, const struct code_operand *to, struct code_value value)
{
    if (to->kind == OPERAND_MEMORY)
        state->altered |= !is_stack(state, to);
    if (to->kind != OPERAND_REGISTER || to->reg == CODE_NO_REGISTER)
        return;
    state->registers[to->reg] = to->whole ? cut(value, to->size) : unknown;
}

static bool is_same(struct code_value a, struct code_value b)
{
    return a.kind == b.kind && a.kind != VALUE_UNKNOWN && a.kind != VALUE_TRUTH &&
           a.number == b.number && a.mask == b.mask && a.shift == b.shift && a.size == b.size;
}

/* ---- Operations ---- */

static struct code_value combine_numbers(enum code_operation operation, uint64_t a, uint64_t b,
                                         unsigned size)
{
    switch (operation) {
    case CODE_ADD:
        return number_value(a + b, size);
    case CODE_SUBTRACT:
        return number_value(a - b, size);
    case CODE_AND:
        return number_value(a & b, size);
    case CODE_OR:
        return number_value(a | b, size);
    case CODE_XOR:
        return number_value(a ^ b, size);
    case CODE_SHIFT_LEFT:
        return number_value(b < 64 ? a << b : 0, size);
    case CODE_SHIFT_RIGHT:
        return number_value(b < 64 ? a >> b : 0, size);
    default:
        return unknown;
    }
}

static bool is_one_bit(const struct code_value *value)
{
    return value->kind == VALUE_PLACE && value->mask >> value->shift == 1;
}

static struct vmwire_test test_of_place(const struct code_value *value,
                                        enum vmwire_test_relation relation, uint64_t number)
{
    return (struct vmwire_test){.kind = VMWIRE_TEST_PLACE,
                                .relation = relation,
                                .offset = value->number,
                                .size = value->size,
                                .mask = value->mask,
                                .number = (int64_t)(number << value->shift)};
}

/* A bool is a byte that is 0 or 1 (QEMU is compiled so): its negation is `xor 1`. */
static struct code_value negate_truth(struct code_value value)
{
    if (value.kind == VALUE_TRUTH)
        value.test = code_negate(value.test);
    else if (is_one_bit(&value) || (value.kind == VALUE_PLACE && value.size == 1 && !value.shift))
        value = (struct code_value){.kind = VALUE_TRUTH,
                                    .test = test_of_place(&value, VMWIRE_TEST_EQUAL, 0)};
    else
        return unknown;
    return value;
}

static struct code_value combine(enum code_operation operation, struct code_value a,
                                 struct code_value b, unsigned size)
{
    if (a.kind == VALUE_NUMBER && b.kind == VALUE_NUMBER)
        return combine_numbers(operation, a.number, b.number, size);
    if (b.kind != VALUE_NUMBER)
        return unknown;
    if (a.kind == VALUE_OBJECT && size == 8 &&
        (operation == CODE_ADD || operation == CODE_SUBTRACT)) {
        a.number += operation == CODE_ADD ? b.number : 0 - b.number;
        return a;
    }
    if (a.kind == VALUE_PLACE && operation == CODE_AND) {
        a.mask &= b.number << a.shift;
        return a;
    }
    if (a.kind == VALUE_PLACE && operation == CODE_SHIFT_RIGHT && a.shift + b.number < 64) {
        a.shift = (uint8_t)(a.shift + b.number);
        a.mask = a.mask >> a.shift << a.shift;
        return a;
    }
    if (operation == CODE_XOR && b.number == 1)
        return negate_truth(a);
    if (a.kind == VALUE_TRUTH && operation == CODE_AND && (b.number & 1))
        return a;
    return unknown;
}

static void compare(struct code_state *state, struct code_value left, struct code_value right,
                    bool bits, unsigned size)
{
    state->left = left;
    state->right = right;
    state->bits = bits;
    state->compared_size = (uint8_t)size;
}

static void do_arithmetic(const struct code_reader *reader, struct code_state *state,
                          const struct code_instruction *instruction)
{
    const struct code_operand *to = &instruction->to;
    struct code_operand one = {.kind = OPERAND_NUMBER, .size = to->size, .number = 1};
    const bool shift_by_one =
        instruction->from.kind == OPERAND_NONE &&
        (instruction->operation == CODE_SHIFT_LEFT || instruction->operation == CODE_SHIFT_RIGHT);
    struct code_value a = code_value_of(reader, state, to),
                      b = code_value_of(reader, state, shift_by_one ? &one : &instruction->from);
    bool guard = a.kind == VALUE_GUARD || b.kind == VALUE_GUARD;
    const bool clears =
        to->kind == OPERAND_REGISTER && instruction->from.kind == OPERAND_REGISTER &&
        to->reg == instruction->from.reg &&
        (instruction->operation == CODE_XOR || instruction->operation == CODE_SUBTRACT);
    struct code_value result =
        clears ? number_value(0, to->size) : combine(instruction->operation, a, b, to->size);
    store(state, to, result);
    if (guard)
        compare(state, (struct code_value){.kind = VALUE_GUARD}, b, false, to->size);
    else
        compare(state, result, number_value(0, 8), false, to->size);
}

void code_do(const struct code_reader *reader, struct code_state *state,
             const struct code_instruction *instruction)
{
    const struct code_operand *to = &instruction->to, *from = &instruction->from;
    struct vmwire_test test;
    struct code_value value = unknown;
    int decided;
    switch (instruction->operation) {
    case CODE_MOVE:
        store(state, to, code_value_of(reader, state, from));
        break;
    case CODE_MOVE_SIGNED:
        value = code_value_of(reader, state, from);
        if (value.kind == VALUE_NUMBER)
            value = number_value(extend_sign(value.number, from->size), to->size);
        else if (value.kind == VALUE_PLACE)
            value = unknown;
        store(state, to, value);
        break;
    case CODE_ADDRESS:
        store(state, to, code_address_of(state, from));
        break;
    case CODE_COMPARE:
    case CODE_TEST:
        compare(state, code_value_of(reader, state, to), code_value_of(reader, state, from),
                instruction->operation == CODE_TEST, to->size);
        break;
    case CODE_ADD:
    case CODE_SUBTRACT:
    case CODE_AND:
    case CODE_OR:
    case CODE_XOR:
    case CODE_SHIFT_LEFT:
    case CODE_SHIFT_RIGHT:
        do_arithmetic(reader, state, instruction);
        break;
    case CODE_NOT:
        value = code_value_of(reader, state, to);
        store(state, to,
              value.kind == VALUE_NUMBER ? number_value(~value.number, to->size) : unknown);
        break;
    case CODE_SET:
        decided = code_ask(state, instruction->condition, &test);
        store(state, to,
              decided >= 0 ? number_value((uint64_t)decided, 1)
                           : (struct code_value){.kind = VALUE_TRUTH, .test = test});
        break;
    case CODE_OTHER:
        store(state, &instruction->to, unknown);
        for (size_t i = 0; i < CODE_REGISTERS; i++)
            if (instruction->written >> i & 1 && i != CODE_SP)
                state->registers[i] = unknown;
        if (instruction->flags)
            state->compared_size = 0;
        break;
    default:
        break;
    }
}

struct code_state code_begin(uint64_t address)
{
    struct code_state state = {.address = address};
    state.registers[CODE_DI].kind = VALUE_OBJECT;
    state.registers[CODE_SI].kind = VALUE_VERSION;
    return state;
}

void code_forget_call(struct code_state *state, struct code_value result)
{
    static const uint8_t kept[] = {CODE_BX, CODE_SP, CODE_BP, 12, 13, 14, 15};
    struct code_value registers[CODE_REGISTERS] = {{VALUE_UNKNOWN, 0, 0, 0, 0, {0}}};
    for (size_t i = 0; i < sizeof(kept); i++)
        registers[kept[i]] = state->registers[kept[i]];
    registers[CODE_AX] = result;
    memcpy(state->registers, registers, sizeof(registers));
    state->compared_size = 0;
}

bool code_checks_type(const struct code_reader *reader, const struct code_state *state)
{
    static const uint8_t texts[] = {CODE_SI, CODE_DX, CODE_R8};
    for (size_t i = 0; i < sizeof(texts); i++) {
        const struct code_value *text = &state->registers[texts[i]];
        if (text->kind != VALUE_NUMBER || !program_image_string(reader->image, text->number))
            return false;
    }
    return state->registers[CODE_CX].kind == VALUE_NUMBER;
}

/* ---- Questions ---- */

struct vmwire_test code_negate(struct vmwire_test test)
{
    static const enum vmwire_test_relation opposite[] = {
        [VMWIRE_TEST_EQUAL] = VMWIRE_TEST_NOT_EQUAL, [VMWIRE_TEST_NOT_EQUAL] = VMWIRE_TEST_EQUAL,
        [VMWIRE_TEST_BELOW] = VMWIRE_TEST_AT_LEAST,  [VMWIRE_TEST_AT_LEAST] = VMWIRE_TEST_BELOW,
        [VMWIRE_TEST_ABOVE] = VMWIRE_TEST_AT_MOST,   [VMWIRE_TEST_AT_MOST] = VMWIRE_TEST_ABOVE,
    };
    test.relation = opposite[test.relation];
    return test;
}

static bool compare_numbers(enum code_condition condition, uint64_t a, uint64_t b, unsigned size)
{
    const int64_t left = (int64_t)extend_sign(a, size), right = (int64_t)extend_sign(b, size);
    switch ((unsigned)condition & ~1U) {
    case CODE_BELOW:
        return a < b;
    case CODE_EQUAL:
        return a == b;
    case CODE_NOT_ABOVE:
        return a <= b;
    case CODE_NEGATIVE:
        return left - right < 0;
    case CODE_LESS:
        return left < right;
    default:
        return left <= right;
    }
}

/* The relation of a condition; false: it is not one of a number that is not negative. */
static bool find_relation(enum code_condition condition, enum vmwire_test_relation *relation)
{
    switch ((unsigned)condition & ~1U) {
    case CODE_EQUAL:
        *relation = VMWIRE_TEST_EQUAL;
        return true;
    case CODE_BELOW:
    case CODE_LESS:
        *relation = VMWIRE_TEST_BELOW;
        return true;
    case CODE_NOT_ABOVE:
    case CODE_NOT_GREATER:
        *relation = VMWIRE_TEST_AT_MOST;
        return true;
    default:
        return false;
    }
}

/* Whether the sign of the place could matter: it fills all the bits that are compared. */
static bool can_be_negative(const struct code_value *value, enum code_condition condition,
                            unsigned size)
{
    const unsigned kind = (unsigned)condition & ~1U;
    return (kind == CODE_LESS || kind == CODE_NOT_GREATER) &&
           (value->mask >> value->shift) >> (8 * size - 1) != 0;
}

int code_is_true(struct code_value value, struct vmwire_test *test)
{
    *test = (struct vmwire_test){.kind = VMWIRE_TEST_UNKNOWN};
    switch (value.kind) {
    case VALUE_NUMBER:
        return value.number != 0;
    case VALUE_OBJECT:
        return 1;
    case VALUE_PLACE:
        *test = test_of_place(&value, VMWIRE_TEST_NOT_EQUAL, 0);
        return value.mask ? -1 : 0;
    case VALUE_VERSION:
        *test =
            (struct vmwire_test){.kind = VMWIRE_TEST_VERSION, .relation = VMWIRE_TEST_NOT_EQUAL};
        return -1;
    case VALUE_TRUTH:
        *test = value.test;
        return -1;
    default:
        return -1;
    }
}

int code_ask(const struct code_state *state, enum code_condition condition,
             struct vmwire_test *test)
{
    struct code_value a = state->left, b = state->right;
    const bool negated = (unsigned)condition & 1;
    enum vmwire_test_relation relation;
    *test = (struct vmwire_test){.kind = VMWIRE_TEST_UNKNOWN};
    if (!state->compared_size || condition == CODE_ANY_CONDITION)
        return -1;
    if (a.kind == VALUE_GUARD || b.kind == VALUE_GUARD)
        return ((unsigned)condition & ~1U) == CODE_EQUAL ? !negated : -1;
    if (state->bits) {
        a = is_same(a, b) || a.kind == VALUE_TRUTH ? a
                                                   : combine(CODE_AND, a, b, state->compared_size);
        b = number_value(0, 8);
    }
    if (a.kind == VALUE_NUMBER && b.kind == VALUE_NUMBER)
        return compare_numbers(condition, a.number, b.number, state->compared_size) != negated;
    const bool equal = ((unsigned)condition & ~1U) == CODE_EQUAL;
    if (b.kind == VALUE_NUMBER && b.number == 0 && equal) {
        int is_true = code_is_true(a, test);
        if (!negated)
            *test = code_negate(*test);
        return is_true < 0 ? -1 : is_true == negated;
    }
    if (b.kind != VALUE_NUMBER || !find_relation(condition, &relation))
        return -1;
    if (a.kind == VALUE_PLACE && !can_be_negative(&a, condition, state->compared_size))
        *test = test_of_place(&a, relation, b.number);
    else if (a.kind == VALUE_VERSION)
        *test =
            (struct vmwire_test){.kind = VMWIRE_TEST_VERSION,
                                 .relation = relation,
                                 .number = (int64_t)extend_sign(b.number, state->compared_size)};
    if (negated)
        *test = code_negate(*test);
    return -1;
}
