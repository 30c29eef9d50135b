/* SPDX-License-Identifier: MIT */
/*
 * Compares a real QEMU with the heuristic reader: first each decision, then the verdict. A difference
 * is then explained where possible.
 */
#include "program/replay/compare_readers.h"

#include <stdio.h>
#include <string.h>

#include "program/replay/ask_about_stream.h"
#include "program/replay/explain_difference.h"
#include "program/replay/qemu_messages.h"
#include "program/replay/reference_reader.h"

/* ---- Decisions --------------------------------------------------------------------------------- */

static bool same_decision(const struct reference_decision *ours, const struct qemu_decision *theirs)
{
    if (strcmp(ours->owner, theirs->owner) != 0 || !ours->name != !theirs->name)
        return false;
    return !ours->name || strcmp(ours->name, theirs->name) == 0;
}

static void describe_decision(char *text, size_t size, const char *owner, const char *name)
{
    if (name)
        snprintf(text, size, "takes \"%s\" at the tail of %s", name, owner);
    else
        snprintf(text, size, "ends %s", owner);
}

static void note_difference(struct replay_row *row, enum relation relation, uint64_t offset,
                            const char *ours, const char *theirs, struct vmwire_arena *kept)
{
    char text[2048];
    snprintf(text, sizeof(text), "heuristic %s, QEMU %s", ours, theirs);
    row->relation = relation;
    row->difference_offset = offset;
    row->difference = vmwire_arena_string(kept, text, strlen(text));
}

/* Returns true if QEMU stopped for a reason outside of the format. */
static bool stopped_apart(enum qemu_verdict verdict)
{
    return verdict == QEMU_SEMANTIC || verdict == QEMU_CRASH || verdict == QEMU_UNABLE;
}

/* Compares the decisions that both made. Returns false after it has noted a difference. */
static bool compare_common(struct replay_row *row, const struct reference *reference,
                           struct vmwire_arena *kept)
{
    const struct qemu_answer *answer = &row->answer;
    char ours[800], theirs[800];
    for (; row->compared < reference->decision_count && row->compared < answer->decision_count;
         row->compared++) {
        const struct reference_decision *here = &reference->decisions[row->compared];
        const struct qemu_decision *there = &answer->decisions[row->compared];
        if (same_decision(here, there))
            continue;
        describe_decision(ours, sizeof(ours), here->owner, here->name);
        describe_decision(theirs, sizeof(theirs), there->owner, there->name);
        note_difference(row, DIFFERENT_DECISION, here->offset, ours, theirs, kept);
        return false;
    }
    return true;
}

/* Where the bytes end within a field that QEMU's own code reads, it gets zeros (qemu_get_byte), and reads on until it asks for
 * the error. What it decides there is not about bytes of the stream. */
static bool goes_on_behind_end(const struct replay_row *row, const struct reference *reference)
{
    const struct qemu_answer *answer = &row->answer;
    for (size_t i = row->compared; i < answer->decision_count; i++)
        if (answer->decisions[i].name)
            return false;
    return reference->error.kind == VMWIRE_ERROR_TRUNCATED && answer->verdict == QEMU_REJECT &&
           strcmp(answer->rule, qemu_rule_input_ends) == 0;
}

/* Compares all decisions. Returns false after it has noted a difference. A reader may stop earlier than
 * the other one for a reason outside of the format. */
static bool compare_decisions(struct replay_row *row, const struct reference *reference,
                              struct vmwire_arena *kept)
{
    const struct qemu_answer *answer = &row->answer;
    char ours[800], theirs[800];
    if (!compare_common(row, reference, kept))
        return false;
    if (reference->decision_count > row->compared && !stopped_apart(answer->verdict)) {
        const struct reference_decision *next = &reference->decisions[row->compared];
        describe_decision(ours, sizeof(ours), next->owner, next->name);
        note_difference(row, DIFFERENT_DECISION, next->offset, ours, "stops before", kept);
        return false;
    }
    if (answer->decision_count > row->compared && reference->error.kind != VMWIRE_ERROR_NO_LAYOUT &&
        !goes_on_behind_end(row, reference)) {
        const struct qemu_decision *next = &answer->decisions[row->compared];
        describe_decision(theirs, sizeof(theirs), next->owner, next->name);
        note_difference(row, DIFFERENT_DECISION,
                        reference->read ? reference->stream->bytes.length : reference->error.offset,
                        reference->read ? "is at the end" : "rejects", theirs, kept);
        return false;
    }
    return true;
}

/* ---- Verdicts ---------------------------------------------------------------------------------- */

