/* SPDX-License-Identifier: MIT */
/*
 * The reader's device of a section. It must not know the stream's bytes.
 */
#ifndef VMWIRE_DECIDE_READER_DEVICE_H
#define VMWIRE_DECIDE_READER_DEVICE_H

#include "vmwire/schema.h"
#include "vmwire/vmwire.h"

/* Finds the device of the section. NULL: the reader has none, or `unknown` says why that is not known. */
const struct vmwire_device *find_reader_device(const struct vmwire_schema *schema,
                                               const struct vmwire_item *section,
                                               const char **unknown);

#endif
