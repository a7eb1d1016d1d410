/* SPDX-License-Identifier: MIT */
/*
 * Error objects: our GError domain, whose errors carry lines of advice besides the message.
 * How they reach the user is report.c. No state, any thread.
 * Tests: tests/unit/util/test-error.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"

typedef struct TinamouErrorPrivate {
    GString *hint; /* NULL while there is none */
} TinamouErrorPrivate;

static void tinamou_error_private_init(TinamouErrorPrivate *priv)
{
    priv->hint = NULL;
}

static void tinamou_error_private_copy(const TinamouErrorPrivate *src, TinamouErrorPrivate *dst)
{
    dst->hint = src->hint ? g_string_new(src->hint->str) : NULL;
}

static void tinamou_error_private_clear(TinamouErrorPrivate *priv)
{
    if (priv->hint) {
        g_string_free(priv->hint, true);
    }
}

G_DEFINE_EXTENDED_ERROR(TinamouError, tinamou_error)

const char *error_class_name(const GError *err)
{
    static const char *const names[] = {
        [ERROR_CLASS_GENERIC_ERROR] = "GenericError",
        [ERROR_CLASS_COMMAND_NOT_FOUND] = "CommandNotFound",
        [ERROR_CLASS_DEVICE_NOT_ACTIVE] = "DeviceNotActive",
        [ERROR_CLASS_DEVICE_NOT_FOUND] = "DeviceNotFound",
    };
    bool ours = err->domain == TINAMOU_ERROR && err->code < ARRAY_SIZE(names);
    return names[ours ? err->code : ERROR_CLASS_GENERIC_ERROR];
}

static void error_setv(GError **error, ErrorClass class, int os_errno, const char *fmt, va_list ap)
    QEMU_PRINTF(4, 0);

static void error_setv(GError **error, ErrorClass class, int os_errno, const char *fmt, va_list ap)
{
    if (!error) {
        return;
    }
    g_assert(!*error);
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    if (os_errno) {
        g_set_error(error, TINAMOU_ERROR, class, "%s: %s", text, g_strerror(os_errno));
    } else {
        g_set_error_literal(error, TINAMOU_ERROR, class, text);
    }
}

void error_setg(GError **error, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    error_setv(error, ERROR_CLASS_GENERIC_ERROR, 0, fmt, ap);
    va_end(ap);
}

void error_set(GError **error, ErrorClass class, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    error_setv(error, class, 0, fmt, ap);
    va_end(ap);
}

void error_setg_errno(GError **error, int os_errno, const char *fmt, ...)
{
    /* Callers go on to look at errno. */
    int saved_errno = errno;
    va_list ap;
    va_start(ap, fmt);
    error_setv(error, ERROR_CLASS_GENERIC_ERROR, os_errno, fmt, ap);
    va_end(ap);
    errno = saved_errno;
}

void error_setg_file_open(GError **error, int os_errno, const char *path)
{
    error_setg_errno(error, os_errno, "Could not open '%s'", path);
}

void error_prefix(GError **error, const char *fmt, ...)
{
    if (!error || !*error) {
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    g_autofree char *prefix = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_autofree char *old = (*error)->message;
    (*error)->message = g_strconcat(prefix, old, NULL);
}

void error_append_hint(GError **error, const char *fmt, ...)
{
    if (!error || !*error || (*error)->domain != TINAMOU_ERROR) {
        return;
    }
    TinamouErrorPrivate *priv = tinamou_error_get_private(*error);
    if (!priv->hint) {
        priv->hint = g_string_new(NULL);
    }
    va_list ap;
    va_start(ap, fmt);
    g_string_append_vprintf(priv->hint, fmt, ap);
    va_end(ap);
}

const char *error_get_hint(const GError *err)
{
    if (err->domain != TINAMOU_ERROR) {
        return "";
    }
    TinamouErrorPrivate *priv = tinamou_error_get_private(err);
    return priv->hint ? priv->hint->str : "";
}
