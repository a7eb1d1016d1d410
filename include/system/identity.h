/* SPDX-License-Identifier: MIT */
/*
 * What the user calls the machine: -name and -uuid. Set once, before the machine is made; read by
 * monitors and by devices that tell the guest.
 */
#ifndef SYSTEM_IDENTITY_H
#define SYSTEM_IDENTITY_H

#include "qemu/uuid.h"

void qemu_set_guest_name(const char *name);
/* NULL unless -name was given. */
const char *qemu_guest_name(void);

void qemu_set_uuid(const QemuUUID *uuid);
/* All zero unless -uuid was given. */
const QemuUUID *qemu_uuid(void);

#endif
