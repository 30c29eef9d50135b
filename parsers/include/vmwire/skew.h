/* SPDX-License-Identifier: MIT */
/*
 * What two sides of a migration have otherwise: the writer of a stream, and who is to read it. Layouts are compared, and the
 * values that a loader compares with those of its machine; whether bytes of a state can mislead a reader is decided elsewhere
 * (decide.h). Knows nothing of the program.
 */
#ifndef VMWIRE_SKEW_H
#define VMWIRE_SKEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/arena.h"
#include "vmwire/error.h"
#include "vmwire/option.h"
#include "vmwire/outcome.h"
#include "vmwire/record.h"
#include "vmwire/schema.h"

#pragma GCC visibility push(default)

/* A page of RAM for which the list of blocks in front of it has no place. */
struct vmwire_lost_page {
    struct vmwire_bytes block; /* the name of its block, as on the wire */
    bool listed;               /* the block is: the page lies behind its end */
    uint64_t address;          /* in its block, in bytes */
    uint64_t length;           /* of a listed block, in bytes */
    uint64_t offset;           /* of the page, in bytes of the file */
};

/* A block of the list in front of the pages of RAM. */
struct vmwire_listed_block {
    struct vmwire_bytes name; /* as on the wire */
    uint64_t length;          /* in bytes */
    bool paged;               /* the stream has a page of it */
};

/* A drive of which chunks are sent (section "block"). */
struct vmwire_seen_drive {
    struct vmwire_bytes name;
    uint64_t sector; /* of its last chunk: of 512 bytes each */
    uint64_t offset; /* of its first chunk, in bytes of the file */
};

/* A dirty bitmap that is sent (section "dirty-bitmap"). */
struct vmwire_seen_bitmap {
    struct vmwire_bytes node, name;
    uint64_t offset; /* of its first chunk, in bytes of the file */
};

/* What the pages of RAM tell, those too that a stream is given without. */
struct vmwire_ram_seen {
    const struct vmwire_listed_block *blocks;
    size_t block_count;
    uint64_t address_bits; /* those that an address of a page has */
    bool whole;            /* a page is sent byte for byte */
};

/*
 * What is known of a side. Each member can be NULL, but not all of `described`, `declared` and `dumped`. A reader's stream is
 * one that its machine has written itself: it tells which devices the machine has, and their values.
 */
struct vmwire_side {
    const struct vmwire_stream *stream;
    struct vmwire_bytes bytes;      /* of the stream, as its items point into them */
    const char *const *entry_kinds; /* of the stream's entries, those that it is given without
                                       too (vmwire_entry_kind_name); ends with NULL. NULL: they are
                                       not known */
    const struct vmwire_lost_page *lost_pages; /* the first one of each block, of some blocks */
    size_t lost_page_count;
    struct vmwire_ram_seen ram; /* no blocks: they are not known */
    const struct vmwire_seen_drive *drives;
    size_t drive_count;
    const struct vmwire_seen_bitmap *bitmaps;
    size_t bitmap_count;
    const struct vmwire_schema *
        described; /* the layouts by which the stream was read, or a description without a stream */
    const struct vmwire_schema *declared; /* what its program declares */
    const struct vmwire_schema *dumped;   /* a dump: sizes in memory, all device types */
    const char
        *machine; /* its machine type, for instance "pc-q35-7.2"; NULL: that of a stream, or any */
    bool any_machine; /* of a reader without a stream: also tells what a command line can give it
                         otherwise than the writer's machine has it */
};

/* When a difference has an effect. */
enum vmwire_certainty {
    VMWIRE_CERTAIN, /* on every migration of this machine; of whole programs: of every machine with this device */
    VMWIRE_WHEN_NEEDED, /* when the state needs what `when` says */
    VMWIRE_NOT_DECIDED, /* what is given does not tell whether there is one: `when` says what is missing */
};

/* Where each difference of a rule is found, if it is given. */
enum vmwire_shown_by {
    VMWIRE_SHOWN_BY_NOTHING,
    VMWIRE_SHOWN_BY_STREAM,  /* the reader's own stream */
    VMWIRE_SHOWN_BY_PROGRAM, /* that, or the reader's program */
};

/* A rule by which a reader refuses, or takes something for something else: a row of grammar/loader.toml. */
struct vmwire_skew_rule {
    const char *id;    /* for instance "ram-size": stable, for machines */
    const char *about; /* a sentence for people */
    const char *
        message; /* what QEMU prints, with %s and %d where values stand; NULL: nothing of its own */
    const char *changed;   /* what it prints instead from `changed_from` on; NULL: the same */
    unsigned changed_from; /* a release, 1101 for 11.1 */
    const char *source;    /* file and function of QEMU */
    const char *advice;    /* what to do; NULL: nothing in general */
    const char *
        places; /* what stands in each place of the message, by a letter: s, S the writer's value, o, O the reader's, n a name, i an idstr, b a RAM block; NULL or "": not known */
    enum vmwire_shown_by shown_by;
    const char *silent; /* the field of a section that it is about, of which the reader refuses a
                           value without a word; NULL: it says something, or it is about no value */
};

/* A field on both sides, or on one: NULL on the other. */
struct vmwire_beside {
    const char *writer, *reader; /* name, type and size */
    uint64_t offset;             /* in the writer's stream; VMWIRE_ERROR_NO_OFFSET: not there */
    bool differs;                /* it is part of the difference */
};

