/* SPDX-License-Identifier: MIT */
/*
 * Copies what is between the pages. It must not know how a page is encoded: the reader tells where each lies.
 */
#include "program/shared/leave_out_pages.h"

#include <string.h>

/* Bytes that follow one another in the stream without pages. */
struct kept_run {
    struct vmwire_bytes bytes;
    uint64_t at;      /* the offset in the file of what they are, or stand for */
    uint64_t padding; /* of the gap behind them */
};

/* Where a stream has pages, while a reader reads it. */
struct page_notes {
    enum omission omission;
    struct vmwire_bytes all; /* of the stream */
    struct vmwire_arena *arena;
    struct kept_run *runs;
    size_t run_count, run_room;
    const uint8_t *next; /* the first byte of which it is not noted yet whether it is kept */
    unsigned package_depth;
    uint8_t *package_length; /* of the open package: what is kept */
    uint64_t kept_before,
        content; /* in it: bytes left out when it began; and its length in the stream */
    uint64_t left_out;
    bool keeps_all; /* there is a package within a package, which stands behind it */
    const struct vmwire_item *item; /* that is being noted */
    struct paged_out *out;
    struct vmwire_error memory; /* set where memory has run out */
};

/* Stands for the total of a block list of which the blocks hold their pages: a list of no blocks. */
static const uint8_t no_blocks[8] = {[7] = VMWIRE_RAM_SAVE_FLAG_MEM_SIZE};

static uint64_t offset_of(const struct page_notes *notes, const uint8_t *byte)
{
    return (uint64_t)(byte - notes->all.data);
}

static void keep(struct page_notes *notes, struct vmwire_bytes bytes, const uint8_t *at)
{
    if (!bytes.length)
        return;
    notes->runs = vmwire_arena_grow(notes->arena, notes->runs, notes->run_count, &notes->run_room,
                                    sizeof(*notes->runs));
    notes->runs[notes->run_count++] = (struct kept_run){bytes, offset_of(notes, at), 0};
}

static void keep_up_to(struct page_notes *notes, const uint8_t *end)
{
    keep(notes, (struct vmwire_bytes){notes->next, (size_t)(end - notes->next)}, notes->next);
}

static bool is_block_list(const struct vmwire_entry *entry)
{
    return entry->raw.length == sizeof(no_blocks) &&
           (vmwire_be64(entry->raw.data) - entry->value) & VMWIRE_RAM_SAVE_FLAG_MEM_SIZE;
}

/* The entry behind the blocks of a list, of which at least one holds its pages. NULL: none does. */
static const struct vmwire_entry *end_of_mapped_blocks(const struct vmwire_entry *list)
{
    bool any = false;
    const struct vmwire_entry *block = list->next;
    for (uint64_t left = list->value; block && left; left -= block->value, block = block->next)
        any |= block->header.length > VMWIRE_MAPPED_RAM_HEADER_SIZE;
    return any ? block : NULL;
}

/* The zeros between the bitmap and the pages of the first block that holds its pages. */
static uint64_t padding_of_first(const struct vmwire_entry *list)
{
    const struct vmwire_entry *block = list->next;
    while (block->header.length <= VMWIRE_MAPPED_RAM_HEADER_SIZE)
        block = block->next;
    return block->header.length - VMWIRE_MAPPED_RAM_HEADER_SIZE - vmwire_mapped_bitmap_size(block);
}

static void leave_out(struct page_notes *notes, const uint8_t *from, const uint8_t *to)
{
    keep_up_to(notes, from);
    notes->next = to;
    notes->left_out += (uint64_t)(to - from);
}

static void note_pages_of(struct page_notes *notes, const struct vmwire_entry *entry)
{
    for (; entry; entry = entry->next) {
        const struct vmwire_entry *behind =
            is_block_list(entry) ? end_of_mapped_blocks(entry) : NULL;
        if (behind) {
            leave_out(notes, entry->raw.data, behind->raw.data);
            keep(notes, (struct vmwire_bytes){no_blocks, sizeof(no_blocks)}, entry->raw.data);
            notes->runs[notes->run_count - 1].padding = padding_of_first(entry);
            notes->left_out -= sizeof(no_blocks);
            notes->out->empties_lists = true;
        } else if (entry->page) {
            leave_out(notes, entry->raw.data, entry->raw.data + entry->raw.length);
        }
    }
}

/* A part of RAM may be missing as a whole. The start and the end may not. */
static bool is_ram_part(const struct vmwire_item *item)
{
    static const char idstr[] = {'r', 'a', 'm'};
    return item->kind == VMWIRE_ITEM_SECTION_PART && item->idstr.length == sizeof(idstr) &&
           memcmp(item->idstr.data, idstr, sizeof(idstr)) == 0;
}

