/* SPDX-License-Identifier: MIT */
/*
 * Says which QEMU options a manifest may have. Reads the words as QEMU does, so that no value is taken
 * for an option and no option for a value. Knows no manifest and starts nothing.
 */
#include "program/replay/allowed_options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "program/replay/amount_limits.h"

/* ---- The lists --------------------------------------------------------------------------------- */

/* Words with blanks between them. A word that ends with '*' also stands for longer ones. In a list of
 * keys, "KEY" stands for KEY=VALUE with any plain value, and "KEY=VALUE" for that value alone. */

/* Devices that use no device, file or program of the host: what they are connected to, another option
 * must allow. A suffix of device_suffixes may follow. */
static const char devices[] =
    "AC97 ES1370 VGA adlib am53c974 ati-vga bochs-display cirrus-vga cs4231a ctucan_pci dc390 "
    "e1000 "
    "e1000-82544gc e1000-82545em e1000e edu floppy hda-duplex hda-micro hda-output i6300esb i82550 "
    "i82551 i82557a i82557b i82557c i82558a i82558b i82559a i82559b i82559c i82559er i82562 i82801 "
    "i82801b11-bridge ib700 ich9-ahci ich9-intel-hda ich9-usb-ehci1 ich9-usb-ehci2 ich9-usb-uhci1 "
    "ich9-usb-uhci2 ich9-usb-uhci3 ich9-usb-uhci4 ich9-usb-uhci5 ich9-usb-uhci6 ide-cd ide-hd igb "
    "intel-hda intel-iommu ioh3420 ipmi-bmc-sim isa-applesmc isa-debugcon isa-fdc isa-ide "
    "isa-ipmi-bt isa-ipmi-kcs isa-parallel isa-serial isa-vga ivshmem-plain kvaser_pci loader "
    "lsi53c810 lsi53c895a megasas megasas-gen2 mptsas1068 ne2k_isa ne2k_pci nec-usb-xhci nvme "
    "nvme-ns "
    "pci-bridge pci-ohci pci-serial pci-serial-2x pci-serial-4x pci-testdev pcie-pci-bridge "
    "pcie-root-port pcnet piix3-ide piix3-usb-uhci piix4-ide piix4-usb-uhci pvpanic pvscsi "
    "qemu-xhci ramfb rtl8139 sb16 sclpconsole sclplmconsole scsi-cd scsi-hd sd-card sdhci "
    "secondary-vga smbus-ipmi spapr-vlan spapr-vscsi spapr-vty tpci200 tulip usb-audio usb-bot "
    "usb-ccid usb-ehci usb-hub usb-kbd usb-mouse usb-net usb-storage usb-tablet usb-uas "
    "usb-wacom-tablet virtconsole virtio-balloon virtio-blk virtio-gpu virtio-iommu "
    "virtio-keyboard "
    "virtio-mem virtio-mouse virtio-net virtio-pmem virtio-rng virtio-scsi virtio-serial "
    "virtio-tablet virtio-vga virtserialport vmcoreinfo vmgenid vmware-svga vmxnet3 x3130-upstream "
    "xio3130-downstream";

static const char device_suffixes[] = "-pci -pci-transitional -pci-non-transitional -ccw -device";

/* Properties that on no device name anything of the host. An id refers to what another option makes. */
static const char device_keys[] =
    "addr ats audiodev bmc bootindex bus canbus canbus0 canbus1 chardev chassis chassis_nr channel "
    "data data-be data-len device-iotlb disable-legacy disable-modern dma_win_size drive "
    "drive-type "
    "edid event_idx guid hotplug id index intremap caching-mode iobase iobase2 iommu_platform irq "
    "irq2 iothread logical_block_size lun mac master max_ports memdev msi msix multifunction "
    "netdev "
    "nr num-queues packed physical_block_size port requested-size romfile= scsi-id serial slot "
    "unit vectors vgamem_mb write-cache xres yres";

/* Not here: machines of a hypervisor or of several processes (xenfv, xenpv, nitro, x-remote). */
static const char machines[] = "2009 SS-* ast* arduino-* g3beige isapc mac99 malta mega2560 "
                               "microvm mps2-* mps3-* netduino* none pc pc-* "
                               "powernv* ppce500 pseries pseries-* q35 raspi* realview-* "
                               "s390-ccw-virtio s390-ccw-virtio-* sbsa-ref sifive_* "
                               "spike sun4* uno versatileab versatilepb vexpress-* virt virt-*";

