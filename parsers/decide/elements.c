/* SPDX-License-Identifier: MIT */
/*
 * Decides streams in which each value has its tag and its length (DER).
 *
 * With one schema on both sides no tail can mislead: whether a list of subsections follows is said by identifier octets,
 * and where a record ends by its length. No field has a byte of these. So each tail is clean, where the reader takes
 * the name of each subsection for this very subsection. With two schemas, a section is compared element by element. It
 * must not know octets.
 */
#include "decide/elements.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "decide/changed_item.h"
#include "decide/element_differences.h"
#include "decide/element_values.h"
#include "decide/reader_device.h"
#include "decide/section_check.h"
#include "model/owners.h"
#include "vmwire/reader.h"

/* The tails of a stream, as the writer's reader comes to them. It may not allocate meanwhile. */
struct tail_offsets {
    uint64_t *list;
    size_t count, room;
};

static void note_offset(void *context, const struct vmwire_tail_event *event)
{
    struct tail_offsets *offsets = context;
    if (offsets->count < offsets->room)
        offsets->list[offsets->count] = event->offset;
    offsets->count++;
}

struct deciding_elements {
    const struct vmwire_question *question;
    struct vmwire_arena *arena, *work;
    struct vmwire_decision *decision;
    size_t room;
    struct tail_offsets offsets;
    size_t tail; /* the number of the next one */
    bool differed;
    struct element_differences found; /* of the section in hand */
    struct value_state calm;          /* values of earlier sections that the reader refuses */
};

/* ---- Answers ------------------------------------------------------------------------------------- */

static void append_name(char *path, size_t size, const char *name)
{
    size_t length = strlen(path);
    snprintf(path + length, size - length, "%s%s", length ? "." : "", name);
}

static void append_step(char *path, size_t size, const struct vmwire_record_walk_frame *frame)
{
    const struct vmwire_value *value = frame->as_value;
    int64_t element = value ? shown_element(value->field, value->element) : -1;
    append_name(path, size, value ? value->field->name : frame->as_subsection->subsection->name);
    size_t length = strlen(path);
    if (element >= 0)
        snprintf(path + length, size - length, "[%lld]", (long long)element);
}

/* `sent`: a subsection of the innermost record, or NULL. */
static const char *path_of(struct deciding_elements *deciding,
                           const struct vmwire_record_walk *walk, unsigned depth,
                           const struct vmwire_subsection_value *sent)
{
    char path[1024] = "";
    for (unsigned i = 1; i < depth; i++)
        append_step(path, sizeof(path), &walk->frames[i]);
    if (sent)
        append_name(path, sizeof(path), sent->subsection->name);
    return vmwire_arena_string(deciding->arena, path, strlen(path));
}

static struct vmwire_tail_verdict *add_verdict(struct deciding_elements *deciding,
                                               struct vmwire_tail_verdict verdict)
{
    struct vmwire_decision *decision = deciding->decision;
    decision->tails = vmwire_arena_grow(deciding->arena, decision->tails, decision->tail_count,
                                        &deciding->room, sizeof(*decision->tails));
    verdict.behind_difference = deciding->differed;
    decision->tails[decision->tail_count] = verdict;
    return &decision->tails[decision->tail_count++];
}

/* Where the item begins in the question's bytes. */
static uint64_t offset_of(const struct deciding_elements *deciding, const struct vmwire_item *item)
{
    const struct vmwire_bytes all = deciding->question->bytes;
    bool within = item->raw.data >= all.data && item->raw.data < all.data + all.length;
    return within ? (uint64_t)(item->raw.data - all.data) : 0;
}

/* ---- One schema ---------------------------------------------------------------------------------- */

/* Two subsections of one name: the reader takes the first of them. */
static bool is_taken_for_itself(const struct vmwire_structure *owner,
                                const struct vmwire_subsection_value *sent)
{
    return !sent || vmwire_structure_subsection(owner, sent->subsection->name) == sent->subsection;
}

