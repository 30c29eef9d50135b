/* SPDX-License-Identifier: MIT */
#include "skew/values/pci_device.h"

#include <inttypes.h>
#include <limits.h>
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

enum { CAPABILITIES_MOST = 16 };

/* "MSI-X at 98, vendor specific at 84". */
static const char *list_text(const struct skew *skew, struct vmwire_bytes own)
{
    const char *text = NULL;
    const struct pci_capability *row;
    size_t at = 0;
    for (unsigned left = CAPABILITIES_MOST; left && (at = next_pci_capability(own, at, &row));
         left--) {
        const char *each =
            row ? vmwire_text(skew->arena, "%s at %zx", row->name, at)
                : vmwire_text(skew->arena, "capability %x at %zx", (unsigned)own.data[at], at);
        text = text ? vmwire_text(skew->arena, "%s; %s", text, each) : each;
    }
    return text ? text : "no capability";
}

/* How many of a name the list has. */
static unsigned count_capabilities(struct vmwire_bytes own, const char *name)
{
    const struct pci_capability *row;
    unsigned count = 0;
    size_t at = 0;
    for (unsigned left = CAPABILITIES_MOST; left && (at = next_pci_capability(own, at, &row));
         left--)
        count += row && strcmp(row->name, name) == 0;
    return count;
}

/* What `has` has more of than `lacks`, and what makes a device have it. */
static const char *append_more(const struct skew *skew, const char *text, const char *side,
                               struct vmwire_bytes has, struct vmwire_bytes lacks)
{
    const struct pci_capability *row;
    size_t at = 0;
    for (unsigned left = CAPABILITIES_MOST; left && (at = next_pci_capability(has, at, &row));
         left--) {
        if (!row || !row->made_by || (text && strstr(text, row->made_by)) ||
            count_capabilities(has, row->name) <= count_capabilities(lacks, row->name))
            continue;
        const char *before = text ? vmwire_text(skew->arena, "%s ", text) : "";
        text = count_capabilities(lacks, row->name)
                   ? vmwire_text(skew->arena, "%sThe %s's device has one more of \"%s\": %s.",
                                 before, side, row->name, row->made_by)
                   : vmwire_text(skew->arena, "%sOnly the %s's device has \"%s\": %s.", before,
                                 side, row->name, row->made_by);
    }
    return text;
}

/* NULL: nothing is known of what the lists have otherwise. */
static const char *advise_list(const struct skew *skew, struct vmwire_bytes writer,
                               struct vmwire_bytes reader)
{
    return append_more(skew, append_more(skew, NULL, "writer", writer, reader), "reader", reader,
                       writer);
}

/* Whether the byte says where the first capability is, or which one this is, and where the next one. */
static bool is_of_list(const struct pci_byte *byte, struct vmwire_bytes own, size_t at)
{
    const struct pci_capability *row;
    if (at == PCI_CAPABILITY_LIST)
        return true;
    if (byte->register_ || at >= PCI_CONFIG_SIZE)
        return false;
    size_t place = 0;
    for (unsigned left = PCI_CONFIG_SIZE / 4;
         left && (place = next_pci_capability(own, place, &row)); left--)
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
    if (is_of_list(byte, reader->bytes, at) || is_of_list(byte, writer->bytes, at))
        difference.advice = advise_list(skew, writer->bytes, reader->bytes);
    if (!difference.advice)
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
    find_pci_masks(reader->bytes, reader_releases(skew), bytes);
    size_t at = first_refused_byte(writer->bytes.data, reader->bytes.data, bytes, length, false);
    if (at == length)
        at = first_refused_byte(writer->bytes.data, reader->bytes.data, bytes, length, true);
    if (at < length)
        add_pci_difference(skew, item, writer, reader, &bytes[at], at);
}

/* ---- From QEMU's message ---- */

/* What makes the capabilities of the list, of which the other side has others. NULL: nothing is known of any. */
static const char *advise_any(const struct skew *skew, struct vmwire_bytes own)
{
    const struct pci_capability *row;
    const char *text = NULL;
    size_t at = 0;
    for (unsigned left = CAPABILITIES_MOST; left && (at = next_pci_capability(own, at, &row));
         left--)
        if (row && row->made_by && !(text && strstr(text, row->made_by)))
            text = vmwire_text(skew->arena, "%s%s%s: %s", text ? text : "", text ? "; " : "",
                               row->name, row->made_by);
    return text ? vmwire_text(skew->arena,
                              "The reader's device has other capabilities: a stream of its idle "
                              "machine tells which. What sets those of the writer's: %s.",
                              text)
                : NULL;
}

bool vmwire_skew_pci_byte(const struct vmwire_side *writer, const struct vmwire_item *section,
                          struct vmwire_pci_byte byte, struct vmwire_arena *arena,
                          struct vmwire_difference *difference)
{
    const struct skew skew = {.writer = writer, .arena = arena};
    struct pci_space space = {.bytes = {NULL, 0}};
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    if (!section->record)
        return true;
    vmwire_record_walk_begin(&walk, section->record);
    while (!space.bytes.length && (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE)
        find_pci_space(&skew, writer, &walk, step, &space);
    if (!space.bytes.length)
        return true;
    if (byte.at >= space.bytes.length || space.bytes.data[byte.at] != byte.sent)
        return false;
    struct pci_byte *bytes = vmwire_arena_alloc(arena, space.bytes.length * sizeof(*bytes));
    uint8_t *copy = vmwire_arena_alloc(arena, space.bytes.length);
    memcpy(copy, space.bytes.data, space.bytes.length);
    copy[byte.at] = byte.own;
    find_pci_masks(space.bytes, (struct release_range){0, UINT_MAX}, bytes);
    difference->structure = "PCIDevice";
    difference->path = space.path;
    difference->offset = offset_in(writer, space.place ? space.place + byte.at : NULL);
    difference->writer = byte_text(&skew, &bytes[byte.at], space.bytes, byte.at);
    const bool list = is_of_list(&bytes[byte.at], space.bytes, byte.at);
    const char *any = list ? advise_any(&skew, space.bytes) : NULL,
               *advice = any ? any : advise_pci_byte(space.bytes, &bytes[byte.at]);
    difference->reader = list ? vmwire_text(arena, "0x%zx: %02x (another list of capabilities)",
                                            byte.at, (unsigned)byte.own)
                              : byte_text(&skew, &bytes[byte.at],
                                          (struct vmwire_bytes){copy, space.bytes.length}, byte.at);
    if (advice)
        difference->advice = advice;
    return true;
}
