/*
 * The writer's side of a pair of positions: an offset in the stream, each byte of which may hold what its
 * field's class allows. Says what a byte can be, and where the writer goes on when it does not send an
 * optional subsection.
 */
#ifndef VMWIRE_DECIDE_WRITER_SIDE_H
#define VMWIRE_DECIDE_WRITER_SIDE_H

#include "base/arena.h"
#include "vmwire/decide.h"

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
    /* What count_settable_bytes() counts; NULL before. */
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

struct writer_side make_writer_side(const struct stream *stream, struct bytes bytes,
                                    struct arena *arena);

/* Whether a byte of the stream can hold the value. */
bool byte_can_hold(const struct writer_side *writer, uint64_t offset, uint8_t value);

/* A value of the byte that is not `value`, preferably the one it has. False: there is none. */
bool find_other_value(const struct writer_side *writer, uint64_t offset, uint8_t value,
                      uint8_t *result);

/* Whether the byte can hold more than one value. */
bool byte_can_change(const struct writer_side *writer, uint64_t offset);

/* Fills in `settable` and `markers`, which few streams need. */
void count_settable_bytes(struct writer_side *writer, struct arena *arena);

/* Where the next optional subsection behind `offset` begins; UINT64_MAX: there is none. */
uint64_t next_skip_begins(const struct writer_side *writer, uint64_t offset);

/* Where the writer goes on that does not send the subsection beginning here; false: none does. */
bool find_skip(const struct writer_side *writer, uint64_t offset, uint64_t *to);

/* The places of `count` bytes from `offset` on, for the first choice of what is skipped, and for the next
 * one that differs in the first `tried` of them (false: there is none). What begins at `offset` itself is
 * not skipped. */
void lay_first_places(const struct writer_side *writer, uint64_t offset, size_t count,
                      struct places *places);

bool lay_next_places(const struct writer_side *writer, size_t count, size_t tried,
                     struct places *places);

/* The first `kept` places, and behind them all skipped, or nothing. */
void relay_places(const struct writer_side *writer, size_t count, size_t kept, bool skipping,
                  struct places *places);

#endif
