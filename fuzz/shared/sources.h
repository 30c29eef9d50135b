/*
 * The JSON that schemas are made of: whatever the bytes, a source is taken or refused within bounds, and
 * what is taken can be used.
 */
#ifndef VMWIRE_FUZZ_SOURCES_H
#define VMWIRE_FUZZ_SOURCES_H

#include "subject.h"

typedef bool add_source(struct schema *schema, struct bytes json, struct error *error);

/* The schema of one source, as the subject of what follows; false where it is refused, or longer than is
 * tried. Its arena is the caller's to destroy. */
bool source_taken(struct subject *subject, struct bytes json, add_source *add);

/* Uses a device: all that it can send is written and read back under each option. `read`: the schema has the
 * device, so that a section of it can be read. */
void device_usable(const struct subject *subject, const struct device *device, bool read);

#endif
