/* SPDX-License-Identifier: MIT */
#include "skew/conditions/condition_words.h"

#include <inttypes.h>
#include <string.h>

#include "schema/machine_code.h"
#include "skew/conditions/machine_types.h"
#include "skew/conditions/properties.h"

/* The first bit that a test looks at, counted from the device's start; false: it looks at no memory. */
static bool first_bit(const struct vmwire_test *test, const struct device_place *at, uint64_t *bit)
{
    unsigned first = 0;
    while (first < 8U * test->size && !(test->mask >> first & 1))
        first++;
    *bit = 8 * (at->offset + test->offset) + first;
    return test->kind == VMWIRE_TEST_PLACE && first < 64;
}

/* The property that a test looks at, of the next type from number `*next` on that has one there. */
static bool find_next_tested(const struct vmwire_test *test, const struct device_place *at,
                             size_t *next, struct found_property *found)
{
    const struct vmwire_type *type;
    uint64_t bit;
    while (first_bit(test, at, &bit) && (type = next_device_type(at, next)))
        if (find_property(type, bit, found))
            return true;
    return false;
}

static bool find_tested(const struct vmwire_test *test, const struct device_place *at,
                        struct found_property *found)
{
    size_t next = 0;
    return find_next_tested(test, at, &next, found);
}

/* The types that declare the property: which one a machine has, only its stream or command line tells. */
static const char *name_types(const struct skew *skew, const struct vmwire_test *test,
                              const struct device_place *at, const char *property)
{
    enum { SHOWN = 3 };
    const struct vmwire_type *shown[SHOWN];
    struct found_property found;
    const char *names = NULL;
    size_t next = 0, count = 0, i;
    while (find_next_tested(test, at, &next, &found)) {
        for (i = 0; i < count && shown[i] != found.of; i++)
            ;
        if (i < count || strcmp(found.property->name, property) != 0)
            continue;
        if (count == SHOWN)
            return vmwire_text(skew->arena, "%s or others", names);
        shown[count++] = found.of;
        names =
            names ? vmwire_text(skew->arena, "%s or %s", names, found.of->name) : found.of->name;
    }
    return names;
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
        return vmwire_text(skew->arena, "the version is %s%" PRId64, name_relation(test->relation),
                           test->number);
    if (!find_tested(test, at, &found))
        return NULL;
    const char *property = vmwire_text(skew->arena, "property %s of %s", found.property->name,
                                       name_types(skew, test, at, found.property->name));
    bool truth = strcmp(found.property->type, "bool") == 0 && test->number == 0;
    if (truth && test->relation == VMWIRE_TEST_NOT_EQUAL)
        return vmwire_text(skew->arena, "%s is on", property);
    if (truth && test->relation == VMWIRE_TEST_EQUAL)
        return vmwire_text(skew->arena, "%s is off", property);
    return vmwire_text(skew->arena, "%s is %s%" PRId64, property, name_relation(test->relation),
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
            text = text ? vmwire_text(skew->arena, "%s and %s", text, each) : each;
    }
    return text && open ? vmwire_text(skew->arena, "%s and the state needs it", text) : text;
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

bool asks_property(const struct vmwire_condition *condition, const struct device_place *at)
{
    struct found_property found;
    for (size_t i = 0; condition && i < condition->way_count; i++)
        for (size_t k = 0; k < condition->ways[i].count; k++)
            if (find_tested(&condition->ways[i].list[k], at, &found))
                return true;
    return false;
}

const char *describe_condition(const struct skew *skew, const struct vmwire_condition *condition,
                               const struct device_place *at, bool says)
{
    const char *text = NULL;
    if (!can_be_described(condition, at))
        return NULL;
    if (!says && condition->way_count == 1 && condition->ways[0].count == 1) {
        const struct vmwire_test test = code_negate(condition->ways[0].list[0]);
        return describe_test(skew, &test, at);
    }
    for (size_t i = 0; i < condition->way_count; i++) {
        const char *way = describe_way(skew, &condition->ways[i], at);
        way = way ? way : "the state needs it";
        if (text && strstr(text, way))
            continue; /* they differ in what has no words */
        text = text ? vmwire_text(skew->arena, "%s, or %s", text, way) : way;
    }
    return says ? text : vmwire_text(skew->arena, "it is not so that %s", text);
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
            const char *machines = name_machines(at->program, &found, skew->arena);
            last = found.property->name;
            if (machines)
                advice = advice ? vmwire_text(skew->arena, "%s; %s", advice, machines) : machines;
        }
    return advice;
}

const char *describe_with_machines(const struct skew *skew,
                                   const struct vmwire_condition *condition,
                                   const struct device_place *at)
{
    const char *asked = describe_condition(skew, condition, at, true);
    const char *machines = advise_condition(skew, condition, at);
    return asked && machines ? vmwire_text(skew->arena, "%s (%s)", asked, machines) : asked;
}
