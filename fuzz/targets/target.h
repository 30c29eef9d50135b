/* SPDX-License-Identifier: MIT */
/* The function of a target that a fuzzing engine calls, or run_files.c without an engine. */
#ifndef VMWIRE_FUZZ_TARGET_H
#define VMWIRE_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
