/* SPDX-License-Identifier: MIT */
/*
 * The log's items and its output: see qemu/log.h. Address ranges are log-filter.c.
 *
 * One stream for all threads under log_lock, which is recursive so that code between
 * lock and unlock may call what logs; with the item "tid" a stream per thread instead.
 * Opened at the first output, or earlier by qemu_set_log().
 * Tests: tests/unit/util/test-log.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "qemu/log.h"
#include "qemu/thread.h"
#include "qemu/trace.h"

unsigned qemu_loglevel;

typedef struct LogItem {
    unsigned mask;
    const char *name;
    const char *help;
} LogItem;

/* In the order of `-d help`; the texts are those that users know. */
static const LogItem log_items[] = {
    {CPU_LOG_TB_OUT_ASM, "out_asm", "show generated host assembly code for each compiled TB"},
    {CPU_LOG_TB_IN_ASM, "in_asm", "show target assembly code for each compiled TB"},
    {CPU_LOG_TB_OP, "op", "show micro ops for each compiled TB"},
    {CPU_LOG_TB_OP_OPT, "op_opt", "show micro ops after optimization"},
    {CPU_LOG_TB_OP_IND, "op_ind", "show micro ops before indirect lowering"},
    {CPU_LOG_TB_OP_PLUGIN, "op_plugin", "show micro ops before plugin injection"},
    {CPU_LOG_INT, "int", "show interrupts/exceptions in short format"},
    {CPU_LOG_EXEC, "exec", "show trace before each executed TB (lots of logs)"},
    {CPU_LOG_TB_CPU, "cpu", "show CPU registers before entering a TB (lots of logs)"},
    {CPU_LOG_TB_FPU, "fpu", "include FPU registers in the 'cpu' logging"},
    {CPU_LOG_MMU, "mmu", "log MMU-related activities"},
    {CPU_LOG_PCALL, "pcall", "x86 only: show protected mode far calls/returns/exceptions"},
    {CPU_LOG_RESET, "cpu_reset", "show CPU state before CPU resets"},
    {LOG_UNIMP, "unimp", "log unimplemented functionality"},
    {LOG_GUEST_ERROR, "guest_errors",
     "log when the guest OS does something invalid (eg accessing a\nnon-existent register)"},
    {CPU_LOG_PAGE, "page", "dump pages at beginning of user mode emulation"},
    {CPU_LOG_TB_NOCHAIN, "nochain",
     "do not chain compiled TBs so that \"exec\" and \"cpu\" show\ncomplete traces"},
    {CPU_LOG_PLUGIN, "plugin", "output from TCG plugins"},
    {LOG_STRACE, "strace", "log every user-mode syscall, its input, and its result"},
    {LOG_PER_THREAD, "tid", "open a separate log file per thread; filename must contain '%d'"},
    {CPU_LOG_TB_VPU, "vpu", "include VPU registers in the 'cpu' logging"},
    {LOG_INVALID_MEM, "invalid_mem", "log invalid memory accesses"},
};

static void log_stream_close(FILE *f)
{
    if (f && f != stderr) {
        fclose(f);
    }
}

static void thread_stream_close(void *f)
{
    log_stream_close(f);
}

static QemuRecMutex log_lock;
static char *log_template TSA_GUARDED_BY(log_lock); /* NULL for stderr */
static FILE *log_stream TSA_GUARDED_BY(log_lock);   /* NULL until opened */
/* With the item "tid": the stream of each thread, closed when it ends. */
static GPrivate thread_stream = G_PRIVATE_INIT(thread_stream_close);

static void QEMU_CONSTRUCTOR log_init(void)
{
    qemu_rec_mutex_init(&log_lock);
}

/* The file's name for this process or thread. */
static char *log_filename(void) TSA_REQUIRES(log_lock)
{
    int id = qemu_loglevel_mask(LOG_PER_THREAD) ? qemu_get_thread_id() : getpid();
    const char *percent = strchr(log_template, '%');
    if (!percent) {
        return g_strdup(log_template);
    }
    return g_strdup_printf("%.*s%d%s", (int)(percent - log_template), log_template, id,
                           percent + 2);
}

