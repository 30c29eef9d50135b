/* SPDX-License-Identifier: MIT */
/*
 * Makes a cause of what the message says, where the files do not tell it.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_UNEXPLAINED_MESSAGE_H
#define VMWIRE_PROGRAM_EXPLAIN_UNEXPLAINED_MESSAGE_H

#include "program/explain/explanation.h"

/* QEMU's own code has looked at a value, or it is in what is not given. */
void blame_own_check(struct explanation *explanation, const struct vmwire_item *section,
                     const char *text, const struct vmwire_skew_rule *named);

#endif
