/*
 * Readers of the same bytes, held against one another. Each must decide at each tail as its row of the table
 * of options says (option.h, `look`); so where two part, there stands a 05, and those that decide alike
 * agree on everything, a rejection's kind and offset included; of what they accept they have looked at the same
 * bytes, but for what its row has one look ahead for. What is not so ends the process.
 */
#ifndef VMWIRE_FUZZ_VERSUS_H
#define VMWIRE_FUZZ_VERSUS_H

#include "properties/bounded_read.h"
#include "properties/tail_decisions.h"

struct reader_run {
    const struct protocol_option *option;
    struct read_result result;
    struct tail_decisions decisions;
    uint64_t lookahead;  /* bytes looked at to decide */
    const char *verdict; /* accept, truncated or reject; NULL: it came to an unknown layout */
};

/* Whether the option's stream is today's, subsections and all. */
bool reads_current_format(const struct protocol_option *option);

struct reader_run run_reader(const struct test_case *test_case,
                             const struct protocol_option *option);

/* The decision of one of the two that is not the other's; NULL: they agree. */
const struct tail_event *compare_readers(const struct test_case *test_case,
                                         const struct reader_run *a, const struct reader_run *b);

#endif
