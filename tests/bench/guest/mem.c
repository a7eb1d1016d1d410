/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include <stdlib.h>
#include <string.h>
static uint64_t cpy(size_t sz, long total_mb)
{
    char *a = malloc(sz), *b = malloc(sz);
    memset(a, 1, sz);
    memset(b, 2, sz);
    bench_setup_done();
    long it = ((uint64_t)total_mb << 20) / sz;
    for (long i = 0; i < it; i++) {
        a[i % sz] = i;
        memcpy(b, a, sz);
        __asm__ volatile("" ::"r"(b) : "memory");
    }
    uint64_t o = (uint8_t)b[sz / 2];
    free(a);
    free(b);
    return o;
}
static uint64_t set(size_t sz, long total_mb)
{
    char *a = malloc(sz);
    memset(a, 1, sz);
    bench_setup_done();
    long it = ((uint64_t)total_mb << 20) / sz;
    for (long i = 0; i < it; i++) {
        memset(a, i, sz);
        __asm__ volatile("" ::"r"(a) : "memory");
    }
    uint64_t o = (uint8_t)a[sz / 2];
    free(a);
    return o;
}
static uint64_t b_memcpy16k(long n)
{
    return cpy(16384, n * 100);
}
static uint64_t b_memcpy16m(long n)
{
    return cpy(16u << 20, n * 100);
}
static uint64_t b_memset16k(long n)
{
    return set(16384, n * 100);
}
/* C loop byte copy / 8-byte copy: no library, no vectorizer, same instructions for everyone */
static uint64_t __attribute__((optimize("no-tree-vectorize,no-tree-loop-distribute-patterns")))
b_copy8(long n)
{
    size_t w = 4096;
    volatile int z = 0;
    uint64_t *a = malloc(w * 8), *b = malloc(w * 8);
    for (size_t i = 0; i < w; i++)
        a[i] = i;
    bench_setup_done();
    for (long r = 0; r < n * 1000; r++) {
        a[r & 4095] = r + z;
        for (size_t i = 0; i < w; i++)
            b[i] = a[i];
        __asm__ volatile("" ::"r"(b) : "memory");
    }
    uint64_t o = b[77];
    free(a);
    free(b);
    return o;
}
static uint64_t __attribute__((optimize("no-tree-vectorize"))) triad(size_t w, long reps)
{
    double *a = malloc(w * 8), *b = malloc(w * 8), *c = malloc(w * 8);
    for (size_t i = 0; i < w; i++) {
        a[i] = 0;
        b[i] = i;
        c[i] = 2 * i + 1;
    }
    bench_setup_done();
    for (long r = 0; r < reps; r++) {
        double s = 1.0 + r;
        for (size_t i = 0; i < w; i++)
            a[i] = b[i] + s * c[i];
        __asm__ volatile("" ::"r"(a) : "memory");
    }
    uint64_t o;
    memcpy(&o, &a[w / 2], 8);
    free(a);
    free(b);
    free(c);
    return o;
}
static uint64_t b_triad_l1(long n)
{
    return triad(1000, n * 1000);
}
/* TLB-hostile: one load per 4 KiB page over 64 MB / 4 MB */
static uint64_t stride(size_t bytes, long n)
{
    char *a = malloc(bytes);
    memset(a, 1, bytes);
    bench_setup_done();
    uint64_t o = 0;
    for (long r = 0; r < n; r++)
        for (size_t i = 0; i < bytes; i += 4096 + 64)
            o += ((volatile char *)a)[i];
    free(a);
    return o;
}
static uint64_t b_pages64m(long n)
{
    return stride(64u << 20, n);
}
static uint64_t b_pages512k(long n)
{
    return stride(512u << 10, n);
}
const struct bench mem_benches[] = {
    {"memcpy16k", "mem", b_memcpy16k, 40},    {"memcpy16m", "mem", b_memcpy16m, 20},
    {"memset16k", "mem", b_memset16k, 80},    {"copy8", "mem", b_copy8, 90},
    {"triad_l1", "mem", b_triad_l1, 40},      {"pages64m", "mem", b_pages64m, 120},
    {"pages512k", "mem", b_pages512k, 60000}, {0}};
