/* SPDX-License-Identifier: MIT */
/*
 * Names and answers are lists that only grow at their head, so that a copy of the lexer has its own.
 */
#include "read/known_names.h"

#include <string.h>

#include "read/choices.h"

/* ---- Names ---------------------------------------------------------------------------------------- */

static void add_name(struct lexer *lexer, struct known_name known)
{
    struct known_name *added = vmwire_arena_alloc(lexer->arena, sizeof(*added));
    *added = known;
    added->before = lexer->names;
    lexer->names = added;
}

/* To fields of one name a description adds a number, "[0]" (QEMU migration/vmstate.c, vmfield_name_num). */
void note_name(struct lexer *lexer, const char *name, int64_t value, struct vmwire_bytes bytes)
{
    const char *referred = layout_referred_name(lexer->schema->layouts, name, strcspn(name, "["));
    if (referred)
        add_name(lexer, (struct known_name){.name = referred, .value = value, .bytes = bytes});
}

void note_subsection(struct lexer *lexer, const char *name)
{
    add_name(lexer, (struct known_name){.name = name});
}

void note_field(struct lexer *lexer, const struct vmwire_field *field, struct vmwire_bytes bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.length && bytes.length <= sizeof(value); i++)
        value = value << 8 | bytes.data[i];
    note_name(lexer, field->name, (int64_t)value, bytes);
}

void leave_names(struct lexer *lexer, bool single)
{
    const struct frame *frame = &lexer->frames[lexer->depth - 1];
    const struct known_name *known = lexer->names;
    size_t count = 0;
    lexer->names = frame->names;
    for (const struct known_name *each = known; single && each != frame->names; each = each->before)
        count++;
    const struct known_name **inner = vmwire_arena_alloc(lexer->arena, count * sizeof(*inner));
    for (size_t i = count; i > 0; i--, known = known->before)
        inner[i - 1] = known;
    for (size_t i = 0; i < count; i++) {
        struct known_name named = *inner[i];
        if (!named.structure)
            named.structure = frame->structure->name;
        add_name(lexer, named);
    }
}

const struct known_name *find_name(const struct lexer *lexer, const struct layout_name *name)
{
    const struct known_name *known = lexer->names;
    while (known &&
           (strcmp(known->name, name->name) != 0 || !known->structure != !name->structure ||
            (known->structure && strcmp(known->structure, name->structure) != 0)))
        known = known->before;
    return known;
}

/* The last one of several. */
static const struct known_name *find_any_name(const struct lexer *lexer,
                                              const struct layout_name *names, size_t count)
{
    const struct known_name *last = NULL;
    for (const struct known_name *each = lexer->names; each && !last; each = each->before)
        for (size_t i = 0; i < count; i++)
            if (find_name(lexer, &names[i]) == each)
                last = each;
    return last;
}

static int fail_without(struct lexer *lexer, const struct layout_name *name)
{
    lexer->unknowns.missed = true;
    return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT, "no earlier field \"%s%s%s\"",
                name->structure ? name->structure : "", name->structure ? "/" : "", name->name);
}

/* ---- PCI capabilities ----------------------------------------------------------------------------- */

enum { /* offsets in a configuration space, and the bit that says whether it has a list of capabilities */
       PCI_STATUS = 0x06,
       PCI_STATUS_CAP_LIST = 0x10,
       PCI_CAPABILITY_LIST = 0x34,
       PCI_CAPABILITIES_LIMIT = 48, /* so many fit */
};

/* The place of a capability; 0: the space has none such (PCI Local Bus Specification, 6.7). */
static size_t find_capability(struct vmwire_bytes config, uint32_t capability)
{
    if (config.length <= PCI_CAPABILITY_LIST || !(config.data[PCI_STATUS] & PCI_STATUS_CAP_LIST))
        return 0;
    size_t place = config.data[PCI_CAPABILITY_LIST] & 0xfcu;
    for (unsigned i = 0; place && place + 1 < config.length && i < PCI_CAPABILITIES_LIMIT; i++) {
        if (config.data[place] == capability)
            return place;
        place = config.data[place + 1] & 0xfcu;
    }
    return 0;
}

