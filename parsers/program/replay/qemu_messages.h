/* SPDX-License-Identifier: MIT */
/*
 * Maps an error message of QEMU to the verdict and to the rule of its loader.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_QEMU_MESSAGES_H
#define VMWIRE_PROGRAM_REPLAY_QEMU_MESSAGES_H

#include <stddef.h>

#include "program/replay/qemu_answer.h"

struct qemu_message {
    const char *pattern; /* as of fnmatch(3) */
    enum qemu_verdict verdict;
    const char *rule;
};

/* The rule of the messages of a QEMU that has read beyond the end. */
extern const char qemu_rule_input_ends[];

/* The first message is about an unknown subsection. */
extern const struct qemu_message qemu_messages[];
extern const size_t qemu_message_count;

/* Returns the index of the first message that the line matches, among those before `limit`; `limit` if
 * it matches none of them. */
size_t find_qemu_message(const char *line, size_t limit);

#endif
