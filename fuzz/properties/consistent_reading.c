/* SPDX-License-Identifier: MIT */
/* Compares; see consistent_reading.h. */
#include "properties/consistent_reading.h"

#include "properties/bounded_read.h"
#include "properties/findings.h"

static bool is_of_current_format(const struct vmwire_option *option)
{
    return option->stream_version == VMWIRE_QEMU_VM_FILE_VERSION &&
           option->subsections == VMWIRE_SUBSECTION_INLINE && !option->flat;
}

/* The first section tells whether a stream has footers. Two readings that differ in this are not of one kind. */
static bool same_footers(const struct vmwire_stream *a, const struct vmwire_stream *b)
{
    for (size_t i = 0; i < a->item_count && i < b->item_count; i++)
        if (a->items[i]->record && a->items[i]->kind == VMWIRE_ITEM_SECTION_FULL)
            return a->items[i]->footer == b->items[i]->footer;
    return true;
}

void require_consistent_reading(const struct test_case *test_case,
                                const struct ambiguous_readings *found)
{
    if (!is_of_current_format(test_case->option))
        return;
    struct read_result read = read_within_bounds(
        test_case, (struct vmwire_reading){.option = vmwire_option_find("consistent")});
    if (!read.stream)
        return;
    fuzz_require(could_be_sent(read.stream), "consistent reads what no writer sends");
    if (found->count == 2 &&
        same_footers(found->alternatives[0].stream, found->alternatives[1].stream))
        fuzz_require(false, "consistent accepts a stream that has two readings");
    if (found->count == 1 && same_footers(found->alternatives[0].stream, read.stream))
        fuzz_require(vmwire_stream_equal(found->alternatives[0].stream, read.stream),
                     "consistent reads other than the only reading");
}
