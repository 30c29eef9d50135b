/* SPDX-License-Identifier: MIT */
/*
 * Puts each cause at its place in the stream.
 */
#include "program/explain/causes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "program/explain/places.h"
#include "program/explain/rules.h"
#include "program/explain/tree_lines.h"
#include "program/shared/difference_place.h"

/* ---- Places ---- */

static uint64_t offset_of(const struct explanation *explanation, const uint8_t *byte)
{
    return (uint64_t)(byte - explanation->writer->side.bytes.data);
}

static const struct vmwire_stream *sent_items(const struct explanation *explanation)
{
    static const struct vmwire_stream none = {NULL, 0};
    return explanation->writer->side.stream ? explanation->writer->side.stream : &none;
}

const char *section_of_error(const struct vmwire_error *error, struct vmwire_arena *arena,
                             uint32_t *instance_id)
{
    const char *end = strrchr(error->section, '"');
    if (!end || end == error->section)
        return NULL;
    const char *number = strstr(end, "instance ");
    *instance_id = number ? (uint32_t)strtoul(number + strlen("instance "), NULL, 10) : 0;
    return vmwire_arena_string(arena, error->section + 1, (size_t)(end - error->section - 1));
}

/* The section of this name that the stream begins; NULL: it has none, or not up to its end. */
static const struct vmwire_item *find_section(const struct explanation *explanation,
                                              const char *idstr, uint32_t instance_id)
{
    const struct vmwire_stream *stream = sent_items(explanation);
    for (size_t i = 0; idstr && i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (begins_section(item) && item->instance_id == instance_id &&
            item->idstr.length == strlen(idstr) &&
            memcmp(item->idstr.data, idstr, item->idstr.length) == 0)
            return item;
    }
    return NULL;
}

struct found_cause place_cause(const struct explanation *explanation, struct found_cause cause)
{
    const struct vmwire_difference *difference = cause.difference;
    if (!cause.section)
        cause.section = find_section(explanation, difference->section, difference->instance_id);
    cause.position = cause.section ? offset_of(explanation, cause.section->raw.data)
                     : difference->section_offset != VMWIRE_ERROR_NO_OFFSET
                         ? difference->section_offset
                     : difference->offset != VMWIRE_ERROR_NO_OFFSET ? difference->offset
                                                                    : 0;
    return cause;
}

static void add_cause(struct explanation *explanation, struct found_cause cause)
{
    explanation->causes =
        vmwire_arena_grow(explanation->arena, explanation->causes, explanation->cause_count,
                          &explanation->cause_room, sizeof(*explanation->causes));
    explanation->causes[explanation->cause_count++] = place_cause(explanation, cause);
}

/* ---- The stream itself ---- */

/* Makes a difference of an error of a reader. */
static struct vmwire_difference *difference_of_error(struct explanation *explanation,
                                                     const struct vmwire_error *error,
                                                     const struct vmwire_skew_rule *rule)
{
    struct vmwire_arena *arena = explanation->arena;
    struct vmwire_difference *difference = vmwire_arena_alloc(arena, sizeof(*difference));
    *difference = (struct vmwire_difference){
        .certainty = VMWIRE_CERTAIN,
        .outcome = VMWIRE_OUTCOME_REJECT,
        .rule = rule,
        .path =
            error->path[0] ? vmwire_arena_string(arena, error->path, strlen(error->path)) : NULL,
        .message = rule->message,
        .advice = rule->advice,
        .offset = error->offset,
        .section_offset = VMWIRE_ERROR_NO_OFFSET,
    };
    difference->section = section_of_error(error, arena, &difference->instance_id);
    return difference;
}

static const char *copy_text(struct explanation *explanation, const char *text)
{
    return vmwire_arena_string(explanation->arena, text, strlen(text));
}

/* Whether an item ends here. The last one need not be among those that were read, as a parser looks at what follows first: then it
 * is a section with its footer. */
