/* SPDX-License-Identifier: MIT */
/*
 * The human monitor (HMP): a command line on a character device.
 *
 * Commands are rows of one table (system/monitor/hmp-commands.def), whose handlers ask the layer
 * that knows.
 * Threads: everything with the BQL held.
 * Tests: tests/unit/system/test-hmp.c, tests/system/terminal.py
 */
#ifndef SYSTEM_MONITOR_H
#define SYSTEM_MONITOR_H

#include <glib.h>
#include "hw/core/cpu.h"
#include "system/chardev.h"

typedef struct Monitor Monitor;

/**
 * monitor_init_hmp - put a monitor on @chr
 * @use_readline: edit lines with echo and history; false for scripts that want plain lines
 *
 * False, with @error, when @chr is in use. The monitor lives until monitor_cleanup().
 */
bool monitor_init_hmp(Chardev *chr, bool use_readline, GError **error);

/* The machine is complete: greet, and take commands. */
void monitor_start(void);

/* Unplug all monitors. */
void monitor_cleanup(void);

/* Print to @mon; output that the peer does not take at once is kept and sent later. */
void monitor_puts(Monitor *mon, const char *text);
void monitor_printf(Monitor *mon, const char *fmt, ...) QEMU_PRINTF(2, 3);

/**
 * monitor_run_command - execute one line as the human monitor would
 * @cpu: hart that `x`, `info registers` ... speak of, or NULL for the first
 *
 * Returns what the command printed (may be empty), to be freed. For gdb's `monitor` and the like.
 */
char *monitor_run_command(const char *line, CPUState *cpu);

#endif
