/* SPDX-License-Identifier: MIT */
/*
 * The one writer of all options. It asks six properties of an option: the stream version, whether a
 * sentinel closes a record within a record, whether records are framed, whether a subsection can have
 * subsections, where a subsection goes, and the encoding. It must not ask which option it is.
 */
#include "vmwire/writer.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "vmwire/wire.h"
#include "write/der_items.h"
#include "write/mapped_block.h"
#include "write/output.h"

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

static size_t keep_owner(struct vmwire_writer *writer, const struct vmwire_record_walk *walk,
                         size_t around)
{
    struct owner owner = {.around = around, .element = -1, .record = walk->record};
    if (walk->value) {
        owner.name = walk->value->field->name;
        owner.element = shown_element(walk->value->field, walk->value->element);
    } else if (walk->subsection) {
        owner.name = walk->subsection->subsection->name;
    }
    return owners_begin(&writer->owners, owner);
}

static bool refuse_nested(const struct vmwire_subsection *subsection, struct vmwire_error *error)
{
    return vmwire_error_set(error, VMWIRE_ERROR_CANNOT_WRITE, VMWIRE_ERROR_NO_OFFSET,
                            "subsection \"%s\" declares subsections of its own, which the writer "
                            "asserts it does not",
                            subsection->name);
}

/* Where the fields of the open records begin, while their lengths are not known. */
struct open_fields {
    size_t begin[VMWIRE_SCHEMA_NESTING_LIMIT + 1]; /* in the output, by the depth of the record */
    bool ended[VMWIRE_SCHEMA_NESTING_LIMIT + 1];   /* the length is filled in */
};

static void begin_fields(struct vmwire_writer *writer, const struct vmwire_record_walk *walk,
                         uint32_t version_id, struct open_fields *open)
{
    if (walk->subsection)
        version_id = walk->subsection->version_id;
    else if (walk->value)
        version_id = vmwire_record_version(walk->record);
    put_be32(writer, version_id);
    put_be32(writer, 0); /* the length, which end_fields() fills in */
    open->begin[walk->depth] = writer->output.length;
    open->ended[walk->depth] = false;
}

/* The fields of the record at this depth end here, at its first subsection or at its end. */
static bool end_fields(struct vmwire_writer *writer, unsigned depth, struct open_fields *open,
                       struct vmwire_error *error)
{
    size_t begin = open->begin[depth], length = writer->output.length - begin;
    if (open->ended[depth])
        return true;
    if (length > UINT32_MAX)
        return cannot_write(error, "fields longer than their 4 bytes of length can say");
    put_integer(writer->output.data + begin - 4, 4, length);
    open->ended[depth] = true;
    return true;
}

/* Writes a record with its embedded records, and with the subsections that the option sends inline. `version_id`: of
 * this record, where the option frames records. `sent`: it is the record of this subsection of the record `around`, in
 * an item of its own. */
static bool put_record(struct vmwire_writer *writer, const struct vmwire_record *record,
                       uint32_t version_id, const struct vmwire_subsection_value *sent,
                       size_t around, struct vmwire_error *error)
{
    const struct vmwire_option *option = writer->writing.option;
    size_t begin = writer->output.length, numbers[VMWIRE_SCHEMA_NESTING_LIMIT + 1] = {around};
    struct open_fields open;
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (;;) {
        switch (vmwire_record_walk_next(&walk)) {
        case VMWIRE_RECORD_BEGIN:
            if (walk.depth == 1)
                walk.subsection = sent;
            if (writer->keeps_owners)
                numbers[walk.depth] = keep_owner(writer, &walk, numbers[walk.depth - 1]);
            if (option->framed)
                begin_fields(writer, &walk, version_id, &open);
            break;
        case VMWIRE_RECORD_VALUE:
            put(writer, walk.value->data);
            break;
        case VMWIRE_RECORD_SUBSECTION:
            if (vmwire_option_refuses(option, walk.subsection->subsection))
                return refuse_nested(walk.subsection->subsection, error);
            if (!vmwire_option_sends_inline(option, walk.subsection->subsection)) {
                vmwire_record_walk_skip(&walk);
                break;
            }
            if (option->framed && !end_fields(writer, walk.depth, &open, error))
                return false;
            put_byte(writer, VMWIRE_QEMU_VM_SUBSECTION);
            put_str8(writer, walk.subsection->name);
            if (!option->framed)
                put_be32(writer, walk.subsection->version_id);
            break;
        case VMWIRE_RECORD_END:
            if (writer->keeps_owners)
                owners_end(&writer->owners, numbers[walk.depth + 1], writer->output.length - begin);
            if (option->framed && !end_fields(writer, walk.depth + 1, &open, error))
                return false;
            if (option->framed || (option->sentinel && (walk.value || walk.subsection)))
                put_byte(writer, VMWIRE_FLAGDAY_END_OF_STRUCT);
            break;
        case VMWIRE_RECORD_DONE:
            return true;
        }
    }
}

