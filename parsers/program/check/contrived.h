/* SPDX-License-Identifier: MIT */
/*
 * vmwire skew --contrived: decides the same as check, where the reader has another schema or another option.
 */
#ifndef VMWIRE_PROGRAM_CHECK_CONTRIVED_H
#define VMWIRE_PROGRAM_CHECK_CONTRIVED_H

#include "program/shared/arguments.h"

int run_contrived(const struct arguments *arguments);

#endif
