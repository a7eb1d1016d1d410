/* SPDX-License-Identifier: MIT */
/* Binary multiples in bytes, and nanoseconds of larger units of time. */
#ifndef QEMU_UNITS_H
#define QEMU_UNITS_H

#define KiB (INT64_C(1) << 10)
#define MiB (INT64_C(1) << 20)
#define GiB (INT64_C(1) << 30)
#define TiB (INT64_C(1) << 40)
#define PiB (INT64_C(1) << 50)
#define EiB (INT64_C(1) << 60)

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)
#define SCALE_MS 1000000
#define SCALE_US 1000
#define SCALE_NS 1

#endif
