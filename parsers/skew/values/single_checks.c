/* SPDX-License-Identifier: MIT */
#include "skew/values/single_checks.h"

#include <inttypes.h>
#include <string.h>

#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"
#include "skew/shared/walk_path.h"
#include "vmwire/wire.h"

/* At the section's head. */
static struct vmwire_difference difference_at_head(const struct skew *skew, const char *rule,
                                                   const struct vmwire_item *item)
{
    struct vmwire_difference difference = section_difference(skew, rule, item);
    difference.offset = difference.section_offset;
    return difference;
}

/* ---- Commands ---- */

static const struct vmwire_item *find_command(const struct vmwire_stream *stream, uint16_t command)
{
    for (size_t i = 0; stream && i < stream->item_count; i++)
        if (stream->items[i]->kind == VMWIRE_ITEM_COMMAND && stream->items[i]->command == command)
            return stream->items[i];
    return NULL;
}

void compare_commands(struct skew *skew)
{
    enum { COMMAND = VMWIRE_MIG_CMD_SWITCHOVER_START, SINCE = 1000 };
    const struct vmwire_item *item = find_command(skew->writer->stream, COMMAND);
    const struct release_range releases = reader_releases(skew);
    if (!item || releases.first >= SINCE || find_command(skew->reader->stream, COMMAND))
        return;
    if (!skew->reader->stream && releases.last >= SINCE)
        return; /* it is as new as the writer's machine type, or does not have that */
    struct vmwire_difference difference = certain_difference("command-unknown");
    difference.writer = vmwire_command_name(COMMAND);
    difference.offset = offset_in(skew->writer, item->raw.data);
    difference.message = fill_message(
        skew->arena, reader_message(skew, difference.rule),
        (const char *const[]){vmwire_text(skew->arena, "%x", (unsigned)COMMAND), "0"}, 2);
    if (releases.last >= SINCE) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "the reader is older than QEMU 10.0";
    }
    add_difference(skew, difference);
}

/* The sizes of pages of all blocks, as one number. */
static const uint8_t *page_sizes_of(const struct vmwire_stream *stream)
{
    enum { LENGTH = 8 + 8 }; /* and the size of the target's pages */
    const struct vmwire_item *advise = find_command(stream, VMWIRE_MIG_CMD_POSTCOPY_ADVISE);
    return advise && advise->payload.length == LENGTH ? advise->payload.data : NULL;
}

/* The bytes that the stream announces postcopy with: none where only something else than RAM can be sent so, or where nothing can. */
static size_t advised_bytes(const struct vmwire_stream *stream)
{
    const struct vmwire_item *advise = find_command(stream, VMWIRE_MIG_CMD_POSTCOPY_ADVISE);
    return advise ? advise->payload.length : 0;
}

/* The capability is a setting of a migration: that of the reader's stream is the one with which it was written. */
static void compare_postcopy_ram(struct skew *skew)
{
    const struct vmwire_item *advise =
        find_command(skew->writer->stream, VMWIRE_MIG_CMD_POSTCOPY_ADVISE);
    const bool on = advised_bytes(skew->writer->stream), own = advised_bytes(skew->reader->stream);
    if (!advise || !skew->reader->stream || on == own)
        return;
    struct vmwire_difference difference = certain_difference("postcopy-disabled");
    const char *bytes = vmwire_text(skew->arena, "%zu", advise->payload.length);
    difference.certainty = VMWIRE_NOT_DECIDED;
    difference.when = "the capability is set so when the reader begins to read, as it was when its "
                      "own stream was written";
    difference.writer = on ? "postcopy-ram on" : "postcopy-ram off";
    difference.reader = own ? "postcopy-ram on" : "postcopy-ram off";
    difference.offset = offset_in(skew->writer, advise->raw.data);
    difference.message =
        on ? fill_message(skew->arena, reader_message(skew, difference.rule), &bytes, 1)
           : "RAM postcopy is enabled but have 0 byte advise";
    add_difference(skew, difference);
}

