/* SPDX-License-Identifier: MIT */
/*
 * The writer's side of a pair of positions: an offset in the stream. This file says which values each byte
 * can have (its field's class decides), and where the writer goes on when it leaves out an optional
 * subsection: a skip. It must not know the reader.
 */
#ifndef VMWIRE_DECIDE_WRITER_SIDE_H
#define VMWIRE_DECIDE_WRITER_SIDE_H

#include "base/arena.h"
#include "vmwire/decide.h"

enum { CLASS_PAGE = 256 }; /* bytes */

/* The class of a byte of a length that depends on which optional subsections a state sends: no byte of a field. */
enum { CLASS_LENGTH = VMWIRE_FIELD_LIST + 1, CLASS_MOVES };

/* Marks of a byte, in one uint8_t with its field class. */
enum {
    ITEM_BEGINS = 0x80,
    SKIP_BEGINS = 0x40,
};

struct writer_side {
    struct vmwire_bytes bytes;
    /* The reader reads up to here: the end of its package, or of the stream. */
    uint64_t limit;
    /* Class and marks of each byte, in pages. Framing is VMWIRE_FIELD_CONSTANT. A page that is NULL is all
     * VMWIRE_FIELD_FREE: large buffers cost nothing. */
    uint8_t **class_pages;
    uint64_t *furthest;  /* the last byte that was asked for a value */
    bool opaque_is_free; /* opaque bytes can have any value; otherwise only the one they have */
    bool *was_held;      /* set when an opaque byte was asked for another value */
    uint64_t
        *moved_at; /* such a byte that decides what follows, and could have it; UINT64_MAX: none */
    bool has_opaque; /* there is a byte that can set `was_held` */
    /* For each offset, how many bytes before it ... count_settable_bytes() fills these in; NULL before. */
    uint32_t *settable; /* ... can have more than one value */
    uint32_t *markers;  /* ... hold the value of a subsection's marker */
    /* The optional subsections, from the marker to the end of the record, in the order of `from`. A state
     * that leaves one out goes on at `to` when it comes to `from`. */
    struct vmwire_extent *skips;
    size_t skip_count, skip_room;
    /* The lengths of framed records, in the order of `at`. */
    struct written_length {
        uint64_t at;  /* the offset of its four bytes */
        uint64_t end; /* where the fields end */
        bool varies;  /* optional subsections are in the fields */
    } * lengths;
    size_t length_count, length_room;
    /* The fields that decide what follows (CLASS_MOVES), in the order of `from`. */
    struct moving_field {
        uint64_t from;
        const char *name;
    } * moving;
    size_t moving_count, moving_room;
    /* Where in a state with another value of an earlier field other bytes can stand, in the order of `at`: within a record
     * of this depth, behind the tails of all deeper ones that end there. */
    struct other_bytes {
        uint64_t at;
        unsigned depth;
        const char *name; /* of the field that begins there, or of the structure whose fields end */
        bool ends;        /* it is the structure */
    } * others;
    size_t other_count, other_room;
    uint64_t steady_from; /* the end of the last item with such a place */
    /* All optional subsections of a record that may as well send them in another order: no source tells it. */
    struct vmwire_extent *unordered;
    size_t unordered_count, unordered_room;
};

/* The class and the marks of a byte. */
static inline uint8_t marks_at(const struct writer_side *writer, uint64_t offset)
{
    const uint8_t *page = writer->class_pages[offset / CLASS_PAGE];
    return page ? page[offset % CLASS_PAGE] : VMWIRE_FIELD_FREE;
}

/* The class of a byte. */
static inline uint8_t class_at(const struct writer_side *writer, uint64_t offset)
{
    return marks_at(writer, offset) & (UINT8_MAX - ITEM_BEGINS - SKIP_BEGINS);
}

/* Whether the byte can have any value in any state. */
static inline bool byte_is_free(const struct writer_side *writer, uint64_t offset)
{
    return offset < writer->limit && class_at(writer, offset) == VMWIRE_FIELD_FREE;
}

/* The longest header of a section: type, id, idstr, instance, version. */
enum { PLACES_LIMIT = 1 + 4 + 1 + 255 + 4 + 4 };

