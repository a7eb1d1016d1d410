/* SPDX-License-Identifier: MIT */
/* The integer functions of qemu/host-utils.h that are too long to inline. No state. */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"

void clmul64(uint64_t *lo, uint64_t *hi, uint64_t a, uint64_t b)
{
    uint128_t sum = 0;
    for (; b; b &= b - 1) {
        sum ^= (uint128_t)a << ctz64(b);
    }
    *lo = sum;
    *hi = sum >> 64;
}
