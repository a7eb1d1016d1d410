/* SPDX-License-Identifier: MIT */
/*
 * CPUState: one hart, as everything but its own target sees it.
 *
 * Devices and boards see a DeviceState with named inputs; system/ runs and stops it; the monitor
 * and the gdbstub read it through CPUClass; accel/ executes it. What the hart's registers are is
 * known to target/ only.
 *
 * Threads: a hart has one thread (or shares one). Fields say who may touch them: [const] after
 * realize, [bql], [vcpu] the hart's own thread, [atomic].
 * Tests: tests/unit/hw/core/test-cpu.c
 */
#ifndef HW_CORE_CPU_H
#define HW_CORE_CPU_H

#include "hw/core/qdev.h"
#include "qemu/thread.h"
#include "system/memattrs.h"

#define TYPE_CPU "cpu"
OBJECT_DECLARE_TYPE(CPUState, CPUClass, CPU)

struct TCGCPUOps;
struct AddressSpace;
struct MemoryRegion;

/* Work for a hart's own thread; see run_on_cpu(). */
typedef void (*run_on_cpu_func)(CPUState *cpu, void *data);

/* CPUState.interrupt_request: bits 0 to 15 are the target's, the rest everybody's. */
enum {
    CPU_INTERRUPT_HARD = 1 << 0, /* an interrupt line is up; whether it is taken the target knows */
    CPU_INTERRUPT_DEBUG = 1 << 16, /* stop for the debugger */
};

/* CPUClass.dump_state flags */
enum {
    CPU_DUMP_FPU = 1 << 0,
    CPU_DUMP_VPU = 1 << 1,
};

