/* SPDX-License-Identifier: MIT */
/*
 * The connection to gdb: a frontend of a character device. Contracts are in system/gdbstub.h.
 *
 * A debugger that connects stops the machine. A packet that comes while the machine runs stops it
 * first, since all that gdb may ask is about a machine that stands. One that goes without a word
 * leaves the machine as it is, without its breakpoints.
 * Threads: BQL, main thread. Specification: GDB manual, "Packet Acknowledgment", "Interrupts".
 * Tests: tests/system/gdb.py
 */
#include "qemu/osdep.h"
#include "gdbstub-internal.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "system/gdbstub.h"

#define IN_MAX 4096
/* Input waits while more than this is kept. */
#define OUT_MAX (2 * GDB_PACKET_MAX)
/* How long the end of the process waits for gdb to have heard of it. */
#define EXIT_ACK_MS 500

static GDBSession *session; /* [bql] */
static bool owns_chardev;   /* [bql] it was made for this service, and goes with it */

/* ---- the session ---- */

void gdb_session_reset(GDBSession *s)
{
    gdb_reader_reset(&s->reader);
    g_string_truncate(s->last, 0);
    s->multiprocess = false;
    s->extended = false;
    s->phys_mem = false;
    s->awaits_stop = false;
    s->sstep = SSTEP_ENABLE | SSTEP_NOIRQ | SSTEP_NOTIMER;
    s->g_cpu = 0;
    s->c_cpu = 0;
    s->list_cpu = 0;
}

static void machine_changed(void *opaque, bool running, RunState state)
{
    if (!running) {
        gdb_stopped(opaque, state);
    }
}

GDBSession *gdb_session_new(void)
{
    GDBSession *s = g_new0(GDBSession, 1);

    s->out = g_string_new(NULL);
    s->last = g_string_new(NULL);
    s->marks = g_array_new(false, false, sizeof(GDBMark));
    s->change = qemu_add_vm_change_state_handler(machine_changed, s);
    gdb_session_reset(s);
    return s;
}

void gdb_session_free(GDBSession *s)
{
    if (s->out_watch) {
        g_source_remove(s->out_watch);
    }
    gdb_remove_all(s);
    qemu_del_vm_change_state_handler(s->change);
    g_array_unref(s->marks);
    g_string_free(s->out, true);
    g_string_free(s->last, true);
    g_free(s);
}

/* ---- output ---- */

static gboolean out_possible(void *unused, GIOCondition condition, void *opaque);

static void flush(GDBSession *s)
{
    int taken;

    if (s->out_watch || !s->out->len) {
        return;
    }
    taken = qemu_chr_fe_write(&s->chr, (const uint8_t *)s->out->str, (int)s->out->len);
    g_string_erase(s->out, 0, taken);
    if (s->out->len) {
        s->out_watch = qemu_chr_fe_add_watch(&s->chr, G_IO_OUT | G_IO_HUP, out_possible, s);
        if (!s->out_watch) {
            g_string_truncate(s->out, 0);
        }
    }
}

static gboolean out_possible(void *unused, GIOCondition condition, void *opaque)
{
    GDBSession *s = opaque;

    s->out_watch = 0;
    flush(s);
    qemu_chr_fe_accept_input(&s->chr);
    return G_SOURCE_REMOVE;
}

static void send_byte(GDBSession *s, char byte)
{
    g_string_append_c(s->out, byte);
    flush(s);
}

void gdb_send(GDBSession *s, const char *data, size_t len)
{
    g_string_truncate(s->last, 0);
    gdb_packet_append(s->last, data, len);
    g_string_append_len(s->out, s->last->str, (gssize)s->last->len);
    flush(s);
}

/* ---- input ---- */

static void packet_received(GDBSession *s)
{
    g_autoptr(GString) reply = g_string_new(NULL);

    send_byte(s, '+');
    vm_stop(RUN_STATE_PAUSED);
    s->in_command = true;
    if (gdb_handle_packet(s, s->reader.data, reply) == GDB_REPLY) {
        gdb_send(s, reply->str, reply->len);
    }
    s->in_command = false;
}