static void decide_tail(struct deciding_elements *deciding, const struct vmwire_item *item,
                        const struct vmwire_record_walk *walk, unsigned depth,
                        const struct vmwire_subsection_value *sent)
{
    const struct vmwire_structure *owner = walk->frames[depth - 1].record->structure;
    if (!owner->name) /* an old-style section has no tail */
        return;
    const uint64_t *only_at = deciding->question->only_at;
    uint64_t offset = deciding->offsets.list[deciding->tail++];
    if (only_at && *only_at != offset)
        return;
    struct vmwire_tail_verdict *verdict = add_verdict(
        deciding, (struct vmwire_tail_verdict){.item = item,
                                               .owner = owner,
                                               .path = path_of(deciding, walk, depth, NULL),
                                               .offset = offset,
                                               .verdict = VMWIRE_VERDICT_CLEAN,
                                               .clean = VMWIRE_CLEAN_TAGGED});
    if (is_taken_for_itself(owner, sent))
        return;
    verdict->verdict = VMWIRE_VERDICT_UNDECIDED;
    verdict->clean = VMWIRE_CLEAN_NOT_CERTIFIED;
    verdict->reason = "the structure has two subsections of this name";
}

static void decide_tails_of(struct deciding_elements *deciding, const struct vmwire_item *item)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_SUBSECTION)
            decide_tail(deciding, item, &walk, walk.depth, walk.subsection);
        else if (step == VMWIRE_RECORD_END)
            decide_tail(deciding, item, &walk, walk.depth + 1, NULL);
    }
}

static size_t count_tails(const struct vmwire_item *item)
{
    size_t count = 0;
    struct vmwire_record_walk walk;
    if (!item->record)
        return 0;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_END)
            count += walk.record->structure->name != NULL;
        else if (step == VMWIRE_RECORD_SUBSECTION)
            count++;
    return count;
}

/* Reads the bytes again with the schema that they were read with: that tells where the tails are. A section whose layout
 * is unknown to that schema would be no part of the stream. */
static bool read_offsets(struct deciding_elements *deciding)
{
    const struct vmwire_question *question = deciding->question;
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_reading reading = {.option = question->option,
                                     .input = question->bytes,
                                     .schema = question->reader.schema,
                                     .observer = {&deciding->offsets, note_offset}};
    if (vmwire_stream_read(&reading, &cost, &error))
        return deciding->offsets.count == deciding->offsets.room;
    if (error.kind == VMWIRE_ERROR_MEMORY) /* it says nothing about the bytes */
        arena_leave_attempt(deciding->work, 0);
    return false;
}

static bool find_offsets(struct deciding_elements *deciding)
{
    const struct vmwire_question *question = deciding->question;
    const struct vmwire_stream *stream = question->stream;
    struct tail_offsets *offsets = &deciding->offsets;
    for (size_t i = 0; i < stream->item_count; i++)
        offsets->room += count_tails(stream->items[i]);
    offsets->list = vmwire_arena_alloc(deciding->work, offsets->room * sizeof(uint64_t));
    if (question->reader.schema->device_count)
        return read_offsets(deciding);
    /* A dump's structures are no sections that a reader knows. A tail is shown where its section begins. */
    for (size_t i = 0; i < stream->item_count; i++)
        for (size_t left = count_tails(stream->items[i]); left; left--)
            offsets->list[offsets->count++] = offset_of(deciding, stream->items[i]);
    return true;
}

static void leave_undecided(struct deciding_elements *deciding, const char *reason)
{
    const struct vmwire_stream *stream = deciding->question->stream;
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->record)
            add_verdict(deciding,
                        (struct vmwire_tail_verdict){.item = stream->items[i],
                                                     .owner = stream->items[i]->record->structure,
                                                     .path = "",
                                                     .verdict = VMWIRE_VERDICT_UNDECIDED,
                                                     .reason = reason});
}

static void decide_one_schema(struct deciding_elements *deciding)
{
    const struct vmwire_stream *stream = deciding->question->stream;
    if (!find_offsets(deciding)) {
        leave_undecided(
            deciding,
            "the reader does not read these bytes, so it is not known where the tails are");
        return;
    }
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->record)
            decide_tails_of(deciding, stream->items[i]);
}

/* ---- Two schemas --------------------------------------------------------------------------------- */

