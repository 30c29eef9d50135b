/* SPDX-License-Identifier: MIT */
#include "model/field_name.h"

#include <stdio.h>

size_t write_field_name(const struct vmwire_structure *structure, const struct vmwire_field *field,
                        char name[FIELD_NAME_ROOM])
{
    size_t before = 0, same = 0;
    for (size_t i = 0; structure->declared && i < structure->field_count; i++) {
        const struct vmwire_field *other = &structure->fields[i];
        bool repeats =
            other->name == field->name; /* equal names are one string (schema/symbols.h) */
        same += repeats;
        before += repeats && other < field;
    }
    int length = same > 1 ? snprintf(name, FIELD_NAME_ROOM, "%s[%zu]", field->name, before)
                          : snprintf(name, FIELD_NAME_ROOM, "%s", field->name);
    return length > 0 ? (size_t)length : 0;
}
