/* SPDX-License-Identifier: MIT */
/*
 * Prints the results of a replay for machines.
 */
#include "program/replay/report_json.h"

#include <stdio.h>

#include "program/shared/json_writer.h"

static void write_cell(struct json_writer *json, const struct replay_cell *cell, const char *option)
{
    if (!cell->applies)
        return;
    open_json_object(json, option);
    write_json_string(json, "outcome", vmwire_outcome_name(cell->outcome));
    if (cell->expects)
        write_json_string(json, "expected", vmwire_outcome_name(cell->expected));
    if (cell->outcome == VMWIRE_OUTCOME_REJECT) {
        write_json_boolean(json, "decided", !cell->undecided);
        if (cell->offset != VMWIRE_ERROR_NO_OFFSET)
            write_json_unsigned(json, "offset", cell->offset);
        write_json_text(json, "message", vmwire_bytes_of_string(cell->message));
    }
    close_json_object(json);
}

static void write_answer(struct json_writer *json, const struct replay_row *row)
{
    const struct qemu_answer *answer = &row->answer;
    open_json_object(json, "qemu");
    write_json_string(json, "version", answer->version);
    write_json_string(json, "verdict", qemu_verdict_name(answer->verdict));
    write_json_text(json, "message", vmwire_bytes_of_string(answer->message));
    write_json_string(json, "rule", answer->rule);
    write_json_unsigned(json, "sections", answer->sections);
    write_json_unsigned(json, "decisions", answer->decision_count);
    write_json_unsigned(json, "private", answer->hidden);
    if (row->seen)
        write_json_string(json, "seen", row->seen);
    close_json_object(json);
    write_json_string(json, "relation", relation_name(row->relation));
    write_json_unsigned(json, "compared", row->compared);
    if (row->difference) {
        if (row->difference_offset != VMWIRE_ERROR_NO_OFFSET)
            write_json_unsigned(json, "part", row->difference_offset);
        write_json_text(json, "parting", vmwire_bytes_of_string(row->difference));
    }
}

void print_row_json(const struct replay_row *row)
{
    struct json_writer json = {.output = stdout};
    open_json_object(&json, NULL);
    write_json_string(&json, "name", row->name);
    write_json_string(&json, "file", row->file);
    open_json_object(&json, "options");
    for (size_t i = 0; i < vmwire_option_count; i++)
        write_cell(&json, &row->cells[i], vmwire_options[i].name);
    close_json_object(&json);
    if (row->asked)
        write_answer(&json, row);
    write_json_boolean(&json, "differs", row_differs(row));
    end_json_line(&json);
}
