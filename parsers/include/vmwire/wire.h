/* SPDX-License-Identifier: MIT */
/*
 * The constants of the wire format. Each stands here once, under QEMU's own name. Knows nothing of readers and writers.
 * Made by grammar/tables.py of grammar/wire.toml, where they are to be changed.
 */
#ifndef VMWIRE_WIRE_H
#define VMWIRE_WIRE_H

/*
 * QEMU migration/savevm.h. The stream version, a be32 behind the magic. No reader knows version 2
 * any more.
 */
enum {
    VMWIRE_QEMU_VM_FILE_VERSION_COMPAT = 2,
    VMWIRE_QEMU_VM_FILE_VERSION = 3,
};

/*
 * QEMU migration/savevm.h. The byte that begins an item, a subsection, a description or a footer.
 */
enum {
    VMWIRE_QEMU_VM_EOF = 0x00,
    VMWIRE_QEMU_VM_SECTION_START = 0x01,
    VMWIRE_QEMU_VM_SECTION_PART = 0x02,
    VMWIRE_QEMU_VM_SECTION_END = 0x03,
    VMWIRE_QEMU_VM_SECTION_FULL = 0x04,
    VMWIRE_QEMU_VM_SUBSECTION = 0x05,
    /* since QEMU 2.3 */
    VMWIRE_QEMU_VM_VMDESCRIPTION = 0x06,
    VMWIRE_QEMU_VM_CONFIGURATION = 0x07,
    VMWIRE_QEMU_VM_COMMAND = 0x08,
    /* since QEMU 2.4 */
    VMWIRE_QEMU_VM_SECTION_FOOTER = 0x7e,
};

/* QEMU include/migration/vmstate.h. Stands for a null pointer in an array of pointers. */
enum {
    VMWIRE_VMS_NULLPTR_MARKER = 0x30,
};

/* Stream versions of the proposed options. No release of QEMU has them. */
enum {
    VMWIRE_FLAGDAY_FILE_VERSION = 4,
    VMWIRE_STANDALONE_FILE_VERSION = 5,
    VMWIRE_FRAMED_FILE_VERSION = 6,
    VMWIRE_ASN1_FILE_VERSION = 7,
};

/* A record's version_id and the length of its fields (framed), in bytes. */
enum {
    VMWIRE_FRAMED_HEADER_SIZE = 8,
};

/* Closes a record (flagday, framed). */
enum {
    VMWIRE_FLAGDAY_END_OF_STRUCT = 0x00,
};

/*
 * The section id and the idstr that stand for the configuration where its subsections are sent as
 * items (standalone, toplevel). The configuration has no section id of its own. QEMU counts section
 * ids from 0, so no section has this one.
 */
#define VMWIRE_CONFIGURATION_SECTION_ID 0xffffffffu
#define VMWIRE_CONFIGURATION_IDSTR      "configuration"

/*
 * QEMU migration/ram.c, RAM_SAVE_FLAG_.... Flags of an entry of RAM. They share a be64 with the
 * page's address: they are the bits below the page size.
 */
enum {
    /* a page of equal bytes */
    VMWIRE_RAM_SAVE_FLAG_ZERO = 0x02,
    /* the list of blocks; the number beside the flag is the size of all of them, in bytes */
    VMWIRE_RAM_SAVE_FLAG_MEM_SIZE = 0x04,
    /* a page as it is */
    VMWIRE_RAM_SAVE_FLAG_PAGE = 0x08,
    /* the end of the section */
    VMWIRE_RAM_SAVE_FLAG_EOS = 0x10,
    /* the same block as the entry before: no name follows */
    VMWIRE_RAM_SAVE_FLAG_CONTINUE = 0x20,
    /* a page as its difference to the one sent before */
    VMWIRE_RAM_SAVE_FLAG_XBZRLE = 0x40,
    /* RDMA; no bytes follow in the stream */
    VMWIRE_RAM_SAVE_FLAG_HOOK = 0x80,
    /* a page compressed by zlib; until QEMU 9.0 */
    VMWIRE_RAM_SAVE_FLAG_COMPRESS_PAGE = 0x100,
    /* since QEMU 8.1; no bytes follow */
    VMWIRE_RAM_SAVE_FLAG_MULTIFD_FLUSH = 0x200,
};

/*
 * QEMU migration/ram.c. The page size is that of the target. The subsection configuration/target-
 * page-bits tells it where it is not the default.
 */
enum {
    /* bytes */
    VMWIRE_TARGET_PAGE_SIZE_DEFAULT = 4096,
    /* AVR's; smaller ones leave no room for the flag EOS */
    VMWIRE_TARGET_PAGE_SIZE_LEAST = 256,
};

/*
 * QEMU migration/ram.c, load_xbzrle. The encoding in the header of an XBZRLE page. There is no
 * other.
 */
enum {
    VMWIRE_ENCODING_FLAG_XBZRLE = 0x01,
};

