/* SPDX-License-Identifier: MIT */
/*
 * Loads what a program declares: the JSON that `vmwire schema` prints. Knows nothing of programs, descriptions and
 * streams.
 */
#ifndef VMWIRE_SCHEMA_DECLARED_H
#define VMWIRE_SCHEMA_DECLARED_H

#include <jansson.h>

#include "vmwire/schema.h"

/* Adds the declared structures to the schema, which has layouts; those that no other one refers to are its device types. `root` may be
 * released afterwards. Returns false with `error` set (VMWIRE_ERROR_SCHEMA or VMWIRE_ERROR_LIMIT); the schema then has none
 * of them. */
bool load_declared(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error);

/* Whether this JSON says that it has declarations. */
bool is_declared(const json_t *root);

#endif
