/* SPDX-License-Identifier: MIT */
/*
 * Compares readers over the same bytes. At each tail a reader decides as its row in the table of options says
 * (option.h, `look`). So two readers can only differ at a byte 05. Readers that decide alike agree on everything
 * else: the stream, or the kind and offset of the error, and the bytes that they examined, apart from lookahead.
 * Aborts otherwise.
 */
#ifndef VMWIRE_FUZZ_READER_DIFFERENTIAL_H
#define VMWIRE_FUZZ_READER_DIFFERENTIAL_H

#include "properties/bounded_read.h"
#include "properties/tail_decisions.h"

struct reader_run {
    const struct vmwire_option *option;
    struct read_result result;
    struct tail_decisions decisions;
    uint64_t lookahead;  /* bytes examined to decide at tails */
    const char *verdict; /* accept, truncated or reject; NULL: it stopped at an unknown layout */
};

/* Whether the option reads today's format, with inline subsections. */
bool reads_current_format(const struct vmwire_option *option);

struct reader_run run_reader(const struct test_case *test_case, const struct vmwire_option *option);

/* Returns the first decision of one reader that the other does not share; NULL: they agree. */
const struct vmwire_tail_event *compare_readers(const struct test_case *test_case,
                                                const struct reader_run *a,
                                                const struct reader_run *b);

#endif
