/* SPDX-License-Identifier: MIT */
/*
 * The search from one tail on. It keeps the pairs of positions that reader and writer can reach, the bytes
 * that each step requires of the writer, and the cheapest way to each outcome. The cheapest pair is
 * followed first: the one that requires the fewest bytes. This file must not know tails, records or items.
 * Three files do (tail_steps, record_steps, item_steps): they add pairs and record outcomes here.
 */
#ifndef VMWIRE_DECIDE_SEARCH_H
#define VMWIRE_DECIDE_SEARCH_H

#include <string.h>

#include "decide/packed_bytes.h"
#include "decide/reader_side.h"
#include "decide/writer_side.h"

/* The search from one tail gives up beyond this many pairs; and where every outcome is found, and only cheaper ways are
 * looked for, beyond so many more. */
enum { PAIRS_LIMIT = 1 << 17, CHEAPER_PAIRS = 1 << 12 };

/* All searches of a question together give up beyond this many; each may then follow this few. */
enum { ALL_PAIRS_LIMIT = 1 << 20, FEW_PAIRS = 1 << 12 };

/* The reader is between two items and has looked at the next byte before. That excludes some of its
 * values. */
enum {
    SEEN = 1,           /* the end of a section looked at it */
    SEEN_NO_FOOTER = 2, /* and it begins no footer */
    SEEN_NO_MARKER = 4, /* and it is no subsection's marker */
};

#define NO_PAIR UINT32_MAX

/* A pair of positions: the writer is at `offset`, and the reader is about to read `node` of `frame` there.
 * Where an optional subsection begins at `offset`, the writer sends it. */
struct pair {
    uint64_t offset;
    /* Bytes of the node that the reader has read. At a tail of a second writer: how many of the declared
     * subsections it has gone past. Between two items: SEEN_... */
    uint64_t done;
    uint64_t from;             /* where the step from the tail itself started */
    const uint8_t *required;   /* the bytes that the last step required, packed near `from` */
    const uint64_t *optionals; /* where the optional subsections begin that the last step read */
    /* A search can have PAIRS_LIMIT of them: these are as short as that permits. */
    uint32_t frame, node; /* frame NO_FRAME: between two items; node is then an enum footer */
    uint32_t before;      /* the pair that the last step started from; NO_PAIR: the tail itself */
    uint32_t
        required_before; /* the last pair before this one whose step required any; NO_PAIR: none did */
    uint32_t cost;       /* bytes required by all steps from the tail on */
    unsigned required_count : 11;
    unsigned optional_count : 11;
    unsigned last : 8;   /* the value of the last required byte, whatever `required` has there */
    unsigned behind : 1; /* the section of the tail has ended for a reader that counts */
};

enum { PAIRS_CHUNK = 1 << 11 }; /* pairs that are allocated at once */

struct finding_check;

struct engine {
    struct writer_side writer;
    struct reader_side reader;
    bool skewed;  /* the reader has a schema of its own: it may read later sections otherwise too */
    bool footers; /* the stream's sections have footers */
    bool nested;  /* the stream has a package within a package */
    uint64_t last_section; /* where the last section begins */
    /* The contents of the packages. A reader that has missed the command takes the 00 in it for the stream's end. */
    struct package {
        uint64_t from, to;
        bool ends_with_eof;
    } * packages;
    size_t package_count, package_room;
    /* Where the first subsection behind this section begins as an item of its own, if it is certain what a reader
     * does that comes there: it takes all such items, or refuses one. UINT64_MAX: it is not. */
    uint64_t separate_at;
    bool separate_refused;
    struct vmwire_arena *arena;   /* for the result */
    struct vmwire_arena *scratch; /* for the search; reset behind each tail */
    struct vmwire_arena *kept;    /* for arrays that the next search uses again */