/* The length of a package is in the four bytes before its content. */
static void begin_package(struct page_notes *notes, struct vmwire_bytes content)
{
    const uint8_t *length = content.data - 4;
    if (notes->package_depth++) {
        notes->keeps_all = true;
        return;
    }
    keep_up_to(notes, length);
    notes->next = content.data;
    notes->package_length = vmwire_arena_alloc(notes->arena, 4);
    notes->kept_before = notes->left_out;
    notes->content = content.length;
    keep(notes, (struct vmwire_bytes){notes->package_length, 4}, length);
}

static void end_package(struct page_notes *notes)
{
    if (--notes->package_depth)
        return;
    uint64_t length = notes->content - (notes->left_out - notes->kept_before);
    for (unsigned i = 0; i < 4; i++)
        notes->package_length[i] = (uint8_t)(length >> 8 * (3 - i));
}

static bool note_item(void *context)
{
    struct page_notes *notes = context;
    const struct vmwire_item *item = notes->item;
    if (item->kind == VMWIRE_ITEM_PACKAGE)
        begin_package(notes, item->package);
    if (item->kind == VMWIRE_ITEM_PACKAGE_END)
        end_package(notes);
    if (notes->omission == OMIT_PARTS && is_ram_part(item))
        leave_out(notes, item->raw.data, item->raw.data + item->raw.length);
    else
        note_pages_of(notes, item->entries);
    return true;
}

/* The arena is not that of the reading, so this is an attempt of its own. */
static void note_pages(void *context, const struct vmwire_item *item)
{
    struct page_notes *notes = context;
    notes->item = item;
    if (item->kind == VMWIRE_ITEM_UNREAD && !notes->out->unread.data)
        notes->out->unread = item->raw;
    if (notes->omission != OMIT_NOTHING && notes->memory.kind == VMWIRE_ERROR_NONE)
        vmwire_arena_attempt(notes->arena, note_item, notes, &notes->memory);
}

static void add_gap(struct paged_out *out, uint64_t at, uint64_t length, uint64_t padding)
{
    if (!length)
        return;
    out->gaps[out->gap_count++] = (struct gap){at, length, padding};
    out->left_out += length;
}

/* Copies what is kept. */
static bool copy_runs(void *context)
{
    struct page_notes *notes = context;
    struct paged_out *out = notes->out;
    uint64_t length = 0, behind = 0;
    keep_up_to(notes, notes->all.data + notes->all.length);
    out->gaps = vmwire_arena_alloc(notes->arena, notes->run_count * sizeof(*out->gaps));
    for (size_t i = 0; i < notes->run_count; i++) {
        add_gap(out, length, notes->runs[i].at - behind, i ? notes->runs[i - 1].padding : 0);
        length += notes->runs[i].bytes.length;
        behind = notes->runs[i].at + notes->runs[i].bytes.length;
    }
    uint8_t *bytes = vmwire_arena_alloc(notes->arena, length);
    out->bytes = (struct vmwire_bytes){bytes, length};
    for (size_t i = 0; i < notes->run_count; i++) {
        memcpy(bytes, notes->runs[i].bytes.data, notes->runs[i].bytes.length);
        bytes += notes->runs[i].bytes.length;
    }
    return true;
}

bool leave_out_pages(struct paged_out *out, const struct omitting *omitting,
                     struct vmwire_cost *cost, struct vmwire_error *error)
{
    const struct vmwire_bytes stream = omitting->stream;
    *out = (struct paged_out){.bytes = stream};
    /* In DER, an entry lies within a value that tells its length. */
    const bool der = omitting->option->encoding == VMWIRE_ENCODING_DER;
    struct page_notes notes = {.omission = der ? OMIT_NOTHING : omitting->omission,
                               .all = stream,
                               .arena = omitting->arena,
                               .next = stream.data,
                               .out = out};
    struct vmwire_reading reading = {.option = omitting->option,
                                     .input = stream,
                                     .schema = omitting->schema,
                                     .sink = {.context = &notes, .item = note_pages},
                                     .join_pages = true};
    if (!vmwire_stream_read(&reading, cost, error))
        return false;
    if (notes.memory.kind != VMWIRE_ERROR_NONE) {
        *error = notes.memory;
        return false;
    }
    return !notes.left_out || notes.keeps_all ||
           vmwire_arena_attempt(notes.arena, copy_runs, &notes, error);
}

uint64_t offset_with_gaps(const struct gap *gaps, size_t gap_count, uint64_t offset)
{
    uint64_t left_out = 0;
    for (size_t i = 0; i < gap_count && gaps[i].at <= offset; i++)
        left_out += gaps[i].length;
    return offset + left_out;
}
