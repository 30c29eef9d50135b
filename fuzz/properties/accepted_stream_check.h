/*
 * What a reader accepts is what the schema and the design say, told apart from the readers' own code: every
 * byte belongs to something, each field has its length, each subsection is one of its owner's in a version
 * that the schema has, and all sections have footers or none has.
 */
#ifndef VMWIRE_FUZZ_SOUND_H
#define VMWIRE_FUZZ_SOUND_H

#include "inputs/test_case.h"

/* Ends the process where it is not so. `bytes`: what the stream was read from. */
void require_accepted_stream(const struct test_case *test_case,
                             const struct protocol_option *option, struct bytes bytes,
                             const struct stream *stream);

#endif
