/* SPDX-License-Identifier: MIT */
/*
 * The decision: questions to each option and variant, the claims of the discussion, and what follows. Made of what was measured
 * (program/compare), and of documents that come with the program. Knows nothing of how it is printed.
 */
#ifndef VMWIRE_PROGRAM_DECISION_DECISION_H
#define VMWIRE_PROGRAM_DECISION_DECISION_H

#include <jansson.h>

#include "program/compare/figures.h"
#include "program/compare/table.h"
#include "program/compare/variants_sum.h"

/* How good an answer is for who migrates. */
enum grade { GRADE_NONE, GRADE_GOOD, GRADE_FAIR, GRADE_BAD };

/* What an answer rests on. */
enum basis {
    BASIS_DECIDED,      /* the engine has decided it for all states of the streams */
    BASIS_MEASURED,     /* counted or timed on the streams as they are */
    BASIS_PROVED,       /* a certificate, a proof, or lemon */
    BASIS_CONSTRUCTION, /* a rule of the grammar, or a function of QEMU, makes it so */
    BASIS_SEEN,         /* a real QEMU did it */
    BASIS_NONE,         /* it is not asked */
};

/* A cell of the table. Strings live in the decision's arena. */
struct answer {
    const char *value; /* a few words */
    enum grade grade;
    enum basis basis;
    const char *by;     /* the command that shows it, or the rule that makes it so */
    const char *detail; /* a sentence */
    double number;      /* for plots; NAN: the answer is none */
};

struct finding_on_claim;
struct recommendation;

struct decision {
    struct vmwire_arena *arena;
    const struct table *table;
    struct variant_sum *sums; /* one a column: an option or a variant */
    struct figures *figures;  /* one an option */
    json_t *byte_grammars;    /* proofs/bytes/results.json */
    json_t *costs;            /* fuzz/baseline/costs.json */
    json_t *grammar;          /* the pages of the grammar */
    /* All that is said, complete before the first word is printed. Of questions.h and claims.h. */
    struct answer *answers; /* of each question those of all columns */
    struct finding_on_claim *findings;
    struct recommendation *recommendations;
    const char **conclusions;
};

/* Sums up the table. Returns false with `error` set when memory runs out. The caller calls end_decision() in both cases. */
bool make_decision(struct decision *decision, const struct table *table,
                   struct vmwire_error *error);
void end_decision(struct decision *decision);

const char *grade_name(enum grade grade);
const char *basis_name(enum basis basis);

/* Formats a text in the decision's arena. */
const char *say(const struct decision *decision, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
