/* SPDX-License-Identifier: MIT */
/*
 * Random bytes that the guest will see: seeds, random-number devices, generated addresses.
 * From the host's getrandom(2), or with `-seed` from a generator per thread, so that a run
 * can be repeated. Not for keys of the host.
 */
#ifndef QEMU_GUEST_RANDOM_H
#define QEMU_GUEST_RANDOM_H

/* Fills @buf. Any thread. Fails only when the host has no entropy source. */
bool qemu_guest_getrandom(void *buf, size_t len, GError **error);

/**
 * qemu_guest_random_seed_main - `-seed`
 * @text: a 64-bit number in C notation
 *
 * Main thread, before other threads start. Error: "Invalid seed number: TEXT".
 */
bool qemu_guest_random_seed_main(const char *text, GError **error);

/*
 * A new thread's stream: part1 in the creating thread draws a seed, part2 in the new one
 * takes it. Without `-seed` both do nothing. The order of creation thus fixes the streams.
 */
uint64_t qemu_guest_random_seed_thread_part1(void);
void qemu_guest_random_seed_thread_part2(uint64_t seed);

#endif
