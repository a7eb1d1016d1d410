/* SPDX-License-Identifier: MIT */
/*
 * Semihosting, the host's side: a console, files, and what a guest may know of its host. What a
 * call looks like, and where its arguments are, is the target's business.
 *
 * Interface only: implemented in system/semihosting/. Nothing here blocks on input; where none is
 * there yet, -EAGAIN is returned and the hart can be put to sleep until there is.
 *
 * Threads: BQL, except semihosting_enabled(). Tests: tests/system/semihosting.py
 */
#ifndef HW_CORE_SEMIHOSTING_H
#define HW_CORE_SEMIHOSTING_H

#include "hw/core/cpu.h"

/* May a guest's program call; @is_user: in its least privileged mode. Any thread. */
bool semihosting_enabled(bool is_user);

/* The command line for the guest: -semihosting-config arg=, else the kernel's name and -append. */
const char *semihosting_cmdline(void);

/*
 * The largest part of RAM that nothing was loaded into; false when the machine has no RAM. For
 * heap and stack.
 */
bool semihosting_heap(hwaddr *base, uint64_t *size);

/* ---- console: -semihosting-config chardev=, else this process's stdin and stderr ---- */

void semihosting_console_write(const void *buf, size_t len);

/* One byte; -EAGAIN: none yet, -EPIPE: none will come. */
int semihosting_console_getc(void);

/* ---- files ---- */

/* Open files at a time. Handles are 1 to this. */
#define SEMIHOSTING_MAX_FILES 64

/**
 * semihosting_open - open a file of the host's, relative to the working directory
 * @name: ":tt" is the console: stdin, stdout or stderr, as @mode reads, writes or appends;
 *        ":semihosting-features" tells what this semihosting can do
 * @mode: 0 to 11: fopen()'s r, rb, r+, r+b, w, wb, w+, w+b, a, ab, a+, a+b
 *
 * Returns a handle, or -errno.
 */
int semihosting_open(const char *name, unsigned mode);
int semihosting_close(int handle);

/*
 * Return how many bytes, maybe fewer than @len; 0 is the end of the file; or -errno. What is
 * written to the console may wait for its reader, at most some seconds.
 */
ssize_t semihosting_read(int handle, void *buf, size_t len);
ssize_t semihosting_write(int handle, const void *buf, size_t len);

/* To @pos bytes from the beginning. 0 or -errno. */
int semihosting_seek(int handle, uint64_t pos);
/* Bytes in the file, or -errno. */
int64_t semihosting_length(int handle);
/* 1 or 0, or -errno. */
int semihosting_isatty(int handle);

/* 0 or -errno. */
int semihosting_remove(const char *name);
int semihosting_rename(const char *from, const char *to);

/* ---- waiting ---- */

/* A read of @handle (0: console) gave -EAGAIN: have @cpu wake up when it may be repeated. */
void semihosting_wait(int handle, CPUState *cpu);

#endif
