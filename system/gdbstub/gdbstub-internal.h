/* SPDX-License-Identifier: MIT */
/*
 * Between the files of the gdb stub: the session, and what each file does for it.
 *
 *   packet.c      bytes and packets
 *   server.c      the connection: character device, acknowledgments, coming and going
 *   target.c      commands: the table, registers, memory, threads
 *   query.c       commands that begin with q or Q
 *   resume.c      running, stepping, and telling why the machine has stopped
 *   breakpoint.c  breakpoints and watchpoints
 *
 * Threads: BQL, main thread. Tests: tests/unit/system/gdbstub/
 */
#ifndef GDBSTUB_INTERNAL_H
#define GDBSTUB_INTERNAL_H

#include "hw/core/cpu.h"
#include "packet.h"
#include "system/chardev.h"
#include "system/runstate.h"

/* The digit in Z packets. */
typedef enum GDBMarkType {
    MARK_SOFTWARE,
    MARK_HARDWARE,
    MARK_WRITE,
    MARK_READ,
    MARK_ACCESS,
    MARK_TYPES,
} GDBMarkType;

/* A breakpoint or watchpoint that gdb has inserted. */
typedef struct GDBMark {
    GDBMarkType type;
    vaddr addr;
    uint64_t len; /* gdb's "kind": bytes to watch; of a breakpoint the instruction's length */
} GDBMark;

/* The machine is gdb's process 1; a hart is its thread cpu_index + 1. */
#define GDB_PID 1

/* Signals by gdb's numbers: GDB sources, include/gdb/signals.def. */
enum {
    GDB_SIGNAL_0 = 0,
    GDB_SIGNAL_INT = 2,
    GDB_SIGNAL_QUIT = 3,
    GDB_SIGNAL_TRAP = 5,
    GDB_SIGNAL_ABRT = 6,
    GDB_SIGNAL_ALRM = 14,
    GDB_SIGNAL_IO = 23,
    GDB_SIGNAL_UNKNOWN = 143,
};

typedef struct GDBSession {
    CharBackend chr;
    GDBReader reader;
    GString *out;    /* not yet taken by the peer */
    guint out_watch; /* waits for it to take more; 0: none */
    GString *last;   /* the last packet sent, in case it is asked for again */

    bool multiprocess; /* thread ids are written with the process's */
    bool extended;     /* `!` was sent: R restarts */
    bool phys_mem;     /* m and M take physical addresses */
    bool awaits_stop;  /* c, s or vCont is answered when the machine stops */
    bool in_command;   /* a packet is being carried out */
    unsigned sstep;    /* SSTEP_*, for steps to come */
    int g_cpu;         /* index of the hart that registers and memory are of; Hg */
    int c_cpu;         /* of the one that c and s are for; -1: all. Hc */
    int list_cpu;      /* the next one that qsThreadInfo tells */
    GArray *marks;     /* of GDBMark: what has been inserted */
    VMChangeStateEntry *change;
} GDBSession;

/* A session without a connection. */
GDBSession *gdb_session_new(void);
void gdb_session_free(GDBSession *s);
/* A debugger begins: as after gdb_session_new(). */
void gdb_session_reset(GDBSession *s);

/* ---- server.c ---- */

/* Send a packet. */
void gdb_send(GDBSession *s, const char *data, size_t len);

/* ---- target.c ---- */

/* Whether the caller sends what a handler has put into @reply: "" says "not supported". */
typedef enum GDBResult {
    GDB_REPLY,
    GDB_NO_REPLY,
} GDBResult;

/**
 * GDBHandler - carries out a command
 * @args: the packet behind the command's name; a NUL ends it
 */
typedef GDBResult GDBHandler(GDBSession *s, const char *args, GString *reply);

typedef struct GDBCommand {
    const char *name;
    bool has_args; /* a packet that begins with @name; else it is all of the packet */
    GDBHandler *handler;
} GDBCommand;

/* Find and carry out a command of a table; the first row that fits counts. */
GDBResult gdb_run_command(GDBSession *s, const GDBCommand *table, size_t count, const char *packet,
                          GString *reply);

/* Carry out a packet; the machine does not run. */
GDBResult gdb_handle_packet(GDBSession *s, const char *packet, GString *reply);

/* Replies. Errors are errno values: 22 EINVAL, 14 EFAULT. */
GDBResult gdb_ok(GString *reply);
GDBResult gdb_error(GString *reply, int error);

/* A thread id, "p01.02" or "02". */
void gdb_append_thread(const GDBSession *s, GString *out, const CPUState *cpu);

typedef enum GDBThreadKind {
    GDB_THREAD_BAD, /* no id, or no such hart */
    GDB_THREAD_ONE, /* @cpu */
    GDB_THREAD_ANY,
    GDB_THREAD_ALL,
} GDBThreadKind;

/* Parse "p1.2", "2", "-1", "p1.-1" ...; @pos is moved behind it. */
GDBThreadKind gdb_parse_thread(const char **pos, CPUState **cpu);

/* ---- query.c ---- */

GDBHandler gdb_query, gdb_query_set;

/* ---- resume.c ---- */

GDBHandler gdb_why_stopped, gdb_continue, gdb_continue_signal, gdb_step, gdb_step_signal;
GDBHandler gdb_vcont, gdb_vcont_supported, gdb_detach;

/* The machine has stopped in @state: harts are the debugger's no more, and it is told. */
void gdb_stopped(GDBSession *s, RunState state);

/* ---- breakpoint.c ---- */

GDBHandler gdb_insert, gdb_remove;

/* All that this session has inserted goes. The harts may run. */
void gdb_remove_all(GDBSession *s);

#endif