/* The reader's structure of the section. NULL: it refuses the section, or its layout is not known; then `found` says so. */
static const struct vmwire_structure *
find_reader_structure(const struct deciding_elements *deciding, const struct vmwire_item *item,
                      struct element_differences *found)
{
    const struct vmwire_schema *schema = deciding->question->reader.schema;
    const struct vmwire_structure *writes = item->record->structure;
    struct element_difference *refused = &found->first[ELEMENTS_REFUSED],
                              *unknown = &found->first[ELEMENTS_UNKNOWN];
    const char *why;
    if (item->kind == VMWIRE_ITEM_CONFIGURATION)
        return schema->configuration;
    const struct vmwire_device *device = find_reader_device(schema, item, &why);
    if (!device) {
        struct element_difference none = {.owner = writes};
        none.why = why ? why : "the reader does not have this device";
        *(why ? unknown : refused) = none;
        return NULL;
    }
    const struct vmwire_structure *reads = device->structure;
    if (reads->name &&
        (item->version_id > reads->version_id || item->version_id < reads->minimum_version_id)) {
        *refused = (struct element_difference){
            .why = "the reader does not have this version of the device", .owner = writes};
        return NULL;
    }
    if (!reads->name || item->version_id == reads->described_version_id || reads->assumed)
        return reads;
    *unknown = (struct element_difference){
        .why = "the reader's layout of this version of the device is not known", .owner = writes};
    return NULL;
}

static bool takes_state(struct deciding_elements *deciding, const struct vmwire_item *item,
                        const struct value_state *state)
{
    struct vmwire_arena_mark mark = vmwire_arena_mark(deciding->work);
    const struct vmwire_item *changed =
        change_item(item, state->changes, state->count, deciding->work);
    bool taken = reader_takes_section(deciding->question, changed, deciding->work);
    vmwire_arena_reset(deciding->work, mark);
    return taken;
}

/* What a finding's state changes: the earlier sections are read then, as far as they are by any state. */
static struct vmwire_changed_value *join_changes(const struct deciding_elements *deciding,
                                                 const struct value_state *state)
{
    const struct value_state *calm = &deciding->calm;
    struct vmwire_changed_value *joined =
        vmwire_arena_alloc(deciding->arena, (calm->count + state->count) * sizeof(*joined));
    if (calm->count)
        memcpy(joined, calm->changes, calm->count * sizeof(*joined));
    if (state->count)
        memcpy(joined + calm->count, state->changes, state->count * sizeof(*joined));
    return joined;
}

/* Adds the finding, if the reader does in this state what the comparison says. */
static void add_finding(struct deciding_elements *deciding, struct vmwire_tail_verdict *verdict,
                        const struct element_difference *difference, struct value_state state,
                        enum vmwire_outcome outcome)
{
    if (takes_state(deciding, verdict->item, &state) == (outcome == VMWIRE_OUTCOME_REJECT)) {
        verdict->reason = VMWIRE_REASON_NOT_CONFIRMED;
        return;
    }
    struct vmwire_finding *finding = vmwire_arena_alloc(deciding->arena, sizeof(*finding));
    *finding = (struct vmwire_finding){
        .item = verdict->item,
        .owner = difference->owner,
        .path = path_of(deciding, &difference->walk, difference->depth, difference->sent),
        .differs = difference->why,
        .offset = verdict->offset,
        .changes = join_changes(deciding, &state),
        .change_count = deciding->calm.count + state.count,
        .outcome = outcome};
    verdict->verdict = VMWIRE_VERDICT_FINDINGS;
    verdict->findings[outcome] = finding;
}

static void conclude_range(struct deciding_elements *deciding,
                           const struct element_difference *range,
                           struct vmwire_tail_verdict *verdict)
{
    struct value_state state = {.arena = deciding->arena, .item = verdict->item};
    if (!deciding->found.refused_value_count)
        change_to_refused(&state, range->value, range->reads);
    add_finding(deciding, verdict, range, state, VMWIRE_OUTCOME_REJECT);
}

/* Fields have changed places. A state that the reader takes must show it. */
static void conclude_moved(struct deciding_elements *deciding,
                           const struct element_difference *moved,
                           struct vmwire_tail_verdict *verdict)
{
    const struct element_differences *found = &deciding->found;
    struct value_state state = {.arena = deciding->arena, .item = verdict->item};
    const char *reason = verdict->reason; /* of what was concluded before */
    verdict->reason = VMWIRE_REASON_MOVED;
    if (found->first[ELEMENTS_REFUSED].why || found->refused_value_count > REFUSED_VALUES_LIMIT)
        return;
    for (size_t i = 0; i < found->refused_value_count; i++)
        change_to_zeros(&state, found->refused_values[i]);
    if (!make_unequal(&state, moved->value, moved->another))
        return;
    verdict->reason = reason;
    add_finding(deciding, verdict, moved, state, VMWIRE_OUTCOME_CORRUPT);
}

