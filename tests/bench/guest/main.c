/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/resource.h>
#include <unistd.h>
const char *bench_true_path = "/bin/true.static";
static struct timespec t0;
static struct rusage r0;
static double tv(struct timeval a)
{
    return a.tv_sec + a.tv_usec * 1e-6;
}
void bench_setup_done(void)
{
    clock_gettime(CLOCK_MONOTONIC, &t0);
    getrusage(RUSAGE_SELF, &r0);
}
static const struct bench *const groups[] = {int_benches,  mem_benches, fp_benches,  fpnc_benches,
                                             atom_benches, sys_benches, code_benches};
static void run(const struct bench *b, double scale)
{
    long n = (long)(b->n * scale);
    if (n < 1)
        n = 1;
    printf("BEGIN %s\n", b->name);
    fflush(stdout);
    bench_setup_done();
    uint64_t c = b->fn(n);
    struct timespec t1;
    struct rusage r1;
    clock_gettime(CLOCK_MONOTONIC, &t1);
    getrusage(RUSAGE_SELF, &r1);
    double w = (t1.tv_sec - t0.tv_sec) + (t1.tv_nsec - t0.tv_nsec) * 1e-9;
    printf("RES %s n=%ld wall=%.4f user=%.4f sys=%.4f chk=%016llx\n", b->name, n, w,
           tv(r1.ru_utime) - tv(r0.ru_utime), tv(r1.ru_stime) - tv(r0.ru_stime),
           (unsigned long long)c);
    fflush(stdout);
}
int main(int argc, char **argv)
{
    double scale = getenv("SCALE") ? atof(getenv("SCALE")) : 1.0;
    if (getenv("TRUE_BIN"))
        bench_true_path = getenv("TRUE_BIN");
    if (argc < 2) {
        for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
            for (const struct bench *b = groups[g]; b->name; b++)
                printf("%s %s\n", b->cls, b->name);
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        int found = 0;
        for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
            for (const struct bench *b = groups[g]; b->name; b++)
                if (!strcmp(argv[i], b->name) || !strcmp(argv[i], b->cls) ||
                    !strcmp(argv[i], "all")) {
                    run(b, scale);
                    found = 1;
                }
        if (!found) {
            printf("unknown %s\n", argv[i]);
            return 1;
        }
    }
    return 0;
}
