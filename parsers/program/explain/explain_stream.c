/* SPDX-License-Identifier: MIT */
/*
 * Reads the stream in all ways, compares the sides, and draws the conclusion.
 */
#include "program/explain/explain_stream.h"

#include <inttypes.h>
#include <string.h>

#include "program/explain/causes.h"
#include "program/explain/doubts.h"
#include "program/explain/match_message.h"
#include "program/explain/places.h"
#include "program/explain/rules.h"
#include "program/explain/tree_lines.h"
#include "program/shared/not_compared.h"
#include "program/shared/phrase.h"
#include "program/shared/report_error.h"

enum { NAMES_SHOWN = 6, ALL_NAMES_SHOWN = 64 };

/* ---- Sections ---- */

/* A list of names of which the first are shown. */
struct names {
    size_t shown; /* at most */
    const char *text;
    size_t count;
};

static void add_name(struct names *names, const struct vmwire_item *section,
                     struct vmwire_arena *arena)
{
    if (names->count < names->shown)
        names->text = vmwire_text(arena, "%s%s%s", names->text ? names->text : "",
                                  names->text ? ", " : "", name_section(arena, section));
    else if (names->count == names->shown)
        names->text = vmwire_text(arena, "%s, ...", names->text);
    names->count++;
}

/* Whether QEMU's message tells where it has refused: then it has come so far. */
static bool is_by_message(const struct explanation *explanation)
{
    static const bool tells[] = {
        [MESSAGE_EXPLAINED] = true, [MESSAGE_POSSIBLE] = true,      [MESSAGE_READ_OFF] = true,
        [MESSAGE_NOT_TOLD] = true,  [MESSAGE_CONTRADICTED] = false, [MESSAGE_FOREIGN] = false,
        [MESSAGE_OTHER] = false};
    return explanation->arguments->message && tells[explanation->message_match];
}

/* Whether something in the section is not decided. */
static bool is_open_section(const struct explanation *explanation, uint64_t offset)
{
    for (size_t i = 0; i < explanation->open_count && !is_by_message(explanation); i++)
        if (explanation->open[i]->section && explanation->open[i]->section_offset == offset)
            return true;
    return false;
}

/* Whether a section before the cause is not decided: then B can have refused the stream there. */
static bool can_fail_before(const struct explanation *explanation)
{
    for (size_t i = 0; i < explanation->open_count && !is_by_message(explanation); i++)
        if (explanation->open[i]->section &&
            explanation->open[i]->section_offset < explanation->cause.position)
            return true;
    return false;
}

static void count_sections(struct explanation *explanation)
{
    const struct vmwire_stream *stream = explanation->writer->side.stream;
    /* Which sections a reader leaves without a word is all that there is to see of it. */
    const bool silent = explanation->outcome == EXPLAINED_TRUNCATED;
    struct names before = {.shown = NAMES_SHOWN},
                 unread = {.shown = silent ? ALL_NAMES_SHOWN : NAMES_SHOWN};
    for (size_t i = 0; stream && i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        uint64_t begin = (uint64_t)(item->raw.data - explanation->writer->side.bytes.data);
        if (!begins_section(item))
            continue;
        bool read = is_section_read(explanation, item);
        explanation->sections_read += read;
        if (!read)
            add_name(&unread, item, explanation->arena);
        if ((!explanation->cause.difference || begin < explanation->cause.position ||
             explanation->cause.kind == CAUSE_STREAM) &&
            !is_open_section(explanation, begin))
            add_name(&before, item, explanation->arena);
    }
    /* The one that is cut off, or that nothing describes. */
    bool within = explanation->cause.kind == CAUSE_STREAM && explanation->cause.difference &&
                  explanation->cause.difference->section && !explanation->cause.section;
    explanation->sections_unread = unread.count + within + count_left_devices(explanation);
    explanation->unread_names = unread.text;
    explanation->read_names = before.text;
    explanation->read_before = before.count;
}

/* ---- The conclusion ---- */

