/* SPDX-License-Identifier: MIT */
/*
 * Commands of gdb's remote protocol that ask and set: those that begin with q and Q.
 *
 * Threads: BQL; the machine does not run. Specification: GDB manual, "General Query Packets"; those
 * called qemu as QEMU's manual, "GDB usage", has them.
 * Tests: tests/unit/system/gdbstub/test-target.c
 */
#include "qemu/osdep.h"
#include "gdbstub-internal.h"
#include "qemu/atomic.h"
#include "qemu/cutils.h"
#include "system/monitor.h"

#define SSTEP_ALL (SSTEP_ENABLE | SSTEP_NOIRQ | SSTEP_NOTIMER)

/* ---- the session ---- */

static GDBResult supported(GDBSession *s, const char *args, GString *reply)
{
    g_auto(GStrv) features = g_strsplit(*args == ':' ? args + 1 : args, ";", -1);

    if (g_strv_contains((const char *const *)features, "multiprocess+")) {
        s->multiprocess = true;
    }
    g_string_printf(reply, "PacketSize=%x;qXfer:features:read+;vContSupported+;multiprocess+",
                    GDB_PACKET_MAX);
    return GDB_REPLY;
}

/* The machine was there before the debugger: it detaches, rather than kills, when it ends. */
static GDBResult attached(GDBSession *s, const char *args, GString *reply)
{
    g_string_assign(reply, "1");
    return GDB_REPLY;
}

/* ---- threads ---- */

static GDBResult current_thread(GDBSession *s, const char *args, GString *reply)
{
    g_string_assign(reply, "QC");
    gdb_append_thread(s, reply, qemu_get_cpu(s->g_cpu));
    return GDB_REPLY;
}

static GDBResult next_thread(GDBSession *s, const char *args, GString *reply)
{
    CPUState *cpu = qemu_get_cpu(s->list_cpu);

    if (!cpu) {
        g_string_assign(reply, "l");
        return GDB_REPLY;
    }
    s->list_cpu++;
    g_string_assign(reply, "m");
    gdb_append_thread(s, reply, cpu);
    return GDB_REPLY;
}

static GDBResult first_thread(GDBSession *s, const char *args, GString *reply)
{
    s->list_cpu = 0;
    return next_thread(s, args, reply);
}

static GDBResult thread_info(GDBSession *s, const char *args, GString *reply)
{
    g_autofree char *text = NULL;
    CPUState *cpu;

    if (gdb_parse_thread(&args, &cpu) != GDB_THREAD_ONE) {
        return gdb_error(reply, EINVAL);
    }
    text = g_strdup_printf("CPU#%d [%s]", cpu->cpu_index,
                           qatomic_read(&cpu->halted) ? "halted " : "running");
    gdb_append_bytes(reply, text, strlen(text));
    return GDB_REPLY;
}

/* ---- the target description ---- */

/* "ANNEX:OFFSET,LENGTH" */
static GDBResult read_features(GDBSession *s, const char *args, GString *reply)
{
    CPUState *cpu = qemu_get_cpu(s->g_cpu);
    const char *colon = strchr(args, ':');
    g_autofree char *annex = g_strndup(args, colon ? (size_t)(colon - args) : 0);
    const char *pos = colon ? colon + 1 : "";
    const char *text;
    uint64_t offset, max, len;

    if (!gdb_parse_hex(&pos, &offset) || *pos++ != ',' || !gdb_parse_hex(&pos, &max) || *pos) {
        return gdb_error(reply, EINVAL);
    }
    text = CPU_GET_CLASS(cpu)->gdb_get_xml(cpu, annex);
    if (!text || offset > strlen(text)) {
        return gdb_error(reply, 0); /* no such annex: the manual's E00 */
    }
    text += offset;
    len = gdb_escape_len(text, strlen(text), MIN(max, GDB_PACKET_MAX - 5));
    g_string_append_c(reply, text[len] ? 'm' : 'l');
    g_string_append_len(reply, text, (gssize)len);
    return GDB_REPLY;
}

