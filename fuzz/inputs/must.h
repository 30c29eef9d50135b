/* SPDX-License-Identifier: MIT */
/*
 * The functions of the library that fail only when memory runs out, for tests and fuzz targets: memory that runs out
 * ends the process. Knows nothing of what is tested.
 */
#ifndef FUZZ_INPUTS_MUST_H
#define FUZZ_INPUTS_MUST_H

#include <stdio.h>
#include <stdlib.h>

#include "vmwire/vmwire.h"

static inline void must_succeed(bool succeeded, const struct vmwire_error *error)
{
    if (succeeded)
        return;
    fprintf(stderr, "%s\n", error->message);
    abort();
}

static inline struct vmwire_schema *must_create_schema(struct vmwire_arena *arena)
{
    struct vmwire_error error = {0};
    struct vmwire_schema *schema = vmwire_schema_create(arena, &error);
    must_succeed(schema, &error);
    return schema;
}

static inline void must_finish_schema(struct vmwire_schema *schema)
{
    struct vmwire_error error = {0};
    must_succeed(vmwire_schema_finish(schema, &error), &error);
}

static inline void must_set_existing(struct vmwire_schema *schema,
                                     const struct vmwire_schema *older)
{
    struct vmwire_error error = {0};
    must_succeed(vmwire_schema_set_existing(schema, older, &error), &error);
}

static inline struct vmwire_writer *must_create_writer(const struct vmwire_writing *writing)
{
    struct vmwire_error error = {0};
    struct vmwire_writer *writer = vmwire_writer_create(writing, &error);
    must_succeed(writer, &error);
    return writer;
}

static inline struct vmwire_decision must_decide(const struct vmwire_question *question,
                                                 struct vmwire_arena *arena)
{
    struct vmwire_error error = {0};
    struct vmwire_decision decision;
    must_succeed(vmwire_decide(question, arena, &decision, &error), &error);
    return decision;
}

static inline struct vmwire_bytes must_make_witness(const struct vmwire_question *question,
                                                    const struct vmwire_finding *finding,
                                                    struct vmwire_arena *arena)
{
    struct vmwire_error error = {0};
    struct vmwire_bytes witness = vmwire_witness(question, finding, arena, &error);
    must_succeed(witness.data, &error);
    return witness;
}

#endif
