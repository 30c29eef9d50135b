/* SPDX-License-Identifier: MIT */
/*
 * Does the work of check and skew over one file.
 */
#ifndef VMWIRE_PROGRAM_CHECK_EXAMINE_H
#define VMWIRE_PROGRAM_CHECK_EXAMINE_H

#include "program/check/conclusion.h"
#include "program/shared/load.h"

/* Decides every tail, then prints the answers and writes the files of --emit and --certificate. The
 * caller sets file, reads, reader, arguments, emit and arena. Returns what the answers have among them
 * (ANSWER_...). */
unsigned examine(struct examination *examination, struct loaded_file *loaded);

#endif
