/* SPDX-License-Identifier: MIT */
/*
 * Programs declare several structures of one name: which of them another structure is.
 */
#ifndef VMWIRE_SKEW_SHARED_LIKENESS_H
#define VMWIRE_SKEW_SHARED_LIKENESS_H

#include "vmwire/schema.h"

/* The fields that both have under one name, in one order. */
size_t count_shared_fields(const struct vmwire_structure *a, const struct vmwire_structure *b);

/* How well a declared structure is the one that a stream has, or another program: the higher, the better. */
int64_t likeness(const struct vmwire_structure *declared, const struct vmwire_structure *like);

#endif
