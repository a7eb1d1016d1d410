/* SPDX-License-Identifier: MIT */
/*
 * Semihosting's settings, for the command line. What guests' calls come to is in
 * hw/core/semihosting.h.
 *
 * Threads: main; BQL.
 */
#ifndef SYSTEM_SEMIHOSTING_H
#define SYSTEM_SEMIHOSTING_H

#include <glib.h>

/**
 * semihosting_configure - carry out -semihosting-config
 * @text: "[enable=]on|off[,target=native|auto][,chardev=ID][,userspace=on|off][,arg=TEXT...]"
 *
 * Several add up. Notes it only.
 */
bool semihosting_configure(const char *text, GError **error);

/* Plug the console into its character device, which exists by now. */
bool semihosting_start(GError **error);

/* Close all files, unplug the console. */
void semihosting_cleanup(void);

#endif
