/* SPDX-License-Identifier: MIT */
/*
 * How an answer follows from what was measured. Each names the command that shows it, or the rule that makes it so. questions.c
 * says which question each function answers.
 */
#ifndef VMWIRE_PROGRAM_DECISION_ANSWERS_H
#define VMWIRE_PROGRAM_DECISION_ANSWERS_H

#include "program/decision/decision.h"

/* A row of the table. */
struct question {
    const char *id;
    const char *group;
    const char *question; /* short, for the first column */
    const char *about;    /* a sentence or two, and what a value means */
    struct answer (*answer)(const struct decision *decision, size_t column,
                            const struct question *question);
    int which[3]; /* for answer(): of questions that differ in a number only */
};

/* ---- For all of them ---- */

#define SUM const struct variant_sum *sum = &decision->sums[column]

/* The option whose bytes the column's writer sends; of a variant too. */
size_t option_of(size_t column);

/* The option of the column's reader. */
size_t reader_of(size_t column);

const struct row *first_row(const struct decision *decision);

/* The stream that shows most of it: silent tails, then those that reject. */
const struct row *telling_row(const struct decision *decision, size_t column);

/* The stream with the most that `value` says of its cells. */
const struct row *most_row(const struct decision *decision, size_t column,
                           size_t (*value)(const struct variant_cell *cell));

struct answer not_asked(const struct decision *decision, const char *why);

/* A reader that refuses the streams as they are: of its tails nothing is decided. */
bool decides_nothing(const struct variant_sum *sum);

/* Something is not decided of a stream: its writer cannot write it, its reader refuses it, or a dump is missing. */
bool leaves_streams(const struct decision *decision, const struct variant_sum *sum);

bool names_option(const json_t *options, const char *name);

/* Without subsections. */
struct answer answer_no_tail(const char *value);

size_t count_crossing(const struct crossing *crossing);

size_t is_not_read_before(const struct variant_cell *cell);

/* ---- The answers: answers_wire.c, answers_reader.c, answers_releases.c, answers_deployment.c, answers_cost.c ---- */

struct answer answer_ambiguous(const struct decision *decision, size_t column,
                               const struct question *question);
struct answer answer_byte_grammar(const struct decision *decision, size_t column,
                                  const struct question *question);
struct answer answer_read_back(const struct decision *decision, size_t column,
                               const struct question *question);
struct answer answer_reject(const struct decision *decision, size_t column,
                            const struct question *question);
struct answer answer_silent(const struct decision *decision, size_t column,
                            const struct question *question);
struct answer answer_undecided(const struct decision *decision, size_t column,
                               const struct question *question);
struct answer answer_signatures(const struct decision *decision, size_t column,
                                const struct question *question);
struct answer answer_guest(const struct decision *decision, size_t column,
                           const struct question *question);
struct answer answer_crossing(const struct decision *decision, size_t column,
                              const struct question *question);
struct answer answer_unknown(const struct decision *decision, size_t column,
                             const struct question *question);
struct answer answer_newer(const struct decision *decision, size_t column,
                           const struct question *question);
struct answer answer_difference(const struct decision *decision, size_t column,
                                const struct question *question);
struct answer answer_flag_day(const struct decision *decision, size_t column,
                              const struct question *question);
struct answer answer_unknown_reader(const struct decision *decision, size_t column,
                                    const struct question *question);
struct answer answer_skip(const struct decision *decision, size_t column,
                          const struct question *question);
struct answer answer_added(const struct decision *decision, size_t column,
                           const struct question *question);
struct answer answer_held(const struct decision *decision, size_t column,
                          const struct question *question);
struct answer answer_worst_cost(const struct decision *decision, size_t column,
                                const struct question *question);
struct answer answer_speed(const struct decision *decision, size_t column,
                           const struct question *question);
struct answer answer_grammar(const struct decision *decision, size_t column,
                             const struct question *question);
struct answer answer_changed_rules(const struct decision *decision, size_t column,
                                   const struct question *question);
struct answer answer_loader(const struct decision *decision, size_t column,
                            const struct question *question);

#endif
