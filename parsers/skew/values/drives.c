/* SPDX-License-Identifier: MIT */
#include "skew/values/drives.h"

#include <inttypes.h>
#include <string.h>

#include "skew/shared/loader_tables.h"
#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"

static const struct vmwire_seen_drive *find_own(const struct skew *skew, const char *name)
{
    for (size_t i = 0; i < skew->reader->drive_count; i++)
        if (idstr_is(skew->reader->drives[i].name, name))
            return &skew->reader->drives[i];
    return NULL;
}

/* No release that the reader can be takes the section at all, and that is told. */
static bool is_removed(const struct skew *skew)
{
    for (size_t i = 0; i < removed_row_count; i++)
        if (strcmp(removed_rows[i].idstr, "block") == 0)
            return reader_releases(skew).first >= removed_rows[i].until;
    return false;
}

static void add_drive(struct skew *skew, const struct vmwire_item *section,
                      const struct vmwire_seen_drive *drive, const struct vmwire_seen_drive *own)
{
    const char *name = text_of_bytes(skew, drive->name);
    struct vmwire_difference difference =
        section_difference(skew, own ? "drive-size" : "drive-unknown", section);
    difference.certainty = VMWIRE_NOT_DECIDED;
    difference.path = name;
    difference.writer = vmwire_text(skew->arena, "a chunk at sector %" PRIu64, drive->sector);
    difference.reader =
        own ? vmwire_text(skew->arena, "its last chunk at sector %" PRIu64, own->sector) : NULL;
    difference.when =
        own ? "the reader's drive is as long: with a shared base its own stream shows only what is "
              "written behind it"
        : skew->reader->drive_count
            ? "the reader's machine has such a drive: with a shared base its own stream shows only "
              "what is written behind it"
            : "the reader's machine has such a drive: its own stream shows its drives only with "
              "the capability block";
    difference.offset = drive->offset;
    difference.message = fill_message(skew->arena, reader_message(skew, difference.rule), &name, 1);
    add_difference(skew, difference);
}

void compare_drives(struct skew *skew)
{
    const struct vmwire_item *section =
        first_item(skew->writer->stream, VMWIRE_ITEM_SECTION_START, "block");
    for (size_t i = 0; section && !is_removed(skew) && i < skew->writer->drive_count; i++) {
        const struct vmwire_seen_drive *drive = &skew->writer->drives[i];
        const struct vmwire_seen_drive *own = find_own(skew, text_of_bytes(skew, drive->name));
        if (!own || own->sector < drive->sector)
            add_drive(skew, section, drive, own);
    }
}

/* ---- Dirty bitmaps ---- */

static bool is_same(struct vmwire_bytes a, struct vmwire_bytes b)
{
    return a.length == b.length && (!a.length || memcmp(a.data, b.data, a.length) == 0);
}

static bool has_bitmap(const struct vmwire_side *side, const struct vmwire_seen_bitmap *bitmap)
{
    for (size_t i = 0; i < side->bitmap_count; i++)
        if (is_same(side->bitmaps[i].node, bitmap->node) &&
            is_same(side->bitmaps[i].name, bitmap->name))
            return true;
    return false;
}

void compare_bitmaps(struct skew *skew)
{
    const struct vmwire_item *section =
        first_item(skew->writer->stream, VMWIRE_ITEM_SECTION_START, "dirty-bitmap");
    for (size_t i = 0; section && i < skew->writer->bitmap_count; i++) {
        const struct vmwire_seen_bitmap *bitmap = &skew->writer->bitmaps[i];
        const bool exists = has_bitmap(skew->reader, bitmap);
        const char *node = text_of_bytes(skew, bitmap->node),
                   *name = text_of_bytes(skew, bitmap->name);
        struct vmwire_difference difference =
            section_difference(skew, exists ? "bitmap-exists" : "bitmap-node", section);
        difference.path = name;
        difference.writer = vmwire_text(skew->arena, "bitmap %s of node %s", name, node);
        difference.reader = exists ? difference.writer : "not told by its stream";
        difference.offset = bitmap->offset;
        difference.message =
            fill_message(skew->arena, reader_message(skew, difference.rule), &name, 1);
        if (!exists) {
            difference.certainty = VMWIRE_NOT_DECIDED;
            difference.when = "whether the reader has such a node: no stream shows its nodes, and "
                              "one without the capability dirty-bitmaps no bitmaps";
        }
        add_difference(skew, difference);
    }
}
