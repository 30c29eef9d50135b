/* SPDX-License-Identifier: MIT */
/*
 * Changes one thing in an accepted stream and checks what the reader makes of it.
 *
 * The format tells the result without a reader: the new number is refused at a known offset, or ignored, or the
 * inserted bytes form valid items. accepted_stream_check.h tests that a reader accepts only correct streams. This
 * file tests the opposite direction: a reader accepts every correct stream and refuses one that is almost correct.
 */
#ifndef VMWIRE_FUZZ_SINGLE_ALTERATION_H
#define VMWIRE_FUZZ_SINGLE_ALTERATION_H

#include "inputs/test_case.h"

/* Tries one alteration, which the bytes choose, and aborts if the reader's answer is wrong. `bytes`: the option's
 * reader made `stream` of them. */
void require_alteration_handled(const struct test_case *test_case,
                                const struct vmwire_option *option, struct vmwire_bytes bytes,
                                const struct vmwire_stream *stream);

#endif
