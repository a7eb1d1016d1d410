/* SPDX-License-Identifier: MIT */
/*
 * Errors of set-up and of management commands, and messages to the user.
 *
 * A function that can fail for a reason outside the program takes `GError **error` last
 * and returns bool (or a pointer), false (or NULL) exactly when it has set *error. @error
 * may be NULL for a caller that does not care. It is set once: pass it on, or clear it
 * before going on. A message names the object and the value, has no full stop, no newline,
 * and no program name; whoever reports it adds those.
 *
 * What the guest does wrong is never an error of this kind: see qemu/log.h.
 */
#ifndef QEMU_ERROR_H
#define QEMU_ERROR_H

/* The domain of all our errors; @code is an ErrorClass, which QMP shows as "class". */
#define TINAMOU_ERROR (tinamou_error_quark())
GQuark tinamou_error_quark(void);

typedef enum {
    ERROR_CLASS_GENERIC_ERROR,
    ERROR_CLASS_COMMAND_NOT_FOUND,
    ERROR_CLASS_DEVICE_NOT_ACTIVE,
    ERROR_CLASS_DEVICE_NOT_FOUND,
} ErrorClass;

/* "GenericError", "CommandNotFound", ... An error of another domain is generic. */
const char *error_class_name(const GError *err);

/**
 * error_setg - set an error of class GenericError
 * @error: where to, or NULL; *@error must be NULL
 */
void error_setg(GError **error, const char *fmt, ...) QEMU_PRINTF(2, 3);

/* The same with a class. */
void error_set(GError **error, ErrorClass class, const char *fmt, ...) QEMU_PRINTF(3, 4);

/**
 * error_setg_errno - set an error that ends in ": " and the text of an errno value
 * @os_errno: positive errno value; 0 adds nothing
 */
void error_setg_errno(GError **error, int os_errno, const char *fmt, ...) QEMU_PRINTF(3, 4);

/* "Could not open 'PATH': REASON", the wording that users' scripts know. */
void error_setg_file_open(GError **error, int os_errno, const char *path);

/* Puts text before the message of *@error; nothing when @error or *@error is NULL. */
void error_prefix(GError **error, const char *fmt, ...) QEMU_PRINTF(2, 3);

/**
 * error_append_hint - add a line of advice that is shown under the message
 * @error: as for error_prefix(); errors of other domains are left alone
 *
 * Ends in a newline of its own. Hints are printed by error_report_err() and are not part
 * of what QMP sends.
 */
void error_append_hint(GError **error, const char *fmt, ...) QEMU_PRINTF(2, 3);

/* The hints so far, or "". Valid as long as @err. */
const char *error_get_hint(const GError *err);

/* Report and free. @err must not be NULL. */
void error_report_err(GError *err);
void warn_report_err(GError *err);

/* The same with text before the message. */
void error_reportf_err(GError *err, const char *fmt, ...) QEMU_PRINTF(2, 3);

/*
 * Messages: "PROGRAM: LOCATION: text\n" on stderr, "warning: " or "info: " before the text,
 * in one write. From any thread. A sink (below) takes them instead.
 */
void error_report(const char *fmt, ...) QEMU_PRINTF(1, 2);
void warn_report(const char *fmt, ...) QEMU_PRINTF(1, 2);
void info_report(const char *fmt, ...) QEMU_PRINTF(1, 2);
void error_vreport(const char *fmt, va_list ap) QEMU_PRINTF(1, 0);

/* Warn only the first time; *@printed is the caller's static flag. Returns whether it did. */
bool warn_report_once_cond(bool *printed, const char *fmt, ...) QEMU_PRINTF(2, 3);
#define warn_report_once(...)                                                                      \
    __extension__({                                                                                \
        static bool warn_printed_;                                                                 \
        warn_report_once_cond(&warn_printed_, __VA_ARGS__);                                        \
    })

/*
 * Location: what the message is about, as the user gave it ("-device foo,id=1a"). A stack
 * per thread, of structs that live in the caller's frames. Empty at start.
 *
 *     ErrorLocation loc;
 *     error_location_push(&loc, "-device %s", text);
 *     ...
 *     error_location_pop(&loc);
 */
typedef struct ErrorLocation {
    char *text;
    struct ErrorLocation *outer;
} ErrorLocation;

void error_location_push(ErrorLocation *loc, const char *fmt, ...) QEMU_PRINTF(2, 3);
/* @loc must be the innermost one. */
void error_location_pop(ErrorLocation *loc);

/**
 * error_sink_set - send this thread's messages to @sink, as a monitor does while it runs a
 *                  command
 * @sink: gets one message, without program name and location, without a newline; NULL ends
 */
typedef void ErrorSink(const char *message, void *opaque);
void error_sink_set(ErrorSink *sink, void *opaque);

/* argv[0] at start-up: its last component is the prefix. Default: tinamou-system-riscv64. */
void error_init(const char *argv0);
const char *error_get_progname(void);

/* `-msg timestamp=on`: ISO 8601 UTC time with microseconds before each message. */
void error_set_timestamps(bool on);

#endif
