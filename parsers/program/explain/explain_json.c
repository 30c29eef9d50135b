/* SPDX-License-Identifier: MIT */
/*
 * An object for each section, for the cause, for what refuses behind it and for what is not decided; then a summary.
 */
#include "program/explain/explain_json.h"

#include <stdio.h>

#include "program/explain/places.h"
#include "program/shared/difference_json.h"

static void put_offset(json_t **line, const struct explanation *explanation, const char *key,
                       uint64_t offset)
{
    if (offset == VMWIRE_ERROR_NO_OFFSET)
        put_json_null(line, key);
    else
        put_json_unsigned(line, key, offset_in_sent_file(explanation, offset));
}

/* Where it shows, or else its section. */
static uint64_t place_of(const struct vmwire_difference *difference)
{
    return difference->offset != VMWIRE_ERROR_NO_OFFSET ? difference->offset
                                                        : difference->section_offset;
}

static bool print_section(const struct explanation *explanation, const struct vmwire_item *item)
{
    json_t *line = json_object();
    put_json_string(&line, "kind", vmwire_item_kind_name(item->kind));
    put_json_name(&line, "section", item->idstr);
    put_json_unsigned(&line, "instance", item->instance_id);
    put_json_unsigned(&line, "version", item->version_id);
    put_json_unsigned(&line, "section_id", item->section_id);
    put_offset(&line, explanation, "offset",
               (uint64_t)(item->raw.data - explanation->writer->side.bytes.data));
    put_json_unsigned(&line, "bytes", item->raw.length);
    put_json_boolean(&line, "read", is_section_read(explanation, item));
    return print_json_line(stdout, line);
}

static void put_beside(json_t **line, const struct explanation *explanation,
                       const struct vmwire_difference *difference)
{
    json_t *list = json_array();
    for (size_t i = 0; i < difference->beside_count; i++) {
        const struct vmwire_beside *beside = &difference->beside[i];
        json_t *entry = json_object();
        put_json_string(&entry, "writer", beside->writer);
        put_json_string(&entry, "reader", beside->reader);
        put_offset(&entry, explanation, "offset", beside->offset);
        put_json_boolean(&entry, "differs", beside->differs);
        append_json(&list, entry);
    }
    put_json(line, "beside", list);
}

static bool print_difference(const struct explanation *explanation, const char *role,
                             const struct vmwire_difference *difference)
{
    json_t *line = json_object();
    put_json_boolean(&line, role, true);
    put_difference(&line, "forward", difference,
                   offset_in_sent_file(explanation, place_of(difference)));
    put_beside(&line, explanation, difference);
    return print_json_line(stdout, line);
}

static bool print_summary(const struct explanation *explanation)
{
    const struct vmwire_difference *cause = explanation->cause.difference;
    json_t *line = json_object(), *notes = json_array();
    put_json_boolean(&line, "summary", true);
    put_json_string(&line, "file", explanation->writer->words);
    put_json_string(&line, "reader", explanation->reader->words);
    put_json_string(&line, "outcome", explained_outcome_name(explanation->outcome));
    put_json_string(&line, "section", cause ? cause->section : NULL);
    if (cause && cause->section)
        put_json_unsigned(&line, "instance", cause->instance_id);
    else
        put_json_null(&line, "instance");
    put_json_string(&line, "path", cause ? cause->path : NULL);
    put_offset(&line, explanation, "offset", cause ? place_of(cause) : VMWIRE_ERROR_NO_OFFSET);
    put_json_string(&line, "message", cause ? cause->message : NULL);
    put_json_string(&line, "sentence", explanation->sentence);
    put_json_unsigned(&line, "sections_read", explanation->sections_read);
    put_json_unsigned(&line, "sections_unread", explanation->sections_unread);
    if (explanation->arguments->message) {
        put_json_boolean(&line, "explains_message",
                         explanation->message_match == MESSAGE_EXPLAINED);
        put_json_string(&line, "message_match", message_match_name(explanation->message_match));
    }
    for (size_t i = 0; i < explanation->note_count; i++) {
        json_t *note = json_object();
        put_json_string(&note, "note", explanation->notes[i]);
        append_json(&notes, note);
    }
    put_json(&line, "notes", notes);
    return print_json_line(stdout, line);
}

bool print_explain_json(const struct explanation *explanation)
{
    const struct vmwire_stream *stream = explanation->writer->side.stream;
    bool printed = true;
    for (size_t i = 0; stream && i < stream->item_count && printed; i++)
        if (begins_section(stream->items[i]))
            printed = print_section(explanation, stream->items[i]);
    if (explanation->cause.difference && printed)
        printed = print_difference(explanation, "cause", explanation->cause.difference);
    for (size_t i = 0; i < explanation->other_count && printed; i++)
        printed = print_difference(explanation, "other", explanation->others[i]);
    for (size_t i = 0; i < explanation->later_count && printed; i++)
        printed = print_difference(explanation, "later", explanation->later[i]->difference);
    for (size_t i = 0; i < explanation->open_count && printed; i++)
        if (explanation->open[i] != explanation->cause.difference)
            printed = print_difference(explanation, "open", explanation->open[i]);
    return printed && print_summary(explanation);
}