/* The path by which the reader finds this owner, and no other record. False, with the error set: there is none. */
static bool unique_path(struct vmwire_writer *writer, size_t number,
                        char path[OWNER_PATH_LIMIT + 1], struct vmwire_error *error)
{
    const struct owner *owner = owner_at(&writer->owners, number);
    size_t length;
    if (!owner_path(&writer->owners, number, path, &length))
        return cannot_write(error, "the path of a subsection's owner is longer than 255 bytes");
    if (owner->ends_at > UINT32_MAX)
        return cannot_write(error, "\"%s\" ends too far behind for the 4 bytes that tell it", path);
    struct vmwire_bytes named = {(const uint8_t *)path, length};
    if (owners_find(&writer->owners, named, owner->ends_at) != number)
        return cannot_write(error, "another record \"%s\" ends at the same byte", path);
    return true;
}

static void put_subsection_item(struct vmwire_writer *writer, const struct vmwire_item *item,
                                const char *path, uint32_t at,
                                const struct vmwire_subsection_value *subsection)
{
    put_byte(writer, VMWIRE_QEMU_VM_SUBSECTION);
    put_be32(writer, item->section_id);
    put_str8(writer, vmwire_bytes_of_string(path));
    put_be32(writer, at);
    put_str8(writer, subsection->name);
}

/* The idstr as the reader knows it: a C string. */
static struct vmwire_bytes owner_idstr(const struct vmwire_item *item)
{
    return (struct vmwire_bytes){item->idstr.data,
                                 strnlen((const char *)item->idstr.data, item->idstr.length)};
}

static bool put_subsection_section(struct vmwire_writer *writer, const struct vmwire_item *item,
                                   const char *path, uint32_t at,
                                   const struct vmwire_subsection_value *subsection,
                                   struct vmwire_error *error)
{
    uint8_t joined[OWNER_PATH_LIMIT];
    struct vmwire_bytes idstr = owner_idstr(item), name = subsection->name;
    size_t joined_length = join_path_and_name(path, name, joined);
    size_t length = idstr.length + 1 + joined_length;
    if (name.length && name.data[0] == '/')
        return cannot_write(error, "\"%.*s\" would be read as part of its owner's path",
                            (int)name.length, (const char *)name.data);
    if (!joined_length || length > UINT8_MAX)
        return cannot_write(error, "\"%.*s/%s/%.*s\" is longer than the 255 bytes of an idstr",
                            (int)idstr.length, (const char *)idstr.data, path, (int)name.length,
                            (const char *)name.data);
    put_byte(writer, VMWIRE_QEMU_VM_SECTION_FULL);
    put_be32(writer, item->section_id);
    put_byte(writer, (uint8_t)length);
    put(writer, idstr);
    put_byte(writer, '/');
    put(writer, (struct vmwire_bytes){joined, joined_length});
    put_be32(writer, at);
    return true;
}

/* Writes a subsection of this owner as an item of its own. */
static bool put_separate_subsection(struct vmwire_writer *writer, const struct vmwire_item *item,
                                    size_t owner, const struct vmwire_subsection_value *subsection,
                                    struct vmwire_error *error)
{
    char path[OWNER_PATH_LIMIT + 1];
    if (!unique_path(writer, owner, path, error))
        return false;
    uint32_t at = (uint32_t)owner_at(&writer->owners, owner)->ends_at;
    if (writer->writing.option->subsections == VMWIRE_SUBSECTION_ITEM)
        put_subsection_item(writer, item, path, at, subsection);
    else if (!put_subsection_section(writer, item, path, at, subsection, error))
        return false;
    put_be32(writer, subsection->version_id);
    if (!put_record(writer, subsection->record, subsection->version_id, subsection, owner, error))
        return false;
    if (writer->writing.footers)
        put_footer(writer, item->section_id);
    return true;
}

