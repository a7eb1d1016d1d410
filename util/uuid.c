/* SPDX-License-Identifier: MIT */
/* UUIDs, RFC 4122 sections 3 (text form) and 4.4 (random ones). No state. */
#include "qemu/osdep.h"
#include "qemu/guest-random.h"
#include "qemu/uuid.h"

/* Dashes stand before these bytes in the text form. */
static bool dash_before(int idx)
{
    return idx == 4 || idx == 6 || idx == 8 || idx == 10;
}

bool qemu_uuid_generate(QemuUUID *out, GError **error)
{
    if (!qemu_guest_getrandom(out->data, sizeof(out->data), error)) {
        return false;
    }
    out->data[6] = (out->data[6] & 0x0f) | 0x40; /* version 4 */
    out->data[8] = (out->data[8] & 0x3f) | 0x80; /* variant of the RFC */
    return true;
}

bool qemu_uuid_parse(const char *str, QemuUUID *out)
{
    QemuUUID uuid;
    for (int i = 0; i < ARRAY_SIZE(uuid.data); i++) {
        if (dash_before(i) && *str++ != '-') {
            return false;
        }
        int high = g_ascii_xdigit_value(str[0]);
        int low = high < 0 ? -1 : g_ascii_xdigit_value(str[1]);
        if (low < 0) {
            return false;
        }
        uuid.data[i] = high << 4 | low;
        str += 2;
    }
    if (*str) {
        return false;
    }
    *out = uuid;
    return true;
}

void qemu_uuid_unparse(const QemuUUID *uuid, char *out)
{
    for (int i = 0; i < ARRAY_SIZE(uuid->data); i++) {
        out += sprintf(out, "%s%02x", dash_before(i) ? "-" : "", uuid->data[i]);
    }
}

bool qemu_uuid_is_null(const QemuUUID *uuid)
{
    static const QemuUUID null;
    return qemu_uuid_is_equal(uuid, &null);
}

bool qemu_uuid_is_equal(const QemuUUID *a, const QemuUUID *b)
{
    return memcmp(a->data, b->data, sizeof(a->data)) == 0;
}