/* All strings are in the arena, or constant. */
struct vmwire_difference {
    enum vmwire_certainty certainty;
    enum vmwire_outcome outcome; /* what it leads to: REJECT, TRUNCATED or CORRUPT */
    const struct vmwire_skew_rule *rule;
    const char *
        section; /* the section's idstr; of whole programs: the device's structure; NULL: of the stream */
    uint32_t instance_id;  /* of the section */
    const char *structure; /* whose fields differ; NULL: not of a structure */
    const char *path;      /* the field or subsection, from the section's root; "" or NULL: none */
    const char *writer,
        *reader;      /* what each side has: names, types, sizes, versions, values; NULL: nothing */
    const char *when; /* VMWIRE_WHEN_NEEDED, VMWIRE_NOT_DECIDED */
    bool
        unsent; /* it is of structures that are known, and that the writer's stream has not: of another state than its own */
    const char *message; /* what QEMU prints; NULL: not known */
    const char *advice;  /* what to do; NULL: nothing is known */
    uint64_t
        offset; /* where it shows, in bytes of the writer's stream; VMWIRE_ERROR_NO_OFFSET: no stream, or no place */
    uint64_t
        section_offset; /* of the section's header, likewise: the first one of a stream is what QEMU says */
    int64_t bytes; /* how many more the writer has on the wire */
    /* Of fields that differ: some that are before, these, and some that are behind. */
    const struct vmwire_beside *beside;
    size_t beside_count;
};

struct vmwire_differences {
    struct vmwire_difference
        *list; /* certain ones first; then in the order of the writer's stream, or of its names */
    size_t count;
};

/*
 * Finds what differs when the reader reads what the writer writes. Fields are compared by their bytes on the wire: one that is
 * renamed, split, put into a structure or replaced by unused bytes of the same size is no difference, one that is moved is.
 * What both sides leave to the same function of QEMU is none either.
 *
 * The list lives in `arena`; it points into both sides, which must outlive it. Returns false with `error` set when memory runs
 * out (VMWIRE_ERROR_MEMORY).
 */
bool vmwire_skew(const struct vmwire_side *writer, const struct vmwire_side *reader,
                 struct vmwire_arena *arena, struct vmwire_differences *differences,
                 struct vmwire_error *error);

/* All rules, in the order of grammar/loader.toml. */
extern const struct vmwire_skew_rule vmwire_skew_rules[];
extern const size_t vmwire_skew_rule_count;

/* The rule of this id; NULL: there is none. */
const struct vmwire_skew_rule *vmwire_skew_rule_find(const char *id);

/* The message of a rule as the reader's release prints it, with the values, which are texts, in place of its first conversions; NULL:
 * it has none of its own. The text is in `arena`; call it within an attempt. */
const char *vmwire_skew_message(const struct vmwire_skew_rule *rule,
                                const struct vmwire_side *reader, const char *const *values,
                                size_t count, struct vmwire_arena *arena);

/* What makes a RAM block of this name, for a user to set. The text is in `arena`; call it within an attempt. */
const char *vmwire_skew_block_advice(const char *name, struct vmwire_arena *arena);

/* Whether a guest has negotiated features of a virtio device, as far as the stream's layouts tell. */
bool vmwire_skew_uses_features(const struct vmwire_stream *stream);

/* The features that the guest has negotiated with the virtio device of this section, in hexadecimal. NULL: the section does not tell
 * them. `section` can be NULL. The text is in `arena`; call it within an attempt. */
const char *vmwire_skew_negotiated(const struct vmwire_item *section, struct vmwire_arena *arena);

/* Which of the features that a guest has negotiated the reader's virtio device does not offer, and what sets them. Both are
 * hexadecimal, as in QEMU's message (hw/virtio/virtio.c, virtio_load). `section`: the device's idstr, "" where it is not known.
 * NULL: it offers all. The text is in `arena`; call it within an attempt. */
const char *vmwire_skew_feature_advice(const char *negotiated, const char *offered,
                                       const char *section, const struct vmwire_side *writer,
                                       const struct vmwire_side *reader,
                                       struct vmwire_arena *arena);

/* What a user sets so that a field, of which the rule compares the value, has another one; `path` ends with its name. NULL: nothing is
 * known. The text is in `arena`; call it within an attempt. */
const char *vmwire_skew_value_advice(const char *rule, const char *path,
                                     struct vmwire_arena *arena);

/* What QEMU says of a byte of a PCI configuration ("Bad config data"): its place, and its value on both sides. */
struct vmwire_pci_byte {
    size_t at;
    uint8_t sent, own;
};

/* What the section has at this byte: fills the difference's path, offset, writer, reader and advice, if the section shows its
 * configuration. Returns false if it has another value there. Texts are in `arena`; call it within an attempt. */
bool vmwire_skew_pci_byte(const struct vmwire_side *writer, const struct vmwire_item *section,
                          struct vmwire_pci_byte byte, struct vmwire_arena *arena,
                          struct vmwire_difference *difference);

/* The certainty's name: "certain", "when", "undecided". The string is constant. */
const char *vmwire_certainty_name(enum vmwire_certainty certainty);

#pragma GCC visibility pop

#endif
