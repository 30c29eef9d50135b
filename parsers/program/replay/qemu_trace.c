/* SPDX-License-Identifier: MIT */
/*
 * Follows QEMU's trace events and notes its decision at each tail.
 */
#include "program/replay/qemu_trace.h"

#include <stdio.h>
#include <string.h>

static const char *copy_string(struct qemu_trace *trace, const char *text)
{
    return vmwire_arena_string(trace->arena, text, strlen(text));
}

static struct traced_record *find_innermost(struct qemu_trace *trace)
{
    return trace->depth ? &trace->records[trace->depth - 1] : NULL;
}

static void note_decision(struct qemu_trace *trace, const char *name, bool known)
{
    const struct traced_record *record = find_innermost(trace);
    struct qemu_answer *answer = trace->answer;
    if (record->hidden) {
        answer->hidden++;
        return;
    }
    answer->decisions = vmwire_arena_grow(trace->arena, answer->decisions, answer->decision_count,
                                          &trace->decision_room, sizeof(*answer->decisions));
    answer->decisions[answer->decision_count++] =
        (struct qemu_decision){record->structure, name, known, record->fields};
}

/* Copies the text before the last `end` in it. Returns NULL if there is none. */
static const char *copy_up_to(struct qemu_trace *trace, const char *text, const char *end)
{
    const char *found = NULL;
    for (const char *each = text; (each = strstr(each, end)); each++)
        found = each;
    return found ? vmwire_arena_string(trace->arena, text, (size_t)(found - text)) : NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* ---- Events ------------------------------------------------------------------------------------
 *
 * `rest` is the line behind the event's name.
 */

/* "STRUCTURE vVERSION": a record begins. If the record around it is at its tail, QEMU has taken a
 * subsection, and this is the subsection's record. */
static void hear_record_begin(struct qemu_trace *trace, const char *rest)
{
    const char *name = copy_up_to(trace, rest, " v");
    const struct traced_record *around = find_innermost(trace);
    const struct private_encodings *private = &trace->private_encodings;
    if (!name || trace->depth == TRACED_DEPTH_LIMIT)
        return;
    bool hidden = around && around->hidden;
    if (around && around->at_tail)
        note_decision(trace, name, true);
    else if (around && around->field)
        hidden |= private->has(private->context, around->structure, around->field);
    trace->records[trace->depth++] = (struct traced_record){.structure = name, .hidden = hidden};
}

static void hear_record_end(struct qemu_trace *trace, const char *rest)
{
    (void)rest;
    trace->depth -= trace->depth > 0;
}

/* "STRUCTURE:FIELD"; newer releases append " exists=N". */
static void hear_field(struct qemu_trace *trace, const char *rest)
{
    struct traced_record *record = find_innermost(trace);
    size_t length = record ? strlen(record->structure) : 0;
    if (!record || strncmp(rest, record->structure, length) != 0 || rest[length] != ':')
        return;
    const char *field = copy_up_to(trace, rest + length + 1, " exists=");
    record->field = field ? field : copy_string(trace, rest + length + 1);
}

/* "FIELD: ELEMENTS", for a field that exists. */
static void hear_element_count(struct qemu_trace *trace, const char *rest)
{
    struct traced_record *record = find_innermost(trace);
    for (const char *each = rest; record && *each; each++) /* FNV-1a */
        record->fields = (record->fields ^ (uint8_t)*each) * 0x100000001b3;
}

static void hear_tail(struct qemu_trace *trace, const char *rest)
{
    (void)rest;
    if (trace->depth)
        find_innermost(trace)->at_tail = true;
}

static void hear_good_tail(struct qemu_trace *trace, const char *rest)
{
    (void)rest;
    if (trace->depth)
        note_decision(trace, NULL, true);
}

/* The ends of "STRUCTURE: NAME/(REASON)", and whether QEMU ends the record there. With an unknown name
 * it has taken a subsection and refuses. The failure of a child is no decision of its own. */
static const struct {
    const char *reason;
    bool ends_record;
} bad_tail_reasons[] = {
    {": (short)/", true}, {": (peek fail)/", true}, {"/(prefix)", true},
    {"/(lookup)", false}, {"/(child)", false},
};

enum { BAD_TAIL_REASON_COUNT = sizeof(bad_tail_reasons) / sizeof(bad_tail_reasons[0]) };

static void hear_bad_tail(struct qemu_trace *trace, const char *rest)
{
    const struct traced_record *record = find_innermost(trace);
    if (!record)
        return;
    size_t name = strlen(record->structure) + strlen(": ");
    if (ends_with(rest, "/(lookup)") && strlen(rest) >= name)
        note_decision(trace, copy_up_to(trace, rest + name, "/(lookup)"), false);
    for (size_t i = 0; i < BAD_TAIL_REASON_COUNT; i++)
        if (bad_tail_reasons[i].ends_record && ends_with(rest, bad_tail_reasons[i].reason)) {
            note_decision(trace, NULL, true);
            return;
        }
}

static void hear_section(struct qemu_trace *trace, const char *rest)
{
    (void)rest;
    trace->depth = 0;
    trace->answer->sections++;
}

static const char bad_tail_event[] = "vmstate_subsection_load_bad ";

static const struct {
    const char *event;
    void (*hear)(struct qemu_trace *trace, const char *rest);
} events[] = {
    {"vmstate_load_state ", hear_record_begin},
    {"vmstate_load_state_end ", hear_record_end},     /* up to QEMU 10 */
    {"vmstate_load_state_success ", hear_record_end}, /* since QEMU 11 */
    {"vmstate_load_state_field ", hear_field},
    {"vmstate_n_elems ", hear_element_count},
    {"vmstate_subsection_load ", hear_tail},
    {"vmstate_subsection_load_good ", hear_good_tail},
    {bad_tail_event, hear_bad_tail},
    {"qemu_loadvm_state_section_startfull ", hear_section},
};

/* ---- Lines ------------------------------------------------------------------------------------- */

/* QEMU before 6.1 writes "PID@SECONDS.MICROSECONDS:" before an event. */
static const char *skip_time(const char *line)
{
    size_t digits = strspn(line, "0123456789@.");
    return digits && line[digits] == ':' ? line + digits + 1 : line;
}

/* A name may hold any bytes, also an end of line. The event goes on until one of the reasons. */
static bool is_unfinished(const char *line)
{
    size_t length = strlen(bad_tail_event);
    if (strncmp(line, bad_tail_event, length) != 0)
        return false;
    for (size_t i = 0; i < BAD_TAIL_REASON_COUNT; i++)
        if (ends_with(line + length, bad_tail_reasons[i].reason))
            return false;
    return true;
}

/* Joins the line to the unfinished event before it. Returns NULL if the event goes on in the next
 * line. */
static const char *join_lines(struct qemu_trace *trace, const char *line)
{
    if (trace->unfinished) {
        size_t size = strlen(trace->unfinished) + 1 + strlen(line) + 1;
        char *joined = vmwire_arena_alloc(trace->arena, size);
        snprintf(joined, size, "%s\n%s", trace->unfinished, line);
        line = joined;
    }
    bool unfinished = is_unfinished(line);
    trace->unfinished = unfinished ? copy_string(trace, line) : NULL;
    return unfinished ? NULL : line;
}

static const char state_event[] = "migrate_set_state ";

static bool hear_event(struct qemu_trace *trace, const char *line)
{
    if (strncmp(line, state_event, strlen(state_event)) == 0) {
        trace->completed |= strcmp(line + strlen(state_event), "new state completed") == 0;
        return true;
    }
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (strncmp(line, events[i].event, strlen(events[i].event)) == 0) {
            trace->heard = true;
            events[i].hear(trace, line + strlen(events[i].event));
            return true;
        }
    return strncmp(line, "vmstate_", 8) == 0 || strncmp(line, "qemu_loadvm_", 12) == 0;
}

/* Some of QEMU's warnings have no end of line, so the first event may stand behind one. */
bool hear_trace_line(struct qemu_trace *trace, const char *line)
{
    line = join_lines(trace, skip_time(line));
    if (!line || hear_event(trace, line))
        return true;
    const char *first = trace->heard ? NULL : strstr(line, "vmstate_load_state ");
    return first && hear_event(trace, first);
}
