/* SPDX-License-Identifier: MIT */
/*
 * The state of check and skew over one file: the questions, the engine's decisions, and the findings
 * in groups.
 */
#ifndef VMWIRE_PROGRAM_CHECK_EXAMINATION_H
#define VMWIRE_PROGRAM_CHECK_EXAMINATION_H

#include "program/shared/arguments.h"

/* One question to the engine and its decision. A stream is one part; a schema has a part a device. */
struct part {
    struct vmwire_question question;
    struct vmwire_decision decision;
    bool possible;   /* the schema does not say for certain what is on the wire */
    bool incomplete; /* subsections without a known layout were left out */
};

/* Findings of one device that differ in array indices only. */
struct finding_group {
    const struct part *part;
    const struct vmwire_finding *finding; /* the first of the group */
    char *path;                           /* without indices */
    size_t count;
};

struct examination {
    const char *file;
    const struct vmwire_option *reads;
    const struct vmwire_schema *reader; /* skew: the reader's schema; NULL: the writer's */
    const struct arguments *arguments;
    struct vmwire_arena *arena;
    struct part *parts;
    size_t part_count, part_room;
    struct finding_group *groups;
    size_t group_count, group_room;
};

#endif
