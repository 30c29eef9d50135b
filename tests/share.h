/* SPDX-License-Identifier: MIT */
/*
 * VMWIRE_SHARE=N: a long test takes one of N cases. The tests run it so with sanitizers, and whole without (tests/run).
 */
#ifndef VMWIRE_TESTS_SHARE_H
#define VMWIRE_TESTS_SHARE_H

#include <stdlib.h>

/* N, or 1. */
static inline unsigned long share_of_cases(void)
{
    const char *text = getenv("VMWIRE_SHARE");
    unsigned long share = text ? strtoul(text, NULL, 10) : 1;
    return share ? share : 1;
}

#endif
