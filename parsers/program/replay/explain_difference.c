/* SPDX-License-Identifier: MIT */
/*
 * Explains a difference between a real QEMU and the heuristic reader.
 */
#include "program/replay/explain_difference.h"

#include <stdio.h>
#include <string.h>

#include "program/replay/ask_about_stream.h"

/* Returns true if the reference was not certain of a layout before the difference. */
static bool is_layout_uncertain(const struct replay_row *row, const struct reference *reference)
{
    for (size_t i = 0; i < row->compared; i++)
        if (reference->decisions[i].assumed)
            return true;
    return reference->changed < row->difference_offset;
}

/* Returns true if this QEMU is another release than the stream's writer. It then has other fields and
 * subsections than the schema. */
static bool is_other_release(const struct qemu_answer *answer, const json_t *writer)
{
    const char *version = json_string_value(writer);
    unsigned ours[2], theirs[2];
    return version && sscanf(version, "%u.%u", &ours[0], &ours[1]) == 2 &&
           sscanf(answer->version, "%u.%u", &theirs[0], &theirs[1]) == 2 &&
           memcmp(ours, theirs, sizeof(ours)) != 0;
}

/* Returns true if QEMU has loaded other fields than in the original, in a record up to which it has
 * made the same decisions. */
static bool has_other_fields(const struct qemu_answer *answer, const struct qemu_answer *before)
{
    for (size_t i = 0; i < answer->decision_count && i < before->decision_count; i++) {
        const struct qemu_decision *one = &answer->decisions[i], *other = &before->decisions[i];
        if (strcmp(one->owner, other->owner) != 0 || !one->name != !other->name)
            return false;
        if (one->fields != other->fields)
            return true;
    }
    return false;
}

bool explain_difference(struct replay_row *row, const struct reference *reference,
                        struct vmwire_error *error)
{
    const struct replay_stream *stream = reference->stream;
    struct qemu_answer before = {0};
    if (is_layout_uncertain(row, reference)) {
        row->relation = APART_UNDECIDED;
        return true;
    }
    if (is_other_release(&row->answer, json_object_get(stream->entry->json, "qemu"))) {
        row->relation = APART_SKEW;
        return true;
    }
    /* Where the values of the stream decided, QEMU has to load the same fields. */
    if (!stream->original || reference->declared_count)
        return true;
    if (!ask_about_stream(&before, stream, stream->loaded.input.bytes, NULL, error))
        return false;
    if (has_other_fields(&row->answer, &before))
        row->relation = APART_LAYOUT;
    return true;
}