/* ---- Numbers -------------------------------------------------------------------------------------- */

/* The integer in a capability. */
static int find_in_capability(struct lexer *lexer, const struct layout_value *value,
                              const struct known_name *config, uint64_t *number)
{
    size_t place = find_capability(config->bytes, value->capability);
    if (config->bytes.length - place < (size_t)value->offset + value->size)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT, "capability %u is cut off", value->capability);
    for (uint32_t i = value->size; i > 0; i--)
        *number = *number << 8 | config->bytes.data[place + value->offset + i - 1];
    return 0;
}

static bool refers(const struct layout_value *value)
{
    return value->kind == LAYOUT_FIELD || value->kind == LAYOUT_CAPABILITY;
}

/* What the value refers to; NULL: it is not there. */
static const struct known_name *find_referred(const struct lexer *lexer,
                                              const struct layout_value *value)
{
    const struct known_name *known = find_any_name(lexer, value->names, value->name_count);
    bool capability = value->kind == LAYOUT_CAPABILITY;
    return known && capability && !find_capability(known->bytes, value->capability) ? NULL : known;
}

/* One of several numbers. Values that are the same number are one possibility. */
static int choose_one_of(struct lexer *lexer, const struct frame *frame,
                         const struct layout_value *value, uint64_t *number)
{
    uint64_t *numbers = vmwire_arena_alloc(lexer->arena, value->value_count * sizeof(*numbers));
    uint32_t count = 0, choice = 0;
    int failed = 0;
    for (uint32_t i = 0; i < value->value_count; i++) {
        uint32_t before = 0;
        bool possible;
        failed = check_conditions(lexer, frame, value->values[i].when, &possible);
        if (!failed && possible)
            failed = find_number(lexer, frame, value->values[i].value, &numbers[count]);
        if (failed)
            return failed;
        if (!possible)
            continue;
        while (before < count && numbers[before] != numbers[count])
            before++;
        count += before == count;
    }
    if (count == 0)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                    "no number that is known goes with those before it");
    if (count > 1)
        failed = choose(lexer, count, "a number that the machine has", &choice);
    *number = numbers[choice];
    return failed;
}

/* The number without what is applied to it. */
static int find_base(struct lexer *lexer, const struct frame *frame,
                     const struct layout_value *value, const struct known_name *known,
                     int64_t *number)
{
    uint64_t found = value->number;
    uint32_t choice;
    int failed = 0;
    switch (value->kind) {
    case LAYOUT_NUMBER:
        break;
    case LAYOUT_FIELD:
        if (known)
            found = (uint64_t)known->value;
        else
            failed = find_number(lexer, frame, value->otherwise, &found);
        break;
    case LAYOUT_CAPABILITY:
        failed = find_in_capability(lexer, value, known, &found);
        break;
    case LAYOUT_REST:
        if (!frame->group_end || frame->group_end < lexer->cursor)
            return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT, "nothing tells where the field ends");
        found = (uint64_t)(frame->group_end - lexer->cursor);
        break;
    case LAYOUT_ONE_OF:
        failed = choose_one_of(lexer, frame, value, &found);
        break;
    case LAYOUT_SECTIONS:
        found = lexer->counted[value->section];
        break;
    case LAYOUT_MACHINE:
        found = bytes_left(lexer) / (value->unit ? value->unit : 1);
        found = found < value->at_most ? found : value->at_most;
        failed = choose(lexer, (uint32_t)(found < UINT32_MAX ? found + 1 : found),
                        "a number that the machine has", &choice);
        if (!failed)
            found = choice;
        break;
    }
    *number = (int64_t)found;
    return failed;
}

