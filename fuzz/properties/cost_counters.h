/*
 * Hot spots: how much a byte of input costs a reader, told to the engine as if it were coverage, so that it
 * keeps what costs more than all before; and the worst inputs as files.
 */
#ifndef VMWIRE_FUZZ_HOT_H
#define VMWIRE_FUZZ_HOT_H

#include "inputs/test_case.h"

enum { COST_KINDS = 6, MOST_OPTIONS = 16 };

/* What is paid for a whole input, in the units of cost.h. */
struct reading_costs {
    uint64_t total[MOST_OPTIONS][COST_KINDS];
    size_t size; /* bytes of the stream */
};

const char *cost_kind_name(unsigned kind);

/* What each reader pays for the subject's stream, less what it pays for an empty one. */
void measure_costs(struct reading_costs *costs, const struct test_case *test_case);

/* A byte's part, in 256ths; 0 where the input is so small that what costs the same for all tells most. */
uint64_t cost_per_byte(const struct reading_costs *costs, size_t option, unsigned kind);

/* Tells the engine that the price of a byte was reached. */
void report_cost(size_t option, unsigned kind, uint64_t per_byte);

/*
 * Keeps the input as OPTION:KIND in the folder that the environment names in VMWIRE_RECORDS, if it costs
 * more a byte than what is there. Several processes may work there. What is there is read as an input, so
 * nothing of this one's subject is left afterwards.
 */
void keep_worst_input(struct bytes input, const struct reading_costs *costs);

/* Where VMWIRE_SHOW is set: which structures the stream has, a line `structure RECORDS BYTES NAME` each, as far
 * as the subject's own option reads it. */
void show_structures(const struct test_case *test_case);

#endif
