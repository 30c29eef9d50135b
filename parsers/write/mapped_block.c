/* SPDX-License-Identifier: MIT */
/*
 * Writes blocks of mapped RAM. Knows nothing of items.
 */
#include "write/mapped_block.h"

struct mapped_place place_mapped_block(const struct vmwire_writer *writer,
                                       const struct vmwire_entry *entry, uint64_t behind)
{
    uint64_t alignment = VMWIRE_MAPPED_RAM_FILE_OFFSET_ALIGNMENT;
    struct mapped_place place = {.begins = writer->taken + writer->output.length + behind};
    place.bitmap = place.begins + (uint64_t)(entry->header.data - entry->raw.data) +
                   VMWIRE_MAPPED_RAM_HEADER_SIZE;
    place.bitmap_end = place.bitmap + vmwire_mapped_bitmap_size(entry);
    bool padded = entry->header.length > VMWIRE_MAPPED_RAM_HEADER_SIZE;
    place.pages =
        padded ? (place.bitmap_end + alignment - 1) / alignment * alignment : place.bitmap_end;
    place.ends = place.pages + entry->data.length;
    return place;
}

void put_mapped_block(struct vmwire_writer *writer, const struct vmwire_entry *entry,
                      struct mapped_place place)
{
    const bool drop = writer->writing.drop_ram;
    size_t before = (size_t)(entry->header.data - entry->raw.data);
    put(writer, (struct vmwire_bytes){entry->raw.data, before + 12});
    put_integer(append_zeros(writer, 8), 8, place.bitmap);
    put_integer(append_zeros(writer, 8), 8, place.pages);
    const uint8_t *bitmap = entry->header.data + VMWIRE_MAPPED_RAM_HEADER_SIZE;
    size_t bitmap_size = (size_t)(place.bitmap_end - place.bitmap);
    put_large(writer, (struct vmwire_bytes){drop ? NULL : bitmap, bitmap_size});
    put_large(writer, (struct vmwire_bytes){NULL, (size_t)(place.pages - place.bitmap_end)});
    put_large(writer, (struct vmwire_bytes){drop ? NULL : entry->data.data, entry->data.length});
}
