/* SPDX-License-Identifier: MIT */
#include "skew/shared/aliases.h"

#include <string.h>

#include "skew/shared/loader_tables.h"
#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"

/* Without a second id, a section has this one. */
static const uint32_t no_alias = UINT32_MAX;

static bool is_of(const struct alias_row *row, const struct vmwire_item *item)
{
    return idstr_is(item->idstr, row->section);
}

/* The first section with the name of this one, and with the id; `any`: with any id. */
static const struct vmwire_item *find_own(const struct skew *skew, const struct vmwire_item *sent,
                                          uint32_t instance_id, bool any)
{
    const struct vmwire_stream *stream = skew->reader->stream;
    for (size_t i = 0; stream && i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (begins_section(item) && (any || item->instance_id == instance_id) &&
            item->idstr.length == sent->idstr.length &&
            memcmp(item->idstr.data, sent->idstr.data, sent->idstr.length) == 0)
            return item;
    }
    return NULL;
}

/* Whether all releases that the reader can be of have the second id, or none has. */
static bool all_have(const struct skew *skew, const struct alias_row *row)
{
    return !row->last || reader_releases(skew).last <= row->last;
}

static bool none_has(const struct skew *skew, const struct alias_row *row)
{
    return row->until && reader_releases(skew).first >= row->until;
}

static const char *by_release(const struct skew *skew, const char *than, unsigned release)
{
    return vmwire_text(skew->arena, "the reader is %s than QEMU %u.%u: give its program", than,
                       release / 100, release % 100);
}

/* By the ids of old. */
static const struct vmwire_item *find_by_alias(const struct skew *skew,
                                               const struct vmwire_item *sent, const char **when)
{
    for (size_t i = 0; i < alias_row_count; i++) {
        const struct alias_row *row = &alias_rows[i];
        if (!is_of(row, sent) || none_has(skew, row))
            continue;
        const struct vmwire_item *own = find_own(skew, sent, row->instance, false);
        if (row->movable && sent->instance_id >= row->movable && find_own(skew, sent, 0, true))
            *when = "the number is not the address of the reader's device";
        if (row->id != sent->instance_id || !own)
            continue;
        if (all_have(skew, row))
            return own;
        *when = by_release(skew, "newer", row->last);
        return NULL;
    }
    return NULL;
}

/* By the id of sections without a second one: devices have it, and no iterable section does. */
static const struct vmwire_item *
find_without_alias(const struct skew *skew, const struct vmwire_item *sent, const char **when)
{
    if (sent->kind == VMWIRE_ITEM_SECTION_START)
        return NULL;
    for (size_t i = 0; i < alias_row_count; i++) {
        const struct alias_row *row = &alias_rows[i];
        if (!is_of(row, sent) || none_has(skew, row))
            continue;
        if (!all_have(skew, row) && find_own(skew, sent, 0, true))
            *when = by_release(skew, "older", row->until);
        return NULL;
    }
    return find_own(skew, sent, 0, true);
}

const struct vmwire_item *find_taker(const struct skew *skew, const struct vmwire_item *sent,
                                     const char **when)
{
    *when = NULL;
    const struct vmwire_item *own = find_own(skew, sent, sent->instance_id, false);
    if (own)
        return own;
    return sent->instance_id == no_alias ? find_without_alias(skew, sent, when)
                                         : find_by_alias(skew, sent, when);
}
