/* SPDX-License-Identifier: MIT */
/*
 * Writes one stream under one option, reads it back and measures that.
 */
#include "program/compare/measure.h"

#include <time.h>

static double read_clock(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Reads several times, keeps nothing as a migration keeps nothing, and notes the shortest time: other processes disturb
 * some readings. Returns false with cell->error set when memory runs out. */
static bool measure_reading(struct cell *cell, const struct vmwire_reading *reading)
{
    double total = 0;
    for (int i = 0; i < 20 && (i < 3 || total < 0.01); i++) {
        double begin = read_clock();
        if (!vmwire_stream_read(reading, &cell->cost, &cell->error) &&
            cell->error.kind == VMWIRE_ERROR_MEMORY)
            return false;
        double seconds = read_clock() - begin;
        total += seconds;
        cell->seconds = !i || seconds < cell->seconds ? seconds : cell->seconds;
    }
    return true;
}

static bool write_stream(struct vmwire_writer *writer, const struct vmwire_stream *stream,
                         struct vmwire_error *error)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (!vmwire_writer_item(writer, stream->items[i], error))
            return false;
    return true;
}

/* Notes what the reader makes of the bytes. Returns false with cell->error set when memory runs out. */
static bool find_outcome(struct cell *cell, const struct vmwire_reading *reading,
                         const struct vmwire_stream *written)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    if (!arena)
        return vmwire_error_set_memory(&cell->error, 0);
    const struct vmwire_stream *read = vmwire_stream_read_whole(
        reading->option, reading->input, reading->schema, arena, &cell->cost, &cell->error);
    cell->outcome = vmwire_outcome_of(written, read);
    vmwire_arena_destroy(arena);
    return read || cell->error.kind != VMWIRE_ERROR_MEMORY;
}

bool measure_cell(struct cell *cell, const struct vmwire_option *option,
                  const struct vmwire_stream *stream, bool footers,
                  const struct vmwire_schema *schema, uint64_t left_out)
{
    struct vmwire_writing writing = {.option = option, .footers = footers};
    struct vmwire_writer *writer = vmwire_writer_create(&writing, &cell->error);
    cell->outcome = VMWIRE_OUTCOME_REJECT;
    cell->written = writer && write_stream(writer, stream, &cell->error);
    bool measured = cell->written || cell->error.kind != VMWIRE_ERROR_MEMORY;
    if (cell->written) {
        struct vmwire_bytes bytes = vmwire_writer_output(writer);
        struct vmwire_reading reading = {.option = option, .input = bytes, .schema = schema};
        cell->bytes = bytes.length + left_out;
        measured = find_outcome(cell, &reading, stream) && measure_reading(cell, &reading);
    }
    vmwire_writer_destroy(writer);
    return measured;
}
