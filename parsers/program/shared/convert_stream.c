/* SPDX-License-Identifier: MIT */
/*
 * Hands each item, and each entry before it, from the reader to the writer. It must not know what becomes of the bytes.
 */
#include "program/shared/convert_stream.h"

struct handover {
    struct vmwire_writer *writer;
    struct vmwire_error error;
    bool failed;
};

static void hand_over(void *context, const struct vmwire_item *item)
{
    struct handover *handover = context;
    if (!handover->failed)
        handover->failed = !vmwire_writer_item(handover->writer, item, &handover->error);
}

static void hand_over_entry(void *context, const struct vmwire_item *section,
                            const struct vmwire_entry *entry)
{
    struct handover *handover = context;
    if (!handover->failed)
        handover->failed = !vmwire_writer_entry(handover->writer, section, entry, &handover->error);
}

bool convert_stream(const struct conversion *conversion, struct vmwire_error *error)
{
    struct vmwire_writing writing = conversion->writing;
    writing.entries_from = conversion->from;
    struct handover handover = {.writer = vmwire_writer_create(&writing, error)};
    if (!handover.writer)
        return false;
    struct vmwire_reading reading = {.option = conversion->from,
                                     .input = conversion->input,
                                     .schema = conversion->schema,
                                     .sink = {&handover, hand_over, false},
                                     .entry_sink = {&handover, hand_over_entry}};
    struct vmwire_cost cost;
    bool read = vmwire_stream_read(&reading, &cost, error);
    vmwire_writer_destroy(handover.writer);
    if (read && handover.failed)
        *error = handover.error;
    return read && !handover.failed;
}

static bool count_bytes(void *context, struct vmwire_bytes bytes, struct vmwire_error *error)
{
    (void)error;
    *(uint64_t *)context += bytes.length;
    return true;
}

bool measure_converted(struct conversion conversion, uint64_t *length, struct vmwire_error *error)
{
    *length = 0;
    conversion.writing.sink = (struct vmwire_byte_sink){length, count_bytes};
    return convert_stream(&conversion, error);
}
