/* SPDX-License-Identifier: MIT */
/*
 * Lays two rows of elements side by side: which element of the one is which of the other.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_ALIGN_H
#define VMWIRE_SKEW_LAYOUTS_ALIGN_H

#include "skew/layouts/elements.h"

enum { NO_ELEMENT = -1 };

struct alignment {
    /* For each element the one of the other row that it is; NO_ELEMENT: none. Both rise. */
    int32_t *of_writer, *of_reader;
};

/* Elements are one and the same where they have the same name and can have the same bytes. */
struct alignment align_elements(struct vmwire_arena *arena, const struct elements *writer,
                                const struct elements *reader);

#endif
