/* SPDX-License-Identifier: MIT */
/*
 * Reports the reader's cost per input byte to the fuzzer as extra counters, so that it keeps expensive inputs. Also
 * keeps the most expensive inputs as files.
 */
#ifndef VMWIRE_FUZZ_COST_COUNTERS_H
#define VMWIRE_FUZZ_COST_COUNTERS_H

#include "inputs/test_case.h"

enum { COST_KINDS = 7, MOST_OPTIONS = 16 };

/* The cost of a whole input, in the units of cost.h. */
struct reading_costs {
    uint64_t total[MOST_OPTIONS][COST_KINDS];
    size_t size[MOST_OPTIONS]; /* bytes of the stream that the option's reader was given */
};

const char *cost_kind_name(unsigned kind);

/* Measures each reader's cost for the test case's stream, less its cost for an empty stream. */
void measure_costs(struct reading_costs *costs, const struct test_case *test_case);

/* Returns the cost of a byte in 256ths; 0 for a small stream, where fixed costs matter most. */
uint64_t cost_per_byte(const struct reading_costs *costs, size_t option, unsigned kind);

/* Tells the fuzzing engine that a cost per byte was reached. */
void report_cost(size_t option, unsigned kind, uint64_t per_byte);

/*
 * Keeps the input as OPTION:KIND in the folder VMWIRE_RECORDS (an environment variable), if a byte of it costs more
 * than one of the input there. Several processes may use one folder. Reads the other input as a test case, so the
 * caller's test case is not valid afterwards.
 */
void keep_worst_input(struct vmwire_bytes input, const struct reading_costs *costs);

/* If VMWIRE_SHOW is set: prints `structure RECORDS BYTES NAME` for each structure of the stream, as far as the test
 * case's own option reads it. */
void show_structures(const struct test_case *test_case);

#endif
