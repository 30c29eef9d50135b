/* SPDX-License-Identifier: MIT */
/*
 * Compares the version that the writer sends of a structure with those that the reader takes.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_VERSIONS_H
#define VMWIRE_SKEW_LAYOUTS_VERSIONS_H

#include "skew/layouts/compared_rows.h"

/* Adds a version that the reader does not take. Returns false where the reader refuses it. */
bool compare_versions(const struct comparison *comparison, const struct waiting *of);

#endif
