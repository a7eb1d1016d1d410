/* SPDX-License-Identifier: MIT */
/*
 * Messages to the user: "PROGRAM: LOCATION: text" on stderr, or into a monitor's sink. A
 * message is one write, so that those of several threads do not mix. Location and sink
 * belong to a thread; the program's name and the time stamp are set at start-up.
 * Tests: tests/unit/util/test-error.c.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/error.h"

#define DEFAULT_PROGNAME "tinamou-system-riscv64"

static const char *progname = DEFAULT_PROGNAME; /* [const] after error_init() */
static bool with_timestamps;                    /* [atomic] */

static __thread ErrorLocation *current_location;
static __thread ErrorSink *current_sink;
static __thread void *current_sink_opaque;

void error_init(const char *argv0)
{
    const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
    const char *name = slash ? slash + 1 : argv0;
    progname = name && *name ? name : DEFAULT_PROGNAME;
}

const char *error_get_progname(void)
{
    return progname;
}

void error_set_timestamps(bool on)
{
    qatomic_set(&with_timestamps, on);
}

void error_location_push(ErrorLocation *loc, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    loc->text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    loc->outer = current_location;
    current_location = loc;
}

void error_location_pop(ErrorLocation *loc)
{
    g_assert(current_location == loc);
    current_location = loc->outer;
    g_free(loc->text);
}

void error_sink_set(ErrorSink *sink, void *opaque)
{
    current_sink = sink;
    current_sink_opaque = opaque;
}

static void append_timestamp(GString *line)
{
    struct timespec now;
    struct tm utc;
    char date[sizeof("YYYY-MM-DDThh:mm:ss")];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
    g_string_append_printf(line, "%s.%06ldZ ", date, now.tv_nsec / 1000);
}

/* @kind: "", "warning: " or "info: ". @hint: lines with newlines, or "". */
static void report(const char *kind, const char *text, const char *hint)
{
    g_autoptr(GString) line = g_string_new(NULL);
    if (current_sink) {
        g_string_printf(line, "%s%s%s%s", kind, text, *hint ? "\n" : "", hint);
        g_strchomp(line->str);
        current_sink(line->str, current_sink_opaque);
        return;
    }
    if (qatomic_read(&with_timestamps)) {
        append_timestamp(line);
    }
    g_string_append_printf(line, "%s: ", progname);
    if (current_location) {
        g_string_append_printf(line, "%s: ", current_location->text);
    }
    g_string_append_printf(line, "%s%s\n%s", kind, text, hint);
    fwrite(line->str, 1, line->len, stderr);
}

static void vreport(const char *kind, const char *fmt, va_list ap) QEMU_PRINTF(2, 0);

static void vreport(const char *kind, const char *fmt, va_list ap)
{
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    report(kind, text, "");
}

void error_vreport(const char *fmt, va_list ap)
{
    vreport("", fmt, ap);
}

void error_report(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vreport("", fmt, ap);
    va_end(ap);
}

void warn_report(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vreport("warning: ", fmt, ap);
    va_end(ap);
}

void info_report(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vreport("info: ", fmt, ap);
    va_end(ap);
}

bool warn_report_once_cond(bool *printed, const char *fmt, ...)
{
    if (qatomic_xchg(printed, true)) {
        return false;
    }
    va_list ap;
    va_start(ap, fmt);
    vreport("warning: ", fmt, ap);
    va_end(ap);
    return true;
}

void error_report_err(GError *err)
{
    report("", err->message, error_get_hint(err));
    g_error_free(err);
}

void warn_report_err(GError *err)
{
    report("warning: ", err->message, error_get_hint(err));
    g_error_free(err);
}

void error_reportf_err(GError *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    g_autofree char *prefix = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    error_prefix(&err, "%s", prefix);
    error_report_err(err);
}
