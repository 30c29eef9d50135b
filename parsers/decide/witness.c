/* SPDX-License-Identifier: MIT */
/*
 * Makes the bytes of the state that a finding is about. It must not know the search.
 */
#include <string.h>

#include "decide/writer_side.h"

struct vmwire_bytes vmwire_witness(const struct vmwire_question *question,
                                   const struct vmwire_finding *finding, struct vmwire_arena *arena)
{
    struct vmwire_arena *work = vmwire_arena_create();
    struct writer_side writer = make_writer_side(question->stream, question->bytes, work);
    uint8_t *all = vmwire_arena_alloc(work, writer.bytes.length);
    uint8_t *witness = vmwire_arena_alloc(arena, writer.bytes.length);
    size_t length = 0, needed = 0;
    memcpy(all, writer.bytes.data, writer.bytes.length);
    for (size_t i = 0; i < finding->required_count; i++)
        all[finding->required[i].offset] = finding->required[i].value;
    for (uint64_t at = 0, to; at < writer.bytes.length;) {
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
    vmwire_arena_destroy(work);
    return (struct vmwire_bytes){witness, length};
}
