/*
 * The writer's side of the engine: what each byte of a stream can be.
 */
#include <string.h>

#include "deciding.h"

static uint8_t class_at(const struct writer_side *writer, uint64_t offset)
{
    return writer->classes[offset] & (uint8_t)~ITEM_BEGINS;
}

/* Whether the byte can hold the value. */
bool byte_possible(const struct writer_side *writer, uint64_t offset, uint8_t value)
{
    if (offset >= writer->bytes.length)
        return false;
    uint8_t now = writer->bytes.data[offset];
    switch (class_at(writer, offset)) {
    case FIELD_FREE:
        return true;
    case FIELD_ZEROS:
        return value == 0;
    case FIELD_BOOL:
        return value <= 1;
    case FIELD_OPAQUE:
        return writer->opaque_is_free || value == now;
    default:
        return value == now;
    }
}

/* A value of the byte that is not `value`: preferably the one it has. False when there is none. */
bool byte_other(const struct writer_side *writer, uint64_t offset, uint8_t value, uint8_t *result)
{
    if (offset >= writer->bytes.length)
        return false;
    *result = writer->bytes.data[offset];
    for (unsigned other = 0; *result == value && other < 3; other++)
        if (other != value && byte_possible(writer, offset, (uint8_t)other))
            *result = (uint8_t)other;
    return *result != value;
}

static void set_class(struct writer_side *writer, struct bytes bytes, enum field_class class)
{
    memset(writer->classes + (bytes.data - writer->bytes.data), class, bytes.length);
}

static void set_classes_of_record(struct writer_side *writer, const struct record *record)
{
    struct record_walk walk;
    record_walk_begin(&walk, record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;)
        if (step == RECORD_VALUE && walk.value->field->class != FIELD_LIST)
            set_class(writer, walk.value->data, walk.value->field->class);
}

struct writer_side writer_side_of(const struct stream *stream, struct bytes bytes,
                                  struct arena *arena)
{
    struct writer_side writer = {.bytes = bytes, .classes = arena_alloc(arena, bytes.length + 1)};
    memset(writer.classes, FIELD_CONSTANT, bytes.length);
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->record)
            set_classes_of_record(&writer, stream->items[i]->record);
    for (size_t i = 0; i < stream->item_count; i++)
        writer.classes[stream->items[i]->raw.data - bytes.data] |= ITEM_BEGINS;
    return writer;
}
