/* SPDX-License-Identifier: MIT */
#include "skew/values/arm_registers.h"

#include <inttypes.h>
#include <string.h>

#include "skew/shared/loader_tables.h"
#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"

/* Two lists of be64, of the same length. */
struct registers {
    const struct vmwire_value *number_field, *value_field;
    size_t count;
    bool is_limited; /* QEMU compares the number of registers with its own: up to 10.2 */
};

static const char numbers_name[] = "cpreg_vmstate_indexes", values_name[] = "cpreg_vmstate_values",
                  count_name[] = "cpreg_vmstate_array_len";

static bool has_limit(const struct vmwire_structure *structure)
{
    for (size_t i = 0; i < structure->field_count; i++)
        if (strcmp(structure->fields[i].name, count_name) == 0)
            return strcmp(structure->fields[i].type, "int32 le") == 0;
    return false;
}

/* A record that is read as a program declares it is split: its field has another type than the program's. */
static bool is_limited(const struct vmwire_side *side, const struct vmwire_item *item)
{
    const struct vmwire_structure *structure = item->record->structure, *each;
    bool limited = has_limit(structure);
    for (size_t i = 0; !limited && side->declared && structure->name &&
                       (each = vmwire_schema_declared(side->declared, structure->name, i));
         i++)
        limited = has_limit(each);
    return limited;
}

/* The lists stand in the section's own record. */
static bool find_registers(const struct vmwire_side *side, const struct vmwire_item *item,
                           struct registers *registers)
{
    *registers = (struct registers){.count = 0};
    for (const struct vmwire_value *value = item->record->values; value; value = value->next) {
        if (strcmp(value->field->name, numbers_name) == 0)
            registers->number_field = value;
        else if (strcmp(value->field->name, values_name) == 0)
            registers->value_field = value;
    }
    if (!registers->number_field || !registers->value_field)
        return false;
    registers->is_limited = is_limited(side, item);
    registers->count = registers->number_field->data.length / sizeof(uint64_t);
    return registers->value_field->data.length / sizeof(uint64_t) == registers->count;
}

static uint64_t number_at(const struct registers *registers, size_t i)
{
    return vmwire_be64(registers->number_field->data.data + i * sizeof(uint64_t));
}

static uint64_t value_at(const struct registers *registers, size_t i)
{
    return vmwire_be64(registers->value_field->data.data + i * sizeof(uint64_t));
}

static bool is_constant(uint64_t number)
{
    for (size_t i = 0; i < arm_constant_row_count; i++)
        if ((number & arm_constant_rows[i].mask) == arm_constant_rows[i].value)
            return !arm_constant_rows[i].is_written;
    return false;
}

/* What is refused first of each kind, as numbers of registers of the writer and the reader. */
struct refused {
    bool lacks, differs;
    size_t lacking;     /* the reader has no such register */
    size_t theirs, own; /* a constant with another value */
    size_t differing;   /* how many constants have one */
    size_t unsent;      /* how many registers only the reader has */
    size_t first_unsent;
    bool is_constant; /* the first is the first constant among them that is not 0 */
};

/* A register that only the reader has. What QEMU writes to it is 0 mostly, and never a constant but by chance. */
static void add_unsent(struct refused *refused, const struct registers *reader, size_t i)
{
    const bool constant = value_at(reader, i) && is_constant(number_at(reader, i));
    if (!refused->unsent++ || (constant && !refused->is_constant))
        refused->first_unsent = i;
    refused->is_constant |= constant;
}

/* Walks through both lists as QEMU does, which takes them for sorted and stops at a register that it has not
 * (target/arm/machine.c, cpu_post_load). */
static struct refused find_refused(const struct registers *writer, const struct registers *reader)
{
    struct refused refused = {.lacks = false};
    size_t sent = 0;
    for (size_t i = 0; i < reader->count; i++) {
        if (sent == writer->count || number_at(writer, sent) > number_at(reader, i)) {
            add_unsent(&refused, reader, i);
            continue;
        }
        if (number_at(writer, sent) < number_at(reader, i)) {
            refused.lacks = true;
            refused.lacking = sent;
            return refused;
        }
        if (value_at(writer, sent) != value_at(reader, i) && is_constant(number_at(reader, i)) &&
            !refused.differing++) {
            refused.differs = true;
            refused.theirs = sent;
            refused.own = i;
        }
        sent++;
    }
    if (sent < writer->count && !reader->is_limited && !refused.lacks) {
        refused.lacks = true;
        refused.lacking = sent;
    }
    return refused;
}

