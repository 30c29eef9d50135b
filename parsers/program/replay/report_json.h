/* SPDX-License-Identifier: MIT */
/*
 * Prints the results of a replay for machines.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_REPORT_JSON_H
#define VMWIRE_PROGRAM_REPLAY_REPORT_JSON_H

#include "program/replay/replay_result.h"

/* Prints the row as a JSON object. Returns false if memory ran out. */
bool print_row_json(const struct replay_row *row);

#endif
