/* SPDX-License-Identifier: MIT */
/*
 * What a QEMU declares as JSON: parsers/schema/declarations.schema.json documents it. vmwire.h does not include this
 * header, because it needs that of jansson.
 */
#ifndef VMWIRE_DECLARED_JSON_H
#define VMWIRE_DECLARED_JSON_H

#include <jansson.h>

#include "vmwire/declarations.h"

#pragma GCC visibility push(default)

/* Returns an object, which the caller releases with json_decref(); vmwire_schema_add() takes its text. Returns NULL with
 * `error` set when memory runs out. */
json_t *vmwire_declarations_json(const struct vmwire_declarations *declarations,
                                 struct vmwire_error *error);

#pragma GCC visibility pop

#endif
