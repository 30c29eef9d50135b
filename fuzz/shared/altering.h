/*
 * What the two halves of altered.h share: numbers of the framing that are changed (altered_numbers.c) and
 * what is put between items (altered_items.c).
 */
#ifndef VMWIRE_FUZZ_ALTERING_H
#define VMWIRE_FUZZ_ALTERING_H

#include "altered.h"
#include "wire.h"

enum { MOST_PUT = 3 << 10 };

/* Bytes in the place of others. */
struct put {
    uint8_t bytes[MOST_PUT];
    size_t count;
};

enum fate {
    REFUSED,
    THE_SAME, /* accepted; but for what was put in, all is as it was */
    ANOTHER,  /* accepted, and not as it was */
};

struct alteration {
    const uint8_t *at; /* in the subject's bytes */
    size_t removed;
    struct put put;
    enum fate fate;
    enum error_kind kind; /* of the refusal; ERROR_NONE: any, anywhere */
    size_t into;          /* its place: so many bytes behind `at`, as altered */
    size_t more;          /* items, of which those removed are taken off */
};

/* A stream that was accepted, and a source of choices. */
struct accepted {
    const struct subject *subject;
    const struct protocol_option *option;
    const struct stream *stream;
    uint64_t state;
};

/* One way to alter a stream; false where this one offers nothing to it. */
typedef bool alter(struct accepted *accepted, struct alteration *alteration);

/* They end with NULL. Those of items make the stream longer or shorter, and a look ahead may then see more or
 * less of it: they are for options that do not guess. */
extern alter *const alter_numbers[], *const alter_items[];

unsigned some(struct accepted *accepted, size_t count); /* below `count`, which is not 0 */

void put_integer(struct put *put, unsigned width, uint64_t value);
void put_bytes(struct put *put, const void *bytes, size_t count);
void put_string(struct put *put, const char *string); /* with its length byte */
void put_footer(struct put *put, uint32_t section_id);

bool is_section(const struct item *item);
bool is_iterable(const struct item *item);
/* Whether a section of that id was begun that may go on. */
bool was_started(const struct stream *stream, uint32_t section_id);
/* Whether it is sent behind its section under this option; and whether one of the item's is. */
bool is_separate(const struct accepted *accepted, const struct subsection_value *value);
bool has_separate(const struct accepted *accepted, const struct item *item);
/* Any item that fits; NULL: none does. */
const struct item *some_item(struct accepted *accepted,
                             bool (*fits)(const struct accepted *, const struct item *));

#endif