/* With a blank before it; "": it is not known. */
static const char *name_place(const struct explanation *explanation)
{
    const struct vmwire_difference *difference = explanation->cause.difference;
    struct vmwire_arena *arena = explanation->arena;
    const char *instance = difference->instance_id
                               ? vmwire_text(arena, " instance %" PRIu32, difference->instance_id)
                               : "";
    uint64_t at = difference->section_offset != VMWIRE_ERROR_NO_OFFSET ? difference->section_offset
                                                                       : difference->offset;
    if (explanation->cause.section)
        at = explanation->cause.position;
    const char *offset =
        at == VMWIRE_ERROR_NO_OFFSET
            ? ""
            : vmwire_text(arena, " (at byte 0x%" PRIx64 ")", offset_in_sent_file(explanation, at));
    if (difference->section)
        return vmwire_text(arena, " in section \"%s\"%s%s", difference->section, instance, offset);
    if (at == VMWIRE_ERROR_NO_OFFSET)
        return "";
    const char *before = section_before(explanation->writer, at, arena);
    return before ? vmwire_text(arena, " behind section \"%s\"%s", before, offset)
                  : vmwire_text(arena, " in the head of the stream%s", offset);
}

static const char *say_of_difference(const struct explanation *explanation)
{
    static const char *const results[] = {
        [EXPLAINED_ACCEPT] = "the reader accepts the stream",
        [EXPLAINED_REJECT] = "the reader refuses the stream",
        [EXPLAINED_TRUNCATED] =
            "the reader says that it has loaded the stream, but leaves sections unread, from",
        [EXPLAINED_CORRUPT] = "the reader says that it has loaded the stream, but has wrong values",
        [EXPLAINED_UNDECIDED] = "it is not decided whether the reader refuses the stream",
    };
    struct vmwire_arena *arena = explanation->arena;
    const bool latest = explanation->outcome != EXPLAINED_UNDECIDED && can_fail_before(explanation);
    return vmwire_text(arena, "%s%s%s: %s", results[explanation->outcome],
                       latest ? ", at the latest" : "", name_place(explanation),
                       phrase_first_sentence(arena, explanation->cause.difference->rule->about));
}

static const char *say_misleading(const struct explanation *explanation)
{
    const struct misreading *misreading = &explanation->misreading;
    const struct vmwire_difference *difference = explanation->cause.difference;
    struct vmwire_arena *arena = explanation->arena;
    const char *field = name_field_at(explanation, misreading->tail);
    if (!misreading->parts)
        return vmwire_text(arena, "%s: %s", say_of_difference(explanation),
                           difference->when ? difference->when : "");
    return vmwire_text(
        arena, "at byte 0x%" PRIx64 " %s%s%s is taken for %s",
        offset_in_sent_file(explanation, misreading->tail),
        misreading->taken ? "the value of " : "a subsection of ",
        field && misreading->taken ? field : misreading->owner,
        difference->section ? vmwire_text(arena, ", in section \"%s\",", difference->section) : "",
        misreading->taken ? difference->reader : "values");
}

static const char *say_of_misreading(const struct explanation *explanation)
{
    const struct misreading *misreading = &explanation->misreading;
    struct vmwire_arena *arena = explanation->arena;
    const char *why = say_misleading(explanation);
    size_t all = explanation->sections_read + explanation->sections_unread;
    switch (explanation->outcome) {
    case EXPLAINED_REJECT:
        return vmwire_text(arena, "the reader refuses the stream: %s", why);
    case EXPLAINED_TRUNCATED:
        return vmwire_text(
            arena,
            "the reader says that it has loaded the stream, but leaves %zu of %zu sections unread: "
            "%s, and a byte 00 at 0x%" PRIx64 " for the end of the stream",
            explanation->sections_unread, all, why,
            offset_in_sent_file(explanation, misreading->end));
    case EXPLAINED_CORRUPT:
        return vmwire_text(
            arena,
            "the reader says that it has loaded the stream, but has another state than was sent%s: "
            "%s",
            explanation->sections_unread
                ? vmwire_text(arena, " and leaves %zu of %zu sections unread",
                              explanation->sections_unread, all)
                : "",
            why);
    default:
        return vmwire_text(arena, "it is not decided what the reader does: %s", why);
    }
}

