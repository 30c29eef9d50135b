/* SPDX-License-Identifier: MIT */
/*
 * Keeps findings, and aborts when a property does not hold.
 *
 * A finding is an outcome that is worth keeping but no defect. Each has a signature, and the smallest input of each
 * signature is kept as a file of that name in the folder VMWIRE_FINDINGS (an environment variable). Several
 * processes may use one folder.
 *
 * A violated property is a defect: fuzz_require() aborts, so every fuzzing engine reports a crash.
 */
#ifndef VMWIRE_FUZZ_FINDINGS_H
#define VMWIRE_FUZZ_FINDINGS_H

#include <stdbool.h>

#include "inputs/test_case.h"

/* The owner in signatures of generated schemas, whose names say nothing. */
#define GENERATED_OWNER "(drawn)"

/* Whether to look into a finding, which `key` identifies: it is new, or this input is at least an eighth smaller than
 * before. Forgets keys when its table is full. Always true if VMWIRE_SHOW is set. */
bool is_new_finding(const struct test_case *test_case, uint64_t key);

/* Whether the key was not asked for before, by any input. Always true if VMWIRE_SHOW is set. */
bool is_new_key(uint64_t key);

/* Keeps the input if it is the smallest of its signature: the parts, joined by ":". In a part, a byte that is not a
 * letter, a digit or one of "+-._" is written as %XX. */
void keep_finding(const struct test_case *test_case, const char *const *parts, size_t count);

/* Writes a file as a whole: other processes see all of it or nothing. */
void write_file(const char *folder, const char *name, struct vmwire_bytes input);

/* Prints a line for people if VMWIRE_SHOW is set. */
void show_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the reason and aborts if the condition does not hold. */
#define fuzz_require(condition, ...)                                                               \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fuzz_fail(#condition, __VA_ARGS__);                                                    \
    } while (0)
_Noreturn void fuzz_fail(const char *condition, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
