/* SPDX-License-Identifier: MIT */
#include "skew/values/pci_config.h"

#include <string.h>

/* Places in the header (include/standard-headers/linux/pci_regs.h of QEMU). */
enum {
    VENDOR_ID = 0x00,
    DEVICE_ID = 0x02,
    HEADER_TYPE = 0x0e,
    HEADER_TYPE_BITS = 0x7f,
    BASE_ADDRESS = 0x10,
    BASE_ADDRESS_BYTES = 4,
    HEADER_SIZE = 0x40,
    CAPABILITY_HEADER = 2, /* the id, and where the next one is */
    EXTENDED_HEADER = 4,
};

static uint16_t word_at(const uint8_t *data, size_t at)
{
    return (uint16_t)(data[at] | data[at + 1] << 8);
}

static uint32_t long_at(const uint8_t *data, size_t at)
{
    return word_at(data, at) | (uint32_t)word_at(data, at + 2) << 16;
}

static uint8_t byte_of(uint64_t number, unsigned byte)
{
    return (uint8_t)(number >> 8 * byte);
}

/* ---- Registers ---- */

static bool is_zero(const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (data[i])
            return false;
    return true;
}

/* Sets the bytes of a register that begins at `at`, as far as the configuration reaches. */
static void set_register(struct vmwire_bytes own, struct pci_byte *bytes, size_t at,
                         const struct pci_register *row, const struct pci_capability *capability)
{
    if (at + row->bytes > own.length)
        return;
    bool unless = is_zero(own.data + at, row->bytes);
    for (unsigned i = 0; i < row->bytes; i++)
        bytes[at + i] = (struct pci_byte){.cmask = byte_of(row->cmask, i),
                                          .wmask = byte_of(row->wmask, i),
                                          .w1cmask = byte_of(row->w1cmask, i),
                                          .may = byte_of(row->may, i),
                                          .unless_set = byte_of(row->unless_set, i),
                                          .unless = unless,
                                          .register_ = row,
                                          .capability = capability};
}

static const struct pci_register base_address = {
    .bytes = BASE_ADDRESS_BYTES,
    .name = "a base address",
    .advice = "One device has the region, or has it as I/O, and the other has not: give the device "
              "the same properties on both sides.",
};

/* Of a base address only the kind of region is sure to be compared. Returns how many bytes it has. */
static size_t set_base_address(struct vmwire_bytes own, struct pci_byte *bytes, size_t at)
{
    enum { IS_IO = 1, IO_KIND = 0x3, MEMORY_KIND = 0xf, KIND_64_BITS = 0x6, IS_64_BITS = 0x4 };
    uint32_t address = long_at(own.data, at);
    if (!address)
        return BASE_ADDRESS_BYTES; /* no region, or one of memory that has no address */
    uint8_t kind = address & IS_IO ? IO_KIND : MEMORY_KIND;
    bytes[at] = (struct pci_byte){.cmask = 0xff, .may = (uint8_t)~kind, .register_ = &base_address};
    bool is_long = !(address & IS_IO) && (address & KIND_64_BITS) == IS_64_BITS;
    return is_long ? 2 * (size_t)BASE_ADDRESS_BYTES : BASE_ADDRESS_BYTES;
}

static void set_header(struct vmwire_bytes own, struct pci_byte *bytes)
{
    int type = own.data[HEADER_TYPE] & HEADER_TYPE_BITS;
    for (size_t i = 0; i < pci_header_row_count; i++)
        if (pci_header_rows[i].header < 0 || pci_header_rows[i].header == type)
            set_register(own, bytes, pci_header_rows[i].register_.at, &pci_header_rows[i].register_,
                         NULL);
    size_t regions = type == 0 ? 6 : type == 1 ? 2 : 0;
    for (size_t at = BASE_ADDRESS; at < BASE_ADDRESS + regions * BASE_ADDRESS_BYTES;)
        at += set_base_address(own, bytes, at);
}

static void set_device(struct vmwire_bytes own, struct pci_byte *bytes)
{
    for (size_t i = 0; i < pci_device_row_count; i++) {
        const struct pci_device_row *row = &pci_device_rows[i];
        if (row->vendor != word_at(own.data, VENDOR_ID) ||
            row->device != word_at(own.data, DEVICE_ID))
            continue;
        for (size_t j = 0; j < row->register_count; j++)
            set_register(own, bytes, row->registers[j].at, &row->registers[j], NULL);
    }
}

const char *advise_pci_byte(struct vmwire_bytes own, const struct pci_byte *byte)
{
    if (!byte->register_)
        return NULL;
    for (size_t i = 0; i < pci_advice_row_count; i++) {
        const struct pci_advice_row *row = &pci_advice_rows[i];
        if (row->vendor == word_at(own.data, VENDOR_ID) &&
            (!row->device || row->device == word_at(own.data, DEVICE_ID)) &&
            strcmp(row->register_, byte->register_->name) == 0)
            return row->advice;
    }
    return byte->register_->advice;
}

/* ---- Capabilities ---- */

/* A list of capabilities: of the header, or the extended one. */
struct capability_list {
    const struct pci_capability *rows;
    size_t row_count;
    size_t header; /* bytes before a capability's own */
    size_t begin, end;
};

static bool fits(const struct pci_capability *row, struct vmwire_bytes own, size_t at, uint16_t id)
{
    return row->id == id && (!row->vendor || row->vendor == word_at(own.data, VENDOR_ID)) &&
           at + row->match_at + 2 <= own.length &&
           (word_at(own.data, at + row->match_at) & row->match_mask) == row->match_value;
}

