/* SPDX-License-Identifier: MIT */
/*
 * Asks for what differs, leaves out what is accepted, and draws the conclusion.
 */
#include "program/skew/crossing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/shared/difference_place.h"
#include "program/skew/device_name.h"

const struct vmwire_skew_rule option_rules[OPTION_RULES] = {
    {.id = "stream-version",
     .about = "The two sides have different versions of the stream: every state is refused.",
     .message = "Unsupported migration stream version",
     .source = "migration/savevm.c, qemu_loadvm_state",
     .advice = "Read and write under options of one stream version."},
    {.id = "protocol-option", .about = "The two sides find subsections in different ways."},
};

uint64_t offset_in_stream_file(const struct crossing *crossing, uint64_t offset)
{
    const struct paged_out *stream = &crossing->writer->stream.stream;
    return offset == VMWIRE_ERROR_NO_OFFSET
               ? offset
               : offset_with_gaps(stream->gaps, stream->gap_count, offset);
}

/* ---- What differs ---- */

static struct vmwire_difference *differing_options(const struct vmwire_option *writes,
                                                   const struct vmwire_option *reads,
                                                   struct vmwire_arena *arena)
{
    bool versions = writes->stream_version != reads->stream_version;
    struct vmwire_difference *difference = vmwire_arena_alloc(arena, sizeof(*difference));
    *difference = (struct vmwire_difference){
        .certainty = versions ? VMWIRE_CERTAIN : VMWIRE_NOT_DECIDED,
        .outcome = VMWIRE_OUTCOME_REJECT,
        .rule = &option_rules[versions ? 0 : 1],
        .writer = vmwire_text(arena, "option %s, stream version %u", writes->name,
                              writes->stream_version),
        .reader =
            vmwire_text(arena, "option %s, stream version %u", reads->name, reads->stream_version),
        .when = versions
                    ? NULL
                    : vmwire_text(
                          arena,
                          "vmwire skew --contrived --option %s --to %s tells what a state can do",
                          writes->name, reads->name),
        .message = option_rules[versions ? 0 : 1].message,
        .advice = option_rules[versions ? 0 : 1].advice,
        .offset = versions ? 4 : VMWIRE_ERROR_NO_OFFSET,
        .section_offset = VMWIRE_ERROR_NO_OFFSET,
    };
    return difference;
}

/* Where the reader notices it, in bytes of the writer's stream: mostly at the end of a section, of which the first one counts. */
static uint64_t place_of(const struct vmwire_difference *difference)
{
    return difference->section_offset == VMWIRE_ERROR_NO_OFFSET ? difference->offset
                                                                : difference->section_offset;
}

static bool comes_before(const struct vmwire_difference *a, const struct vmwire_difference *b)
{
    if (a->certainty != b->certainty)
        return a->certainty < b->certainty;
    if (place_of(a) != place_of(b))
        return place_of(a) < place_of(b);
    return a->section && place_in_section(a) < place_in_section(b);
}

/* Adds it behind those that the reader meets earlier; most come in that order. */
static void add(struct crossing *crossing, const struct vmwire_difference *difference)
{
    size_t at = crossing->count++;
    for (; at && comes_before(difference, crossing->list[at - 1]); at--)
        crossing->list[at] = crossing->list[at - 1];
    crossing->list[at] = difference;
    crossing->counts[difference->certainty]++;
}

/* Adds those that are not accepted. */
static void add_open(struct crossing *crossing, const struct vmwire_difference *list, size_t count,
                     struct baseline *baseline)
{
    for (size_t i = 0; i < count; i++) {
        bool accepted = baseline_accepts(baseline, &list[i]);
        crossing->accepted += accepted;
        if (!accepted)
            add(crossing, &list[i]);
    }
}

/* ---- The conclusion ---- */

static bool is_worse(const struct vmwire_difference *a, const struct vmwire_difference *b)
{
    if ((a->outcome == VMWIRE_OUTCOME_REJECT) != (b->outcome == VMWIRE_OUTCOME_REJECT))
        return a->outcome == VMWIRE_OUTCOME_REJECT;
    if (a->outcome != b->outcome)
        return a->outcome > b->outcome;
    return place_of(a) < place_of(b); /* QEMU stops at the first one */
}

static const struct vmwire_difference *worst(const struct crossing *crossing)
{
    const struct vmwire_difference *found = NULL;
    for (size_t i = 0; i < crossing->count; i++)
        if (crossing->list[i]->certainty == VMWIRE_CERTAIN &&
            (!found || is_worse(crossing->list[i], found)))
            found = crossing->list[i];
    return found;
}

