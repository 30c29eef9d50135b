/* SPDX-License-Identifier: MIT */
/*
 * Prints the answers for machines.
 */
#include "program/check/answers_json.h"

#include <stdio.h>

#include "program/check/witness.h"
#include "program/shared/json_writer.h"

/* Writes the values of required that follow one another. `bytes` has room for them. */
static void write_run(struct json_writer *json, const char *key, uint8_t *bytes,
                      const struct vmwire_required_byte *required, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = required[i].value;
    write_json_hex(json, key, (struct vmwire_bytes){bytes, count});
}

static void write_demands(struct json_writer *json, uint8_t *room, const struct part *part,
                          const struct vmwire_finding *finding)
{
    const struct vmwire_required_byte *demand = finding->required;
    open_json_array(json, "bytes");
    for (size_t left = finding->required_count; left;) {
        struct place place = find_place(part, demand->offset);
        size_t length = count_run(part, demand, left, place.value);
        open_json_object(json, NULL);
        write_json_unsigned(json, "offset", offset_in_file(part, demand->offset));
        write_run(json, "data", room, demand, length);
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
    for (size_t i = 0; (subsection = find_next_sent(part, finding, &i));) {
        open_json_object(json, NULL);
        write_json_name(json, "name", subsection->name);
        close_json_object(json);
    }
    close_json_array(json);
}

/* The structure has no name where a section has no structure, only fields. */
static void write_name_of(struct json_writer *json, const char *key,
                          const struct vmwire_structure *structure)
{
    if (structure->name)
        write_json_string(json, key, structure->name);
    else
        write_json_null(json, key);
}

static void write_subject(struct json_writer *json, const struct examination *examination)
{
    write_json_string(json, "file", examination->file);
    write_json_string(json, "option", examination->arguments->option->name);
    if (examination->reader) {
        write_json_string(json, "reader", examination->reads->name);
        write_json_string(json, "reader_file", examination->arguments->files[1]);
    }
}

static void write_tail(struct json_writer *json, const struct answer_group *group)
{
    const struct vmwire_item *item = group->tail->item;
    write_name_of(json, "device", item->record->structure);
    write_json_name(json, "idstr", item->idstr);
    write_json_unsigned(json, "instance", item->instance_id);
    write_name_of(json, "owner", group->tail->owner);
    write_json_string(json, "path", group->tail->path);
    if (group->tail->differs)
        write_json_string(json, "differs", group->tail->differs);
    write_json_unsigned(json, "offset", offset_in_file(group->part, group->tail->offset));
    write_json_unsigned(json, "elements", group->count);
    if (group->tail->behind_difference)
        write_json_boolean(json, "behind_difference", true);
}

/* "witness" holds the bytes at the tail itself, "bytes" those at every place. `room`: for as many bytes as the finding
 * requires. */
static void print_finding(const struct examination *examination, const struct answer_group *group,
                          uint8_t *room)
{
    struct json_writer json = {.output = stdout};
    const struct part *part = group->part;
    const struct vmwire_finding *finding = group->finding;
    open_json_object(&json, NULL);
    write_subject(&json, examination);
    write_tail(&json, group);
    write_json_string(&json, "outcome", name_verdict(part, finding));
    write_json_boolean(&json, "possible", is_only_possible(part, finding));
    /* Required bytes before the tail only keep the stream's own ones from misleading the reader earlier. */
    size_t before = 0;
    while (before < finding->required_count && finding->required[before].offset < finding->offset)
        before++;
    write_run(&json, "witness", room, finding->required + before,
              count_run(part, finding->required + before, finding->required_count - before, NULL));
    write_demands(&json, room, part, finding);
    write_sends(&json, part, finding);
    end_json_line(&json);
}

/* Says whether the tail has findings, beside what is undecided there. */
static void print_undecided(const struct examination *examination, const struct answer_group *group)
{
    struct json_writer json = {.output = stdout};
    open_json_object(&json, NULL);
    write_json_string(&json, "undecided", group->tail->reason);
    write_subject(&json, examination);
    write_tail(&json, group);
    write_json_boolean(&json, "findings", group->tail->verdict == VMWIRE_VERDICT_FINDINGS);
    end_json_line(&json);
}

/* The device of a part that a schema alone made. Its question is about one section. */
static void write_device(struct json_writer *json, const struct part *part)
{
    if (part->too_large) {
        write_name_of(json, "device", part->too_large->structure);
        write_json_string(json, "idstr", part->too_large->idstr);
        write_json_unsigned(json, "instance", part->too_large->instance_id);
    } else if (part->possible) {
        const struct vmwire_item *section = part->question.stream->items[0];
        write_name_of(json, "device", section->record->structure);
        write_json_name(json, "idstr", section->idstr);
        write_json_unsigned(json, "instance", section->instance_id);
    }
}

static void print_unfollowed(const struct examination *examination, const struct part *part,
                             const char *reason, const struct vmwire_omission *omission, bool lists)
{
    struct json_writer json = {.output = stdout};
    open_json_object(&json, NULL);
    write_json_string(&json, "undecided", reason);
    write_subject(&json, examination);
    write_device(&json, part);
    if (omission) {
        write_json_string(&json, lists ? "list" : "subsection", omission->first);
        write_json_unsigned(&json, lists ? "lists" : "subsections", omission->count);
    }
    end_json_line(&json);
}

static void print_summary(const struct examination *examination,
                          const struct conclusion *conclusion)
{
    struct json_writer json = {.output = stdout};
    open_json_object(&json, NULL);
    write_json_string(&json, "summary", conclusion->sentence);
    write_subject(&json, examination);
    write_json_unsigned(&json, "tails", conclusion->tails);
    write_json_unsigned(&json, "clean", conclusion->clean);
    if (examination->arguments->ambiguity)
        write_json_unsigned(&json, "ambiguous", conclusion->outcomes[VMWIRE_OUTCOME_CORRUPT]);
    for (int i = VMWIRE_OUTCOME_REJECT;
         !examination->arguments->ambiguity && i <= VMWIRE_OUTCOME_CORRUPT; i++)
        write_json_unsigned(&json, vmwire_outcome_name((enum vmwire_outcome)i),
                            conclusion->outcomes[i]);
    write_json_unsigned(&json, "undecided", conclusion->undecided);
    write_json_unsigned(&json, "unfollowed_subsections", conclusion->unfollowed_subsections);
    write_json_unsigned(&json, "unfollowed_lists", conclusion->unfollowed_lists);
    write_json_unsigned(&json, "unfollowed_devices", conclusion->unfollowed_devices);
    write_json_unsigned(&json, "opaque_fields", conclusion->opaque_fields);
    write_json_unsigned(&json, "opaque_bytes", conclusion->opaque_bytes);
    end_json_line(&json);
}

/* Allocates before anything is printed: if memory runs out, no line ends half way. */
static uint8_t *make_room_for_runs(const struct examination *examination)
{
    size_t most = 0;
    for (size_t i = 0; i < examination->findings.count; i++)
        if (examination->findings.list[i].finding->required_count > most)
            most = examination->findings.list[i].finding->required_count;
    return vmwire_arena_alloc(examination->arena, most);
}

void print_answers_json(const struct examination *examination, const struct conclusion *conclusion)
{
    uint8_t *room = make_room_for_runs(examination);
    for (size_t i = 0; i < examination->findings.count; i++)
        print_finding(examination, &examination->findings.list[i], room);
    for (size_t i = 0; i < examination->undecided.count; i++)
        print_undecided(examination, &examination->undecided.list[i]);
    for (size_t i = 0; i < examination->part_count; i++) {
        const struct part *part = &examination->parts[i];
        if (part->too_large)
            print_unfollowed(examination, part, DEVICE_TOO_LARGE, NULL, false);
        for (int reason = 0; reason < VMWIRE_OMISSION_REASONS; reason++)
            if (part->omitted[reason].count)
                print_unfollowed(examination, part, omission_reason(reason), &part->omitted[reason],
                                 reason == VMWIRE_OMITTED_ELEMENTS);
    }
    print_summary(examination, conclusion);
}

/* The finding is in the stream's head, so no device, owner or path has it. */
void print_rejected_version_json(const struct examination *examination,
                                 const struct conclusion *conclusion)
{
    static const char *const places[] = {"device", "idstr", "instance", "owner", "path"};
    const uint8_t version[4] = {0, 0, 0, (uint8_t)examination->arguments->option->stream_version};
    struct json_writer json = {.output = stdout};
    if (conclusion->answers & ANSWER_FINDING) {
        open_json_object(&json, NULL);
        write_subject(&json, examination);
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
            write_json_null(&json, places[i]);
        write_json_unsigned(&json, "offset", 4);
        write_json_string(&json, "outcome", vmwire_outcome_name(VMWIRE_OUTCOME_REJECT));
        write_json_hex(&json, "witness", (struct vmwire_bytes){version, sizeof(version)});
        end_json_line(&json);
    }
    print_summary(examination, conclusion);
}
