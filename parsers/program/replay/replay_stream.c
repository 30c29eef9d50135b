/* SPDX-License-Identifier: MIT */
/*
 * Opens a stream to replay, with its original and its schema.
 */
#include "program/replay/replay_stream.h"

#include <string.h>

#include "program/shared/confined_file.h"
#include "program/shared/report_error.h"

uint32_t read_stream_version(struct vmwire_bytes bytes)
{
    return bytes.length < 8 ? 0 : vmwire_be32(bytes.data + 4);
}

/* Reads the original twice: from its own bytes, and from the copy `meant`, whose bytes change later. */
static bool read_original(struct replay_stream *stream, const uint8_t *meant,
                          struct vmwire_error *error)
{
    const struct vmwire_option *writer = stream->entry->writer;
    const struct vmwire_schema *schema = stream->loaded.schema;
    struct vmwire_bytes copy = {meant, stream->bytes.length};
    struct vmwire_cost cost;
    stream->original =
        vmwire_stream_read_whole(writer, stream->bytes, schema, stream->arena, &cost, error);
    if (!stream->original)
        return false;
    stream->meant = vmwire_stream_read_whole(writer, copy, schema, stream->arena, &cost, error);
    return stream->meant;
}

/* A witness changes the values of fields and nothing else. So the writer meant the original's tree with
 * the witness's bytes in it, and a reader that is not misled finds exactly that. */
bool open_replay_stream(struct replay_stream *stream, const struct replay_entry *entry,
                        const struct arguments *arguments)
{
    const struct place place = {entry->with.folder, NULL};
    const char *first = entry->original ? entry->original : entry->file;
    struct vmwire_error error = {0};
    stream->entry = entry;
    if (entry->original && !open_confined_input(&stream->changed, &place, entry->file, &error)) {
        report_error(arguments, entry->file, &error);
        return false;
    }
    /* `convert` leaves private encodings whole. */
    const uint32_t today = vmwire_option_find("heuristic")->stream_version;
    stream->loaded.whole_encodings =
        entry->original && read_stream_version(stream->changed.bytes) != today;
    if (!load_stream(&stream->loaded, first, &entry->with))
        return false;
    stream->arena = stream->loaded.arena;
    stream->bytes = stream->loaded.input.bytes;
    if (!entry->original)
        return true;
    uint8_t *meant = vmwire_arena_alloc(stream->arena, stream->bytes.length);
    memcpy(meant, stream->bytes.data, stream->bytes.length);
    if (!read_original(stream, meant, &error)) {
        report_error(arguments, first, &error);
        return false;
    }
    if (stream->changed.bytes.length == stream->bytes.length)
        memcpy(meant, stream->changed.bytes.data, stream->bytes.length);
    stream->bytes = stream->changed.bytes;
    return true;
}

void close_replay_stream(struct replay_stream *stream)
{
    vmwire_input_close(&stream->changed);
    unload(&stream->loaded);
}

const struct vmwire_item *find_unread(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == VMWIRE_ITEM_UNREAD)
            return stream->items[i];
    return NULL;
}

size_t count_sections(const struct vmwire_stream *stream)
{
    size_t count = 0;
    for (size_t i = 0; stream && i < stream->item_count; i++)
        count += stream->items[i]->kind == VMWIRE_ITEM_SECTION_FULL ||
                 stream->items[i]->kind == VMWIRE_ITEM_SECTION_START;
    return count;
}
