/* SPDX-License-Identifier: MIT */
/*
 * QemuConfig: what the command line asks for, before anything is made.
 *
 * Filled by the handlers of config.c in the order of the command line, used by the phases of vl.c.
 * Threads: none but main.
 */
#ifndef SYSTEM_CONFIG_H
#define SYSTEM_CONFIG_H

#include "options.h"
#include "qemu/option.h"
#include "qemu/uuid.h"

/* An option to be carried out later, as the user gave it. */
typedef struct OptionArg {
    char *option; /* "-device" */
    char *value;
} OptionArg;

/* Options that make something, by the phase that makes it. */
typedef enum {
    LIST_ACCEL,
    LIST_OBJECT,
    LIST_CHARDEV,
    LIST_BLOCKDEV,
    LIST_DRIVE,
    LIST_NETDEV,
    LIST_MONITOR, /* -monitor and -mon, in their common order */
    LIST_SERIAL,
    LIST_GDB,
    LIST_DEVICE,
    LIST_TRACE,
    LIST_COUNT,
} OptionList;

/* -overcommit mem-lock= */
typedef enum {
    MEMORY_LOCK_OFF,
    MEMORY_LOCK_ON,
    MEMORY_LOCK_ON_FAULT
} MemoryLock;

struct QemuConfig {
    bool done; /* a list has been printed: there is nothing to run */

    QemuOpts *icount;  /* -icount, or NULL */
    QemuOpts *machine; /* -machine and the options that are short for its properties; "type" */
    char *cpu;         /* -cpu, or NULL */
    GArray *lists[LIST_COUNT]; /* of OptionArg */

    bool start_paused; /* -S */
    bool no_defaults;  /* -nodefaults */
    bool nographic;
    bool display_chosen; /* -display or -nographic: no display is what the user wants */
    bool serial_chosen;  /* -serial: no default one */
    bool monitor_chosen; /* -monitor, -mon or mon:: no default one */
    bool daemonize;
    bool snapshot;
    bool perfmap, jitdump;
    int memory_lock; /* MemoryLock */
    char *pidfile;
    char *log_items, *log_file, *log_filter; /* -d, -D, -dfilter */
    char *icount_text;                       /* as the user gave it last */
    char *seed;
    char *process_name; /* -name process= */
};

QemuConfig *qemu_config_new(void);
void qemu_config_free(QemuConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QemuConfig, qemu_config_free)

/* The OptionArg @i of a list; NULL behind the last. */
const OptionArg *qemu_config_get(const QemuConfig *config, OptionList list, unsigned i);

/* Handlers, one for each name in options.def. */
#define HEADING(title)
#define OPTION(name, arg, handler, help, doc) OptionHandler option_##handler;
#define LATER(name, arg, what)
#include "options.def"
#undef HEADING
#undef OPTION
#undef LATER

#endif