/* Writes the subsections that the option does not send inline, in the order in which their owners begin. The
 * records of such a subsection are added to the owners, and may have subsections in turn. */
static bool put_separate_subsections(struct vmwire_writer *writer, const struct vmwire_item *item,
                                     struct vmwire_error *error)
{
    for (size_t i = 0; i < writer->owners.count; i++) {
        const struct vmwire_subsection_value *subsection =
            owner_at(&writer->owners, i)->record->subsections;
        for (; subsection; subsection = subsection->next)
            if (!vmwire_option_sends_inline(writer->writing.option, subsection->subsection) &&
                !put_separate_subsection(writer, item, i, subsection, error))
                return false;
    }
    return true;
}

/* ---- Iterable sections --------------------------------------------------------------------------- */

static void put_entry(struct vmwire_writer *writer, const struct vmwire_entry *entry)
{
    if (vmwire_entry_is_mapped(entry))
        put_mapped_block(writer, entry, place_mapped_block(writer, entry, 0));
    else if (!entry->page)
        put(writer, entry->raw);
    else if (!writer->writing.drop_ram)
        put_large(writer, entry->raw);
}

/* All options have the same bytes in an iterable section where the encoding is QEMU's own. */
static bool copies_sections(const struct vmwire_writer *writer)
{
    const struct vmwire_option *from = writer->writing.entries_from;
    return from && from->encoding == VMWIRE_ENCODING_QEMU &&
           writer->writing.option->encoding == VMWIRE_ENCODING_QEMU;
}

/* Writes the bytes of a section up to here as they are. */
static void copy_section_up_to(struct vmwire_writer *writer, const struct vmwire_item *section,
                               const uint8_t *end)
{
    const uint8_t *begin = writer->in_section ? writer->next : section->raw.data;
    put_large(writer, (struct vmwire_bytes){begin, (size_t)(end - begin)});
    writer->in_section = true;
    writer->next = end;
}

static void copy_entry(struct vmwire_writer *writer, const struct vmwire_item *section,
                       const struct vmwire_entry *entry)
{
    if (!vmwire_entry_is_mapped(entry) && !(entry->page && writer->writing.drop_ram))
        return; /* bytes of the section as others */
    copy_section_up_to(writer, section, entry->raw.data);
    put_entry(writer, entry);
    writer->next = entry->raw.data + entry->raw.length;
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
    if (type == VMWIRE_QEMU_VM_SECTION_START || !writer->writing.option->framed)
        put_be32(writer, item->version_id);
}

static bool put_record_and_footer(struct vmwire_writer *writer, const struct vmwire_item *item,
                                  struct vmwire_error *error)
{
    bool section = item->kind == VMWIRE_ITEM_SECTION_FULL;
    uint32_t version_id = section ? item->version_id : vmwire_record_version(item->record);
    owners_clear(&writer->owners);
    if (!put_record(writer, item->record, version_id, NULL, NO_OWNER, error))
        return false;
    if (item->footer)
        put_footer(writer, item->section_id);
    return put_separate_subsections(writer, item, error);
}

static uint8_t section_type(const struct vmwire_item *item)
{
    return item->kind == VMWIRE_ITEM_SECTION_START  ? VMWIRE_QEMU_VM_SECTION_START
           : item->kind == VMWIRE_ITEM_SECTION_PART ? VMWIRE_QEMU_VM_SECTION_PART
                                                    : VMWIRE_QEMU_VM_SECTION_END;
}

static void put_iterable(struct vmwire_writer *writer, const struct vmwire_item *item)
{
    if (copies_sections(writer)) {
        copy_section_up_to(writer, item, item->raw.data + item->raw.length);
        return;
    }
    if (!writer->writing.entries_from) {
        put_header(writer, section_type(item), item);
        for (const struct vmwire_entry *entry = item->entries; entry; entry = entry->next)
            put_entry(writer, entry);
    }
    if (item->footer)
        put_footer(writer, item->section_id);
}

