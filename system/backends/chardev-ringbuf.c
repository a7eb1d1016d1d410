/* SPDX-License-Identifier: MIT */
/*
 * Character device "ringbuf": keeps the last bytes of output in memory, for the monitor to read.
 *
 * Threads: BQL. Tests: tests/unit/system/test-chardev.c
 */
#include "qemu/osdep.h"
#include "chardev-internal.h"
#include "qemu/error.h"

#define TYPE_CHARDEV_RINGBUF CHARDEV_TYPE("ringbuf")
OBJECT_DECLARE_SIMPLE_TYPE(ChardevRingbuf, CHARDEV_RINGBUF)

#define DEFAULT_SIZE 65536
#define MAX_SIZE (1u << 30)

struct ChardevRingbuf {
    Chardev parent;

    uint64_t size; /* [const] after parse: bytes, a power of two */
    /* [bql] free-running positions: the bytes kept are [consumed, produced), at most size */
    uint64_t produced, consumed;
    uint8_t *buf;
};

static int ringbuf_write(Chardev *chr, const uint8_t *buf, int len)
{
    ChardevRingbuf *s = CHARDEV_RINGBUF(chr);

    for (int i = 0; i < len; i++) {
        s->buf[s->produced++ & (s->size - 1)] = buf[i];
    }
    s->consumed = MAX(s->consumed, s->produced - MIN(s->size, s->produced));
    return len;
}

GString *qemu_chr_ringbuf_read(Chardev *chr, size_t max, GError **error)
{
    ChardevRingbuf *s;
    GString *out;

    if (!object_dynamic_cast(OBJECT(chr), TYPE_CHARDEV_RINGBUF)) {
        error_setg(error, "%s is not a ringbuf device", chr->label);
        return NULL;
    }
    s = CHARDEV_RINGBUF(chr);
    out = g_string_new(NULL);
    while (s->consumed < s->produced && out->len < max) {
        g_string_append_c(out, s->buf[s->consumed++ & (s->size - 1)]);
    }
    return out;
}

static bool ringbuf_parse(Chardev *chr, QemuOpts *opts, GError **error)
{
    ChardevRingbuf *s = CHARDEV_RINGBUF(chr);

    s->size = DEFAULT_SIZE;
    if (!qemu_opt_get_size(opts, "size", &s->size, error)) {
        return false;
    }
    if (s->size == 0 || s->size > MAX_SIZE || (s->size & (s->size - 1))) {
        error_setg(error, "size of ringbuf chardev must be power of two");
        error_append_hint(error, "At most 1G; %d unless given.\n", DEFAULT_SIZE);
        return false;
    }
    return true;
}

static bool ringbuf_open(Chardev *chr, GError **error)
{
    CHARDEV_RINGBUF(chr)->buf = g_malloc(CHARDEV_RINGBUF(chr)->size);
    qemu_chr_be_event(chr, CHR_EVENT_OPENED);
    return true;
}

static void ringbuf_finalize(Object *obj)
{
    g_free(CHARDEV_RINGBUF(obj)->buf);
}

static void ringbuf_class_init(ObjectClass *oc, const void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->parse = ringbuf_parse;
    cc->open = ringbuf_open;
    cc->write = ringbuf_write;
}

static const TypeInfo chardev_ringbuf_types[] = {
    {
        .name = TYPE_CHARDEV_RINGBUF,
        .parent = TYPE_CHARDEV,
        .instance_size = sizeof(ChardevRingbuf),
        .instance_finalize = ringbuf_finalize,
        .class_init = ringbuf_class_init,
    },
};

DEFINE_TYPES(chardev_ringbuf_types)
