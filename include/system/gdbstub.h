/* SPDX-License-Identifier: MIT */
/*
 * The gdb stub: a debugger on a character device sees the machine as one process with a thread for
 * each hart.
 *
 * While a debugger is connected and has not let the machine go, it decides whether the machine
 * runs; whoever else stops the machine (monitor, guest) makes it tell the debugger.
 *
 * Specification: GDB manual, "GDB Remote Serial Protocol". Threads: BQL, main thread.
 * Tests: tests/unit/system/gdbstub/, tests/system/gdb.py
 */
#ifndef SYSTEM_GDBSTUB_H
#define SYSTEM_GDBSTUB_H

#include <glib.h>

/* What -s and the monitor's `gdbserver` without an argument listen on. */
#define GDBSERVER_DEFAULT_DEVICE "tcp::1234"

/**
 * gdbserver_start - wait for a debugger on @device, in place of the former one
 * @device: as for -serial; "tcp:" is a server that nobody waits for; "none" ends the service
 *
 * To be called when the machine's harts exist. A former debugger's breakpoints go. On failure, and
 * with "none", there is no service any more.
 */
bool gdbserver_start(const char *device, GError **error);

/* Tell a debugger that waits for the machine to stop that it has ended with @status. */
void gdbserver_exit(int status);

/* Unplug. Its character device stays, for qemu_chr_cleanup(). */
void gdbserver_cleanup(void);

#endif
