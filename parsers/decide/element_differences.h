/* SPDX-License-Identifier: MIT */
/*
 * Compares the elements of a record, as a writer sends it in DER, with those that a reader's structure expects. Knows
 * nothing of streams and octets.
 */
#ifndef VMWIRE_DECIDE_ELEMENT_DIFFERENCES_H
#define VMWIRE_DECIDE_ELEMENT_DIFFERENCES_H

#include "vmwire/decide.h"

/* How the reader takes the record. */
enum element_answer {
    ELEMENTS_FIT,     /* every state of the writer is read element by element */
    ELEMENTS_REFUSED, /* every state is refused that sends the subsections of this one */
    ELEMENTS_UNKNOWN, /* nobody knows, or it depends on values */
};

struct element_difference {
    enum element_answer answer;
    const char *why;                      /* a constant string */
    const struct vmwire_structure *owner; /* whose element it is */
    struct vmwire_record_walk walk;       /* where: the records around it are its frames */
    unsigned depth;                       /* how many of them */
    bool optional;                        /* it is within a subsection that a state may leave out */
    const char *open;                     /* why anything is ELEMENTS_UNKNOWN; NULL: nothing is */
};

/* Returns the first difference that is certain, or else the first one that is not. */
struct element_difference compare_elements(const struct vmwire_record *record,
                                           const struct vmwire_structure *reads);

#endif
