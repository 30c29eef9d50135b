/* SPDX-License-Identifier: MIT */
/*
 * Writes each witness as a whole stream into the folder of --emit.
 */
#ifndef VMWIRE_PROGRAM_CHECK_WITNESS_FILES_H
#define VMWIRE_PROGRAM_CHECK_WITNESS_FILES_H

#include "program/check/examination.h"

/* Opens the folder of --emit and makes it if it is not there; without --emit does nothing. Follows no link to
 * another folder. On failure reports the error and returns false. */
bool open_witness_folder(struct witness_folder *folder, const struct arguments *arguments);
void close_witness_folder(struct witness_folder *folder);

/* Writes the file STREAM-OPTION-NUMBER-OUTCOME. It is a new file: nothing is overwritten. STREAM is the last
 * part of the stream's name; the second stream of the same name in one run is STREAM.2, and so on. */
bool write_witness_file(const struct examination *examination, size_t number,
                        enum vmwire_outcome outcome, struct vmwire_bytes bytes,
                        struct vmwire_error *error);

/* Writes a file a group of findings, all or none. Sets `error` and returns false if it cannot write one. */
bool write_witness_files(const struct examination *examination, struct vmwire_error *error);

#endif
