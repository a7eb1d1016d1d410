/* SPDX-License-Identifier: MIT */
/*
 * The short texts of -serial, -monitor and -gdb ("tcp:localhost:4444,server=on") as options of
 * -chardev, so that each kind is opened in one way only.
 *
 * Threads: any. Tests: tests/unit/system/test-chardev-legacy.c
 */
#include "qemu/osdep.h"
#include "chardev-internal.h"
#include "qemu/cutils.h"
#include "qemu/error.h"

/* "host:port[,options]", with "[v6:addr]:port" too; host may be empty. */
static QemuOpts *parse_inet(const char *text, const char *rest, bool telnet, GError **error)
{
    const char *end = rest + strcspn(rest, ",");
    g_autofree char *address = g_strndup(rest, end - rest);
    char *colon = strrchr(address, ':');
    g_autoptr(QemuOpts) opts = NULL;

    if (!colon || !colon[1]) {
        error_setg(error, "'%s' has no port", text);
        error_append_hint(error, "The form is 'tcp:[HOST]:PORT[,server=on][,wait=off]'.\n");
        return NULL;
    }
    opts = qemu_opts_parse(*end ? end + 1 : end, NULL, QEMU_OPTS_LEGACY_NO, error);
    if (!opts) {
        return NULL;
    }
    *colon = '\0';
    qemu_opt_set(opts, "port", colon + 1);
    if (address[0] == '[' && g_str_has_suffix(address, "]")) {
        address[strlen(address) - 1] = '\0';
        qemu_opt_set(opts, "host", address + 1);
    } else {
        qemu_opt_set(opts, "host", address);
    }
    if (telnet) {
        qemu_opt_set(opts, "telnet", "on");
    }
    qemu_opt_set(opts, "backend", "socket");
    return g_steal_pointer(&opts);
}

/* "path[,options]" for the kinds that take options after it, else all of the text is the path. */
static QemuOpts *parse_path(const char *backend, const char *rest, bool has_options, GError **error)
{
    const char *end = has_options ? rest + strcspn(rest, ",") : rest + strlen(rest);
    g_autofree char *path = g_strndup(rest, end - rest);
    QemuOpts *opts = qemu_opts_parse(*end ? end + 1 : end, NULL, QEMU_OPTS_LEGACY_NO, error);

    if (opts) {
        qemu_opt_set(opts, "backend", backend);
        qemu_opt_set(opts, "path", path);
    }
    return opts;
}

/* Kinds that are their name alone. */
static bool is_plain_kind(const char *text)
{
    static const char *const kinds[] = {"null", "pty", "stdio", "ringbuf"};

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (g_str_equal(text, kinds[i])) {
            return true;
        }
    }
    return false;
}

QemuOpts *chardev_opts_from_legacy(const char *text, GError **error)
{
    const char *rest;

    if (is_plain_kind(text)) {
        QemuOpts *opts = qemu_opts_new();

        qemu_opt_set(opts, "backend", text);
        return opts;
    }
    if (strstart(text, "tcp:", &rest)) {
        return parse_inet(text, rest, false, error);
    }
    if (strstart(text, "telnet:", &rest)) {
        return parse_inet(text, rest, true, error);
    }
    if (strstart(text, "unix:", &rest)) {
        return parse_path("socket", rest, true, error);
    }
    if (strstart(text, "file:", &rest)) {
        return parse_path("file", rest, false, error);
    }
    if (strstart(text, "pipe:", &rest)) {
        return parse_path("pipe", rest, false, error);
    }
    if (strstart(text, "pty:", &rest)) {
        return parse_path("pty", rest, false, error);
    }
    error_setg(error, "'%s' is not a valid char driver", text);
    if (g_str_equal(text, "vc") || g_str_has_prefix(text, "vc:")) {
        error_append_hint(error, "A virtual console needs a display, which this version does not "
                                 "have: use 'stdio' or 'pty'.\n");
    } else {
        error_append_hint(error, "Known are stdio, mon:stdio, null, none, pty, file:PATH, "
                                 "pipe:PATH, tcp:HOST:PORT, telnet:HOST:PORT, unix:PATH and "
                                 "chardev:ID.\n");
    }
    return NULL;
}