static bool put_package(struct vmwire_writer *writer, struct vmwire_error *error)
{
    if (writer->package_depth == VMWIRE_PACKAGE_NESTING_LIMIT)
        return cannot_write(error, "too many nested packages");
    struct open_package *package = &writer->packages[writer->package_depth++];
    *package = (struct open_package){.begin = 0};
    put_byte(writer, VMWIRE_QEMU_VM_COMMAND);
    put_integer(append_zeros(writer, 2), 2, VMWIRE_MIG_CMD_PACKAGED);
    put_integer(append_zeros(writer, 2), 2, 4);
    if (writer->package_depth > 1) {
        package->around = writer->output;
        writer->output = (struct output){0};
    }
    package->begin = writer->output.length;
    put_be32(writer, 0); /* the length, which end_package() fills in */
    return true;
}

static bool end_package(struct vmwire_writer *writer, struct vmwire_error *error)
{
    if (!writer->package_depth)
        return cannot_write(error, "the end of a package without its beginning");
    struct open_package *package = &writer->packages[writer->package_depth - 1];
    size_t length = writer->output.length - package->begin - 4;
    if (length > UINT32_MAX)
        return cannot_write(error, "a package longer than its 4 bytes of length can say");
    put_integer(writer->output.data + package->begin, 4, length);
    move_output(writer, &writer->output, &package->behind);
    if (writer->package_depth > 1) {
        /* A package within a package goes behind the outermost one, where the loader looks for it (QEMU
         * migration/savevm.c, loadvm_handle_cmd_packaged reads mis->from_src_file). */
        move_output(writer, &package[-1].behind, &writer->output);
        writer->output = package->around;
    }
    writer->package_depth--; /* until here the writer would release the package's outputs */
    return true;
}

/* Whether the idstr and the section id are those of a subsection of the section before. */
static bool is_read_as_subsection(const struct vmwire_writer *writer,
                                  const struct vmwire_item *item)
{
    struct vmwire_bytes idstr = owner_idstr(item);
    size_t length = strlen(writer->owner.idstr);
    char text[256] = {0}, path[OWNER_PATH_LIMIT + 1];
    memcpy(text, idstr.data, idstr.length);
    return writer->writing.option->subsections == VMWIRE_SUBSECTION_SECTION && writer->owner.here &&
           item->section_id == writer->owner.section_id &&
           strncmp(text, writer->owner.idstr, length) == 0 && text[length] == '/' &&
           split_path_and_name(text + length + 1, path);
}

static void note_owner(struct vmwire_writer *writer, const struct vmwire_item *item)
{
    writer->owner.here = item->record != NULL;
    if (!item->record)
        return;
    struct vmwire_bytes idstr = owner_idstr(item);
    writer->owner.section_id = item->section_id;
    memcpy(writer->owner.idstr, idstr.data, idstr.length);
    writer->owner.idstr[idstr.length] = '\0';
}

static void put_command(struct vmwire_writer *writer, const struct vmwire_item *item)
{
    put_byte(writer, VMWIRE_QEMU_VM_COMMAND);
    put_integer(append_zeros(writer, 2), 2, item->command);
    put_integer(append_zeros(writer, 2), 2, item->payload.length);
    put(writer, item->payload);
}

static bool put_item(struct vmwire_writer *writer, const struct vmwire_item *item,
                     struct vmwire_error *error)
{
    switch (item->kind) {
    case VMWIRE_ITEM_CONFIGURATION:
        put_byte(writer, VMWIRE_QEMU_VM_CONFIGURATION);
        return put_record_and_footer(writer, item, error);
    case VMWIRE_ITEM_SECTION_FULL:
        if (is_read_as_subsection(writer, item))
            return cannot_write(error,
                                "\"%.*s\" would be read as a subsection of the section before",
                                (int)item->idstr.length, (const char *)item->idstr.data);
        put_header(writer, VMWIRE_QEMU_VM_SECTION_FULL, item);
        return put_record_and_footer(writer, item, error);
    case VMWIRE_ITEM_SECTION_START:
    case VMWIRE_ITEM_SECTION_PART:
    case VMWIRE_ITEM_SECTION_END:
        put_iterable(writer, item);
        return true;
    case VMWIRE_ITEM_PACKAGE:
        return put_package(writer, error);
    case VMWIRE_ITEM_PACKAGE_END:
        return end_package(writer, error);
    case VMWIRE_ITEM_COMMAND:
        put_command(writer, item);
        return true;
    case VMWIRE_ITEM_EOF:
        put_byte(writer, VMWIRE_QEMU_VM_EOF);
        return true;
    case VMWIRE_ITEM_DESCRIPTION:
        put_byte(writer, VMWIRE_QEMU_VM_VMDESCRIPTION);
        put_be32(writer, (uint32_t)item->content.length);
        put(writer, item->content);
        return true;
    case VMWIRE_ITEM_UNREAD:
        put(writer, item->content);
        return true;
    }
    return true;
}

