/* SPDX-License-Identifier: MIT */
/*
 * The machine types of a family have one name, and a release behind it.
 */
#include "skew/conditions/machine_types.h"

#include <string.h>

#include "skew/shared/places.h"
#include "skew/shared/release.h"

const char *configured_machine(const struct skew *skew, const struct vmwire_stream *stream)
{
    const struct vmwire_bytes machine = vmwire_stream_machine(stream);
    return machine.length ? text_of_bytes(skew, machine) : NULL;
}

const char *machine_of_side(const struct skew *skew, const struct vmwire_side *side)
{
    const struct vmwire_side *other = side == skew->writer ? skew->reader : skew->writer;
    const char *own = side->machine ? side->machine : configured_machine(skew, side->stream);
    if (own)
        return own;
    return other->machine ? other->machine : configured_machine(skew, other->stream);
}

/* The newest machine type of the family that gives the property a value, and the value; NULL: none does. */
static const struct vmwire_machine *find_newest(const struct vmwire_program_facts *program,
                                                const struct found_property *found,
                                                const struct vmwire_machine *of, const char **text)
{
    const struct vmwire_machine *newest = NULL;
    size_t family, length;
    unsigned highest = 0;
    release_of_name(of->name, &family);
    for (size_t i = 0; i < program->machine_count; i++) {
        const struct vmwire_machine *each = &program->machines[i];
        unsigned release = release_of_name(each->name, &length);
        if (length != family || strncmp(each->name, of->name, family) != 0)
            continue;
        const char *value = property_text(each, found);
        if (value && (!newest || release > highest)) {
            newest = each;
            highest = release;
            *text = value;
        }
    }
    return newest;
}

static bool is_first_of_family(const struct vmwire_program_facts *program, size_t index)
{
    size_t family, length;
    release_of_name(program->machines[index].name, &family);
    for (size_t i = 0; i < index; i++) {
        release_of_name(program->machines[i].name, &length);
        if (length == family &&
            strncmp(program->machines[i].name, program->machines[index].name, family) == 0)
            return false;
    }
    return true;
}

const char *name_machines(const struct vmwire_program_facts *program,
                          const struct found_property *found, struct vmwire_arena *arena)
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
            names = names ? vmwire_text(arena, "%s, %s", names, newest->name) : newest->name;
    }
    if (!names)
        return NULL;
    return vmwire_text(arena, "machine types up to %s%s set %s to %s", names,
                       count > SHOWN ? " and others" : "", found->property->name, text);
}
