/* SPDX-License-Identifier: MIT */
/*
 * Resolves what fields depend on (QEMU migration/vmstate.c, vmstate_field_exists, vmstate_n_elems, vmstate_size).
 */
#include "read/dependence.h"

#include "read/choices.h"
#include "read/known_names.h"

static uint32_t multiply(uint32_t value, uint32_t factor)
{
    uint64_t product = (uint64_t)value * factor;
    return product > UINT32_MAX ? UINT32_MAX : (uint32_t)product;
}

/* A bitmap is sent in words (QEMU migration/vmstate-types.c, put_bitmap). */
enum { BYTES_OF_WORD = 8, BITS_OF_WORD = 64 };

/* The value of a slot; where no field has set it, one of `limit` possibilities: a multiple of `step`. */
static int read_slot(struct lexer *lexer, struct frame *frame, uint8_t slot, uint64_t limit,
                     uint32_t step, const char *what, uint32_t *value)
{
    unsigned number = slot - 1u;
    if (!(frame->known >> number & 1)) {
        uint32_t most = limit > UINT32_MAX ? UINT32_MAX : (uint32_t)limit;
        uint32_t choice;
        int failed = choose(lexer, most, what, &choice);
        if (failed)
            return failed;
        frame->slots[number] = multiply(choice, step);
        frame->known |= UINT32_C(1) << number;
    }
    *value = frame->slots[number];
    return 0;
}

void inherit_numbers(struct frame *frame, const struct frame *owner)
{
    const struct vmwire_inheritance *inherited = frame->structure->inherited;
    if (frame->kind != FRAME_SUBSECTION || !inherited || inherited->owner != owner->structure)
        return;
    for (unsigned i = 0; i < VMWIRE_SLOTS; i++) {
        unsigned slot = inherited->slots[i];
        if (slot && owner->known >> (slot - 1) & 1) {
            frame->slots[i] = owner->slots[slot - 1];
            frame->known |= UINT32_C(1) << i;
        }
    }
}

/* The bytes that follow the field in every stream: those of the fields behind it, and behind each field around it. */
static uint64_t least_behind(const struct lexer *lexer)
{
    uint64_t least = 0;
    for (unsigned i = 0; i < lexer->depth; i++) {
        const struct frame *frame = &lexer->frames[i];
        if (!frame->group && frame->field < frame->structure->field_count)
            least += frame->structure->fields[frame->field].least_behind;
    }
    return least;
}

/* How many pieces of this size can follow, and one more: none. Where the record's end is known, that leaves room for what is
 * behind them. Without this each number up to the record's bytes would be tried, which takes the square of their time. */
static uint64_t possibilities(const struct lexer *lexer, uint64_t size)
{
    const uint8_t *end = lexer->unknowns.end ? lexer->unknowns.end : lexer->limit;
    uint64_t left = end > lexer->cursor ? (uint64_t)(end - lexer->cursor) : 0;
    uint64_t behind = least_behind(lexer);
    left -= behind < left ? behind : left;
    return left / (size ? size : 1) + 1;
}

/* The bytes that an element has at least. A null pointer is one byte. */
static uint64_t least_element(const struct frame *frame, const struct vmwire_field *field)
{
    uint64_t least = field->class == VMWIRE_FIELD_RECORD ? field->structure->least_size
                                                         : dependent_length(frame, field);
    bool pointers = field->dependence->pointers || field->dependence->markers;
    return pointers && least > 1 ? 1 : least;
}

const struct layout_group *find_group(const struct lexer *lexer, const struct frame *frame,
                                      const struct vmwire_field *field)
{
    bool plain = field->class == VMWIRE_FIELD_RECORD || field->class == VMWIRE_FIELD_LIST ||
                 field->null_pointer || field->length != VMWIRE_LENGTH_FIXED;
    if (!lexer->splits || plain)
        return NULL;
    return layout_of_type(lexer->schema->layouts, field->type, frame->structure->name,
                          lexer->idstr);
}

static int resolve_numbers(struct lexer *lexer, struct frame *frame,
                           const struct vmwire_field *field)
{
    const struct vmwire_dependence *dependence = field->dependence;
    uint32_t value;
    const struct layout_rule *rule = field->rule;
    uint64_t number;
    if (rule && rule->size && rule->size->kind != LAYOUT_NUMBER) {
        int failed = find_number(lexer, frame, rule->size, &number);
        if (failed)
            return failed;
        frame->size = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
    }
    if (rule && rule->count && rule->count->kind != LAYOUT_NUMBER) {
        int failed = find_number(lexer, frame, rule->count, &number);
        if (failed)
            return failed;
        frame->count = number > INT32_MAX ? 0 : (uint32_t)number;
    }
    if (dependence->size && !find_group(lexer, frame, field)) {
        int failed =
            read_slot(lexer, frame, dependence->size,
                      possibilities(lexer, dependence->size_in_bits ? BYTES_OF_WORD
                                                                    : dependence->size_factor),
                      dependence->size_in_bits ? BITS_OF_WORD : 1, "the size of a field", &value);
        if (failed)
            return failed;
        frame->size = multiply(value, dependence->size_factor);
    }
    if (dependence->count) {
        int failed = read_slot(lexer, frame, dependence->count,
                               possibilities(lexer, least_element(frame, field)), 1,
                               "the number of a field's elements", &value);
        if (failed)
            return failed;
        /* QEMU counts in an int: there is nothing of a negative number. */
        frame->count = value > INT32_MAX ? 0 : multiply(value, dependence->count_factor);
    }
    if (field->class != VMWIRE_FIELD_RECORD && field->class != VMWIRE_FIELD_LIST &&
        dependent_length(frame, field) == 0 && !find_group(lexer, frame, field))
        frame->count = 0;
    return 0;
}