void compare_postcopy(struct skew *skew)
{
    compare_postcopy_ram(skew);
    const uint8_t *theirs = page_sizes_of(skew->writer->stream),
                  *own = page_sizes_of(skew->reader->stream);
    if (!theirs || !own || vmwire_be64(theirs) == vmwire_be64(own))
        return;
    struct vmwire_difference difference = certain_difference("postcopy-page-sizes");
    const char *values[] = {vmwire_text(skew->arena, "%" PRIx64, vmwire_be64(theirs)),
                            vmwire_text(skew->arena, "%" PRIx64, vmwire_be64(own))};
    difference.writer = vmwire_text(skew->arena, "0x%s", values[0]);
    difference.reader = vmwire_text(skew->arena, "0x%s", values[1]);
    difference.offset = offset_in(skew->writer, theirs);
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule), values, 2);
    add_difference(skew, difference);
}

void check_return_path(struct skew *skew)
{
    const struct vmwire_stream *stream = skew->writer->stream;
    const struct vmwire_item *ping = find_command(stream, VMWIRE_MIG_CMD_PING),
                             *open = find_command(stream, VMWIRE_MIG_CMD_OPEN_RETURN_PATH);
    if (!ping || (open && open->raw.data < ping->raw.data))
        return;
    struct vmwire_difference difference = certain_difference("no-return-path");
    difference.writer = vmwire_command_name(ping->command);
    difference.offset = offset_in(skew->writer, ping->raw.data);
    const char *number = vmwire_text(skew->arena, "%" PRIx64, number_of_bytes(ping->payload));
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule), &number, 1);
    add_difference(skew, difference);
}

/* ---- Capabilities of pseries ---- */

/* The level that a section sends; NULL: it has the default of the machine type. */
static const struct vmwire_value *find_level(const struct vmwire_item *item, const char *name)
{
    for (const struct vmwire_subsection_value *sent = item->record->subsections; sent;
         sent = sent->next)
        if (strcmp(sent->subsection->name, name) == 0)
            return sent->record->values;
    return NULL;
}

/* Whether the reader refuses. A default is another level than one that is sent: of a switch, and below the lowest, it is
 * known. */
enum level_answer { LEVEL_TAKEN, LEVEL_REFUSED, LEVEL_UNKNOWN };

static enum level_answer compare_levels(const struct spapr_row *row,
                                        const struct vmwire_value *sent,
                                        const struct vmwire_value *own)
{
    const uint64_t theirs = sent ? number_of_bytes(sent->data) : 0;
    const uint64_t its = own ? number_of_bytes(own->data) : 0;
    if (sent && own)
        return theirs > its ? LEVEL_REFUSED : LEVEL_TAKEN;
    if (own && !its)
        return LEVEL_REFUSED;
    if ((!sent && !own) || (sent && !theirs) || (own && row->is_switch))
        return LEVEL_TAKEN;
    return row->is_switch ? LEVEL_REFUSED : LEVEL_UNKNOWN;
}

static const char *level_text(const struct skew *skew, const struct spapr_row *row,
                              const struct vmwire_value *level, const struct vmwire_value *other)
{
    if (level)
        return vmwire_text(skew->arena, "%" PRIu64, number_of_bytes(level->data));
    return row->is_switch ? vmwire_text(skew->arena, "%d", !number_of_bytes(other->data)) : "?";
}

static void compare_level(struct skew *skew, const struct vmwire_item *item,
                          const struct spapr_row *row, const struct vmwire_value *sent,
                          const struct vmwire_value *own)
{
    const enum level_answer answer = compare_levels(row, sent, own);
    if (answer == LEVEL_TAKEN)
        return;
    struct vmwire_difference difference = difference_at_head(skew, "spapr-capability", item);
    const char *values[] = {row->name, level_text(skew, row, sent, own),
                            level_text(skew, row, own, sent)};
    const bool known = answer == LEVEL_REFUSED;
    difference.structure = row->subsection;
    difference.path = row->subsection;
    difference.writer = vmwire_text(skew->arena, "cap-%s: %s", row->name,
                                    sent    ? values[1]
                                    : known ? "the default, which is higher"
                                            : "the default");
    difference.reader = vmwire_text(skew->arena, "cap-%s: %s", row->name,
                                    own     ? values[2]
                                    : known ? "the default, which is lower"
                                            : "the default");
    if (sent)
        difference.offset = offset_in(skew->writer, vmwire_value_place(sent, skew->writer->bytes));
    difference.message = fill_message(skew->arena, reader_message(skew, difference.rule), values,
                                      sizeof(values) / sizeof(*values));
    difference.advice = fill_message(skew->arena, difference.rule->advice, values, 1);
    if (!known) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when =
            own ? "the default of the machine type is a higher level than the reader's"
                : "the default of the machine type is a lower level than the writer's";
    }
    add_difference(skew, difference);
}

