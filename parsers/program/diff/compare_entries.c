/* SPDX-License-Identifier: MIT */
/*
 * Reads both streams for each share of their entries, and compares what was sent last under each key.
 */
#include "program/diff/compare_entries.h"

#include "program/diff/entry_owners.h"
#include "program/diff/entry_table.h"

struct entry_handler;

enum {
    STARTED_MOST = 64,       /* a reader takes no more iterable sections */
    STATTR_PAGE_SIZE = 4096, /* s390 has no other */
    PAGES_AT_ONCE = 1 << 18, /* for more, the table takes a share at a time from the beginning */
};

struct entry_comparison {
    struct differences *differences;
    const struct entry_source *sources;
    struct entry_owners owners;
    struct entry_table table;
    enum table_answer answer;
    struct vmwire_error *error;
};

/* The iterable sections by their ids: a part has no idstr on the wire. */
struct started {
    uint32_t section_id;
    struct compared_section *section;
};

/* One reading of a stream. */
struct entry_reading {
    struct entry_comparison *comparison;
    int side;
    bool failed; /* an owner could not be made; or the table gave up */
    struct started started[STARTED_MOST];
    size_t started_count;
    const uint8_t *at;                   /* where the section begins */
    struct compared_section *section;    /* NULL: none is compared */
    int kind;                            /* of the last entry */
    const struct entry_handler *handler; /* of that kind; NULL: none */
    struct entry_owner *block, *bitmap, *bitmap_setting;
    struct vmwire_bytes block_name;             /* of `block` */
    struct vmwire_bytes node_name, bitmap_name; /* of `bitmap` */
};

/* ---- Which entry it is ------------------------------------------------------------------------- */

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

static void take_entry(void *context, const struct vmwire_item *section,
                       const struct vmwire_entry *entry)
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

/* Returns false with the error set when memory runs out; otherwise the comparison's answer tells whether the table was large
 * enough. */
static bool read_side(struct entry_comparison *comparison, int side)
{
    const struct entry_source *source = &comparison->sources[side];
    struct entry_reading entries = {.comparison = comparison, .side = side, .kind = -1};
    struct vmwire_reading reading = {.option = source->option,
                                     .input = source->stream,
                                     .schema = source->schema,
                                     .entry_sink = {&entries, take_entry}};
    struct vmwire_cost cost;
    if (!vmwire_stream_read(&reading, &cost, comparison->error))
        return false;
    return comparison->answer != TABLE_NO_MEMORY || vmwire_error_set_memory(comparison->error, 0);
}

/* ---- Comparing --------------------------------------------------------------------------------- */

static bool tally_table(void *context)
{
    struct entry_comparison *comparison = context;
    for (size_t i = 0; i < comparison->table.room; i++)
        if (comparison->table.slots[i].key)
            tally_entry(&comparison->owners, &comparison->table.slots[i]);
    return true;
}

/* Compares one share. */
static bool compare_share(struct entry_comparison *comparison)
{
    clear_table(&comparison->table);
    for (int side = 0; side < SIDE_COUNT && comparison->answer == TABLE_TAKEN; side++)
        if (!read_side(comparison, side))
            return false;
    return comparison->answer != TABLE_TAKEN ||
           vmwire_arena_attempt(comparison->owners.arena, tally_table, comparison,
                                comparison->error);
}

/* Where a share does not fit, all begins anew with smaller ones. */
static bool compare_shares(struct entry_comparison *comparison)
{
    struct entry_table *table = &comparison->table;
    for (table->share = 0; table->share < table->shares; table->share++) {
        comparison->answer = TABLE_TAKEN;
        if (!compare_share(comparison))
            return false;
        if (comparison->answer != TABLE_FULL)
            continue;
        forget_counts(&comparison->owners);
        table->shares *= 2;
        table->share = UINT64_MAX; /* the next one is 0 */
    }
    return true;
}

static bool add_differences(void *context)
{
    struct entry_comparison *comparison = context;
    add_owner_differences(comparison->differences, &comparison->owners);
    return true;
}

bool compare_entries(struct differences *differences, const struct entry_source sources[SIDE_COUNT],
                     struct vmwire_error *error)
{
    uint64_t a = sources[SIDE_A].pages, b = sources[SIDE_B].pages;
    struct entry_comparison comparison = {.differences = differences,
                                          .sources = sources,
                                          .owners = {.arena = differences->arena},
                                          .table = {.shares = (a > b ? a : b) / PAGES_AT_ONCE + 1},
                                          .error = error};
    comparison.owners.end = &comparison.owners.first;
    bool compared = compare_shares(&comparison) &&
                    vmwire_arena_attempt(differences->arena, add_differences, &comparison, error);
    free_table(&comparison.table);
    return compared;
}
