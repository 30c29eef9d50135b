/*
 * What the parts of altered.h share: numbers of the framing that are changed (altered_numbers.c), what is put
 * between items (altered_items.c), and what the schema is the cause of (altered_schemas.c).
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
    const uint8_t *at; /* in the stream's bytes */
    size_t removed;
    struct put put;
    const struct schema *schema; /* that it is read with; NULL: the subject's */
    enum fate fate;
    enum error_kind kind; /* of the refusal; ERROR_NONE: any, anywhere */
    size_t into;          /* its place: so many bytes behind `at`, as altered */
    size_t more;          /* items, of which those removed are taken off */
};

/* A stream that was accepted, and a source of choices. */
struct accepted {
    const struct subject *subject;
    const struct protocol_option *option;
    struct bytes bytes;
    const struct stream *stream;
    uint64_t state;
};

/* One way to alter a stream; false where this one offers nothing to it. */
typedef bool alter(struct accepted *accepted, struct alteration *alteration);

/* They end with NULL. Those of items make the stream longer or shorter, and a look ahead may then see more or
 * less of it: they are for options that do not guess. */
extern alter *const alter_numbers[], *const alter_items[];
alter undescribed_version, endless_nest, endless_records, next_of_owner, last_element;

unsigned some(struct accepted *accepted, size_t count); /* below `count`, which is not 0 */

void put_integer(struct put *put, unsigned width, uint64_t value);
void put_bytes(struct put *put, const void *bytes, size_t count);
void put_string(struct put *put, const char *string); /* with its length byte */
void put_footer(struct put *put, uint32_t section_id);

bool is_section(const struct item *item);
bool is_iterable(const struct item *item);
bool is_any_section(const struct accepted *accepted, const struct item *item);
/* Whether a section of that id was begun that may go on. */
bool was_started(const struct stream *stream, uint32_t section_id);
/* Whether it is sent behind its section under this option; and whether one of the item's is. */
bool is_separate(const struct accepted *accepted, const struct subsection_value *value);
bool has_separate(const struct accepted *accepted, const struct item *item);
/* Any of all subsections; NULL: there is none. */
const struct subsection_value *some_subsection(struct accepted *accepted);
/* Any item that fits; NULL: none does. */
const struct item *some_item(struct accepted *accepted,
                             bool (*fits)(const struct accepted *, const struct item *));

/* Whether its section has a version that the schema judges; and where that stands. */
bool has_version(const struct accepted *accepted, const struct item *item);
const uint8_t *version_of_section(const struct item *item);

/* Another number at a place, which is refused there; always true. */
bool refuse_number(struct alteration *alteration, const uint8_t *at, unsigned width, uint64_t value,
                   enum error_kind kind);
/* Puts it before any item that is in no package and comes behind the configuration; false: there is none. */
bool put_before(struct accepted *accepted, struct alteration *alteration);

#endif
