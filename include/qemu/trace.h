/* SPDX-License-Identifier: MIT */
/*
 * Trace events, declared where they happen:
 *
 *     TRACE(riscv_trap, "hart:%d cause:%" PRIu64, hart, cause);
 *
 * writes "riscv_trap hart:0 cause:3" to the log (qemu/log.h) when the event is on. Off, it
 * costs the load of one byte and a branch. The compiler checks the format; a linker
 * section lists the events, so there is nothing to register. Names: subsystem_what. Two
 * uses of one name are switched together.
 */
#ifndef QEMU_TRACE_H
#define QEMU_TRACE_H

typedef struct TraceEvent {
    const char *name;   /* [const] */
    const char *format; /* [const] */
    bool enabled;       /* [atomic] relaxed */
} TraceEvent;

#define TRACE(event, fmt, ...)                                                                     \
    do {                                                                                           \
        static TraceEvent trace_event_ = {#event, fmt, false};                                     \
        static TraceEvent *const trace_event_ptr_                                                  \
            __attribute__((section("trace_events"), used)) = &trace_event_;                        \
        (void)trace_event_ptr_;                                                                    \
        if (unlikely(__atomic_load_n(&trace_event_.enabled, __ATOMIC_RELAXED))) {                  \
            trace_emit(#event " " fmt "\n", ##__VA_ARGS__);                                        \
        }                                                                                          \
    } while (0)

/* For TRACE() only. */
void trace_emit(const char *fmt, ...) QEMU_PRINTF(1, 2) QEMU_COLD;

/**
 * trace_enable_events - switch events whose names match a pattern
 * @pattern: '*' stands for any text; a leading '-' switches off
 *
 * Returns how many events matched. Without a wildcard and a match the caller warns
 * "trace event 'NAME' does not exist". Any thread.
 */
unsigned trace_enable_events(const char *pattern);

/* Calls @fn once for each name, in alphabetical order. */
void trace_foreach(void (*fn)(const char *name, bool enabled, void *opaque), void *opaque);

/* `-trace help`: the names, one a line. */
void trace_list_events(FILE *f);

#endif
