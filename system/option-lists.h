/* SPDX-License-Identifier: MIT */
/*
 * What options print for "help": lists of what exists. All to standard output.
 *
 * Threads: none but main. Tests: tests/system/bad-input.tsv, help.py
 */
#ifndef SYSTEM_OPTION_LISTS_H
#define SYSTEM_OPTION_LISTS_H

#include "qemu/option.h"

/* Print what @fill writes; true. */
bool option_list_print(void (*fill)(GString *out));

/* -machine [NAME,]help */
bool option_list_machine(QemuOpts *opts, GError **error);
/* -cpu help, -cpu MODEL,help */
bool option_list_cpu(const char *value, GError **error);
/* -device [DRIVER,]help, -object [TYPE,]help */
bool option_list_device(QemuOpts *opts, GError **error);
bool option_list_object(QemuOpts *opts, GError **error);
bool option_list_netdev(void);
/* -d help, -d trace:help; -trace help */
bool option_list_log(const char *value);
bool option_list_trace(void);

/* For option_list_print(): -accel help, -display help */
void option_list_accel(GString *out);
void option_list_display(GString *out);

#endif
