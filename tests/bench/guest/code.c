/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "bench.h"
#include <sys/mman.h>
#include <string.h>
#include <stdlib.h>
typedef uint64_t (*fn)(uint64_t, uint64_t *);
extern fn const bigtab[];
extern const int bigtab_n;
static uint64_t m[64];
/* first pass: every call is (mostly) untranslated code; measures translation throughput */
static uint64_t b_codecold(long n)
{
    (void)n;
    uint64_t x = 1;
    for (int i = 0; i < bigtab_n; i++)
        x = bigtab[i](x, m);
    return x;
}
/* JIT-like: rewrite a 64-instruction function, flush icache, call it a few times */
static uint64_t b_smc(long n)
{
    uint8_t *p =
        mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t o = 0;
    for (long r = 0; r < n * 100; r++) {
#ifdef __riscv
        uint32_t *w = (uint32_t *)p;
        int k = 0;
        for (; k < 64; k++)
            w[k] = 0x00050513u | ((uint32_t)((r + k) & 0x3ff) << 20);
        w[k++] = 0x00008067;
#else
        uint8_t *w = p;
        *w++ = 0x48;
        *w++ = 0x89;
        *w++ = 0xf8;
        for (int k = 0; k < 64; k++) {
            *w++ = 0x48;
            *w++ = 0x05;
            uint32_t v = (r + k) & 0x3ff;
            memcpy(w, &v, 4);
            w += 4;
        }
        *w++ = 0xc3;
#endif
        __builtin___clear_cache((char *)p, (char *)p + 512);
        for (int c = 0; c < 4; c++)
            o += ((uint64_t(*)(uint64_t))p)(o & 0xff);
    }
    munmap(p, 4096);
    return o;
}
const struct bench code_benches[] = {
    {"codecold", "code", b_codecold, 1}, {"smc", "code", b_smc, 60}, {0}};
