/* SPDX-License-Identifier: MIT */
/*
 * A tail to decide: a place where reader and writer are still in step, and where the reader can leave the
 * writer. A search starts here.
 */
#ifndef VMWIRE_DECIDE_TAIL_H
#define VMWIRE_DECIDE_TAIL_H

#include "decide/tail_rules.h"

/* How the reader can leave the writer. */
enum parting {
    PART_AT_TAIL, /* it takes a subsection where the record ends, or does not take one that is sent */
    PART_AT_FIELD, /* its next field is not the writer's */
    PART_REJECTED, /* it does not have what the writer sends, or not in this version */
    PART_AT_CLASS, /* its field has fewer values than the writer's */
};

enum { WITHIN_ANY = VMWIRE_SCHEMA_NESTING_LIMIT + 1 };

struct tail {
    struct vmwire_tail_verdict *verdict; /* says where the tail is, and receives the result */
    enum parting parting;
    unsigned
        depth; /* of the record, which is 1 for that of the section; WITHIN_ANY: only the reader has it */
    size_t frame, node, done; /* the reader's position, as in struct pair */
    uint64_t length;          /* PART_AT_CLASS: bytes of the field that begins here */
    size_t allowed; /* PART_AT_CLASS: how many values each of its bytes has: 0, or 0 and 1 */
    struct passed_tails passed;
    /* The subsection that the writer sends here; NULL: the record ends. */
    const struct vmwire_subsection_value *sent;
    bool refused; /* a reader that counts does not take it: it ends the record */
    /* The optional subsections around this tail: only a state that sends them has it. */
    struct vmwire_extent within[VMWIRE_SCHEMA_NESTING_LIMIT + 8];
    size_t within_count;
};

#endif
