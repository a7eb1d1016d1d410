/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "bench.h"
#include <unistd.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/mman.h>
#include <sys/wait.h>
static uint64_t b_getppid(long n)
{
    uint64_t o = 0;
    for (long i = 0; i < n * 1000; i++)
        o += syscall(SYS_getppid) > 0;
    return o;
}
static uint64_t b_rw(long n)
{
    int z = open("/dev/zero", O_RDWR);
    char b[4096];
    uint64_t o = 0;
    if (z < 0)
        return 0;
    for (long i = 0; i < n * 1000; i++) {
        o += read(z, b, 512);
        o += write(z, b, 512);
    }
    close(z);
    return o;
}
static uint64_t b_pipe(long n)
{
    int a[2], b[2];
    char c = 0;
    if (pipe(a) || pipe(b))
        return 0;
    pid_t p = fork();
    if (!p) {
        for (;;) {
            if (read(a[0], &c, 1) != 1 || c == 2)
                _exit(0);
            if (write(b[1], &c, 1) != 1)
                _exit(1);
        }
    }
    bench_setup_done();
    uint64_t o = 0;
    for (long i = 0; i < n * 1000; i++) {
        c = 1;
        if (write(a[1], &c, 1) != 1)
            break;
        if (read(b[0], &c, 1) != 1)
            break;
        o++;
    }
    c = 2;
    if (write(a[1], &c, 1)) {
    }
    waitpid(p, 0, 0);
    close(a[0]);
    close(a[1]);
    close(b[0]);
    close(b[1]);
    return o;
}
static uint64_t b_forkexec(long n)
{
    uint64_t o = 0;
    for (long i = 0; i < n; i++) {
        pid_t p = fork();
        if (!p) {
            execl(bench_true_path, "true", (char *)0);
            _exit(127);
        }
        int st;
        waitpid(p, &st, 0);
        o += st == 0;
    }
    return o;
}
static uint64_t b_fork(long n)
{
    uint64_t o = 0;
    for (long i = 0; i < n; i++) {
        pid_t p = fork();
        if (!p)
            _exit(3);
        int st;
        waitpid(p, &st, 0);
        o += WEXITSTATUS(st);
    }
    return o;
}
static uint64_t b_mmap(long n)
{
    uint64_t o = 0;
    for (long i = 0; i < n; i++) {
        char *p = mmap(0, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        for (int k = 0; k < 64; k++)
            p[k * 4096] = k;
        o += p[4096 * 7];
        munmap(p, 64 * 4096);
    }
    return o;
}
static uint64_t b_fault(long n)
{
    char *p = mmap(0, 16u << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(p, 16u << 20, MADV_NOHUGEPAGE);
    uint64_t o = 0;
    for (long i = 0; i < n; i++) {
        for (long k = 0; k < (16l << 20); k += 4096)
            p[k] = i;
        o += p[4096];
        madvise(p, 16u << 20, MADV_DONTNEED);
    }
    munmap(p, 16u << 20);
    return o;
}
const struct bench sys_benches[] = {
    {"getppid", "sys", b_getppid, 400}, {"zerorw", "sys", b_rw, 120},
    {"pipe", "sys", b_pipe, 4},         {"forkexec", "sys", b_forkexec, 80},
    {"fork", "sys", b_fork, 120},       {"mmap", "sys", b_mmap, 500},
    {"fault", "sys", b_fault, 15},      {0}};
