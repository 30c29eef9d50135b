/* SPDX-License-Identifier: MIT */
/*
 * Loads a schema from JSON and uses it. Loading must stay within bounds of memory and must report errors with a
 * place. The devices of a loaded schema can be written, read back and decided about.
 */
#ifndef VMWIRE_FUZZ_SCHEMA_USE_CHECK_H
#define VMWIRE_FUZZ_SCHEMA_USE_CHECK_H

#include "inputs/test_case.h"

typedef bool source_loader(struct vmwire_schema *schema, struct vmwire_bytes json,
                           struct vmwire_error *error);

/* Loads a schema into a new test case, whose arena the caller destroys. Returns false if the JSON is refused, or
 * longer than is tried. */
bool load_source(struct test_case *test_case, struct vmwire_bytes json, source_loader *add);

/* Writes everything that a device can send under each option, asks the engine about it, and reads it back if the
 * schema has the device (`readable`). */
void require_device_usable(const struct test_case *test_case, const struct vmwire_device *device,
                           bool readable);

#endif
