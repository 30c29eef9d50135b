/* SPDX-License-Identifier: MIT */
/*
 * Of which release of QEMU the reader is, as far as its program and its machine type tell, and the messages of that release.
 * A release is a number: 1002 for 10.2.
 */
#ifndef VMWIRE_SKEW_SHARED_RELEASE_H
#define VMWIRE_SKEW_SHARED_RELEASE_H

#include "skew/shared/found.h"

/* The releases that the reader can be of. */
struct release_range {
    unsigned first, last;
};

struct release_range reader_releases(const struct skew *skew);

/* The release in the name of a machine type, 702 of "pc-q35-7.2", and the length of what is in front of it; 0: there is none. */
unsigned release_of_name(const char *machine, size_t *family);

/* The message of a rule, as the reader prints it; NULL: it prints nothing of its own. */
const char *reader_message(const struct skew *skew, const struct vmwire_skew_rule *rule);

#endif
