/*
 * The reader's side of a pair of positions: a node of a program. A program is all that there is to read of one
 * structure, written down as a list; a frame is a program that is being read and where its reader goes on
 * behind it.
 */
#ifndef VMWIRE_DECIDE_READER_SIDE_H
#define VMWIRE_DECIDE_READER_SIDE_H

#include "decide/table.h"
#include "vmwire/decide.h"

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
struct call_frame {
    const struct program *program;
    size_t parent; /* NO_FRAME: the section's own record */
    size_t return_node, return_done;
    uint64_t least_behind; /* bytes that the reader must read behind this program */
    bool element;          /* of a list: an embedded record */
    enum footer footer;
    uint64_t id_at; /* where the section id stands that its footer has, too */
};

#define NO_FRAME SIZE_MAX

struct reader_side {
    const struct protocol_option *option;
    const struct schema *schema;
    bool writes; /* ambiguity: it is a second writer, and may take whatever one might have sent */
    struct arena *work; /* of programs and frames */
    struct table program_table, frame_table;
    struct program **programs;
    size_t program_count, program_room;
    struct call_frame *frames;
    size_t frame_count, frame_room;
};

const struct program *program_of(struct reader_side *reader, const struct structure *structure);

/* The same program called from the same place is the same frame. */
size_t frame_of(struct reader_side *reader, const struct structure *structure, size_t parent,
                size_t return_node, size_t return_done, bool element);

/* What follows the part of a known subsection's name that counts: up to HEADER_FILL bytes of which the
 * first was a NUL, and the version. */
enum { HEADER_FILL = UINT8_MAX };
size_t header_frame(struct reader_side *reader, const struct subsection *subsection, size_t parent,
                    size_t return_node, size_t return_done);
size_t section_frame(struct reader_side *reader, const struct structure *structure,
                     enum footer footer, uint64_t id_at);

const struct node *node_at(const struct reader_side *reader, size_t frame, size_t node);

/* Whether the reader can open all that is embedded in the structure's record, where it reads that at a node: a
 * subsection at a tail, an element of a list. It refuses what is nested too deep. */
bool fits_nesting_limit(struct reader_side *reader, const struct structure *structure, size_t frame,
                        size_t node);

bool has_inline_subsections(const struct reader_side *reader, const struct structure *structure);

#endif
