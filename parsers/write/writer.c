/* SPDX-License-Identifier: MIT */
/*
 * The one writer of all options. It asks three properties of an option: the stream version, whether a
 * sentinel closes an embedded record, and where a subsection goes. It must not ask which option it is.
 */
#include "vmwire/writer.h"

#include <stdlib.h>
#include <string.h>

#include "vmwire/wire.h"

/* The records of a section by ordinal. Their subsections may have to follow the section. */
struct begun {
    const struct vmwire_record **records;
    size_t count, size;
};

struct vmwire_writer {
    struct vmwire_writing writing;
    uint8_t *data;
    size_t length, size;
    struct begun begun;
    size_t
        packages[VMWIRE_PACKAGE_NESTING_LIMIT]; /* where the lengths of the open packages stand */
    unsigned package_depth;
};

/* ---- Bytes --------------------------------------------------------------------------------------- */

static void make_room(struct vmwire_writer *writer, size_t length)
{
    size_t size = 2 * writer->size + length + ((size_t)1 << 12);
    if (writer->writing.arena) {
        const uint8_t *before = writer->data;
        writer->data = vmwire_arena_alloc(writer->writing.arena, size);
        if (before)
            memcpy(writer->data, before, writer->length);
    } else {
        writer->data = realloc(writer->data, size);
        if (!writer->data)
            abort(); /* as arena.h does: the size is bounded by the input */
    }
    writer->size = size;
}

/* Appends zeros, and returns them for the caller to overwrite. */
static uint8_t *append_zeros(struct vmwire_writer *writer, size_t length)
{
    if (writer->size - writer->length < length)
        make_room(writer, length);
    uint8_t *end = writer->data + writer->length;
    writer->length += length;
    if (!writer->writing.arena) /* an arena's memory is zeros already: it stays untouched */
        memset(end, 0, length);
    return end;
}

static void put(struct vmwire_writer *writer, struct vmwire_bytes bytes)
{
    uint8_t *end = bytes.length ? append_zeros(writer, bytes.length) : NULL;
    if (end && bytes.data)
        memcpy(end, bytes.data, bytes.length);
}

static void put_integer(uint8_t *data, unsigned length, uint64_t value)
{
    for (unsigned i = 0; i < length; i++)
        data[i] = (uint8_t)(value >> 8 * (length - 1 - i));
}

static void put_byte(struct vmwire_writer *writer, uint8_t value)
{
    *append_zeros(writer, 1) = value;
}

static void put_be32(struct vmwire_writer *writer, uint32_t value)
{
    put_integer(append_zeros(writer, 4), 4, value);
}

static void put_str8(struct vmwire_writer *writer, struct vmwire_bytes text)
{
    put_byte(writer, (uint8_t)text.length);
    put(writer, text);
}

static void put_footer(struct vmwire_writer *writer, uint32_t section_id)
{
    put_byte(writer, VMWIRE_QEMU_VM_SECTION_FOOTER);
    put_be32(writer, section_id);
}

/* ---- Records ------------------------------------------------------------------------------------- */

static void remember_begun(struct begun *begun, const struct vmwire_record *record)
{
    if (begun->count == begun->size) {
        begun->size = begun->size ? 2 * begun->size : 64;
        begun->records = realloc(begun->records, begun->size * sizeof(*begun->records));
        if (!begun->records)
            abort();
    }
    begun->records[begun->count++] = record;
}

/* Writes a record with its embedded records, and with the subsections that the option sends inline. */
static void put_record(struct vmwire_writer *writer, const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (;;) {
        switch (vmwire_record_walk_next(&walk)) {
        case VMWIRE_RECORD_BEGIN:
            remember_begun(&writer->begun, walk.record);
            break;
        case VMWIRE_RECORD_VALUE:
            put(writer, walk.value->data);
            break;
        case VMWIRE_RECORD_SUBSECTION:
            if (!vmwire_option_sends_inline(writer->writing.option, walk.subsection->subsection)) {
                vmwire_record_walk_skip(&walk);
                break;
            }
            put_byte(writer, VMWIRE_QEMU_VM_SUBSECTION);
            put_str8(writer, walk.subsection->name);
            put_be32(writer, walk.subsection->version_id);
            break;
        case VMWIRE_RECORD_END:
            if (writer->writing.option->sentinel && walk.value)
                put_byte(writer, VMWIRE_FLAGDAY_END_OF_STRUCT);
            break;
        case VMWIRE_RECORD_DONE:
            return;
        }
    }
}

