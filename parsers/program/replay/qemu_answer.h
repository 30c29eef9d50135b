/* SPDX-License-Identifier: MIT */
/*
 * What a real QEMU answers about a stream.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_QEMU_ANSWER_H
#define VMWIRE_PROGRAM_REPLAY_QEMU_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order in which a summary lists them. */
enum qemu_verdict {
    QEMU_ACCEPT,    /* the migration completed */
    QEMU_TRUNCATED, /* it completed without all sections; only the caller knows how many the stream
                          has, and sets this */
    QEMU_REJECT,    /* the bytes violate the format: a reference reader rejects them too */
    QEMU_SEMANTIC,  /* QEMU refused for a reason of its own, outside of the format */
    QEMU_CRASH,     /* a signal ended it */
    QEMU_HANG,      /* it took too long */
    QEMU_UNABLE     /* it could not begin: it lacks the machine, a device or a capability */
};

const char *qemu_verdict_name(enum qemu_verdict verdict);

/* A decision at a tail, as the trace shows it. */
struct qemu_decision {
    const char *owner;
    const char *name; /* of the subsection that QEMU takes; NULL: it ends the record */
    bool known;       /* false: QEMU has no subsection of that name and refuses */
    uint64_t fields;  /* hash of the owner's fields that QEMU has loaded and their element counts */
};

struct qemu_answer {
    enum qemu_verdict verdict;
    const char *version; /* as QMP greets; "" if it did not come so far */
    const char *message; /* the line that decided the verdict; "" if there is none */
    const char *rule;    /* the rule of QEMU's loader behind that line; "" if it accepted */
    struct qemu_decision *decisions;
    size_t decision_count;
    size_t hidden;   /* tails in private encodings; they are not in `decisions` */
    size_t sections; /* full sections that QEMU began to load */
};

#endif
