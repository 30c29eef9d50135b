/*
 * The grammar-aware mutator: reads an input as a stream, changes the tree or the bytes of its fields, and
 * writes it again, so that what comes out is mostly a stream and says something else. One source for
 * libFuzzer and AFL++ (engine.h); of an input that is no stream, bytes are (mutate_bytes).
 *
 *     tree.c     sections, subsections, versions, ids
 *     head.c     one byte of what frames them: ids, lengths, ordinals
 *     plant.c    bytes of fields: what a reader that is misled there would go on with
 */
#ifndef VMWIRE_FUZZ_MUTATOR_H
#define VMWIRE_FUZZ_MUTATOR_H

#include "inputs/test_case.h"
#include "mutator/fuzzing_engine.h"

/* A state that is being changed: a stream whose tree may be written to. Values hold their bytes in memory of
 * the mutator's own. */
struct mutation {
    struct chooser *chooser;
    const struct schema *schema;
    const struct protocol_option *turn; /* that the input is about: whose reader is to be misled */
    struct arena *arena;
    struct item **items;
    size_t count, room;
};

/* Begins with a state; or with none, and makes one of the schema's devices. */
void mutation_begin(struct mutation *mutation, const struct stream *state);
void mutation_fresh(struct mutation *mutation);

struct stream mutation_stream(const struct mutation *mutation);

/* The memory of a value's bytes. */
uint8_t *bytes_of_value(const struct value *value);

/* Changes one byte of `stream`, which is as the subject's that the state was read from. */
void nudge(struct chooser *chooser, const struct test_case *test_case, const struct stream *state,
           uint8_t *stream);

void mutate_tree(struct mutation *mutation);

/* One of the other state's sections, which is of the same schema, comes in. */
void splice_section(struct mutation *mutation, const struct stream *other);

void mutate_fields(struct mutation *mutation);
void plant(struct mutation *mutation);

#endif
