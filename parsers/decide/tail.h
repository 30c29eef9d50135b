/*
 * A place at which reader and writer are in step, and what the writer does there: the start of a search.
 */
#ifndef VMWIRE_DECIDE_TAIL_H
#define VMWIRE_DECIDE_TAIL_H

#include "decide/tail_rules.h"

/* How reader and writer can part at a place where they are in step. */
enum parting {
    PART_AT_TAIL, /* the reader takes a subsection where the record ends, or passes one that is sent */
    PART_AT_FIELD, /* the reader's next field is another one than the writer's */
    PART_REJECTED, /* the reader does not have what is sent, or not in this version */
};

/* A place at which reader and writer are in step, and what the writer does there. */
struct tail {
    struct tail_verdict *verdict;
    enum parting parting;
    size_t frame, node, done;
    struct passed_tails passed;
    const struct subsection_value *sent; /* that begins here; NULL: the record ends */
    /* The optional subsections that a state must send to come here. */
    struct extent within[SCHEMA_NESTING_LIMIT + 1];
    size_t within_count;
};

#endif
