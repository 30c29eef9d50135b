/* SPDX-License-Identifier: MIT */
#include "skew/values/pci_device.h"

#include <inttypes.h>
#include <string.h>

#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"
#include "skew/shared/walk_path.h"
#include "skew/values/pci_config.h"

/* ---- Finding a configuration ---- */

static bool is_space_length(size_t length)
{
    return length == PCI_CONFIG_SIZE || length == PCIE_CONFIG_SIZE;
}

/* Whether a value is a part of a split configuration: "config[0].vendor_id". */
static bool is_part(const struct vmwire_value *value)
{
    static const char whole[] = "config";
    const char *name = value->field->name;
    return strncmp(name, whole, strlen(whole)) == 0 && strchr(name, '.');
}

/* The bytes of parts that follow one another, here and in the stream. */
static struct vmwire_bytes join_parts(const struct vmwire_value *first)
{
    struct vmwire_bytes bytes = first->data;
    for (const struct vmwire_value *value = first->next; value && is_part(value);
         value = value->next) {
        if (value->data.length && value->data.data != bytes.data + bytes.length)
            return (struct vmwire_bytes){NULL, 0};
        bytes.length += value->data.length;
    }
    return bytes;
}

static bool find_in_record(const struct vmwire_record *record, struct vmwire_bytes *bytes,
                           const struct vmwire_value **first)
{
    for (const struct vmwire_value *value = record->values; value; value = value->next) {
        bool whole = strcmp(value->field->type, "pci config") == 0;
        if (!whole && !is_part(value))
            continue;
        *bytes = whole ? value->data : join_parts(value);
        *first = value;
        return is_space_length(bytes->length);
    }
    return false;
}

/* Whether the state of four interrupt lines can follow a configuration of this size (QEMU hw/pci/pci.c,
 * get_pci_irq_state). */
static bool lines_follow(struct vmwire_bytes virtio, size_t size)
{
    enum { VERSION = 4, LINES = 4, LINE_BYTES = 4, ALL_LINES = LINES * LINE_BYTES };
    if (virtio.length < VERSION + size + ALL_LINES)
        return false;
    for (size_t i = 0; i < LINES; i++)
        if (vmwire_be32(virtio.data + VERSION + size + LINE_BYTES * i) > 1)
            return false;
    return true;
}

/* The configuration in a whole encoding of a virtio device: behind the version of PCIDevice, if the device sits on a PCI bus
 * (QEMU hw/virtio/virtio-pci.c, virtio_pci_save_config). */
static bool find_in_virtio(struct vmwire_bytes virtio, struct vmwire_bytes *bytes)
{
    enum { VERSION = 2, VENDOR_LOW = 0xf4, VENDOR_HIGH = 0x1a };
    if (virtio.length < 4 + PCI_CONFIG_SIZE || vmwire_be32(virtio.data) != VERSION ||
        virtio.data[4] != VENDOR_LOW || virtio.data[5] != VENDOR_HIGH)
        return false;
    size_t size = has_pci_capability(virtio.data + 4, PCI_CAPABILITY_EXPRESS) ? PCIE_CONFIG_SIZE
                                                                              : PCI_CONFIG_SIZE;
    *bytes = (struct vmwire_bytes){virtio.data + 4, size};
    return lines_follow(virtio, size);
}

bool find_pci_space(const struct skew *skew, const struct vmwire_side *side,
                    const struct vmwire_record_walk *walk, enum vmwire_record_step step,
                    struct pci_space *space)
{
    struct vmwire_bytes bytes;
    const struct vmwire_value *value;
    const char *name = "config";
    if (step == VMWIRE_RECORD_BEGIN && walk->record->structure->name &&
        strcmp(walk->record->structure->name, "PCIDevice") == 0) {
        if (!find_in_record(walk->record, &bytes, &value))
            return false;
    } else if (step == VMWIRE_RECORD_VALUE && strcmp(walk->value->field->type, "virtio") == 0) {
        value = walk->value;
        name = vmwire_text(skew->arena, "%s.PCIDevice.config", value->field->name);
        if (!find_in_virtio(value->data, &bytes))
            return false;
    } else {
        return false;
    }
    const uint8_t *place = vmwire_value_place(value, side->bytes);
    *space = (struct pci_space){.bytes = bytes,
                                .place = place ? place + (bytes.data - value->data.data) : NULL,
                                .path = walk_path(skew, walk, name)};
    return true;
}

/* ---- Comparing two ---- */

/* "MSI-X at 98, vendor specific at 84". */
static const char *list_text(const struct skew *skew, struct vmwire_bytes own)
{
    enum { MOST = 16 };
    const char *text = NULL, *name;
    size_t at = 0;
    for (unsigned left = MOST; left && (at = next_pci_capability(own, at, &name)); left--) {
        const char *each =
            name ? vmwire_text(skew->arena, "%s at %zx", name, at)
                 : vmwire_text(skew->arena, "capability %x at %zx", (unsigned)own.data[at], at);
        text = text ? vmwire_text(skew->arena, "%s; %s", text, each) : each;
    }
    return text ? text : "no capability";
}