/*
 * Bytes that follow one another in the stream of one state, and where they stand in this stream. Skips lie
 * between them: at each skip the state takes it or sends the subsection. One `struct places` is one such
 * choice; lay_first_places() and lay_next_places() go through all choices.
 */

struct places {
    uint64_t at[PLACES_LIMIT + 1]; /* the offset of each byte, and at last of the one behind them */
    size_t count;                  /* fewer than asked for: the stream ends */
    /* The places at which skips begin, and how many are taken there, one after another. */
    struct turn {
        size_t place;
        size_t taken;
        bool more; /* another one could be taken */
    } turns[PLACES_LIMIT + 1];
    size_t turn_count;
};

/* `option`: which the stream is written under. */
struct writer_side make_writer_side(const struct vmwire_option *option,
                                    const struct vmwire_stream *stream, struct vmwire_bytes bytes,
                                    struct vmwire_arena *arena);

/* The length of a framed record's fields that stands at the offset; NULL: none does. */
const struct written_length *find_written_length(const struct writer_side *writer, uint64_t offset);

/* The index of the first length at `offset` or behind it. */
size_t written_length_index(const struct writer_side *writer, uint64_t offset);

/* The length in a state that sends these optional subsections and no others. They are in the order of `from`. */
uint32_t length_in_state(const struct writer_side *writer, const struct written_length *length,
                         const struct vmwire_extent *sends, size_t send_count);

/* Whether a byte is of a length that depends on what a state sends. */
bool byte_depends_on_state(const struct writer_side *writer, uint64_t offset);

/* Whether fields that end at `end` have ended where the reader is at `offset`: the state leaves out what is between. */
bool is_end_of_fields(const struct writer_side *writer, uint64_t end, uint64_t offset);

/* Whether a state can have this value in the byte. */
bool byte_can_hold(const struct writer_side *writer, uint64_t offset, uint8_t value);

/* Finds a value that the byte can have and that is none of these; the value that it has, if possible. False:
 * there is none. */
bool find_value_except(const struct writer_side *writer, uint64_t offset, const uint8_t *than,
                       size_t than_count, uint8_t *result);

/* Likewise for one value. */
static inline bool find_other_value(const struct writer_side *writer, uint64_t offset, uint8_t than,
                                    uint8_t *result)
{
    return find_value_except(writer, offset, &than, 1, result);
}

/* The name of the field that has this byte of CLASS_MOVES. */
const char *name_of_moving_field(const struct writer_side *writer, uint64_t offset);

/* Where in another state other bytes can stand behind the tail at `from` of a record of this depth, up to and at `to`; NULL:
 * nowhere. */
const struct other_bytes *find_other_bytes(const struct writer_side *writer, uint64_t from,
                                           unsigned depth, uint64_t to);

/* Whether the byte can have more than one value. */
bool byte_can_change(const struct writer_side *writer, uint64_t offset);

/* Fills in `settable` and `markers`. Few streams need them, so this is done once on demand. */
void count_settable_bytes(struct writer_side *writer, struct vmwire_arena *arena);

/* Where the next skip behind `offset` begins; UINT64_MAX: there is none. */
uint64_t next_skip_begins(const struct writer_side *writer, uint64_t offset);

/* Where the writer goes on if it leaves out the optional subsection that begins at `offset`. False: none
 * begins there. */
bool find_skip(const struct writer_side *writer, uint64_t offset, uint64_t *to);

/* Whether bytes from one offset to another may stand in another order than the stream has them. */
bool is_unordered(const struct writer_side *writer, uint64_t from, uint64_t to);

/* Lays out `count` bytes from `offset` on for the first choice: no skip is taken. A skip at `offset` itself
 * is not met. */
void lay_first_places(const struct writer_side *writer, uint64_t offset, size_t count,
                      struct places *places);

/* Lays them out for the next choice that changes one of the first `tried` places. False: there is none. */
bool lay_next_places(const struct writer_side *writer, size_t count, size_t tried,
                     struct places *places);

/* Keeps the first `kept` places. Behind them, takes every skip (`skipping`) or none. */
void relay_places(const struct writer_side *writer, size_t count, size_t kept, bool skipping,
                  struct places *places);

#endif
