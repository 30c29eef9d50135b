/* SPDX-License-Identifier: MIT */
#include "program/diff/take_entries.h"

enum { STATTR_PAGE_SIZE = 4096 }; /* s390 has no other */

struct entry_handler {
    const char *kind; /* as vmwire_entry_kind_name() calls it */
    void (*take)(struct entry_reading *reading, const struct vmwire_entry *entry);
};

static struct entry_owner *own(struct entry_reading *reading, enum owner_kind kind,
                               struct vmwire_bytes name)
{
    struct entry_comparison *comparison = reading->comparison;
    struct entry_owner *owner =
        find_owner(&comparison->owners, reading->section, kind, name, comparison->error);
    if (!owner) {
        comparison->answer = TABLE_NO_MEMORY;
        reading->failed = true;
    }
    return owner;
}

static void put(struct entry_reading *reading, const struct entry_owner *owner, uint64_t number,
                struct content content)
{
    struct entry_comparison *comparison = reading->comparison;
    if (!owner || reading->failed)
        return;
    comparison->answer =
        put_entry(&comparison->table, reading->side, owner->number, number, content);
    reading->failed = comparison->answer != TABLE_TAKEN;
}

static struct content content_of(struct vmwire_bytes bytes)
{
    size_t length = bytes.length < CONTENT_LENGTH_MOST ? bytes.length : CONTENT_LENGTH_MOST;
    return (struct content){{.data = bytes.data},
                            .length = (uint32_t)length & CONTENT_LENGTH_MOST,
                            .class = CONTENT_BYTES};
}

static struct content fill_of(const uint8_t *byte)
{
    return (struct content){{.data = byte}, .length = 1, .class = CONTENT_FILL};
}

static const uint8_t zero = 0;

/* ---- RAM --------------------------------------------------------------------------------------- */

/* A page without a name is of the block of the page before. */
static struct entry_owner *block_of(struct entry_reading *reading, const struct vmwire_entry *page)
{
    bool same = reading->block && reading->block->section == reading->section &&
                (!page->name.length ||
                 (page->name.length == reading->block_name.length &&
                  memcmp(page->name.data, reading->block_name.data, page->name.length) == 0));
    if (same)
        return reading->block;
    if (page->name.length || !reading->block)
        reading->block_name = page->name;
    return reading->block = own(reading, OWNER_PAGES, reading->block_name);
}

static void take_page(struct entry_reading *reading, const struct vmwire_entry *page)
{
    put(reading, block_of(reading, page), page->value, content_of(page->data));
}

static void take_zero_page(struct entry_reading *reading, const struct vmwire_entry *page)
{
    put(reading, block_of(reading, page), page->value, fill_of(page->data.data));
}

static void take_encoded_page(struct entry_reading *reading, const struct vmwire_entry *page)
{
    uint64_t digest = vmwire_fingerprint(page->data) ^ (uint64_t)page->kind << 56;
    put(reading, block_of(reading, page), page->value,
        (struct content){{.digest = digest}, .length = 0, .class = CONTENT_ENCODED});
}

/* Mapped RAM: a bit of the bitmap for each page; QEMU writes 64 of them as a number of the host, which is little-endian
 * (migration/ram.c, ram_save_file_bmap). A page without a bit is zero. */
static void take_mapped_pages(struct entry_reading *reading, const struct vmwire_entry *block,
                              const struct entry_owner *owner)
{
    size_t bitmap_size = vmwire_mapped_bitmap_size(block);
    if (!bitmap_size || block->data.length < block->value)
        return;
    uint64_t page_size = vmwire_be64(block->header.data + 4);
    const uint8_t *bitmap = block->header.data + VMWIRE_MAPPED_RAM_HEADER_SIZE;
    for (uint64_t i = 0; i < block->value / page_size && !reading->failed; i++) {
        bool sent = bitmap[i / 8] >> i % 8 & 1;
        struct vmwire_bytes page = {block->data.data + i * page_size, page_size};
        put(reading, owner, i * page_size, sent ? content_of(page) : fill_of(&zero));
    }
}

