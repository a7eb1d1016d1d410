/* SPDX-License-Identifier: MIT */
/*
 * Breakpoints and watchpoints for gdb: Z and z packets. Each is put into all harts.
 *
 * gdb may insert one twice, and one of each kind at the same place: a table knows what it has
 * inserted, and a hart has a breakpoint as long as a row says so.
 * Threads: BQL. Specification: GDB manual, "Packets": z0 to z4.
 * Tests: tests/unit/system/gdbstub/test-target.c, tests/system/gdb.py
 */
#include "qemu/osdep.h"
#include "gdbstub-internal.h"
#include "qemu/error.h"
#include "system/cpus.h"

/* More are refused: the harts' lists are searched for each instruction translated. */
#define MAX_MARKS 1024

static const int watch_flags[MARK_TYPES] = {
    [MARK_WRITE] = BP_MEM_WRITE,
    [MARK_READ] = BP_MEM_READ,
    [MARK_ACCESS] = BP_MEM_ACCESS,
};

static bool is_code(const GDBMark *mark)
{
    return mark->type <= MARK_HARDWARE;
}

/* "TYPE,ADDR,KIND"; what may follow (conditions, commands) was not offered. */
static bool parse_mark(const char *args, GDBMark *mark, bool *known)
{
    uint64_t type;

    *known = gdb_parse_hex(&args, &type) && type < MARK_TYPES;
    if (!*known || *args++ != ',' || !gdb_parse_hex(&args, &mark->addr) || *args++ != ',' ||
        !gdb_parse_hex(&args, &mark->len) || *args) {
        return false;
    }
    mark->type = (GDBMarkType)type;
    return true;
}

static int find_mark(const GDBSession *s, const GDBMark *mark)
{
    for (guint i = 0; i < s->marks->len; i++) {
        const GDBMark *other = &g_array_index(s->marks, GDBMark, i);

        if (other->type == mark->type && other->addr == mark->addr && other->len == mark->len) {
            return (int)i;
        }
    }
    return -1;
}

static bool has_code_mark(const GDBSession *s, vaddr addr)
{
    for (guint i = 0; i < s->marks->len; i++) {
        const GDBMark *mark = &g_array_index(s->marks, GDBMark, i);

        if (is_code(mark) && mark->addr == addr) {
            return true;
        }
    }
    return false;
}

static bool insert_mark(const GDBMark *mark, GError **error)
{
    CPUState *cpu;

    CPU_FOREACH(cpu) {
        if (is_code(mark)) {
            cpu_breakpoint_insert(cpu, mark->addr);
        } else if (!cpu_watchpoint_insert(cpu, mark->addr, mark->len, watch_flags[mark->type],
                                          error)) {
            return false; /* the first hart refuses what all would */
        }
    }
    return true;
}

static void remove_mark(const GDBSession *s, const GDBMark *mark)
{
    CPUState *cpu;

    if (is_code(mark) && has_code_mark(s, mark->addr)) {
        return;
    }
    CPU_FOREACH(cpu) {
        if (is_code(mark)) {
            cpu_breakpoint_remove(cpu, mark->addr);
        } else {
            cpu_watchpoint_remove(cpu, mark->addr, mark->len, watch_flags[mark->type]);
        }
    }
}

GDBResult gdb_insert(GDBSession *s, const char *args, GString *reply)
{
    g_autoptr(GError) error = NULL;
    GDBMark mark;
    bool known;

    if (!parse_mark(args, &mark, &known)) {
        return known ? gdb_error(reply, EINVAL) : GDB_REPLY;
    }
    if (find_mark(s, &mark) >= 0) {
        return gdb_ok(reply);
    }
    if (s->marks->len >= MAX_MARKS || !insert_mark(&mark, &error)) {
        return gdb_error(reply, EINVAL);
    }
    g_array_append_val(s->marks, mark);
    return gdb_ok(reply);
}

GDBResult gdb_remove(GDBSession *s, const char *args, GString *reply)
{
    GDBMark mark;
    bool known;
    int i;

    if (!parse_mark(args, &mark, &known)) {
        return known ? gdb_error(reply, EINVAL) : GDB_REPLY;
    }
    i = find_mark(s, &mark);
    if (i < 0) {
        return gdb_error(reply, EINVAL);
    }
    g_array_remove_index_fast(s->marks, (guint)i);
    remove_mark(s, &mark);
    return gdb_ok(reply);
}

void gdb_remove_all(GDBSession *s)
{
    if (!s->marks->len) {
        return;
    }
    pause_all_vcpus();
    while (s->marks->len) {
        GDBMark mark = g_array_index(s->marks, GDBMark, s->marks->len - 1);

        g_array_set_size(s->marks, s->marks->len - 1);
        remove_mark(s, &mark);
    }
    resume_all_vcpus();
}
