/* SPDX-License-Identifier: MIT */
/*
 * vmwire replay: reads the streams of manifests under every option, and with a real QEMU, and compares
 * the outcomes with those that the manifests expect.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_REPLAY_H
#define VMWIRE_PROGRAM_REPLAY_REPLAY_H

#include "program/shared/arguments.h"

int run_replay(const struct arguments *arguments);

#endif
