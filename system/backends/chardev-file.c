/* SPDX-License-Identifier: MIT */
/*
 * Character devices "null" (takes all, gives nothing), "file" (output to a file, input from
 * another) and "pipe" (two named pipes, or one for both ways).
 *
 * Threads: BQL. Tests: tests/unit/system/test-chardev.c
 */
#include "qemu/osdep.h"
#include "chardev-internal.h"
#include "qemu/error.h"

#define TYPE_CHARDEV_NULL CHARDEV_TYPE("null")
#define TYPE_CHARDEV_FILE CHARDEV_TYPE("file")
#define TYPE_CHARDEV_PIPE CHARDEV_TYPE("pipe")
OBJECT_DECLARE_SIMPLE_TYPE(ChardevFile, CHARDEV_FILE)

/* Of "file" and "pipe". */
struct ChardevFile {
    ChardevFd parent;

    /* [const] after parse */
    char *path;
    char *input_path;
    bool append;
};

/* ---- null ---- */

static bool null_open(Chardev *chr, GError **error)
{
    qemu_chr_be_event(chr, CHR_EVENT_OPENED);
    return true;
}

static int null_write(Chardev *chr, const uint8_t *buf, int len)
{
    return len;
}

static void null_class_init(ObjectClass *oc, const void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->open = null_open;
    cc->write = null_write;
}

/* ---- file ---- */

static bool path_parse(Chardev *chr, QemuOpts *opts, GError **error)
{
    ChardevFile *s = CHARDEV_FILE(chr);

    s->path = g_strdup(qemu_opt_get(opts, "path"));
    if (!s->path) {
        error_setg(error, "chardev: %s: no filename given", chr->filename);
        error_append_hint(error, "Add ',path=FILE'.\n");
        return false;
    }
    return true;
}

static bool file_parse(Chardev *chr, QemuOpts *opts, GError **error)
{
    ChardevFile *s = CHARDEV_FILE(chr);

    s->input_path = g_strdup(qemu_opt_get(opts, "input-path"));
    return path_parse(chr, opts, error) && qemu_opt_get_bool(opts, "append", &s->append, error);
}

static bool file_open(Chardev *chr, GError **error)
{
    ChardevFile *s = CHARDEV_FILE(chr);
    int in = -1;
    int out = qemu_open(s->path, O_WRONLY | O_CREAT | O_NONBLOCK | (s->append ? O_APPEND : O_TRUNC),
                        error);

    if (out < 0) {
        return false;
    }
    if (s->input_path) {
        in = qemu_open(s->input_path, O_RDONLY | O_NONBLOCK, error);
        if (in < 0) {
            close(out);
            return false;
        }
    }
    chardev_fd_start(CHARDEV_FD(s), in, out);
    qemu_chr_be_event(chr, CHR_EVENT_OPENED);
    return true;
}

static void file_class_init(ObjectClass *oc, const void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->internal = false;
    cc->parse = file_parse;
    cc->open = file_open;
}

/* ---- pipe ---- */

/*
 * PATH.in is read and PATH.out written; without those, PATH serves both ways. O_RDWR keeps us from
 * waiting for a peer, and the pipe open when the peer goes.
 */
static bool pipe_open(Chardev *chr, GError **error)
{
    ChardevFile *s = CHARDEV_FILE(chr);
    g_autofree char *in_path = g_strconcat(s->path, ".in", NULL);
    g_autofree char *out_path = g_strconcat(s->path, ".out", NULL);
    int in = qemu_open(in_path, O_RDWR | O_NONBLOCK, NULL);
    int out = qemu_open(out_path, O_RDWR | O_NONBLOCK, NULL);

    if (in < 0 || out < 0) {
        if (in >= 0) {
            close(in);
        }
        if (out >= 0) {
            close(out);
        }
        in = out = qemu_open(s->path, O_RDWR | O_NONBLOCK, error);
        if (in < 0) {
            error_append_hint(error, "Make '%s' and '%s' with mkfifo first.\n", in_path, out_path);
            return false;
        }
    }
    chardev_fd_start(CHARDEV_FD(s), in, out);
    qemu_chr_be_event(chr, CHR_EVENT_OPENED);
    return true;
}

static void pipe_class_init(ObjectClass *oc, const void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->parse = path_parse;
    cc->open = pipe_open;
}

static void path_finalize(Object *obj)
{
    ChardevFile *s = CHARDEV_FILE(obj);

    g_free(s->path);
    g_free(s->input_path);
}

static const TypeInfo chardev_file_types[] = {
    {
        .name = TYPE_CHARDEV_NULL,
        .parent = TYPE_CHARDEV,
        .class_init = null_class_init,
    },
    {
        .name = TYPE_CHARDEV_FILE,
        .parent = TYPE_CHARDEV_FD,
        .instance_size = sizeof(ChardevFile),
        .instance_finalize = path_finalize,
        .class_init = file_class_init,
    },
    {
        .name = TYPE_CHARDEV_PIPE,
        .parent = TYPE_CHARDEV_FILE,
        .class_init = pipe_class_init,
    },
};

DEFINE_TYPES(chardev_file_types)