static struct vmwire_difference difference_of(const struct skew *skew, const char *rule,
                                              const struct vmwire_item *item,
                                              const struct vmwire_value *list, size_t number)
{
    const uint8_t *place = vmwire_value_place(list, skew->writer->bytes);
    struct vmwire_difference difference = section_difference(skew, rule, item);
    difference.structure = item->record->structure->name;
    difference.path = list->field->name;
    difference.offset = offset_in(skew->writer, place ? place + number * sizeof(uint64_t) : NULL);
    return difference;
}

/* As QEMU shows it, in 32 bits (target/arm/cpregs.h, kvm_to_cpreg_id). */
static uint32_t shown_number(uint64_t number)
{
    enum { AARCH64 = 0x60, AARCH64_BIT = 1 << 28, AARCH32_BIT = 1 << 29, LONG_BIT = 1 << 15 };
    const bool is_64_bits = (number >> 52 & 0xf) == 3;
    return (uint32_t)number | (number >> 56 == AARCH64 ? AARCH64_BIT
                               : is_64_bits            ? AARCH32_BIT | LONG_BIT
                                                       : AARCH32_BIT);
}

static void add_lacking(struct skew *skew, const struct vmwire_item *item,
                        const struct registers *writer, size_t lacking)
{
    struct vmwire_difference difference =
        difference_of(skew, "arm-registers", item, writer->number_field, lacking);
    const char *shown =
        vmwire_text(skew->arena, "%" PRIx32, shown_number(number_at(writer, lacking)));
    difference.writer = vmwire_text(skew->arena, "register %" PRIx64 " (QEMU's 0x%s)",
                                    number_at(writer, lacking), shown);
    difference.reader = "no such register";
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule), &shown, 1);
    add_difference(skew, difference);
}

static void add_differing(struct skew *skew, const struct vmwire_item *item,
                          const struct registers *writer, const struct registers *reader,
                          const struct refused *refused)
{
    struct vmwire_difference difference =
        difference_of(skew, "arm-constant", item, writer->value_field, refused->theirs);
    const char *others = refused->differing > 1
                             ? vmwire_text(skew->arena, ", and %zu more", refused->differing - 1)
                             : "";
    difference.writer =
        vmwire_text(skew->arena, "register %" PRIx64 ": %" PRIx64 "%s",
                    number_at(writer, refused->theirs), value_at(writer, refused->theirs), others);
    difference.reader =
        vmwire_text(skew->arena, "register %" PRIx64 ": %" PRIx64 "%s",
                    number_at(reader, refused->own), value_at(reader, refused->own), others);
    add_difference(skew, difference);
}

static void add_missing(struct skew *skew, const struct vmwire_item *item,
                        const struct registers *writer, const struct registers *reader,
                        const struct refused *refused)
{
    struct vmwire_difference difference =
        difference_of(skew, "arm-registers-unsent", item, writer->number_field, 0);
    difference.writer = "no such register";
    difference.reader = vmwire_text(
        skew->arena, "register %" PRIx64 "%s%s", number_at(reader, refused->first_unsent),
        refused->is_constant
            ? vmwire_text(skew->arena, ": %" PRIx64, value_at(reader, refused->first_unsent))
            : "",
        refused->unsent > 1 ? vmwire_text(skew->arena, ", and %zu more", refused->unsent - 1) : "");
    if (!refused->is_constant) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "what lies in the reader's memory, and which bits these registers take";
    }
    add_difference(skew, difference);
}

static void add_too_many(struct skew *skew, const struct vmwire_item *item,
                         const struct registers *writer, const struct registers *reader)
{
    struct vmwire_difference difference =
        difference_of(skew, "at-most", item, writer->number_field, 0);
    difference.path = count_name;
    difference.writer = vmwire_text(skew->arena, "%zu", writer->count);
    difference.reader = vmwire_text(skew->arena, "%zu", reader->count);
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule),
                     (const char *const[]){difference.writer, difference.reader}, 2);
    difference.advice = skew_rule("arm-registers")->advice;
    difference.offset -= difference.offset != VMWIRE_ERROR_NO_OFFSET ? sizeof(uint32_t) : 0;
    add_difference(skew, difference);
}

void compare_arm_registers(struct skew *skew, const struct vmwire_item *writer,
                           const struct vmwire_item *reader)
{
    struct registers theirs, own;
    if (!find_registers(skew->writer, writer, &theirs) ||
        !find_registers(skew->reader, reader, &own))
        return;
    if (theirs.count > own.count && own.is_limited) {
        add_too_many(skew, writer, &theirs, &own);
        return; /* and the registers are not looked at */
    }
    struct refused refused = find_refused(&theirs, &own);
    if (refused.lacks)
        add_lacking(skew, writer, &theirs, refused.lacking);
    else if (refused.differs)
        add_differing(skew, writer, &theirs, &own, &refused);
    else if (refused.unsent)
        add_missing(skew, writer, &theirs, &own, &refused);
}
