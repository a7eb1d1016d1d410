/* SPDX-License-Identifier: MIT */
/*
 * The program's life, for main.c: set-up in phases, and the way out.
 *
 * Threads: main.
 */
#ifndef SYSTEM_VL_H
#define SYSTEM_VL_H

#include <glib.h>

typedef enum {
    QEMU_INIT_FAILED, /* @error says why */
    QEMU_INIT_DONE,   /* a list was printed, or the machine's device tree written: nothing to run */
    QEMU_INIT_RUN,    /* the machine runs, or waits for -S's cont: enter the main loop */
} QemuInitResult;

/* Parse the command line, and make and start the machine that it describes. */
QemuInitResult qemu_init(int argc, char **argv, GError **error);

/*
 * Undo what qemu_init() did, however far it came: terminal, files, threads. @status is the
 * process's exit status, for a debugger.
 */
void qemu_cleanup(int status);

#endif
