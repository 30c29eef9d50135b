/* SPDX-License-Identifier: MIT */
/*
 * The description that QEMU writes behind a stream (QEMU migration/vmstate.c, vmsd_desc_field_start), made of what was
 * read, for a stream that carries none. vmwire.h does not include this header, because it needs that of jansson.
 */
#ifndef VMWIRE_DESCRIPTION_H
#define VMWIRE_DESCRIPTION_H

#include <jansson.h>

#include "vmwire/error.h"
#include "vmwire/record.h"

#pragma GCC visibility push(default)

/* Returns the entry of a full section in the list "devices", which the caller releases. Each element of an array of
 * structures has an entry of its own. Sizes are those of today's wire format. Returns NULL with `error` set when memory
 * runs out (VMWIRE_ERROR_MEMORY), or the section has more than a million fields (VMWIRE_ERROR_LIMIT). */
json_t *vmwire_description_of_section(const struct vmwire_item *section,
                                      struct vmwire_error *error);

#pragma GCC visibility pop

#endif
