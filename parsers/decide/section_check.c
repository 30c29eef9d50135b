/* SPDX-License-Identifier: MIT */
/*
 * Writes the section and reads it. It must not know why a reader refuses it.
 */
#include "decide/section_check.h"

#include "vmwire/reader.h"
#include "vmwire/writer.h"

bool reader_takes_section(const struct vmwire_question *question, const struct vmwire_item *item,
                          struct vmwire_arena *work)
{
    const struct vmwire_item end = {.kind = VMWIRE_ITEM_EOF};
    struct vmwire_arena *arena = vmwire_arena_create_within(work);
    struct vmwire_writing writing = {
        .option = question->option, .footers = item->footer, .arena = arena};
    struct vmwire_cost cost;
    struct vmwire_error error = {0};
    struct vmwire_writer *writer = vmwire_writer_create(&writing, &error);
    bool read = false;
    if (writer && vmwire_writer_item(writer, item, &error) &&
        vmwire_writer_item(writer, &end, &error)) {
        struct vmwire_reading reading = {.option = question->reader.option,
                                         .input = vmwire_writer_output(writer),
                                         .schema = question->reader.schema};
        read = vmwire_stream_read(&reading, &cost, &error);
    }
    vmwire_writer_destroy(writer);
    vmwire_arena_destroy(arena);
    if (!read && error.kind == VMWIRE_ERROR_MEMORY) /* it says nothing about the section */
        arena_leave_attempt(work, 0);
    return read;
}
