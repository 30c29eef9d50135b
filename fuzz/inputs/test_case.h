/*
 * What an input of a target stands for: a stream, and the schema that it is read with.
 *
 *     input = be16:schema byte:choice stream      the schema by its number
 *           | stream                              as captured: its own description is its schema
 *
 * The second form begins with "QEVM". A number below DRAWN is one of the shipped schemas, which the build
 * packs out of corpus/witnesses/originals (fuzz/inputs/pack): real sections that show every signature known. The
 * others are small schemas that are drawn by their number (drawn.h). `choice` chooses what the target is to
 * do with it: the option, and how another release differs from the one that the stream is of.
 */
#ifndef VMWIRE_FUZZ_SUBJECT_H
#define VMWIRE_FUZZ_SUBJECT_H

#include "inputs/schema_generator.h"
#include "vmwire.h"

enum { TEST_CASE_HEADER = 3 }; /* bytes before the stream of the first form */

/* Names of subsections that do not tell which one it is. */
enum repeated_names {
    NAMES_REPEATED_NOWHERE,
    NAMES_REPEATED_AROUND, /* that of one is that of one of those around it, or beside those */
    NAMES_REPEATED_BESIDE, /* a structure has two of one name */
};

enum repeated_names find_repeated_names(const struct schema *schema);

struct test_case {
    struct bytes input; /* the caller's */
    unsigned number;    /* of the schema; SUBJECT_OWN: the stream's own description */
    bool generated;     /* the schema is one of those that are drawn by their number */
    const char *name;   /* of the schema, for people */
    const struct schema *schema;
    enum repeated_names repeated_names;
    const struct protocol_option *option; /* whose stream version it has; else today's */
    uint8_t choice;
    enum difference difference; /* between the stream's release and the other one */
    bool later;                 /* of a drawn schema: the stream's is the one that differs */
    uint8_t *data;              /* the stream: a copy of its own, exactly as long as it is */
    struct bytes bytes;
    struct arena *arena; /* of all that is made of this input; reset by the next one */
};

#define SCHEMA_FROM_STREAM UINT32_MAX

/* False where there is nothing to begin with: no bytes, or a description that is none. */
bool parse_test_case(struct test_case *test_case, const uint8_t *data, size_t size);

/* The state: what the option's reader makes of the stream, with zeros and bools put right. NULL where it
 * does not accept it or leaves something unread: such an input stands for no state. */
const struct stream *read_state(const struct test_case *test_case);

/* Each run of a target does one thing, and quickly: a case is about the option that its `choice` names. A stream as
 * captured is about all of them. */
const struct protocol_option *chosen_option(const struct test_case *test_case);
bool covers_option(const struct test_case *test_case, const struct protocol_option *option);
void choose_option(struct test_case *test_case, const struct protocol_option *option);

/* How another release differs from the stream's, which is not the later one. */
void choose_difference(struct test_case *test_case, enum difference difference);

/* Another schema; what was read of the stream is void. */
void choose_schema(struct test_case *test_case, unsigned number, uint8_t choice);

/* Whether the option claims that every state of this schema comes back as it was (option.h, `exact`): where
 * two subsections of a structure have one name none can, where one has a name that its owner has too none
 * that goes by the name (grammar/README.md). */
bool claims_exactness(const struct test_case *test_case, const struct protocol_option *option);

/* Whether RAM blocks say where in the stream their pages lie: then nothing may be put before those, and a writer
 * moves them to the next mebibyte. */
bool has_mapped_blocks(const struct stream *stream);

/* Shipped schemas, and one of them by its number: any number will do. */
unsigned shipped_schema_count(void);
const struct schema *schema_by_number(unsigned number, enum difference difference,
                                      const char **name);

#endif