static bool is_behind_section(const struct explanation *explanation, uint64_t offset)
{
    enum { HEADER = 1 + 4, FOOTER = 1 + 4 }; /* a byte, and the section's id */
    const struct vmwire_stream *stream = sent_items(explanation);
    const struct vmwire_bytes bytes = explanation->writer->side.bytes;
    if (!stream->item_count || offset > bytes.length)
        return false;
    const uint64_t begin = offset_of(explanation, end_of_items(stream));
    const uint8_t *end = bytes.data + offset;
    return offset == begin ||
           (offset >= begin + HEADER + FOOTER && end[-FOOTER] == VMWIRE_QEMU_VM_SECTION_FOOTER &&
            memcmp(end - FOOTER + 1, bytes.data + begin + 1, FOOTER - 1) == 0);
}

/* There no layout decides what may follow. */
static bool is_between_items(const struct explanation *explanation)
{
    const struct vmwire_error *error = &explanation->sent.error;
    return (error->kind == VMWIRE_ERROR_ITEM || error->kind == VMWIRE_ERROR_GRAMMAR) &&
           error->offset < explanation->writer->side.bytes.length &&
           is_behind_section(explanation, error->offset);
}

/* Where the id of a section begins, if the stream is cut off in it or in the idstr behind it. NULL: it is not. */
static const uint8_t *id_before_cut(const struct explanation *explanation)
{
    static const size_t before[] = {1, 1 + 4}; /* the section's byte; and its id */
    const struct vmwire_error *error = &explanation->sent.error;
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
        if (error->kind == VMWIRE_ERROR_TRUNCATED && !error->path[0] && error->offset > before[i] &&
            is_behind_section(explanation, error->offset - before[i]))
            return explanation->writer->side.bytes.data + error->offset - before[i] + 1;
    return NULL;
}

/* Neither the description nor a program reads the section: so its bytes are wrong. */
static bool is_refused_by_both(const struct sent_stream *sent)
{
    static const enum vmwire_error_kind open[] = {VMWIRE_ERROR_NONE, VMWIRE_ERROR_NO_LAYOUT,
                                                  VMWIRE_ERROR_NOT_DESCRIBED, VMWIRE_ERROR_LIMIT};
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
        if (sent->misdeclared.kind == open[i])
            return false;
    return strcmp(sent->misdeclared.section, sent->error.section) == 0;
}

/* Whether the header of a section stands here, with its idstr. */
static bool is_section_header(struct vmwire_bytes bytes)
{
    enum { FIXED = 1 + 4 + 1 };
    if (bytes.length <= FIXED ||
        (bytes.data[0] != VMWIRE_QEMU_VM_SECTION_START &&
         bytes.data[0] != VMWIRE_QEMU_VM_SECTION_FULL) ||
        bytes.data[FIXED - 1] == 0 || bytes.length - FIXED < bytes.data[FIXED - 1])
        return false;
    for (size_t i = 0; i < bytes.data[FIXED - 1]; i++)
        if (bytes.data[FIXED + i] < ' ' || bytes.data[FIXED + i] > '~')
            return false;
    return true;
}

/* Whether the stream has no footer of the section that is refused, but others have theirs: whatever its layout is, no reader
 * comes to its end. */
static bool lacks_footer(const struct explanation *explanation)
{
    enum { ID = 4 };
    const struct vmwire_stream *stream = sent_items(explanation);
    const struct vmwire_bytes bytes = explanation->writer->side.bytes;
    bool footers = false;
    for (size_t i = 0; i < stream->item_count; i++)
        footers |= stream->items[i]->footer;
    if (!footers)
        return false;
    const uint8_t *begin = end_of_items(stream);
    const size_t left = (size_t)(bytes.data + bytes.length - begin);
    if (!is_section_header((struct vmwire_bytes){begin, left}))
        return false;
    uint8_t footer[1 + ID] = {VMWIRE_QEMU_VM_SECTION_FOOTER};
    memcpy(footer + 1, begin + 1, ID);
    return memmem(begin, left, footer, sizeof(footer)) == NULL;
}

