/* SPDX-License-Identifier: MIT */
/*
 * Between the files of semihosting's host side.
 *
 *   config.c   the command line
 *   console.c  input and output of the guest's program; harts that wait for input
 *   files.c    handles
 *
 * Threads: BQL. Tests: tests/system/semihosting.py
 */
#ifndef SEMIHOSTING_INTERNAL_H
#define SEMIHOSTING_INTERNAL_H

#include "hw/core/semihosting.h"
#include "system/semihosting.h"

/* ---- console.c ---- */

/* @id: of a Chardev; NULL: stdin, stdout and stderr. */
bool semihosting_console_start(const char *id, GError **error);
void semihosting_console_cleanup(void);

/* As semihosting_read(). */
ssize_t semihosting_console_read(void *buf, size_t len);

/*
 * Write to the console, or, where that is this process's own, to @fd of it. Returns how much could
 * be written: fewer than @len bytes when the reader is gone, or takes nothing for a while.
 */
size_t semihosting_console_write_to(int fd, const void *buf, size_t len);

/* What stdin is on the host: 1 or 0. */
int semihosting_console_isatty(int fd);

/*
 * As read(2), but -EAGAIN where that would sleep. A file that is always ready, or at its end, is
 * read.
 */
ssize_t semihosting_read_fd(int fd, void *buf, size_t len);

/* Wake @cpu when @fd can be read; stop waiting for it, before it is closed. */
void semihosting_wait_fd(int fd, CPUState *cpu);
void semihosting_forget_fd(int fd);

/* Wake @cpu when the console can be read. */
void semihosting_console_wait(CPUState *cpu);

/* ---- files.c ---- */

void semihosting_files_cleanup(void);

#endif