static void put_subsection_item(struct vmwire_writer *writer, const struct vmwire_item *owner,
                                uint32_t ordinal, const struct vmwire_subsection_value *subsection)
{
    put_byte(writer, VMWIRE_QEMU_VM_SUBSECTION);
    put_be32(writer, owner->section_id);
    put_be32(writer, ordinal);
    put_str8(writer, subsection->name);
}

static bool put_subsection_section(struct vmwire_writer *writer, const struct vmwire_item *owner,
                                   uint32_t ordinal,
                                   const struct vmwire_subsection_value *subsection,
                                   struct vmwire_error *error)
{
    /* The reader knows the owner's idstr as a C string, and finds the name behind it: stop at a NUL. */
    struct vmwire_bytes idstr = owner->idstr;
    idstr.length = strnlen((const char *)idstr.data, idstr.length);
    size_t length = idstr.length + 1 + subsection->name.length;
    if (length > UINT8_MAX)
        return vmwire_error_set(error, VMWIRE_ERROR_CANNOT_WRITE, VMWIRE_ERROR_NO_OFFSET,
                                "\"%.*s/%.*s\" is longer than the 255 bytes of an idstr",
                                (int)idstr.length, (const char *)idstr.data,
                                (int)subsection->name.length, (const char *)subsection->name.data);
    put_byte(writer, VMWIRE_QEMU_VM_SECTION_FULL);
    put_be32(writer, owner->section_id);
    put_byte(writer, (uint8_t)length);
    put(writer, idstr);
    put_byte(writer, '/');
    put(writer, subsection->name);
    put_be32(writer, ordinal);
    return true;
}

/* Writes the subsections that the option does not send inline, in the order of their owners' ordinals. The
 * records of such a subsection get the next ordinals, and may have subsections in turn. */
static bool put_separate_subsections(struct vmwire_writer *writer, const struct vmwire_item *item,
                                     struct vmwire_error *error)
{
    const struct vmwire_option *option = writer->writing.option;
    for (size_t i = 0; i < writer->begun.count; i++) {
        const struct vmwire_subsection_value *subsection = writer->begun.records[i]->subsections;
        for (; subsection; subsection = subsection->next) {
            if (vmwire_option_sends_inline(option, subsection->subsection))
                continue;
            if (option->subsections == VMWIRE_SUBSECTION_ITEM)
                put_subsection_item(writer, item, (uint32_t)i, subsection);
            else if (!put_subsection_section(writer, item, (uint32_t)i, subsection, error))
                return false;
            put_be32(writer, subsection->version_id);
            put_record(writer, subsection->record);
            if (writer->writing.footers)
                put_footer(writer, item->section_id);
        }
    }
    return true;
}

/* ---- Iterable sections --------------------------------------------------------------------------- */

/* QEMU migration/ram.c, mapped_ram_setup_ramblock: a block holds offsets in the file, so it changes when it
 * moves. */
static void put_mapped_block(struct vmwire_writer *writer, const struct vmwire_entry *entry)
{
    size_t bitmap_size = vmwire_mapped_bitmap_size(entry);
    size_t alignment = VMWIRE_MAPPED_RAM_FILE_OFFSET_ALIGNMENT;
    size_t before = (size_t)(entry->header.data - entry->raw.data);
    put(writer, (struct vmwire_bytes){entry->raw.data, before + 12});

    size_t bitmap_offset = writer->length + 16;
    size_t pages_offset = (bitmap_offset + bitmap_size + alignment - 1) / alignment * alignment;
    put_integer(append_zeros(writer, 8), 8, bitmap_offset);
    put_integer(append_zeros(writer, 8), 8, pages_offset);
    append_zeros(writer, pages_offset - bitmap_offset);
    append_zeros(writer, entry->data.length);
    if (writer->writing.drop_ram)
        return;
    memcpy(writer->data + bitmap_offset, entry->header.data + VMWIRE_MAPPED_RAM_HEADER_SIZE,
           bitmap_size);
    memcpy(writer->data + pages_offset, entry->data.data, entry->data.length);
}

static void put_entries(struct vmwire_writer *writer, const struct vmwire_entry *entry)
{
    for (; entry; entry = entry->next) {
        if (entry->header.length > VMWIRE_MAPPED_RAM_HEADER_SIZE)
            put_mapped_block(writer, entry);
        else if (!writer->writing.drop_ram || !entry->page)
            put(writer, entry->raw);
    }
}

