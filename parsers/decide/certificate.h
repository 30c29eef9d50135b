/*
 * Certificates: why a tail that the search found clean is clean, in terms of the bytes there alone. What each
 * reason means, and why it is one, is in proofs/README.md.
 */
#ifndef VMWIRE_DECIDE_CERTIFICATE_H
#define VMWIRE_DECIDE_CERTIFICATE_H

#include "decide/tail.h"

/* Says in the verdict why the tail is clean, for the bytes with the opaque ones free. */
void certify_clean_tail(const struct engine *engine, const struct tail *tail);

#endif
