/* SPDX-License-Identifier: MIT */
#include "skew/conditions/properties.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- Types of a device ---- */

/* Whether the type's class refers to the device's structure, or that of a type that it is derived from. */
static bool has_structure(const struct vmwire_type *type, size_t number)
{
    for (; type; type = type->is_a)
        for (size_t i = 0; i < type->structure_count; i++)
            if (type->structures[i] == number)
                return true;
    return false;
}

bool is_base_type(const struct vmwire_program_facts *program, const struct vmwire_type *type)
{
    for (size_t i = 0; i < program->type_count; i++)
        if (program->types[i].is_a == type)
            return true;
    return false;
}

const struct vmwire_type *next_device_type(const struct device_place *at, size_t *next)
{
    while (at->known && *next < at->program->type_count) {
        const struct vmwire_type *type = &at->program->types[(*next)++];
        if (has_structure(type, at->number))
            return type;
    }
    return NULL;
}

/* ---- Their values ---- */

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

const char *property_text(const struct vmwire_machine *machine, const struct found_property *found)
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

bool property_value(const struct vmwire_machine *machine, const struct found_property *found,
                    int64_t *value)
{
    const char *text = property_text(machine, found);
    *value = found->property->value;
    return text ? read_value(text, found->property->type, value) : !found->property->by_code;
}

/* ---- The bits that they fill ---- */

/* The bits from the device's start on that the property fills. */
static bool covers(const struct vmwire_property *property, uint64_t bit)
{
    const uint64_t first = 8 * property->offset + (property->is_bit ? property->bit : 0);
    const uint64_t count = property->is_bit ? 1 : UINT64_C(8) * property->size;
    return bit >= first && bit - first < count;
}

/* The type's own property that fills the bit; NULL: it has none. */
static const struct vmwire_property *own_property(const struct vmwire_type *type, uint64_t bit)
{
    for (size_t i = 0; i < type->property_count; i++)
        if (type->properties[i].size && covers(&type->properties[i], bit))
            return &type->properties[i];
    return NULL;
}

bool find_property(const struct vmwire_type *type, uint64_t bit, struct found_property *found)
{
    *found = (struct found_property){.type = type};
    for (const struct vmwire_type *each = type; each; each = each->is_a) {
        const struct vmwire_property *property = own_property(each, bit);
        if (property && !found->property)
            found->property = property; /* a derived type can have another default */
        if (property && strcmp(property->name, found->property->name) == 0)
            found->of = each;
    }
    return found->property;
}
