/* SPDX-License-Identifier: MIT */
/* Common declarations for the emulator benchmark suite. */
#ifndef BENCH_H
#define BENCH_H
#include <stdint.h>
#include <stddef.h>
typedef uint64_t (*bench_fn)(long n);
struct bench {
    const char *name;
    const char *cls;
    bench_fn fn;
    long n;
};
extern const struct bench int_benches[], mem_benches[], fp_benches[], fpnc_benches[],
    atom_benches[], sys_benches[], code_benches[];
static inline uint64_t xs64(uint64_t *s)
{
    uint64_t x = *s;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *s = x;
}
void bench_setup_done(void); /* restart the clock after an untimed setup phase */
extern const char *bench_true_path;
#endif
