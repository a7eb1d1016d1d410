/* SPDX-License-Identifier: MIT */
/*
 * The core of character devices: the base type, the registry of those that exist, and the path of
 * bytes between a kind (chardev-*.c) and its frontend (chardev-fe.c).
 *
 * Chardevs are objects at /chardevs/<id>; the registry is that container.
 * Threads: BQL. Tests: tests/unit/system/test-chardev.c
 */
#include "qemu/osdep.h"
#include "chardev-internal.h"
#include "qemu/cutils.h"
#include "qemu/error.h"

#define MAX_SERIAL_PORTS 16

/* [bql] what -serial named, by number; see serial_hd_add() */
static Chardev *serial_hds[MAX_SERIAL_PORTS];
static unsigned num_serial_hds;

static Object *chardev_container(void)
{
    return container_get(object_get_root(), "/chardevs");
}

/* ---- bytes and events ---- */

int qemu_chr_be_can_write(Chardev *chr)
{
    CharBackend *be = chr->be;

    return be && be->chr_can_read && be->chr_read ? be->chr_can_read(be->opaque) : 0;
}

void qemu_chr_be_write(Chardev *chr, const uint8_t *buf, int len)
{
    CharBackend *be = chr->be;

    if (be && be->chr_read) {
        be->chr_read(be->opaque, buf, len);
    }
}

void qemu_chr_be_event(Chardev *chr, QEMUChrEvent event)
{
    ChardevClass *cc = CHARDEV_GET_CLASS(chr);
    CharBackend *be = chr->be;

    if (event == CHR_EVENT_OPENED || event == CHR_EVENT_CLOSED) {
        chr->be_open = event == CHR_EVENT_OPENED;
    }
    if (cc->be_event) {
        cc->be_event(chr, event);
    } else if (be && be->chr_event) {
        be->chr_event(be->opaque, event);
    }
}

int qemu_chr_write(Chardev *chr, const uint8_t *buf, int len)
{
    int taken = CHARDEV_GET_CLASS(chr)->write(chr, buf, len);

    if (chr->log_fd >= 0 && taken > 0 && !qemu_write_full(chr->log_fd, buf, taken)) {
        warn_report("chardev '%s': cannot write its log file, which ends here: %s", chr->label,
                    strerror(errno));
        close(chr->log_fd);
        chr->log_fd = -1;
    }
    return taken;
}

/* ---- making ---- */

void chardev_set_filename(Chardev *chr, const char *fmt, ...)
{
    va_list ap;

    g_free(chr->filename);
    va_start(ap, fmt);
    chr->filename = g_strdup_vprintf(fmt, ap);
    va_end(ap);
}

static ChardevClass *chardev_class_for(const char *kind, GError **error)
{
    g_autofree char *type = g_strconcat(CHARDEV_TYPE_PREFIX, kind, NULL);
    ObjectClass *oc = object_class_by_name(type);

    if (oc && object_class_dynamic_cast(oc, TYPE_CHARDEV) && !object_class_is_abstract(oc) &&
        !CHARDEV_CLASS(oc)->internal) {
        return CHARDEV_CLASS(oc);
    }
    error_setg(error, "'%s' is not a valid char driver name", kind);
    error_append_hint(error, "'-chardev help' lists those that exist.\n");
    return NULL;
}

static bool open_log(Chardev *chr, const char *path, bool append, GError **error)
{
    if (path) {
        chr->log_fd =
            qemu_open(path, O_WRONLY | O_CREAT | O_NONBLOCK | (append ? O_APPEND : O_TRUNC), error);
        return chr->log_fd >= 0;
    }
    return true;
}

static bool open_and_add(Chardev *chr, GError **error)
{
    return CHARDEV_GET_CLASS(chr)->open(chr, error) &&
           object_property_try_add_child(chardev_container(), chr->label, OBJECT(chr), error);
}

static Chardev *chardev_new(ChardevClass *cc, const char *id)
{
    Chardev *chr = CHARDEV(object_new_with_class(OBJECT_CLASS(cc)));

    chr->label = g_strdup(id);
    chardev_set_filename(chr, "%s",
                         object_class_get_name(OBJECT_CLASS(cc)) + strlen(CHARDEV_TYPE_PREFIX));
    return chr;
}

/* The multiplexer that mux=on puts before @base. */
static Chardev *create_mux(const char *id, Chardev *base, GError **error)
{
    g_autoptr(Chardev) mux = chardev_new(CHARDEV_CLASS(object_class_by_name(TYPE_CHARDEV_MUX)), id);

    chardev_mux_set_base(mux, base);
    if (!open_and_add(mux, error)) {
        object_unparent(OBJECT(base));
        return NULL;
    }
    return mux;
}

