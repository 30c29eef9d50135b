/* SPDX-License-Identifier: MIT */
/*
 * The state of check and skew over one file: the questions, the engine's decisions, and the answers in
 * groups.
 */
#ifndef VMWIRE_PROGRAM_CHECK_EXAMINATION_H
#define VMWIRE_PROGRAM_CHECK_EXAMINATION_H

#include "program/shared/arguments.h"
#include "program/shared/leave_out_pages.h"

/* One question to the engine and its decision. A stream is one part; a schema has a part a device. */
struct part {
    struct vmwire_question question;
    struct vmwire_decision decision;
    struct gap *gaps; /* between the question's bytes: what was left out of the file */
    size_t gap_count;
    bool possible; /* the schema does not say for certain what is on the wire */
    struct vmwire_omission omitted[VMWIRE_OMISSION_REASONS]; /* subsections that no state sends */
    const struct vmwire_device
        *too_large; /* the device is not decided; there is no question then */
};

/* Answers about one device that differ in array indices only. */
struct answer_group {
    const struct part *part;
    const struct vmwire_tail_verdict *tail; /* the first of the group */
    const struct vmwire_finding *finding;   /* NULL: something is undecided at the tail */
    char *path;                             /* without indices */
    size_t count;
};

struct answer_groups {
    struct answer_group *list;
    size_t count, room;
};

/* The folder of --emit. */
struct witness_folder {
    const char *name; /* as it was given; NULL: it was not */
    int descriptor;   /* -1: not open */
};

struct examination {
    const char *file; /* one of arguments->files */
    const struct vmwire_option *reads;
    const struct vmwire_schema *schema; /* the writer's */
    const struct vmwire_schema *reader; /* skew: the reader's schema; NULL: the writer's */
    const struct arguments *arguments;
    const struct witness_folder *emit;
    struct vmwire_arena *arena;
    struct part *parts;
    size_t part_count, part_room;
    struct answer_groups findings, undecided;
};

#endif
