/* SPDX-License-Identifier: MIT */
/*
 * The constants of the wire format. Each stands here once, under QEMU's own name.
 * Knows nothing of readers and writers.
 */
#ifndef VMWIRE_WIRE_H
#define VMWIRE_WIRE_H

/* QEMU migration/savevm.h. The description exists since QEMU 2.3, the footer since 2.4. */
enum {
    VMWIRE_QEMU_VM_FILE_VERSION_COMPAT = 2,
    VMWIRE_QEMU_VM_FILE_VERSION = 3,

    VMWIRE_QEMU_VM_EOF = 0x00,
    VMWIRE_QEMU_VM_SECTION_START = 0x01,
    VMWIRE_QEMU_VM_SECTION_PART = 0x02,
    VMWIRE_QEMU_VM_SECTION_END = 0x03,
    VMWIRE_QEMU_VM_SECTION_FULL = 0x04,
    VMWIRE_QEMU_VM_SUBSECTION = 0x05,
    VMWIRE_QEMU_VM_VMDESCRIPTION = 0x06,
    VMWIRE_QEMU_VM_CONFIGURATION = 0x07,
    VMWIRE_QEMU_VM_COMMAND = 0x08,
    VMWIRE_QEMU_VM_SECTION_FOOTER = 0x7e,

    VMWIRE_VMS_NULLPTR_MARKER = 0x30, /* include/migration/vmstate.h */
};

/* Stream versions and the sentinel of the proposed options. No release of QEMU has them. */
enum {
    VMWIRE_FLAGDAY_FILE_VERSION = 4,
    VMWIRE_STANDALONE_FILE_VERSION = 5,
    VMWIRE_FRAMED_FILE_VERSION = 6,
    VMWIRE_FRAMED_HEADER_SIZE = 8, /* a record's version_id and the length of its fields */
    VMWIRE_ASN1_FILE_VERSION = 7,
    VMWIRE_FLAGDAY_END_OF_STRUCT = 0x00,
};

/* The section id and the idstr that stand for the configuration where its subsections are sent as
 * items (standalone, toplevel). The configuration has no section id of its own. QEMU counts section
 * ids from 0, so no section has this one. */
#define VMWIRE_CONFIGURATION_SECTION_ID UINT32_MAX
#define VMWIRE_CONFIGURATION_IDSTR      "configuration"

/* QEMU migration/ram.c. The flags share a be64 with the page's address. */
enum {
    VMWIRE_RAM_SAVE_FLAG_ZERO = 0x02,
    VMWIRE_RAM_SAVE_FLAG_MEM_SIZE = 0x04,
    VMWIRE_RAM_SAVE_FLAG_PAGE = 0x08,
    VMWIRE_RAM_SAVE_FLAG_EOS = 0x10,
    VMWIRE_RAM_SAVE_FLAG_CONTINUE = 0x20,
    VMWIRE_RAM_SAVE_FLAG_XBZRLE = 0x40,
    VMWIRE_RAM_SAVE_FLAG_HOOK = 0x80,
    VMWIRE_RAM_SAVE_FLAG_COMPRESS_PAGE = 0x100,
    VMWIRE_RAM_SAVE_FLAG_MULTIFD_FLUSH = 0x200,

    VMWIRE_TARGET_PAGE_SIZE_DEFAULT = 4096,
    VMWIRE_TARGET_PAGE_SIZE_LEAST = 256, /* AVR's; smaller ones leave no room for the flag EOS */
    VMWIRE_ENCODING_FLAG_XBZRLE = 0x01,
    VMWIRE_MAPPED_RAM_HDR_VERSION = 1,
    VMWIRE_MAPPED_RAM_HEADER_SIZE =
        28, /* be32 version; be64 page size, bitmap offset, pages offset */
    VMWIRE_MAPPED_RAM_FILE_OFFSET_ALIGNMENT = 0x100000,
};

/* QEMU migration/block-dirty-bitmap.c */
enum {
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_EOS = 0x01,
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_ZEROES = 0x02,
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_BITMAP_NAME = 0x04,
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_DEVICE_NAME = 0x08,
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_START = 0x10,
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_COMPLETE = 0x20,
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_BITS = 0x40,
    VMWIRE_DIRTY_BITMAP_MIG_EXTRA_FLAGS = 0x80,
    VMWIRE_DIRTY_BITMAP_CHUNK_LIMIT =
        10 * 1024, /* bytes; dirty_bitmap_load_bits: 10 * CHUNK_SIZE */
};

/* QEMU include/hw/ppc/spapr.h, hw/s390x/s390-stattrib.c */
enum {
    VMWIRE_HASH_PTE_SIZE_64 = 16, /* bytes */

    VMWIRE_STATTR_FLAG_EOS = 0x01,
    VMWIRE_STATTR_FLAG_MORE = 0x02,
    VMWIRE_STATTR_FLAG_ERROR = 0x04,
    VMWIRE_STATTR_FLAG_DONE = 0x08,
};

/* This library's limit on packages within packages. QEMU's writer never nests packages. */
enum { VMWIRE_PACKAGE_NESTING_LIMIT = 4 };

/* QEMU migration/savevm.c, enum qemu_vm_cmd */
enum {
    VMWIRE_MIG_CMD_OPEN_RETURN_PATH = 1,
    VMWIRE_MIG_CMD_PING,
    VMWIRE_MIG_CMD_POSTCOPY_ADVISE,
    VMWIRE_MIG_CMD_POSTCOPY_LISTEN,
    VMWIRE_MIG_CMD_POSTCOPY_RUN,
    VMWIRE_MIG_CMD_POSTCOPY_RAM_DISCARD,
    VMWIRE_MIG_CMD_PACKAGED,
    VMWIRE_MIG_CMD_ENABLE_COLO,
    VMWIRE_MIG_CMD_POSTCOPY_RESUME,
    VMWIRE_MIG_CMD_RECV_BITMAP,
    VMWIRE_MIG_CMD_SWITCHOVER_START,
};

#endif
