/* SPDX-License-Identifier: MIT */
/*
 * Character device "mux": several frontends share one terminal or other device.
 *
 * Output of all goes out. Input goes to the frontend with the focus; Ctrl-A (or -echr) introduces a
 * command to the mux itself: help, exit, break, switch... To see these even while the guest does
 * not read, input is always taken and kept for the frontend that it was meant for, up to FIFO_MAX.
 *
 * Threads: BQL. Tests: tests/unit/system/test-chardev-mux.c, tests/system/terminal.py
 */
#include "qemu/osdep.h"
#include "chardev-internal.h"
#include "qemu/error.h"
#include "qemu/timer.h"

OBJECT_DECLARE_SIMPLE_TYPE(ChardevMux, CHARDEV_MUX)

#define MAX_FRONTENDS 32
/* Bytes kept for a frontend that does not read: a paste, not a file. Then the host waits, and so do
 * our own commands. */
#define FIFO_MAX 65536
/* Bytes of help and time stamps kept for a terminal that takes nothing. */
#define OWN_MAX 4096
#define CTRL_A 1

struct ChardevMux {
    Chardev parent;

    Chardev *base;  /* [const] what we are put before */
    CharBackend be; /* our plug in it */

    /* [bql] */
    CharBackend *frontends[MAX_FRONTENDS]; /* NULL: free */
    GByteArray *fifo[MAX_FRONTENDS];       /* input not yet taken, made when first needed */
    unsigned focus;                        /* index; meaningless without frontends */
    bool escaped;                          /* the escape character has just been typed */
    GByteArray *own;                       /* what the mux says itself, not yet taken */
    guint own_watch;                       /* waits for it to be taken; 0: none */
    bool timestamps;
    bool at_line_start;          /* of output */
    int64_t timestamps_start_ms; /* the first stamp is 0; -1: none yet */
};

/* [const] after set-up */
static int escape_char = CTRL_A;
static void (*quit_hook)(void);
static void (*commit_hook)(void);

void chardev_mux_set_escape(int c)
{
    escape_char = c;
}

void chardev_mux_set_hooks(void (*quit)(void), void (*commit)(void))
{
    quit_hook = quit;
    commit_hook = commit;
}

void chardev_mux_set_base(Chardev *mux, Chardev *base)
{
    CHARDEV_MUX(mux)->base = base;
}

/* ---- output ---- */

static gboolean own_possible(void *unused, GIOCondition condition, void *opaque);

/* Send what the mux itself has to say; false while the terminal does not take it all. */
static bool own_flush(ChardevMux *s)
{
    int taken = qemu_chr_fe_write(&s->be, s->own->data, s->own->len);

    g_byte_array_remove_range(s->own, 0, taken);
    if (s->own->len && !s->own_watch) {
        s->own_watch = qemu_chr_fe_add_watch(&s->be, G_IO_OUT, own_possible, s);
    }
    return s->own->len == 0;
}

static gboolean own_possible(void *unused, GIOCondition condition, void *opaque)
{
    ChardevMux *s = opaque;

    s->own_watch = 0;
    own_flush(s);
    return G_SOURCE_REMOVE;
}

static void mux_print(ChardevMux *s, const char *text)
{
    if (s->own->len < OWN_MAX) {
        g_byte_array_append(s->own, (const uint8_t *)text, strlen(text));
    }
    own_flush(s);
}

static void print_timestamp(ChardevMux *s)
{
    int64_t now_ms = qemu_clock_get_ms(QEMU_CLOCK_REALTIME);
    g_autofree char *text = NULL;
    int64_t ms, sec;

    if (s->timestamps_start_ms < 0) {
        s->timestamps_start_ms = now_ms;
    }
    ms = now_ms - s->timestamps_start_ms;
    sec = ms / 1000;
    text = g_strdup_printf("[%02d:%02d:%02d.%03d] ", (int)(sec / 3600), (int)(sec / 60 % 60),
                           (int)(sec % 60), (int)(ms % 1000));
    mux_print(s, text);
}

/* Line by line: a stamp goes before the first byte of each. */
static int write_with_timestamps(ChardevMux *s, const uint8_t *buf, int len)
{
    int done = 0;

    while (done < len) {
        const uint8_t *newline = memchr(buf + done, '\n', len - done);
        int line = newline ? newline + 1 - (buf + done) : len - done;
        int taken;

        if (s->at_line_start) {
            print_timestamp(s);
            s->at_line_start = false;
            if (s->own->len) {
                break;
            }
        }
        taken = qemu_chr_fe_write(&s->be, buf + done, line);
        done += taken;
        if (taken < line) {
            break;
        }
        s->at_line_start = newline != NULL;
    }
    return done;
}

