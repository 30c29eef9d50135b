/* SPDX-License-Identifier: MIT */
/*
 * Writes items as DER. Knows nothing of QEMU's own encoding but what entries of iterable sections hold.
 */
#include "write/der_items.h"

#include "base/arena.h"
#include "vmwire/asn1.h"
#include "write/der_record.h"
#include "write/der_values.h"
#include "write/mapped_block.h"

static void put_footer(struct vmwire_writer *writer, const struct vmwire_item *item)
{
    if (!item->footer)
        return;
    size_t footer = begin_value(writer, DER_TAG(VMWIRE_DER_FOOTER));
    put_der_number(writer, item->section_id);
    end_value(writer, footer);
}

/* ---- Iterable sections --------------------------------------------------------------------------- */

/* The length of an entry depends on where its pages come, and that on how many octets the length has. */
static void put_mapped_entry(struct vmwire_writer *writer, const struct vmwire_entry *entry)
{
    struct mapped_place place = {0};
    for (unsigned octets = 1; octets <= 9; octets++) {
        place = place_mapped_block(writer, entry, 1 + octets);
        uint64_t length = place.ends - place.begins;
        if (der_length_octets(length) < octets) { /* one step of the alignment more */
            place.pages += VMWIRE_MAPPED_RAM_FILE_OFFSET_ALIGNMENT;
            place.ends += VMWIRE_MAPPED_RAM_FILE_OFFSET_ALIGNMENT;
            length = place.ends - place.begins;
        }
        if (der_length_octets(length) == octets)
            break;
    }
    put_value_header(writer, VMWIRE_DER_ENTRY, place.ends - place.begins);
    put_mapped_block(writer, entry, place);
}

void put_der_entry(struct vmwire_writer *writer, const struct vmwire_entry *entry)
{
    if (entry->page && writer->writing.drop_ram)
        return;
    if (vmwire_entry_is_mapped(entry)) {
        put_mapped_entry(writer, entry);
        return;
    }
    put_value_header(writer, VMWIRE_DER_ENTRY, entry->raw.length);
    if (entry->page)
        put_large(writer, entry->raw);
    else
        put(writer, entry->raw);
}

void put_der_iterable_header(struct vmwire_writer *writer, const struct vmwire_item *section)
{
    const bool start = section->kind == VMWIRE_ITEM_SECTION_START;
    const uint8_t identifier = start ? VMWIRE_DER_SECTION_START
                               : section->kind == VMWIRE_ITEM_SECTION_PART ? VMWIRE_DER_SECTION_PART
                                                                           : VMWIRE_DER_SECTION_END;
    size_t header = begin_value(writer, DER_TAG(identifier));
    put_der_number(writer, section->section_id);
    if (start) {
        put_value(writer, VMWIRE_DER_OCTET_STRING, section->idstr);
        put_der_number(writer, section->instance_id);
        put_der_number(writer, section->version_id);
    }
    end_value(writer, header);
}

static void put_iterable(struct vmwire_writer *writer, const struct vmwire_item *item)
{
    if (!writer->writing.entries_from) {
        put_der_iterable_header(writer, item);
        for (const struct vmwire_entry *entry = item->entries; entry; entry = entry->next)
            put_der_entry(writer, entry);
    }
    put_footer(writer, item);
}

/* ---- Records ------------------------------------------------------------------------------------- */

static bool put_section(struct vmwire_writer *writer, const struct vmwire_item *item,
                        struct vmwire_error *error)
{
    size_t section = begin_value(writer, DER_TAG(VMWIRE_DER_SECTION_FULL));
    put_der_number(writer, item->section_id);
    put_value(writer, VMWIRE_DER_OCTET_STRING, item->idstr);
    put_der_number(writer, item->instance_id);
    put_der_number(writer, item->version_id);
    if (!put_der_record(writer, item->record, error))
        return false;
    end_value(writer, section);
    put_footer(writer, item);
    return true;
}

static bool put_configuration(struct vmwire_writer *writer, const struct vmwire_item *item,
                              struct vmwire_error *error)
{
    size_t configuration = begin_value(writer, DER_TAG(VMWIRE_DER_CONFIGURATION));
    if (!put_der_record(writer, item->record, error))
        return false;
    end_value(writer, configuration);
    return true;
}

/* ---- Commands ------------------------------------------------------------------------------------ */

static void put_command(struct vmwire_writer *writer, const struct vmwire_item *item)
{
    size_t command = begin_value(writer, DER_TAG(VMWIRE_DER_COMMAND));
    put_der_number(writer, item->command);
    put_value(writer, VMWIRE_DER_OCTET_STRING, item->payload);
    end_value(writer, command);
}

/* The items in a package are an output of their own, until their length is known. */
static bool put_package(struct vmwire_writer *writer, struct vmwire_error *error)
{
    if (writer->package_depth == VMWIRE_PACKAGE_NESTING_LIMIT)
        return cannot_write(error, "too many nested packages");
    writer->packages[writer->package_depth++] = (struct open_package){.around = writer->output};
    writer->output = (struct output){0};
    return true;
}

static bool end_package(struct vmwire_writer *writer, struct vmwire_error *error)
{
    if (!writer->package_depth)
        return cannot_write(error, "the end of a package without its beginning");
    struct open_package *package = &writer->packages[writer->package_depth - 1];
    if (writer->output.length > UINT32_MAX)
        return cannot_write(error, "a package of more than 4 GiB");
    package->behind = writer->output; /* the writer releases both outputs if it fails below */
    writer->output = package->around;
    package->around = (struct output){0};
    size_t command = begin_value(writer, DER_TAG(VMWIRE_DER_COMMAND));
    put_der_number(writer, VMWIRE_MIG_CMD_PACKAGED);
    put_value_header(writer, VMWIRE_DER_PACKAGE, package->behind.length);
    move_output(writer, &writer->output, &package->behind);
    end_value(writer, command);
    writer->package_depth--;
    return true;
}

bool put_der_item(struct vmwire_writer *writer, const struct vmwire_item *item,
                  struct vmwire_error *error)
{
    switch (item->kind) {
    case VMWIRE_ITEM_CONFIGURATION:
        return put_configuration(writer, item, error);
    case VMWIRE_ITEM_SECTION_FULL:
        return put_section(writer, item, error);
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
        put_value_header(writer, VMWIRE_DER_EOF, 0);
        return true;
    case VMWIRE_ITEM_DESCRIPTION:
        put_value(writer, VMWIRE_DER_VMDESCRIPTION, item->content);
        return true;
    case VMWIRE_ITEM_UNREAD:
        put_value(writer, VMWIRE_DER_UNREAD, item->content);
        return true;
    }
    return true;
}
