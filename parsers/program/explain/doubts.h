/* SPDX-License-Identifier: MIT */
/*
 * Differences of layouts that are certain of two descriptions, but not of what the reader does: what a description shows can
 * depend on the state.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_DOUBTS_H
#define VMWIRE_PROGRAM_EXPLAIN_DOUBTS_H

#include "program/explain/explanation.h"

/* Takes those out of explanation->differences where the reader's program reads the section as it was sent, and calls those
 * undecided where no program is given. Returns false with the error reported. */
bool doubt_differences(struct explanation *explanation);

#endif
