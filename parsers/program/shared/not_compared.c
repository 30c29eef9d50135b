/* SPDX-License-Identifier: MIT */
#include "program/shared/not_compared.h"

uint64_t count_opaque(const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    uint64_t count = 0;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_VALUE && walk.value->field->class == VMWIRE_FIELD_OPAQUE)
            count += walk.value->data.length;
    return count;
}

static bool has_opaque(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == VMWIRE_ITEM_SECTION_FULL && stream->items[i]->record &&
            count_opaque(stream->items[i]->record))
            return true;
    return false;
}

/* Whether only a dump tells what the side's program declares. */
static bool has_dump_alone(const struct vmwire_side *side)
{
    return side->dumped && !side->declared;
}

/* Of a writer that has a stream. */
static size_t list_of_stream(const struct vmwire_side *writer, const struct vmwire_side *reader,
                             const char *sentences[NOT_COMPARED_MOST])
{
    size_t count = 0;
    if (!reader->stream && !reader->described)
        sentences[count++] =
            "Not compared: which devices and RAM blocks the reader's machine has, how many of what "
            "it counts, and the values that it checks. Give a stream of that machine, too.";
    else if (!reader->stream)
        sentences[count++] = "Not compared: RAM blocks and the values that the reader's machine "
                             "checks. Give a stream of that machine.";
    if (!reader->declared && !reader->dumped)
        sentences[count++] =
            "Not compared: what the reader's program declares, as versions and subsections that "
            "its stream does not show. Give that program, as STREAM+PROGRAM.";
    if (!writer->declared && reader->declared && has_opaque(writer->stream))
        sentences[count++] = "Not compared: values that the writer's description gives as a whole, "
                             "as those of virtio. "
                             "Give the program that wrote the stream, as STREAM+PROGRAM.";
    if (reader->stream && vmwire_skew_uses_features(writer->stream))
        sentences[count++] =
            "Not compared: which of the virtio features that the guest uses the reader's devices "
            "offer: no stream tells that. Those that are off by default there are told.";
    return count;
}

size_t list_not_compared(const struct vmwire_side *writer, const struct vmwire_side *reader,
                         const char *sentences[NOT_COMPARED_MOST])
{
    size_t count = writer->stream ? list_of_stream(writer, reader, sentences) : 0;
    if (has_dump_alone(writer) || has_dump_alone(reader))
        sentences[count++] =
            "Not compared: what a dump does not tell, as private encodings, how many elements a "
            "field has, and what functions ask. Give the program instead of its dump.";
    return count;
}
