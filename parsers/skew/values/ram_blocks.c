/* SPDX-License-Identifier: MIT */
#include "skew/values/ram_blocks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "skew/shared/loader_tables.h"
#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"
#include "skew/values/configuration.h"
#include "vmwire/reader.h"

/* A block of a list. */
struct block {
    const char *name;
    uint64_t length;
    const uint8_t *place;
    size_t number;
    struct vmwire_bytes page_size, address; /* NULL: not sent */
};

struct block_list {
    struct block *blocks;
    size_t count, room;
};

static bool is_block(const struct vmwire_entry *entry)
{
    return strcmp(vmwire_entry_kind_name(entry), "BLOCK_NAME") == 0;
}

/* Behind its length a block has the size of its pages, where postcopy may follow and they are not the host's, and its address,
 * with x-ignore-shared. */
static void take_rest(struct block *block, const struct vmwire_entry *entry, bool has_address)
{
    enum { NUMBER = 8 };
    const uint8_t *begin = entry->name.data + entry->name.length + NUMBER,
                  *end = entry->header.length ? entry->header.data
                                              : entry->raw.data + entry->raw.length;
    if (has_address && end - begin >= NUMBER)
        block->address = (struct vmwire_bytes){end -= NUMBER, NUMBER};
    if (end - begin == NUMBER)
        block->page_size = (struct vmwire_bytes){begin, NUMBER};
}

static struct block_list blocks_of(const struct skew *skew, const struct vmwire_stream *stream,
                                   const struct vmwire_item *ram)
{
    const bool has_address = has_capability(stream, "x-ignore-shared");
    struct block_list list = {NULL, 0, 0};
    for (const struct vmwire_entry *entry = ram->entries; entry; entry = entry->next) {
        if (!is_block(entry))
            continue;
        list.blocks = vmwire_arena_grow(skew->arena, list.blocks, list.count, &list.room,
                                        sizeof(*list.blocks));
        list.blocks[list.count] = (struct block){.name = text_of_bytes(skew, entry->name),
                                                 .length = entry->value,
                                                 .place = entry->raw.data,
                                                 .number = list.count};
        take_rest(&list.blocks[list.count++], entry, has_address);
    }
    return list;
}

/* By name; of one name, the first that was sent. */
static int in_order(const void *a, const void *b)
{
    const struct block *one = a, *other = b;
    int order = strcmp(one->name, other->name);
    return order ? order : (one->number > other->number) - (one->number < other->number);
}

static int by_name(const void *name, const void *block)
{
    return strcmp(name, ((const struct block *)block)->name);
}

static const struct resizable_row *find_resizable(const char *name)
{
    for (size_t i = 0; i < resizable_row_count; i++)
        if (strncmp(name, resizable_rows[i].name, strlen(resizable_rows[i].name)) == 0)
            return &resizable_rows[i];
    return NULL;
}

/* A number of bytes as people write it. */
static const char *size_text(const struct skew *skew, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    while (bytes && bytes % 1024 == 0 && unit + 1 < sizeof(units) / sizeof(*units)) {
        bytes /= 1024;
        unit++;
    }
    return vmwire_text(skew->arena, "%" PRIu64 " %s", bytes, units[unit]);
}

/* Whether the name is the pattern, which can have * at its beginning and its end. */
static bool fits_pattern(const char *pattern, const char *name)
{
    const bool any_beginning = *pattern == '*';
    pattern += any_beginning;
    size_t length = strlen(pattern), of_name = strlen(name);
    const bool any_end = length && pattern[length - 1] == '*';
    length -= any_end;
    if (any_beginning && any_end)
        return memmem(name, of_name, pattern, length) != NULL;
    if (of_name < length || (!any_beginning && !any_end && of_name != length))
        return false;
    return memcmp(any_beginning ? name + of_name - length : name, pattern, length) == 0;
}

const char *vmwire_skew_block_advice(const char *name, struct vmwire_arena *arena)
{
    const struct ram_origin_row *row = ram_origin_rows;
    while (!fits_pattern(row->name, name))
        row++;
    return fill_message(arena, row->advice, &name, 1);
}

static struct vmwire_difference difference_of(const struct skew *skew, const char *rule,
                                              const struct vmwire_item *ram,
                                              const struct block *block)
{
    struct vmwire_difference difference = section_difference(skew, rule, ram);
    difference.path = block->name;
    difference.offset = offset_in(skew->writer, block->place);
    difference.advice = vmwire_skew_block_advice(block->name, skew->arena);
    return difference;
}

