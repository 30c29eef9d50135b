/* SPDX-License-Identifier: MIT */
/*
 * The rows of the decision table.
 */
#ifndef VMWIRE_PROGRAM_DECISION_QUESTIONS_H
#define VMWIRE_PROGRAM_DECISION_QUESTIONS_H

#include "program/decision/answers.h"

extern const struct question questions[];
extern const size_t question_count;

struct answer answer_question(const struct decision *decision, const struct question *question,
                              size_t column);

/* Fills in decision->answers. */
void answer_all(struct decision *decision);

/* Which of them. */
const struct answer *answer_at(const struct decision *decision, size_t question, size_t column);

#endif
