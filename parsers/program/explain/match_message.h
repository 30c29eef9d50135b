/* SPDX-License-Identifier: MIT */
/*
 * Chooses the cause that a message of QEMU names.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_MATCH_MESSAGE_H
#define VMWIRE_PROGRAM_EXPLAIN_MATCH_MESSAGE_H

#include "program/explain/explanation.h"

/* After choose_cause(): takes the cause that the message of --message names, and says where there is none. */
void match_message(struct explanation *explanation);

#endif