    /* The search from the tail that is being decided. */
    const struct vmwire_item *item;
    bool in_package;
    size_t pairs_left; /* of ALL_PAIRS_LIMIT */
    bool only_sent;    /* the reader takes only subsections that the stream sends */
    bool seeks_pair;   /* two states with the same bytes are looked for, and nothing else */
    /* What a reader that counts may have to follow: records, tails and ends of records of this section, by all searches
     * together; and fields, or bytes of fields that do not take all values, of all sections up to this one. */
    uint64_t nodes_visited, fields_visited;
    struct pair **pair_chunks; /* pair_at() has their pairs */
    size_t pair_count, chunk_count, chunk_room;
    struct packing_room packing; /* of what their steps require */
    /* A hash table of the pairs: of two with the same positions, it has the youngest. Most pairs are never followed. So the
     * table tells them apart by their hashes, mostly without a look at the pairs themselves. */
    struct pair_slot {
        uint32_t hash;
        uint32_t pair; /* plus one; 0: the slot is free */
    } * slots;
    size_t slot_count;
    /* By the frame of a subsection's header: the pairs behind it, where its version begins, at these offsets are known at
     * this cost or less. */
    struct reached_versions {
        uint64_t from, to;
        size_t cost;
    } * reached_versions;
    size_t reached_count, reached_room;
    /* Those of searches before, by the logarithm of their number. */
    struct pair_slot *slots_of_size[32];
    /* Pairs that are not followed yet: a binary heap, the cheapest on top. What decides the order is kept with them. */
    struct queued {
        uint64_t offset;
        uint32_t cost, pair;
    } * queue;
    size_t queue_count, queue_room;
    struct best { /* the cheapest way to an outcome */
        bool found;
        size_t cost;
        size_t pair;             /* that its last step started from; NO_PAIR: the tail itself */
        const uint8_t *required; /* packed near `reached` */
        size_t required_count;
        const uint64_t *optionals;
        size_t optional_count;
        uint64_t reached; /* where the reader is then */
    } best[VMWIRE_OUTCOME_CORRUPT + 1];
    size_t followed; /* the pair that is followed; NO_PAIR: the first step is taken */
    /* Whether a step minds what the steps before it on the way require. Ways that do not mind are more than there are:
     * where they lead to nothing, the tail is clean. */
    bool one_value;
    const char *undecided; /* why the search may have missed an outcome; NULL: it has not */
    size_t tail_frame;     /* the reader's frame at the tail */
    const char *
        others; /* where the reader has come to other bytes than in another state (struct node); NULL: nowhere */
    uint64_t reached; /* where the reader is in the step that is followed */

    struct finding_check *check; /* reads the witnesses (finding_check.h) */
    const struct vmwire_stream *stream;
    bool separate; /* it has subsections behind their section */
};

static inline struct pair *pair_at(const struct engine *engine, size_t pair)
{
    return &engine->pair_chunks[pair / PAIRS_CHUNK][pair % PAIRS_CHUNK];
}

/* The bytes that one step requires of the writer: one value for one byte. */
struct requirements {
    struct vmwire_required_byte list[PLACES_LIMIT + 9];
    size_t count;
    uint64_t rests[4];                /* a bit is set for each offset of the list, modulo 256 */
    uint64_t optionals[PLACES_LIMIT]; /* where the optional subsections begin that the step reads */
    size_t optional_count;
    /* Steps that require the same bytes but for the value of the last one share their packed form; NULL: this one does not. */
    struct shared_form {
        const uint8_t *packed;
        size_t count;
        uint64_t last; /* the offset of the last one */
    } * shared;
};

/* They are large: only what counts is set and copied. */
static inline void require_nothing(struct requirements *required)
{
    required->count = required->optional_count = 0;
    required->shared = NULL;
    memset(required->rests, 0, sizeof(required->rests));
}

static inline void copy_requirements(struct requirements *to, const struct requirements *from)
{
    to->count = from->count;
    memcpy(to->rests, from->rests, sizeof(to->rests));
    to->optional_count = from->optional_count;
    to->shared = NULL;
    memcpy(to->list, from->list, from->count * sizeof(from->list[0]));
    memcpy(to->optionals, from->optionals, from->optional_count * sizeof(from->optionals[0]));
}

/* What a step requires so far, to come back to: the bytes behind are no longer required then. */
struct required_so_far {
    size_t count, optional_count;
    uint64_t rests[4];
};

static inline struct required_so_far required_so_far(const struct requirements *required)
{
    struct required_so_far so_far = {required->count, required->optional_count, {0}};
    memcpy(so_far.rests, required->rests, sizeof(so_far.rests));
    return so_far;
}

static inline void require_no_more_than(struct requirements *required,
                                        const struct required_so_far *so_far)
{
    required->count = so_far->count;
    required->optional_count = so_far->optional_count;
    memcpy(required->rests, so_far->rests, sizeof(required->rests));
}