static FILE *log_open(GError **error) TSA_REQUIRES(log_lock)
{
    if (!log_template) {
        return stderr;
    }
    g_autofree char *name = log_filename();
    FILE *f = fopen(name, "we");
    if (!f) {
        error_setg_file_open(error, errno, name);
        return NULL;
    }
    setvbuf(f, NULL, _IOLBF, 0);
    return f;
}

/* The stream to write to; a file that does not open is reported once and stderr serves. */
static FILE *log_get_stream(void) TSA_REQUIRES(log_lock)
{
    bool per_thread = log_template && qemu_loglevel_mask(LOG_PER_THREAD);
    FILE *f = per_thread ? g_private_get(&thread_stream) : log_stream;
    if (!f) {
        GError *err = NULL;
        f = log_open(&err);
        if (!f) {
            warn_report_err(err);
            f = stderr;
        }
        if (per_thread) {
            g_private_set(&thread_stream, f);
        } else {
            log_stream = f;
        }
    }
    return f;
}

/* Held from here to the unlock, which the analysis cannot follow through a return value. */
FILE *qemu_log_lock(void) TSA_NO_ANALYSIS
{
    qemu_rec_mutex_lock(&log_lock);
    return log_get_stream();
}

void qemu_log_unlock(FILE *logfile) TSA_NO_ANALYSIS
{
    if (logfile) {
        fflush(logfile);
        qemu_rec_mutex_unlock(&log_lock);
    }
}

void qemu_log(const char *fmt, ...)
{
    FILE *f = qemu_log_lock();
    if (f) {
        va_list ap;
        va_start(ap, fmt);
        vfprintf(f, fmt, ap);
        va_end(ap);
        qemu_log_unlock(f);
    }
}

bool qemu_set_log(unsigned mask, GError **error)
{
    bool ok = true;
    qemu_rec_mutex_lock(&log_lock);
    qatomic_set(&qemu_loglevel, mask);
    if (mask && !(mask & LOG_PER_THREAD) && !log_stream) {
        log_stream = log_open(error);
        ok = log_stream != NULL;
    } else if (!mask) {
        log_stream_close(log_stream);
        log_stream = NULL;
    }
    qemu_rec_mutex_unlock(&log_lock);
    return ok;
}

/* At most one '%', and that in "%d". */
static bool is_valid_template(const char *name)
{
    const char *percent = strchr(name, '%');
    return !percent || (percent[1] == 'd' && !strchr(percent + 1, '%'));
}

bool qemu_set_log_filename(const char *filename, GError **error)
{
    if (filename && !is_valid_template(filename)) {
        error_setg(error, "Bad logfile template: '%s'", filename);
        return false;
    }
    qemu_rec_mutex_lock(&log_lock);
    g_free(log_template);
    log_template = g_strdup(filename);
    log_stream_close(log_stream);
    log_stream = NULL;
    unsigned mask = qatomic_read(&qemu_loglevel);
    qemu_rec_mutex_unlock(&log_lock);
    return qemu_set_log(mask, error);
}

/* The bits of one item; 0 when unknown. */
static unsigned item_mask(const char *name)
{
    unsigned all = 0;
    for (int i = 0; i < ARRAY_SIZE(log_items); i++) {
        if (g_str_equal(log_items[i].name, name)) {
            return log_items[i].mask;
        }
        all |= log_items[i].mask;
    }
    return g_str_equal(name, "all") ? all & ~LOG_PER_THREAD : 0;
}

unsigned qemu_str_to_log_mask(const char *items)
{
    g_auto(GStrv) names = g_strsplit(items, ",", -1);
    unsigned mask = 0;
    for (int i = 0; names[i]; i++) {
        if (g_str_has_prefix(names[i], "trace:")) {
            trace_enable_events(names[i] + strlen("trace:"));
            mask |= LOG_TRACE;
            continue;
        }
        unsigned bits = item_mask(names[i]);
        if (!bits) {
            return 0;
        }
        mask |= bits;
    }
    return mask;
}

void qemu_print_log_usage(FILE *f)
{
    fprintf(f, "Log items (comma separated):\n");
    for (int i = 0; i < ARRAY_SIZE(log_items); i++) {
        fprintf(f, "%-15s %s\n", log_items[i].name, log_items[i].help);
    }
    fprintf(f, "trace:PATTERN   enable trace events\n");
    fprintf(f, "\nUse \"-d trace:help\" to get a list of trace events.\n\n");
}
