/*
 * Reading: bytes and a schema in, items out. A reader is a value: two run side by side in one
 * process, and none knows whether the program, a test or a fuzz target called it.
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

/* Takes the items in the order of the stream. `item` and all it points to lives until the call
 * returns, or as long as the arena where `keep` is set. */
struct sink {
    void *context;
    void (*item)(void *context, const struct item *item);
    bool keep; /* do not release an item's memory after the call */
};

/* What the reader decided at a tail: that a subsection begins there, or that the record ends. */
struct tail_event {
    uint64_t offset; /* of the tail, in the stream */
    const struct structure *owner;
    bool taken;
    const char *name; /* of a subsection that is taken, as a C string; "" where it is cut off */
};

/* Is told each decision as it is made, also where an error follows. */
struct tail_observer {
    void *context;
    void (*tail)(void *context, const struct tail_event *event); /* NULL: nobody listens */
};

/* Decides in the reader's place whether the 05 at a tail begins a subsection: so a stream that has two
 * readings can be read in both ways. */
struct tail_chooser {
    void *context;
    bool (*takes)(void *context, const struct structure *owner, uint64_t offset); /* NULL: nobody */
};

struct reading {
    const struct protocol_option *option;
    struct bytes input;
    const struct schema *schema;
    struct arena
        *arena;       /* the caller's; NULL: the reader uses one of its own, `keep` must be false */
    struct sink sink; /* sink.item may be NULL */
    struct tail_observer observer;
    struct tail_chooser chooser;
};

/*
 * Reads one whole stream. Items are handed to the sink as they are complete, also when an error
 * follows later: a caller that must not act on half a stream reads twice. True when the stream was
 * accepted; then the cost's account ACCOUNT_UNREAD says how much was left behind its end, which
 * QEMU would not notice. False with `error` set otherwise; `cost` is always set.
 */
bool stream_read(const struct reading *reading, struct cost *cost, struct error *error);

/* Reads into the reading's arena, whatever its sink. NULL with `error` set when the stream is not accepted. */
struct stream *stream_collect(struct reading reading, struct cost *cost, struct error *error);

/* Likewise, with nothing else of a reading but this. */
struct stream *stream_read_whole(const struct protocol_option *option, struct bytes input,
                                 const struct schema *schema, struct arena *arena,
                                 struct cost *cost, struct error *error);

/* The name of the token that an entry begins with, as the grammar spells it: "RAM_PAGE". */
const char *entry_kind_name(const struct entry *entry);

#pragma GCC visibility pop

#endif