static const struct pci_capability *find_capability(const struct capability_list *list,
                                                    struct vmwire_bytes own, size_t at, uint16_t id)
{
    for (size_t i = 0; i < list->row_count; i++)
        if (fits(&list->rows[i], own, at, id))
            return &list->rows[i];
    return NULL;
}

static size_t capability_size(const struct pci_capability *row, struct vmwire_bytes own, size_t at)
{
    if (row->size)
        return row->size;
    return at + row->size_at + 2 <= own.length
               ? word_at(own.data, at + row->size_at) & row->size_mask
               : 0;
}

/* All its bytes are compared but for what its registers say. */
static void set_capability(const struct capability_list *list, struct vmwire_bytes own,
                           struct pci_byte *bytes, size_t at, uint16_t id)
{
    const struct pci_capability *row = find_capability(list, own, at, id);
    size_t size = row ? capability_size(row, own, at) : 0;
    if (size < list->header)
        size = list->header;
    for (size_t i = at; i < at + size && i < list->end; i++)
        bytes[i] = (struct pci_byte){.cmask = 0xff, .capability = row};
    for (size_t i = 0; row && i < row->register_count; i++)
        set_register(own, bytes, at + row->registers[i].at, &row->registers[i], row);
}

/* Where the next capability begins; 0: there is none. The id of this one is set. */
static size_t next_capability(struct vmwire_bytes own, size_t at, bool extended, uint16_t *id)
{
    if (extended) {
        uint32_t header = long_at(own.data, at);
        *id = (uint16_t)header;
        return header >> 20 & ~3u;
    }
    *id = own.data[at];
    return own.data[at + 1] & ~3u;
}

bool has_pci_capability(const uint8_t *config, uint8_t id)
{
    size_t at = config[PCI_CAPABILITY_LIST] & ~3u;
    for (unsigned left = PCI_CONFIG_SIZE / 4; left && at >= HEADER_SIZE; left--) {
        if (config[at] == id)
            return true;
        at = config[at + 1] & ~3u;
    }
    return false;
}

/* Walks through a list. One that has more elements than room goes in a circle. */
static void set_capabilities(const struct capability_list *list, struct vmwire_bytes own,
                             struct pci_byte *bytes, size_t first)
{
    bool extended = list->header == EXTENDED_HEADER;
    size_t left = (list->end - list->begin) / 4;
    for (size_t at = first; at >= list->begin && at + list->header <= list->end && left; left--) {
        uint16_t id;
        size_t next = next_capability(own, at, extended, &id);
        if (extended && !long_at(own.data, at))
            return;
        set_capability(list, own, bytes, at, id);
        at = next;
    }
}

static struct capability_list list_of_header(void)
{
    return (struct capability_list){pci_capabilities, pci_capability_count, CAPABILITY_HEADER,
                                    HEADER_SIZE, PCI_CONFIG_SIZE};
}

size_t next_pci_capability(struct vmwire_bytes own, size_t at, const struct pci_capability **row)
{
    const struct capability_list conventional = list_of_header();
    const size_t next = own.data[at ? at + 1 : PCI_CAPABILITY_LIST] & ~3u;
    if (next < conventional.begin || next + conventional.header > conventional.end)
        return 0;
    *row = find_capability(&conventional, own, next, own.data[next]);
    return next;
}

/* What older readers compare otherwise. Where the release is not known, it is open. */
static void set_older_masks(struct pci_byte *bytes, size_t length, struct release_range releases)
{
    const struct pci_register *row = NULL;
    for (size_t i = 0, first = 0; i < length; i++) {
        first = bytes[i].register_ == row ? first : i;
        row = bytes[i].register_;
        if (!row || releases.first >= row->older_until)
            continue;
        const uint8_t newer = bytes[i].cmask,
                      older = byte_of(row->older_cmask, (unsigned)(i - first));
        bytes[i].cmask = older;
        if (releases.last < row->older_until)
            continue;
        bytes[i].may |= newer ^ older;
        bytes[i].unless_set |= newer ^ older;
        bytes[i].unless = true;
    }
}

void find_pci_masks(struct vmwire_bytes own, struct release_range releases, struct pci_byte *bytes)
{
    enum { STATUS = 0x06, HAS_CAPABILITIES = 0x10 };
    const struct capability_list conventional = list_of_header();
    const struct capability_list extended = {pci_extended_capabilities,
                                             pci_extended_capability_count, EXTENDED_HEADER,
                                             PCI_CONFIG_SIZE, PCIE_CONFIG_SIZE};
    set_header(own, bytes);
    set_device(own, bytes);
    /* Without that bit the bytes are a device's own: pci_add_capability() sets it, and what that adds is compared. */
    if (own.data[STATUS] & HAS_CAPABILITIES)
        set_capabilities(&conventional, own, bytes, own.data[PCI_CAPABILITY_LIST] & ~3u);
    if (own.length == PCIE_CONFIG_SIZE)
        set_capabilities(&extended, own, bytes, PCI_CONFIG_SIZE);
    set_older_masks(bytes, own.length, releases);
}

/* ---- Comparing ---- */

size_t first_refused_byte(const uint8_t *sent, const uint8_t *own, const struct pci_byte *bytes,
                          size_t length, bool undecided)
{
    for (size_t i = 0; i < length; i++) {
        uint8_t refused = (sent[i] ^ own[i]) & bytes[i].cmask & ~bytes[i].wmask & ~bytes[i].w1cmask;
        if (undecided ? bytes[i].unless && refused & bytes[i].unless_set
                      : refused & ~bytes[i].may & 0xff)
            return i;
    }
    return length;
}
