/*
 * Private to the engine: the two sides of a pair of positions, and what a search keeps. The writer's
 * position is an offset in the stream, each byte of which may hold what its field's class allows; the
 * reader's is a node of a program, which is what there is to read of a record, written down as a list.
 */
#ifndef VMWIRE_DECIDING_H
#define VMWIRE_DECIDING_H

#include "engine.h"

/* Pairs that are followed from one tail; the most that a real capture needs is a twentieth of it. */
enum { PAIRS_LIMIT = 1 << 19 };

enum { CLASS_PAGE = 256 }; /* bytes */

/* Beside the field class of a byte. */
enum {
    ITEM_BEGINS = 0x80,
    SKIP_BEGINS = 0x40, /* an optional subsection */
};

struct writer_side {
    struct bytes bytes;
    /* The reader reads no further than here: to the end of the package that it is in, or of all bytes. */
    uint64_t limit;
    /* The class of every byte, by pages; NULL: all of its bytes are FIELD_FREE. Framing is
     * FIELD_CONSTANT. */
    uint8_t **class_pages;
    bool opaque_is_free;
    /* What count_bytes() counts; NULL before. */
    uint32_t *settable; /* bytes before an offset that can hold more than one value */
    uint32_t *markers; /* bytes before an offset that look like a subsection's marker as they are */
    /* The subsections that a state need not send, from the marker to the end of the record, in the
     * order of `from`: a state that does not send it goes on at `to` where it comes to `from`. */
    struct extent *skips;
    size_t skip_count, skip_room;
};

/* The class of a byte and what else is marked there. */
static inline uint8_t marks_at(const struct writer_side *writer, uint64_t offset)
{
    const uint8_t *page = writer->class_pages[offset / CLASS_PAGE];
    return page ? page[offset % CLASS_PAGE] : FIELD_FREE;
}

/* Where the bytes from a place on stand, for one choice of what is skipped. */
enum { PLACES_LIMIT = 1 + 4 + 1 + 255 + 4 + 4 };
struct places {
    uint64_t at[PLACES_LIMIT + 1]; /* the last one: what follows them */
    size_t count;                  /* fewer than asked for: the stream ends */
    uint64_t choices;              /* a bit for each skip that was met, the first one the lowest */
    unsigned met;
    size_t met_at[64]; /* the place that is reached with the choice */
};

enum node_kind {
    NODE_DATA,    /* `length` bytes, whatever they hold */
    NODE_NULLS,   /* `length` markers of null pointers */
    NODE_LIST,    /* a byte that is not 00 and a record, or 00 */
    NODE_BLIND,   /* a field whose length the schema does not tell */
    NODE_VERSION, /* of a subsection whose name was read, and its record */
    NODE_TAIL,    /* of `structure` */
    NODE_END,     /* of the program */
};

struct node {
    enum node_kind kind;
    bool embedded; /* the tail of an embedded record */
    const struct structure *structure;
    const struct field *field;
    const struct subsection *subsection; /* NODE_VERSION */
    uint64_t length;
    enum field_class class; /* NODE_DATA, where the reader is a writer (ambiguity) */
    uint64_t least;         /* bytes that there are at least from here to the end of the program */
    unsigned open;      /* records of the program that are open here, the one of a tail included */
    size_t next_choice; /* the next node at which the reader can do more than read on or reject */
};

/* All that there is to read of one structure, what is embedded in it included. */
struct program {
    const struct structure *structure;
    struct node *nodes;
    size_t count, room;
    unsigned deepest; /* records that are open at once */
    bool plain;       /* nothing but data: the reader can only read on, or reject */
    uint64_t length;  /* of a plain one, in bytes */
};

/* What follows a section's own record. */
enum footer {
    FOOTER_NONE,
    FOOTER_HERE,
    FOOTER_LEARNED, /* a reader does not know yet whether the stream has footers: it learns it here */
    FOOTER_LATER,   /* of the configuration: none, and nothing is learned from that */
};

/* A program that is being read, and where its reader goes on behind it. */
struct frame_position {
    const struct program *program;
    size_t parent; /* NO_FRAME: the section's own record */
    size_t return_node, return_done;
    uint64_t least_behind; /* bytes that the reader must read behind this program */
    bool element;          /* of a list: an embedded record */
    enum footer footer;
    uint64_t id_at; /* where the section id stands that its footer has, too */
};