typedef void (*cpu_print_func)(void *opaque, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* A register group that gdb sees beyond the core registers: a target description of its own. */
typedef struct CPUGDBFeature {
    const char *xmlname; /* "riscv-64bit-fpu.xml" */
    const char *xml;     /* text; owned by the hart */
    unsigned base_reg;   /* first gdb register number */
    unsigned num_regs;
} CPUGDBFeature;

/**
 * CPUClass - what each target provides
 *
 * All methods are called with the BQL held and the hart stopped or by its own thread, unless said
 * otherwise.
 */
struct CPUClass {
    DeviceClass parent_class;

    /*
     * Is there a reason not to sleep: an enabled pending interrupt. Any thread, no lock: reads
     * atomically.
     */
    bool (*has_work)(CPUState *cpu);
    vaddr (*get_pc)(CPUState *cpu);
    void (*set_pc)(CPUState *cpu, vaddr pc);
    /* Registers as text, "info registers". */
    void (*dump_state)(CPUState *cpu, cpu_print_func print, void *opaque, int flags);
    /*
     * Virtual to physical address of @va's page without side effects; HWADDR_MAX where there is
     * none.
     */
    hwaddr (*get_phys_page_debug)(CPUState *cpu, vaddr va);
    /*
     * Disassemble one instruction at @pc of which @len (2 to 8) bytes are at @code; returns its
     * length.
     */
    unsigned (*disas)(CPUState *cpu, vaddr pc, const uint8_t *code, unsigned len, GString *out);
    /*
     * Value of a register by the name a person would type ("a0", "pc", "mstatus"); false if there
     * is none.
     */
    bool (*get_register_by_name)(CPUState *cpu, const char *name, uint64_t *value);

    /*
     * gdb: append register @reg to @buf in target byte order, returns its size in bytes, 0 if
     * unknown; write it from @buf, returns the size used, 0 if unknown.
     */
    int (*gdb_read_register)(CPUState *cpu, GByteArray *buf, int reg);
    int (*gdb_write_register)(CPUState *cpu, const uint8_t *buf, int reg);
    /* XML file name of the target description and its text, e.g. "target.xml"; NULL if unknown. */
    const char *(*gdb_get_xml)(CPUState *cpu, const char *name);
    int gdb_num_core_regs; /* registers of a 'g' packet */

    const struct TCGCPUOps *tcg_ops; /* include/accel/tcg/cpu-ops.h */
};

typedef struct CPUBreakpoint {
    vaddr pc;
} CPUBreakpoint;

typedef struct CPUWatchpoint {
    vaddr addr;
    uint64_t len;
    int flags; /* BP_MEM_* */
} CPUWatchpoint;

enum {
    BP_MEM_READ = 1,
    BP_MEM_WRITE = 2,
    BP_MEM_ACCESS = 3,
};

/* CPUState.singlestep_enabled bits; gdb's qqemu.sstep mask uses the same values. */
enum {
    SSTEP_ENABLE = 1,  /* one instruction, then CPU_INTERRUPT_DEBUG */
    SSTEP_NOIRQ = 2,   /* take no interrupt while stepping */
    SSTEP_NOTIMER = 4, /* hold the virtual clock while stepping */
};

struct CPUState {
    DeviceState parent_obj;

    int cpu_index; /* [const] 0 to maxcpus - 1 */
    struct MemoryRegion
        *memory;             /* [const] what the hart addresses; set by the board before realize */
    struct AddressSpace *as; /* [const] over @memory, made by realize */
    void *env_ptr;           /* [const] the target's state; begins with a CPUTCGState */

    QemuThread *thread;     /* [const] once created */
    int thread_id;          /* [const] host thread id, for query-cpus-fast and debuggers */
    bool created;           /* [bql] the thread has reported in */
    bool stop;              /* [bql] asked to stop */
    bool stopped;           /* [bql] stopped */
    bool held;              /* [bql] stays stopped while others run: resume_all_vcpus() */
    bool unplug;            /* [bql] */
    bool start_powered_off; /* [const] comes up halted */
    QemuEvent *wake;        /* [const] once created: what the hart's thread sleeps on when idle */
    int32_t *poll; /* [const] once realized: non-zero makes generated code leave, or NULL */

    uint32_t halted;            /* [atomic] waits for an interrupt (or is powered off) */
    uint32_t interrupt_request; /* [atomic] CPU_INTERRUPT_* */
    bool exit_request;          /* [atomic] leave the execution loop soon */

    int singlestep_enabled; /* [bql] SSTEP_*; changes only while stopped */
    GArray *breakpoints;    /* [bql] of CPUBreakpoint; changes only while stopped */
    GArray *watchpoints;    /* [bql] of CPUWatchpoint; changes only while stopped */
    /* Called when either has changed: the accelerator drops what it derived from them. [const] */
    void (*debug_marks_changed)(CPUState *cpu);
    /*
     * [vcpu] The watchpoint before whose access the hart stops or has stopped: len != 0. Whoever
     * starts the hart again clears it.
     */
    CPUWatchpoint watchpoint_hit;

    QemuMutex work_mutex;
    GQueue work_list; /* [lock:work_mutex] */
    bool work_queued; /* [atomic] work_list is not empty; set under work_mutex */
};

/*
 * The hart with this index, NULL if there is none; their number. Harts are made during set-up only.
 */
CPUState *qemu_get_cpu(int index);
unsigned cpu_count(void);
#define CPU_FOREACH(cpu)                                                                           \
    for (unsigned cpu_i_ = 0; (cpu) = qemu_get_cpu((int)cpu_i_), (cpu) != NULL; cpu_i_++)

/* The hart whose thread this is, or NULL. */
extern __thread CPUState *current_cpu;

/**
 * run_on_cpu - run @func on @cpu's own thread, and wait for it
 *
 * Called with the BQL held, which is dropped while waiting; @func runs with it held, outside of
 * generated code. On the hart's own thread it is a plain call.
 */
void run_on_cpu(CPUState *cpu, run_on_cpu_func func, void *data);

/* The same without waiting; any thread, with or without the BQL. @func runs with the BQL held. */
void async_run_on_cpu(CPUState *cpu, run_on_cpu_func func, void *data);

/* Is work queued. Any thread. */
bool cpu_has_queued_work(CPUState *cpu);

/* Run what is queued. [bql, the hart's thread] */
void process_queued_cpu_work(CPUState *cpu);

/*
 * Raise and clear bits of interrupt_request. Any thread, no lock; raising makes a running hart look
 * at it soon and wakes a sleeping one. The full barrier after setting the bit pairs with the one in
 * the execution loop between clearing *poll and reading interrupt_request.
 */
void cpu_interrupt(CPUState *cpu, uint32_t mask);
void cpu_reset_interrupt(CPUState *cpu, uint32_t mask);

/*
 * Make @cpu's thread look at its state: leave generated code at the next poll, or wake up. Any
 * thread, no lock.
 */
void cpu_wake(CPUState *cpu);

/*
 * @cpu has hit a breakpoint or watchpoint, or has stepped: ask for a stop of the machine. [bql, its
 * thread]
 */
void cpu_debug_stop(CPUState *cpu);
/* The hart that asked last, or NULL. [bql] */
CPUState *cpu_debug_stopped(void);

/* Breakpoints and watchpoints for debuggers. [bql, all harts stopped] */
bool cpu_breakpoint_insert(CPUState *cpu, vaddr pc);
bool cpu_breakpoint_remove(CPUState *cpu, vaddr pc);
void cpu_breakpoint_remove_all(CPUState *cpu);
bool cpu_watchpoint_insert(CPUState *cpu, vaddr addr, uint64_t len, int flags, GError **error);
bool cpu_watchpoint_remove(CPUState *cpu, vaddr addr, uint64_t len, int flags);
void cpu_watchpoint_remove_all(CPUState *cpu);
void cpu_single_step(CPUState *cpu, int sstep_flags);

/*
 * Debug access to guest virtual memory: ignores protection, writes ROM too. false where nothing is
 * mapped. [bql]
 */
bool cpu_memory_rw_debug(CPUState *cpu, vaddr addr, void *buf, size_t len, bool is_write);

#endif