static int mux_write(Chardev *chr, const uint8_t *buf, int len)
{
    ChardevMux *s = CHARDEV_MUX(chr);

    if (!own_flush(s)) {
        return 0;
    }
    return s->timestamps ? write_with_timestamps(s, buf, len) : qemu_chr_fe_write(&s->be, buf, len);
}

static GSource *mux_add_watch(Chardev *chr, GIOCondition condition)
{
    Chardev *base = CHARDEV_MUX(chr)->base;
    ChardevClass *cc = CHARDEV_GET_CLASS(base);

    return cc->add_watch ? cc->add_watch(base, condition) : NULL;
}

/* ---- focus ---- */

static void send_event(CharBackend *fe, QEMUChrEvent event)
{
    if (fe && fe->chr_event) {
        fe->chr_event(fe->opaque, event);
    }
}

static void set_focus(ChardevMux *s, unsigned index)
{
    Chardev *chr = CHARDEV(s);

    if (chr->be == s->frontends[index]) {
        return;
    }
    send_event(chr->be, CHR_EVENT_MUX_OUT);
    s->focus = index;
    chr->be = s->frontends[index];
    send_event(chr->be, CHR_EVENT_MUX_IN);
}

static void mux_take_focus(Chardev *chr, CharBackend *fe)
{
    set_focus(CHARDEV_MUX(chr), fe->tag);
}

static void focus_next(ChardevMux *s)
{
    for (unsigned i = 1; i <= MAX_FRONTENDS; i++) {
        unsigned index = (s->focus + i) % MAX_FRONTENDS;

        if (s->frontends[index]) {
            set_focus(s, index);
            return;
        }
    }
}

static bool mux_attach(Chardev *chr, CharBackend *fe, GError **error)
{
    ChardevMux *s = CHARDEV_MUX(chr);

    for (unsigned i = 0; i < MAX_FRONTENDS; i++) {
        if (!s->frontends[i]) {
            s->frontends[i] = fe;
            fe->tag = i;
            return true;
        }
    }
    error_setg(error, "chardev '%s' is already in use by %d frontends", chr->label, MAX_FRONTENDS);
    return false;
}

static void mux_detach(Chardev *chr, CharBackend *fe)
{
    ChardevMux *s = CHARDEV_MUX(chr);

    s->frontends[fe->tag] = NULL;
    g_clear_pointer(&s->fifo[fe->tag], g_byte_array_unref);
    if (chr->be == fe) {
        chr->be = NULL;
        focus_next(s);
    }
}

/* ---- input ---- */

/* "C-a", or the name of a character that has no such name. */
static const char *escape_name(char *buf, size_t size)
{
    if (escape_char > 0 && escape_char <= 26) {
        snprintf(buf, size, "C-%c", 'a' + escape_char - 1);
        return buf;
    }
    return "Escape-Char";
}

static void print_help(ChardevMux *s)
{
    static const char *const rows[] = {
        "h    print this help",
        "x    exit emulator",
        "s    save disk data back to file (if -snapshot)",
        "t    toggle console timestamps",
        "b    send break (magic sysrq)",
        "c    switch between console and monitor",
    };
    g_autoptr(GString) out = g_string_new("\n\r");
    char buf[8];
    const char *name = escape_name(buf, sizeof(buf));

    if (name != buf) {
        g_string_append_printf(out, "Escape-Char set to Ascii: 0x%02x\n\r\n\r", escape_char);
    }
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_string_append_printf(out, "%s %s\n\r", name, rows[i]);
    }
    g_string_append_printf(out, "%s %s  sends %s\n\r", name, name, name);
    mux_print(s, out->str);
}

static void toggle_timestamps(ChardevMux *s)
{
    s->timestamps = !s->timestamps;
    s->timestamps_start_ms = -1;
    s->at_line_start = false;
}

/* The character after the escape character; true if it is input after all. */
static bool run_command(ChardevMux *s, int c)
{
    if (c == escape_char) {
        return true;
    }
    switch (c) {
    case '?':
    case 'h':
        print_help(s);
        break;
    case 'x':
        mux_print(s, "QEMU: Terminated\n\r");
        if (quit_hook) {
            quit_hook();
        }
        break;
    case 's':
        if (commit_hook) {
            commit_hook();
        }
        break;
    case 'b':
        send_event(CHARDEV(s)->be, CHR_EVENT_BREAK);
        break;
    case 'c':
        focus_next(s);
        break;
    case 't':
        toggle_timestamps(s);
        break;
    }
    return false;
}