#define NO_FRAME SIZE_MAX

/* Between two items, of the byte that comes next: what it cannot be because something was read there before. */
enum {
    SEEN = 1, /* by the end of a section */
    SEEN_NO_FOOTER = 2,
    SEEN_NO_MARKER = 4,
};

/* A pair of positions: the reader is about to read `node` at `offset`. Where an optional subsection
 * begins at `offset`, the writer sends it. */
struct state {
    uint64_t offset;
    size_t frame, node;     /* frame NO_FRAME: between two items; node is what follows a section */
    size_t done;            /* bytes of the node that are read; of a tail, where the reader is a
                               writer: how many of the declared subsections it has gone past; between
                               two items: SEEN_... */
    size_t before;          /* the state that it was reached from, NO_FRAME: the tail itself */
    struct demand *demands; /* of the step that led here */
    size_t demand_count;
    uint64_t *visits; /* where optional subsections begin that the step has read */
    size_t visit_count;
    size_t cost; /* demands in all, from the tail on */
};

/* A tail that the reader has passed without having read a byte since: the next byte must not look
 * like a subsection to it. */
struct passed_tail {
    const struct structure *owner;
    enum tail_look look;
    size_t frame, node; /* its own: under flagday, where it stands says what it takes */
};

struct passed_tails {
    struct passed_tail tails[2 * SCHEMA_NESTING_LIMIT + 2];
    size_t count;
    bool full; /* there are others, which take what these do not */
};

static inline void passed_forget(struct passed_tails *passed)
{
    passed->count = 0;
    passed->full = false;
}

#define TAILS_FULL "more records end at one byte than are followed"

struct slot {
    uint64_t keys[4];
    size_t value; /* plus one; 0: free */
};

/* An index from four numbers to a position in an array. */
struct table {
    struct slot *slots;
    size_t size, count;
};

struct engine {
    const struct protocol_option *option; /* of the reader */
    const struct schema *schema;          /* of the reader */
    bool reader_writes;    /* ambiguity: it may take whatever a writer might have sent */
    bool skewed;           /* sections that follow may be others to the reader as well */
    bool footers;          /* the stream's sections have them */
    uint64_t last_section; /* begins here */
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
    bool in_package;
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
        uint64_t *visits;
        size_t visit_count;
    } best[OUTCOME_CORRUPT + 1];
    const char *undecided;
};

/* What one step asks of the writer's bytes. Bytes are read once, so no two demands can differ. */
struct demands {
    struct demand list[PLACES_LIMIT + 9];
    size_t count;
    uint64_t visits[64]; /* where optional subsections begin that it reads, behind its first byte */
    size_t visit_count;
};

/* How reader and writer can part at a place where they are in step. */
enum parting {
    PART_AT_TAIL, /* the reader takes a subsection where the record ends, or passes one that is sent */
    PART_AT_FIELD, /* the reader's next field is another one than the writer's */
    PART_REJECTED, /* the reader does not have what is sent, or not in this version */
};

/* A place at which reader and writer are in step, and what the writer does there. */
struct tail {
    struct tail_verdict *verdict;
    enum parting parting;
    size_t frame, node, done;
    struct passed_tails passed;
    const struct subsection_value *sent; /* that begins here; NULL: the record ends */
    /* The optional subsections that a state must send to come here. */
    struct extent within[SCHEMA_NESTING_LIMIT + 1];
    size_t within_count;
};

/* Whether a byte of the stream can hold the value; a value of it that is not `value`, preferably the
 * one it has (false: there is none). */
bool byte_possible(const struct writer_side *writer, uint64_t offset, uint8_t value);
bool byte_other(const struct writer_side *writer, uint64_t offset, uint8_t value, uint8_t *result);
/* Few streams ask for it. */
void count_bytes(struct writer_side *writer, struct arena *arena);

/* Whether the byte can hold more than one value. */
bool byte_settable(const struct writer_side *writer, uint64_t offset);
struct writer_side writer_side_of(const struct stream *stream, struct bytes bytes,
                                  struct arena *arena);

/* Where the next optional subsection behind `offset` begins; UINT64_MAX: there is none. */
uint64_t next_skip(const struct writer_side *writer, uint64_t offset);

