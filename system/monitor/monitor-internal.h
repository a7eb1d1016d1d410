/* SPDX-License-Identifier: MIT */
/*
 * Between the files of the human monitor.
 *
 * Threads: BQL. Tests: tests/unit/system/test-hmp.c
 */
#ifndef MONITOR_INTERNAL_H
#define MONITOR_INTERNAL_H

#include "qemu/error.h"
#include "readline.h"
#include "system/monitor.h"

/* How `x` and `print` show a number; what is not given is as the last time. */
typedef struct HMPFormat {
    char format; /* one of x d u o c i */
    int size;    /* bytes of a number: 1, 2, 4 or 8 */
} HMPFormat;

struct Monitor {
    CharBackend chr; /* unused while output is captured */
    ReadLine *rs;    /* NULL: plain lines */
    GString *plain;  /* the line so far, without a ReadLine */
    GString *out;    /* not yet taken by the peer */
    guint out_watch; /* waits for it to take more; 0: none */
    bool captured;   /* output stays in @out: monitor_run_command() */
    bool unfocused;  /* another frontend of a mux has the focus: @out waits */
    bool greeted;    /* the banner has been shown */
    bool quitting;   /* the program ends: no prompt any more */
    int cpu_index;   /* hart that commands speak of */
    HMPFormat format;
};

/* The hart that commands speak of, or NULL when the machine has none. */
CPUState *monitor_get_cpu(Monitor *mon);

/* ---- commands (hmp.c) ---- */

typedef struct HMPArgs HMPArgs;

typedef bool HMPHandler(Monitor *mon, const HMPArgs *args, GError **error);

/**
 * HMPCommand - a row of hmp-commands.def
 * @name:   "cont"; @alias: "c", or NULL
 * @args:   "name:type[?]" separated by commas; types: s word, S rest of the line, l expression,
 *          b on|off, / a format such as /4xw; "-x" is a flag
 * @params: what help shows behind the name
 * @help:   one line
 */
typedef struct HMPCommand {
    const char *name, *alias;
    const char *args;
    const char *params;
    const char *help;
    HMPHandler *handler;
} HMPCommand;

/* Run one line. What goes wrong is printed. */
void hmp_run(Monitor *mon, const char *line);

/* Words that may stand for the last one of @text. */
void hmp_complete(const char *text, GPtrArray *words);

/* Arguments, by the name in the row. */
bool hmp_has(const HMPArgs *args, const char *name);
const char *hmp_str(const HMPArgs *args, const char *name); /* NULL: absent */
uint64_t hmp_int(const HMPArgs *args, const char *name);    /* 0: absent */
bool hmp_bool(const HMPArgs *args, const char *name);       /* b, and flags by their letter */

/* The count, format and size of type '/'. */
typedef struct HMPFormatArg {
    unsigned count;
    HMPFormat format;
} HMPFormatArg;
HMPFormatArg hmp_format(const HMPArgs *args);

/* ---- expressions (hmp-expr.c) ---- */

/**
 * hmp_parse_expression - integers, + - * / % & | ^ ~ ( ), 'c' and $register
 * @pos: where to begin; moved behind the expression and the blanks after it
 * @cpu: whose registers; may be NULL
 */
bool hmp_parse_expression(const char **pos, CPUState *cpu, int64_t *value, GError **error);

/* Handlers, one for each row. */
#define HMP_COMMAND(name, alias, args, params, help, handler) HMPHandler handler;
#define HMP_INFO(name, args, params, help, handler) HMPHandler handler;
#include "hmp-commands.def"
#undef HMP_COMMAND
#undef HMP_INFO

#endif
