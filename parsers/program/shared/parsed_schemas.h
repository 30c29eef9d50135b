/* SPDX-License-Identifier: MIT */
/*
 * The files of --schema that were parsed: many streams of a run can name the same one. Knows nothing of what is in them.
 */
#ifndef VMWIRE_PROGRAM_SHARED_PARSED_SCHEMAS_H
#define VMWIRE_PROGRAM_SHARED_PARSED_SCHEMAS_H

#include <jansson.h>

#include "program/shared/confined_file.h"

struct parsed_schema;

/* Begins as {0}; its owner calls forget_parsed_schemas(). */
struct parsed_schemas {
    struct parsed_schema *first;
};

/* The JSON of the file, as it was when it was parsed; NULL: it was not. */
json_t *find_parsed_schema(const struct parsed_schemas *parsed, const char *file,
                           const struct place *place);

/* Keeps the JSON, if memory permits: it is found from now on. The caller still releases its own reference. */
void keep_parsed_schema(struct parsed_schemas *parsed, const char *file, const struct place *place,
                        json_t *root);

void forget_parsed_schemas(struct parsed_schemas *parsed);

#endif
