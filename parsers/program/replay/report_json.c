/* SPDX-License-Identifier: MIT */
/*
 * Prints the results of a replay for machines.
 */
#include "program/replay/report_json.h"

#include <stdio.h>

#include "program/shared/json_line.h"

static json_t *make_cell(const struct replay_cell *cell)
{
    json_t *made = json_object();
    put_json_string(&made, "outcome", vmwire_outcome_name(cell->outcome));
    if (cell->expects)
        put_json_string(&made, "expected", vmwire_outcome_name(cell->expected));
    if (cell->outcome == VMWIRE_OUTCOME_REJECT) {
        put_json_boolean(&made, "decided", !cell->undecided);
        if (cell->offset != VMWIRE_ERROR_NO_OFFSET)
            put_json_unsigned(&made, "offset", cell->offset);
        put_json_text(&made, "message", vmwire_bytes_of_string(cell->message));
    }
    return made;
}

static const char *copy_use_name(enum copy_use use)
{
    static const char *const names[] = {
        [COPY_ALONE] = "alone",
        [COPY_CONFIRMED] = "confirmed",
        [COPY_REFUTED] = "refuted",
    };
    return names[use];
}

/* A value of a private encoding can be long: its first bytes will do. */
enum { SHOWN_BYTES = 32 };

static struct vmwire_bytes first_bytes(struct vmwire_bytes bytes)
{
    if (bytes.length > SHOWN_BYTES)
        bytes.length = SHOWN_BYTES;
    return bytes;
}

static json_t *make_doubt(const struct replay_doubt *doubt)
{
    json_t *made = json_object();
    if (doubt->idstr.data) {
        put_json_name(&made, "idstr", doubt->idstr);
        put_json_unsigned(&made, "instance", doubt->instance_id);
    }
    if (doubt->field) {
        put_json_string(&made, "structure", doubt->structure);
        put_json_string(&made, "field", doubt->field);
        put_json_hex(&made, "was", first_bytes(doubt->was));
        put_json_hex(&made, "is", first_bytes(doubt->is));
    }
    if (doubt->offset != VMWIRE_ERROR_NO_OFFSET)
        put_json_unsigned(&made, "offset", doubt->offset);
    put_json_text(&made, "reason", vmwire_bytes_of_string(doubt->reason));
    put_json_boolean(&made, "as_declared", doubt->as_declared);
    return made;
}

static void put_doubts(json_t **object, const struct replay_row *row)
{
    json_t *made = json_array();
    for (size_t i = 0; i < row->doubt_count; i++)
        append_json(&made, make_doubt(&row->doubts[i]));
    put_json(object, "doubts", made);
}

static void put_answer(json_t **object, const struct replay_row *row)
{
    const struct qemu_answer *answer = &row->answer;
    json_t *made = json_object();
    put_json_string(&made, "version", answer->version);
    put_json_string(&made, "verdict", qemu_verdict_name(answer->verdict));
    put_json_text(&made, "message", vmwire_bytes_of_string(answer->message));
    put_json_string(&made, "rule", answer->rule);
    put_json_unsigned(&made, "sections", answer->sections);
    put_json_unsigned(&made, "decisions", answer->decision_count);
    put_json_unsigned(&made, "private", answer->hidden);
    if (row->seen)
        put_json_string(&made, "seen", row->seen);
    if (row->copy)
        put_json_string(&made, "copy", copy_use_name(row->copy));
    put_json(object, "qemu", made);
    put_json_string(object, "relation", relation_name(row->relation));
    put_json_unsigned(object, "compared", row->compared);
    if (row->doubt_count)
        put_doubts(object, row);
    if (row->difference) {
        if (row->difference_offset != VMWIRE_ERROR_NO_OFFSET)
            put_json_unsigned(object, "part", row->difference_offset);
        put_json_text(object, "parting", vmwire_bytes_of_string(row->difference));
    }
}

bool print_row_json(const struct replay_row *row)
{
    json_t *line = json_object();
    put_json_string(&line, "name", row->name);
    put_json_string(&line, "file", row->file);
    json_t *options = json_object();
    for (size_t i = 0; i < vmwire_option_count; i++)
        if (row->cells[i].applies)
            put_json(&options, vmwire_options[i].name, make_cell(&row->cells[i]));
    put_json(&line, "options", options);
    if (row->asked)
        put_answer(&line, row);
    put_json_boolean(&line, "differs", row_differs(row));
    return print_json_line(stdout, line);
}
