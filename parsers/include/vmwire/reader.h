/* SPDX-License-Identifier: MIT */
/*
 * The readers: each makes items from the bytes of a stream and a schema. The option chooses the
 * reader. Readers share no state, so several can run in one process. Knows nothing of the caller.
 */
#ifndef VMWIRE_READER_H
#define VMWIRE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "vmwire/arena.h"
#include "vmwire/bytes.h"
#include "vmwire/cost.h"
#include "vmwire/error.h"
#include "vmwire/option.h"
#include "vmwire/record.h"
#include "vmwire/schema.h"

#pragma GCC visibility push(default)

/* These callbacks may allocate from the reading's arena (arena.h, vmwire_arena_attempt). */

/* Receives the items in the order of the stream. The item and all that it points to are valid until
 * the call returns; with `keep`, as long as the reading's arena. */
struct vmwire_sink {
    void *context;
    void (*item)(void *context, const struct vmwire_item *item);
    bool keep; /* keep the item's memory after the call */
};

/* Receives each entry of an iterable section when it is complete, in the order of the stream and before the item of its
 * section. Such an item then has only the entries that its section cannot be without: the last one, and the first one
 * of a table of spapr/htab. So memory does not depend on the number of entries. `section` has the kind, the ids and the
 * version that its header says; `section->raw` begins where the section does. Both are valid until the call returns; the
 * call must not allocate from the reading's arena. */
struct vmwire_entry_sink {
    void *context;
    void (*entry)(void *context, const struct vmwire_item *section,
                  const struct vmwire_entry *entry); /* NULL: items have all their entries */
};

/* A reader's decision at a tail: a subsection begins there, or the record ends. */
struct vmwire_tail_event {
    uint64_t offset;                      /* of the tail, in bytes of the stream */
    const struct vmwire_structure *owner; /* whose tail it is */
    bool taken;       /* a subsection begins, or the bytes end too early to tell */
    const char *name; /* the name of the subsection as a C string; "" when it is cut off */
};

/* Receives each decision when the reader makes it, also when an error follows. */
struct vmwire_tail_observer {
    void *context;
    void (*tail)(void *context, const struct vmwire_tail_event *event); /* may be NULL */
};

/* A token that the reader has read: bytes of the stream and what it takes them for, or a mark without bytes. */
struct vmwire_token_event {
    const char *kind;            /* as the grammar calls it, for instance "IDSTR"; constant */
    enum vmwire_account account; /* the part of the stream that the bytes belong to */
    struct vmwire_bytes bytes;   /* in the input; in asn1 with the tag and the length */
    const struct vmwire_field
        *field;      /* DATA, LIST_ELEMENT, LIST_END; RECORD, if it is embedded; or NULL */
    int64_t element; /* of the field, as paths show it; -1: they show none */
    const struct vmwire_structure *structure; /* RECORD; or NULL */
};

/* Receives each token when the reader has read it, in the order of the stream, also when an error follows: so a caller sees
 * how a stream was read that is refused. A record begins with RECORD, and ends with END or END_OF_STRUCT; its subsection
 * begins with SUBSECTION. */
struct vmwire_token_observer {
    void *context;
    void (*token)(void *context, const struct vmwire_token_event *event); /* may be NULL */
};

/* Decides, in place of the reader, whether the byte 05 at a tail begins a subsection. So a caller
 * can read an ambiguous stream in both ways. */
struct vmwire_tail_chooser {
    void *context;
    bool (*takes)(void *context, const struct vmwire_structure *owner,
                  uint64_t offset); /* NULL: the reader decides */
};

/* What only QEMU's code or the machine decides in a section, as whether a device is of PCI Express; not what a field tells. */
struct vmwire_machine_choice {
    const char *idstr; /* of the section */
    uint32_t instance_id;
    const struct layout_choice *choice; /* of the schema; private */
    uint32_t answer;
};

/*
 * Sections that are read as a program declares them, although a description tells how the stream was written. So with other
 * values than it was written with, other fields follow, as in QEMU.
 *
 * With `knows`, nothing is tried, and no value is refused because QEMU would not have written it. Where the program declares
 * several structures for the section, and where neither an earlier field nor `knows` tells what follows, the reader ends with
 * VMWIRE_ERROR_NO_LAYOUT. Private encodings are split.
 */
struct vmwire_declared_sections {
    void *context;
    bool (*has)(void *context, const char *idstr, uint32_t instance_id); /* NULL: none */
    /* Sets the answer; returns false if it is not known. NULL: the section's bytes tell, as where nothing describes it. */
    bool (*knows)(void *context, struct vmwire_machine_choice *choice);
    /* Receives what the section's bytes tell; may be NULL. */
    void (*note)(void *context, const struct vmwire_machine_choice *choice);
};

/* What to read, and how. All that it points to belongs to the caller. */
struct vmwire_reading {
    const struct vmwire_option *option;
    struct vmwire_bytes input;
    const struct vmwire_schema *schema;
    struct vmwire_arena
        *arena; /* of the items; NULL: the reader's own arena, and `keep` must be false */
    /* VMWIRE_LOOK_DESCRIBED: which subsections the stream sends (vmwire_describe()). NULL: the description at the end of
     * the input tells it */
    const struct vmwire_schema *description;
    /* Fields of private encodings are split as the schema's layouts say, where their bytes fit in one way: in their place the
     * record has several fields, which are not among those of its structure. Not where the readings of a section are counted,
     * nor under an option with another wire than today's */
    bool splits;
    struct vmwire_declared_sections declared_sections;
    struct vmwire_sink sink; /* sink.item may be NULL */
    struct vmwire_entry_sink entry_sink;
    struct vmwire_tail_observer observer;
    struct vmwire_token_observer token_observer;
    struct vmwire_tail_chooser chooser;
};

/*
 * Reads one whole stream (QEMU migration/savevm.c, qemu_loadvm_state). The sink receives each item
 * when it is complete, also when an error follows later. A caller that must not use half a stream
 * reads it twice.
 *
 * Returns true when the reader accepts the stream. cost->accounted[VMWIRE_ACCOUNT_UNREAD] is then the
 * number of bytes behind the stream's end; QEMU does not notice them. Returns false with `error`
 * set otherwise. Always sets `cost`. VMWIRE_ERROR_MEMORY says nothing about the stream.
 */
bool vmwire_stream_read(const struct vmwire_reading *reading, struct vmwire_cost *cost,
                        struct vmwire_error *error);

/* Reads one whole stream and returns its items as a list in the reading's arena, which must not be
 * NULL. Ignores the reading's sink. Returns NULL with `error` set when the reader does not accept
 * the stream. Always sets `cost`. */
struct vmwire_stream *vmwire_stream_collect(struct vmwire_reading reading, struct vmwire_cost *cost,
                                            struct vmwire_error *error);

/* vmwire_stream_collect() without an observer and a chooser. */
struct vmwire_stream *vmwire_stream_read_whole(const struct vmwire_option *option,
                                               struct vmwire_bytes input,
                                               const struct vmwire_schema *schema,
                                               struct vmwire_arena *arena, struct vmwire_cost *cost,
                                               struct vmwire_error *error);

/* The name of the token that begins the entry, as in the grammar, for instance "RAM_PAGE". The
 * string is constant. */
const char *vmwire_entry_kind_name(const struct vmwire_entry *entry);

#pragma GCC visibility pop

#endif
