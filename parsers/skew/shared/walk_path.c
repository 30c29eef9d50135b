/* SPDX-License-Identifier: MIT */
#include "skew/shared/walk_path.h"

#include <inttypes.h>

#include "model/owners.h"

/* What a record adds to the path of the one around it. */
static const char *step_of(const struct skew *skew, const struct vmwire_record_walk_frame *frame)
{
    if (frame->as_subsection)
        return frame->as_subsection->subsection->name;
    const struct vmwire_field *field = frame->as_value->field;
    int64_t element = shown_element(field, frame->as_value->element);
    return element < 0 ? field->name
                       : vmwire_text(skew->arena, "%s[%" PRId64 "]", field->name, element);
}

const char *walk_path(const struct skew *skew, const struct vmwire_record_walk *walk,
                      const char *name)
{
    const char *path = "";
    for (unsigned i = 1; i < walk->depth; i++)
        path = vmwire_text(skew->arena, "%s%s%s", path, *path ? "." : "",
                           step_of(skew, &walk->frames[i]));
    return name && *name ? vmwire_text(skew->arena, "%s%s%s", path, *path ? "." : "", name) : path;
}
