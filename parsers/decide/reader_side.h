/* SPDX-License-Identifier: MIT */
/*
 * The reader's side of a pair of positions: a node of a program, in a frame. A program lists all that a
 * reader reads of one structure, embedded records included. A frame is a call of a program: it says where
 * the reader goes on behind it. This file must not know the writer's bytes.
 */
#ifndef VMWIRE_DECIDE_READER_SIDE_H
#define VMWIRE_DECIDE_READER_SIDE_H

#include "decide/hash_table.h"
#include "vmwire/decide.h"

enum node_kind {
    NODE_DATA,  /* `length` bytes, whatever they hold */
    NODE_NULLS, /* `length` markers of null pointers */
    NODE_TOLD, /* `length` bytes on which depends what follows: it is known for those that the stream has */
    NODE_LIST,  /* an element (a byte that is not 00, then a record), or the end of the list: 00 */
    NODE_BLIND, /* a field whose length the schema does not tell */
    NODE_UNFOLLOWED, /* stands for a whole program that is too large */
    NODE_VERSION,    /* the version and the record of `subsection`, behind its name */
    /* Where the option frames records: */
    NODE_RECORD,         /* an embedded record of `structure`, which has a frame of its own */
    NODE_RECORD_VERSION, /* the version of an embedded record of `structure` */
    NODE_LENGTH,         /* the length of the record's fields */
    NODE_FIELDS_END,     /* the fields must have that length */
    NODE_TAIL,           /* the tail of `structure` */
    NODE_END,            /* the end of the program */
};

struct node {
    enum node_kind kind;
    bool sentinel; /* NODE_TAIL: a sentinel closes the record */
    const struct vmwire_structure *structure;
    const struct vmwire_field *field;
    const struct vmwire_subsection *subsection; /* NODE_VERSION */
    uint64_t length;
    uint64_t
        fields; /* NODE_DATA: so many, joined; fields without bytes are counted where they stand */
    enum vmwire_field_class class; /* NODE_DATA, where the reader is a second writer */
    uint64_t least;                /* the fewest bytes from here to the end of the program */
    unsigned open;      /* records of the program that are open here; at a tail, its own too */
    size_t next_choice; /* the next node where the reader can do more than read on or reject */
    /* Before it, other fields are read where an earlier one has another value: a field of this name, or the end of a structure;
     * NULL: none. */
    const char *others;
    bool told; /* a field that decides stands before it in the program */
};

struct program {
    const struct vmwire_structure *structure;
    bool closed;   /* a sentinel closes the record that the program reads */
    bool embedded; /* the version of the record is part of it */
    struct node *nodes;
    size_t count, room;
    const char *others; /* while it is built: of the next node, and so is `told` */
    bool told;
    unsigned deepest; /* the most records that are open at once */
    bool plain;       /* there is no choice: the reader can only read on or reject */
    uint64_t length;  /* bytes; of a program that is not plain, the fewest */
};

/* What the reader expects behind a section's own record. */
enum footer {
    FOOTER_NONE,
    FOOTER_HERE,
    FOOTER_LEARNED, /* either: the first section tells the reader whether the stream has footers */
    FOOTER_LATER,   /* none, but others may have one: the configuration */
};

struct call_frame {
    const struct program *program;
    size_t parent; /* NO_FRAME: the section's own record */
    size_t return_node,
        return_done;       /* where the parent goes on: `node` and `done` of struct pair */
    uint64_t least_behind; /* the fewest bytes that the reader reads behind this program */
    enum footer footer;    /* of the section's own record, as is `id_at` */
    uint64_t id_at;        /* where the section id stands; the footer repeats it */
    size_t item;           /* of a second writer: the item of the stream that it writes */
    /* Where the option frames records. The offset at which the length of the fields stands, and the one at which the
     * writer's fields end if it has written that length there; UINT64_MAX: not known. */
    uint64_t length_at, fields_end;
    uint64_t
        limit_around; /* where the fields end that the record is one of; UINT64_MAX: not known */
};

/* The value of a constant field in all states, as the stream has it. */
struct constant {
    struct vmwire_bytes value;
    bool differs;   /* another record has another value */
    bool elsewhere; /* a state can have the field in records that the stream does not have */
};

#define NO_FRAME UINT32_MAX

