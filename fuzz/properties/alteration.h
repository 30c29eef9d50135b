/* SPDX-License-Identifier: MIT */
/*
 * Describes one alteration of an accepted stream, and helps to build it. The alterations themselves are in
 * alteration_numbers.c, alteration_items.c and alteration_schemas.c. single_alteration.c applies one and checks the
 * result; this file does not know it.
 */
#ifndef VMWIRE_FUZZ_ALTERATION_H
#define VMWIRE_FUZZ_ALTERATION_H

#include "inputs/test_case.h"
#include "vmwire/wire.h"

enum { REPLACEMENT_CAPACITY = 3 << 10 };

/* Bytes that replace others. */
struct replacement {
    uint8_t bytes[REPLACEMENT_CAPACITY];
    size_t count;
};

enum expectation {
    EXPECT_REFUSED,
    EXPECT_SAME,      /* accepted; all items outside the replacement stay the same */
    EXPECT_DIFFERENT, /* accepted, and not equal to the original stream */
};

struct alteration {
    const uint8_t *at; /* in the stream's bytes */
    size_t removed;    /* bytes */
    struct replacement put;
    const struct vmwire_schema *schema; /* to read the altered stream with; NULL: the test case's */
    enum expectation expectation;
    enum vmwire_error_kind kind; /* of the refusal; VMWIRE_ERROR_NONE: any kind at any offset */
    size_t error_at;             /* offset of the refusal, in bytes from `at` */
    size_t added_items;          /* items added, less those removed */
};

/* An accepted stream, and a source of choices. */
struct accepted_stream {
    const struct test_case *test_case;
    const struct vmwire_option *option;
    struct vmwire_bytes bytes;
    const struct vmwire_stream *stream;
    uint64_t state; /* of the choices */
};

/* Fills in an alteration. Returns false if this alteration does not apply to the stream. */
typedef bool alteration_function(struct accepted_stream *accepted, struct alteration *alteration);

/* Returns a number below `count`, which is not 0. */
unsigned pick(struct accepted_stream *accepted, size_t count);
/* Returns any subsection of the stream; NULL: it has none. */
const struct vmwire_subsection_value *pick_subsection(struct accepted_stream *accepted);
/* Returns any item that fits; NULL: none does. */
const struct vmwire_item *pick_item(struct accepted_stream *accepted,
                                    bool (*fits)(const struct accepted_stream *,
                                                 const struct vmwire_item *));
/* Returns the index of any fitting item outside of packages; SIZE_MAX: none. */
size_t pick_place(struct accepted_stream *accepted,
                  bool (*fits)(const struct accepted_stream *, const struct vmwire_item *));

void put_integer(struct replacement *put, unsigned width, uint64_t value);
void put_bytes(struct replacement *put, const void *bytes, size_t count);
void put_string(struct replacement *put, const char *string); /* with its length byte */
void put_footer(struct replacement *put, uint32_t section_id);
/* Puts what closes a record within a record; nothing where the option has no sentinel. */
void put_sentinel(const struct accepted_stream *accepted, struct replacement *put);

bool is_section(const struct vmwire_item *item);
bool is_iterable(const struct vmwire_item *item);
bool is_any_section(const struct accepted_stream *accepted, const struct vmwire_item *item);
/* Whether the stream starts a section of that id that parts may follow. */
bool was_started(const struct vmwire_stream *stream, uint32_t section_id);
/* Whether the option sends the subsection behind its section. */
bool is_sent_behind(const struct accepted_stream *accepted,
                    const struct vmwire_subsection_value *value);
/* Whether the option sends a subsection of this item behind it. */
bool has_subsection_behind(const struct accepted_stream *accepted, const struct vmwire_item *item);
/* Whether the reader checks the version of the item's section against the schema. */
bool has_version(const struct accepted_stream *accepted, const struct vmwire_item *item);
const uint8_t *version_of_section(const struct vmwire_item *item);

/* Replaces a number by one that the reader refuses at that place. Always returns true. */
bool replace_number(struct alteration *alteration, const uint8_t *at, unsigned width,
                    uint64_t value, enum vmwire_error_kind kind);
/* Places the replacement before any item outside of packages and behind the configuration; false: there is none. */
bool insert_before_item(struct accepted_stream *accepted, struct alteration *alteration);

#endif
