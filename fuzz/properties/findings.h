/*
 * Findings: what is no crash and yet worth keeping, one for each signature, as the smallest input that
 * shows it. They are kept as files of the folder that the environment names in VMWIRE_FINDINGS, where
 * several processes may work; the file is named after the signature.
 *
 * What must not be at all is no finding: fuzz_require() ends the process, so that any engine takes it for a
 * crash.
 */
#ifndef VMWIRE_FUZZ_FINDINGS_H
#define VMWIRE_FUZZ_FINDINGS_H

#include <stdbool.h>

#include "inputs/test_case.h"

/* Whether a finding that is told by `key` is worth looking into: it is new, or this input is smaller than
 * the one that it was known by, by an eighth at least. Forgets what it has no room for. Where VMWIRE_SHOW
 * is set, any is. */
bool is_new_finding(const struct test_case *test_case, uint64_t key);

/* Whether the key was never asked for before, whatever the input: for what need not be looked into twice. Where
 * VMWIRE_SHOW is set, all is. */
bool is_new_key(uint64_t key);

/* Keeps the input if it is the smallest of its signature: the parts, joined by ":"; of a part, a byte that is
 * no letter, digit or one of "+-._" is written %XX. */
void keep_finding(const struct test_case *test_case, const char *const *parts, size_t count);

/* Writes a file of a folder where other processes work: they see all of it or nothing. */
void write_file(const char *folder, const char *name, struct bytes input);

/* Where VMWIRE_SHOW is set: a line for people. */
void show_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the reason and aborts where the condition does not hold. */
#define fuzz_require(condition, ...)                                                               \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fuzz_fail(#condition, __VA_ARGS__);                                                    \
    } while (0)
_Noreturn void fuzz_fail(const char *condition, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