static void conclude_equal(struct deciding_elements *deciding, struct vmwire_tail_verdict *verdict)
{
    const struct value_state as_sent = {0};
    if (!takes_state(deciding, verdict->item, &as_sent)) {
        verdict->reason = VMWIRE_REASON_NOT_CONFIRMED;
        return;
    }
    verdict->verdict = VMWIRE_VERDICT_CLEAN;
    verdict->clean = VMWIRE_CLEAN_TAGGED;
}

/* What the comparison of the schemas says, and what the reader does. */
static void conclude_section(struct deciding_elements *deciding,
                             struct vmwire_tail_verdict *verdict)
{
    const struct element_difference *first = deciding->found.first;
    const struct value_state as_sent = {0};
    if (first[ELEMENTS_REFUSED].why)
        add_finding(deciding, verdict, &first[ELEMENTS_REFUSED], as_sent, VMWIRE_OUTCOME_REJECT);
    if (first[ELEMENTS_REFUSED].why && !first[ELEMENTS_REFUSED].optional)
        return;
    if (first[ELEMENTS_RANGE].why && !verdict->findings[VMWIRE_OUTCOME_REJECT])
        conclude_range(deciding, &first[ELEMENTS_RANGE], verdict);
    if (first[ELEMENTS_MOVED].why)
        conclude_moved(deciding, &first[ELEMENTS_MOVED], verdict);
    if (first[ELEMENTS_UNKNOWN].why)
        verdict->reason = first[ELEMENTS_UNKNOWN].why;
    if (verdict->verdict != VMWIRE_VERDICT_FINDINGS && !verdict->reason)
        conclude_equal(deciding, verdict);
}

/* The findings of later sections are of states in which the reader takes this one. Returns false where it refuses more
 * values than are changed. */
static bool calm_section(struct deciding_elements *deciding, const struct vmwire_item *item)
{
    const struct element_differences *found = &deciding->found;
    struct value_state *calm = &deciding->calm;
    if (calm->count + found->refused_value_count > REFUSED_VALUES_LIMIT)
        return false;
    calm->item = item;
    for (size_t i = 0; i < found->refused_value_count; i++)
        change_to_zeros(calm, found->refused_values[i]);
    return true;
}

/* The difference that the answer about a section is shown with; `fits`: there is none. */
static const struct element_difference *first_difference(const struct element_differences *found,
                                                         const struct element_difference *fits)
{
    for (int answer = 0; answer < ELEMENTS_ANSWERS; answer++)
        if (found->first[answer].why)
            return &found->first[answer];
    return fits;
}

static void decide_section(struct deciding_elements *deciding, const struct vmwire_item *item)
{
    const struct element_difference fits = {.owner = item->record->structure};
    struct element_differences *found = &deciding->found;
    forget_differences(found);
    const struct vmwire_structure *reads = find_reader_structure(deciding, item, found);
    if (reads)
        compare_elements(item->record, reads, found);
    const struct element_difference *shown = first_difference(found, &fits);
    struct vmwire_tail_verdict *verdict = add_verdict(
        deciding, (struct vmwire_tail_verdict){
                      .item = item,
                      .owner = shown->owner,
                      .path = path_of(deciding, &shown->walk, shown->depth, shown->sent),
                      .offset = offset_of(deciding, item),
                      .differs = shown->why,
                      .verdict = VMWIRE_VERDICT_UNDECIDED});
    conclude_section(deciding, verdict);
    bool certain = verdict->findings[VMWIRE_OUTCOME_REJECT] && found->first[ELEMENTS_REFUSED].why &&
                   !found->first[ELEMENTS_REFUSED].optional;
    deciding->differed |= certain || !calm_section(deciding, item);
}

static void decide_two_schemas(struct deciding_elements *deciding)
{
    const struct vmwire_stream *stream = deciding->question->stream;
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->record)
            decide_section(deciding, stream->items[i]);
}

bool decide_elements(const struct vmwire_question *question, struct vmwire_arena *arena,
                     struct vmwire_arena *work, struct vmwire_decision *decision)
{
    struct deciding_elements *deciding = vmwire_arena_alloc(work, sizeof(*deciding));
    deciding->question = question;
    deciding->arena = deciding->calm.arena = arena;
    deciding->work = work;
    deciding->decision = decision;
    bool skewed = question->skewed || question->option != question->reader.option;
    if (skewed && question->ambiguity)
        leave_undecided(deciding, "two states of two schemas are not compared element by element");
    else if (skewed)
        decide_two_schemas(deciding);
    else
        decide_one_schema(deciding);
    return true;
}