static const char *place_in_stream(const struct crossing *crossing,
                                   const struct vmwire_difference *difference,
                                   struct vmwire_arena *arena)
{
    const uint64_t place = place_of(difference), offset = offset_in_stream_file(crossing, place);
    const char *section = difference->section;
    if (offset == VMWIRE_ERROR_NO_OFFSET)
        return section ? section : "its head";
    const char *before = section ? NULL : section_before(crossing->writer, place, arena);
    return vmwire_text(arena, "%s%s (byte %" PRIu64 " of the stream)",
                       before ? "what follows " : "",
                       section  ? section
                       : before ? before
                                : "its head",
                       offset);
}

static const char *certain_in_stream(const struct crossing *crossing,
                                     const struct vmwire_difference *difference,
                                     struct vmwire_arena *arena)
{
    static const char *const results[] = {
        [VMWIRE_OUTCOME_EXACT] = "reads the stream otherwise, at",
        [VMWIRE_OUTCOME_REJECT] = "refuses the stream, at",
        [VMWIRE_OUTCOME_TRUNCATED] = "reports success, but leaves sections unread, from",
        [VMWIRE_OUTCOME_CORRUPT] = "reports success, but has wrong values, from",
    };
    return vmwire_text(arena, "the reader %s %s", results[difference->outcome],
                       place_in_stream(crossing, difference, arena));
}

/* Of layouts alone: the devices of which something certainly differs. */
static const char *certain_in_layouts(size_t devices, const struct vmwire_difference *difference,
                                      struct vmwire_arena *arena)
{
    static const char *const results[] = {
        [VMWIRE_OUTCOME_EXACT] = "reads otherwise",
        [VMWIRE_OUTCOME_REJECT] = "refuses",
        [VMWIRE_OUTCOME_TRUNCATED] = "leaves sections unread, without an error, of",
        [VMWIRE_OUTCOME_CORRUPT] = "reads wrong values, without an error, of",
    };
    const char *result = results[difference->outcome];
    if (!difference->section)
        return vmwire_text(arena, "the reader %s every machine", result);
    const char *others = devices > 2
                             ? vmwire_text(arena, ", or one of %zu more devices", devices - 1)
                         : devices == 2 ? ", or one more device"
                                        : "";
    return vmwire_text(arena, "the reader %s each machine that has %s%s", result,
                       difference->section, others);
}

static const char *open_sentence(const struct crossing *crossing, struct vmwire_arena *arena)
{
    size_t when = count_devices(crossing->list, crossing->count, VMWIRE_WHEN_NEEDED);
    size_t undecided = crossing->counts[VMWIRE_NOT_DECIDED];
    if (when)
        return vmwire_text(arena,
                           "nothing fails on every migration; %zu device%s when the state needs it",
                           when, when == 1 ? " fails" : "s fail");
    return undecided ? vmwire_text(arena, "nothing is known to fail; %zu question%s open",
                                   undecided, undecided == 1 ? " is" : "s are")
                     : "nothing differs that a migration meets";
}

static const char *conclude(const struct crossing *crossing, struct vmwire_arena *arena)
{
    const struct vmwire_difference *difference = worst(crossing);
    if (!difference)
        return open_sentence(crossing, arena);
    if (crossing->writer->side.stream || crossing->writer->side.described)
        return certain_in_stream(crossing, difference, arena);
    return certain_in_layouts(count_devices(crossing->list, crossing->count, VMWIRE_CERTAIN),
                              difference, arena);
}

bool cross(struct crossing *crossing, struct baseline *baseline, struct vmwire_arena *arena,
           struct vmwire_error *error)
{
    const struct vmwire_option *writes = crossing->writes, *reads = crossing->reads;
    struct vmwire_differences found = {NULL, 0};
    /* Another version is refused at the head: nothing else is read. */
    bool read = writes->stream_version == reads->stream_version;
    if (read &&
        !vmwire_skew(&crossing->writer->side, &crossing->reader->side, arena, &found, error))
        return false;
    crossing->list = vmwire_arena_alloc(arena, (found.count + 1) * sizeof(*crossing->list));
    if (writes != reads)
        add_open(crossing, differing_options(writes, reads, arena), 1, baseline);
    add_open(crossing, found.list, found.count, baseline);
    crossing->sentence = conclude(crossing, arena);
    return true;
}
