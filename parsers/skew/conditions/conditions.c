/* SPDX-License-Identifier: MIT */
/*
 * A test of bits that are no property is one of the state: nothing is known of it. Where several device types have the
 * structure, those that are derived from others too, all must agree.
 */
#include "skew/conditions/conditions.h"

#include "skew/conditions/properties.h"

/* ---- Places ---- */

struct device_place place_of_device(const struct vmwire_structure *declared, const char *machine)
{
    struct device_place at = {.known = declared && declared->program};
    if (!at.known)
        return at;
    at.program = declared->program;
    at.number = declared->number;
    at.machine = machine ? vmwire_program_machine(at.program, machine) : NULL;
    return at;
}

struct device_place place_inside(const struct device_place *at, const struct vmwire_field *field)
{
    struct device_place inside = *at;
    inside.known &= field->placed;
    inside.offset += field->place;
    return inside;
}

/* ---- One test ---- */

/* The bits that the test looks at, as the machine type has them for devices of the type; false: they are not known. */
static bool read_bits(const struct device_place *at, const struct vmwire_type *type,
                      const struct vmwire_test *test, uint64_t *bits)
{
    *bits = 0;
    for (unsigned i = 0; i < 8U * test->size; i++) {
        struct found_property found;
        int64_t value;
        const uint64_t bit = 8 * (at->offset + test->offset) + i;
        if (!(test->mask >> i & 1))
            continue;
        if (!find_property(type, bit, &found) || !property_value(at->machine, &found, &value))
            return false;
        const uint64_t within = found.property->is_bit ? 0 : bit - 8 * found.property->offset;
        *bits |= ((uint64_t)value >> within & 1) << i;
    }
    return true;
}

static bool compare(enum vmwire_test_relation relation, uint64_t value, uint64_t number)
{
    switch (relation) {
    case VMWIRE_TEST_EQUAL:
        return value == number;
    case VMWIRE_TEST_NOT_EQUAL:
        return value != number;
    case VMWIRE_TEST_BELOW:
        return value < number;
    case VMWIRE_TEST_AT_LEAST:
        return value >= number;
    case VMWIRE_TEST_ABOVE:
        return value > number;
    case VMWIRE_TEST_AT_MOST:
        return value <= number;
    }
    return false;
}

static int decide_place(const struct vmwire_test *test, const struct device_place *at)
{
    const struct vmwire_type *type;
    int answer = -1;
    size_t next = 0;
    if (!at->known || !at->machine)
        return -1;
    while ((type = next_device_type(at, &next))) {
        uint64_t bits;
        if (!read_bits(at, type, test, &bits)) {
            if (is_base_type(at->program, type))
                continue; /* those that are derived from it can have the property */
            return -1;
        }
        int holds = compare(test->relation, bits, (uint64_t)test->number);
        if (answer >= 0 && holds != answer)
            return -1;
        answer = holds;
    }
    return answer;
}

static int decide_test(const struct vmwire_test *test, uint32_t version_id,
                       const struct device_place *at)
{
    switch (test->kind) {
    case VMWIRE_TEST_VERSION:
        return compare(test->relation, version_id, (uint64_t)test->number);
    case VMWIRE_TEST_PLACE:
        return decide_place(test, at);
    case VMWIRE_TEST_UNKNOWN:
        break;
    }
    return -1;
}

static int decide_way(const struct vmwire_tests *way, uint32_t version_id,
                      const struct device_place *at)
{
    int answer = 1;
    for (size_t i = 0; i < way->count; i++) {
        int holds = decide_test(&way->list[i], version_id, at);
        if (holds == 0)
            return 0;
        answer = holds < 0 ? -1 : answer;
    }
    return answer;
}

int decide_condition(const struct vmwire_condition *condition, uint32_t version_id,
                     const struct device_place *at)
{
    int answer = 0;
    if (!condition || !condition->understood)
        return -1;
    for (size_t i = 0; i < condition->way_count; i++) {
        int taken = decide_way(&condition->ways[i], version_id, at);
        if (taken == 1)
            return 1;
        answer = taken < 0 ? -1 : answer;
    }
    return answer;
}
