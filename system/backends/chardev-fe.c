/* SPDX-License-Identifier: MIT */
/*
 * The frontend's side of a character device: what devices, monitors and the gdb stub call.
 *
 * Contracts are in system/chardev.h. Threads: BQL. Tests: tests/unit/system/test-chardev.c
 */
#include "qemu/osdep.h"
#include "chardev-internal.h"
#include "qemu/error.h"

/* qemu_chr_fe_write_all() gives up when the host takes nothing for this long. */
#define WRITE_ALL_STALL_MS 2000

bool qemu_chr_fe_init(CharBackend *fe, Chardev *chr, GError **error)
{
    ChardevClass *cc;

    memset(fe, 0, sizeof(*fe));
    if (!chr) {
        return true;
    }
    cc = CHARDEV_GET_CLASS(chr);
    if (cc->attach) {
        if (!cc->attach(chr, fe, error)) {
            return false;
        }
    } else if (chr->be) {
        error_setg(error, "chardev '%s' is already in use", chr->label);
        error_append_hint(error, "'-chardev ...,mux=on' lets several users share one.\n");
        return false;
    } else {
        chr->be = fe;
    }
    fe->chr = chr;
    return true;
}

void qemu_chr_fe_deinit(CharBackend *fe, bool del)
{
    Chardev *chr = fe->chr;
    ChardevClass *cc;

    if (!chr) {
        return;
    }
    qemu_chr_fe_set_handlers(fe, NULL, NULL, NULL, NULL);
    cc = CHARDEV_GET_CLASS(chr);
    if (cc->detach) {
        cc->detach(chr, fe);
    } else {
        chr->be = NULL;
    }
    fe->chr = NULL;
    if (del) {
        qemu_chr_delete(chr);
    }
}

void qemu_chr_fe_set_handlers(CharBackend *fe, IOCanReadHandler *can_read, IOReadHandler *read,
                              IOEventHandler *event, void *opaque)
{
    Chardev *chr = fe->chr;

    fe->chr_can_read = can_read;
    fe->chr_read = read;
    fe->chr_event = event;
    fe->opaque = opaque;
    if (!chr) {
        return;
    }
    if (event && chr->be_open) {
        event(opaque, CHR_EVENT_OPENED);
    }
    if (read) {
        qemu_chr_fe_take_focus(fe);
    }
    qemu_chr_fe_accept_input(fe);
}

int qemu_chr_fe_write(CharBackend *fe, const uint8_t *buf, int len)
{
    return fe->chr ? qemu_chr_write(fe->chr, buf, len) : len;
}

static gboolean write_all_ready(int fd, GIOCondition condition, void *opaque)
{
    return G_SOURCE_REMOVE;
}

static gboolean write_all_stalled(void *opaque)
{
    *(bool *)opaque = true;
    return G_SOURCE_REMOVE;
}

/* Sleep, outside the main loop, until the host takes output again; false if it does not. */
static bool wait_writable(Chardev *chr)
{
    ChardevClass *cc = CHARDEV_GET_CLASS(chr);
    g_autoptr(GSource) ready = cc->add_watch ? cc->add_watch(chr, G_IO_OUT) : NULL;
    g_autoptr(GSource) stall = g_timeout_source_new(WRITE_ALL_STALL_MS);
    g_autoptr(GMainContext) context = g_main_context_new();
    bool stalled = false;

    if (!ready) {
        return false;
    }
    g_source_set_callback(ready, G_SOURCE_FUNC(write_all_ready), NULL, NULL);
    g_source_attach(ready, context);
    g_source_set_callback(stall, write_all_stalled, &stalled, NULL);
    g_source_attach(stall, context);
    g_main_context_iteration(context, true);
    g_source_destroy(ready);
    g_source_destroy(stall);
    return !stalled;
}

int qemu_chr_fe_write_all(CharBackend *fe, const uint8_t *buf, int len)
{
    int done = 0;

    while (done < len) {
        int taken = qemu_chr_fe_write(fe, buf + done, len - done);

        done += taken;
        if (taken == 0 && !wait_writable(fe->chr)) {
            break;
        }
    }
    return done;
}

/* The callback of a watch: GLib's own has the descriptor as first argument, ours has nothing. */
typedef struct FEWatch {
    FEWatchFunc *func;
    void *opaque;
} FEWatch;

static gboolean fe_watch_ready(int fd, GIOCondition condition, void *opaque)
{
    FEWatch *watch = opaque;

    return watch->func(NULL, condition, watch->opaque);
}

guint qemu_chr_fe_add_watch(CharBackend *fe, GIOCondition condition, FEWatchFunc *func,
                            void *opaque)
{
    ChardevClass *cc = fe->chr ? CHARDEV_GET_CLASS(fe->chr) : NULL;
    g_autoptr(GSource) source = cc && cc->add_watch ? cc->add_watch(fe->chr, condition) : NULL;
    FEWatch *watch;

    if (!source) {
        return 0;
    }
    watch = g_new(FEWatch, 1);
    *watch = (FEWatch){.func = func, .opaque = opaque};
    g_source_set_callback(source, G_SOURCE_FUNC(fe_watch_ready), watch, g_free);
    return g_source_attach(source, NULL);
}

void qemu_chr_fe_accept_input(CharBackend *fe)
{
    if (fe->chr && CHARDEV_GET_CLASS(fe->chr)->accept_input) {
        CHARDEV_GET_CLASS(fe->chr)->accept_input(fe->chr);
    }
}

int qemu_chr_fe_ioctl(CharBackend *fe, ChrIoctl cmd, void *arg)
{
    if (fe->chr && CHARDEV_GET_CLASS(fe->chr)->ioctl) {
        return CHARDEV_GET_CLASS(fe->chr)->ioctl(fe->chr, cmd, arg);
    }
    return -ENOTSUP;
}

bool qemu_chr_fe_backend_connected(CharBackend *fe)
{
    return fe->chr != NULL;
}

bool qemu_chr_fe_backend_open(CharBackend *fe)
{
    return fe->chr && fe->chr->be_open;
}

void qemu_chr_fe_set_open(CharBackend *fe, bool is_open)
{
    fe->fe_open = is_open;
}

void qemu_chr_fe_take_focus(CharBackend *fe)
{
    if (fe->chr && CHARDEV_GET_CLASS(fe->chr)->take_focus) {
        CHARDEV_GET_CLASS(fe->chr)->take_focus(fe->chr, fe);
    }
}

Chardev *qemu_chr_fe_get_driver(CharBackend *fe)
{
    return fe->chr;
}