/* Turns QEMU's accept into truncated if QEMU has not loaded all sections of the stream. */
static void find_truncation(struct qemu_answer *answer, const struct reference *reference)
{
    const struct vmwire_stream *read = reference->read, *original = reference->stream->original;
    size_t held = original ? count_sections(original)
                           : count_sections(read) + (read && find_unread(read) != NULL);
    if (answer->verdict == QEMU_ACCEPT && answer->sections < held)
        answer->verdict = QEMU_TRUNCATED;
}

static enum relation find_relation_apart(enum qemu_verdict verdict)
{
    return verdict == QEMU_SEMANTIC ? APART_SEMANTIC
           : verdict == QEMU_CRASH  ? APART_CRASH
                                    : APART_UNABLE;
}

static void note_other_verdict(struct replay_row *row, const struct reference *reference,
                               enum qemu_verdict expected, struct vmwire_arena *kept)
{
    const struct qemu_answer *answer = &row->answer;
    const struct vmwire_stream *read = reference->read;
    struct vmwire_bytes bytes = reference->stream->bytes;
    char ours[800], theirs[800];
    snprintf(ours, sizeof(ours), "%s%s%s", qemu_verdict_name(expected), read ? "" : ": ",
             read ? "" : reference->error.message);
    snprintf(theirs, sizeof(theirs), "%s%s%s", qemu_verdict_name(answer->verdict),
             answer->message[0] ? ": " : "", answer->message);
    const struct vmwire_item *unread = read ? find_unread(read) : NULL;
    note_difference(row, DIFFERENT_VERDICT,
                    !read    ? reference->error.offset
                    : unread ? (uint64_t)(unread->raw.data - bytes.data)
                             : bytes.length,
                    ours, theirs, kept);
}

static void find_relation(struct replay_row *row, const struct reference *reference,
                          struct vmwire_arena *kept)
{
    enum qemu_verdict verdict = row->answer.verdict, expected = expect_verdict(reference);
    if (!compare_decisions(row, reference, kept))
        return;
    if (stopped_apart(verdict))
        row->relation = find_relation_apart(verdict);
    else if (reference->error.kind == VMWIRE_ERROR_NO_LAYOUT && !reference->read)
        row->relation = APART_UNDECIDED;
    else if (verdict == expected)
        row->relation = (enum relation)verdict;
    else
        note_other_verdict(row, reference, expected, kept);
}

/* ---- The row ----------------------------------------------------------------------------------- */

/* Compares with the verdict that the manifest has seen of the same version. */
static void find_seen(struct replay_row *row, const json_t *seen, struct vmwire_arena *kept)
{
    size_t i;
    json_t *each;
    json_array_foreach(seen, i, each)
    {
        const char *version = json_string_value(json_object_get(each, "version"));
        const char *verdict = json_string_value(json_object_get(each, "verdict"));
        if (version && verdict && strcmp(version, row->answer.version) == 0 &&
            strcmp(verdict, qemu_verdict_name(row->answer.verdict)) != 0)
            row->seen = vmwire_arena_string(kept, verdict, strlen(verdict));
    }
}

/* The stream's arena ends before the row does. */
static void keep_texts(struct qemu_answer *answer, struct vmwire_arena *kept)
{
    answer->version = vmwire_arena_string(kept, answer->version, strlen(answer->version));
    answer->message = vmwire_arena_string(kept, answer->message, strlen(answer->message));
    answer->decisions = NULL;
}

static struct vmwire_bytes keep_bytes(struct vmwire_bytes bytes, struct vmwire_arena *kept)
{
    const char *copy = vmwire_arena_string(kept, (const char *)bytes.data, bytes.length);
    return (struct vmwire_bytes){(const uint8_t *)copy, bytes.length};
}

static const char *keep_text(const char *text, struct vmwire_arena *kept)
{
    return text ? vmwire_arena_string(kept, text, strlen(text)) : NULL;
}

static struct replay_doubt keep_doubt(const struct replay_doubt *doubt, struct vmwire_arena *kept)
{
    struct replay_doubt copy = *doubt;
    copy.reason = keep_text(doubt->reason, kept);
    copy.structure = keep_text(doubt->structure, kept);
    copy.field = keep_text(doubt->field, kept);
    copy.was = keep_bytes(doubt->was, kept);
    copy.is = keep_bytes(doubt->is, kept);
    if (doubt->idstr.data)
        copy.idstr = keep_bytes(doubt->idstr, kept);
    return copy;
}

