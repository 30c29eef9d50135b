/* SPDX-License-Identifier: MIT */
/*
 * The commands that show an answer. Each can be run as it stands.
 */
#ifndef VMWIRE_PROGRAM_DECISION_COMMANDS_SHOWN_H
#define VMWIRE_PROGRAM_DECISION_COMMANDS_SHOWN_H

#include "program/decision/decision.h"

/* `command` ("check", "check --ambiguity", "parse --stats") of a stream as the column's writer writes it, for the column's
 * reader. */
const char *show_command(const struct decision *decision, const char *command, size_t column,
                         const struct row *row);

/* Reads a stream that one option has written under another one. */
const char *show_crossing(const struct decision *decision, const struct vmwire_option *writes,
                          const struct vmwire_option *reads, const struct row *row);

/* What the reader makes of the guests' streams. There are guests. */
const char *show_guests(const struct decision *decision, const struct vmwire_option *reads);

/* This very comparison. */
const char *show_compare(const struct decision *decision);

/* The bytes and times of the options alone, stream by stream. */
const char *show_costs(const struct decision *decision);

#endif
