/* SPDX-License-Identifier: MIT */
/*
 * Copies what is between the entries of iterable sections. It must not know what is in an entry: the reader tells
 * which a section cannot be without.
 */
#include "program/shared/leave_out_pages.h"

#include <string.h>

#include "vmwire/asn1.h"

/* A start or an end without pages stays as it is up to so many bytes: a list of all blocks of a real machine is shorter. */
enum { SHORT_CONTENT = 4 << 10 };

/* OMIT_PAGES: each section of RAM that QEMU sends has a run of pages or two. More than these need too much memory. */
enum { RUNS_MOST = 1 << 12 };

/* Bytes that follow one another in the stream without pages. */
struct kept_run {
    struct vmwire_bytes bytes;
    uint64_t at;      /* the offset in the file of what they are, or stand for */
    uint64_t padding; /* of the gap behind them */
};

/* An iterable section, by its latest start. */
struct iterable {
    uint32_t section_id, version_id;
    struct vmwire_bytes idstr;
    bool ended;
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
    uint8_t *package_header; /* of the open package: its length is of what is kept */
    size_t package_run;      /* the number of the run that it is */
    uint64_t kept_before,
        content; /* in it: bytes left out when it began; and its length in the stream */
    uint64_t left_out;
    uint64_t
        padding; /* of the first block of mapped RAM in the section that is read; 0: none, or there is no such block */
    struct iterable *iterables;
    size_t iterable_count, iterable_room;
    bool section_has_ram;   /* the section that is read has pages */
    const uint8_t *entries; /* where its first entry begins; NULL: none has come yet */
    bool der;               /* an entry has a tag and a length before its bytes */
    bool
        keeps_all; /* what the stream has cannot be left out: a package stands within a package, ... */
    const struct vmwire_item *item;  /* that is being noted */
    const struct vmwire_entry *page; /* likewise */
    struct paged_out *out;
    struct vmwire_error memory; /* set where memory has run out */
};

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

/* The zeros between the bitmap and the pages of a block. */
static uint64_t padding_of(const struct vmwire_entry *block)
{
    return block->header.length - VMWIRE_MAPPED_RAM_HEADER_SIZE - vmwire_mapped_bitmap_size(block);
}

static void leave_out(struct page_notes *notes, const uint8_t *from, const uint8_t *to)
{
    keep_up_to(notes, from);
    notes->next = to;
    notes->left_out += (uint64_t)(to - from);
    if (notes->run_count && !notes->runs[notes->run_count - 1].padding)
        notes->runs[notes->run_count - 1].padding = notes->padding;
    notes->padding = 0;
}

static struct iterable *find_iterable(const struct page_notes *notes, uint32_t section_id)
{
    for (size_t i = 0; i < notes->iterable_count; i++)
        if (notes->iterables[i].section_id == section_id)
            return &notes->iterables[i];
    return NULL;
}

/* Notes that a section starts. Returns whether it has started before, as the same. */
static bool starts_again(struct page_notes *notes, const struct vmwire_item *item)
{
    struct iterable *known = find_iterable(notes, item->section_id);
    if (known && known->version_id == item->version_id &&
        known->idstr.length == item->idstr.length &&
        memcmp(known->idstr.data, item->idstr.data, item->idstr.length) == 0)
        return true;
    if (!known) {
        notes->iterables = vmwire_arena_grow(notes->arena, notes->iterables, notes->iterable_count,
                                             &notes->iterable_room, sizeof(*known));
        known = &notes->iterables[notes->iterable_count++];
    }
    *known = (struct iterable){item->section_id, item->version_id, item->idstr, false};
    return false;
}

static bool ends_again(struct page_notes *notes, const struct vmwire_item *item)
{
    struct iterable *known = find_iterable(notes, item->section_id);
    bool again = known && known->ended;
    if (known)
        known->ended = true;
    return again;
}

/* Parts may be missing as a whole. A start and an end may not. */
static bool may_be_missing(struct page_notes *notes, const struct vmwire_item *item)
{
    return item->kind == VMWIRE_ITEM_SECTION_PART ||
           (item->kind == VMWIRE_ITEM_SECTION_START && starts_again(notes, item)) ||
           (item->kind == VMWIRE_ITEM_SECTION_END && ends_again(notes, item));
}

/* With what stands before its bytes. */
static const uint8_t *entry_begin(const struct page_notes *notes, const struct vmwire_entry *entry)
{
    uint8_t header[VMWIRE_DER_HEADER_MOST];
    return entry->raw.data -
           (notes->der ? vmwire_der_header(header, VMWIRE_DER_ENTRY, entry->raw.length) : 0);
}

/* Leaves out what is between the first and the last entry, and the first one where it is also the last. */
static void leave_out_entries(struct page_notes *notes, const struct vmwire_item *item)
{
    const struct vmwire_entry *first = item->entries, *last = first->next ? first->next : first;
    const uint8_t *begin = first == last ? notes->entries : first->raw.data + first->raw.length;
    leave_out(notes, begin, entry_begin(notes, last));
}

