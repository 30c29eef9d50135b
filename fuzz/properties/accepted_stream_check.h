/* SPDX-License-Identifier: MIT */
/*
 * Checks an accepted stream against the schema and the wire format, without using the readers: every byte belongs
 * to an item, every field has its length, every subsection belongs to its owner and has a version of the schema,
 * and either all sections have footers or none has.
 */
#ifndef VMWIRE_FUZZ_ACCEPTED_STREAM_CHECK_H
#define VMWIRE_FUZZ_ACCEPTED_STREAM_CHECK_H

#include "inputs/test_case.h"

/* Aborts if the stream is not correct. `bytes`: what the stream was read from. */
void require_accepted_stream(const struct test_case *test_case, const struct vmwire_option *option,
                             struct vmwire_bytes bytes, const struct vmwire_stream *stream);

#endif
