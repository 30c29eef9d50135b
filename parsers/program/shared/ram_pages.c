/* SPDX-License-Identifier: MIT */
#include "program/shared/ram_pages.h"

#include <string.h>

#include "vmwire/reader.h"

/* As C strings. */
static bool is_name(struct vmwire_bytes name, struct vmwire_bytes other)
{
    const size_t length = strnlen((const char *)name.data, name.length);
    return length == strnlen((const char *)other.data, other.length) &&
           memcmp(name.data, other.data, length) == 0;
}

static const struct listed_block *find_listed(const struct ram_pages *pages,
                                              struct vmwire_bytes name)
{
    for (size_t i = 0; i < pages->count; i++)
        if (is_name(pages->listed[i].name, name))
            return &pages->listed[i];
    return NULL;
}

static void take_block(struct ram_pages *pages, const struct vmwire_entry *entry)
{
    if (pages->count < LISTED_BLOCKS_MOST)
        pages->listed[pages->count++] = (struct listed_block){entry->name, entry->value};
}

void take_ram_entry(struct ram_pages *pages, const struct vmwire_entry *entry,
                    struct vmwire_lost_page *lost)
{
    if (strcmp(vmwire_entry_kind_name(entry), "BLOCK_NAME") == 0)
        take_block(pages, entry);
    /* RAM of version 3 has no names. */
    if (!entry->page || !pages->count || pages->count == LISTED_BLOCKS_MOST || lost->block.data)
        return;
    if (entry->name.data) {
        pages->named = entry->name;
        pages->own = find_listed(pages, entry->name);
    }
    if (!pages->own || entry->value >= pages->own->length)
        *lost = (struct vmwire_lost_page){.block = pages->named,
                                          .address = entry->value,
                                          .length = pages->own ? pages->own->length : 0,
                                          .offset = (uint64_t)(entry->raw.data - pages->begin)};
}
