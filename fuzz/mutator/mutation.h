/* SPDX-License-Identifier: MIT */
/*
 * A stream that is being changed: a list of items whose trees may be written to. The bytes of values lie in memory of
 * the mutator's own.
 */
#ifndef VMWIRE_FUZZ_MUTATION_H
#define VMWIRE_FUZZ_MUTATION_H

#include "inputs/test_case.h"
#include "mutator/fuzzing_engine.h"

struct mutation {
    struct chooser *chooser;
    const struct vmwire_schema *schema;
    const struct vmwire_option
        *option; /* of the test case: the mutator tries to mislead its reader */
    struct vmwire_arena *arena;
    struct vmwire_item **items;
    size_t count, room;
};

/* Begins with the items of a state. */
void mutation_begin(struct mutation *mutation, const struct vmwire_stream *state);

/* Begins with a section for each device of the schema. */
void mutation_fresh(struct mutation *mutation);

/* Inserts a copy of the item before the one at `place`. */
void insert_item(struct mutation *mutation, size_t place, const struct vmwire_item *item);

struct vmwire_stream mutation_stream(const struct mutation *mutation);

/* The bytes of a value, to write to. */
uint8_t *bytes_of_value(const struct vmwire_value *value);

#endif
