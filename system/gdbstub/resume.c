/* SPDX-License-Identifier: MIT */
/*
 * Running and stepping harts for gdb, and telling it why the machine has stopped.
 *
 * The machine stops as a whole, and is resumed as a whole but for the harts that gdb wants to keep
 * where they are (CPUState::held). Threads: BQL.
 * Specification: GDB manual, "Packets": c, s, vCont, D; "Stop Reply Packets".
 * Tests: tests/unit/system/gdbstub/test-target.c, tests/system/gdb.py
 */
#include "qemu/osdep.h"
#include "gdbstub-internal.h"
#include "qemu/atomic.h"
#include "qemu/timer.h"

/* ---- why it has stopped ---- */

static int signal_of_state(RunState state)
{
    switch (state) {
    case RUN_STATE_DEBUG:
        return GDB_SIGNAL_TRAP;
    case RUN_STATE_PAUSED:
        return GDB_SIGNAL_INT;
    case RUN_STATE_SHUTDOWN:
        return GDB_SIGNAL_QUIT;
    case RUN_STATE_IO_ERROR:
        return GDB_SIGNAL_IO;
    case RUN_STATE_WATCHDOG:
        return GDB_SIGNAL_ALRM;
    case RUN_STATE_INTERNAL_ERROR:
        return GDB_SIGNAL_ABRT;
    default:
        return GDB_SIGNAL_UNKNOWN;
    }
}

static const char *watch_name(int flags)
{
    return flags == BP_MEM_READ ? "rwatch" : flags == BP_MEM_ACCESS ? "awatch" : "watch";
}

/* A stop reply: @cpu is where the user's attention goes. */
static void send_stop(GDBSession *s, int sig, const CPUState *cpu)
{
    g_autoptr(GString) reply = g_string_new(NULL);

    g_string_printf(reply, "T%02xthread:", sig);
    gdb_append_thread(s, reply, cpu);
    g_string_append_c(reply, ';');
    if (sig == GDB_SIGNAL_TRAP && cpu->watchpoint_hit.len) {
        g_string_append_printf(reply, "%s:%" PRIx64 ";", watch_name(cpu->watchpoint_hit.flags),
                               cpu->watchpoint_hit.addr);
    }
    gdb_send(s, reply->str, reply->len);
}

void gdb_stopped(GDBSession *s, RunState state)
{
    CPUState *cpu;

    if (s->awaits_stop) {
        CPUState *stopped = state == RUN_STATE_DEBUG ? cpu_debug_stopped() : NULL;

        s->awaits_stop = false;
        if (stopped) {
            s->g_cpu = s->c_cpu = stopped->cpu_index;
        }
        send_stop(s, signal_of_state(state), qemu_get_cpu(s->g_cpu));
    }
    CPU_FOREACH(cpu) {
        cpu->held = false;
        cpu->watchpoint_hit.len = 0;
        cpu_single_step(cpu, 0);
    }
}

/* The first question of a debugger: what a former one has inserted is not this one's. */
GDBResult gdb_why_stopped(GDBSession *s, const char *args, GString *reply)
{
    CPUState *cpu = qemu_get_cpu(s->g_cpu);

    gdb_remove_all(s);
    g_string_printf(reply, "T%02xcore:%02x;thread:", GDB_SIGNAL_TRAP, cpu->cpu_index + 1);
    gdb_append_thread(s, reply, cpu);
    g_string_append_c(reply, ';');
    return GDB_REPLY;
}

/* ---- running ---- */

typedef enum GDBAction {
    ACTION_HOLD,
    ACTION_CONTINUE,
    ACTION_STEP,
} GDBAction;

/* @actions has one for each hart, at least one of which is to run. Answered when it stops again. */
static GDBResult resume(GDBSession *s, const GDBAction *actions)
{
    bool hold_clock = (s->sstep & SSTEP_NOTIMER) != 0;
    CPUState *cpu;

    s->awaits_stop = true;
    if (runstate_needs_reset()) {
        gdb_stopped(s, runstate_get());
        return GDB_NO_REPLY;
    }
    CPU_FOREACH(cpu) {
        GDBAction action = actions[cpu->cpu_index];

        cpu->held = action == ACTION_HOLD;
        if (action == ACTION_STEP) {
            /* A step out of WFI is one that something has woken it from, as the manual allows. */
            qatomic_set(&cpu->halted, 0);
            cpu_single_step(cpu, (int)s->sstep);
        } else if (action == ACTION_CONTINUE) {
            hold_clock = false; /* it may be waiting for time to pass */
        }
    }
    vm_start();
    if (hold_clock) {
        cpu_disable_ticks();
    }
    return GDB_NO_REPLY;
}