/* A product that is out of range is the largest number of its sign; so is a sum. */
static int64_t multiply(int64_t a, int64_t b)
{
    int64_t product;
    if (!__builtin_mul_overflow(a, b, &product))
        return product;
    return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
}

static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return a < 0 ? INT64_MIN : INT64_MAX;
}

/* With its sign: a factor can be negative. */
static int find_signed(struct lexer *lexer, const struct frame *frame,
                       const struct layout_value *value, int64_t *number)
{
    int64_t base = 0, times = 1, divide = 1;
    const struct known_name *known = refers(value) ? find_referred(lexer, value) : NULL;
    lexer->unknowns.missed |= (refers(value) && !known) || value->kind == LAYOUT_SECTIONS;
    if (refers(value) && !known && !value->otherwise)
        return fail_without(lexer, &value->names[0]);
    if (value->kind == LAYOUT_CAPABILITY && !known)
        return find_signed(lexer, frame, value->otherwise, number);
    int failed = find_base(lexer, frame, value, known, &base);
    if (!failed && value->times)
        failed = find_signed(lexer, frame, value->times, &times);
    if (!failed && value->divide)
        failed = find_signed(lexer, frame, value->divide, &divide);
    if (failed)
        return failed;
    if (divide <= 0)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT, "a number would be divided by %d", (int)divide);
    if (value->mask)
        base = (int64_t)((uint64_t)base & value->mask);
    *number = add(multiply(base, times), value->plus) / divide;
    return 0;
}

int find_number(struct lexer *lexer, const struct frame *frame, const struct layout_value *value,
                uint64_t *number)
{
    int64_t found = 0;
    int failed = find_signed(lexer, frame, value, &found);
    *number = found < 0 ? 0 : (uint64_t)found;
    return failed;
}

int note_numbers(struct lexer *lexer, struct frame *frame)
{
    const struct layout_facts *facts = frame->structure->facts;
    for (; frame->numbers < facts->number_count; frame->numbers++) {
        const struct layout_number *each = &facts->numbers[frame->numbers];
        uint64_t number;
        int failed = find_number(lexer, frame, each->value, &number);
        if (failed)
            return failed;
        note_name(lexer, each->name, (int64_t)number, (struct vmwire_bytes){0});
    }
    return 0;
}

/* ---- Conditions ----------------------------------------------------------------------------------- */

/* What is asked of in this section, to ask the caller or to tell it. */
static struct vmwire_machine_choice asked(const struct lexer *lexer,
                                          const struct layout_choice *choice, uint32_t answer)
{
    return (struct vmwire_machine_choice){lexer->idstr, lexer->instance_id, choice, answer};
}

/* Whether the caller knows the answer. */
static bool is_known(const struct lexer *lexer, const struct layout_choice *choice,
                     uint32_t *answer)
{
    const struct vmwire_declared_sections *declared = &lexer->declared_sections;
    struct vmwire_machine_choice known = asked(lexer, choice, 0);
    if (!lexer->as_declared || !declared->knows || !declared->knows(declared->context, &known) ||
        known.answer >= choice->answer_count)
        return false;
    *answer = known.answer;
    return true;
}

static void note_answer(const struct lexer *lexer, const struct layout_choice *choice,
                        uint32_t answer)
{
    const struct vmwire_declared_sections *declared = &lexer->declared_sections;
    struct vmwire_machine_choice noted = asked(lexer, choice, answer);
    if (lexer->as_declared && declared->note && !lexer->unknowns.asking)
        declared->note(declared->context, &noted);
}

static int find_answer(struct lexer *lexer, const struct layout_choice *choice, uint32_t *answer)
{
    for (const struct known_answer *each = lexer->answers; each; each = each->before)
        if (each->choice == choice) {
            *answer = each->answer;
            return 0;
        }
    int failed = is_known(lexer, choice, answer)
                     ? 0
                     : choose(lexer, choice->answer_count, choice->name, answer);
    if (failed)
        return failed;
    note_answer(lexer, choice, *answer);
    struct known_answer *added = vmwire_arena_alloc(lexer->arena, sizeof(*added));
    *added = (struct known_answer){lexer->answers, choice, *answer};
    lexer->answers = added;
    return 0;
}

