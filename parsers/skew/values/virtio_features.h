/* SPDX-License-Identifier: MIT */
/*
 * The features that a guest uses of a virtio device, against those that the reader's device offers. No stream shows these.
 */
#ifndef VMWIRE_SKEW_VALUES_VIRTIO_FEATURES_H
#define VMWIRE_SKEW_VALUES_VIRTIO_FEATURES_H

#include "skew/shared/found.h"

/* Adds what is not decided: the writer's section has features that the reader's machine type does not give the device. */
void compare_virtio_features(struct skew *skew, const struct vmwire_item *item);

#endif
