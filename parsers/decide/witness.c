/* SPDX-License-Identifier: MIT */
/*
 * Makes the bytes of the state that a finding is about. It must not know the search.
 */
#include <string.h>

#include "decide/writer_side.h"

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

struct vmwire_bytes vmwire_witness(const struct vmwire_question *question,
                                   const struct vmwire_finding *finding, struct vmwire_arena *arena)
{
    struct vmwire_arena *work = vmwire_arena_create();
    struct writer_side writer = make_writer_side(question->stream, question->bytes, work);
    uint8_t *all = vmwire_arena_alloc(work, writer.bytes.length);
    uint8_t *witness = vmwire_arena_alloc(arena, writer.bytes.length);
    size_t length = 0, needed = 0;
    uint64_t *begins =
        vmwire_arena_alloc(work, (question->stream->item_count + 1) * sizeof(*begins));
    size_t item = 0;
    memcpy(all, writer.bytes.data, writer.bytes.length);
    for (size_t i = 0; i < finding->required_count; i++)
        all[finding->required[i].offset] = finding->required[i].value;
    for (uint64_t at = 0, to; at < writer.bytes.length;) {
        while (item < question->stream->item_count && item_offset(question, item) <= at)
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
    while (item <= question->stream->item_count)
        begins[item++] = length;
    set_package_lengths(question->stream, begins, witness);
    vmwire_arena_destroy(work);
    return (struct vmwire_bytes){witness, length};
}