static const char machine_keys[] =
    "accel=tcg acpi aclint aia cap-htm dea-key-wrap aes-key-wrap gic-version graphics highmem hmat "
    "hpet i8042 iommu its kernel-irqchip=off max-cpus mem-merge memory-backend mte nvdimm pcie pic "
    "pit ras rtc sata secure smm suppress-vmdesc usb virtualization vmport";

static const struct allowed_option {
    const char *name;
    const char *first; /* words without a key that the value may begin with; NULL: none */
    const char *keys;  /* keys of the value; NULL: any, and their values are plain */
} allowed_options[] = {
    {"M", machines, machine_keys},
    {"accel", "tcg", "thread"},
    {"audiodev", "none", "id"},
    {"bios", "none", ""},
    {"blockdev", "null-co null-aio", "node-name read-only read-zeroes size"},
    {"chardev", "null", "id"},
    {"cpu", "*", NULL},
    {"device", devices, device_keys},
    {"display", "none", ""},
    {"icount", NULL, "align shift sleep"},
    {"m", "*", "maxmem size slots"},
    {"machine", machines, machine_keys},
    {"monitor", "none", ""},
    {"net", "none", ""},
    {"netdev", "hubport", "hubid id"},
    {"nic", "none", ""},
    {"object", "can-bus iothread memory-backend-memfd memory-backend-ram rng-builtin",
     "dump id merge share size"},
    {"parallel", "none", ""},
    {"qmp", "stdio", ""},
    {"rtc", NULL, "base clock driftfix"},
    {"serial", "none null chardev:*", ""},
    {"smp", "*", "books clusters cores cpus dies drawers maxcpus modules sockets threads"},
    {"uuid", "*", ""},
    {"vga", "none std cirrus virtio vmware", ""},
};

static const char options_without_value[] =
    "S no-acpi no-hpet no-reboot no-shutdown no-user-config nodefaults usb";

/* Without x-colo: the guest of a COLO stream runs. */
static const char capabilities_allowed[] =
    "auto-converge compress dirty-bitmaps dirty-limit events late-block-activate mapped-ram "
    "multifd "
    "pause-before-switchover postcopy-preempt postcopy-ram release-ram return-path switchover-ack "
    "validate-uuid x-ignore-shared xbzrle zero-blocks";

enum { CAPABILITIES_MOST = 64 };

/* Bounds the devices, and what each of them uses without a word about it. */
enum { WORDS_MOST = 512 };

enum { OPTION_COUNT = sizeof(allowed_options) / sizeof(allowed_options[0]) };

/* ---- Words ------------------------------------------------------------------------------------- */

/* Names, ids and numbers: no '/' of a path, no ',' of an escape, no '{' of JSON, no '-' of an option. */
static bool is_plain(struct word word)
{
    static const char others[] = {'.', '_', ':', '+', '-'};
    for (size_t i = 0; i < word.length; i++)
        if (!isalnum((unsigned char)word.text[i]) && !memchr(others, word.text[i], sizeof(others)))
            return false;
    return !word.length || word.text[0] != '-';
}

/* Returns true for a device of the list, with or without a suffix. */
static bool is_device(struct word name)
{
    const char *suffixes = device_suffixes;
    struct word suffix;
    if (is_listed(devices, name))
        return true;
    while (take_word(&suffix, &suffixes, ' ')) {
        size_t stem = name.length - suffix.length;
        if (name.length > suffix.length &&
            same_word((struct word){name.text + stem, suffix.length}, suffix) &&
            is_listed(devices, (struct word){name.text, stem}))
            return true;
    }
    return false;
}

/* ---- Values ------------------------------------------------------------------------------------ */

static bool is_first_allowed(const struct allowed_option *option, struct word part)
{
    if (!part.length || !is_plain(part))
        return false;
    return option->first == devices ? is_device(part) : is_listed(option->first, part);
}

/* KEY=VALUE, or a word without a key. */
struct part {
    struct word all, key, value;
    bool has_key;
};

static struct part split_part(struct word all)
{
    const char *equals = memchr(all.text, '=', all.length);
    size_t length = equals ? (size_t)(equals - all.text) : all.length;
    struct word key = {all.text, length};
    struct word value = {equals ? equals + 1 : "", equals ? all.length - length - 1 : 0};
    return (struct part){all, key, value, equals};
}

static bool is_pair_allowed(const char *keys, const struct part *part)
{
    struct word key = part->key;
    if (!key.length || !is_plain(part->value))
        return false;
    if (!keys && key.text[0] == '-')
        key = (struct word){key.text + 1, key.length - 1};
    if (!keys)
        return is_plain(key);
    return part->has_key && (is_listed(keys, key) || is_listed(keys, part->all));
}