void compare_spapr_capabilities(struct skew *skew, const struct vmwire_item *writer,
                                const struct vmwire_item *reader)
{
    if (!idstr_is(writer->idstr, "spapr"))
        return;
    for (size_t i = 0; i < spapr_row_count; i++)
        compare_level(skew, writer, &spapr_rows[i], find_level(writer, spapr_rows[i].subsection),
                      find_level(reader, spapr_rows[i].subsection));
}

/* ---- Pointers ---- */

/* Whether the reader's program has the subsection. Without a program that is taken for granted. */
static bool knows_subsection(const struct vmwire_side *reader, const char *name)
{
    if (!reader->declared)
        return true;
    for (const struct vmwire_structure *each = reader->declared->structures; each;
         each = each->next)
        if (vmwire_structure_subsection(each, name))
            return true;
    return false;
}

static const struct pointer_row *find_pointer(const char *subsection)
{
    for (size_t i = 0; i < pointer_row_count; i++)
        if (strcmp(pointer_rows[i].subsection, subsection) == 0)
            return &pointer_rows[i];
    return NULL;
}

/* Whether the section has a subsection of this name, and path (NULL: any). */
static bool has_path(const struct skew *skew, const struct vmwire_item *item, const char *path,
                     const char *name)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    if (!item)
        return false;
    vmwire_record_walk_begin(&walk, item->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE)
        if (step == VMWIRE_RECORD_SUBSECTION &&
            strcmp(walk.subsection->subsection->name, name) == 0 &&
            (!path || strcmp(walk_path(skew, &walk, name), path) == 0))
            return true;
    return false;
}

/* `has_none`: the reader's section has no subsection of that name. */
static void add_pointer(struct skew *skew, const struct vmwire_item *item,
                        const struct pointer_row *row, const char *path, const uint8_t *place,
                        bool has_none)
{
    const struct release_range releases = reader_releases(skew);
    if (releases.last <= row->until)
        return;
    struct vmwire_difference difference = difference_at_head(skew, "pointer-missing", item);
    if (releases.first < row->since) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = vmwire_text(skew->arena, "the reader is QEMU %u.%u or newer",
                                      row->since / 100, row->since % 100);
    }
    if (has_none && row->unless) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = row->unless;
    }
    if (!skew->reader->stream) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "whether the reader's device has what the subsection is of";
    }
    difference.structure = item->record->structure->name;
    difference.path = path;
    difference.offset = offset_in(skew->writer, place);
    difference.writer = vmwire_text(skew->arena, "the subsection \"%s\"", row->subsection);
    difference.reader = "a device without what it is of";
    difference.advice = row->advice;
    add_difference(skew, difference);
}

void compare_pointers(struct skew *skew, const struct vmwire_item *item,
                      const struct vmwire_item *own)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    vmwire_record_walk_begin(&walk, item->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        const char *name =
            step == VMWIRE_RECORD_SUBSECTION ? walk.subsection->subsection->name : NULL;
        const struct pointer_row *row = name ? find_pointer(name) : NULL;
        if (!row || !knows_subsection(skew->reader, name))
            continue;
        const char *path = walk_path(skew, &walk, name);
        if (!has_path(skew, own, path, name))
            add_pointer(skew, item, row, path, walk.subsection->raw.data,
                        !has_path(skew, own, NULL, name));
    }
}

