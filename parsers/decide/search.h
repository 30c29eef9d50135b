/*
 * The search for what can follow a wrong decision: pairs of positions that were reached, the bytes that
 * each step requires of the writer, and the cheapest way to each outcome. Knows nothing of tails, records
 * or items: the files that do add pairs and record outcomes here.
 */
#ifndef VMWIRE_DECIDE_SEARCH_H
#define VMWIRE_DECIDE_SEARCH_H

#include "decide/reader_side.h"
#include "decide/writer_side.h"

/* Pairs that are followed from one tail; the most that a real capture needs is a twentieth of it. */
enum { PAIRS_LIMIT = 1 << 19 };

/* Between two items, of the byte that comes next: what it cannot be because something was read there before. */
enum {
    SEEN = 1, /* by the end of a section */
    SEEN_NO_FOOTER = 2,
    SEEN_NO_MARKER = 4,
};

#define NO_PAIR SIZE_MAX

/* A pair of positions: the reader is about to read `node` at `offset`. Where an optional subsection
 * begins at `offset`, the writer sends it. */
struct pair {
    uint64_t offset;
    size_t frame, node;     /* frame NO_FRAME: between two items; node is what follows a section */
    size_t done;            /* bytes of the node that are read; of a tail, where the reader is a
                               writer: how many of the declared subsections it has gone past; between
                               two items: SEEN_... */
    size_t before;          /* the state that it was reached from, NO_FRAME: the tail itself */
    struct demand *demands; /* of the step that led here */
    size_t demand_count;
    uint64_t *optionals; /* where optional subsections begin that the step has read */
    size_t optional_count;
    size_t cost; /* demands in all, from the tail on */
};

struct engine {
    struct writer_side writer;
    struct reader_side reader;
    bool skewed;           /* sections that follow may be others to the reader as well */
    bool footers;          /* the stream's sections have them */
    uint64_t last_section; /* begins here */
    struct arena *arena;   /* of what is returned */
    struct arena *scratch; /* of the tail that is being decided */

    /* Of the tail that is being decided. */
    const struct item *item;
    bool in_package;
    struct table pair_table;
    struct pair *pairs;
    size_t pair_count, pair_room;
    size_t *queue; /* states, the cheapest first: a binary heap */
    size_t queue_count, queue_room;
    struct best {
        bool found;
        size_t cost;
        size_t pair;
        struct demand *demands;
        size_t demand_count;
        uint64_t *optionals;
        size_t optional_count;
    } best[OUTCOME_CORRUPT + 1];
    const char *undecided;
};

/* What one step asks of the writer's bytes. Bytes are read once, so no two demands can differ. */
struct demands {
    struct demand list[PLACES_LIMIT + 9];
    size_t count;
    uint64_t
        optionals[64]; /* where optional subsections begin that it reads, behind its first byte */
    size_t optional_count;
};

/* ---- What a step requires of the writer's bytes ---- */

/* The byte holds the value. False: it cannot. */
bool require_byte(const struct engine *engine, struct demands *demands, uint64_t offset,
                  uint8_t value);

/* The bytes from the place `first` on are these. False: they cannot be, or the stream ends; `tried` is then
 * the first of the places that cannot hold its byte. */
bool require_bytes(const struct engine *engine, struct demands *demands,
                   const struct places *places, size_t first, const void *bytes, size_t length,
                   size_t *tried);

/* The byte holds another value than this. */
bool require_other_byte(const struct engine *engine, struct demands *demands, uint64_t offset,
                        uint8_t than);

/* The first `count` places are read: notes the optional subsections that begin at them. */
void note_optional_subsections(const struct engine *engine, struct demands *demands,
                               const struct places *places, size_t count);

/* ---- Pairs and outcomes ---- */

size_t cost_of_pair(const struct engine *engine, size_t pair);

/* Whether all outcomes are known to happen with no more bytes than these. */
bool cannot_improve(const struct engine *engine, size_t cost);

/* The reader comes to a pair of positions. Where optional subsections begin there, the writer sends the
 * first, or the second, ... or none: each is a pair. */
void add_pair(struct engine *engine, size_t before, const struct demands *demands, uint64_t offset,
              size_t frame, size_t node, size_t done);

/* The reader ends. */
void record_outcome(struct engine *engine, size_t before, const struct demands *demands,
                    enum outcome outcome);

/* Takes the cheapest pair that is not followed yet; false: there is none. */
bool next_pair(struct engine *engine, size_t *pair);

/* Forgets the pairs and outcomes of the tail before. */
void forget_search(struct engine *engine);

#endif
