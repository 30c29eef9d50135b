/* SPDX-License-Identifier: MIT */
#include "program/shared/ram_pages.h"

#include <string.h>

#include "vmwire/wire.h"

#include "vmwire/reader.h"

/* As C strings. */
static bool is_name(struct vmwire_bytes name, struct vmwire_bytes other)
{
    const size_t length = strnlen((const char *)name.data, name.length);
    return length == strnlen((const char *)other.data, other.length) &&
           memcmp(name.data, other.data, length) == 0;
}

static struct vmwire_listed_block *find_listed(struct ram_pages *pages, struct vmwire_bytes name)
{
    for (size_t i = 0; i < pages->count; i++)
        if (is_name(pages->listed[i].name, name))
            return &pages->listed[i];
    return NULL;
}

static void take_block(struct ram_pages *pages, const struct vmwire_entry *entry)
{
    if (pages->count < LISTED_BLOCKS_MOST)
        pages->listed[pages->count++] =
            (struct vmwire_listed_block){.name = entry->name, .length = entry->value};
}

static bool is_lost_already(const struct ram_pages *pages)
{
    for (size_t i = 0; i < pages->lost_count; i++)
        if (is_name(pages->lost[i].block, pages->named))
            return true;
    return pages->lost_count == LOST_PAGES_MOST;
}

static void take_page(struct ram_pages *pages, struct vmwire_bytes stream,
                      const struct vmwire_entry *page)
{
    if (page->name.data) {
        pages->named = page->name;
        pages->own = find_listed(pages, page->name);
    }
    pages->address_bits |= page->value;
    pages->whole |= strcmp(vmwire_entry_kind_name(page), "RAM_PAGE") == 0;
    if (pages->own)
        pages->own->paged = true;
    if ((pages->own && page->value < pages->own->length) || is_lost_already(pages))
        return;
    pages->lost[pages->lost_count++] = (struct vmwire_lost_page){
        .block = pages->named,
        .listed = pages->own != NULL,
        .address = page->value,
        .length = pages->own ? pages->own->length : 0,
        .offset = (uint64_t)(page->raw.data - stream.data),
    };
}

static struct vmwire_seen_drive *find_drive(struct ram_pages *pages, struct vmwire_bytes name)
{
    for (size_t i = 0; i < pages->drive_count; i++)
        if (is_name(pages->drives[i].name, name))
            return &pages->drives[i];
    return NULL;
}

static void take_chunk(struct ram_pages *pages, struct vmwire_bytes stream,
                       const struct vmwire_entry *chunk)
{
    struct vmwire_seen_drive *drive = find_drive(pages, chunk->name);
    if (!drive && pages->drive_count < DRIVES_MOST) {
        drive = &pages->drives[pages->drive_count++];
        *drive = (struct vmwire_seen_drive){.name = chunk->name,
                                            .offset = (uint64_t)(chunk->raw.data - stream.data)};
    }
    if (drive && chunk->value > drive->sector)
        drive->sector = chunk->value;
}

/* Takes the next name of a chunk, which has its length in front. */
static struct vmwire_bytes take_name(struct vmwire_bytes *rest)
{
    if (!rest->length || rest->length <= rest->data[0])
        return (struct vmwire_bytes){NULL, 0};
    const struct vmwire_bytes name = {rest->data + 1, rest->data[0]};
    *rest = (struct vmwire_bytes){rest->data + 1 + name.length, rest->length - 1 - name.length};
    return name;
}

/* A chunk that begins a bitmap names it, and its node, if that is another one than before. */
static void take_bitmap(struct ram_pages *pages, struct vmwire_bytes stream,
                        const struct vmwire_entry *chunk)
{
    struct vmwire_bytes rest = chunk->name;
    if (chunk->value & VMWIRE_DIRTY_BITMAP_MIG_FLAG_DEVICE_NAME)
        pages->node = take_name(&rest);
    if ((chunk->value & VMWIRE_DIRTY_BITMAP_MIG_FLAG_START) && pages->bitmap_count < BITMAPS_MOST)
        pages->bitmaps[pages->bitmap_count++] =
            (struct vmwire_seen_bitmap){.node = pages->node,
                                        .name = take_name(&rest),
                                        .offset = (uint64_t)(chunk->raw.data - stream.data)};
}

void take_ram_entry(struct ram_pages *pages, struct vmwire_bytes stream,
                    const struct vmwire_entry *entry)
{
    const char *kind = vmwire_entry_kind_name(entry);
    if (strcmp(kind, "BLOCK_NAME") == 0)
        take_block(pages, entry);
    else if (strcmp(kind, "DISK_CHUNK") == 0 || strcmp(kind, "DISK_ZEROES") == 0)
        take_chunk(pages, stream, entry);
    else if (strcmp(kind, "BITMAP_CHUNK") == 0)
        take_bitmap(pages, stream, entry);
    /* RAM of version 3 has no names. */
    else if (entry->page && pages->count && pages->count < LISTED_BLOCKS_MOST)
        take_page(pages, stream, entry);
}

struct vmwire_ram_seen ram_seen(const struct ram_pages *pages)
{
    const bool all = pages->count < LISTED_BLOCKS_MOST;
    return (struct vmwire_ram_seen){.blocks = pages->listed,
                                    .block_count = all ? pages->count : 0,
                                    .address_bits = pages->address_bits,
                                    .whole = pages->whole};
}