/* Give frontend @index what it takes of what is kept for it, focus or not. */
static void drain_fifo(ChardevMux *s, unsigned index)
{
    for (;;) {
        CharBackend *fe = s->frontends[index];
        GByteArray *fifo = s->fifo[index];
        g_autofree uint8_t *chunk = NULL;
        int len;

        if (!fe || !fe->chr_can_read || !fe->chr_read || !fifo || fifo->len == 0) {
            return;
        }
        len = MIN((int)fifo->len, fe->chr_can_read(fe->opaque));
        if (len <= 0) {
            return;
        }
        /* Out of the FIFO first: the reader may come back here through accept_input(). */
        chunk = g_memdup2(fifo->data, len);
        g_byte_array_remove_range(fifo, 0, len);
        fe->chr_read(fe->opaque, chunk, len);
    }
}

static void keep_byte(ChardevMux *s, uint8_t c)
{
    if (s->frontends[s->focus]) {
        if (!s->fifo[s->focus]) {
            s->fifo[s->focus] = g_byte_array_new();
        }
        g_byte_array_append(s->fifo[s->focus], &c, 1);
    }
}

static int mux_can_read(void *opaque)
{
    ChardevMux *s = opaque;
    GByteArray *fifo = s->fifo[s->focus];

    return FIFO_MAX - (fifo ? (int)fifo->len : 0);
}

static void mux_read(void *opaque, const uint8_t *buf, int size)
{
    ChardevMux *s = opaque;

    for (int i = 0; i < size; i++) {
        if (s->escaped) {
            s->escaped = false;
            drain_fifo(s, s->focus);
            if (run_command(s, buf[i])) {
                keep_byte(s, buf[i]);
            }
        } else if (buf[i] == escape_char) {
            s->escaped = true;
        } else {
            keep_byte(s, buf[i]);
        }
    }
    drain_fifo(s, s->focus);
}

static void mux_base_event(void *opaque, QEMUChrEvent event)
{
    qemu_chr_be_event(CHARDEV(opaque), event);
}

/* Opening and closing of the base concern all, a break only the one with the focus. */
static void mux_be_event(Chardev *chr, QEMUChrEvent event)
{
    ChardevMux *s = CHARDEV_MUX(chr);

    if (event == CHR_EVENT_BREAK) {
        send_event(chr->be, event);
        return;
    }
    for (unsigned i = 0; i < MAX_FRONTENDS; i++) {
        send_event(s->frontends[i], event);
    }
}

static void mux_accept_input(Chardev *chr)
{
    ChardevMux *s = CHARDEV_MUX(chr);

    for (unsigned i = 0; i < MAX_FRONTENDS; i++) {
        drain_fifo(s, i);
    }
    qemu_chr_fe_accept_input(&s->be);
}

static int mux_ioctl(Chardev *chr, ChrIoctl cmd, void *arg)
{
    return qemu_chr_fe_ioctl(&CHARDEV_MUX(chr)->be, cmd, arg);
}

/* ---- the type ---- */

static bool mux_open(Chardev *chr, GError **error)
{
    ChardevMux *s = CHARDEV_MUX(chr);

    if (!qemu_chr_fe_init(&s->be, s->base, error)) {
        return false;
    }
    qemu_chr_fe_set_handlers(&s->be, mux_can_read, mux_read, mux_base_event, s);
    return true;
}

static void mux_init(Object *obj)
{
    CHARDEV_MUX(obj)->own = g_byte_array_new();
}

static void mux_finalize(Object *obj)
{
    ChardevMux *s = CHARDEV_MUX(obj);

    if (s->own_watch) {
        g_source_remove(s->own_watch);
    }
    g_byte_array_unref(s->own);
    qemu_chr_fe_deinit(&s->be, false);
    for (unsigned i = 0; i < MAX_FRONTENDS; i++) {
        if (s->frontends[i]) {
            s->frontends[i]->chr = NULL;
        }
        g_clear_pointer(&s->fifo[i], g_byte_array_unref);
    }
}

static void mux_class_init(ObjectClass *oc, const void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->internal = true; /* mux=on makes one: it cannot stand alone */
    cc->open = mux_open;
    cc->attach = mux_attach;
    cc->detach = mux_detach;
    cc->write = mux_write;
    cc->add_watch = mux_add_watch;
    cc->accept_input = mux_accept_input;
    cc->ioctl = mux_ioctl;
    cc->take_focus = mux_take_focus;
    cc->be_event = mux_be_event;
}

static const TypeInfo chardev_mux_types[] = {
    {
        .name = TYPE_CHARDEV_MUX,
        .parent = TYPE_CHARDEV,
        .instance_size = sizeof(ChardevMux),
        .instance_init = mux_init,
        .instance_finalize = mux_finalize,
        .class_init = mux_class_init,
    },
};

DEFINE_TYPES(chardev_mux_types)
