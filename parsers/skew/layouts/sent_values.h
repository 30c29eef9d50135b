/* SPDX-License-Identifier: MIT */
/*
 * What the bytes of a section tell of the fields behind them: whether the reader finds a field there, and whether a number of
 * elements is sent. Reads values of a section's record; compares nothing.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_SENT_VALUES_H
#define VMWIRE_SKEW_LAYOUTS_SENT_VALUES_H

#include "skew/layouts/compared_rows.h"

/* Whether the record has sent the number before this field. */
bool is_sent_before(const struct vmwire_record *record, const struct vmwire_field *field,
                    uint64_t number);

/* Sets whether the reader's elements are there: the bytes that it reads tell it, not those that its own machine has written. */
void follow_writer(struct rows *rows);

/* Sets of each of the reader's elements how many there are, where a field tells it that both have: the writer's stream has its
 * value. Needs the alignment. */
void follow_counts(struct rows *rows);

/* Whether the writer sends how many elements it has, which are not as many as the reader's, of which no program is given; and the
 * reader's stream does not have its own number in that field, or there is only a description, which has no values. */
bool goes_by_another_count(const struct rows *rows, const struct element *writer,
                           const struct element *reader);

#endif
