/* SPDX-License-Identifier: MIT */
/*
 * The ways in which bytes can be read, where nothing in them tells which is right.
 */
#ifndef VMWIRE_READ_FOUND_WAYS_H
#define VMWIRE_READ_FOUND_WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PRIVATE_WAYS_LIMIT = 64 };

/* What nothing in the bytes tells, and what this way takes for it. */
struct private_answer {
    const char *structure, *field; /* that it is about */
    uint32_t choice;
    bool presence; /* whether QEMU's code has sent the field: 1 or 0 */
};

struct private_way {
    uint64_t length; /* bytes that it takes */
    const struct private_answer *answers;
    size_t answer_count;
};

struct private_ways {
    struct private_way *list;
    size_t count;
    bool complete; /* there are no others, and nothing before the field could tell more */
};

#endif
