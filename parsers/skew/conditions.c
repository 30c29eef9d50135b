/* SPDX-License-Identifier: MIT */
/*
 * A test of bits that are no property is one of the state: nothing is known of it. Where several device types have the
 * structure, those that are derived from others too, all must agree.
 */
#include "skew/conditions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "skew/configuration.h"

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

const char *machine_of_side(const struct skew *skew, const struct vmwire_side *side)
{
    const struct vmwire_side *other = side == skew->writer ? skew->reader : skew->writer;
    const char *own = side->machine ? side->machine : configured_machine(skew, side->stream);
    if (own)
        return own;
    return other->machine ? other->machine : configured_machine(skew, other->stream);
}

/* ---- Values of properties ---- */

/* A property of a type, own or inherited. */
struct found_property {
    const struct vmwire_type *type; /* that has it in a machine: the one that was asked */
    const struct vmwire_property *property;
};

/* Whether the type is of the driver, or derived from it. */
static bool is_of(const struct vmwire_type *type, const char *driver)
{
    for (; type; type = type->is_a)
        if (strcmp(type->name, driver) == 0 || (type->parent && strcmp(type->parent, driver) == 0))
            return true;
    return false;
}

/* QEMU's words for values (qapi/qobject-input-visitor.c; enum OnOffAuto). */
static bool read_value(const char *text, const char *type, int64_t *value)
{
    static const struct {
        const char *text, *type;
        int64_t value;
    } words[] = {{"on", "bool", 1},      {"yes", "bool", 1},     {"true", "bool", 1},
                 {"y", "bool", 1},       {"off", "bool", 0},     {"no", "bool", 0},
                 {"false", "bool", 0},   {"n", "bool", 0},       {"auto", "OnOffAuto", 0},
                 {"on", "OnOffAuto", 1}, {"off", "OnOffAuto", 2}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i].text, text) == 0 && strcmp(words[i].type, type) == 0) {
            *value = words[i].value;
            return true;
        }
    char *end;
    errno = 0;
    *value = (int64_t)strtoull(text, &end, 0);
    return errno == 0 && end != text && *end == '\0' && strcmp(type, "bool") != 0 &&
           strcmp(type, "OnOffAuto") != 0;
}

/* The text that the machine type gives the property; NULL: none. */
static const char *find_text(const struct vmwire_machine *machine,
                             const struct found_property *found)
{
    const char *text = NULL;
    for (size_t i = 0; i < machine->property_count; i++)
        for (size_t k = 0; k < machine->properties[i]->count; k++) {
            const struct vmwire_machine_property *each = &machine->properties[i]->list[k];
            if (strcmp(each->property, found->property->name) == 0 &&
                is_of(found->type, each->driver))
                text = each->value;
        }
    return text;
}

/* The value that the machine type gives the property; false: it is not known. */
static bool find_value(const struct vmwire_machine *machine, const struct found_property *found,
                       int64_t *value)
{
    const char *text = find_text(machine, found);
    *value = found->property->value;
    return text ? read_value(text, found->property->type, value) : !found->property->by_code;
}

/* ---- Bits ---- */

/* The bits from the device's start on that the property fills. */
static bool covers(const struct vmwire_property *property, uint64_t bit)
{
    const uint64_t first = 8 * property->offset + (property->is_bit ? property->bit : 0);
    const uint64_t count = property->is_bit ? 1 : UINT64_C(8) * property->size;
    return bit >= first && bit - first < count;
}

static bool find_covering(const struct vmwire_type *type, uint64_t bit,
                          struct found_property *found)
{
    for (const struct vmwire_type *each = type; each; each = each->is_a)
        for (size_t i = 0; i < each->property_count; i++)
            if (each->properties[i].size && covers(&each->properties[i], bit)) {
                *found = (struct found_property){type, &each->properties[i]};
                return true;
            }
    return false;
}

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
        if (!find_covering(type, bit, &found) || !find_value(at->machine, &found, &value))
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

/* Whether the type's class refers to the device's structure, or that of a type that it is derived from. */
static bool has_structure(const struct vmwire_type *type, size_t number)
{
    for (; type; type = type->is_a)
        for (size_t i = 0; i < type->structure_count; i++)
            if (type->structures[i] == number)
                return true;
    return false;
}

/* Whether another type is derived from it. */
static bool is_base(const struct vmwire_program_facts *program, const struct vmwire_type *type)
{
    for (size_t i = 0; i < program->type_count; i++)
        if (program->types[i].is_a == type)
            return true;
    return false;
}