struct reader_side {
    const struct vmwire_option *option;
    const struct vmwire_schema *schema;
    /* The question is ambiguity: the reader is a second writer. It reads bytes in every way in which it
     * could have written them. */
    enum vmwire_ambiguity ambiguity;
    struct table
        constant_table; /* by field: the constants of a second writer, and what NODE_TOLD needs */
    struct constant *constants;
    size_t constant_count, constant_room;
    /* Of a second writer: structures of which a state can have more records than the stream. */
    struct table unsent_table;
    const struct vmwire_structure **unsent;
    size_t unsent_count, unsent_room;
    bool writes;
    /* The reader counts the readings of a section: it goes by all that a second writer could have written, but does not
     * know the values of constants, and takes any bytes in private encodings. `writes` is set, too. */
    bool counts;
    struct table alignment_table; /* by the structures of both sides */
    struct alignment **alignments;
    size_t alignment_count, alignment_room;
    struct vmwire_arena *work; /* for programs, frames and alignments */
    struct table program_table, frame_table;
    struct program **programs;
    size_t program_count, program_room;
    size_t step_count; /* the fields and ends of records that were gone through to build programs */
    struct call_frame *frames;
    size_t frame_count, frame_room;
};

/* The most fields and records of one program, and of all programs together. Those of a machine with 256 virtual
 * CPUs have about an eighth of it. */
enum { PROGRAM_LIMIT = 1 << 20, PROGRAMS_LIMIT = 1 << 22 };
#define PROGRAM_TOO_LARGE "the reader's structure is larger than is followed"

/* The program of a section's own record. Each program is built when it is first asked for. */
const struct program *program_of(struct reader_side *reader,
                                 const struct vmwire_structure *structure);

/* The frame of a record within a record: a structure's program that is called from a node. The same call is
 * the same frame, so that pairs can be compared. */
size_t frame_of(struct reader_side *reader, const struct vmwire_structure *structure, size_t parent,
                size_t return_node, size_t return_done);

/* Likewise for a record that is embedded in the one that calls. */
size_t embedded_frame(struct reader_side *reader, const struct vmwire_structure *structure,
                      size_t parent, size_t return_node);

/* The same call, of which it is known where the length of the fields stands, and where the writer's fields end
 * (UINT64_MAX: the writer has no length there). */
size_t frame_with_length(struct reader_side *reader, size_t frame, uint64_t length_at,
                         uint64_t fields_end);

/* The offset behind which the reader refuses to read the bytes of this node; UINT64_MAX: not known. */
uint64_t limit_of_node(const struct reader_side *reader, size_t frame, size_t node);

/* The frame that reads what follows the name of a known subsection: fill, the version, the record. QEMU
 * compares names as C strings, so up to HEADER_FILL bytes of fill may follow a NUL within the name's
 * length. */
enum { HEADER_FILL = UINT8_MAX };
size_t header_frame(struct reader_side *reader, const struct vmwire_subsection *subsection,
                    size_t parent, size_t return_node, size_t return_done);

/* The frame that reads a section's own record. */
size_t section_frame(struct reader_side *reader, const struct vmwire_structure *structure,
                     enum footer footer, uint64_t id_at, size_t item);

/* Notes that a state can have records of the structure which the stream does not have. */
void note_unsent(struct reader_side *reader, const struct vmwire_structure *structure);

/* Notes the same for all that is in such records. All constants must be noted. */
void spread_unsent(struct reader_side *reader);

/* Notes what a field holds in the stream, which is constant or decides what follows. */
void note_constant(struct reader_side *reader, const struct vmwire_field *field,
                   struct vmwire_bytes value);

/* The value of such a field; NULL: no record tells it, or two tell another one. */
const struct constant *constant_of(const struct reader_side *reader,
                                   const struct vmwire_field *field);

const struct node *node_at(const struct reader_side *reader, size_t frame, size_t node);

/* Whether the frame's program is there. One that is too large is a single NODE_UNFOLLOWED. */
bool is_followed(const struct reader_side *reader, size_t frame);

/* Whether the reader can read a record of the structure that begins at this node: a subsection at a tail, an
 * element of a list. The reader rejects records that are nested too deep. */
bool fits_nesting_limit(struct reader_side *reader, const struct vmwire_structure *structure,
                        size_t frame, size_t node);

bool has_inline_subsections(const struct reader_side *reader,
                            const struct vmwire_structure *structure);

#endif
