/* SPDX-License-Identifier: MIT */
/*
 * The rows of the decision table.
 */
#ifndef VMWIRE_PROGRAM_DECISION_QUESTIONS_H
#define VMWIRE_PROGRAM_DECISION_QUESTIONS_H

#include "program/decision/decision.h"

struct question {
    const char *id;
    const char *group;
    const char *question; /* short, for the first column */
    const char *about;    /* a sentence or two, and what a value means */
    struct answer (*answer)(const struct decision *decision, size_t column,
                            const struct question *question);
    int which[3]; /* for answer(): of questions that differ in a number only */
};

extern const struct question questions[];
extern const size_t question_count;

struct answer answer_question(const struct decision *decision, const struct question *question,
                              size_t column);

#endif
