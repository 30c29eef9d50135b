/* SPDX-License-Identifier: MIT */
/* The pack of shipped schemas, which fuzz/inputs/pack writes and packed_schemas.S puts into the program. */
#ifndef VMWIRE_FUZZ_PACKED_SCHEMAS_H
#define VMWIRE_FUZZ_PACKED_SCHEMAS_H

#include <stdint.h>

extern const uint8_t packed_schemas[], packed_schemas_end[];

#endif
