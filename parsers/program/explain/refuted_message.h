/* SPDX-License-Identifier: MIT */
/*
 * Holds a message that no cause explains against the files: of that migration they would show what it says.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_REFUTED_MESSAGE_H
#define VMWIRE_PROGRAM_EXPLAIN_REFUTED_MESSAGE_H

#include "program/explain/explanation.h"

/* Whether the files would show what the message says, and do not. `section`: that of the stream that it names. */
bool is_refuted(const struct explanation *explanation, const struct vmwire_item *section,
                const char *text, const struct vmwire_skew_rule *named);

#endif
