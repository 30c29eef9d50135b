/* SPDX-License-Identifier: MIT */
/*
 * The values of elements. An INTEGER is a number: two of other widths or signs can hold the same one. It must not know
 * why a value is asked for.
 */
#include "decide/element_values.h"

#include <string.h>

/* ---- Bytes ------------------------------------------------------------------------------------- */

static struct vmwire_changed_value *find_change(const struct value_state *state,
                                                const struct vmwire_value *value)
{
    for (size_t i = 0; i < state->count; i++)
        if (state->changes[i].value == value)
            return &state->changes[i];
    return NULL;
}

/* `data` is NULL for zeros: a template has added the value. */
static struct vmwire_bytes bytes_of(const struct value_state *state,
                                    const struct vmwire_value *value)
{
    const struct vmwire_changed_value *change = find_change(state, value);
    return change ? change->holds : value->data;
}

static uint8_t byte_at(struct vmwire_bytes bytes, size_t at)
{
    return bytes.data ? bytes.data[at] : 0;
}

/* The value's bytes in the state, to be changed. */
static uint8_t *change_bytes(struct value_state *state, const struct vmwire_value *value)
{
    const struct vmwire_bytes was = bytes_of(state, value);
    struct vmwire_changed_value *change = find_change(state, value);
    uint8_t *bytes = vmwire_arena_alloc(state->arena, was.length);
    if (was.data)
        memcpy(bytes, was.data, was.length);
    if (!change) {
        state->changes = vmwire_arena_grow(state->arena, state->changes, state->count, &state->room,
                                           sizeof(*state->changes));
        change = &state->changes[state->count++];
    }
    *change = (struct vmwire_changed_value){state->item, value, {bytes, was.length}};
    return bytes;
}

/* Of a private encoding nobody knows. */
bool can_change(const struct vmwire_value *value)
{
    return value->data.length &&
           (value->field->class == VMWIRE_FIELD_FREE || value->field->class == VMWIRE_FIELD_BOOL);
}

/* ---- Numbers ----------------------------------------------------------------------------------- */

/* In two's complement, of which `negative` is one more bit. */
struct number {
    bool negative;
    uint64_t bits;
};

static struct number number_of(const struct vmwire_field *field, struct vmwire_bytes bytes,
                               uint32_t element)
{
    const size_t begin = (size_t)element * field->size;
    bool negative = vmwire_field_element(field).is_signed && byte_at(bytes, begin) >= 0x80;
    struct number number = {negative, negative ? UINT64_MAX : 0};
    for (uint32_t i = 0; i < field->size; i++)
        number.bits = number.bits << 8 | byte_at(bytes, begin + i);
    return number;
}

static bool fits(struct number number, const struct vmwire_field *reads)
{
    const bool is_signed = vmwire_field_element(reads).is_signed;
    const unsigned bits = 8 * reads->size - is_signed; /* without the sign */
    if (number.negative)
        return is_signed && ~number.bits >> bits == 0;
    return bits == 64 || number.bits >> bits == 0;
}

bool takes_all_values(const struct vmwire_field *writes, const struct vmwire_field *reads)
{
    bool from_signed = vmwire_field_element(writes).is_signed;
    bool to_signed = vmwire_field_element(reads).is_signed;
    if (from_signed == to_signed)
        return writes->size <= reads->size;
    return to_signed && writes->size < reads->size;
}

bool takes_value(const struct vmwire_value *value, const struct vmwire_field *reads)
{
    for (uint32_t element = 0; element < value->field->count; element++)
        if (!fits(number_of(value->field, value->data, element), reads))
            return false;
    return true;
}

/* The writer's largest number; -1 where the reader has no sign. */
void change_to_refused(struct value_state *state, const struct vmwire_value *value,
                       const struct vmwire_field *reads)
{
    uint8_t *bytes = change_bytes(state, value);
    memset(bytes, 0xff, value->field->size);
    if (vmwire_field_element(reads).is_signed && vmwire_field_element(value->field).is_signed)
        bytes[0] = 0x7f;
}

void change_to_zeros(struct value_state *state, const struct vmwire_value *value)
{
    memset(change_bytes(state, value), 0, value->data.length);
}

/* ---- Two values -------------------------------------------------------------------------------- */

static bool are_equal(const struct vmwire_field *field_a, struct vmwire_bytes a,
                      const struct vmwire_field *field_b, struct vmwire_bytes b)
{
    if (vmwire_field_element(field_a).kind == VMWIRE_ELEMENT_INTEGER) {
        for (uint32_t element = 0; element < field_a->count; element++) {
            struct number x = number_of(field_a, a, element), y = number_of(field_b, b, element);
            if (x.negative != y.negative || x.bits != y.bits)
                return false;
        }
        return true;
    }
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (byte_at(a, i) != byte_at(b, i))
            return false;
    return true;
}

static bool are_alike(const struct vmwire_field *a, const struct vmwire_field *b)
{
    const struct vmwire_element x = vmwire_field_element(a), y = vmwire_field_element(b);
    return x.kind == y.kind && x.sequence_of == y.sequence_of && a->count == b->count &&
           x.kind != VMWIRE_ELEMENT_LIST && x.kind != VMWIRE_ELEMENT_STRINGS;
}

/* In two's complement a number whose last bit is another one has the range of the number. */
static bool make_unequal_plain(struct value_state *state, const struct vmwire_value *a,
                               const struct vmwire_value *b)
{
    if (!are_equal(a->field, bytes_of(state, a), b->field, bytes_of(state, b)))
        return true;
    const struct vmwire_value *changed = can_change(a) ? a : b;
    if (!can_change(changed))
        return false;
    change_bytes(state, changed)[changed->data.length - 1] ^= 1;
    return true;
}

bool make_unequal(struct value_state *state, const struct vmwire_value *a,
                  const struct vmwire_value *b)
{
    struct vmwire_record_walk in_a, in_b;
    if (!are_alike(a->field, b->field))
        return false;
    if (!a->record || !b->record)
        return make_unequal_plain(state, a, b);
    vmwire_record_walk_begin(&in_a, a->record);
    vmwire_record_walk_begin(&in_b, b->record);
    for (;;) {
        enum vmwire_record_step step = vmwire_record_walk_next(&in_a);
        if (step != vmwire_record_walk_next(&in_b) || step == VMWIRE_RECORD_DONE)
            return false;
        if (step != VMWIRE_RECORD_VALUE)
            continue;
        if (!are_alike(in_a.value->field, in_b.value->field))
            return false;
        if (make_unequal_plain(state, in_a.value, in_b.value))
            return true;
    }
}
