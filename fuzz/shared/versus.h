/*
 * Readers of the same bytes, held against one another. Each must decide at each tail as its row of the table
 * of options says (option.h, `look`); so where two part, there stands a 05, and those that decide alike
 * agree on everything, a rejection's kind and offset included; of what they accept they have looked at the same
 * bytes, but for what its row has one look ahead for. What is not so ends the process.
 */
#ifndef VMWIRE_FUZZ_VERSUS_H
#define VMWIRE_FUZZ_VERSUS_H

#include "checked.h"
#include "decisions.h"

struct opponent {
    const struct protocol_option *option;
    struct checked checked;
    struct decisions decisions;
    uint64_t ahead;   /* bytes looked at to decide */
    const char *fate; /* accept, truncated or reject; NULL: it came to an unknown layout */
};

/* Whether the option's stream is today's, subsections and all. */
bool reads_today(const struct protocol_option *option);

struct opponent opponent_of(const struct subject *subject, const struct protocol_option *option);

/* The decision of one of the two that is not the other's; NULL: they agree. */
const struct tail_event *versus(const struct subject *subject, const struct opponent *a,
                                const struct opponent *b);

#endif
