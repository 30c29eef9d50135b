/* SPDX-License-Identifier: MIT */
/*
 * Follows a function that sets up a class (class_init of a TypeInfo): the addresses that it uses, and the functions that it
 * calls. Knows nothing of what lies there.
 */
#ifndef VMWIRE_SCHEMA_CLASS_CODE_H
#define VMWIRE_SCHEMA_CLASS_CODE_H

#include "schema/machine_code.h"

/* What is to be done with a call. */
enum class_call {
    CLASS_FOLLOW,
    CLASS_STEP_OVER, /* a jump to there is followed all the same: it may be no call */
    CLASS_TAKEN,     /* all is known of it */
};

/* Who wants to know. The functions can be NULL. */
struct class_observer {
    void *context;
    /* The code uses this address: it takes it, or loads it from memory. */
    void (*refer)(void *context, uint64_t address);
    /* The code calls a function, with these registers. */
    enum class_call (*call)(void *context, const struct code_state *state, uint64_t function);
    /* The code writes this number of 8 bytes to the stack, or something else; without `call`, or where this is NULL, the first
     * argument is the object. With it, addresses on the stack are those of an object, and nothing is known of the arguments. */
    void (*store)(void *context, uint64_t place, const uint64_t *number);
    size_t steps; /* instructions that are followed at most */
};

void follow_class(struct code_reader *reader, uint64_t function,
                  const struct class_observer *observer);

#endif
