/* SPDX-License-Identifier: MIT */
/*
 * The statements of the discussion, each held against the table; what follows from it; and what to choose.
 */
#ifndef VMWIRE_PROGRAM_DECISION_CLAIMS_H
#define VMWIRE_PROGRAM_DECISION_CLAIMS_H

#include "program/decision/decision.h"

enum verdict { VERDICT_HOLDS, VERDICT_PARTLY, VERDICT_FAILS, VERDICT_OPEN };

/* For instance "holds partly"; "is open" if these streams do not tell. The string is constant. */
const char *verdict_name(enum verdict verdict);

/* What became of a claim. Strings live in the decision's arena. */
struct finding_on_claim {
    enum verdict verdict;
    const char *because; /* with the figures */
};

struct claim {
    const char *id;
    const char *statement;
    const char *by;        /* who said it, and where */
    const char *questions; /* ids of the rows that it rests on, with commas */
    struct finding_on_claim (*test)(const struct decision *decision);
};

extern const struct claim claims[];
extern const size_t claim_count;

/* What to choose in a situation. Strings live in the decision's arena. */
struct recommendation {
    const char *situation;
    const char *choose; /* a column */
    const char *because;
    const char *would_change;
};

enum { RECOMMENDATIONS = 3 };
struct recommendation recommend(const struct decision *decision, size_t number);

/* The sentences that come first. */
enum { CONCLUSIONS = 5 };
const char *conclude_decision(const struct decision *decision, size_t number);

/* Fills in decision->findings, recommendations and conclusions. */
void judge_all(struct decision *decision);

#endif