/* ---- Checks without a word ---- */

const char *silent_message(const struct skew *skew, const struct vmwire_difference *difference)
{
    return vmwire_text(skew->arena, "error while loading state for instance 0x%x of device '%s'",
                       (unsigned)difference->instance_id, difference->section);
}

static void ask_silent_rule(struct skew *skew, const struct vmwire_item *item,
                            const struct vmwire_skew_rule *rule)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    vmwire_record_walk_begin(&walk, item->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        if (step != VMWIRE_RECORD_VALUE || strcmp(walk.value->field->name, rule->silent) != 0)
            continue;
        struct vmwire_difference difference = section_difference(skew, rule->id, item);
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.structure = walk.record->structure->name;
        difference.path = walk_path(skew, &walk, walk.value->field->name);
        difference.writer =
            vmwire_text(skew->arena, "%s (%zu bytes)", rule->silent, walk.value->data.length);
        difference.reader = "not given";
        difference.message = silent_message(skew, &difference);
        difference.when = "what the reader's machine has there";
        difference.offset =
            offset_in(skew->writer, vmwire_value_place(walk.value, skew->writer->bytes));
        add_difference(skew, difference);
        return;
    }
}

void ask_silent_rules(struct skew *skew, const struct vmwire_item *item)
{
    for (size_t i = 0; i < vmwire_skew_rule_count; i++)
        if (vmwire_skew_rules[i].silent)
            ask_silent_rule(skew, item, &vmwire_skew_rules[i]);
}

/* ---- Requests of virtio ---- */

/* What decides over the form of requests, and whether there are any. */
struct requests {
    const struct vmwire_value *first; /* of a request; NULL: there is none */
    size_t count;
    bool
        shown; /* the section shows its queues: without a program virtio is bytes of a private encoding */
    bool numbered; /* each has the number of its queue */
    bool packed;
};

/* Whether the last part of the value's name is this. */
static bool is_named(const struct vmwire_value *value, const char *name)
{
    const char *dot = strrchr(value->field->name, '.');
    return strcmp(dot ? dot + 1 : value->field->name, name) == 0;
}

static struct requests requests_of(const struct vmwire_record *record)
{
    struct requests found = {.count = 0};
    const bool block =
        record->structure->name && strcmp(record->structure->name, "virtio-blk") == 0;
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_BEGIN)
            found.packed |= walk.record->structure->name &&
                            strcmp(walk.record->structure->name, "virtio/packed_virtqueues") == 0;
        if (step != VMWIRE_RECORD_VALUE)
            continue;
        if (is_named(walk.value, "in_num") && !found.count++)
            found.first = walk.value;
        if (is_named(walk.value, "vq_count")) {
            found.shown = true;
            found.numbered = block && number_of_bytes(walk.value->data) > 1;
        }
    }
    return found;
}

static const char *form_of(const struct requests *requests)
{
    static const char *const forms[2][2] = {{"one queue", "packed queues"},
                                            {"several queues", "several queues, packed"}};
    return forms[requests->numbered][requests->packed];
}

void compare_requests(struct skew *skew, const struct vmwire_item *writer,
                      const struct vmwire_item *reader)
{
    const struct requests sent = requests_of(writer->record);
    if (!sent.count)
        return;
    const struct requests own = requests_of(reader->record);
    if (own.shown && sent.numbered == own.numbered && sent.packed == own.packed)
        return;
    struct vmwire_difference difference = difference_at_head(skew, "virtio-requests", writer);
    difference.offset =
        offset_in(skew->writer, vmwire_value_place(sent.first, skew->writer->bytes));
    difference.structure = writer->record->structure->name;
    difference.writer = vmwire_text(skew->arena, "%zu request%s, %s", sent.count,
                                    sent.count == 1 ? "" : "s", form_of(&sent));
    difference.reader = own.shown ? form_of(&own) : NULL;
    if (!own.shown) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "how many queues the reader's machine has, and whether they are packed: "
                          "its stream shows it only with its program";
    }
    add_difference(skew, difference);
}
