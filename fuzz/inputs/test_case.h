/* SPDX-License-Identifier: MIT */
/*
 * Reads an input of a fuzz target as a test case: a stream, and the schema to read it with.
 *
 *     input = be16:schema byte:choice stream      the schema by its number
 *           | stream                              a captured stream: its own description is the schema
 *
 * The second form begins with "QEVM". Numbers below FIRST_GENERATED name a shipped schema. The build packs those from
 * corpus/witnesses/originals (fuzz/inputs/pack): they are real sections that show every known signature. Other
 * numbers name a small schema that schema_generator.h makes from the number. `choice` selects the option to test, and
 * how another release differs from the one that wrote the stream.
 */
#ifndef VMWIRE_FUZZ_TEST_CASE_H
#define VMWIRE_FUZZ_TEST_CASE_H

#include "inputs/schema_generator.h"
#include "vmwire/vmwire.h"

enum { TEST_CASE_HEADER = 3 }; /* bytes before the stream in the first form */

/* Whether a structure has two subsections of one name. */
bool repeats_names(const struct vmwire_schema *schema);

struct test_case {
    struct vmwire_bytes input; /* owned by the caller */
    unsigned number;           /* of the schema; SCHEMA_FROM_STREAM: the stream's own description */
    bool generated;            /* the schema was generated from its number */
    const char *name;          /* of the schema, for people */
    const struct vmwire_schema *schema;
    bool repeated_names;                /* a structure has two subsections of one name */
    const struct vmwire_option *option; /* the one with the stream's version; else today's */
    uint8_t choice;
    enum difference difference; /* between the stream's release and the other one */
    bool later;                 /* of a generated schema: the stream's release has the difference */
    uint8_t *data;              /* the stream: a copy of exactly its length */
    struct vmwire_bytes bytes;  /* the same */
    struct vmwire_arena *arena; /* for all that is made of this input; the next input resets it */
};

#define SCHEMA_FROM_STREAM UINT32_MAX

/* Returns false if the input is empty or its own description is not valid. */
bool parse_test_case(struct test_case *test_case, const uint8_t *data, size_t size);

/* Reads the stream with its own option, and corrects zeros, bools and fields that decide to values that a writer sends. Returns NULL
 * if the reader rejects the stream or leaves bytes unread: then there is no state. */
const struct vmwire_stream *read_state(const struct test_case *test_case);

/* Whether the field decides what follows it, and the bytes are not those that it has in a state of its description. Bytes that
 * were read with such a value would in truth be read otherwise: what a reader of the description makes of them says nothing. */
bool decides_otherwise(const struct vmwire_value *value);

/* Whether any field of the stream does. */
bool has_other_layout(const struct vmwire_stream *stream);

/* A run of a target must be quick, so a test case tests only the option that its `choice` selects. A captured stream
 * tests all options. */
const struct vmwire_option *chosen_option(const struct test_case *test_case);
bool covers_option(const struct test_case *test_case, const struct vmwire_option *option);
void choose_option(struct test_case *test_case, const struct vmwire_option *option);

/* Chooses how the other release differs. The stream's release must not be the later one. */
void choose_difference(struct test_case *test_case, enum difference difference);

/* Chooses another schema. A state that was read before is no longer valid. */
void choose_schema(struct test_case *test_case, unsigned number, uint8_t choice);

/* Whether the option claims that every state of this schema comes back as it was (option.h, `exact`). No option
 * claims it if a structure has two subsections of one name. */
bool claims_exactness(const struct test_case *test_case, const struct vmwire_option *option);

/* Whether a RAM block says where in the stream its pages lie. Then nothing may be inserted before it, and a
 * writer moves its pages to the next mebibyte. */
bool has_mapped_blocks(const struct vmwire_stream *stream);

/* Puts the option's version into the header of the stream, so that its reader does not refuse it there. */
void set_stream_version(const struct test_case *test_case, const struct vmwire_option *option);

unsigned shipped_schema_count(void);

/* Returns a schema by any number, and its name. */
const struct vmwire_schema *schema_by_number(unsigned number, enum difference difference,
                                             const char **name);

#endif
