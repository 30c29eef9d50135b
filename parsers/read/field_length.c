/* SPDX-License-Identifier: MIT */
/*
 * Finds the length of a field: in the schema, in the bytes before it, or by the footer behind it. It must not move the
 * lexer.
 */
#include "read/field_length.h"

#include <string.h>

/* Counts the markers of null pointers that the next `count` bytes begin with. */
static uint64_t count_null_pointers(const struct lexer *lexer, const uint8_t *cursor,
                                    uint64_t count)
{
    uint64_t found = 0, left = (uint64_t)(lexer->limit - cursor);
    while (found < count && found < left && cursor[found] == VMWIRE_VMS_NULLPTR_MARKER)
        found++;
    return found;
}

/* Counts the bytes from the end of this field to the section's footer. UINT64_MAX: the schema alone cannot
 * tell. */
static uint64_t count_bytes_behind(const struct lexer *lexer, const struct frame *frame)
{
    uint64_t length = 0;
    for (size_t i = 0; !frame->fields_end && i < frame->structure->subsection_count; i++)
        if (vmwire_option_sends_inline(lexer->option, &frame->structure->subsections[i]))
            return UINT64_MAX;
    for (size_t i = frame->field + 1; i < frame->structure->field_count; i++) {
        const struct vmwire_field *field = &frame->structure->fields[i];
        if (field->class == VMWIRE_FIELD_RECORD || field->class == VMWIRE_FIELD_LIST ||
            field->length != VMWIRE_LENGTH_FIXED)
            return UINT64_MAX;
        length += (uint64_t)field->size * field->count;
    }
    return length;
}

/* The same length, where the record says how long its fields are. */
static uint64_t pointers_length_in_fields(const uint8_t *cursor, const struct frame *frame,
                                          const struct vmwire_field *field, uint64_t behind)
{
    uint64_t left = (uint64_t)(frame->fields_end - cursor);
    return behind == UINT64_MAX || left < field->count + behind ? 0 : left - behind;
}

/* The length of an array of pointers that QEMU described by its first element, a null pointer. If others
 * are not null, the length follows from the footer behind the section's record. 0: there is no footer to
 * tell it. */
static uint64_t pointers_length(struct lexer *lexer, const uint8_t *cursor,
                                const struct frame *frame, const struct vmwire_field *field)
{
    uint64_t left = (uint64_t)(lexer->limit - cursor);
    uint64_t null_count = count_null_pointers(lexer, cursor, field->count);
    if (null_count == field->count || null_count == left)
        return field->count;
    uint64_t behind = count_bytes_behind(lexer, frame);
    if (frame->fields_end)
        return pointers_length_in_fields(cursor, frame, field, behind);
    if (frame->kind != FRAME_SECTION || behind == UINT64_MAX || lexer->footers == FOOTERS_ABSENT ||
        field->count + behind > left)
        return 0;
    uint8_t footer[5] = {VMWIRE_QEMU_VM_SECTION_FOOTER};
    for (unsigned i = 0; i < 4; i++)
        footer[1 + i] = (uint8_t)(lexer->section_id >> 8 * (3 - i));
    const uint8_t *least = cursor + field->count + behind;
    const uint8_t *end = memmem(least, (size_t)(lexer->limit - least), footer, sizeof(footer));
    count_lookahead(lexer, end ? (size_t)(end - cursor) + sizeof(footer) : (size_t)left);
    return end ? (uint64_t)(end - cursor) - behind : 0;
}

uint64_t value_length(struct lexer *lexer, const uint8_t *cursor, const struct frame *frame,
                      const struct vmwire_field *field)
{
    switch (field->length) {
    case VMWIRE_LENGTH_COUNTED:
        return vmwire_be32(cursor - 4);
    case VMWIRE_LENGTH_STR8:
        return 1 + (cursor < lexer->limit ? (uint64_t)cursor[0] : 0);
    case VMWIRE_LENGTH_POINTERS:
        return pointers_length(lexer, cursor, frame, field);
    default:
        return (uint64_t)field->size * field->count;
    }
}