static const char *say_of_stream(const struct explanation *explanation)
{
    const struct vmwire_difference *difference = explanation->cause.difference;
    struct vmwire_arena *arena = explanation->arena;
    const char *field = difference->path ? vmwire_text(arena, ", at %s", difference->path) : "";
    const char *section =
        difference->section ? vmwire_text(arena, ", in section \"%s\"", difference->section) : "";
    if (difference->rule == stream_rule(RULE_CUT_OFF) ||
        difference->rule == stream_rule(RULE_CUT_OFF_NAME))
        return vmwire_text(arena, "the stream is cut off at byte 0x%zx%s%s: %s",
                           explanation->writer->whole.length, section, field, difference->writer);
    if (difference->rule == stream_rule(RULE_EARLY_END) && difference->certainty == VMWIRE_CERTAIN)
        return vmwire_text(
            arena,
            "the reader says that it has loaded the stream, but takes a byte 00 at 0x%" PRIx64
            " for its end: %s follow",
            offset_in_sent_file(explanation, difference->offset), difference->writer);
    return vmwire_text(arena, "%s%s%s: %s",
                       explanation->outcome == EXPLAINED_UNDECIDED
                           ? "it is not decided what the reader does"
                           : "the reader refuses the stream",
                       section, field, difference->writer);
}

static bool is_all_compared(const struct explanation *explanation)
{
    const char *sentences[NOT_COMPARED_MOST];
    return list_not_compared(&explanation->writer->side, &explanation->reader->side, sentences) ==
           0;
}

static const char *conclude(const struct explanation *explanation)
{
    const struct found_cause *cause = &explanation->cause;
    struct vmwire_arena *arena = explanation->arena;
    if (!cause->difference && explanation->outcome == EXPLAINED_ACCEPT)
        return is_all_compared(explanation)
                   ? "nothing that is given makes the reader refuse this stream"
                   : "nothing that is given makes the reader refuse this stream; what was not "
                     "compared can";
    if (!cause->difference)
        return vmwire_text(arena, "nothing is known to fail; %zu question%s open",
                           explanation->open_count, explanation->open_count == 1 ? " is" : "s are");
    if (cause->difference->rule == stream_rule(RULE_NOTHING_NAMED))
        return "what is given does not explain the message, and the message names no section of "
               "the stream";
    if (cause->difference->rule == stream_rule(RULE_OWN_CHECK))
        return vmwire_text(arena,
                           "the reader refuses section \"%s\": nothing that is given tells why",
                           cause->difference->section);
    if (cause->kind == CAUSE_STREAM)
        return say_of_stream(explanation);
    return cause->kind == CAUSE_MISREADING ? say_of_misreading(explanation)
                                           : say_of_difference(explanation);
}

/* How many bytes more the writer has, by all that is certain in the section. */
static int64_t bytes_of_section(const struct explanation *explanation,
                                const struct vmwire_difference *difference)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < explanation->cause_count; i++) {
        const struct vmwire_difference *each = explanation->causes[i].difference;
        if (each->certainty == VMWIRE_CERTAIN && each->section && difference->section &&
            each->instance_id == difference->instance_id &&
            strcmp(each->section, difference->section) == 0)
            bytes += each->bytes;
    }
    return bytes;
}

static const char *number_of_bytes(struct vmwire_arena *arena, int64_t bytes)
{
    const uint64_t size = bytes < 0 ? -(uint64_t)bytes : (uint64_t)bytes;
    return vmwire_text(arena, "%" PRIu64 " byte%s %s", size, size == 1 ? "" : "s",
                       bytes > 0 ? "more" : "fewer");
}