/* QEMU migration/ram.c, mapped_ram_setup_ramblock. Capability mapped-ram, since QEMU 9.0. */
enum {
    VMWIRE_MAPPED_RAM_HDR_VERSION = 1,
    /* be32 version; be64 page size, bitmap offset, pages offset */
    VMWIRE_MAPPED_RAM_HEADER_SIZE = 28,
    /* of the pages' offset */
    VMWIRE_MAPPED_RAM_FILE_OFFSET_ALIGNMENT = 0x100000,
};

/*
 * QEMU migration/block-dirty-bitmap.c, DIRTY_BITMAP_MIG_FLAG_.... Flags of a chunk of a dirty
 * bitmap. They say what follows.
 */
enum {
    /* the last chunk of the section */
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_EOS = 0x01,
    /* with BITS: all bits of the chunk are 0, so none are sent */
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_ZEROES = 0x02,
    /* the name of the bitmap follows */
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_BITMAP_NAME = 0x04,
    /* the name of the node follows */
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_DEVICE_NAME = 0x08,
    /* a bitmap begins */
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_START = 0x10,
    /* a bitmap is complete */
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_COMPLETE = 0x20,
    /* bits of a bitmap */
    VMWIRE_DIRTY_BITMAP_MIG_FLAG_BITS = 0x40,
    /* in the first byte: the flags have two bytes; in the second one too: four */
    VMWIRE_DIRTY_BITMAP_MIG_EXTRA_FLAGS = 0x80,
};

/* QEMU migration/block-dirty-bitmap.c, dirty_bitmap_load_bits. 10 * CHUNK_SIZE. */
enum {
    /* bytes */
    VMWIRE_DIRTY_BITMAP_CHUNK_LIMIT = 10240,
};

/* QEMU include/hw/ppc/spapr.h. The size of a hash page table entry, in bytes. */
enum {
    VMWIRE_HASH_PTE_SIZE_64 = 16,
};

/*
 * QEMU hw/s390x/s390-stattrib.c. Flags of an entry. They share a be64 with an address: they are the
 * bits below the page size.
 */
enum {
    /* the end of the section */
    VMWIRE_STATTR_FLAG_EOS = 0x01,
    /* attributes follow */
    VMWIRE_STATTR_FLAG_MORE = 0x02,
    /* the writer failed */
    VMWIRE_STATTR_FLAG_ERROR = 0x04,
    /* all were sent */
    VMWIRE_STATTR_FLAG_DONE = 0x08,
};

/*
 * QEMU migration/block.c, BLK_MIG_FLAG_.... Flags of an entry of a block migration. They share a
 * be64 with a number: they are the bits below the size of a sector.
 */
enum {
    /* a chunk of a disk; the number is its first sector */
    VMWIRE_BLK_MIG_FLAG_DEVICE_BLOCK = 0x01,
    /* the end of the section */
    VMWIRE_BLK_MIG_FLAG_EOS = 0x02,
    /* the number is what is done, in percent */
    VMWIRE_BLK_MIG_FLAG_PROGRESS = 0x04,
    /* with DEVICE_BLOCK: the chunk is all zeros, which are not sent; since QEMU 1.5 */
    VMWIRE_BLK_MIG_FLAG_ZERO_BLOCK = 0x08,
};

/*
 * QEMU migration/block.c, BLK_MIG_BLOCK_SIZE; include/block/block.h, BDRV_SECTOR_SIZE. Bytes of a
 * chunk, and of a sector.
 */
enum {
    VMWIRE_BLK_MIG_BLOCK_SIZE = 0x100000,
    VMWIRE_BDRV_SECTOR_SIZE = 512,
};

/* This library's limit on packages within packages. QEMU's writer never nests packages. */
enum {
    VMWIRE_PACKAGE_NESTING_LIMIT = 4,
};

/*
 * QEMU migration/savevm.c, enum qemu_vm_cmd. The commands. The table of commands has their lengths.
 */
enum {
    VMWIRE_MIG_CMD_OPEN_RETURN_PATH = 1,
    VMWIRE_MIG_CMD_PING = 2,
    VMWIRE_MIG_CMD_POSTCOPY_ADVISE = 3,
    VMWIRE_MIG_CMD_POSTCOPY_LISTEN = 4,
    VMWIRE_MIG_CMD_POSTCOPY_RUN = 5,
    VMWIRE_MIG_CMD_POSTCOPY_RAM_DISCARD = 6,
    VMWIRE_MIG_CMD_PACKAGED = 7,
    VMWIRE_MIG_CMD_ENABLE_COLO = 8,
    VMWIRE_MIG_CMD_POSTCOPY_RESUME = 9,
    VMWIRE_MIG_CMD_RECV_BITMAP = 10,
    VMWIRE_MIG_CMD_SWITCHOVER_START = 11,
};

#endif
