/* What fuzz/inputs/pack made, as the build put it into the program (packed_schemas.S). */
#ifndef VMWIRE_FUZZ_PACKED_SCHEMAS_H
#define VMWIRE_FUZZ_PACKED_SCHEMAS_H

#include <stdint.h>

extern const uint8_t packed_schemas[], packed_schemas_end[];

#endif
