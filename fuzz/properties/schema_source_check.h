/* SPDX-License-Identifier: MIT */
/*
 * Checks a loaded schema against its JSON source, without using the loader: names fit the length byte, nesting
 * stays below the limit, sizes add up, versions are the declared ones, and a layout is assumed only for a structure
 * without conditional fields. Aborts on a mismatch.
 */
#ifndef VMWIRE_FUZZ_SCHEMA_SOURCE_CHECK_H
#define VMWIRE_FUZZ_SCHEMA_SOURCE_CHECK_H

#include "inputs/test_case.h"

/* The test case's input is one description. */
void require_matches_description(const struct test_case *test_case);

/* The test case's input is one dump. */
void require_matches_dump(const struct test_case *test_case);

/* Appends the bytes, whole and cut short, to a stream as its description. The library must find it, or report an
 * error with an offset in the stream. */
void require_description_found(struct vmwire_bytes json);

#endif
