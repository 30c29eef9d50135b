/*
 * What was taken of a source of schemas is what it says, told apart from the code that loads it: names fit
 * their length byte, nothing is deeper than the limit, sizes add up, versions are those that are declared, and a layout is assumed only where
 * nothing in it has a condition. What is not so ends the process.
 */
#ifndef VMWIRE_FUZZ_SAID_H
#define VMWIRE_FUZZ_SAID_H

#include "inputs/test_case.h"

/* Of one description, the subject's input. */
void require_matches_description(const struct test_case *test_case);

/* Of one dump, the subject's input. */
void require_matches_dump(const struct test_case *test_case);

/* The bytes as the description behind a stream, whole or cut short: found, or an error with a place in it. */
void require_description_found(struct bytes json);

#endif