/* The length of a package is in the four bytes before its content; in DER, in its header and in that of its command. */
static void begin_package(struct page_notes *notes, const struct vmwire_item *item)
{
    const struct vmwire_bytes content = item->package;
    const uint8_t *header = notes->der ? item->raw.data : content.data - 4;
    const size_t size = (size_t)(content.data - header);
    if (notes->package_depth++) {
        notes->keeps_all |= !notes->der;
        return;
    }
    keep_up_to(notes, header);
    notes->next = content.data;
    notes->package_header = vmwire_arena_alloc(notes->arena, size);
    notes->package_run = notes->run_count;
    notes->kept_before = notes->left_out;
    notes->content = content.length;
    keep(notes, (struct vmwire_bytes){notes->package_header, size}, header);
}

/* No longer than the one in the stream. Returns its size. */
static size_t put_der_package(uint8_t *header, uint64_t length)
{
    static const uint8_t command[] = {VMWIRE_DER_INTEGER, 1, VMWIRE_MIG_CMD_PACKAGED};
    uint8_t outer[VMWIRE_DER_HEADER_MOST], inner[VMWIRE_DER_HEADER_MOST];
    size_t inner_size = vmwire_der_header(inner, VMWIRE_DER_PACKAGE, length);
    size_t outer_size =
        vmwire_der_header(outer, VMWIRE_DER_COMMAND, sizeof(command) + inner_size + length);
    memcpy(header, outer, outer_size);
    memcpy(header + outer_size, command, sizeof(command));
    memcpy(header + outer_size + sizeof(command), inner, inner_size);
    return outer_size + sizeof(command) + inner_size;
}

static void end_package(struct page_notes *notes)
{
    if (--notes->package_depth)
        return;
    uint64_t length = notes->content - (notes->left_out - notes->kept_before);
    if (notes->der)
        notes->runs[notes->package_run].bytes.length =
            put_der_package(notes->package_header, length);
    for (unsigned i = 0; !notes->der && i < 4; i++)
        notes->package_header[i] = (uint8_t)(length >> 8 * (3 - i));
}

static bool note_item(void *context)
{
    struct page_notes *notes = context;
    const struct vmwire_item *item = notes->item;
    if (notes->omission == OMIT_PAGES) {
        notes->keeps_all |= item->kind == VMWIRE_ITEM_PACKAGE;
        return true;
    }
    if (item->kind == VMWIRE_ITEM_PACKAGE)
        begin_package(notes, item);
    if (item->kind == VMWIRE_ITEM_PACKAGE_END)
        end_package(notes);
    bool missing = may_be_missing(notes, item);
    bool stays = item->content.length <= SHORT_CONTENT && !notes->section_has_ram;
    if (notes->der && notes->package_depth > 1)
        return true; /* in DER, a package within a package stays as it is */
    if (missing)
        leave_out(notes, item->raw.data, item->raw.data + item->raw.length);
    else if (item->entries && !stays)
        leave_out_entries(notes, item);
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
    notes->section_has_ram = false;
    notes->entries = NULL;
}

static bool leave_out_page(void *context)
{
    struct page_notes *notes = context;
    const struct vmwire_entry *page = notes->page;
    leave_out(notes, entry_begin(notes, page), page->raw.data + page->raw.length);
    return true;
}

/* A block of mapped RAM tells where in the file it lies. */
static void note_page(struct page_notes *notes, const struct vmwire_entry *entry)
{
    notes->keeps_all |= !entry->page || notes->run_count == RUNS_MOST;
    notes->page = entry;
    if (notes->keeps_all || notes->memory.kind != VMWIRE_ERROR_NONE)
        return;
    if (entry_begin(notes, entry) == notes->next)
        leave_out_page(notes); /* directly behind another one: needs no memory */
    else
        vmwire_arena_attempt(notes->arena, leave_out_page, notes, &notes->memory);
}

static void note_kind(struct paged_out *out, const char *kind)
{
    size_t i = 0;
    while (i < ENTRY_KINDS_MOST && out->entry_kinds[i] && strcmp(out->entry_kinds[i], kind) != 0)
        i++;
    if (i < ENTRY_KINDS_MOST)
        out->entry_kinds[i] = kind;
}

static void note_entry(void *context, const struct vmwire_item *section,
                       const struct vmwire_entry *entry)
{
    struct page_notes *notes = context;
    (void)section;
    note_kind(notes->out, vmwire_entry_kind_name(entry));
    take_ram_entry(&notes->out->pages, notes->all, entry);
    if (!notes->entries)
        notes->entries = entry_begin(notes, entry);
    if (!entry->page && !vmwire_entry_is_mapped(entry))
        return;
    notes->section_has_ram = true;
    if (notes->omission == OMIT_PAGES)
        note_page(notes, entry);
    if (entry->page || notes->out->has_mapped_ram)
        return;
    notes->out->has_mapped_ram = true;
    notes->padding = padding_of(entry);
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
    struct page_notes notes = {.omission = omitting->omission,
                               .der = omitting->option->encoding == VMWIRE_ENCODING_DER,
                               .all = stream,
                               .arena = omitting->arena,
                               .next = stream.data,
                               .out = out};
    struct vmwire_reading reading = {.option = omitting->option,
                                     .input = stream,
                                     .schema = omitting->schema,
                                     .sink = {.context = &notes, .item = note_pages},
                                     .entry_sink = {&notes, note_entry}};
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
