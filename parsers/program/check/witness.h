/* SPDX-License-Identifier: MIT */
/*
 * Explains a finding's witness: the field of each byte, the subsections that the state sends, and
 * whether the finding is certain.
 */
#ifndef VMWIRE_PROGRAM_CHECK_WITNESS_H
#define VMWIRE_PROGRAM_CHECK_WITNESS_H

#include "program/check/examination.h"

/* The place of a byte in the stream. */
struct place {
    const struct vmwire_item *item;   /* NULL: behind the last item */
    const struct vmwire_value *value; /* NULL: the byte is in no field */
};

/* The offset in the file of the byte at this offset of the question's stream. */
uint64_t offset_in_file(const struct part *part, uint64_t offset);

struct place find_place(const struct part *part, uint64_t offset);

/* Whose tail or element the answer is about. */
const struct vmwire_structure *owner_of(const struct answer_group *group);

/* Counts the required, from the first on, whose offsets follow one another. Stops at the end of `value`
 * if that is given. */
size_t count_run(const struct part *part, const struct vmwire_required_byte *required, size_t count,
                 const struct vmwire_value *value);

/* Returns the next optional subsection that the finding's state sends, NULL behind the last one. The
 * caller starts with *position 0. */
const struct vmwire_subsection_value *
find_next_sent(const struct part *part, const struct vmwire_finding *finding, size_t *position);

/* Why states of a device are not followed. */
#define DEVICE_TOO_LARGE "the device is larger than is followed"
const char *omission_reason(int reason);

/* Returns true if the finding depends on a layout that a dump leaves to guess, or on neighbour sections
 * that a schema does not tell. */
bool is_only_possible(const struct part *part, const struct vmwire_finding *finding);

/* Returns the structure's name, or words for the one of an old-style section, which has none. */
const char *name_structure(const struct vmwire_structure *structure);

/* Returns the name of the outcome. Two states with the same bytes are "ambiguous": no reader is
 * involved. */
const char *name_verdict(const struct part *part, const struct vmwire_finding *finding);

#endif
