/* SPDX-License-Identifier: MIT */
/*
 * Certificates: the reason why a clean tail is clean. A reason speaks of the bytes at the tail alone, so
 * that a checker can verify it without a search; proofs/README.md explains each reason. This file must not
 * use the pairs of the search.
 */
#ifndef VMWIRE_DECIDE_CERTIFICATE_H
#define VMWIRE_DECIDE_CERTIFICATE_H

#include "decide/tail.h"

/* Sets the reason in the verdict of a clean tail. Opaque bytes must count as free by now. */
void certify_clean_tail(const struct engine *engine, const struct tail *tail);

#endif
