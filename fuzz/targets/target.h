/* What an engine calls, and what runs a target over files without one (run_files.c). */
#ifndef VMWIRE_FUZZ_TARGET_H
#define VMWIRE_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
