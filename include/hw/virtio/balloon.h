/* SPDX-License-Identifier: MIT */
/*
 * The machine's balloon, for the monitor: how much memory the guest shall keep, and does keep.
 *
 * Threads: BQL. Tests: tests/unit/hw/virtio/test-virtio-balloon.c.
 */
#ifndef HW_VIRTIO_BALLOON_H
#define HW_VIRTIO_BALLOON_H

#include "qemu/notify.h"

/*
 * Asks the guest to keep @bytes, at most what the machine has. It does so when and if it likes.
 * Error, of class DeviceNotActive: "No balloon device has been activated".
 */
bool balloon_set_target(uint64_t bytes, GError **error);

/* What it keeps now, in bytes. The same error. */
bool balloon_get_actual(uint64_t *bytes, GError **error);

/* Calls @notifier, with a pointer to a uint64_t of bytes, when that has changed. */
void balloon_add_change_notifier(Notifier *notifier);

#endif
