/* SPDX-License-Identifier: MIT */
/*
 * The reader that counts the readings of each section, against the readings that are found by trying all choices at tails
 * (ambiguous_readings.h). The two share no code but the lexer. Must not know the engine.
 */
#ifndef FUZZ_PROPERTIES_CONSISTENT_READING_H
#define FUZZ_PROPERTIES_CONSISTENT_READING_H

#include "properties/ambiguous_readings.h"

/* Ends the process if the reader of consistent accepts bytes that have two readings, or reads other than the only one.
 * `found`: the readings of the test case's bytes under its option. Does nothing where that is not of today's format. */
void require_consistent_reading(const struct test_case *test_case,
                                const struct ambiguous_readings *found);

#endif
