/* SPDX-License-Identifier: MIT */
/*
 * Which serial ports and monitors there are, and what they are connected to: -serial, -monitor,
 * -mon, -nographic, -nodefaults.
 *
 * Threads: BQL, main. Tests: tests/system/bad-input.tsv, terminal.py
 */
#ifndef SYSTEM_CONSOLE_H
#define SYSTEM_CONSOLE_H

#include "config.h"

/* Settings that must be made before the first character device: signals of the terminal. */
void console_prepare(const QemuConfig *config);

/* Is what the user asks for possible at all; before -daemonize. */
bool console_check(const QemuConfig *config, GError **error);

/* Add to @config what the user did not choose. */
void console_add_defaults(QemuConfig *config);

/* When all is well otherwise: say so if the console leads nowhere. */
void console_warn(const QemuConfig *config);

/* Make the monitors and the serial ports. */
bool console_create(const QemuConfig *config, GError **error);

#endif
