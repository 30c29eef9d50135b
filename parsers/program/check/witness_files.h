/* SPDX-License-Identifier: MIT */
/*
 * Writes each witness as a whole stream into the folder of --emit.
 */
#ifndef VMWIRE_PROGRAM_CHECK_WITNESS_FILES_H
#define VMWIRE_PROGRAM_CHECK_WITNESS_FILES_H

#include "program/check/examination.h"

/* Writes the file FOLDER/STREAM-OPTION-NUMBER-OUTCOME. */
bool write_witness_file(const struct examination *examination, size_t number,
                        enum vmwire_outcome outcome, struct vmwire_bytes bytes,
                        struct vmwire_error *error);

/* Writes a file a group of findings. Sets `error` and returns false if it cannot write one. */
bool write_witness_files(const struct examination *examination, struct vmwire_error *error);

#endif