/* Whether the byte says where the first capability is, or which one this is, and where the next one. */
static bool is_of_list(const struct pci_byte *byte, struct vmwire_bytes own, size_t at)
{
    const char *name;
    if (at == PCI_CAPABILITY_LIST)
        return true;
    if (byte->register_ || at >= PCI_CONFIG_SIZE)
        return false;
    size_t place = 0;
    for (unsigned left = PCI_CONFIG_SIZE / 4;
         left && (place = next_pci_capability(own, place, &name)); left--)
        if (at == place || at == place + 1)
            return true;
    return false;
}

/* ": 1044", or ": 5" where the register's bits are a count; "": it is no number. */
static const char *number_text(const struct skew *skew, const struct pci_byte *byte,
                               struct vmwire_bytes space, size_t at)
{
    const struct pci_register *row = byte->register_;
    uint64_t number = 0;
    if (!row || !row->number_mask)
        return "";
    while (at > 0 && byte[-1].register_ == row) {
        byte--;
        at--;
    }
    for (unsigned i = row->bytes; i-- > 0;)
        number = number << 8 | space.data[at + i];
    number &= row->number_mask;
    return row->number_plus ? vmwire_text(skew->arena, ": %" PRIu64, number + row->number_plus)
                            : vmwire_text(skew->arena, ": %" PRIx64, number);
}

static const char *byte_text(const struct skew *skew, const struct pci_byte *byte,
                             struct vmwire_bytes space, size_t at)
{
    const uint8_t value = space.data[at];
    if (is_of_list(byte, space, at))
        return vmwire_text(skew->arena, "0x%zx: %02x (the list of capabilities: %s)", at, value,
                           list_text(skew, space));
    const char *of = byte->capability ? byte->capability->name : NULL;
    const char *name = byte->register_ ? byte->register_->name
                       : of            ? "the list of capabilities"
                                       : NULL;
    return vmwire_text(skew->arena, "0x%zx: %02x%s%s%s%s%s%s", at, value, name || of ? " (" : "",
                       of ? of : "", of && name ? ", " : "", name ? name : "",
                       number_text(skew, byte, space, at), name || of ? ")" : "");
}

/* What is known of a mask; bits that only some devices have are not. */
static const char *mask_text(const struct skew *skew, const struct pci_byte *byte, uint8_t mask)
{
    return byte->may ? "?" : vmwire_text(skew->arena, "%x", mask);
}

static void add_pci_difference(struct skew *skew, const struct vmwire_item *item,
                               const struct pci_space *writer, const struct pci_space *reader,
                               const struct pci_byte *byte, size_t at)
{
    struct vmwire_difference difference = section_difference(skew, "pci-config", item);
    difference.structure = "PCIDevice";
    difference.path = writer->path;
    difference.writer = byte_text(skew, byte, writer->bytes, at);
    difference.reader = byte_text(skew, byte, reader->bytes, at);
    difference.advice = advise_pci_byte(reader->bytes, byte);
    difference.offset = offset_in(skew->writer, writer->place ? writer->place + at : NULL);
    const char *values[] = {vmwire_text(skew->arena, "%zx", at),
                            vmwire_text(skew->arena, "%x", (unsigned)writer->bytes.data[at]),
                            vmwire_text(skew->arena, "%x", (unsigned)reader->bytes.data[at]),
                            vmwire_text(skew->arena, "%x", (unsigned)byte->cmask),
                            mask_text(skew, byte, byte->wmask),
                            mask_text(skew, byte, byte->w1cmask)};
    difference.message = fill_message(skew->arena, reader_message(skew, difference.rule), values,
                                      sizeof(values) / sizeof(*values));
    if (byte->unless_set && byte->unless) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = byte->register_->when_unless_set;
    }
    add_difference(skew, difference);
}

void compare_pci_spaces(struct skew *skew, const struct vmwire_item *item,
                        const struct pci_space *writer, const struct pci_space *reader)
{
    size_t length =
        writer->bytes.length < reader->bytes.length ? writer->bytes.length : reader->bytes.length;
    if (!length || memcmp(writer->bytes.data, reader->bytes.data, length) == 0)
        return;
    struct pci_byte *bytes = vmwire_arena_alloc(skew->arena, reader->bytes.length * sizeof(*bytes));
    find_pci_masks(reader->bytes, bytes);
    size_t at = first_refused_byte(writer->bytes.data, reader->bytes.data, bytes, length, false);
    if (at == length)
        at = first_refused_byte(writer->bytes.data, reader->bytes.data, bytes, length, true);
    if (at < length)
        add_pci_difference(skew, item, writer, reader, &bytes[at], at);
}