int resolve_field(struct lexer *lexer, struct frame *frame, const struct vmwire_field *field)
{
    const struct vmwire_dependence *dependence = field->dependence;
    /* `since` is 0 where there is a condition. */
    uint32_t exists = frame->version_id >= dependence->since &&
                      (!dependence->before || frame->version_id < dependence->before);
    if (frame->resolved == frame->field + 1)
        return 0;
    frame->count = dependence->elements ? dependence->elements : field->count;
    frame->size = field->size;
    frame->marked = false;
    if (exists && dependence->condition) {
        int failed =
            read_slot(lexer, frame, dependence->condition, 2, 1, question_of_presence, &exists);
        if (failed)
            return failed;
    }
    if (field->rule && field->rule->when.count) {
        bool hold;
        int failed = check_conditions(lexer, frame, field->rule->when, &hold);
        if (failed)
            return failed;
        exists = hold;
    }
    int failed = exists ? resolve_numbers(lexer, frame, field) : 0;
    if (failed)
        return failed;
    if (!exists)
        frame->count = 0;
    frame->resolved = frame->field + 1;
    return 0;
}

uint64_t dependent_length(const struct frame *frame, const struct vmwire_field *field)
{
    bool bits = field->dependence->size_in_bits;
    return bits ? ((uint64_t)frame->size + BITS_OF_WORD - 1) / BITS_OF_WORD * BYTES_OF_WORD
                : frame->size;
}

int find_element_bytes(struct lexer *lexer, struct frame *frame, const struct vmwire_field *field,
                       enum element_bytes *bytes)
{
    const struct vmwire_dependence *dependence = field->dependence;
    uint8_t first = bytes_left(lexer) > 0 ? lexer->cursor[0] : 0;
    *bytes = ELEMENT_ITSELF;
    if (dependence->markers && !frame->marked) {
        *bytes = ELEMENT_MARKER;
        frame->marked = first == VMWIRE_VMS_NULLPTR_MARKER + 1;
        if (first != VMWIRE_VMS_NULLPTR_MARKER && !frame->marked)
            return FAIL(lexer, VMWIRE_ERROR_ITEM,
                        "expected the marker of a pointer (30 or 31), found %02x", first);
    }
    if (dependence->pointers && first == VMWIRE_VMS_NULLPTR_MARKER) {
        uint32_t follows;
        int failed = choose(lexer, 2, "whether a pointer is null", &follows);
        if (failed)
            return failed;
        if (!follows)
            *bytes = ELEMENT_MARKER;
    }
    return 0;
}

/* Whether the bytes of the field's values are looked at. */
static bool has_checked_values(const struct vmwire_field *field)
{
    return field->class == VMWIRE_FIELD_ZEROS || field->class == VMWIRE_FIELD_BOOL ||
           field->word_limit;
}

/* Whether QEMU can have written these bytes as a value of the field. */
static bool may_be_written(const struct vmwire_field *field, struct vmwire_bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
        if ((field->class == VMWIRE_FIELD_ZEROS && bytes.data[i] != 0) ||
            (field->class == VMWIRE_FIELD_BOOL && bytes.data[i] > 1))
            return false;
    for (size_t i = 0; field->word_limit && i + 4 <= bytes.length; i += 4)
        if (vmwire_be32(bytes.data + i) > field->word_limit)
            return false;
    return true;
}

int check_tried_value(struct lexer *lexer, const struct vmwire_field *field,
                      struct vmwire_bytes bytes)
{
    if (!lexer->unknowns.asking || lexer->takes_any || !has_checked_values(field))
        return 0;
    lexer->unknowns.checked += bytes.length;
    if (may_be_written(field, bytes))
        return 0;
    return FAIL(lexer, VMWIRE_ERROR_ITEM, "QEMU does not write this value of \"%s\"", field->name);
}

int set_slot(struct lexer *lexer, struct frame *frame, const struct vmwire_field *field,
             struct vmwire_bytes bytes)
{
    uint8_t slot = field->dependence->sets;
    uint64_t value = 0;
    if (!slot)
        return 0;
    for (size_t i = 0; i < bytes.length; i++)
        value = value << 8 | bytes.data[i];
    uint32_t number = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
    bool known = frame->known >> (slot - 1) & 1;
    if (lexer->unknowns.asking && known && frame->slots[slot - 1] != number)
        return FAIL(lexer, VMWIRE_ERROR_ITEM, "\"%s\" is %u, and %u was taken", field->name, number,
                    frame->slots[slot - 1]);
    frame->slots[slot - 1] = number;
    frame->known |= UINT32_C(1) << (slot - 1);
    return 0;
}