Chardev *chardev_create(const char *id, QemuOpts *opts, GError **error)
{
    const char *kind = qemu_opt_get(opts, "backend");
    const char *logfile = qemu_opt_get(opts, "logfile");
    bool mux = false, logappend = false;
    g_autofree char *mux_base_id = g_strconcat(id, "-base", NULL);
    g_autoptr(Chardev) chr = NULL;
    ChardevClass *cc;

    if (!kind) {
        error_setg(error, "chardev: \"%s\" missing backend", id);
        error_append_hint(error, "The kind comes first: '-chardev stdio,id=%s'.\n", id);
        return NULL;
    }
    cc = chardev_class_for(kind, error);
    if (!cc || !qemu_opt_get_bool(opts, "mux", &mux, error) ||
        !qemu_opt_get_bool(opts, "logappend", &logappend, error)) {
        return NULL;
    }
    if (qemu_chr_find(id)) {
        error_setg(error, "Duplicate ID '%s' for chardev", id);
        return NULL;
    }
    chr = chardev_new(cc, mux ? mux_base_id : id);
    if ((cc->parse && !cc->parse(chr, opts, error)) || !qemu_opts_check_unused(opts, error) ||
        !open_log(chr, logfile, logappend, error) || !open_and_add(chr, error)) {
        return NULL;
    }
    /* The container has taken a reference; ours goes. */
    return mux ? create_mux(id, chr, error) : chr;
}

Chardev *qemu_chr_new_from_opts(const char *text, GError **error)
{
    g_autoptr(QemuOpts)
        opts = qemu_opts_parse(text, "backend", QEMU_OPTS_LEGACY_NO | QEMU_OPTS_CHECK_ID, error);
    const char *id;

    if (!opts) {
        return NULL;
    }
    id = qemu_opts_id(opts);
    if (!id) {
        error_setg(error, "chardev: no id specified");
        error_append_hint(error, "Add ',id=NAME': devices name it by that.\n");
        return NULL;
    }
    return chardev_create(id, opts, error);
}

Chardev *qemu_chr_new(const char *label, const char *text, bool *with_monitor, GError **error)
{
    g_autoptr(QemuOpts) opts = NULL;
    const char *rest;
    bool monitor;

    if (strstart(text, "chardev:", &rest)) {
        Chardev *chr = qemu_chr_find(rest);

        if (!chr) {
            error_setg(error, "chardev \"%s\" not found", rest);
            error_append_hint(error, "Add '-chardev KIND,id=%s'.\n", rest);
        }
        return chr;
    }
    monitor = with_monitor && strstart(text, "mon:", &text);
    opts = chardev_opts_from_legacy(text, error);
    if (!opts) {
        return NULL;
    }
    if (monitor) {
        *with_monitor = true;
        qemu_opt_set(opts, "mux", "on");
        if (g_str_equal(text, "stdio")) {
            /* Ctrl-C is for the guest, since Ctrl-A x ends us. */
            qemu_opt_set(opts, "signal", "off");
        }
    }
    return chardev_create(label, opts, error);
}

/* ---- the registry ---- */

Chardev *qemu_chr_find(const char *id)
{
    Object *obj = object_resolve_path_component(chardev_container(), id);

    return obj ? CHARDEV(obj) : NULL;
}

void qemu_chr_delete(Chardev *chr)
{
    g_assert(!chr->be);
    object_unparent(OBJECT(chr));
}

void qemu_chr_send_break(Chardev *chr)
{
    qemu_chr_be_event(chr, CHR_EVENT_BREAK);
}

static int collect_child(Object *child, void *opaque)
{
    g_ptr_array_add(opaque, child);
    return 0;
}

void qemu_chr_cleanup(void)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new();

    num_serial_hds = 0;
    object_child_foreach(chardev_container(), collect_child, all);
    /* The last made first: a mux before its base. */
    for (guint i = all->len; i-- > 0;) {
        object_unparent(all->pdata[i]);
    }
}

Chardev *serial_hd(unsigned index)
{
    return index < num_serial_hds ? serial_hds[index] : NULL;
}

bool serial_hd_add(Chardev *chr)
{
    if (num_serial_hds == MAX_SERIAL_PORTS) {
        return false;
    }
    serial_hds[num_serial_hds++] = chr;
    return true;
}

static void print_type(ObjectClass *oc, void *opaque)
{
    if (!CHARDEV_CLASS(oc)->internal) {
        g_string_append_printf(opaque, "  %s\n",
                               object_class_get_name(oc) + strlen(CHARDEV_TYPE_PREFIX));
    }
}

void qemu_chr_print_types(GString *out)
{
    GSList *list = object_class_get_list(TYPE_CHARDEV, false);

    g_string_append(out, "Available chardev backend types: \n");
    g_slist_foreach(list, (GFunc)print_type, out);
    g_slist_free(list);
}

static int print_one(Object *child, void *opaque)
{
    Chardev *chr = CHARDEV(child);

    g_string_append_printf(opaque, "%s: filename=%s\n", chr->label, chr->filename);
    return 0;
}

void qemu_chr_print_all(GString *out)
{
    object_child_foreach(chardev_container(), print_one, out);
}

/* ---- the type ---- */

static void chardev_init(Object *obj)
{
    CHARDEV(obj)->log_fd = -1;
}

static void chardev_finalize(Object *obj)
{
    Chardev *chr = CHARDEV(obj);

    /* Only at exit: a frontend that is still plugged in must not look at us any more. */
    if (chr->be) {
        chr->be->chr = NULL;
    }
    if (chr->log_fd >= 0) {
        close(chr->log_fd);
    }
    g_free(chr->label);
    g_free(chr->filename);
}

static const TypeInfo chardev_types[] = {
    {
        .name = TYPE_CHARDEV,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Chardev),
        .instance_init = chardev_init,
        .instance_finalize = chardev_finalize,
        .abstract = true,
        .class_size = sizeof(ChardevClass),
    },
};

DEFINE_TYPES(chardev_types)
