/* SPDX-License-Identifier: MIT */
/*
 * Random bytes for the guest: see qemu/guest-random.h. The repeatable generator is
 * SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014):
 * a counter with a mixing function, so that a stream can be split by drawing a seed.
 * Tests: tests/unit/util/test-guest-random.c.
 */
#include "qemu/osdep.h"
#include <sys/random.h>
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "qemu/guest-random.h"

static bool deterministic;           /* [const] after qemu_guest_random_seed_main() */
static __thread uint64_t stream_pos; /* this thread's counter */

static uint64_t stream_next(void)
{
    uint64_t z = stream_pos += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

bool qemu_guest_getrandom(void *buf, size_t len, GError **error)
{
    uint8_t *p = buf;
    while (len > 0) {
        ssize_t n;
        if (deterministic) {
            uint64_t word = stream_next();
            n = MIN(len, sizeof(word));
            memcpy(p, &word, n);
        } else {
            n = getrandom(p, len, 0);
        }
        if (n < 0 && errno != EINTR) {
            error_setg_errno(error, errno, "Could not get random bytes from the host");
            return false;
        }
        p += MAX(n, 0);
        len -= MAX(n, 0);
    }
    return true;
}

bool qemu_guest_random_seed_main(const char *text, GError **error)
{
    uint64_t seed;
    if (qemu_strtou64(text, NULL, 0, &seed) < 0) {
        error_setg(error, "Invalid seed number: %s", text);
        return false;
    }
    deterministic = true;
    stream_pos = seed;
    return true;
}

uint64_t qemu_guest_random_seed_thread_part1(void)
{
    return deterministic ? stream_next() : 0;
}

void qemu_guest_random_seed_thread_part2(uint64_t seed)
{
    stream_pos = seed;
}