/* Before the first section no layout of a device says anything. */
static bool is_in_head(const struct explanation *explanation)
{
    uint32_t instance_id = 0;
    const char *section =
        section_of_error(&explanation->sent.error, explanation->arena, &instance_id);
    return explanation->sent.error.offset != VMWIRE_ERROR_NO_OFFSET &&
           count_begun(sent_items(explanation)) == 0 &&
           (!section || strcmp(section, VMWIRE_CONFIGURATION_IDSTR) == 0);
}

static enum stream_rule rule_of_stream(const struct explanation *explanation)
{
    const struct sent_stream *sent = &explanation->sent;
    if (is_between_items(explanation))
        return RULE_UNKNOWN_ITEM;
    switch (sent->error.kind) {
    case VMWIRE_ERROR_STREAM_VERSION:
        return RULE_STREAM_VERSION;
    case VMWIRE_ERROR_TRUNCATED:
        return id_before_cut(explanation) ? RULE_CUT_OFF_NAME : RULE_CUT_OFF;
    case VMWIRE_ERROR_NO_LAYOUT:
    case VMWIRE_ERROR_NOT_DESCRIBED:
        return is_refused_by_both(sent) || lacks_footer(explanation) ? RULE_DAMAGED
                                                                     : RULE_NOT_DESCRIBED;
    default:
        /* Whether the bytes are wrong or the description is, a program would tell. */
        return sent->misdescribed.kind != VMWIRE_ERROR_NONE && sent->described &&
                       !is_refused_by_both(sent) && !is_in_head(explanation) &&
                       !lacks_footer(explanation)
                   ? RULE_NOT_DESCRIBED
                   : RULE_DAMAGED;
    }
}

/* What else to give. */
static const char *advise_layouts(const struct explanation *explanation)
{
    if (explanation->sent.by_reader)
        return "Give the program that wrote the stream, as STREAM+PROGRAM, or a stream of the same "
               "machine that has its description, as --schema STREAM.";
    return stream_rule(explanation->writer->side.declared ? RULE_DAMAGED : RULE_NOT_DESCRIBED)
        ->advice;
}

/* Whether a structure of the section has a field whose encoding is private: a program alone can then read other bytes than its
 * machine has sent. */
static bool has_private_encoding(const struct vmwire_item *section)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    if (!section || !section->record)
        return false;
    vmwire_record_walk_begin(&walk, section->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE)
        for (size_t i = 0; step == VMWIRE_RECORD_BEGIN && i < walk.record->structure->field_count;
             i++)
            if (walk.record->structure->fields[i].class == VMWIRE_FIELD_OPAQUE)
                return true;
    return false;
}

/* The bytes do not fit the description, and a program reads on: where it can have read anything, that says little. */
static void add_doubtful_section(struct explanation *explanation)
{
    const struct vmwire_error *error = &explanation->sent.misdescribed;
    uint32_t instance_id = 0;
    const char *idstr = section_of_error(error, explanation->arena, &instance_id);
    if (!has_private_encoding(find_section(explanation, idstr, instance_id)))
        return;
    struct vmwire_difference *difference =
        difference_of_error(explanation, error, stream_rule(RULE_MISDESCRIBED));
    difference->writer = copy_text(explanation, error->message);
    difference->certainty = VMWIRE_NOT_DECIDED;
    add_cause(explanation, (struct found_cause){.difference = difference, .kind = CAUSE_STREAM});
}

/* The id of the section whose head is cut off. QEMU reads bytes behind the end as 00. */
static uint32_t section_id_as_read(const struct explanation *explanation)
{
    const struct vmwire_bytes bytes = explanation->writer->side.bytes;
    const uint8_t *begin = id_before_cut(explanation);
    const size_t left = (size_t)(bytes.data + bytes.length - begin);
    uint8_t id[sizeof(uint32_t)] = {0};
    memcpy(id, begin, left < sizeof(id) ? left : sizeof(id));
    return vmwire_be32(id);
}