/* ---- the monitor ---- */

/* Text for gdb to print, in as many packets as it takes. */
static void send_console_text(GDBSession *s, const char *text)
{
    size_t len = strlen(text);

    while (len) {
        size_t n = MIN(len, (GDB_PACKET_MAX - 5) / 2);
        g_autoptr(GString) packet = g_string_new("O");

        gdb_append_bytes(packet, text, n);
        gdb_send(s, packet->str, packet->len);
        text += n;
        len -= n;
    }
}

static GDBResult monitor_command(GDBSession *s, const char *args, GString *reply)
{
    g_autoptr(GByteArray) line = gdb_parse_bytes(args);
    g_autofree char *output = NULL;

    if (!line || !line->len) {
        return gdb_error(reply, EINVAL);
    }
    g_byte_array_append(line, (const uint8_t *)"", 1);
    output = monitor_run_command((const char *)line->data, qemu_get_cpu(s->g_cpu));
    send_console_text(s, output);
    return gdb_ok(reply);
}

/* ---- QEMU's own ---- */

static GDBResult qemu_supported(GDBSession *s, const char *args, GString *reply)
{
    g_string_assign(reply, "sstepbits;sstep;PhyMemMode");
    return GDB_REPLY;
}

static GDBResult sstep_bits(GDBSession *s, const char *args, GString *reply)
{
    g_string_printf(reply, "ENABLE=%x,NOIRQ=%x,NOTIMER=%x", SSTEP_ENABLE, SSTEP_NOIRQ,
                    SSTEP_NOTIMER);
    return GDB_REPLY;
}

static GDBResult get_sstep(GDBSession *s, const char *args, GString *reply)
{
    g_string_printf(reply, "0x%x", s->sstep);
    return GDB_REPLY;
}

static GDBResult set_sstep(GDBSession *s, const char *args, GString *reply)
{
    uint64_t flags;

    if (!gdb_parse_hex(&args, &flags) || *args || (flags & ~(uint64_t)SSTEP_ALL)) {
        return gdb_error(reply, EINVAL);
    }
    s->sstep = (unsigned)flags;
    return gdb_ok(reply);
}

static GDBResult get_phys_mem(GDBSession *s, const char *args, GString *reply)
{
    g_string_assign(reply, s->phys_mem ? "1" : "0");
    return GDB_REPLY;
}

static GDBResult set_phys_mem(GDBSession *s, const char *args, GString *reply)
{
    uint64_t on;

    if (!gdb_parse_hex(&args, &on) || *args) {
        return gdb_error(reply, EINVAL);
    }
    s->phys_mem = on != 0;
    return gdb_ok(reply);
}

/* ---- the tables ---- */

static const GDBCommand queries[] = {
    {"Attached", true, attached},
    {"C", false, current_thread},
    {"Rcmd,", true, monitor_command},
    {"Supported", true, supported},
    {"ThreadExtraInfo,", true, thread_info},
    {"Xfer:features:read:", true, read_features},
    {"fThreadInfo", false, first_thread},
    {"qemu.PhyMemMode", false, get_phys_mem},
    {"qemu.Supported", false, qemu_supported},
    {"qemu.sstep", false, get_sstep},
    {"qemu.sstepbits", false, sstep_bits},
    {"sThreadInfo", false, next_thread},
};

static const GDBCommand settings[] = {
    {"qemu.PhyMemMode:", true, set_phys_mem},
    {"qemu.sstep=", true, set_sstep},
};

GDBResult gdb_query(GDBSession *s, const char *args, GString *reply)
{
    return gdb_run_command(s, queries, ARRAY_SIZE(queries), args, reply);
}

GDBResult gdb_query_set(GDBSession *s, const char *args, GString *reply)
{
    return gdb_run_command(s, settings, ARRAY_SIZE(settings), args, reply);
}
