/* SPDX-License-Identifier: MIT */
/*
 * -daemonize and -pidfile.
 *
 * Threads: main. Tests: tests/system/exit-status.py
 */
#ifndef SYSTEM_DAEMON_H
#define SYSTEM_DAEMON_H

#include <glib.h>

/**
 * daemon_fork - go to the background; before any thread exists
 * @is_parent: set in the process that the user started, once the daemon is set up: end it then
 *
 * The parent waits for daemon_ready(). False with @error in the parent when the daemon ended before
 * that (it has said why itself), or when there can be none.
 */
bool daemon_fork(bool *is_parent, GError **error);

/* In the daemon, when all is set up: let go of the terminal and release the parent. */
bool daemon_ready(GError **error);

/* Write our process id to @path, which pidfile_remove() removes. Refuses one that is in use. */
bool pidfile_create(const char *path, GError **error);
void pidfile_remove(void);

#endif