/* c and s: all harts run, and the one of Hc does @action, from the address in @args if there is
 * one. */
static GDBResult resume_all(GDBSession *s, const char *args, GDBAction action, GString *reply)
{
    CPUState *cpu = qemu_get_cpu(s->c_cpu);
    g_autofree GDBAction *actions = g_new(GDBAction, cpu_count());
    uint64_t pc;

    if (*args) {
        if (!gdb_parse_hex(&args, &pc) || *args) {
            return gdb_error(reply, EINVAL);
        }
        CPU_GET_CLASS(cpu)->set_pc(cpu, pc);
    }
    for (unsigned i = 0; i < cpu_count(); i++) {
        actions[i] = ACTION_CONTINUE;
    }
    actions[s->c_cpu] = action;
    return resume(s, actions);
}

GDBResult gdb_continue(GDBSession *s, const char *args, GString *reply)
{
    return resume_all(s, args, ACTION_CONTINUE, reply);
}

GDBResult gdb_step(GDBSession *s, const char *args, GString *reply)
{
    return resume_all(s, args, ACTION_STEP, reply);
}

/* "SIG[;ADDR]": harts know no signals, so that only the address counts. */
static GDBResult resume_with_signal(GDBSession *s, const char *args, GDBAction action,
                                    GString *reply)
{
    uint64_t sig;

    if (!gdb_parse_hex(&args, &sig) || (*args && *args != ';')) {
        return gdb_error(reply, EINVAL);
    }
    return resume_all(s, *args ? args + 1 : args, action, reply);
}

GDBResult gdb_continue_signal(GDBSession *s, const char *args, GString *reply)
{
    return resume_with_signal(s, args, ACTION_CONTINUE, reply);
}

GDBResult gdb_step_signal(GDBSession *s, const char *args, GString *reply)
{
    return resume_with_signal(s, args, ACTION_STEP, reply);
}

/* ---- vCont ---- */

GDBResult gdb_vcont_supported(GDBSession *s, const char *args, GString *reply)
{
    g_string_assign(reply, "vCont;c;C;s;S");
    return GDB_REPLY;
}

/* One "c", "s", "C05" or "S05". */
static GDBAction parse_action(const char **pos)
{
    char letter = *(*pos)++;
    uint64_t sig;

    switch (letter) {
    case 'C':
        return gdb_parse_hex(pos, &sig) ? ACTION_CONTINUE : ACTION_HOLD;
    case 'S':
        return gdb_parse_hex(pos, &sig) ? ACTION_STEP : ACTION_HOLD;
    case 'c':
        return ACTION_CONTINUE;
    case 's':
        return ACTION_STEP;
    default:
        return ACTION_HOLD;
    }
}

/* ";ACTION[:THREAD]": for the harts that no action before was for. False: not of this form. */
static bool parse_vcont_part(const char **pos, GDBAction *actions)
{
    GDBThreadKind kind = GDB_THREAD_ALL;
    GDBAction action;
    CPUState *cpu = NULL;

    if (**pos != ';') {
        return false;
    }
    (*pos)++;
    if (!**pos) {
        return false;
    }
    action = parse_action(pos);
    if (action == ACTION_HOLD) {
        return false;
    }
    if (**pos == ':') {
        (*pos)++;
        kind = gdb_parse_thread(pos, &cpu);
    }
    if (kind == GDB_THREAD_BAD) {
        return false;
    }
    for (unsigned i = 0; i < cpu_count(); i++) {
        if (actions[i] == ACTION_HOLD && (kind != GDB_THREAD_ONE || cpu == qemu_get_cpu((int)i))) {
            actions[i] = action;
        }
    }
    return true;
}

GDBResult gdb_vcont(GDBSession *s, const char *args, GString *reply)
{
    g_autofree GDBAction *actions = g_new0(GDBAction, cpu_count());

    do {
        if (!parse_vcont_part(&args, actions)) {
            return gdb_error(reply, EINVAL);
        }
    } while (*args);
    return resume(s, actions);
}

/* ---- detaching ---- */

GDBResult gdb_detach(GDBSession *s, const char *args, GString *reply)
{
    uint64_t pid;

    if (*args && (*args++ != ';' || !gdb_parse_hex(&args, &pid) || *args || pid != GDB_PID)) {
        return gdb_error(reply, EINVAL);
    }
    gdb_remove_all(s);
    gdb_send(s, "OK", 2);
    if (!runstate_needs_reset()) {
        vm_start();
    }
    return GDB_NO_REPLY;
}
