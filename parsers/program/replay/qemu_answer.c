/* SPDX-License-Identifier: MIT */
/*
 * What a real QEMU answers about a stream.
 */
#include "program/replay/qemu_answer.h"

const char *qemu_verdict_name(enum qemu_verdict verdict)
{
    static const char *const names[] = {
        [QEMU_ACCEPT] = "accept",     [QEMU_TRUNCATED] = "truncated", [QEMU_REJECT] = "reject",
        [QEMU_SEMANTIC] = "semantic", [QEMU_CRASH] = "crash",         [QEMU_HANG] = "hang",
        [QEMU_UNABLE] = "unable",
    };
    return names[verdict];
}