/* What the reader says, as far as it depends on where the stream fails. */
static const char *message_of(const struct explanation *explanation, enum stream_rule rule,
                              const struct vmwire_difference *difference)
{
    struct vmwire_arena *arena = explanation->arena;
    const uint8_t *bytes = explanation->writer->side.bytes.data;
    const uint64_t offset = explanation->sent.error.offset;
    const char *values[2] = {NULL, difference->section};
    if (rule == RULE_STREAM_VERSION)
        return vmwire_be32(bytes + 4) == VMWIRE_QEMU_VM_FILE_VERSION_COMPAT
                   ? "SaveVM v2 format is obsolete"
                   : difference->message;
    if (rule == RULE_UNKNOWN_ITEM)
        values[0] = vmwire_text(arena, "%u", bytes[offset]);
    else if (rule == RULE_CUT_OFF_NAME)
        values[0] = vmwire_text(arena, "%" PRIu32, section_id_as_read(explanation));
    else if (rule == RULE_CUT_OFF && difference->section)
        values[0] = vmwire_text(arena, "%" PRIx32, difference->instance_id);
    else
        return difference->message;
    return vmwire_skew_message(difference->rule, &explanation->reader->side, values,
                               values[1] ? 2 : 1, arena);
}

static void add_stream_cause(struct explanation *explanation)
{
    const struct sent_stream *sent = &explanation->sent;
    if (sent->error.kind == VMWIRE_ERROR_NONE) {
        if (sent->misdescribed.kind != VMWIRE_ERROR_NONE)
            add_doubtful_section(explanation);
        return;
    }
    const enum stream_rule rule = rule_of_stream(explanation);
    struct vmwire_difference *difference =
        difference_of_error(explanation, &sent->error, stream_rule(rule));
    if (rule == RULE_UNKNOWN_ITEM || rule == RULE_CUT_OFF_NAME)
        difference->section = NULL;
    difference->message = message_of(explanation, rule, difference);
    difference->writer = copy_text(explanation, sent->error.message);
    if (rule == RULE_NOT_DESCRIBED) {
        difference->certainty = VMWIRE_NOT_DECIDED;
        difference->advice = advise_layouts(explanation);
    }
    add_cause(explanation, (struct found_cause){.difference = difference, .kind = CAUSE_STREAM});
}

static bool has_description(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == VMWIRE_ITEM_DESCRIPTION)
            return true;
    return false;
}

/* Whether a description stands here, whose head may be damaged. */
static bool is_description(struct vmwire_bytes bytes)
{
    enum { HEAD = 1 + 4 }; /* its byte and its length */
    return bytes.data[0] == VMWIRE_QEMU_VM_VMDESCRIPTION ||
           (bytes.length > HEAD && bytes.data[HEAD] == '{');
}

size_t count_left_devices(const struct explanation *explanation)
{
    const struct vmwire_schema *schema = explanation->writer->stream.schema;
    const struct vmwire_stream *stream = sent_items(explanation);
    size_t sections = 0;
    if (!explanation->sent.described || !explanation->sent.unread.length || !schema)
        return 0;
    for (size_t i = 0; i < stream->item_count; i++)
        sections += stream->items[i]->kind == VMWIRE_ITEM_SECTION_FULL;
    return schema->device_count > sections ? schema->device_count - sections : 0;
}

