/* SPDX-License-Identifier: MIT */
/*
 * Checks of a loader that are no comparison of two fields: each is one function of QEMU.
 */
#ifndef VMWIRE_SKEW_VALUES_SINGLE_CHECKS_H
#define VMWIRE_SKEW_VALUES_SINGLE_CHECKS_H

#include "skew/shared/found.h"
#include "skew/values/checked_values.h"

/* Commands of the stream that an older reader does not know. */
void compare_commands(struct skew *skew);

/* What both streams say of pages before postcopy. */
void compare_postcopy(struct skew *skew);

/* A question of the writer's stream that the reader has no way to answer. */
void check_return_path(struct skew *skew);

/* The capabilities of a machine pseries. */
void compare_spapr_capabilities(struct skew *skew, const struct vmwire_item *writer,
                                const struct vmwire_item *reader);

/* Requests that wait in a device of virtio: how each is read depends on its queues. */
void compare_requests(struct skew *skew, const struct vmwire_item *writer,
                      const struct vmwire_item *reader);

/* Subsections of what the reader's device lacks. `reader` NULL: it can lack it. */
void compare_pointers(struct skew *skew, const struct vmwire_item *writer,
                      const struct vmwire_item *reader);

/* What QEMU prints where it refuses a value without a word of its own (migration/savevm.c, qemu_loadvm_section_start_full). */
const char *silent_message(const struct skew *skew, const struct vmwire_difference *difference);

/* The rules that look at a field of the section, and refuse it without a word. */
void ask_silent_rules(struct skew *skew, const struct vmwire_item *writer);

#endif