/* Those of the reader that the writer lacks. NULL: there is none. */
static const char *other_blocks(const struct skew *skew, const struct block_list *writer,
                                const struct block_list *reader)
{
    enum { SHOWN = 4 };
    const size_t size = writer->count * sizeof(*writer->blocks);
    struct block *sorted = vmwire_arena_alloc(skew->arena, size + 1);
    const char *text = NULL;
    size_t count = 0;
    if (!writer->count)
        return NULL;
    memcpy(sorted, writer->blocks, size);
    qsort(sorted, writer->count, sizeof(*sorted), in_order);
    for (size_t i = 0; i < reader->count && count <= SHOWN; i++) {
        const char *name = reader->blocks[i].name;
        if (!bsearch(name, sorted, writer->count, sizeof(*sorted), by_name) && count++ < SHOWN)
            text = vmwire_text(skew->arena, "%s \"%s\"", text ? text : "not this one, but", name);
    }
    return count > SHOWN ? vmwire_text(skew->arena, "%s and more", text) : text;
}

static void add_unknown(struct skew *skew, const struct vmwire_item *ram, const struct block *block,
                        const char *others)
{
    struct vmwire_difference difference = difference_of(skew, "ram-block", ram, block);
    difference.writer = size_text(skew, block->length);
    difference.reader = others;
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule), &block->name, 1);
    add_difference(skew, difference);
}

static void add_other_size(struct skew *skew, const struct vmwire_item *ram,
                           const struct block *theirs, uint64_t own, const char *rule)
{
    struct vmwire_difference difference = difference_of(skew, rule, ram, theirs);
    difference.writer = size_text(skew, theirs->length);
    difference.reader = size_text(skew, own);
    const char *values[] = {theirs->name, vmwire_text(skew->arena, "%" PRIx64, theirs->length),
                            vmwire_text(skew->arena, "%" PRIx64, own)};
    difference.message = fill_message(skew->arena, reader_message(skew, difference.rule), values,
                                      sizeof(values) / sizeof(*values));
    add_difference(skew, difference);
}

/* Adds that a number behind the block's length differs, where both sides send it. */
static void compare_number(struct skew *skew, const char *rule, const struct vmwire_item *ram,
                           const struct block *block, struct vmwire_bytes theirs,
                           struct vmwire_bytes own)
{
    const uint64_t sent = number_of_bytes(theirs), held = number_of_bytes(own);
    if (!theirs.data || !own.data || sent == held)
        return;
    const bool address = strcmp(rule, "ram-address") == 0;
    struct vmwire_difference difference = difference_of(skew, rule, ram, block);
    difference.offset = offset_in(skew->writer, theirs.data);
    difference.writer = vmwire_text(skew->arena, address ? "0x%" PRIx64 : "%" PRIu64, sent);
    difference.reader = vmwire_text(skew->arena, address ? "0x%" PRIx64 : "%" PRIu64, held);
    const char *decimals[] = {vmwire_text(skew->arena, "%" PRIu64, sent),
                              vmwire_text(skew->arena, "%" PRIu64, held)};
    if (address) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "the reader's block is shared (share=on of its memory backend)";
    }
    difference.advice = difference.rule->advice;
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule),
                     (const char *const[]){block->name, decimals[!address], decimals[address]}, 3);
    add_difference(skew, difference);
}

/* QEMU reads the pages as the file has them: a block that is shorter than the writer's misses some, a longer one gets less. */
static void add_mapped_size(struct skew *skew, const struct vmwire_item *ram,
                            const struct block *theirs, const struct block *own)
{
    const bool longer = theirs->length < own->length;
    struct vmwire_difference difference =
        difference_of(skew, longer ? "ram-longer-mapped" : "ram-size-mapped", ram, theirs);
    difference.certainty = VMWIRE_NOT_DECIDED;
    difference.outcome = longer ? VMWIRE_OUTCOME_CORRUPT : VMWIRE_OUTCOME_REJECT;
    difference.writer = size_text(skew, theirs->length);
    difference.reader = size_text(skew, own->length);
    difference.when = longer ? "whether the guest's machine can do with more: nothing is sent of it"
                             : "a page that is sent lies behind the end of the reader's block";
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule), &theirs->name, 1);
    add_difference(skew, difference);
}

/* Up to QEMU 10.1 the reader takes the header of mapped-ram before the address that x-ignore-shared puts in front of it. */
static void compare_mapped_and_shared(struct skew *skew, const struct vmwire_item *ram)
{
    enum { LAST_BROKEN = 1001, FIRST_MENDED = 1101 };
    const struct vmwire_stream *stream = skew->writer->stream;
    const struct release_range releases = reader_releases(skew);
    const struct block_list list = blocks_of(skew, stream, ram);
    if (!list.count || !has_capability(stream, "mapped-ram") ||
        !has_capability(stream, "x-ignore-shared") || releases.first >= FIRST_MENDED)
        return;
    struct vmwire_difference difference =
        difference_of(skew, "mapped-ram-shared", ram, list.blocks);
    difference.writer = "mapped-ram and x-ignore-shared";
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule), &list.blocks->name, 1);
    difference.advice = difference.rule->advice;
    if (releases.last > LAST_BROKEN) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "the reader is older than QEMU 11.1";
    }
    add_difference(skew, difference);
}

