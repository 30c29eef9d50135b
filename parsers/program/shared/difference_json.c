/* SPDX-License-Identifier: MIT */
#include "program/shared/difference_json.h"

void put_difference(json_t **line, const char *direction,
                    const struct vmwire_difference *difference, uint64_t offset)
{
    put_json_string(line, "direction", direction);
    put_json_string(line, "certainty", vmwire_certainty_name(difference->certainty));
    put_json_string(line, "outcome", vmwire_outcome_name(difference->outcome));
    put_json_string(line, "rule", difference->rule->id);
    put_json_string(line, "section", difference->section);
    put_json_unsigned(line, "instance", difference->instance_id);
    put_json_string(line, "structure", difference->structure);
    put_json_string(line, "path", difference->path);
    put_json_string(line, "writer", difference->writer);
    put_json_string(line, "reader", difference->reader);
    put_json_string(line, "when", difference->when);
    put_json_string(line, "message", difference->message);
    put_json_string(line, "advice", difference->advice);
    if (offset == VMWIRE_ERROR_NO_OFFSET)
        put_json_null(line, "offset");
    else
        put_json_unsigned(line, "offset", offset);
    put_json_signed(line, "bytes", difference->bytes);
}