static void take_byte(GDBSession *s, uint8_t byte)
{
    switch (gdb_reader_byte(&s->reader, byte)) {
    case GDB_EVENT_NONE:
        break;
    case GDB_EVENT_PACKET:
        packet_received(s);
        break;
    case GDB_EVENT_CORRUPT:
        send_byte(s, '-');
        break;
    case GDB_EVENT_TOO_LONG:
        /* Sent again it would not be shorter. */
        send_byte(s, '+');
        gdb_send(s, "E22", 3);
        break;
    case GDB_EVENT_INTERRUPT:
        vm_stop(RUN_STATE_PAUSED);
        break;
    case GDB_EVENT_ACK:
        g_string_truncate(s->last, 0);
        break;
    case GDB_EVENT_NAK:
        g_string_append_len(s->out, s->last->str, (gssize)s->last->len);
        flush(s);
        break;
    }
}

static int gdb_can_read(void *opaque)
{
    GDBSession *s = opaque;

    return s->out->len < OUT_MAX ? IN_MAX : 0;
}

static void gdb_read(void *opaque, const uint8_t *buf, int size)
{
    for (int i = 0; i < size; i++) {
        take_byte(opaque, buf[i]);
    }
}

static void gdb_event(void *opaque, QEMUChrEvent event)
{
    GDBSession *s = opaque;

    switch (event) {
    case CHR_EVENT_OPENED:
        gdb_session_reset(s);
        vm_stop(RUN_STATE_PAUSED);
        break;
    case CHR_EVENT_CLOSED:
        g_string_truncate(s->out, 0);
        gdb_session_reset(s);
        gdb_remove_all(s);
        break;
    case CHR_EVENT_BREAK: /* of a serial line: what Ctrl-C is elsewhere */
        vm_stop(RUN_STATE_PAUSED);
        break;
    case CHR_EVENT_MUX_IN:
    case CHR_EVENT_MUX_OUT:
        break;
    }
}

/* ---- the service ---- */

/* "tcp:..." needs not be told that it is a server, and that nobody waits for its client. */
static char *complete_device(const char *device)
{
    return g_str_has_prefix(device, "tcp:") ?
               g_strconcat(device, ",server=on,wait=off,nodelay=on", NULL) :
               g_strdup(device);
}

static bool plug(const char *device, GError **error)
{
    g_autofree char *text = complete_device(device);
    GError *failure = NULL;
    Chardev *chr = qemu_chr_new("gdb", text, NULL, &failure);

    if (!chr) {
        error_report_err(failure);
        error_setg(error, "gdbstub: couldn't create chardev");
        return false;
    }
    owns_chardev = !g_str_has_prefix(device, "chardev:");
    session = gdb_session_new();
    if (!qemu_chr_fe_init(&session->chr, chr, error)) {
        g_clear_pointer(&session, gdb_session_free);
        return false;
    }
    qemu_chr_fe_set_handlers(&session->chr, gdb_can_read, gdb_read, gdb_event, session);
    return true;
}

static void unplug(bool delete_chardev)
{
    if (session) {
        qemu_chr_fe_deinit(&session->chr, delete_chardev && owns_chardev);
        g_clear_pointer(&session, gdb_session_free);
    }
}

bool gdbserver_start(const char *device, GError **error)
{
    if (session && session->in_command) {
        error_setg(error, "a debugger cannot change the gdb server that it is connected to");
        return false;
    }
    unplug(true);
    if (g_str_equal(device, "none")) {
        return true;
    }
    if (!cpu_count()) {
        error_setg(error, "gdbstub: the machine has no hart to debug");
        return false;
    }
    return plug(device, error);
}

static void give_up(void *opaque)
{
    *(bool *)opaque = true;
}

/* A debugger that finds the connection closed when it acknowledges complains of that instead. */
static void wait_for_ack(GDBSession *s)
{
    bool timed_out = false;
    QEMUTimer *timer = timer_new_ms(QEMU_CLOCK_REALTIME, give_up, &timed_out);

    timer_mod(timer, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + EXIT_ACK_MS);
    while (s->last->len && !timed_out) {
        main_loop_wait(false);
    }
    timer_free(timer);
}

void gdbserver_exit(int status)
{
    g_autoptr(GString) packet = g_string_new(NULL);

    if (!session || !session->awaits_stop) {
        return;
    }
    g_string_printf(packet, "W%02x", status & 0xff);
    if (session->multiprocess) {
        g_string_append_printf(packet, ";process:%x", GDB_PID);
    }
    session->awaits_stop = false;
    gdb_send(session, packet->str, packet->len);
    wait_for_ack(session);
}

void gdbserver_cleanup(void)
{
    unplug(false);
}