/* What follows behind the end is left. */
static void add_early_end(struct explanation *explanation)
{
    const struct vmwire_bytes unread = explanation->sent.unread;
    const struct side_files *writer = explanation->writer;
    const size_t devices = count_left_devices(explanation);
    const bool sections = devices || is_section_header(unread);
    if (explanation->sent.error.kind != VMWIRE_ERROR_NONE || !unread.length ||
        has_description(sent_items(explanation)) || (!sections && is_description(unread)))
        return;
    struct vmwire_difference *difference =
        vmwire_arena_alloc(explanation->arena, sizeof(*difference));
    *difference = (struct vmwire_difference){
        .certainty = sections ? VMWIRE_CERTAIN : VMWIRE_NOT_DECIDED,
        .outcome = VMWIRE_OUTCOME_TRUNCATED,
        .rule = stream_rule(RULE_EARLY_END),
        .writer = devices ? vmwire_text(explanation->arena, "%zu more bytes, with %zu sections",
                                        unread.length, devices)
                          : vmwire_text(explanation->arena, "%zu more bytes", unread.length),
        .reader = "the end of the stream",
        .when = sections ? NULL : "nothing tells whether sections are among these bytes",
        .advice = stream_rule(RULE_EARLY_END)->advice,
        .offset = (uint64_t)(unread.data - writer->stream.input.bytes.data) - 1,
        .section_offset = VMWIRE_ERROR_NO_OFFSET,
    };
    add_cause(explanation, (struct found_cause){.difference = difference, .kind = CAUSE_STREAM});
}

/* ---- A value that misleads the reader ---- */

static const char *what_reader_does(const struct explanation *explanation)
{
    const struct misreading *misreading = &explanation->misreading;
    struct vmwire_arena *arena = explanation->arena;
    if (misreading->taken && !misreading->name[0])
        return "a subsection, for the bytes end too early to tell";
    return misreading->taken ? vmwire_text(arena, "the subsection \"%s\"", misreading->name)
                             : "no subsection";
}

/* Only younger readers name the subsection. */
static const char *message_of_misreading(const struct explanation *explanation,
                                         const struct vmwire_difference *difference)
{
    const struct misreading *misreading = &explanation->misreading;
    const struct vmwire_side *reader = &explanation->reader->side;
    struct vmwire_arena *arena = explanation->arena;
    const struct vmwire_skew_rule *rule = vmwire_skew_rule_find("subsection-unknown");
    const char *const names[] = {misreading->name, misreading->owner},
                      *const places[] = {vmwire_text(arena, "%" PRIx32, difference->instance_id),
                                         difference->section};
    if (misreading->error.kind != VMWIRE_ERROR_UNKNOWN_SUBSECTION || !misreading->taken)
        return NULL;
    const bool old = strcmp(vmwire_skew_message(rule, reader, NULL, 0, arena), rule->message) == 0;
    if (old && !difference->section)
        return NULL;
    return vmwire_skew_message(rule, reader, old ? places : names, 2, arena);
}

static void add_misreading(struct explanation *explanation)
{
    const struct misreading *misreading = &explanation->misreading;
    const struct vmwire_error *error = &misreading->error;
    struct vmwire_arena *arena = explanation->arena;
    bool fails = misreading->parts || (explanation->sent.error.kind == VMWIRE_ERROR_NONE &&
                                       error->kind != VMWIRE_ERROR_NONE);
    if (!fails || misreading->outcome == VMWIRE_OUTCOME_EXACT)
        return;
    struct vmwire_difference *difference =
        difference_of_error(explanation, error,
                            stream_rule(!misreading->parts  ? RULE_READER_REFUSES
                                        : misreading->taken ? RULE_VALUE_MISLEADS
                                                            : RULE_PASSED_OVER));
    difference->outcome = misreading->outcome;
    if (error->kind == VMWIRE_ERROR_NO_LAYOUT || error->kind == VMWIRE_ERROR_NOT_DESCRIBED)
        difference->certainty = VMWIRE_NOT_DECIDED;
    if (error->kind != VMWIRE_ERROR_NONE)
        difference->when = copy_text(explanation, error->message);
    if (misreading->parts) {
        difference->offset = misreading->tail;
        difference->structure = misreading->owner;
        difference->path = misreading->path;
        const char *field = name_field_at(explanation, misreading->tail);
        difference->writer = !misreading->taken ? "a subsection"
                             : field            ? vmwire_text(arena, "a value, in %s", field)
                                                : "a value";
        difference->reader = what_reader_does(explanation);
    }
    const struct vmwire_item *section =
        misreading->section && begins_section(misreading->section) ? misreading->section : NULL;
    if (section) {
        difference->section = name_section(arena, section);
        difference->instance_id = section->instance_id;
        difference->section_offset = offset_of(explanation, section->raw.data);
    }
    if (misreading->parts)
        difference->message = message_of_misreading(explanation, difference);
    add_cause(explanation,
              (struct found_cause){.difference = difference, .kind = CAUSE_MISREADING});
}

