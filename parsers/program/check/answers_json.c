/* SPDX-License-Identifier: MIT */
/*
 * Prints the answers for machines.
 */
#include "program/check/answers_json.h"

#include <stdio.h>
#include <stdlib.h>

#include "program/check/witness.h"
#include "program/shared/json_line.h"

/* Puts the values of required bytes that follow one another. */
static void put_run(json_t **object, const char *key, const struct vmwire_required_byte *required,
                    size_t count)
{
    uint8_t *bytes = malloc(count + 1);
    for (size_t i = 0; bytes && i < count; i++)
        bytes[i] = required[i].value;
    if (bytes)
        put_json_hex(object, key, (struct vmwire_bytes){bytes, count});
    else
        put_json(object, key, NULL);
    free(bytes);
}

static void put_required(json_t **object, const struct part *part,
                         const struct vmwire_finding *finding)
{
    const struct vmwire_required_byte *required = finding->required;
    json_t *list = json_array();
    for (size_t left = finding->required_count; left;) {
        struct place place = find_place(part, required->offset);
        size_t length = count_run(part, required, left, place.value);
        json_t *run = json_object();
        put_json_unsigned(&run, "offset", offset_in_file(part, required->offset));
        put_run(&run, "data", required, length);
        if (place.value) {
            put_json_name(&run, "idstr", place.item->idstr);
            put_json_string(&run, "field", place.value->field->name);
        }
        append_json(&list, run);
        required += length;
        left -= length;
    }
    put_json(object, "bytes", list);
}

/* The values that the state has changed: asn1 alone, where a value can have another length in the stream. */
static void put_changes(json_t **object, const struct vmwire_finding *finding)
{
    if (!finding->change_count)
        return;
    json_t *list = json_array();
    for (size_t i = 0; i < finding->change_count; i++) {
        json_t *changed = json_object();
        put_json_name(&changed, "idstr", finding->changes[i].item->idstr);
        put_json_string(&changed, "field", finding->changes[i].value->field->name);
        put_json_hex(&changed, "data", finding->changes[i].holds);
        append_json(&list, changed);
    }
    put_json(object, "holds", list);
}

static void put_sends(json_t **object, const struct part *part,
                      const struct vmwire_finding *finding)
{
    const struct vmwire_subsection_value *subsection;
    json_t *list = json_array();
    for (size_t i = 0; (subsection = find_next_sent(part, finding, &i));) {
        json_t *sent = json_object();
        put_json_name(&sent, "name", subsection->name);
        append_json(&list, sent);
    }
    put_json(object, "sends", list);
}

static void put_subject(json_t **object, const struct examination *examination)
{
    put_json_string(object, "file", examination->file);
    put_json_string(object, "option", examination->arguments->option->name);
    if (examination->reader) {
        put_json_string(object, "reader", examination->reads->name);
        put_json_string(object, "reader_file", examination->arguments->files[1]);
    }
}

/* Structures have no name (null) where a section has no structure, only fields. */
static void put_tail(json_t **object, const struct answer_group *group)
{
    const struct vmwire_item *item = group->tail->item;
    const struct vmwire_finding *finding = group->finding;
    const char *differs = finding ? finding->differs : group->tail->differs;
    put_json_string(object, "device", item->record->structure->name);
    put_json_name(object, "idstr", item->idstr);
    put_json_unsigned(object, "instance", item->instance_id);
    put_json_string(object, "owner", owner_of(group)->name);
    put_json_string(object, "path", finding ? finding->path : group->tail->path);
    if (differs)
        put_json_string(object, "differs", differs);
    put_json_unsigned(object, "offset", offset_in_file(group->part, group->tail->offset));
    put_json_unsigned(object, "elements", group->count);
    if (group->tail->behind_difference)
        put_json_boolean(object, "behind_difference", true);
}

/* "witness" holds the bytes at the tail itself, "bytes" those at every place. */
static bool print_finding(const struct examination *examination, const struct answer_group *group)
{
    json_t *line = json_object();
    const struct part *part = group->part;
    const struct vmwire_finding *finding = group->finding;
    put_subject(&line, examination);
    put_tail(&line, group);
    put_json_string(&line, "outcome", name_verdict(part, finding));
    put_json_boolean(&line, "possible", is_only_possible(part, finding));
    /* Required bytes before the tail only keep the stream's own ones from misleading the reader earlier. */
    size_t before = 0;
    while (before < finding->required_count && finding->required[before].offset < finding->offset)
        before++;
    const struct vmwire_required_byte *witness =
        before ? finding->required + before : finding->required;
    put_run(&line, "witness", witness,
            count_run(part, witness, finding->required_count - before, NULL));
    put_required(&line, part, finding);
    put_changes(&line, finding);
    put_sends(&line, part, finding);
    return print_json_line(stdout, line);
}

