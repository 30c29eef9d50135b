/* SPDX-License-Identifier: MIT */
#include "skew/shared/whole_field.h"

#include "schema/layout.h"

bool find_whole_field(const struct skew *skew, const char *idstr,
                      const struct vmwire_record_walk *walk, struct private_field *field)
{
    const struct vmwire_schema *declared = skew->reader->declared;
    const struct vmwire_value *value = walk->value;
    const char *structure = walk->record->structure->name;
    if (!declared || !declared->layouts || value->field->class != VMWIRE_FIELD_OPAQUE ||
        value->field->count != 1 || !structure ||
        !layout_of_type(declared->layouts, value->field->type, structure, idstr))
        return false;
    *field = (struct private_field){.schema = declared,
                                    .idstr = idstr,
                                    .structure = structure,
                                    .type = value->field->type,
                                    .name = value->field->name,
                                    .bytes = value->data};
    return true;
}
