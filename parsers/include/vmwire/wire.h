/*
 * The constants of the wire format. Each stands here once, under QEMU's own name.
 * Knows nothing of readers and writers.
 */
#ifndef VMWIRE_WIRE_H
#define VMWIRE_WIRE_H

/* QEMU migration/savevm.h. The description exists since QEMU 2.3, the footer since 2.4. */
enum {
    QEMU_VM_FILE_VERSION_COMPAT = 2,
    QEMU_VM_FILE_VERSION = 3,

    QEMU_VM_EOF = 0x00,
    QEMU_VM_SECTION_START = 0x01,
    QEMU_VM_SECTION_PART = 0x02,
    QEMU_VM_SECTION_END = 0x03,
    QEMU_VM_SECTION_FULL = 0x04,
    QEMU_VM_SUBSECTION = 0x05,
    QEMU_VM_VMDESCRIPTION = 0x06,
    QEMU_VM_CONFIGURATION = 0x07,
    QEMU_VM_COMMAND = 0x08,
    QEMU_VM_SECTION_FOOTER = 0x7e,

    VMS_NULLPTR_MARKER = 0x30, /* include/migration/vmstate.h */
};

/* Stream versions and the sentinel of the proposed options. No release of QEMU has them. */
enum {
    FLAGDAY_FILE_VERSION = 4,
    STANDALONE_FILE_VERSION = 5,
    FLAGDAY_END_OF_STRUCT = 0x00,
};

/* The section id and the idstr that stand for the configuration where its subsections are sent as
 * items (standalone, toplevel). The configuration has no section id of its own. QEMU counts section
 * ids from 0, so no section has this one. */
#define CONFIGURATION_SECTION_ID UINT32_MAX
#define CONFIGURATION_IDSTR      "configuration"

/* QEMU migration/ram.c. The flags share a be64 with the page's address. */
enum {
    RAM_SAVE_FLAG_ZERO = 0x02,
    RAM_SAVE_FLAG_MEM_SIZE = 0x04,
    RAM_SAVE_FLAG_PAGE = 0x08,
    RAM_SAVE_FLAG_EOS = 0x10,
    RAM_SAVE_FLAG_CONTINUE = 0x20,
    RAM_SAVE_FLAG_XBZRLE = 0x40,
    RAM_SAVE_FLAG_HOOK = 0x80,
    RAM_SAVE_FLAG_COMPRESS_PAGE = 0x100,
    RAM_SAVE_FLAG_MULTIFD_FLUSH = 0x200,

    TARGET_PAGE_SIZE_DEFAULT = 4096,
    ENCODING_FLAG_XBZRLE = 0x01,
    MAPPED_RAM_HDR_VERSION = 1,
    MAPPED_RAM_HEADER_SIZE = 28, /* be32 version; be64 page size, bitmap offset, pages offset */
    MAPPED_RAM_FILE_OFFSET_ALIGNMENT = 0x100000,
};

/* QEMU migration/block-dirty-bitmap.c */
enum {
    DIRTY_BITMAP_MIG_FLAG_EOS = 0x01,
    DIRTY_BITMAP_MIG_FLAG_ZEROES = 0x02,
    DIRTY_BITMAP_MIG_FLAG_BITMAP_NAME = 0x04,
    DIRTY_BITMAP_MIG_FLAG_DEVICE_NAME = 0x08,
    DIRTY_BITMAP_MIG_FLAG_START = 0x10,
    DIRTY_BITMAP_MIG_FLAG_COMPLETE = 0x20,
    DIRTY_BITMAP_MIG_FLAG_BITS = 0x40,
    DIRTY_BITMAP_MIG_EXTRA_FLAGS = 0x80,
    DIRTY_BITMAP_CHUNK_LIMIT = 10 * 1024, /* bytes; dirty_bitmap_load_bits: 10 * CHUNK_SIZE */
};

/* QEMU include/hw/ppc/spapr.h, hw/s390x/s390-stattrib.c */
enum {
    HASH_PTE_SIZE_64 = 16, /* bytes */

    STATTR_FLAG_EOS = 0x01,
    STATTR_FLAG_MORE = 0x02,
    STATTR_FLAG_ERROR = 0x04,
    STATTR_FLAG_DONE = 0x08,
};

/* This library's limit on packages within packages. QEMU never nests packages. */
enum { PACKAGE_NESTING_LIMIT = 4 };

/* QEMU migration/savevm.c, enum qemu_vm_cmd */
enum {
    MIG_CMD_OPEN_RETURN_PATH = 1,
    MIG_CMD_PING,
    MIG_CMD_POSTCOPY_ADVISE,
    MIG_CMD_POSTCOPY_LISTEN,
    MIG_CMD_POSTCOPY_RUN,
    MIG_CMD_POSTCOPY_RAM_DISCARD,
    MIG_CMD_PACKAGED,
    MIG_CMD_ENABLE_COLO,
    MIG_CMD_POSTCOPY_RESUME,
    MIG_CMD_RECV_BITMAP,
    MIG_CMD_SWITCHOVER_START,
};

#endif
