/* SPDX-License-Identifier: MIT */
/*
 * Reads a witness under each option of its wire, and compares the readings with what was written.
 */
#include "program/report/readings.h"

#include <string.h>

enum {
    SHOWN_BEFORE = 200, /* bytes before the tail, at most */
    LONG_FIELD = 16,
    SHOWN_LEAST = 48,  /* and at least, where the section has so many */
    NEAR_TAIL = 64,    /* so near behind the tail a reading that parts is misled by it */
    SHOWN_BEHIND = 16, /* bytes behind the last one that a reading is misled by */
    SHOWN_AT_MOST = 400,
};

/* ---- Where readings part ------------------------------------------------------------------------- */

static uint64_t end_of(const struct span *span)
{
    return span->at + span->length;
}

static uint64_t end_of_spans(const struct spans *spans)
{
    return spans->count ? end_of(&spans->list[spans->count - 1]) : 0;
}

static void find_parting(struct witness_reading *reading, const struct spans *written)
{
    const struct spans *spans = &reading->spans;
    size_t i = 0;
    while (i < spans->count && i < written->count &&
           is_same_span(&spans->list[i], &written->list[i]))
        i++;
    if (i == spans->count && i == written->count && spans->stream)
        return;
    reading->parts = true;
    reading->parts_at = i < spans->count ? spans->list[i].at : end_of_spans(spans);
    if (i == spans->count && !spans->stream && spans->refused.at > reading->parts_at)
        reading->parts_at = spans->refused.at;
}

/* Only where the whole rest is the same. */
static void find_meeting(struct witness_reading *reading, const struct spans *written)
{
    const struct spans *spans = &reading->spans;
    size_t same = 0;
    if (!reading->parts || !spans->stream)
        return;
    while (same < spans->count && same < written->count &&
           is_same_span(&spans->list[spans->count - 1 - same],
                        &written->list[written->count - 1 - same]))
        same++;
    reading->rejoins = same > 0;
    if (same)
        reading->rejoins_at = spans->list[spans->count - same].at;
}

/* The byte behind the one that is taken for the end of the stream, or behind those that are refused. */
static uint64_t find_end(const struct spans *spans)
{
    if (!spans->stream)
        return end_of(&spans->refused);
    for (size_t i = 0; i < spans->count; i++)
        if (strcmp(spans->list[i].name, "eof") == 0)
            return end_of(&spans->list[i]);
    return end_of_spans(spans);
}

/* ---- Which bytes are shown ----------------------------------------------------------------------- */

/* The last one of the spans that begins at this byte or before. */
static const struct span *find_span(const struct spans *spans, uint64_t at)
{
    const struct span *found = &spans->list[0];
    for (size_t i = 0; i < spans->count && spans->list[i].at <= at; i++)
        found = &spans->list[i];
    return found;
}

/* From the beginning of the section, if it is near; otherwise from that of a field, or from within a long one. */
static uint64_t find_begin(const struct spans *written, uint64_t tail)
{
    const uint64_t least = tail > SHOWN_LEAST ? tail - SHOWN_LEAST : 0;
    uint64_t begin = find_span(written, least)->at;
    if (begin + LONG_FIELD < least)
        begin = least;
    for (size_t i = 0; i < written->count && written->list[i].at <= tail; i++) {
        const struct span *span = &written->list[i];
        if (strcmp(span->name, "section full") == 0 && span->at + SHOWN_BEFORE >= tail)
            begin = span->at;
    }
    return begin + SHOWN_BEFORE < tail ? tail - SHOWN_BEFORE : begin;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* A reading that has parted before, or parts far behind, goes wrong at another tail. */
static bool parts_here(const struct witness_reading *reading, uint64_t begin, uint64_t tail)
{
    return reading->parts && reading->parts_at >= begin && reading->parts_at <= tail + NEAR_TAIL;
}

static void find_window(struct witness_readings *readings, uint64_t length)
{
    uint64_t begin = find_begin(&readings->written, readings->tail);
    uint64_t end = readings->tail;
    for (size_t i = 0; i < readings->count; i++) {
        const struct witness_reading *reading = &readings->list[i];
        if (parts_here(reading, begin, readings->tail))
            end = later(end, reading->rejoins ? reading->rejoins_at : reading->ends_at);
    }
    end += SHOWN_BEHIND;
    end = end < begin + SHOWN_AT_MOST ? end : begin + SHOWN_AT_MOST;
    readings->begin = begin;
    readings->end = end < length ? end : length;
}

/* ---- Reading ------------------------------------------------------------------------------------- */

static bool read_under(struct witness_reading *reading, const struct vmwire_option *option,
                       const struct replay_stream *stream, const struct spans *written)
{
    reading->option = option;
    if (!read_spans(&reading->spans, option, stream->bytes, stream->loaded.schema, stream->arena))
        return false;
    reading->outcome = vmwire_outcome_of(stream->meant, reading->spans.stream);
    reading->undecided = reading->spans.error.kind == VMWIRE_ERROR_NO_LAYOUT;
    reading->ends_at = find_end(&reading->spans);
    find_parting(reading, written);
    find_meeting(reading, written);
    return true;
}

bool read_witness(struct witness_readings *readings, const struct replay_stream *stream,
                  uint64_t tail, struct vmwire_error *error)
{
    const struct vmwire_bytes original = stream->loaded.input.bytes;
    *readings = (struct witness_readings){.tail = tail};
    if (!stream->original || original.length != stream->bytes.length || tail >= original.length)
        return vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
                                "expected an original of the same length, and an offset within");
    if (!read_spans(&readings->written, stream->entry->writer, original, stream->loaded.schema,
                    stream->arena)) {
        *error = readings->written.error;
        return false;
    }
    readings->list =
        vmwire_arena_alloc(stream->arena, vmwire_option_count * sizeof(*readings->list));
    const uint32_t version = read_stream_version(stream->bytes);
    for (size_t i = 0; i < vmwire_option_count; i++) {
        if (vmwire_options[i].stream_version != version)
            continue;
        struct witness_reading *reading = &readings->list[readings->count++];
        if (!read_under(reading, &vmwire_options[i], stream, &readings->written)) {
            *error = reading->spans.error;
            return false;
        }
    }
    find_window(readings, stream->bytes.length);
    return true;
}

static bool is_same_end(const struct spans *a, const struct spans *b)
{
    if (!a->stream || !b->stream)
        return !a->stream && !b->stream && is_same_span(&a->refused, &b->refused);
    return true;
}

bool is_same_reading(const struct witness_reading *a, const struct witness_reading *b)
{
    if (a->outcome != b->outcome || a->spans.count != b->spans.count ||
        !is_same_end(&a->spans, &b->spans))
        return false;
    for (size_t i = 0; i < a->spans.count; i++)
        if (!is_same_span(&a->spans.list[i], &b->spans.list[i]))
            return false;
    return true;
}