static bool compares(const struct layout_condition *condition, int64_t value)
{
    const int64_t *numbers = condition->numbers;
    size_t count = condition->number_count, i = 0;
    switch (condition->comparison) {
    case LAYOUT_HAS_BIT_OF:
        return ((uint64_t)value & (uint64_t)numbers[0]) != 0;
    case LAYOUT_IS_AT_MOST:
        return value <= numbers[0];
    case LAYOUT_IS_ABOVE:
        return value > numbers[0];
    default:
        while (i < count && numbers[i] != value)
            i++;
        return (condition->comparison == LAYOUT_IS_ONE_OF) == (i < count);
    }
}

static bool is_within(const struct layout_condition *condition, const char *structure)
{
    for (size_t i = 0; structure && i < condition->structure_count; i++)
        if (strcmp(condition->structures[i], structure) == 0)
            return true;
    return false;
}

static int check_capability(struct lexer *lexer, const struct layout_condition *condition,
                            bool *holds)
{
    const struct known_name *config = find_name(lexer, &condition->name);
    lexer->unknowns.missed |= !config;
    if (!config && condition->otherwise == LAYOUT_NONE)
        return fail_without(lexer, &condition->name);
    *holds = config ? find_capability(config->bytes, condition->capability) != 0
                    : condition->otherwise == LAYOUT_YES;
    return 0;
}

/* A condition, but for one of several. */
static int check_one(struct lexer *lexer, const struct frame *frame,
                     const struct layout_condition *condition, bool *holds)
{
    const struct known_name *known;
    uint32_t answer;
    int failed = 0;
    switch (condition->kind) {
    case LAYOUT_IF_FIELD:
        known = find_name(lexer, &condition->name);
        if (!known)
            return fail_without(lexer, &condition->name);
        *holds = compares(condition, known->value);
        break;
    case LAYOUT_IF_CHOSEN:
        failed = find_answer(lexer, condition->choice, &answer);
        *holds = !failed && answer == condition->answer;
        break;
    case LAYOUT_IF_CAPABILITY:
        failed = check_capability(lexer, condition, holds);
        break;
    case LAYOUT_IF_VERSION_BELOW:
        *holds = (int64_t)frame->version_id < condition->numbers[0];
        break;
    case LAYOUT_IF_WITHIN:
        *holds = is_within(condition, frame->structure->name);
        break;
    case LAYOUT_IF_ANY:
        *holds = false;
        break;
    }
    return failed;
}

int check_conditions(struct lexer *lexer, const struct frame *frame,
                     struct layout_conditions conditions, bool *hold)
{
    int failed = 0;
    *hold = true;
    for (size_t i = 0; !failed && *hold && i < conditions.count; i++) {
        const struct layout_condition *condition = &conditions.all[i];
        failed = check_one(lexer, frame, condition, hold);
        for (size_t k = 0; !failed && !*hold && k < condition->any.count; k++)
            failed = check_one(lexer, frame, &condition->any.all[k], hold);
    }
    return failed;
}

int check_values(struct lexer *lexer, const struct frame *frame, const struct layout_values *values,
                 const int64_t *numbers, size_t count, const char *name)
{
    uint64_t below = 0;
    int failed = values->below ? find_number(lexer, frame, values->below, &below) : 0;
    for (size_t i = 0; !failed && i < count; i++) {
        size_t k = 0;
        while (k < values->value_count && values->values[k] != numbers[i])
            k++;
        if (k == values->value_count && (numbers[i] < 0 || (uint64_t)numbers[i] >= below))
            failed = FAIL(lexer, VMWIRE_ERROR_ITEM, "QEMU does not write %lld as \"%s\"",
                          (long long)numbers[i], name);
    }
    return failed;
}
