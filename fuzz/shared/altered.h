/*
 * An accepted stream of which one thing is altered, so that what must come of it is known without a reader:
 * the design says that the new number is refused, and where; or that it does not matter; or what was put in
 * between makes a stream again, with that much more in it. This is the other direction of sound.h: there, what
 * is accepted must be right; here, what is right must be accepted, and what is wrong by a hair refused.
 */
#ifndef VMWIRE_FUZZ_ALTERED_H
#define VMWIRE_FUZZ_ALTERED_H

#include "subject.h"

/* Of all alterations one, which the bytes choose. `bytes`: what the stream was read from, with the option's
 * reader. Ends the process where something else comes of it. */
void require_altered(const struct subject *subject, const struct protocol_option *option,
                     struct bytes bytes, const struct stream *stream);

#endif
