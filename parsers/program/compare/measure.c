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

/* Reads several times and returns the shortest time in seconds: other processes disturb some
 * readings. */
static double measure_reading_time(const struct vmwire_reading *reading)
{
    double best = 0, total = 0;
    for (int i = 0; i < 20 && (i < 3 || total < 0.01); i++) {
        struct vmwire_cost cost;
        struct vmwire_error error;
        double begin = read_clock();
        vmwire_stream_read(reading, &cost, &error);
        double seconds = read_clock() - begin;
        total += seconds;
        best = !i || seconds < best ? seconds : best;
    }
    return best;
}

static bool write_stream(struct vmwire_writer *writer, const struct vmwire_stream *stream,
                         struct vmwire_error *error)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (!vmwire_writer_item(writer, stream->items[i], error))
            return false;
    return true;
}

void measure_cell(struct cell *cell, const struct vmwire_option *option,
                  const struct vmwire_stream *stream, bool footers,
                  const struct vmwire_schema *schema, uint64_t left_out)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_writing writing = {.option = option, .footers = footers};
    struct vmwire_writer *writer = vmwire_writer_create(&writing);
    cell->outcome = VMWIRE_OUTCOME_REJECT;
    cell->written = write_stream(writer, stream, &cell->error);
    if (cell->written) {
        struct vmwire_bytes bytes = vmwire_writer_output(writer);
        cell->bytes = bytes.length + left_out;
        cell->outcome =
            vmwire_outcome_of(stream, vmwire_stream_read_whole(option, bytes, schema, arena,
                                                               &cell->cost, &cell->error));
        struct vmwire_reading reading = {.option = option, .input = bytes, .schema = schema};
        cell->seconds = measure_reading_time(&reading);
        /* The table shows the cost of a reader that keeps nothing: a migration keeps nothing. */
        struct vmwire_error ignored;
        vmwire_stream_read(&reading, &cell->cost, &ignored);
    }
    vmwire_writer_destroy(writer);
    vmwire_arena_destroy(arena);
}
