/* SPDX-License-Identifier: MIT */
/*
 * QEMU's messages with values in them. Knows nothing of what was compared.
 */
#ifndef VMWIRE_SKEW_SHARED_MESSAGE_H
#define VMWIRE_SKEW_SHARED_MESSAGE_H

#include "skew/shared/found.h"

/* Puts the values, which are texts, in place of the conversions of printf in `message`, in their order. NULL for a message
 * that is NULL. */
const char *fill_message(struct vmwire_arena *arena, const char *message, const char *const *values,
                         size_t count);

#endif
