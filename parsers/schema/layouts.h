/* SPDX-License-Identifier: MIT */
/*
 * Loads grammar/layouts, which is part of the program. Knows nothing of declarations and streams.
 */
#ifndef VMWIRE_SCHEMA_LAYOUTS_H
#define VMWIRE_SCHEMA_LAYOUTS_H

#include <jansson.h>

#include "schema/layout.h"

/* All files of grammar/layouts as a JSON array. The caller releases it. NULL with `error` set when memory runs out. */
json_t *parse_layouts(struct vmwire_error *error);

/* Sets schema->layouts. Always returns true. */
bool load_all_layouts(struct vmwire_schema *schema, json_t *files, struct vmwire_error *error);

#endif
