/* SPDX-License-Identifier: MIT */
/*
 * The human monitor (HMP): a command line on a character device.
 *
 * Commands are rows of one table (system/monitor/hmp-commands.def). What other layers know, they
 * print into a GString; a layer that cannot be called from here, an accelerator, registers its
 * printer by name.
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

/* Prints what `info NAME` shows. */
typedef void HMPInfoPrinter(GString *out);

/*
 * Provide `info @name`, which must be an HMP_INFO_REGISTERED row of hmp-commands.def. Called when
 * the layer is set up; calling it again replaces the printer.
 */
void monitor_register_hmp_info(const char *name, HMPInfoPrinter *print);

#endif