/* ---- Differences ---- */

static void add_differences(struct explanation *explanation)
{
    const struct vmwire_differences *differences = &explanation->differences;
    explanation->open = vmwire_arena_alloc(explanation->arena,
                                           (differences->count + 1) * sizeof(*explanation->open));
    for (size_t i = 0; i < differences->count; i++) {
        const struct vmwire_difference *difference = &differences->list[i];
        if (difference->certainty == VMWIRE_CERTAIN)
            add_cause(explanation, (struct found_cause){.difference = difference});
        else if (difference->certainty == VMWIRE_NOT_DECIDED)
            explanation->open[explanation->open_count++] = difference;
        else if (difference->unsent)
            explanation->unsent_count++;
        else
            explanation->asked_count++;
    }
}

void collect_causes(struct explanation *explanation)
{
    add_differences(explanation);
    add_misreading(explanation);
    add_stream_cause(explanation);
    add_early_end(explanation);
}

/* ---- Choosing ---- */

static bool is_certain(const struct found_cause *cause)
{
    return cause->difference->certainty == VMWIRE_CERTAIN;
}

static bool rejects(const struct found_cause *cause)
{
    return is_certain(cause) && cause->difference->outcome == VMWIRE_OUTCOME_REJECT;
}

static bool is_silent(const struct found_cause *cause)
{
    return is_certain(cause) && cause->difference->outcome > VMWIRE_OUTCOME_REJECT;
}

static bool is_undecided(const struct found_cause *cause)
{
    return !is_certain(cause);
}

/* What is no section's is looked at before the section that begins there. */
static bool is_earlier(const struct found_cause *a, const struct found_cause *b)
{
    const uint64_t place = place_in_section(a->difference), other = place_in_section(b->difference);
    if (a->position != b->position)
        return a->position < b->position;
    return place != other ? place < other : !a->difference->section && b->difference->section;
}

static const struct found_cause *first_of(const struct explanation *explanation,
                                          bool (*is_meant)(const struct found_cause *cause))
{
    const struct found_cause *first = NULL;
    for (size_t i = 0; i < explanation->cause_count; i++) {
        const struct found_cause *cause = &explanation->causes[i];
        if (is_meant(cause) && (!first || is_earlier(cause, first)))
            first = cause;
    }
    return first;
}

/* The reader does not come to a section that a misreading leaves unread. */
static bool comes_to(const struct explanation *explanation, const struct found_cause *cause,
                     const struct found_cause *silent)
{
    if (silent->kind == CAUSE_MISREADING && cause->section)
        return has_read(&explanation->misreading, cause->section);
    return silent->difference->outcome != VMWIRE_OUTCOME_TRUNCATED;
}

static enum explained_outcome outcome_of(const struct vmwire_difference *difference)
{
    static const enum explained_outcome outcomes[] = {
        [VMWIRE_OUTCOME_EXACT] = EXPLAINED_ACCEPT,
        [VMWIRE_OUTCOME_REJECT] = EXPLAINED_REJECT,
        [VMWIRE_OUTCOME_TRUNCATED] = EXPLAINED_TRUNCATED,
        [VMWIRE_OUTCOME_CORRUPT] = EXPLAINED_CORRUPT,
    };
    return difference->certainty == VMWIRE_NOT_DECIDED ? EXPLAINED_UNDECIDED
                                                       : outcomes[difference->outcome];
}

