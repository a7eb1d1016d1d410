/* SPDX-License-Identifier: MIT */
/* What the user calls the machine. Contracts are in system/identity.h. */
#include "qemu/osdep.h"
#include "system/identity.h"

/* [const] after set-up */
static char *guest_name;
static QemuUUID uuid;

void qemu_set_guest_name(const char *name)
{
    g_free(guest_name);
    guest_name = g_strdup(name);
}

const char *qemu_guest_name(void)
{
    return guest_name;
}

void qemu_set_uuid(const QemuUUID *value)
{
    uuid = *value;
}

const QemuUUID *qemu_uuid(void)
{
    return &uuid;
}