/* Says whether the tail has findings, beside what is undecided there. */
static bool print_undecided(const struct examination *examination, const struct answer_group *group)
{
    json_t *line = json_object();
    put_json_string(&line, "undecided", group->tail->reason);
    put_subject(&line, examination);
    put_tail(&line, group);
    put_json_boolean(&line, "findings", group->tail->verdict == VMWIRE_VERDICT_FINDINGS);
    return print_json_line(stdout, line);
}

/* The device of a part that a schema alone made. Its question is about one section. */
static void put_device(json_t **object, const struct part *part)
{
    if (part->too_large) {
        put_json_string(object, "device", part->too_large->structure->name);
        put_json_string(object, "idstr", part->too_large->idstr);
        put_json_unsigned(object, "instance", part->too_large->instance_id);
    } else if (part->possible) {
        const struct vmwire_item *section = part->question.stream->items[0];
        put_json_string(object, "device", section->record->structure->name);
        put_json_name(object, "idstr", section->idstr);
        put_json_unsigned(object, "instance", section->instance_id);
    }
}

static bool print_unfollowed(const struct examination *examination, const struct part *part,
                             const char *reason, const struct vmwire_omission *omission, bool lists)
{
    json_t *line = json_object();
    put_json_string(&line, "undecided", reason);
    put_subject(&line, examination);
    put_device(&line, part);
    if (omission) {
        put_json_string(&line, lists ? "list" : "subsection", omission->first);
        put_json_unsigned(&line, lists ? "lists" : "subsections", omission->count);
    }
    return print_json_line(stdout, line);
}

static bool print_summary(const struct examination *examination,
                          const struct conclusion *conclusion)
{
    json_t *line = json_object();
    put_json_string(&line, "summary", conclusion->sentence);
    put_subject(&line, examination);
    put_json_unsigned(&line, "tails", conclusion->tails);
    put_json_unsigned(&line, "clean", conclusion->clean);
    if (examination->arguments->ambiguity)
        put_json_unsigned(&line, "ambiguous", conclusion->outcomes[VMWIRE_OUTCOME_CORRUPT]);
    for (int i = VMWIRE_OUTCOME_REJECT;
         !examination->arguments->ambiguity && i <= VMWIRE_OUTCOME_CORRUPT; i++)
        put_json_unsigned(&line, vmwire_outcome_name((enum vmwire_outcome)i),
                          conclusion->outcomes[i]);
    put_json_unsigned(&line, "undecided", conclusion->undecided);
    put_json_unsigned(&line, "unfollowed_subsections", conclusion->unfollowed_subsections);
    put_json_unsigned(&line, "unfollowed_lists", conclusion->unfollowed_lists);
    put_json_unsigned(&line, "unfollowed_devices", conclusion->unfollowed_devices);
    put_json_unsigned(&line, "opaque_fields", conclusion->opaque_fields);
    put_json_unsigned(&line, "opaque_bytes", conclusion->opaque_bytes);
    return print_json_line(stdout, line);
}

/* Prints what is not followed in this part. */
static bool print_omissions(const struct examination *examination, const struct part *part)
{
    bool printed =
        !part->too_large || print_unfollowed(examination, part, DEVICE_TOO_LARGE, NULL, false);
    for (int reason = 0; reason < VMWIRE_OMISSION_REASONS && printed; reason++)
        if (part->omitted[reason].count)
            printed = print_unfollowed(examination, part, omission_reason(reason),
                                       &part->omitted[reason], reason == VMWIRE_OMITTED_ELEMENTS);
    return printed;
}

bool print_answers_json(const struct examination *examination, const struct conclusion *conclusion)
{
    bool printed = true;
    for (size_t i = 0; i < examination->findings.count && printed; i++)
        printed = print_finding(examination, &examination->findings.list[i]);
    for (size_t i = 0; i < examination->undecided.count && printed; i++)
        printed = print_undecided(examination, &examination->undecided.list[i]);
    for (size_t i = 0; i < examination->part_count && printed; i++)
        printed = print_omissions(examination, &examination->parts[i]);
    return printed && print_summary(examination, conclusion);
}

/* The finding is in the stream's head, so no device, owner or path has it. */
bool print_rejected_version_json(const struct examination *examination,
                                 const struct conclusion *conclusion)
{
    static const char *const places[] = {"device", "idstr", "instance", "owner", "path"};
    const uint8_t version[4] = {0, 0, 0, (uint8_t)examination->arguments->option->stream_version};
    if (conclusion->answers & ANSWER_FINDING) {
        json_t *line = json_object();
        put_subject(&line, examination);
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
            put_json_null(&line, places[i]);
        put_json_unsigned(&line, "offset", 4);
        put_json_string(&line, "outcome", vmwire_outcome_name(VMWIRE_OUTCOME_REJECT));
        put_json_hex(&line, "witness", (struct vmwire_bytes){version, sizeof(version)});
        if (!print_json_line(stdout, line))
            return false;
    }
    return print_summary(examination, conclusion);
}