/* Where the writer goes on that does not send the subsection beginning here; false: none does. */
bool skip_from(const struct writer_side *writer, uint64_t offset, uint64_t *to);

/* The places of `count` bytes from `offset` on, for the first choice of what is skipped, and for the next
 * one that differs in the first `tried` of them (false: there is none). What begins at `offset` itself is
 * not skipped. */
void places_first(const struct writer_side *writer, uint64_t offset, size_t count,
                  struct places *places);
bool places_next(const struct writer_side *writer, size_t count, size_t tried,
                 struct places *places);

/* The first `kept` places, and behind them all skipped, or nothing. */
void places_onward(const struct writer_side *writer, size_t count, size_t kept, bool skipping,
                   struct places *places);

/* The slot of the keys; its value is 0 where they are new, and to be set then. */
struct slot *table_find(struct table *table, struct arena *arena, const uint64_t keys[4]);
struct slot *table_slot(const struct table *table, const uint64_t keys[4]);

const struct program *program_of(struct engine *engine, const struct structure *structure);

/* The same program called from the same place is the same frame. */
size_t frame_of(struct engine *engine, const struct structure *structure, size_t parent,
                size_t return_node, size_t return_done, bool element);
/* What follows the part of a known subsection's name that counts: up to HEADER_FILL bytes of which the
 * first was a NUL, and the version. */
enum { HEADER_FILL = UINT8_MAX };
size_t header_frame(struct engine *engine, const struct subsection *subsection, size_t parent,
                    size_t return_node, size_t return_done);
size_t section_frame(struct engine *engine, const struct structure *structure, enum footer footer,
                     uint64_t id_at);
const struct node *node_at(const struct engine *engine, size_t frame, size_t node);
/* Whether the reader can open all that is embedded in the structure's record, where it reads that at a node: a
 * subsection at a tail, an element of a list. It refuses what is nested too deep. */
bool has_room(struct engine *engine, const struct structure *structure, size_t frame, size_t node);
bool has_inline_subsections(const struct engine *engine, const struct structure *structure);

/* When the reader of this option looks at the tail of this structure. */
enum tail_look tail_look_of(const struct engine *engine, const struct structure *structure);

/* What is read of items where there are none (engine_items.c). */
void follow_item(struct engine *engine, size_t before, uint64_t offset, enum footer footer,
                 unsigned seen);
void follow_end_of_section(struct engine *engine, size_t before, const struct passed_tails *passed,
                           uint64_t offset, const struct frame_position *section);

/* The steps of a search: what a step asks of the writer's bytes, and where it leads. */
bool demand(const struct engine *engine, struct demands *demands, uint64_t offset, uint8_t value);
/* `tried`: likewise, or the first of the places that cannot hold its byte. */
bool demand_places(const struct engine *engine, struct demands *demands,
                   const struct places *places, size_t first, const void *bytes, size_t length,
                   size_t *tried);
void visit(const struct engine *engine, struct demands *demands, const struct places *places,
           size_t count);
bool demand_another(const struct engine *engine, struct demands *demands, uint64_t offset,
                    uint8_t than);
size_t cost_of(const struct engine *engine, size_t state);
bool nothing_to_gain(const struct engine *engine, size_t cost);
void reach(struct engine *engine, size_t before, const struct demands *demands, uint64_t offset,
           size_t frame, size_t node, size_t done);
void conclude(struct engine *engine, size_t before, const struct demands *demands,
              enum outcome outcome);
bool pass(const struct engine *engine, const struct passed_tails *passed, struct demands *demands,
          uint64_t offset);
/* The same without demanding it; `another`: where the byte is another one than it is. */
bool can_pass(const struct engine *engine, const struct passed_tails *passed, uint64_t offset,
              bool *another);
/* flagday: whether a header of this name at this tail is left to an owner, as it is behind the record of a
 * subsection that has none of that name where an owner has one. */
bool left_to_owner(const struct engine *engine, size_t frame, size_t node, const char *name);

/* Says why a clean tail is clean, for the bytes with the opaque ones free. */
void certify(const struct engine *engine, const struct tail *tail);

/* Adds a tail that was passed, unless it takes nothing that the others do not. */
void passed_add(const struct engine *engine, struct passed_tails *passed, size_t frame,
                size_t node);

/* Decides one tail: fills in its verdict. */
void decide_tail(struct engine *engine, struct tail *tail);

#endif