/* The next type of the device from `*next` on; NULL: there is no more. */
static const struct vmwire_type *next_type(const struct device_place *at, size_t *next)
{
    while (at->known && *next < at->program->type_count) {
        const struct vmwire_type *type = &at->program->types[(*next)++];
        if (has_structure(type, at->number))
            return type;
    }
    return NULL;
}

/* ---- Deciding ---- */

static int decide_place(const struct vmwire_test *test, const struct device_place *at)
{
    const struct vmwire_type *type;
    int answer = -1;
    size_t next = 0;
    if (!at->known || !at->machine)
        return -1;
    while ((type = next_type(at, &next))) {
        uint64_t bits;
        if (!read_bits(at, type, test, &bits)) {
            if (is_base(at->program, type))
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

/* ---- Words ---- */

/* The property that a test looks at: the first one that has some of its bits. */
static bool find_tested(const struct vmwire_test *test, const struct device_place *at,
                        struct found_property *found)
{
    const struct vmwire_type *type;
    unsigned first = 0;
    size_t next = 0;
    while (first < 8U * test->size && !(test->mask >> first & 1))
        first++;
    while (test->kind == VMWIRE_TEST_PLACE && first < 64 && (type = next_type(at, &next)))
        if (find_covering(type, 8 * (at->offset + test->offset) + first, found))
            return true;
    return false;
}

static const char *name_relation(enum vmwire_test_relation relation)
{
    static const char *const words[] = {
        [VMWIRE_TEST_EQUAL] = "",       [VMWIRE_TEST_NOT_EQUAL] = "not ",
        [VMWIRE_TEST_BELOW] = "below ", [VMWIRE_TEST_AT_LEAST] = "at least ",
        [VMWIRE_TEST_ABOVE] = "above ", [VMWIRE_TEST_AT_MOST] = "at most ",
    };
    return words[relation];
}

/* The test, or that it does not hold, in words; NULL: there are none. */
static const char *describe_test(const struct skew *skew, const struct vmwire_test *test,
                                 const struct device_place *at)
{
    struct found_property found;
    if (test->kind == VMWIRE_TEST_VERSION)
        return skew_text(skew, "the version is %s%" PRId64, name_relation(test->relation),
                         test->number);
    if (!find_tested(test, at, &found))
        return NULL;
    const char *property =
        skew_text(skew, "property %s of %s", found.property->name, found.type->name);
    bool truth = strcmp(found.property->type, "bool") == 0 && test->number == 0;
    if (truth && test->relation == VMWIRE_TEST_NOT_EQUAL)
        return skew_text(skew, "%s is on", property);
    if (truth && test->relation == VMWIRE_TEST_EQUAL)
        return skew_text(skew, "%s is off", property);
    return skew_text(skew, "%s is %s%" PRId64, property, name_relation(test->relation),
                     test->number);
}

/* The words of a way. `open` is set where it asks something else, too. */
static const char *describe_way(const struct skew *skew, const struct vmwire_tests *way,
                                const struct device_place *at)
{
    const char *text = NULL;
    bool open = false;
    for (size_t i = 0; i < way->count; i++) {
        const char *each = describe_test(skew, &way->list[i], at);
        open |= !each;
        if (each)
            text = text ? skew_text(skew, "%s and %s", text, each) : each;
    }
    return text && open ? skew_text(skew, "%s and the state needs it", text) : text;
}

/* Whether a test of the condition is one of the version or of a property. */
static bool can_be_described(const struct vmwire_condition *condition,
                             const struct device_place *at)
{
    struct found_property found;
    for (size_t i = 0; condition && i < condition->way_count; i++)
        for (size_t k = 0; k < condition->ways[i].count; k++)
            if (condition->ways[i].list[k].kind == VMWIRE_TEST_VERSION ||
                find_tested(&condition->ways[i].list[k], at, &found))
                return true;
    return false;
}

static struct vmwire_test negate(struct vmwire_test test)
{
    static const enum vmwire_test_relation opposite[] = {
        [VMWIRE_TEST_EQUAL] = VMWIRE_TEST_NOT_EQUAL, [VMWIRE_TEST_NOT_EQUAL] = VMWIRE_TEST_EQUAL,
        [VMWIRE_TEST_BELOW] = VMWIRE_TEST_AT_LEAST,  [VMWIRE_TEST_AT_LEAST] = VMWIRE_TEST_BELOW,
        [VMWIRE_TEST_ABOVE] = VMWIRE_TEST_AT_MOST,   [VMWIRE_TEST_AT_MOST] = VMWIRE_TEST_ABOVE,
    };
    test.relation = opposite[test.relation];
    return test;
}

const char *describe_condition(const struct skew *skew, const struct vmwire_condition *condition,
                               const struct device_place *at, bool says)
{
    const char *text = NULL;
    if (!can_be_described(condition, at))
        return NULL;
    if (!says && condition->way_count == 1 && condition->ways[0].count == 1) {
        const struct vmwire_test test = negate(condition->ways[0].list[0]);
        return describe_test(skew, &test, at);
    }
    for (size_t i = 0; i < condition->way_count; i++) {
        const char *way = describe_way(skew, &condition->ways[i], at);
        way = way ? way : "the state needs it";
        if (text && strstr(text, way))
            continue; /* they differ in what has no words */
        text = text ? skew_text(skew, "%s, or %s", text, way) : way;
    }
    return says ? text : skew_text(skew, "it is not so that %s", text);
}

/* ---- Machine types ---- */

/* The version behind the last dash of a machine type's name: 702 for "pc-q35-7.2". `family` is set to the length of what is in
 * front of it. 0: it has none. */
static unsigned read_version(const char *name, size_t *family)
{
    const char *dash = strrchr(name, '-');
    char *end;
    *family = strlen(name);
    if (!dash || dash[1] < '0' || dash[1] > '9')
        return 0;
    unsigned long major = strtoul(dash + 1, &end, 10);
    unsigned long minor = *end == '.' ? strtoul(end + 1, &end, 10) : 0;
    if (*end != '\0' || major > 99 || minor > 99)
        return 0;
    *family = (size_t)(dash - name);
    return (unsigned)(100 * major + minor + 1);
}

/* The newest machine type of the family that gives the property a value; NULL: none does, or not all older ones the same. */
static const struct vmwire_machine *find_newest(const struct vmwire_program_facts *program,
                                                const struct found_property *found,
                                                const struct vmwire_machine *of, const char **text)
{
    const struct vmwire_machine *newest = NULL;
    size_t family, length;
    unsigned highest = 0;
    read_version(of->name, &family);
    for (size_t i = 0; i < program->machine_count; i++) {
        const struct vmwire_machine *each = &program->machines[i];
        unsigned version = read_version(each->name, &length);
        if (length != family || strncmp(each->name, of->name, family) != 0)
            continue;
        const char *value = find_text(each, found);
        if (value && (!newest || version > highest)) {
            newest = each;
            highest = version;
            *text = value;
        }
    }
    return newest;
}

static bool is_first_of_family(const struct vmwire_program_facts *program, size_t index)
{
    size_t family, length;
    read_version(program->machines[index].name, &family);
    for (size_t i = 0; i < index; i++) {
        read_version(program->machines[i].name, &length);
        if (length == family &&
            strncmp(program->machines[i].name, program->machines[index].name, family) == 0)
            return false;
    }
    return true;
}

/* Which machine types give the property a value: the newest of each family. NULL: none. */
static const char *name_machines(const struct skew *skew,
                                 const struct vmwire_program_facts *program,
                                 const struct found_property *found)
{
    enum { SHOWN = 3 };
    const char *names = NULL, *text = NULL;
    size_t count = 0;
    for (size_t i = 0; i < program->machine_count; i++) {
        const char *value = NULL;
        const struct vmwire_machine *newest =
            is_first_of_family(program, i)
                ? find_newest(program, found, &program->machines[i], &value)
                : NULL;
        if (!newest || (text && strcmp(text, value) != 0))
            continue;
        text = value;
        if (count++ < SHOWN)
            names = names ? skew_text(skew, "%s, %s", names, newest->name) : newest->name;
    }
    if (!names)
        return NULL;
    return skew_text(skew, "machine types up to %s%s set %s to %s", names,
                     count > SHOWN ? " and others" : "", found->property->name, text);
}

const char *advise_condition(const struct skew *skew, const struct vmwire_condition *condition,
                             const struct device_place *at)
{
    const char *advice = NULL, *last = NULL;
    struct found_property found;
    for (size_t i = 0; condition && i < condition->way_count; i++)
        for (size_t k = 0; k < condition->ways[i].count; k++) {
            if (!find_tested(&condition->ways[i].list[k], at, &found) ||
                (last && strcmp(last, found.property->name) == 0))
                continue;
            const char *machines = name_machines(skew, at->program, &found);
            last = found.property->name;
            if (machines)
                advice = advice ? skew_text(skew, "%s; %s", advice, machines) : machines;
        }
    return advice;
}
