/* SPDX-License-Identifier: MIT */
/* Universally unique identifiers, RFC 4122: 16 bytes in network order. No state. */
#ifndef QEMU_UUID_H
#define QEMU_UUID_H

typedef struct QemuUUID {
    uint8_t data[16];
} QemuUUID;

/* Length of the text form with its terminator. */
#define UUID_STR_LEN 37

/* A random one, version 4. */
bool qemu_uuid_generate(QemuUUID *out, GError **error);
/* 8-4-4-4-12 hexadecimal digits, any case; false and @out untouched for anything else. */
bool qemu_uuid_parse(const char *str, QemuUUID *out);
/* Lower case; @out of UUID_STR_LEN bytes. */
void qemu_uuid_unparse(const QemuUUID *uuid, char *out);
bool qemu_uuid_is_null(const QemuUUID *uuid);
bool qemu_uuid_is_equal(const QemuUUID *a, const QemuUUID *b);

#endif