static const char *say_bytes(const struct explanation *explanation)
{
    struct vmwire_arena *arena = explanation->arena;
    const struct vmwire_difference *difference = explanation->cause.difference;
    if (!difference || !difference->bytes)
        return NULL;
    const int64_t all = difference->certainty == VMWIRE_CERTAIN
                            ? bytes_of_section(explanation, difference)
                            : difference->bytes;
    const char *others = all == difference->bytes ? ""
                         : all == 0
                             ? "; with what else differs in the section, as many"
                             : vmwire_text(arena, "; with what else differs in the section, %s",
                                           number_of_bytes(arena, all));
    return vmwire_text(arena, "the writer sends %s than the reader expects%s",
                       number_of_bytes(arena, difference->bytes), others);
}

/* ---- Notes ---- */

static void add_note(struct explanation *explanation, const char *note)
{
    explanation->notes =
        vmwire_arena_grow(explanation->arena, explanation->notes, explanation->note_count,
                          &explanation->note_room, sizeof(*explanation->notes));
    explanation->notes[explanation->note_count++] = note;
}

static void note_how_it_was_read(struct explanation *explanation)
{
    const struct sent_stream *sent = &explanation->sent;
    const struct vmwire_error *wrong = &sent->misdescribed;
    struct vmwire_arena *arena = explanation->arena;
    if (wrong->kind != VMWIRE_ERROR_NONE)
        add_note(
            explanation,
            vmwire_text(arena,
                        "The stream's own description does not fit its bytes: %s%s%s%s%s%s: %s.%s",
                        wrong->section[0] ? "section " : "", wrong->section,
                        wrong->path[0] && wrong->section[0] ? ", " : "", wrong->path,
                        wrong->offset == VMWIRE_ERROR_NO_OFFSET ? "" : " at ",
                        wrong->offset == VMWIRE_ERROR_NO_OFFSET
                            ? ""
                            : vmwire_text(arena, "%" PRIx64, wrong->offset),
                        wrong->message,
                        sent->described || !sent->layouts
                            ? ""
                            : vmwire_text(arena, " It was read by %s instead.", sent->layouts)));
    else if (!sent->described && sent->layouts && explanation->writer->option &&
             is_todays_wire(explanation->writer->option))
        add_note(
            explanation,
            vmwire_text(arena, "The stream has no description: it was read by %s.", sent->layouts));
    if (sent->description_cut)
        add_note(explanation,
                 "The stream is cut off within its description, which QEMU does not need: all of "
                 "the state is there.");
    if (sent->no_layouts)
        add_note(explanation, vmwire_text(arena, "Give %s.", sent->no_layouts));
}

static void note_what_is_not_looked_at(struct explanation *explanation)
{
    const struct vmwire_stream *stream = explanation->misreading.meant;
    const struct vmwire_difference *cause = explanation->cause.difference;
    struct names names = {.shown = NAMES_SHOWN};
    uint64_t bytes = 0;
    for (size_t i = 0; stream && i < stream->item_count; i++) {
        uint64_t count = stream->items[i]->record && begins_section(stream->items[i])
                             ? count_opaque(stream->items[i]->record)
                             : 0;
        bytes += count;
        if (count)
            add_name(&names, stream->items[i], explanation->arena);
    }
    if (bytes && !(cause && explanation->outcome == EXPLAINED_REJECT))
        add_note(
            explanation,
            vmwire_text(explanation->arena,
                        "Not looked at: %" PRIu64 " bytes in encodings that no description tells "
                        "(%s).%s",
                        bytes, names.text,
                        explanation->reader->side.declared || explanation->writer->side.declared
                            ? ""
                            : " Give a program, of either side."));
    if (cause && explanation->cause.kind == CAUSE_MISREADING && explanation->misreading.taken &&
        !explanation->reader->side.declared && !explanation->writer->side.declared)
        add_note(explanation,
                 "Whether the reader knows that subsection, only its program tells. If it does, it "
                 "does not refuse the stream here, but reads it wrongly.");
}