void choose_cause(struct explanation *explanation)
{
    const struct found_cause *refused = first_of(explanation, rejects),
                             *silent = first_of(explanation, is_silent),
                             *undecided = first_of(explanation, is_undecided), *chosen = refused;
    if (silent &&
        (!refused || (is_earlier(silent, refused) && !comes_to(explanation, refused, silent))))
        chosen = silent;
    /* Behind what cannot be read nothing is known; but what is certain before it is. */
    if (!chosen)
        chosen = undecided;
    if (chosen) {
        explanation->cause = *chosen;
        explanation->outcome = outcome_of(chosen->difference);
    } else {
        explanation->outcome = explanation->open_count ? EXPLAINED_UNDECIDED : EXPLAINED_ACCEPT;
    }
}

/* ---- Behind it ---- */

/* Devices of one name have one reason, and so have fields of one section, whose lengths make one sum. */
static int compare_reasons(const struct vmwire_difference *a, const struct vmwire_difference *b)
{
    const char *one = a->section ? a->section : "", *other = b->section ? b->section : "";
    const char *rule = a->bytes ? "" : a->rule->id, *other_rule = b->bytes ? "" : b->rule->id;
    const int order = strcmp(one, other);
    return order ? order : strcmp(rule, other_rule);
}

static int in_stream_order(const void *a, const void *b)
{
    const struct found_cause *one = *(const struct found_cause *const *)a,
                             *other = *(const struct found_cause *const *)b;
    if (is_earlier(one, other) || is_earlier(other, one))
        return is_earlier(one, other) ? -1 : 1;
    return one < other ? -1 : one > other;
}

static int by_reason(const void *a, const void *b)
{
    const struct found_cause *one = *(const struct found_cause *const *)a,
                             *other = *(const struct found_cause *const *)b;
    const int order = compare_reasons(one->difference, other->difference);
    return order ? order : in_stream_order(a, b);
}

void list_later(struct explanation *explanation)
{
    const struct vmwire_difference *first = explanation->cause.difference;
    const struct found_cause **list = vmwire_arena_alloc(
        explanation->arena, (explanation->cause_count + 1) * sizeof(*explanation->later));
    size_t count = 0, kept = 0;
    for (size_t i = 0; first && i < explanation->cause_count; i++) {
        const struct found_cause *cause = &explanation->causes[i];
        if (cause->kind == CAUSE_DIFFERENCE && rejects(cause) &&
            !is_earlier(cause, &explanation->cause) &&
            compare_reasons(first, cause->difference) != 0)
            list[count++] = cause;
    }
    if (count)
        qsort(list, count, sizeof(*list), by_reason);
    for (size_t i = 0; i < count; i++)
        if (!kept || compare_reasons(list[kept - 1]->difference, list[i]->difference) != 0)
            list[kept++] = list[i];
    if (kept)
        qsort(list, kept, sizeof(*list), in_stream_order);
    explanation->later = list;
    explanation->later_count = kept;
}

/* Within a section only of what the reader says while it loads: other checks come behind that. */
static bool is_refused_before(const struct found_cause *first, const struct found_cause *cause)
{
    const char *theirs = first->difference->message, *own = cause->difference->message;
    if (first->position != cause->position || !cause->section)
        return first->position < cause->position;
    return theirs && own && strcmp(theirs, own) != 0 && !strstr(theirs, "Missing section footer") &&
           !strstr(own, "Missing section footer") && first->kind == cause->kind &&
           place_in_section(first->difference) < place_in_section(cause->difference);
}

const struct found_cause *find_before_cause(const struct explanation *explanation)
{
    const struct found_cause *first = first_of(explanation, rejects);
    const bool placed = explanation->cause.difference &&
                        (explanation->cause.section || explanation->cause.position);
    return first && placed && is_refused_before(first, &explanation->cause) ? first : NULL;
}
