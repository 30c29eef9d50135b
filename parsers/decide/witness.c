/* SPDX-License-Identifier: MIT */
/*
 * Makes the bytes of the state that a finding is about. It must not know the search.
 */
#include <string.h>

#include "decide/changed_item.h"
#include "decide/writer_side.h"
#include "vmwire/writer.h"

static uint64_t item_offset(const struct vmwire_question *question, size_t item)
{
    return (uint64_t)(question->stream->items[item]->raw.data - question->bytes.data);
}

/* `begins`: of each item, in the witness. A package within another one stands behind it, and is as it was. */
static void set_package_lengths(const struct vmwire_stream *stream, const uint64_t *begins,
                                uint8_t *witness)
{
    size_t package = SIZE_MAX;
    unsigned depth = 0;
    for (size_t i = 0; i < stream->item_count; i++) {
        if (stream->items[i]->kind == VMWIRE_ITEM_PACKAGE && depth++ == 0)
            package = i;
        if (stream->items[i]->kind != VMWIRE_ITEM_PACKAGE_END || --depth > 0)
            continue;
        uint64_t begin = begins[package + 1], length = begins[i + 1] - begin;
        for (unsigned byte = 0; byte < 4; byte++)
            witness[begin - 4 + byte] = (uint8_t)(length >> 8 * (3 - byte));
    }
}

/* A witness while it is made. */
struct witnessing {
    const struct vmwire_question *question;
    const struct vmwire_finding *finding;
    struct vmwire_arena *arena, *work;
    struct vmwire_bytes witness;
    struct vmwire_error *error;
};

/* Sets the lengths that depend on which optional subsections the state sends. */
static void put_lengths(const struct writer_side *writer, const struct vmwire_finding *finding,
                        uint8_t *all)
{
    for (size_t i = 0; i < writer->length_count; i++) {
        const struct written_length *length = &writer->lengths[i];
        uint32_t sum = length_in_state(writer, length, finding->sends, finding->send_count);
        for (unsigned byte = 0; byte < 4; byte++)
            all[length->at + byte] = (uint8_t)(sum >> 8 * (3 - byte));
    }
}

/* The stream with the bytes that the finding requires, in the arena. */
static uint8_t *put_required_bytes(const struct witnessing *making, struct vmwire_arena *arena)
{
    struct vmwire_bytes stream = making->question->bytes;
    const struct vmwire_finding *finding = making->finding;
    uint8_t *all = vmwire_arena_alloc(arena, stream.length);
    memcpy(all, stream.data, stream.length);
    for (size_t i = 0; i < finding->required_count; i++)
        all[finding->required[i].offset] = finding->required[i].value;
    return all;
}

/* Writes the stream again: another value can be longer, and so all that is around it. */
static bool make_changed_stream(struct witnessing *making)
{
    const struct vmwire_stream *stream = making->question->stream;
    const struct vmwire_finding *finding = making->finding;
    struct vmwire_writing writing = {.option = making->question->option, .arena = making->arena};
    if (!finding->change_count) {
        making->witness = (struct vmwire_bytes){put_required_bytes(making, making->arena),
                                                making->question->bytes.length};
        return true;
    }
    for (size_t i = 0; i < stream->item_count; i++)
        writing.footers |= stream->items[i]->footer;
    struct vmwire_writer *writer = vmwire_writer_create(&writing, making->error);
    bool written = writer != NULL;
    for (size_t i = 0; written && i < stream->item_count; i++) {
        const struct vmwire_item *item =
            change_item(stream->items[i], finding->changes, finding->change_count, making->work);
        written = vmwire_writer_item(writer, item, making->error);
    }
    if (written)
        making->witness = vmwire_writer_output(writer);
    vmwire_writer_destroy(writer);
    return written;
}

static bool make_witness(void *context)
{
    struct witnessing *making = context;
    const struct vmwire_question *question = making->question;
    const struct vmwire_finding *finding = making->finding;
    making->work = vmwire_arena_create_within(making->arena);
    if (question->option->encoding == VMWIRE_ENCODING_DER)
        return make_changed_stream(making);
    struct writer_side writer =
        make_writer_side(question->option, question->stream, question->bytes, making->work);
    uint8_t *all = put_required_bytes(making, making->work);
    put_lengths(&writer, finding, all);
    uint8_t *witness = vmwire_arena_alloc(making->arena, writer.bytes.length);
    size_t item_count = question->stream->item_count, item = 0, length = 0, needed = 0;
    uint64_t *begins = vmwire_arena_alloc(making->work, (item_count + 1) * sizeof(*begins));
    for (uint64_t at = 0, to; at < writer.bytes.length;) {
        while (item < item_count && item_offset(question, item) <= at)
            begins[item++] = length;
        bool skipped = find_skip(&writer, at, &to);
        if (skipped && needed < finding->send_count && finding->sends[needed].from == at) {
            needed++;
            skipped = false;
        }
        if (skipped)
            at = to;
        else
            witness[length++] = all[at++];
    }
    while (item <= item_count)
        begins[item++] = length;
    set_package_lengths(question->stream, begins, witness);
    making->witness = (struct vmwire_bytes){witness, length};
    return true;
}

struct vmwire_bytes vmwire_witness(const struct vmwire_question *question,
                                   const struct vmwire_finding *finding, struct vmwire_arena *arena,
                                   struct vmwire_error *error)
{
    struct witnessing making = {
        .question = question, .finding = finding, .arena = arena, .error = error};
    bool made = vmwire_arena_attempt(arena, make_witness, &making, error);
    vmwire_arena_destroy(making.work);
    return made ? making.witness : (struct vmwire_bytes){NULL, 0};
}