static bool is_sent(const struct explanation *explanation, const struct vmwire_item *own)
{
    const struct vmwire_stream *stream = explanation->writer->side.stream;
    for (size_t i = 0; stream && i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (begins_section(item) && item->instance_id == own->instance_id &&
            item->idstr.length == own->idstr.length &&
            memcmp(item->idstr.data, own->idstr.data, own->idstr.length) == 0)
            return true;
    }
    return false;
}

/* Sections of the reader's machine that the stream does not have: more processors, another device. The reader says nothing of
 * them, but they tell what else the machine has otherwise. */
static void note_extra_sections(struct explanation *explanation)
{
    const struct vmwire_stream *own = explanation->reader->side.stream;
    struct names names = {.shown = NAMES_SHOWN};
    for (size_t i = 0; own && i < own->item_count; i++) {
        const struct vmwire_item *item = own->items[i];
        if (!begins_section(item) || is_sent(explanation, item))
            continue;
        add_name(&names, item, explanation->arena);
    }
    if (names.count && explanation->outcome == EXPLAINED_REJECT &&
        explanation->cause.kind != CAUSE_STREAM)
        add_note(explanation,
                 vmwire_text(explanation->arena, "Only the reader's machine has: %s%s.", names.text,
                             names.count > NAMES_SHOWN
                                 ? vmwire_text(explanation->arena, " (%zu sections)", names.count)
                                 : ""));
}

/* What the writer's program would tell of a cause in layouts. */
static void note_missing_program(struct explanation *explanation)
{
    static const char *const rules[] = {"fields", "condition", "array-length",
                                        "subsection-unknown"};
    const struct vmwire_difference *cause = explanation->cause.difference;
    for (size_t i = 0; cause && i < sizeof(rules) / sizeof(rules[0]); i++)
        if (strcmp(cause->rule->id, rules[i]) == 0 && !explanation->writer->side.declared)
            add_note(explanation,
                     "Give the program that wrote the stream, too, as STREAM+PROGRAM: it can tell "
                     "which property or state decides.");
}

/* The message is of a reader that came further than the files say. */
static void note_earlier_refusal(struct explanation *explanation)
{
    const struct found_cause *before = find_before_cause(explanation);
    const char *section = before ? before->difference->section : NULL;
    if (!explanation->arguments->message || !before)
        return;
    add_note(explanation,
             vmwire_text(explanation->arena,
                         "By the files that are given the reader refuses before that, %s%s%s: %s "
                         "Are they, and the message, of one migration?",
                         section ? "in section \"" : "", section ? section : "in the stream's head",
                         section ? "\"" : "", before->difference->rule->about));
}

static void note_number(struct explanation *explanation, size_t count, const char *concerns)
{
    if (count)
        add_note(explanation,
                 vmwire_text(explanation->arena, "%zu difference%s %s: vmwire skew shows %s.",
                             count, count == 1 ? " concerns" : "s concern", concerns,
                             count == 1 ? "it" : "them"));
}

static void note_what_was_compared(struct explanation *explanation)
{
    const struct vmwire_side *reader = &explanation->reader->side;
    note_earlier_refusal(explanation);
    note_number(explanation, explanation->unsent_count, "only states that this stream is not");
    note_number(explanation, explanation->asked_count,
                "only what functions of QEMU decide, by what is not given");
    const char *sentences[NOT_COMPARED_MOST];
    const struct vmwire_side *writer = &explanation->writer->side;
    const size_t count = list_not_compared(writer, reader, sentences);
    for (size_t i = 0; i < count; i++)
        add_note(explanation, sentences[i]);
    note_missing_program(explanation);
    note_extra_sections(explanation);
    note_what_is_not_looked_at(explanation);
    if (!explanation->arguments->message)
        add_note(explanation,
                 "What QEMU's own code checks after loading is in no layout: with QEMU's "
                 "error message (--message) its section is told.");
}

/* ---- The whole ---- */

static bool is_other_version(const struct explanation *explanation)
{
    const struct vmwire_option *writes = explanation->writer->option;
    return writes && writes->stream_version != explanation->arguments->option->stream_version;
}