/* ---- Items --------------------------------------------------------------------------------------- */

static void put_header(struct vmwire_writer *writer, uint8_t type, const struct vmwire_item *item)
{
    put_byte(writer, type);
    put_be32(writer, item->section_id);
    if (type != VMWIRE_QEMU_VM_SECTION_START && type != VMWIRE_QEMU_VM_SECTION_FULL)
        return;
    put_str8(writer, item->idstr);
    put_be32(writer, item->instance_id);
    put_be32(writer, item->version_id);
}

static bool put_record_and_footer(struct vmwire_writer *writer, const struct vmwire_item *item,
                                  struct vmwire_error *error)
{
    writer->begun.count = 0;
    put_record(writer, item->record);
    if (item->footer)
        put_footer(writer, item->section_id);
    return put_separate_subsections(writer, item, error);
}

static void put_iterable(struct vmwire_writer *writer, const struct vmwire_item *item)
{
    put_entries(writer, item->entries);
    if (item->footer)
        put_footer(writer, item->section_id);
}

static bool put_package(struct vmwire_writer *writer, const struct vmwire_item *item,
                        struct vmwire_error *error)
{
    if (writer->package_depth == VMWIRE_PACKAGE_NESTING_LIMIT)
        return vmwire_error_set(error, VMWIRE_ERROR_CANNOT_WRITE, VMWIRE_ERROR_NO_OFFSET,
                                "too many nested packages");
    put(writer, item->raw);
    writer->packages[writer->package_depth++] = writer->length;
    return true;
}

static bool end_package(struct vmwire_writer *writer, struct vmwire_error *error)
{
    if (!writer->package_depth)
        return vmwire_error_set(error, VMWIRE_ERROR_CANNOT_WRITE, VMWIRE_ERROR_NO_OFFSET,
                                "the end of a package without its beginning");
    size_t begin = writer->packages[--writer->package_depth];
    if (writer->length - begin > UINT32_MAX)
        return vmwire_error_set(error, VMWIRE_ERROR_CANNOT_WRITE, VMWIRE_ERROR_NO_OFFSET,
                                "a package longer than its 4 bytes of length can say");
    put_integer(writer->data + begin - 4, 4, writer->length - begin);
    return true;
}

bool vmwire_writer_item(struct vmwire_writer *writer, const struct vmwire_item *item,
                        struct vmwire_error *error)
{
    switch (item->kind) {
    case VMWIRE_ITEM_CONFIGURATION:
        put_byte(writer, VMWIRE_QEMU_VM_CONFIGURATION);
        return put_record_and_footer(writer, item, error);
    case VMWIRE_ITEM_SECTION_FULL:
        put_header(writer, VMWIRE_QEMU_VM_SECTION_FULL, item);
        return put_record_and_footer(writer, item, error);
    case VMWIRE_ITEM_SECTION_START:
        put_header(writer, VMWIRE_QEMU_VM_SECTION_START, item);
        put_iterable(writer, item);
        return true;
    case VMWIRE_ITEM_SECTION_PART:
        put_header(writer, VMWIRE_QEMU_VM_SECTION_PART, item);
        put_iterable(writer, item);
        return true;
    case VMWIRE_ITEM_SECTION_END:
        put_header(writer, VMWIRE_QEMU_VM_SECTION_END, item);
        put_iterable(writer, item);
        return true;
    case VMWIRE_ITEM_PACKAGE:
        return put_package(writer, item, error);
    case VMWIRE_ITEM_PACKAGE_END:
        return end_package(writer, error);
    case VMWIRE_ITEM_COMMAND:
    case VMWIRE_ITEM_EOF:
    case VMWIRE_ITEM_DESCRIPTION:
    case VMWIRE_ITEM_UNREAD:
        put(writer, item->raw);
        return true;
    }
    return true;
}

struct vmwire_writer *vmwire_writer_create(const struct vmwire_writing *writing)
{
    struct vmwire_writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        abort();
    writer->writing = *writing;
    put(writer, (struct vmwire_bytes){(const uint8_t *)"QEVM", 4});
    put_be32(writer, writing->option->stream_version);
    return writer;
}

void vmwire_writer_destroy(struct vmwire_writer *writer)
{
    if (!writer)
        return;
    free(writer->begun.records);
    if (!writer->writing.arena)
        free(writer->data);
    free(writer);
}

struct vmwire_bytes vmwire_writer_output(const struct vmwire_writer *writer)
{
    return (struct vmwire_bytes){writer->data, writer->length};
}
