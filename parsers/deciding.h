/*
 * Private to the engine: the two sides of a pair of positions, and what a search keeps. The writer's
 * position is an offset in the stream, each byte of which may hold what its field's class allows; the
 * reader's is a node of a program, which is what there is to read of a record, written down as a list.
 */
#ifndef VMWIRE_DECIDING_H
#define VMWIRE_DECIDING_H

#include "engine.h"

enum { ITEM_BEGINS = 0x80 }; /* beside the field class of a byte */

struct writer_side {
    struct bytes bytes;
    uint8_t *classes; /* of every byte; framing is FIELD_CONSTANT */
    bool opaque_is_free;
};

enum node_kind {
    NODE_DATA,  /* `length` bytes, whatever they hold */
    NODE_NULLS, /* `length` markers of null pointers */
    NODE_LIST,  /* a byte that is not 00 and a record, or 00 */
    NODE_BLIND, /* a field whose length the schema does not tell */
    NODE_TAIL,  /* of `structure` */
    NODE_END,   /* of the program */
};

struct node {
    enum node_kind kind;
    bool embedded; /* the tail of an embedded record */
    const struct structure *structure;
    const struct field *field;
    uint64_t length;
    size_t next_choice; /* the next node at which the reader can do more than read on or reject */
};

/* All that there is to read of one structure, what is embedded in it included. */
struct program {
    const struct structure *structure;
    struct node *nodes;
    size_t count, room;
};

/* A program that is being read, and where its reader goes on behind it. */
struct frame_position {
    const struct program *program;
    size_t parent; /* NO_FRAME: the section's own record */
    size_t return_node;
    bool element; /* of a list: an embedded record */
};

#define NO_FRAME SIZE_MAX

/* A pair of positions: the reader is about to read `node` at `offset`. */
struct state {
    uint64_t offset;
    size_t frame, node;     /* frame NO_FRAME: between two items */
    size_t before;          /* the state that it was reached from, NO_FRAME: the tail itself */
    struct demand *demands; /* of the step that led here */
    size_t demand_count;
    size_t cost; /* demands in all, from the tail on */
};

/* A tail that the reader has passed without having read a byte since: the next byte must not look
 * like a subsection to it. */
struct passed_tail {
    const struct structure *owner;
    enum tail_look look;
};

struct passed_tails {
    struct passed_tail tails[2 * SCHEMA_NESTING_LIMIT + 2];
    size_t count;
};

/* An index from three numbers to a position in an array. */
struct table {
    struct slot {
        uint64_t keys[3];
        size_t value; /* plus one; 0: free */
    } * slots;
    size_t size, count;
};

struct engine {
    const struct protocol_option *option;
    struct arena *arena;   /* of what is returned */
    struct arena *work;    /* of programs and frames */
    struct arena *scratch; /* of the tail that is being decided */
    struct writer_side writer;

    struct table program_table, frame_table;
    struct program **programs;
    size_t program_count, program_room;
    struct frame_position *frames;
    size_t frame_count, frame_room;

    /* Of the tail that is being decided. */
    const struct item *item;
    struct table state_table;
    struct state *states;
    size_t state_count, state_room;
    size_t *queue; /* states by offset, then cost: a binary heap */
    size_t queue_count, queue_room;
    struct best {
        bool found;
        size_t cost;
        size_t state;
        struct demand *demands;
        size_t demand_count;
    } best[OUTCOME_CORRUPT + 1];
    const char *undecided;
};

/* What one step asks of the writer's bytes. Bytes are read once, so no two demands can differ. */
struct demands {
    struct demand list[2 + 255 + 4 + 1];
    size_t count;
};

/* A tail at which reader and writer are in step, and what the writer does there. */
struct tail {
    struct tail_verdict *verdict;
    size_t frame, node;
    struct passed_tails passed;
    const struct subsection_value *sent; /* that begins here; NULL: the record ends */
};

/* Whether a byte of the stream can hold the value; a value of it that is not `value`, preferably the
 * one it has (false: there is none). */
bool byte_possible(const struct writer_side *writer, uint64_t offset, uint8_t value);
bool byte_other(const struct writer_side *writer, uint64_t offset, uint8_t value, uint8_t *result);
struct writer_side writer_side_of(const struct stream *stream, struct bytes bytes,
                                  struct arena *arena);

/* The slot of the keys; its value is 0 where they are new, and to be set then. */
struct slot *table_find(struct table *table, struct arena *arena, uint64_t a, uint64_t b,
                        uint64_t c);
struct slot *table_slot(const struct table *table, const uint64_t keys[3]);

/* The same program called from the same place is the same frame. */
size_t frame_of(struct engine *engine, const struct structure *structure, size_t parent,
                size_t return_node, bool element);
const struct node *node_at(const struct engine *engine, size_t frame, size_t node);
unsigned frame_depth(const struct engine *engine, size_t frame);
bool has_inline_subsections(const struct engine *engine, const struct structure *structure);

/* When the reader of this option looks at the tail of this structure. */
enum tail_look tail_look_of(const struct engine *engine, const struct structure *structure);

/* flagday: whether a header of this name behind a subsection's record is left to one of its owners. */
bool owner_declares(const struct engine *engine, size_t frame, const char *name);

/* Says why a clean tail is clean, for the bytes with the opaque ones free. */
void certify(const struct engine *engine, const struct tail *tail);

/* Decides one tail: fills in its verdict. */
void decide_tail(struct engine *engine, struct tail *tail);

#endif