/* Asks a fresh process, or a copy if `standbys` is not NULL, and compares. Does not explain a difference yet. */
static bool ask_and_compare(struct replay_row *row, const struct reference *reference,
                            struct standbys *standbys, struct vmwire_arena *kept,
                            struct vmwire_error *error)
{
    const struct replay_stream *stream = reference->stream;
    row->compared = 0;
    row->difference = NULL;
    row->seen = NULL;
    if (!ask_about_stream(&row->answer, stream, stream->bytes, standbys, error))
        return false;
    find_truncation(&row->answer, reference);
    find_relation(row, reference, kept);
    find_seen(row, json_object_get(stream->entry->json, "seen"), kept);
    return true;
}

/* A copy lacks the threads of a fresh process, has less time, and loses what it said last when it crashes. */
static bool is_doubtful(const struct replay_row *row)
{
    enum qemu_verdict verdict = row->answer.verdict;
    return row->difference || row->seen || row->relation == APART_UNDECIDED ||
           verdict == QEMU_CRASH || verdict == QEMU_HANG || verdict == QEMU_UNABLE;
}

/* Asks a copy if there may be one, and a fresh process if there is no copy or its answer is doubtful. */
static bool ask_as_needed(struct replay_row *row, const struct reference *reference,
                          struct vmwire_arena *kept, struct vmwire_error *error)
{
    struct standbys *standbys = reference->stream->standbys;
    const json_t *capabilities = json_object_get(reference->stream->entry->json, "capabilities");
    if (!standbys || json_array_size(capabilities) > 0) /* no copy has any */
        return ask_and_compare(row, reference, NULL, kept, error);
    if (!ask_and_compare(row, reference, standbys, kept, error))
        return false;
    row->copy = COPY_ALONE;
    if (!is_doubtful(row))
        return true;
    enum qemu_verdict verdict = row->answer.verdict;
    bool differed = row->difference != NULL;
    if (!ask_and_compare(row, reference, NULL, kept, error))
        return false;
    row->copy = row->answer.verdict == verdict && (row->difference != NULL) == differed
                    ? COPY_CONFIRMED
                    : COPY_REFUTED;
    return true;
}

/* Compares again with what the reader makes of the stream where it goes by the program's declarations. Where these do not tell
 * it, the row stays undecided. */
static bool decide_as_declared(struct replay_row *row, struct reference *reference,
                               struct vmwire_arena *kept, struct vmwire_error *error)
{
    struct replay_row decided = *row;
    struct reference declared = *reference;
    if (!read_as_declared(&declared)) {
        *error = declared.error;
        return declared.error.kind != VMWIRE_ERROR_MEMORY;
    }
    decided.compared = 0;
    decided.difference = NULL;
    find_relation(&decided, &declared, kept);
    if (decided.difference && !explain_difference(&decided, &declared, error))
        return false;
    if (decided.relation != APART_UNDECIDED)
        *row = decided;
    *reference = declared;
    return true;
}

/* Keeps why the original's description does not tell all: of the sections that were read otherwise, and of an undecided row
 * what is left. */
static void keep_doubts(struct replay_row *row, const struct reference *reference,
                        struct vmwire_arena *kept)
{
    const size_t count = reference->declared_count;
    const bool undecided = row->relation == APART_UNDECIDED;
    const struct vmwire_error *error = &reference->error;
    row->doubt_count = count + undecided;
    row->doubts = vmwire_arena_alloc(kept, row->doubt_count * sizeof(*row->doubts));
    for (size_t i = 0; i < count; i++)
        row->doubts[i] = keep_doubt(&reference->doubts[i], kept);
    if (!undecided)
        return;
    struct replay_doubt left = reference->doubt;
    if (!reference->read && error->kind == VMWIRE_ERROR_NO_LAYOUT)
        left = (struct replay_doubt){.reason = error->message, .offset = error->offset};
    else if (!left.reason)
        left = (struct replay_doubt){
            .reason = "a dump has guessed the layout of a subsection that was taken",
            .offset = VMWIRE_ERROR_NO_OFFSET};
    row->doubts[count] = keep_doubt(&left, kept);
}

bool compare_with_qemu(struct replay_row *row, const struct replay_stream *stream,
                       struct vmwire_arena *kept, struct vmwire_error *error)
{
    struct reference reference;
    if (!read_reference(&reference, stream)) {
        *error = reference.error;
        return false;
    }
    if (!ask_as_needed(row, &reference, kept, error))
        return false;
    row->asked = true;
    if (row->difference && !explain_difference(row, &reference, error))
        return false;
    if (row->relation == APART_UNDECIDED && !decide_as_declared(row, &reference, kept, error))
        return false;
    keep_doubts(row, &reference, kept);
    keep_texts(&row->answer, kept);
    return true;
}
