/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include <stdlib.h>
#include <string.h>
/* ---- sha256 ---- */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
#define ROR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
static void sha_block(uint32_t h[8], const uint8_t *p)
{
    uint32_t w[64];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (ROR(a, 7) ^ ROR(a, 18) ^ (a >> 3)) + w[i - 7] +
               (ROR(b, 17) ^ ROR(b, 19) ^ (b >> 10));
    }
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], hh = h[7];
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = hh + (ROR(e, 6) ^ ROR(e, 11) ^ ROR(e, 25)) + ((e & f) ^ (~e & g)) + K[i] +
                      w[i];
        uint32_t t2 = (ROR(a, 2) ^ ROR(a, 13) ^ ROR(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        hh = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
    h[5] += f;
    h[6] += g;
    h[7] += hh;
}
static uint64_t b_sha256(long n)
{
    static uint8_t buf[65536];
    for (int i = 0; i < 65536; i++)
        buf[i] = i * 7 + (i >> 8);
    uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    for (long k = 0; k < n; k++)
        for (int o = 0; o < 65536; o += 64)
            sha_block(h, buf + o);
    return (uint64_t)h[0] << 32 | h[7];
}
/* ---- qsort (own quicksort through a comparison callback: indirect calls) ---- */
static int cmp_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}
static void __attribute__((noinline))
qs(uint32_t *a, long lo, long hi, int (*cmp)(const void *, const void *))
{
    while (lo < hi) {
        uint32_t p = a[(lo + hi) / 2];
        long i = lo, j = hi;
        while (i <= j) {
            while (cmp(&a[i], &p) < 0)
                i++;
            while (cmp(&a[j], &p) > 0)
                j--;
            if (i <= j) {
                uint32_t t = a[i];
                a[i] = a[j];
                a[j] = t;
                i++;
                j--;
            }
        }
        if (j - lo < hi - i) {
            qs(a, lo, j, cmp);
            lo = i;
        } else {
            qs(a, i, hi, cmp);
            hi = j;
        }
    }
}
int (*volatile cmp_ptr)(const void *, const void *) = cmp_u32;
static uint64_t b_qsort(long n)
{
    enum {
        M = 200000
    };
    uint32_t *a = malloc(M * 4);
    uint64_t s = 12345, o = 0;
    for (long k = 0; k < n; k++) {
        for (int i = 0; i < M; i++)
            a[i] = xs64(&s) >> 20;
        qs(a, 0, M - 1, cmp_ptr);
        o = o * 7 + a[M / 3];
    }
    free(a);
    return o;
}
/* ---- bytecode interpreter, computed goto ---- */
static uint64_t b_interp(long n)
{
    enum {
        LDI,
        ADD,
        XOR,
        SHR,
        DEC,
        JNZ,
        MUL,
        ST,
        LD,
        AND,
        HALT
    };
    static const uint8_t prog[] = {LDI, 0,   1,    LDI, 1,  7,   LDI, 3,   250, /* loop @9 */ ADD,
                                   0,   1,   MUL,  0,   1,  XOR, 0,   3,   ST,  0,
                                   3,   SHR, 0,    5,   LD, 2,   3,   ADD, 0,   2,
                                   AND, 2,   0,    ADD, 1,  2,   DEC, 3,   0,   JNZ,
                                   3,   9,   HALT, 0,   0};
    static void *const lab[] = {&&ldi, &&add, &&xor_, &&shr,  &&dec, &&jnz,
                                &&mul, &&st,  &&ld,   &&and_, &&halt};
    uint64_t r[4] = {0}, mem[256] = {0}, acc = 0;
    const uint8_t *pc;
#define NEXT                                                                                       \
    do {                                                                                           \
        pc += 3;                                                                                   \
        goto *lab[pc[0]];                                                                          \
    } while (0)
    for (long k = 0; k < n; k++) {
        pc = prog;
        r[0] = k;
        goto *lab[pc[0]];
ldi:
        r[pc[1]] = pc[2];
        NEXT;
add:
        r[pc[1]] += r[pc[2]];
        NEXT;
xor_:
        r[pc[1]] ^= r[pc[2]];
        NEXT;
shr:
        r[pc[1]] >>= pc[2];
        NEXT;
mul:
        r[pc[1]] *= r[pc[2]] | 1;
        NEXT;
and_:
        r[pc[1]] &= r[pc[2]];
        NEXT;
st:
        mem[r[pc[2]] & 255] = r[pc[1]];
        NEXT;
ld:
        r[pc[1]] = mem[r[pc[2]] & 255];
        NEXT;
dec:
        r[pc[1]]--;
        NEXT;
jnz:
        if (r[pc[1]]) {
            pc = prog + pc[2];
            goto *lab[pc[0]];
        }
        NEXT;
halt:
        acc = acc * 31 + r[0] + r[1];
    }
    return acc;
}
/* ---- recursive fib ---- */
static uint64_t __attribute__((noinline, noclone, optimize("no-optimize-sibling-calls")))
fib(uint64_t n)
{
    if (n < 2)
        return n;
    uint64_t a = fib(n - 1);
    __asm__ volatile("" ::: "memory");
    return a + fib(n - 2);
}
static uint64_t b_fib(long n)
{
    uint64_t o = 0;
    for (long k = 0; k < n; k++)
        o += fib(32);
    return o;
}
/* ---- pointer chasing over 64 MB ---- */
struct node {
    struct node *next;
    uint64_t v[7];
};
static uint64_t chase(size_t bytes, long hops)
{
    size_t c = bytes / sizeof(struct node);
    struct node *a = malloc(c * sizeof *a);
    uint32_t *p = malloc(c * 4);
    uint64_t s = 777;
    for (size_t i = 0; i < c; i++)
        p[i] = i;
    for (size_t i = c - 1; i; i--) {
        size_t j = xs64(&s) % i;
        uint32_t t = p[i];
        p[i] = p[j];
        p[j] = t;
    }
    for (size_t i = 0; i < c; i++) {
        a[p[i]].next = &a[p[(i + 1) % c]];
        a[p[i]].v[0] = i;
    }
    bench_setup_done();
    struct node *q = a;
    uint64_t o = 0;
    for (long i = 0; i < hops; i++) {
        o += q->v[0];
        q = q->next;
    }
    free(a);
    free(p);
    return o;
}
static uint64_t b_chase(long n)
{
    return chase(64u << 20, n * 100000);
}
static uint64_t b_chase256k(long n)
{
    return chase(256u << 10, n * 100000);
}
/* ---- sieve: tight byte-store loops, and division ---- */
static uint64_t b_sieve(long n)
{
    enum {
        M = 1 << 20
    };
    uint8_t *f = malloc(M);
    uint64_t o = 0;
    for (long r = 0; r < n; r++) {
        memset(f, 1, M);
        for (long i = 2; i * i < M; i++)
            if (f[i])
                for (long j = i * i; j < M; j += i)
                    f[j] = 0;
        for (long i = 2; i < M; i++)
            o += f[i];
    }
    free(f);
    return o;
}
static uint64_t b_div(long n)
{
    uint64_t s = 4242, o = 0;
    for (long i = 0; i < n * 100000; i++) {
        uint64_t a = xs64(&s), b = (a >> 40) | 1;
        o += a / b;
        o ^= (int64_t)(a ^ o) % (int32_t)(b | 3);
    }
    return o;
}
const struct bench int_benches[] = {{"sha256", "int", b_sha256, 900},
                                    {"qsort", "int", b_qsort, 4},
                                    {"interp", "int", b_interp, 6000},
                                    {"fib", "int", b_fib, 5},
                                    {"chase64m", "int", b_chase, 15},
                                    {"chase256k", "int", b_chase256k, 1000},
                                    {"sieve", "int", b_sieve, 90},
                                    {"div", "int", b_div, 120},
                                    {0}};
