/* SPDX-License-Identifier: MIT */
/*
 * What a comparison with a reader leaves out, since nothing that is given of it tells.
 */
#ifndef VMWIRE_PROGRAM_SHARED_NOT_COMPARED_H
#define VMWIRE_PROGRAM_SHARED_NOT_COMPARED_H

#include "vmwire/skew.h"

enum { NOT_COMPARED_MOST = 2 };

/* Sets the sentences, and returns how many there are. `reader`: one that a stream is compared with. */
size_t list_not_compared(const struct vmwire_side *reader,
                         const char *sentences[NOT_COMPARED_MOST]);

#endif