/* ---- Required bytes ----
 *
 * False: the writer cannot send such bytes. With `one_value`, what a step requires must agree with what the steps before it
 * on the way require. Where it does not, another way to the same pair could: the search is then undecided. */

/* Whether this step, or one before it on the way, requires a value of the byte. */
bool find_required(const struct engine *engine, const struct requirements *required,
                   uint64_t offset, uint8_t *value);

/* Requires a value of a byte. */
bool require_byte(struct engine *engine, struct requirements *required, uint64_t offset,
                  uint8_t value);

/* Requires the values `bytes` from the place `first` on. Where it returns false, `tried` is the first place
 * that cannot hold its byte, or that lies behind the end of the stream. */
bool require_bytes(struct engine *engine, struct requirements *required,
                   const struct places *places, size_t first, const void *bytes, size_t length,
                   size_t *tried);

/* Requires any value but these of a byte. */
bool require_byte_except(struct engine *engine, struct requirements *required, uint64_t offset,
                         const uint8_t *than, size_t than_count);

/* Requires any value but `than` of a byte. */
static inline bool require_other_byte(struct engine *engine, struct requirements *required,
                                      uint64_t offset, uint8_t than)
{
    return require_byte_except(engine, required, offset, &than, 1);
}

/* Whether no require_...() leaves anything behind but what it adds to the requirements: what cannot lead to anything new then
 * need not be tried. */
static inline bool requiring_is_silent(const struct engine *engine)
{
    const struct writer_side *writer = &engine->writer;
    bool moved =
        *writer->moved_at != UINT64_MAX || !writer->moving_count || !writer->opaque_is_free;
    bool held = !writer->has_opaque || (*writer->was_held && moved);
    return held && !engine->one_value && !writer->length_count;
}

/* The step reads the first `count` places. Notes the optional subsections that begin there: the state must
 * send them. */
void note_optional_subsections(const struct engine *engine, struct requirements *required,
                               const struct places *places, size_t count);

/* ---- Pairs and outcomes -------------------------------------------------------------------------- */

/* The pair of this pair's positions to which the cheapest known way leads; NO_PAIR: none is known. */
size_t cheapest_pair_at(const struct engine *engine, const struct pair *pair);

/* The bytes required on the way to the pair; 0 for NO_PAIR. */
size_t cost_of_pair(const struct engine *engine, size_t pair);

/* Whether the section of the tail has ended on the way to the pair; false for NO_PAIR. */
static inline bool is_behind(const struct engine *engine, size_t pair)
{
    return pair != NO_PAIR && pair_at(engine, pair)->behind;
}

/* Whether every outcome is found already, at this cost or less. */
bool cannot_improve(const struct engine *engine, size_t cost);

/* Notes that the reader needs more bytes than there are: in another state there can be more. */
void note_end_of_bytes(struct engine *engine);

/* Adds the pair that a step from `before` reaches. Where optional subsections begin at `offset`, adds one
 * pair for each that the writer may send first, and one for none. */
void add_pair(struct engine *engine, size_t before, const struct requirements *required,
              uint64_t offset, size_t frame, size_t node, size_t done);

/* What is known of the versions behind the headers of a frame, to be extended. */
struct reached_versions *reached_versions_of(struct engine *engine, size_t header);

/* Records that a step from `before` ends the reader with this outcome. Keeps the cheapest way to it. Does nothing where
 * two states with the same bytes are looked for, and the section has not ended. */
void record_outcome(struct engine *engine, size_t before, const struct requirements *required,
                    enum vmwire_outcome outcome);

/* Records that a step from `before` ends the writing of a second state with the same bytes. */
void record_pair(struct engine *engine, size_t before, const struct requirements *required);

/* Whether the reader has learned wrongly whether the stream has footers, and a section follows. */
bool is_refused_behind(const struct engine *engine, uint64_t offset, enum footer footer);

/* Reasons for "undecided". */
#define ONE_VALUE      "two steps of the search want two values of one byte"
#define BEHIND_PACKAGE "the reader goes on behind the package, and is not followed there"
#define LENGTH_VARIES  "the reader looks at a length that depends on which subsections a state sends"
#define ORDER_UNKNOWN  "the order of the subsections here is not known"

/* Takes the cheapest pair that is not followed yet. False: there is none. */
bool next_pair(struct engine *engine, size_t *pair);

/* Forgets the pairs and the outcomes of the search before. */
void forget_search(struct engine *engine);

#endif
