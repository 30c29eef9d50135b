/* SPDX-License-Identifier: MIT */
#include "vmwire/program_facts.h"

#include "schema/parents.h"

#include <stdlib.h>
#include <string.h>

const char *vmwire_test_relation_sign(enum vmwire_test_relation relation)
{
    static const char *const signs[] = {
        [VMWIRE_TEST_EQUAL] = "==",    [VMWIRE_TEST_NOT_EQUAL] = "!=", [VMWIRE_TEST_BELOW] = "<",
        [VMWIRE_TEST_AT_LEAST] = ">=", [VMWIRE_TEST_ABOVE] = ">",      [VMWIRE_TEST_AT_MOST] = "<=",
    };
    return signs[relation];
}

enum { DERIVED_LIMIT = 64 };

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct vmwire_type *)a)->name, ((const struct vmwire_type *)b)->name);
}

void set_parents(struct vmwire_type *types, size_t count)
{
    const struct vmwire_program_facts facts = {.types = types, .type_count = count};
    if (count)
        qsort(types, count, sizeof(*types), compare_names);
    for (size_t i = 0; i < count; i++)
        types[i].is_a = types[i].parent ? vmwire_program_type(&facts, types[i].parent) : NULL;
    for (size_t i = 0; i < count; i++) {
        const struct vmwire_type *above = &types[i];
        for (size_t k = 0; above && k < DERIVED_LIMIT; k++)
            above = above->is_a;
        if (above)
            types[i].is_a = NULL;
    }
}

static int compare_types(const void *name, const void *type)
{
    return strcmp(name, ((const struct vmwire_type *)type)->name);
}

const struct vmwire_type *vmwire_program_type(const struct vmwire_program_facts *facts,
                                              const char *name)
{
    return facts->type_count ? bsearch(name, facts->types, facts->type_count, sizeof(*facts->types),
                                       compare_types)
                             : NULL;
}

const struct vmwire_machine *vmwire_program_machine(const struct vmwire_program_facts *facts,
                                                    const char *name)
{
    for (size_t i = 0; i < facts->machine_count; i++)
        if (strcmp(facts->machines[i].name, name) == 0)
            return &facts->machines[i];
    return NULL;
}
