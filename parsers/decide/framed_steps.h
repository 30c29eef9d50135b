/* SPDX-License-Identifier: MIT */
/*
 * Reads what stands in front of a framed record: its version and the length of its fields. Where the fields end, holds
 * them against that length. It must not know which fields a record has.
 */
#ifndef VMWIRE_DECIDE_FRAMED_STEPS_H
#define VMWIRE_DECIDE_FRAMED_STEPS_H

#include "decide/search.h"

/* Follows the reader over the version of an embedded record, or over the length of a record's fields. */
void follow_record_version(struct engine *engine, size_t before, const struct pair *pair);
void follow_length(struct engine *engine, size_t before, const struct pair *pair);

/* The reader has read all fields. True: their length is the one that the record says, in every state that comes here.
 * Where it can be another one, adds what follows to the search. */
bool fields_have_their_length(struct engine *engine, size_t before, const struct pair *pair);

/* Whether the reader refuses to read a byte here: the fields of the record, or of one around it, have ended. */
bool is_behind_fields(const struct engine *engine, const struct pair *pair);

/* The frame of which the length of the fields stands at the offset. */
size_t frame_with_length_at(struct engine *engine, size_t frame, uint64_t offset);

/* Why the reader refuses an embedded record of this version; NULL: it does not. */
const char *refusal_of_record(const struct vmwire_structure *reads, uint32_t version_id);

/* Why it is not known how the reader reads it; NULL: it is known. */
const char *unknown_record(const struct vmwire_structure *reads, uint32_t version_id);

#endif
