/* SPDX-License-Identifier: MIT */
/* Alterations of what frames a record: its version, the length of its fields, its end. */
#ifndef VMWIRE_FUZZ_ALTERATION_FRAMED_H
#define VMWIRE_FUZZ_ALTERATION_FRAMED_H

#include "properties/alteration.h"

bool alter_record_version(struct accepted_stream *accepted, struct alteration *alteration);
bool alter_fields_length(struct accepted_stream *accepted, struct alteration *alteration);
bool alter_end_of_record(struct accepted_stream *accepted, struct alteration *alteration);

#endif
