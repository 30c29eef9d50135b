/*
 * The JSON that schemas are made of: whatever the bytes, a source is taken or refused within bounds, and
 * what is taken can be used.
 */
#ifndef VMWIRE_FUZZ_SOURCES_H
#define VMWIRE_FUZZ_SOURCES_H

#include "inputs/test_case.h"

typedef bool source_loader(struct schema *schema, struct bytes json, struct error *error);

/* The schema of one source, as the subject of what follows; false where it is refused, or longer than is
 * tried. Its arena is the caller's to destroy. */
bool load_source(struct test_case *test_case, struct bytes json, source_loader *add);

/* Uses a device: all that it can send is written and read back under each option. `read`: the schema has the
 * device, so that a section of it can be read. */
void require_device_usable(const struct test_case *test_case, const struct device *device,
                           bool readable);

#endif
