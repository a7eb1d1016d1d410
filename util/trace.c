/* SPDX-License-Identifier: MIT */
/*
 * Trace events: see qemu/trace.h. The linker gathers a pointer to each use of TRACE() in
 * the section "trace_events" and gives us its bounds; weak, since a program may have none.
 * Any thread: an event's switch is a relaxed atomic byte. Tests: tests/unit/util/test-trace.c.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/log.h"
#include "qemu/trace.h"

extern TraceEvent *const __start_trace_events[] __attribute__((weak, visibility("hidden")));
extern TraceEvent *const __stop_trace_events[] __attribute__((weak, visibility("hidden")));

void trace_emit(const char *fmt, ...)
{
    FILE *f = qemu_log_lock();
    va_list ap;
    va_start(ap, fmt);
    vfprintf(f, fmt, ap);
    va_end(ap);
    qemu_log_unlock(f);
}

unsigned trace_enable_events(const char *pattern)
{
    bool enable = pattern[0] != '-';
    unsigned matched = 0;
    for (TraceEvent *const *p = __start_trace_events; p < __stop_trace_events; p++) {
        if (g_pattern_match_simple(pattern + !enable, (*p)->name)) {
            qatomic_set(&(*p)->enabled, enable);
            matched++;
        }
    }
    return matched;
}

static int compare_names(const void *a, const void *b)
{
    const TraceEvent *const *ea = a, *const *eb = b;
    return strcmp((*ea)->name, (*eb)->name);
}

void trace_foreach(void (*fn)(const char *name, bool enabled, void *opaque), void *opaque)
{
    size_t n = __stop_trace_events - __start_trace_events;
    g_autofree TraceEvent **sorted = g_new(TraceEvent *, n);
    for (size_t i = 0; i < n; i++) {
        sorted[i] = __start_trace_events[i];
    }
    qsort(sorted, n, sizeof(*sorted), compare_names);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !g_str_equal(sorted[i]->name, sorted[i - 1]->name)) {
            fn(sorted[i]->name, qatomic_read(&sorted[i]->enabled), opaque);
        }
    }
}

static void print_name(const char *name, bool enabled, void *opaque)
{
    fprintf(opaque, "%s\n", name);
}

void trace_list_events(FILE *f)
{
    trace_foreach(print_name, f);
}
