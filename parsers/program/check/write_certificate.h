/* SPDX-License-Identifier: MIT */
/*
 * Writes the certificate of a decision. proofs/README.md describes it; vmwire-verify checks it.
 */
#ifndef VMWIRE_PROGRAM_CHECK_CERTIFICATE_H
#define VMWIRE_PROGRAM_CHECK_CERTIFICATE_H

#include <stdbool.h>

#include "vmwire/vmwire.h"

/* Writes the certificate of the decision about these bytes into `file`. Sets `error` and returns false
 * if it cannot. Sorts the tails in `arena`, before it opens the file. */
bool write_certificate(const char *file, const struct vmwire_option *option,
                       struct vmwire_bytes bytes, const struct vmwire_decision *decision,
                       struct vmwire_arena *arena, struct vmwire_error *error);

#endif