void check_mapped_ram(struct skew *skew)
{
    const struct vmwire_item *ram =
        first_item(skew->writer->stream, VMWIRE_ITEM_SECTION_START, "ram");
    if (ram)
        compare_mapped_and_shared(skew, ram);
}

static void compare_block(struct skew *skew, const struct vmwire_item *ram, const char *others,
                          const struct block *theirs, const struct block *own)
{
    if (!own) {
        add_unknown(skew, ram, theirs, others);
        return;
    }
    compare_number(skew, "ram-page-size", ram, theirs, theirs->page_size, own->page_size);
    compare_number(skew, "ram-address", ram, theirs, theirs->address, own->address);
    if (theirs->length == own->length)
        return;
    if (has_capability(skew->writer->stream, "mapped-ram")) {
        add_mapped_size(skew, ram, theirs, own);
        return;
    }
    const struct resizable_row *row = find_resizable(theirs->name);
    if (!row) {
        add_other_size(skew, ram, theirs, own->length, "ram-size");
        return;
    }
    uint64_t limit = row->limit > own->length ? row->limit : own->length;
    if (theirs->length > limit)
        add_other_size(skew, ram, theirs, limit, "ram-size-limit");
}

void compare_ram_blocks(struct skew *skew)
{
    const struct vmwire_item *ram =
        first_item(skew->writer->stream, VMWIRE_ITEM_SECTION_START, "ram");
    const struct vmwire_item *own_ram =
        first_item(skew->reader->stream, VMWIRE_ITEM_SECTION_START, "ram");
    if (!ram || !own_ram)
        return;
    struct block_list theirs = blocks_of(skew, skew->writer->stream, ram),
                      own = blocks_of(skew, skew->reader->stream, own_ram);
    if (!own.count)
        return; /* RAM of version 3 has no names */
    qsort(own.blocks, own.count, sizeof(*own.blocks), in_order);
    const char *others = other_blocks(skew, &theirs, &own);
    for (size_t i = 0; i < theirs.count; i++)
        compare_block(
            skew, ram, others, &theirs.blocks[i],
            bsearch(theirs.blocks[i].name, own.blocks, own.count, sizeof(*own.blocks), by_name));
}

/* Whether the reader's stream lists a block of this name: its machine has it, and the page may be meant for it. */
static bool reader_has_block(struct skew *skew, const char *name)
{
    const struct vmwire_stream *stream = skew->reader->stream;
    const struct vmwire_item *ram =
        stream ? first_item(stream, VMWIRE_ITEM_SECTION_START, "ram") : NULL;
    const struct block_list own =
        ram ? blocks_of(skew, stream, ram) : (struct block_list){NULL, 0, 0};
    for (size_t i = 0; i < own.count; i++)
        if (strcmp(own.blocks[i].name, name) == 0)
            return true;
    return false;
}

static void check_page(struct skew *skew, const struct vmwire_item *ram,
                       const struct vmwire_lost_page *page)
{
    const char *name = text_of_bytes(skew, page->block),
               *address = vmwire_text(skew->arena, "%" PRIx64, page->address);
    struct vmwire_difference difference =
        section_difference(skew, page->listed ? "ram-page-offset" : "ram-page-block", ram);
    if (!page->listed && reader_has_block(skew, name))
        return;
    difference.path = name;
    difference.writer = vmwire_text(
        skew->arena, "a page at 0x%s, at byte 0x%" PRIx64 " of the file", address, page->offset);
    if (page->listed)
        difference.reader =
            vmwire_text(skew->arena, "a block of %s", size_text(skew, page->length));
    if (!page->listed && !skew->reader->stream) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "the reader's machine has no RAM block of this name";
    }
    difference.message = fill_message(skew->arena, reader_message(skew, difference.rule),
                                      page->listed ? &address : &name, 1);
    add_difference(skew, difference);
}

void check_ram_pages(struct skew *skew)
{
    const struct vmwire_side *writer = skew->writer;
    const struct vmwire_item *ram = first_item(writer->stream, VMWIRE_ITEM_SECTION_START, "ram");
    for (size_t i = 0; ram && i < writer->lost_page_count; i++)
        check_page(skew, ram, &writer->lost_pages[i]);
}
