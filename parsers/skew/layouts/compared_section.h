/* SPDX-License-Identifier: MIT */
/*
 * The section whose structures are compared.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_COMPARED_SECTION_H
#define VMWIRE_SKEW_LAYOUTS_COMPARED_SECTION_H

#include "vmwire/record.h"

/* A section of the writer's stream, or a device of its program. */
struct compared_section {
    const char *idstr;
    uint32_t instance_id;
    const struct vmwire_item *written; /* in the writer's stream; NULL: it has none */
    const struct vmwire_item *own;     /* the reader's own section of it; NULL: none is known */
};

#endif