/* An item while it is written. */
struct item_writing {
    struct vmwire_writer *writer;
    const struct vmwire_item *item;
    struct vmwire_error *error;
};

static bool writes_der(const struct vmwire_writer *writer)
{
    return writer->writing.option->encoding == VMWIRE_ENCODING_DER;
}

static bool write_item(void *context)
{
    const struct item_writing *writing = context;
    bool written = (writes_der(writing->writer) ? put_der_item : put_item)(
        writing->writer, writing->item, writing->error);
    writing->writer->in_section = false;
    note_owner(writing->writer, writing->item);
    return written;
}

bool vmwire_writer_item(struct vmwire_writer *writer, const struct vmwire_item *item,
                        struct vmwire_error *error)
{
    struct item_writing writing = {writer, item, error};
    bool written = vmwire_arena_attempt(writer->arena, write_item, &writing, error);
    if (written)
        flush_output(writer);
    if (writer->refused)
        *error = writer->refusal;
    return written && !writer->refused;
}

/* An entry while it is written. */
struct entry_writing {
    struct vmwire_writer *writer;
    const struct vmwire_item *section;
    const struct vmwire_entry *entry;
};

static bool write_entry(void *context)
{
    const struct entry_writing *writing = context;
    struct vmwire_writer *writer = writing->writer;
    if (copies_sections(writer)) {
        copy_entry(writer, writing->section, writing->entry);
        return true;
    }
    if (!writer->in_section && writes_der(writer))
        put_der_iterable_header(writer, writing->section);
    else if (!writer->in_section)
        put_header(writer, section_type(writing->section), writing->section);
    writer->in_section = true;
    (writes_der(writer) ? put_der_entry : put_entry)(writer, writing->entry);
    flush_output(writer);
    return true;
}

bool vmwire_writer_entry(struct vmwire_writer *writer, const struct vmwire_item *section,
                         const struct vmwire_entry *entry, struct vmwire_error *error)
{
    struct entry_writing writing = {writer, section, entry};
    bool written = vmwire_arena_attempt(writer->arena, write_entry, &writing, error);
    if (writer->refused)
        *error = writer->refusal;
    return written && !writer->refused;
}

static bool begin_stream(void *context)
{
    struct vmwire_writer *writer = context;
    put(writer, (struct vmwire_bytes){(const uint8_t *)"QEVM", 4});
    put_be32(writer, writer->writing.option->stream_version);
    return true;
}

/* The writer's arena has the outermost owner of the output's arena. So one attempt is for both. */
static bool make_arena(void *context)
{
    struct vmwire_writer *writer = context;
    writer->arena = vmwire_arena_create_within(writer->writing.arena);
    return true;
}

struct vmwire_writer *vmwire_writer_create(const struct vmwire_writing *writing,
                                           struct vmwire_error *error)
{
    struct vmwire_writer *writer = calloc(1, sizeof(*writer));
    if (!writer) {
        vmwire_error_set_memory(error, sizeof(*writer));
        return NULL;
    }
    writer->writing = *writing;
    writer->keeps_owners = writing->option->subsections != VMWIRE_SUBSECTION_INLINE;
    bool made = true;
    if (writing->arena)
        made = vmwire_arena_attempt(writing->arena, make_arena, writer, error);
    else if (!(writer->arena = vmwire_arena_create()))
        made = vmwire_error_set_memory(error, sizeof(*writer->arena));
    writer->owners.arena = writer->arena;
    if (made && vmwire_arena_attempt(writer->arena, begin_stream, writer, error))
        return writer;
    vmwire_writer_destroy(writer);
    return NULL;
}

void vmwire_writer_destroy(struct vmwire_writer *writer)
{
    if (!writer)
        return;
    vmwire_arena_destroy(writer->arena);
    while (writer->package_depth) {
        struct open_package *package = &writer->packages[--writer->package_depth];
        free_output(writer, &package->around);
        free_output(writer, &package->behind);
    }
    free_output(writer, &writer->output);
    free(writer);
}

struct vmwire_bytes vmwire_writer_output(const struct vmwire_writer *writer)
{
    return (struct vmwire_bytes){writer->output.data, writer->output.length};
}