/* A block in the list of all blocks. */
static void take_block(struct entry_reading *reading, const struct vmwire_entry *block)
{
    struct entry_owner *owner = own(reading, OWNER_PAGES, block->name);
    if (!owner)
        return;
    const uint8_t *rest = block->raw.data + 1 + block->name.length + 8;
    const uint8_t *end =
        block->header.data ? block->header.data : block->raw.data + block->raw.length;
    bool follows = rest < end && reading->comparison->sources[reading->side].option->encoding ==
                                     VMWIRE_ENCODING_QEMU;
    owner->block[reading->side] =
        (struct owner_block){true, block->value, {rest, follows ? (size_t)(end - rest) : 0}};
    if (block->header.data)
        take_mapped_pages(reading, block, owner);
}

/* ---- dirty-bitmap ------------------------------------------------------------------------------ */

/* Takes a name with its length byte from the front. */
static struct vmwire_bytes take_name(struct vmwire_bytes *names)
{
    if (!names->length)
        return (struct vmwire_bytes){NULL, 0};
    struct vmwire_bytes name = {names->data + 1, names->data[0]};
    names->data += 1 + name.length;
    names->length -= 1 + name.length;
    return name;
}

/* Sets the owners, by the names of the node and of the bitmap. One that the chunk has not is that of the chunk before. */
static void name_bitmap(struct entry_reading *reading, const struct vmwire_entry *chunk)
{
    struct vmwire_bytes names = chunk->name;
    if (!names.length && reading->bitmap)
        return;
    if (chunk->value & VMWIRE_DIRTY_BITMAP_MIG_FLAG_DEVICE_NAME)
        reading->node_name = take_name(&names);
    if (chunk->value & VMWIRE_DIRTY_BITMAP_MIG_FLAG_BITMAP_NAME)
        reading->bitmap_name = take_name(&names);
    uint8_t text[2 * UINT8_MAX + 1];
    size_t length = reading->node_name.length;
    if (length)
        memcpy(text, reading->node_name.data, length);
    text[length++] = '/';
    if (reading->bitmap_name.length)
        memcpy(text + length, reading->bitmap_name.data, reading->bitmap_name.length);
    const struct vmwire_bytes both = {text, length + reading->bitmap_name.length};
    reading->bitmap = own(reading, OWNER_BITMAP, both);
    reading->bitmap_setting = own(reading, OWNER_BITMAP_SETTING, both);
}

static void take_bitmap_chunk(struct entry_reading *reading, const struct vmwire_entry *chunk)
{
    const uint64_t names = VMWIRE_DIRTY_BITMAP_MIG_FLAG_DEVICE_NAME |
                           VMWIRE_DIRTY_BITMAP_MIG_FLAG_BITMAP_NAME |
                           VMWIRE_DIRTY_BITMAP_MIG_EXTRA_FLAGS;
    uint64_t flags = chunk->value & ~names;
    if (!flags || flags & VMWIRE_DIRTY_BITMAP_MIG_FLAG_EOS)
        return;
    name_bitmap(reading, chunk);
    struct vmwire_bytes body = chunk->data;
    if (!(flags & VMWIRE_DIRTY_BITMAP_MIG_FLAG_BITS) || body.length < 8)
        put(reading, reading->bitmap_setting, flags, content_of(body));
    else
        put(reading, reading->bitmap, vmwire_be64(body.data),
            content_of((struct vmwire_bytes){body.data + 8, body.length - 8}));
}

/* ---- spapr/htab, s390-storage_attributes, block ------------------------------------------------ */

static struct vmwire_bytes no_name(void)
{
    return vmwire_bytes_of_string("");
}

static void take_hash_shift(struct entry_reading *reading, const struct vmwire_entry *entry)
{
    put(reading, own(reading, OWNER_HASH_SHIFT, no_name()), 0, content_of(entry->raw));
}

