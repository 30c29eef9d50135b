/* SPDX-License-Identifier: MIT */
/*
 * What a comparison leaves out, since nothing that is given tells.
 */
#ifndef VMWIRE_PROGRAM_SHARED_NOT_COMPARED_H
#define VMWIRE_PROGRAM_SHARED_NOT_COMPARED_H

#include "vmwire/skew.h"

enum { NOT_COMPARED_MOST = 4 };

/* Sets the sentences, and returns how many there are. */
size_t list_not_compared(const struct vmwire_side *writer, const struct vmwire_side *reader,
                         const char *sentences[NOT_COMPARED_MOST]);

/* Bytes of private encodings, of which nothing that is given tells what is in them. */
uint64_t count_opaque(const struct vmwire_record *record);

#endif
