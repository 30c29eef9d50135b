/* SPDX-License-Identifier: MIT */
/*
 * Prints findings for machines.
 */
#include "program/check/findings_json.h"

#include <stdio.h>

#include "program/check/witness.h"
#include "program/shared/json_writer.h"

/* Writes the values of required that follow one another. */
static void write_run(struct json_writer *json, const char *key, struct vmwire_arena *arena,
                      const struct vmwire_required_byte *required, size_t count)
{
    uint8_t *bytes = vmwire_arena_alloc(arena, count);
    for (size_t i = 0; i < count; i++)
        bytes[i] = required[i].value;
    write_json_hex(json, key, (struct vmwire_bytes){bytes, count});
}

static void write_demands(struct json_writer *json, struct vmwire_arena *arena,
                          const struct part *part, const struct vmwire_finding *finding)
{
    const struct vmwire_required_byte *demand = finding->required;
    open_json_array(json, "bytes");
    for (size_t left = finding->required_count; left;) {
        struct place place = find_place(part, demand->offset);
        size_t length = count_run(part, demand, left, place.value);
        open_json_object(json, NULL);
        write_json_unsigned(json, "offset", demand->offset);
        write_run(json, "data", arena, demand, length);
        if (place.value) {
            write_json_name(json, "idstr", place.item->idstr);
            write_json_string(json, "field", place.value->field->name);
        }
        close_json_object(json);
        demand += length;
        left -= length;
    }
    close_json_array(json);
}

static void write_sends(struct json_writer *json, const struct part *part,
                        const struct vmwire_finding *finding)
{
    const struct vmwire_subsection_value *subsection;
    open_json_array(json, "sends");
    for (size_t i = 0; (subsection = find_next_sent(part, finding, &i));)
        write_json_name(json, NULL, subsection->name);
    close_json_array(json);
}

/* "witness" holds the bytes at the tail itself, "bytes" those at every place. */
static void print_group(const struct examination *examination, const struct finding_group *group)
{
    struct json_writer json = {.output = stdout};
    const struct part *part = group->part;
    const struct vmwire_finding *finding = group->finding;
    const struct vmwire_item *item = finding->item;
    open_json_object(&json, NULL);
    write_json_string(&json, "file", examination->file);
    write_json_string(&json, "device", item->record->structure->name);
    write_json_name(&json, "idstr", item->idstr);
    write_json_unsigned(&json, "instance", item->instance_id);
    write_json_string(&json, "owner", finding->owner->name);
    write_json_string(&json, "path", finding->path);
    write_json_string(&json, "option", examination->arguments->option->name);
    if (examination->reader)
        write_json_string(&json, "reader", examination->reads->name);
    if (finding->differs)
        write_json_string(&json, "differs", finding->differs);
    write_json_string(&json, "outcome", name_verdict(part, finding));
    write_json_boolean(&json, "possible", is_only_possible(part, finding));
    write_json_unsigned(&json, "offset", finding->offset);
    write_run(&json, "witness", examination->arena, finding->required,
              count_run(part, finding->required, finding->required_count, NULL));
    write_demands(&json, examination->arena, part, finding);
    write_sends(&json, part, finding);
    write_json_unsigned(&json, "elements", group->count);
    end_json_line(&json);
}

void print_findings_json(const struct examination *examination)
{
    for (size_t i = 0; i < examination->group_count; i++)
        print_group(examination, &examination->groups[i]);
}
