/* SPDX-License-Identifier: MIT */
/*
 * Commands of gdb's remote protocol: the table, threads, registers, memory, and the end.
 *
 * Threads: BQL; the machine does not run. Specification: GDB manual, "Packets"; where QEMU's
 * answers are narrower than the manual, QEMU's. Tests: tests/unit/system/gdbstub/test-target.c
 */
#include "qemu/osdep.h"
#include "gdbstub-internal.h"
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "system/address-spaces.h"
#include "system/memory.h"

GDBResult gdb_ok(GString *reply)
{
    g_string_assign(reply, "OK");
    return GDB_REPLY;
}

GDBResult gdb_error(GString *reply, int error)
{
    g_string_printf(reply, "E%02d", error);
    return GDB_REPLY;
}

/* ---- threads ---- */

void gdb_append_thread(const GDBSession *s, GString *out, const CPUState *cpu)
{
    if (s->multiprocess) {
        g_string_append_printf(out, "p%02x.", GDB_PID);
    }
    g_string_append_printf(out, "%02x", cpu->cpu_index + 1);
}

/* One number of a thread id: -1 is all, 0 any. */
static bool parse_id(const char **pos, int64_t *id)
{
    uint64_t n;

    if ((*pos)[0] == '-' && (*pos)[1] == '1') {
        *pos += 2;
        *id = -1;
        return true;
    }
    if (!gdb_parse_hex(pos, &n) || n > INT_MAX) {
        return false;
    }
    *id = (int64_t)n;
    return true;
}

GDBThreadKind gdb_parse_thread(const char **pos, CPUState **cpu)
{
    int64_t pid = GDB_PID, tid = -1;

    if (**pos == 'p') {
        (*pos)++;
        if (!parse_id(pos, &pid)) {
            return GDB_THREAD_BAD;
        }
        if (**pos == '.') {
            (*pos)++;
            if (!parse_id(pos, &tid)) {
                return GDB_THREAD_BAD;
            }
        }
    } else if (!parse_id(pos, &tid)) {
        return GDB_THREAD_BAD;
    }
    if (pid > 0 && pid != GDB_PID) {
        return GDB_THREAD_BAD;
    }
    if (tid <= 0) {
        return tid < 0 ? GDB_THREAD_ALL : GDB_THREAD_ANY;
    }
    *cpu = qemu_get_cpu((int)tid - 1);
    return *cpu ? GDB_THREAD_ONE : GDB_THREAD_BAD;
}

/* Hg and Hc: the hart that is meant from now on. */
static GDBResult set_thread(GDBSession *s, const char *args, GString *reply)
{
    char op = *args;
    CPUState *cpu = qemu_get_cpu(0);

    if (op != 'c' && op != 'g') {
        return gdb_error(reply, EINVAL);
    }
    args++;
    switch (gdb_parse_thread(&args, &cpu)) {
    case GDB_THREAD_BAD:
        return gdb_error(reply, EINVAL);
    case GDB_THREAD_ALL:
        return gdb_ok(reply);
    case GDB_THREAD_ANY:
    case GDB_THREAD_ONE:
        break;
    }
    if (op == 'c') {
        s->c_cpu = cpu->cpu_index;
    } else {
        s->g_cpu = cpu->cpu_index;
    }
    return gdb_ok(reply);
}

static GDBResult thread_alive(GDBSession *s, const char *args, GString *reply)
{
    CPUState *cpu;

    return gdb_parse_thread(&args, &cpu) == GDB_THREAD_ONE ? gdb_ok(reply) :
                                                             gdb_error(reply, EINVAL);
}

/* ---- registers ---- */

static CPUState *g_cpu(const GDBSession *s)
{
    return qemu_get_cpu(s->g_cpu);
}

static GDBResult read_registers(GDBSession *s, const char *args, GString *reply)
{
    CPUState *cpu = g_cpu(s);
    CPUClass *cc = CPU_GET_CLASS(cpu);
    g_autoptr(GByteArray) values = g_byte_array_new();

    for (int i = 0; i < cc->gdb_num_core_regs; i++) {
        cc->gdb_read_register(cpu, values, i);
    }
    gdb_append_bytes(reply, values->data, values->len);
    return GDB_REPLY;
}

/* Write register @reg from the first of @len bytes; returns its size, 0 if that is not there. */
static int write_register(CPUState *cpu, const uint8_t *bytes, size_t len, int reg)
{
    CPUClass *cc = CPU_GET_CLASS(cpu);
    g_autoptr(GByteArray) old = g_byte_array_new();
    int size = cc->gdb_read_register(cpu, old, reg);

    return size && (size_t)size <= len ? cc->gdb_write_register(cpu, bytes, reg) : 0;
}

static GDBResult write_registers(GDBSession *s, const char *args, GString *reply)
{
    CPUState *cpu = g_cpu(s);
    g_autoptr(GByteArray) values = gdb_parse_bytes(args);
    size_t done = 0;

    if (!values) {
        return gdb_error(reply, EINVAL);
    }
    for (int i = 0; i < CPU_GET_CLASS(cpu)->gdb_num_core_regs; i++) {
        int size = write_register(cpu, values->data + done, values->len - done, i);

        if (!size) {
            return gdb_error(reply, EINVAL);
        }
        done += (size_t)size;
    }
    return gdb_ok(reply);
}

static bool parse_register(const char **pos, int *reg)
{
    uint64_t n;

    if (!gdb_parse_hex(pos, &n) || n > INT_MAX) {
        return false;
    }
    *reg = (int)n;
    return true;
}

