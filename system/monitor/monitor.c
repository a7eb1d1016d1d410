/* SPDX-License-Identifier: MIT */
/*
 * A monitor as a frontend of a character device: greeting, input to the line editor, output.
 *
 * Output that the peer does not take is kept and sent when it does; while the focus of a mux is
 * elsewhere it is kept too. Input waits while more than OUT_MAX bytes are kept.
 * Threads: BQL. Tests: tests/unit/system/test-hmp.c, tests/system/terminal.py
 */
#include "qemu/osdep.h"
#include "monitor-internal.h"
#include "qemu/version.h"

#define OUT_MAX 65536
/* How many bytes of input are taken at once. */
#define IN_MAX 4096

static GPtrArray *monitors; /* [bql] of Monitor */
static bool started;        /* [bql] monitor_start() has been called */

/* ---- output ---- */

static gboolean out_possible(void *unused, GIOCondition condition, void *opaque);

static void flush(Monitor *mon)
{
    int taken;

    if (mon->captured || mon->unfocused || mon->out_watch || !mon->out->len) {
        return;
    }
    taken = qemu_chr_fe_write(&mon->chr, (const uint8_t *)mon->out->str, mon->out->len);
    g_string_erase(mon->out, 0, taken);
    if (mon->out->len) {
        mon->out_watch = qemu_chr_fe_add_watch(&mon->chr, G_IO_OUT | G_IO_HUP, out_possible, mon);
        if (!mon->out_watch) {
            g_string_truncate(mon->out, 0);
        }
    }
}

static gboolean out_possible(void *unused, GIOCondition condition, void *opaque)
{
    Monitor *mon = opaque;

    mon->out_watch = 0;
    flush(mon);
    qemu_chr_fe_accept_input(&mon->chr);
    return G_SOURCE_REMOVE;
}

void monitor_puts(Monitor *mon, const char *text)
{
    if (mon->captured) {
        g_string_append(mon->out, text);
        return;
    }
    for (; *text; text++) {
        if (*text == '\n') {
            g_string_append_c(mon->out, '\r');
        }
        g_string_append_c(mon->out, *text);
    }
    flush(mon);
}

void monitor_printf(Monitor *mon, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    monitor_puts(mon, text);
}

/* ---- input ---- */

static void monitor_print(void *opaque, const char *text)
{
    monitor_puts(opaque, text);
}

static void monitor_line(void *opaque, const char *text)
{
    Monitor *mon = opaque;

    hmp_run(mon, text);
    if (mon->rs && !mon->quitting) {
        readline_show_prompt(mon->rs);
    }
}

static void monitor_complete(void *opaque, const char *text, GPtrArray *words)
{
    hmp_complete(text, words);
}

static const ReadLineOps readline_ops = {
    .print = monitor_print,
    .line = monitor_line,
    .complete = monitor_complete,
};

static int monitor_can_read(void *opaque)
{
    Monitor *mon = opaque;

    return mon->out->len < OUT_MAX ? IN_MAX : 0;
}

static void monitor_read(void *opaque, const uint8_t *buf, int size)
{
    Monitor *mon = opaque;

    for (int i = 0; i < size; i++) {
        if (mon->rs) {
            readline_handle_byte(mon->rs, buf[i]);
        } else if (buf[i] == '\n' || buf[i] == '\r') {
            g_autofree char *line = g_strdup(mon->plain->str);

            g_string_truncate(mon->plain, 0);
            monitor_line(mon, line);
        } else if (mon->plain->len < READLINE_MAX_LINE) {
            g_string_append_c(mon->plain, buf[i]);
        }
    }
}

static void greet(Monitor *mon)
{
    monitor_puts(mon, "QEMU " QEMU_COMPAT_VERSION " monitor - type 'help' for more information\n");
    mon->greeted = true;
    if (mon->rs && !mon->unfocused) {
        readline_show_prompt(mon->rs);
    }
}

static void monitor_event(void *opaque, QEMUChrEvent event)
{
    Monitor *mon = opaque;

    switch (event) {
    case CHR_EVENT_OPENED:
        if (started) {
            greet(mon);
        }
        break;
    case CHR_EVENT_CLOSED:
        g_string_truncate(mon->out, 0);
        break;
    case CHR_EVENT_MUX_IN:
        mon->unfocused = false;
        flush(mon);
        if (mon->greeted && mon->rs) {
            readline_show_prompt(mon->rs);
        }
        break;
    case CHR_EVENT_MUX_OUT:
        if (mon->greeted) {
            monitor_puts(mon, "\n"); /* what others print begins on a line of its own */
        }
        mon->unfocused = true;
        break;
    case CHR_EVENT_BREAK:
        break;
    }
}

/* ---- life ---- */

static Monitor *monitor_new(void)
{
    Monitor *mon = g_new0(Monitor, 1);

    mon->out = g_string_new(NULL);
    mon->plain = g_string_new(NULL);
    mon->format = (HMPFormat){.format = 'x', .size = 4};
    return mon;
}

static void monitor_free(void *opaque)
{
    Monitor *mon = opaque;

    if (mon->out_watch) {
        g_source_remove(mon->out_watch);
    }
    qemu_chr_fe_deinit(&mon->chr, false);
    g_clear_pointer(&mon->rs, readline_free);
    g_string_free(mon->out, true);
    g_string_free(mon->plain, true);
    g_free(mon);
}

bool monitor_init_hmp(Chardev *chr, bool use_readline, GError **error)
{
    Monitor *mon = monitor_new();

    if (!qemu_chr_fe_init(&mon->chr, chr, error)) {
        monitor_free(mon);
        return false;
    }
    if (use_readline) {
        mon->rs = readline_new(&readline_ops, mon, "(qemu) ");
    }
    if (!monitors) {
        monitors = g_ptr_array_new_with_free_func(monitor_free);
    }
    g_ptr_array_add(monitors, mon);
    qemu_chr_fe_set_handlers(&mon->chr, monitor_can_read, monitor_read, monitor_event, mon);
    return true;
}

void monitor_start(void)
{
    started = true;
    for (guint i = 0; monitors && i < monitors->len; i++) {
        Monitor *mon = monitors->pdata[i];

        if (qemu_chr_fe_backend_open(&mon->chr)) {
            greet(mon);
        }
    }
}

void monitor_cleanup(void)
{
    g_clear_pointer(&monitors, g_ptr_array_unref);
}

CPUState *monitor_get_cpu(Monitor *mon)
{
    return qemu_get_cpu(mon->cpu_index);
}

char *monitor_run_command(const char *line, CPUState *cpu)
{
    Monitor *mon = monitor_new();
    char *output;

    mon->captured = true;
    mon->cpu_index = cpu ? cpu->cpu_index : 0;
    hmp_run(mon, line);
    output = g_strdup(mon->out->str);
    monitor_free(mon);
    return output;
}
