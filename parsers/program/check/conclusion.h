/* SPDX-License-Identifier: MIT */
/*
 * What check and skew conclude about a file: counts of the answers, a sentence, and the exit status.
 */
#ifndef VMWIRE_PROGRAM_CHECK_CONCLUSION_H
#define VMWIRE_PROGRAM_CHECK_CONCLUSION_H

#include "program/check/examination.h"

/* What the answers about one or several files have among them. */
enum {
    ANSWER_CLEAN = 0,
    ANSWER_FINDING = 1,
    ANSWER_UNDECIDED = 2,
    ANSWER_NOT_ANALYSED = 4, /* fields in private encodings */
    ANSWER_BAD_INPUT = 8,
};

/* A tail that has a finding, and where more is undecided, counts in both. */
struct conclusion {
    size_t tails, clean, undecided;
    size_t outcomes[VMWIRE_OUTCOME_CORRUPT + 1]; /* tails that have a finding of this outcome */
    size_t unfollowed_subsections; /* what a state may send, and the engine is not asked about */
    size_t unfollowed_lists;
    size_t unfollowed_devices;
    uint64_t opaque_fields, opaque_bytes; /* as in struct vmwire_decision */
    const char *sentence;
    unsigned answers; /* ANSWER_... */
};

struct conclusion conclude(const struct examination *examination);

/* --strict: 3 also where something is undecided beside a finding, or not analysed. */
int answers_exit_status(unsigned answers, bool strict);

#endif
