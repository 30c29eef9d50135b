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
static double measure_reading_time(const struct reading *reading)
{
    double best = 0, total = 0;
    for (int i = 0; i < 20 && (i < 3 || total < 0.01); i++) {
        struct cost cost;
        struct error error;
        double begin = read_clock();
        stream_read(reading, &cost, &error);
        double seconds = read_clock() - begin;
        total += seconds;
        best = !i || seconds < best ? seconds : best;
    }
    return best;
}

static bool write_stream(struct writer *writer, const struct stream *stream, struct error *error)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (!writer_item(writer, stream->items[i], error))
            return false;
    return true;
}

void measure_cell(struct cell *cell, const struct protocol_option *option,
                  const struct stream *stream, bool footers, const struct schema *schema)
{
    struct arena *arena = arena_create();
    struct writing writing = {.option = option, .footers = footers};
    struct writer *writer = writer_create(&writing);
    cell->outcome = OUTCOME_REJECT;
    cell->written = write_stream(writer, stream, &cell->error);
    if (cell->written) {
        struct bytes bytes = writer_output(writer);
        cell->bytes = bytes.length;
        cell->outcome = outcome_of(
            stream, stream_read_whole(option, bytes, schema, arena, &cell->cost, &cell->error));
        struct reading reading = {.option = option, .input = bytes, .schema = schema};
        cell->seconds = measure_reading_time(&reading);
        /* The table shows the cost of a reader that keeps nothing: a migration keeps nothing. */
        struct error ignored;
        stream_read(&reading, &cell->cost, &ignored);
    }
    writer_destroy(writer);
    arena_destroy(arena);
}