/* The writer's side, with the header of a section that could not be read further: the reader may not have it. */
static struct vmwire_side with_begun_section(const struct explanation *explanation)
{
    struct vmwire_arena *arena = explanation->arena;
    struct vmwire_side side = explanation->writer->side;
    const struct vmwire_error *error = &explanation->sent.error;
    struct vmwire_item *begun = vmwire_arena_alloc(arena, sizeof(*begun));
    const char *idstr = section_of_error(error, arena, &begun->instance_id);
    if (!idstr || !side.stream || !side.stream->item_count)
        return side;
    enum { FIXED = 1 + 4 + 1 }; /* the byte, the section's id, the length of the idstr */
    const size_t count = side.stream->item_count;
    const uint8_t *header = end_of_items(side.stream);
    const size_t left = (size_t)(side.bytes.data + side.bytes.length - header);
    begun->kind = VMWIRE_ITEM_SECTION_FULL;
    begun->section_id = left < FIXED ? 0 : vmwire_be32(header + 1);
    begun->idstr = (struct vmwire_bytes){header + FIXED, strlen(idstr)};
    begun->raw = (struct vmwire_bytes){header, 0};
    if (left < FIXED + begun->idstr.length || header[0] != VMWIRE_QEMU_VM_SECTION_FULL ||
        header[FIXED - 1] != begun->idstr.length ||
        memcmp(begun->idstr.data, idstr, begun->idstr.length) != 0)
        return side;
    struct vmwire_stream *stream = vmwire_arena_alloc(arena, sizeof(*stream));
    const struct vmwire_item **items = vmwire_arena_alloc(arena, (count + 1) * sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        items[i] = side.stream->items[i];
        if (begins_section(items[i]) && is_same_section(items[i], begun))
            return side;
    }
    items[count] = begun;
    *stream = (struct vmwire_stream){items, count + 1};
    side.stream = stream;
    return side;
}

static bool compare(struct explanation *explanation)
{
    struct side_files *writer = explanation->writer;
    struct vmwire_error error = {0};
    struct vmwire_error *wrong = &explanation->sent.error;
    explanation->misreading =
        (struct misreading){.sent = &explanation->sent, .option = explanation->arguments->option};
    if (!writer->option || wrong->kind == VMWIRE_ERROR_STREAM_VERSION)
        return true;
    if (is_other_version(explanation)) {
        vmwire_error_set(wrong, VMWIRE_ERROR_STREAM_VERSION, 4,
                         "the stream has version %u, the option %s reads version %u",
                         writer->option->stream_version, explanation->arguments->option->name,
                         explanation->arguments->option->stream_version);
        return true;
    }
    struct vmwire_side sent = with_begun_section(explanation);
    if (have_one_stream(writer, explanation->reader))
        sent.bitmap_count = 0;
    struct vmwire_side any = explanation->reader->side;
    any.any_machine = true;
    if (!vmwire_skew(&sent, &explanation->reader->side, explanation->arena,
                     &explanation->differences, &error) ||
        (explanation->arguments->message && !any.stream &&
         !vmwire_skew(&sent, &any, explanation->arena, &explanation->if_unlike, &error))) {
        report_error(explanation->arguments, writer->stream_name, &error);
        return false;
    }
    return read_as_reader(&explanation->misreading, explanation->arguments) &&
           doubt_differences(explanation);
}

bool explain_stream(struct explanation *explanation)
{
    explanation->sent =
        (struct sent_stream){.writer = explanation->writer, .reader = explanation->reader};
    if (!read_as_sent(&explanation->sent, explanation->arguments) || !compare(explanation))
        return false;
    collect_causes(explanation);
    choose_cause(explanation);
    match_message(explanation);
    list_later(explanation);
    count_sections(explanation);
    if (!make_tree_lines(explanation))
        return false;
    explanation->sentence = conclude(explanation);
    explanation->bytes_words = say_bytes(explanation);
    note_how_it_was_read(explanation);
    note_what_was_compared(explanation);
    return true;
}