/* Why a part of a value is refused. */
struct refusal {
    struct word part;
    const char *limit; /* that it exceeds; NULL: it is not allowed at all */
};

/* Finds the first part of the value that is not allowed. Between two commas an empty part stands: QEMU
 * takes them for one comma of the text. */
static bool find_forbidden_part(const struct allowed_option *option, const char *value,
                                struct amounts *amounts, struct refusal *refusal)
{
    const char *rest = value;
    *refusal = (struct refusal){.limit = NULL};
    for (bool first = true; take_word(&refusal->part, &rest, ','); first = false) {
        struct part part = split_part(refusal->part);
        bool bare = first && option->first && !part.has_key;
        if (!(bare ? is_first_allowed(option, part.all) : is_pair_allowed(option->keys, &part)))
            return true;
        refusal->limit = bare ? exceed_limit(amounts, option->name, make_word(""), part.all)
                              : exceed_limit(amounts, option->name, part.key, part.value);
        if (refusal->limit)
            return true;
    }
    return false;
}

/* DRIVER.PROPERTY=VALUE: the driver does not matter, as no property in the list names anything of the
 * host. */
static bool find_forbidden_global(const char *value, struct amounts *amounts,
                                  struct refusal *refusal)
{
    const char *dot = strchr(value, '.');
    *refusal = (struct refusal){.part = make_word(value)};
    if (!dot || dot == value || !is_plain((struct word){value, (size_t)(dot - value)}))
        return true;
    struct part part = split_part(make_word(dot + 1));
    if (!is_pair_allowed(device_keys, &part))
        return true;
    refusal->limit = exceed_limit(amounts, "global", part.key, part.value);
    return refusal->limit;
}

/* ---- Options ----------------------------------------------------------------------------------- */

static const struct allowed_option *find_option(const char *name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (strcmp(allowed_options[i].name, name) == 0)
            return &allowed_options[i];
    return NULL;
}

/* Returns the option's name behind one dash or two, as QEMU takes them; NULL: a disk image. */
static const char *find_name(const char *word)
{
    return word[0] != '-' ? NULL : word + (word[1] == '-' ? 2 : 1);
}

static bool is_value_allowed(const char *option, const char *value, struct amounts *amounts,
                             char *problem, size_t size)
{
    const char *name = find_name(option);
    struct refusal refusal;
    if (!value) {
        snprintf(problem, size, "option \"%s\" has no value", option);
        return false;
    }
    if (strcmp(name, "global") == 0
            ? !find_forbidden_global(value, amounts, &refusal)
            : !find_forbidden_part(find_option(name), value, amounts, &refusal))
        return true;
    int length = (int)(refusal.part.length < 200 ? refusal.part.length : 200);
    if (refusal.limit)
        snprintf(problem, size,
                 "option \"%s\": \"%.*s\": more than %s is not allowed without --trust", option,
                 length, refusal.part.text, refusal.limit);
    else
        snprintf(problem, size,
                 "option \"%s\": \"%.*s\" in its value is not allowed without --trust", option,
                 length, refusal.part.text);
    return false;
}

bool are_options_allowed(const json_t *command, char *problem, size_t size)
{
    struct amounts amounts;
    begin_amounts(&amounts);
    if (json_array_size(command) > WORDS_MOST) {
        snprintf(problem, size, "more than %d words in \"command\" are not allowed without --trust",
                 WORDS_MOST);
        return false;
    }
    for (size_t i = 1; i < json_array_size(command); i++) {
        const char *word = json_string_value(json_array_get(command, i));
        const char *name = find_name(word);
        if (name && is_listed(options_without_value, make_word(name)))
            continue;
        if (!name || (strcmp(name, "global") != 0 && !find_option(name))) {
            snprintf(problem, size, "%s \"%.200s\" in \"command\" is not allowed without --trust",
                     name ? "option" : "word", word);
            return false;
        }
        i++;
        if (!is_value_allowed(word, json_string_value(json_array_get(command, i)), &amounts,
                              problem, size))
            return false;
    }
    return true;
}

bool are_capabilities_allowed(const json_t *capabilities, char *problem, size_t size)
{
    size_t i;
    json_t *each;
    if (json_array_size(capabilities) > CAPABILITIES_MOST) {
        snprintf(problem, size, "more than %d capabilities", CAPABILITIES_MOST);
        return false;
    }
    json_array_foreach(capabilities, i, each)
    {
        const char *name = json_string_value(each);
        if (is_listed(capabilities_allowed, make_word(name)))
            continue;
        snprintf(problem, size, "capability \"%.200s\" is not allowed without --trust", name);
        return false;
    }
    return true;
}
