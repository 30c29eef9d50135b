/* SPDX-License-Identifier: MIT */
/*
 * Leaves the pages of RAM out of a stream: they are most of it, and no device state. What is left is a stream
 * too: that of the same machine before any page was sent.
 */
#ifndef VMWIRE_PROGRAM_SHARED_LEAVE_OUT_PAGES_H
#define VMWIRE_PROGRAM_SHARED_LEAVE_OUT_PAGES_H

#include "program/shared/ram_pages.h"
#include "vmwire/vmwire.h"

/* How much of the RAM is left out. */
enum omission {
    OMIT_RAM, /* the pages, and all else that an iterable section can be without, and its parts; a short list of blocks stays */
    OMIT_PAGES, /* the pages alone, where they lie in few runs; nothing where there are packages or blocks of mapped RAM */
    OMIT_NOTHING,
};

/* Bytes that are left out. */
struct gap {
    uint64_t at; /* the offset in the stream without them of the byte behind them */
    uint64_t length;
    uint64_t
        padding; /* of them: zeros before the first block of mapped RAM, which is aligned. Bytes that are added before the
                         gap take their place */
};

enum { ENTRY_KINDS_MOST = 16 };

/* A stream without the pages of RAM. */
struct paged_out {
    struct vmwire_bytes bytes; /* those of the file, where it has no pages */
    struct gap *gaps;          /* in the order of the stream */
    size_t gap_count;
    uint64_t left_out;          /* bytes in all */
    bool has_mapped_ram;        /* some blocks hold their pages */
    struct vmwire_bytes unread; /* the first bytes that the reader leaves unread */
    const char *entry_kinds[ENTRY_KINDS_MOST +
                            1]; /* of all entries, those left out too, each once; ends with NULL */
    struct ram_pages pages;     /* also where the stream is refused behind them */
};

/* What to read, and what to leave out of it. */
struct omitting {
    enum omission omission;
    const struct vmwire_option *option;
    struct vmwire_bytes stream;
    const struct vmwire_schema *schema;
    struct vmwire_arena *arena; /* of what is left, where that is not the stream itself */
};

/* Reads a stream to its end, and leaves RAM out. Returns false, with the error set, when the reader does not accept the
 * stream. Always sets `cost`: of the whole. */
bool leave_out_pages(struct paged_out *out, const struct omitting *omitting,
                     struct vmwire_cost *cost, struct vmwire_error *error);

/* The offset in the file of the byte at this offset of the stream without pages. */
uint64_t offset_with_gaps(const struct gap *gaps, size_t gap_count, uint64_t offset);

#endif
