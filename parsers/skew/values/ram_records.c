/* SPDX-License-Identifier: MIT */
#include "skew/values/ram_records.h"

#include <string.h>

#include "skew/shared/loader_tables.h"
#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"

static bool has_kind(const struct vmwire_side *side, const char *kind)
{
    for (const char *const *each = side->entry_kinds; each && *each; each++)
        if (strcmp(*each, kind) == 0)
            return true;
    return false;
}

static bool has_release(const struct ram_record_row *row, unsigned release)
{
    return release >= row->since && (!row->until || release < row->until);
}

static void add_record(struct skew *skew, const struct ram_record_row *row)
{
    const struct vmwire_item *ram =
        first_item(skew->writer->stream, VMWIRE_ITEM_SECTION_START, "ram");
    const struct release_range releases = reader_releases(skew);
    const bool all = has_release(row, releases.first) && has_release(row, releases.last),
               none = !has_release(row, releases.first) && !has_release(row, releases.last);
    struct vmwire_difference difference = certain_difference("ram-record");
    difference.certainty = none ? VMWIRE_CERTAIN : VMWIRE_NOT_DECIDED;
    difference.section = "ram";
    difference.writer = row->entry;
    difference.advice = row->advice;
    difference.section_offset =
        ram ? offset_in(skew->writer, ram->raw.data) : VMWIRE_ERROR_NO_OFFSET;
    /* A reader's own stream tells a capability that it was written with; without one, settings are not asked. */
    if (all && (!row->capability || !skew->reader->stream))
        return;
    const char *flags = vmwire_text(skew->arena, "%x", row->flags);
    difference.message =
        all ? row->message
            : fill_message(skew->arena, reader_message(skew, difference.rule), &flags, 1);
    if (all)
        difference.when =
            vmwire_text(skew->arena, "the reader has the capability %s off", row->capability);
    else if (!none)
        difference.when = "the reader's release does not take it: give its program";
    add_difference(skew, difference);
}

void check_ram_records(struct skew *skew)
{
    for (size_t i = 0; i < ram_record_row_count; i++)
        if (has_kind(skew->writer, ram_record_rows[i].entry) &&
            !has_kind(skew->reader, ram_record_rows[i].entry))
            add_record(skew, &ram_record_rows[i]);
}
