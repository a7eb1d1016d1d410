/* SPDX-License-Identifier: MIT */
/* The version of QEMU whose interface we have; tools read it from -version and the monitor. */
#ifndef QEMU_VERSION_H
#define QEMU_VERSION_H

#define QEMU_COMPAT_VERSION "11.1.3"

#endif