static GDBResult read_register(GDBSession *s, const char *args, GString *reply)
{
    g_autoptr(GByteArray) value = g_byte_array_new();
    CPUState *cpu = g_cpu(s);
    int reg;

    if (!parse_register(&args, &reg) || *args) {
        return gdb_error(reply, EINVAL);
    }
    if (!CPU_GET_CLASS(cpu)->gdb_read_register(cpu, value, reg)) {
        return gdb_error(reply, EFAULT);
    }
    gdb_append_bytes(reply, value->data, value->len);
    return GDB_REPLY;
}

static GDBResult set_register(GDBSession *s, const char *args, GString *reply)
{
    g_autoptr(GByteArray) value = NULL;
    int reg;

    if (!parse_register(&args, &reg) || *args++ != '=') {
        return gdb_error(reply, EINVAL);
    }
    value = gdb_parse_bytes(args);
    if (!value) {
        return gdb_error(reply, EINVAL);
    }
    return write_register(g_cpu(s), value->data, value->len, reg) ? gdb_ok(reply) :
                                                                    gdb_error(reply, EFAULT);
}

/* ---- memory ---- */

/* "ADDR,LEN", of a length whose bytes fit into a packet in hexadecimal. */
static bool parse_range(const char **pos, vaddr *addr, uint64_t *len)
{
    return gdb_parse_hex(pos, addr) && *(*pos)++ == ',' && gdb_parse_hex(pos, len) &&
           *len <= GDB_PACKET_MAX / 2;
}

static bool rw_memory(const GDBSession *s, vaddr addr, void *buf, size_t len, bool is_write)
{
    const MemTxAttrs attrs = {.debug = 1};
    CPUState *cpu = g_cpu(s);
    MemTxResult result;

    if (!s->phys_mem) {
        return cpu_memory_rw_debug(cpu, addr, buf, len, is_write);
    }
    result = is_write ? address_space_write_rom(cpu->as, addr, attrs, buf, len) :
                        address_space_read(cpu->as, addr, attrs, buf, len);
    return result == MEMTX_OK;
}

static GDBResult read_memory(GDBSession *s, const char *args, GString *reply)
{
    g_autofree uint8_t *buf = NULL;
    uint64_t len;
    vaddr addr;

    if (!parse_range(&args, &addr, &len) || *args) {
        return gdb_error(reply, EINVAL);
    }
    buf = g_malloc(len);
    if (!rw_memory(s, addr, buf, len, false)) {
        return gdb_error(reply, EFAULT);
    }
    gdb_append_bytes(reply, buf, len);
    return GDB_REPLY;
}

static GDBResult write_memory(GDBSession *s, const char *args, GString *reply)
{
    g_autoptr(GByteArray) bytes = NULL;
    uint64_t len;
    vaddr addr;

    if (!parse_range(&args, &addr, &len) || *args++ != ':') {
        return gdb_error(reply, EINVAL);
    }
    bytes = gdb_parse_bytes(args);
    if (!bytes || bytes->len != len) {
        return gdb_error(reply, EINVAL);
    }
    return rw_memory(s, addr, bytes->data, len, true) ? gdb_ok(reply) : gdb_error(reply, EFAULT);
}

/* ---- the process ---- */

static GDBResult extended_mode(GDBSession *s, const char *args, GString *reply)
{
    s->extended = true;
    return gdb_ok(reply);
}

/* gdb's `run`: the machine as after power on, and stopped. There is no answer. */
static GDBResult restart(GDBSession *s, const char *args, GString *reply)
{
    if (!s->extended) {
        return GDB_REPLY;
    }
    qemu_system_reset();
    runstate_set(RUN_STATE_PRELAUNCH);
    return GDB_NO_REPLY;
}

static GDBResult kill_process(GDBSession *s, const char *args, GString *reply)
{
    error_report("QEMU: Terminated via GDBstub");
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_QMP_QUIT);
    return GDB_NO_REPLY;
}

static GDBResult kill_pid(GDBSession *s, const char *args, GString *reply)
{
    kill_process(s, args, reply);
    return gdb_ok(reply);
}

static GDBResult attach_pid(GDBSession *s, const char *args, GString *reply)
{
    uint64_t pid;

    if (!gdb_parse_hex(&args, &pid) || *args || pid != GDB_PID) {
        return gdb_error(reply, EINVAL);
    }
    return gdb_why_stopped(s, args, reply);
}

/* ---- the table ---- */

static const GDBCommand commands[] = {
    {"!", false, extended_mode},
    {"?", false, gdb_why_stopped},
    {"c", true, gdb_continue},
    {"C", true, gdb_continue_signal},
    {"D", true, gdb_detach},
    {"g", false, read_registers},
    {"G", true, write_registers},
    {"H", true, set_thread},
    {"k", false, kill_process},
    {"m", true, read_memory},
    {"M", true, write_memory},
    {"p", true, read_register},
    {"P", true, set_register},
    {"q", true, gdb_query},
    {"Q", true, gdb_query_set},
    {"R", true, restart},
    {"s", true, gdb_step},
    {"S", true, gdb_step_signal},
    {"T", true, thread_alive},
    {"vAttach;", true, attach_pid},
    {"vCont?", true, gdb_vcont_supported},
    {"vCont", true, gdb_vcont},
    {"vKill;", true, kill_pid},
    {"z", true, gdb_remove},
    {"Z", true, gdb_insert},
};

GDBResult gdb_run_command(GDBSession *s, const GDBCommand *table, size_t count, const char *packet,
                          GString *reply)
{
    for (size_t i = 0; i < count; i++) {
        const char *args;

        if (strstart(packet, table[i].name, &args) && (table[i].has_args || !*args)) {
            return table[i].handler(s, args, reply);
        }
    }
    return GDB_REPLY;
}

GDBResult gdb_handle_packet(GDBSession *s, const char *packet, GString *reply)
{
    return gdb_run_command(s, commands, ARRAY_SIZE(commands), packet, reply);
}
