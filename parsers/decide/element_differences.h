/* SPDX-License-Identifier: MIT */
/*
 * Compares the elements of a record, as a writer sends it in DER, with those that a reader's structure expects. Knows
 * nothing of streams and octets.
 */
#ifndef VMWIRE_DECIDE_ELEMENT_DIFFERENCES_H
#define VMWIRE_DECIDE_ELEMENT_DIFFERENCES_H

#include "vmwire/decide.h"

/* What a place of the record means for the reader. */
enum element_answer {
    ELEMENTS_REFUSED, /* the reader refuses every state that sends the subsections of this one */
    ELEMENTS_RANGE,   /* it refuses some values, and takes the others as the same numbers */
    ELEMENTS_MOVED,   /* it takes one field for another: wrong in states in which they differ */
    ELEMENTS_UNKNOWN, /* nobody knows */
    ELEMENTS_ANSWERS,
    ELEMENTS_FIT = ELEMENTS_ANSWERS, /* every state of the writer is read element by element */
};

/* The first place of one answer. */
struct element_difference {
    const char *why;                      /* a constant string; NULL: there is none */
    const struct vmwire_structure *owner; /* whose element it is */
    struct vmwire_record_walk walk;       /* where: the records around it are its frames */
    unsigned depth;                       /* how many of them */
    bool optional;                        /* it is within a subsection that a state may leave out */
    const struct vmwire_value *value;     /* ELEMENTS_RANGE, ELEMENTS_MOVED: of the writer */
    const struct vmwire_subsection_value *sent; /* it is this subsection; or NULL */
    const struct vmwire_field *reads;           /* ELEMENTS_RANGE: what the reader has for it */
    const struct vmwire_value *another;         /* ELEMENTS_MOVED: the one that it is taken for */
};

/* The reason where fields have changed places and nobody knows more. */
#define VMWIRE_REASON_MOVED                                                                        \
    "fields have changed places, and it is not known in which states they differ"

enum { REFUSED_VALUES_LIMIT = 16 };

struct element_differences {
    struct element_difference first[ELEMENTS_ANSWERS]; /* by answer */
    /* The values of this state that ELEMENTS_RANGE is about: not more than the limit. */
    const struct vmwire_value *refused_values[REFUSED_VALUES_LIMIT];
    size_t refused_value_count; /* also those beyond the limit */
};

void forget_differences(struct element_differences *found);

/* Adds to the differences. A refusal in every state is preferred to one in states that send an optional subsection. */
void compare_elements(const struct vmwire_record *record, const struct vmwire_structure *reads,
                      struct element_differences *found);

#endif