/* A be32 index, a be16 number of valid entries, a be16 number of others behind them, the valid ones. */
static void take_hash_chunk(struct entry_reading *reading, const struct vmwire_entry *chunk)
{
    const struct entry_owner *table = own(reading, OWNER_HASH_TABLE, no_name());
    const struct vmwire_bytes invalid = {chunk->raw.data + 6, 2};
    uint64_t valid = chunk->data.length / VMWIRE_HASH_PTE_SIZE_64;
    for (uint64_t i = 0; i < valid && !reading->failed; i++)
        put(reading, table, chunk->value + i,
            content_of((struct vmwire_bytes){chunk->data.data + i * VMWIRE_HASH_PTE_SIZE_64,
                                             VMWIRE_HASH_PTE_SIZE_64}));
    if (vmwire_be16(invalid.data))
        put(reading, own(reading, OWNER_HASH_INVALID, no_name()), chunk->value + valid,
            content_of(invalid));
}

static void take_attributes(struct entry_reading *reading, const struct vmwire_entry *entry)
{
    const struct entry_owner *owner = own(reading, OWNER_ATTRIBUTES, no_name());
    for (size_t i = 0; i < entry->data.length && !reading->failed; i++)
        put(reading, owner, entry->value / STATTR_PAGE_SIZE + i,
            content_of((struct vmwire_bytes){entry->data.data + i, 1}));
}

static void take_disk_chunk(struct entry_reading *reading, const struct vmwire_entry *chunk)
{
    put(reading, own(reading, OWNER_DISK, chunk->name), chunk->value, content_of(chunk->data));
}

static void take_disk_zeroes(struct entry_reading *reading, const struct vmwire_entry *chunk)
{
    put(reading, own(reading, OWNER_DISK, chunk->name), chunk->value, fill_of(&zero));
}

/* ---- Reading ----------------------------------------------------------------------------------- */

/* The other kinds are no state: the ends of lists, marks between pages, how far a disk is. */
static const struct entry_handler handlers[] = {
    {"RAM_PAGE", take_page},
    {"RAM_ZERO", take_zero_page},
    {"BLOCK_NAME", take_block},
    {"RAM_XBZRLE", take_encoded_page},
    {"RAM_COMPRESS", take_encoded_page},
    {"BITMAP_CHUNK", take_bitmap_chunk},
    {"HTAB_SHIFT", take_hash_shift},
    {"HTAB_CHUNK", take_hash_chunk},
    {"STATTR_MORE", take_attributes},
    {"DISK_CHUNK", take_disk_chunk},
    {"DISK_ZEROES", take_disk_zeroes},
};

static struct compared_section *find_section(const struct entry_comparison *comparison,
                                             const struct vmwire_item *item)
{
    for (struct compared_section *each = comparison->differences->first_section; each;
         each = each->next)
        if (each->iterable && each->instance_id == item->instance_id &&
            each->idstr.length == item->idstr.length &&
            memcmp(each->idstr.data, item->idstr.data, item->idstr.length) == 0)
            return each;
    return NULL;
}

/* A start tells the section of an id. */
static void find_iterable(struct entry_reading *reading, const struct vmwire_item *section)
{
    size_t i = 0;
    while (i < reading->started_count && reading->started[i].section_id != section->section_id)
        i++;
    bool known = i < reading->started_count;
    if (section->kind == VMWIRE_ITEM_SECTION_START && i < STARTED_MOST) {
        reading->started[i] =
            (struct started){section->section_id, find_section(reading->comparison, section)};
        reading->started_count += !known;
        known = true;
    }
    reading->at = section->raw.data;
    reading->section = known ? reading->started[i].section : NULL;
}

void take_entry(void *context, const struct vmwire_item *section, const struct vmwire_entry *entry)
{
    struct entry_reading *reading = context;
    if (reading->failed)
        return;
    if (section->raw.data != reading->at)
        find_iterable(reading, section);
    if (entry->kind != reading->kind) {
        const char *name = vmwire_entry_kind_name(entry);
        reading->kind = entry->kind;
        reading->handler = NULL;
        for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
            if (strcmp(handlers[i].kind, name) == 0)
                reading->handler = &handlers[i];
    }
    if (reading->section && reading->handler)
        reading->handler->take(reading, entry);
}
