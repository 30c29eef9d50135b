/*
 * Writes the certificate of a decision. proofs/README.md describes it; vmwire-verify checks it.
 */
#ifndef VMWIRE_PROGRAM_CHECK_CERTIFICATE_H
#define VMWIRE_PROGRAM_CHECK_CERTIFICATE_H

#include <stdbool.h>

#include "vmwire.h"

/* Writes the certificate of the decision about these bytes into `file`. Sets `error` and returns false
 * if it cannot. */
bool write_certificate(const char *file, const struct protocol_option *option, struct bytes bytes,
                       const struct decision *decision, struct error *error);

#endif
