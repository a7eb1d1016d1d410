/* SPDX-License-Identifier: MIT */
/*
 * The seam between the machine's harts and whoever executes them.
 *
 * An accelerator registers a QOM type "<name>-accel" below TYPE_ACCEL whose class carries an
 * AccelOpsClass table; system/ picks one by -accel and calls nothing of it but this table. The
 * threads themselves, and the loop that runs guest code, belong to the accelerator; stopping,
 * starting, kicking and waiting for them belongs here.
 *
 * Threads and locks: CPUState::stop, ::stopped and ::created change under the BQL.
 * Tests: tests/unit/system/test-cpus.c
 */
#ifndef SYSTEM_CPUS_H
#define SYSTEM_CPUS_H

#include "hw/core/cpu.h"
#include "qemu/option.h"
#include "qom/object.h"

#define TYPE_ACCEL "accel"
#define ACCEL_CLASS_SUFFIX "-accel"
OBJECT_DECLARE_TYPE(AccelState, AccelClass, ACCEL)

/**
 * AccelOpsClass - what an accelerator does for the harts
 * @create_vcpu_thread: give @cpu a thread to run on: its own, or the one that all share. Sets
 *     CPUState::thread before it returns; the thread then calls cpu_thread_signal_created(), runs
 *     guest code while cpu_can_run(), sleeps while cpu_thread_is_idle(), and in between calls
 *     qemu_wait_io_event_common(). [bql]
 * @kick_vcpu_thread:   make @cpu leave generated code soon, or wake up, and look at its requests.
 *     Any thread, with or without the BQL.
 */
typedef struct AccelOpsClass {
    bool (*create_vcpu_thread)(CPUState *cpu, GError **error);
    void (*kick_vcpu_thread)(CPUState *cpu);
} AccelOpsClass;

struct AccelState {
    Object parent_obj;
};

/**
 * AccelClass - an accelerator; the options after -accel NAME are its QOM properties
 * @ops:          its table
 * @init_machine: once, after the properties are set and before memory and harts exist; or NULL
 * @print_info:   what it has done so far, for the monitor's `info jit`; or NULL [bql]
 */
struct AccelClass {
    ObjectClass parent_class;

    const AccelOpsClass *ops;
    bool (*init_machine)(AccelState *accel, GError **error);
    void (*print_info)(cpu_print_func print, void *opaque);
};

/* The accelerator in use; NULL before one is configured. */
AccelState *current_accel(void);

/**
 * accel_init_machine - make and start the accelerator called @name
 * @opts: its properties, or NULL; those called "accel" are left out
 *
 * "invalid accelerator NAME" in @error when there is none. Called until it succeeds, then no more.
 */
bool accel_init_machine(const char *name, QemuOpts *opts, GError **error);

/* Is there one of that name. */
bool accel_exists(const char *name);

/* `-accel help`: what this program has. */
void accel_print_types(GString *out);

/* ---- called by hart models (target/) ---- */

/* The last step of a hart's realize: it has a thread, and waits for vm_start(). [bql] */
bool qemu_init_vcpu(CPUState *cpu, GError **error);

/* ---- called by the accelerator's hart threads, all with the BQL ---- */

/* The thread of @cpu runs: wakes the thread that waits in qemu_init_vcpu(). */
void cpu_thread_signal_created(CPUState *cpu);

/* May @cpu execute guest code now: neither stopped nor asked to stop. */
bool cpu_can_run(CPUState *cpu);

/* Has @cpu nothing to do: stopped, or halted with no interrupt and no queued work. */
bool cpu_thread_is_idle(CPUState *cpu);

/* True when all harts are idle: thread=single sleeps then. */
bool all_cpu_threads_idle(void);

/*
 * Between two rounds of guest code, and whenever the thread wakes up: obey a stop request, run
 * queued work.
 */
void qemu_wait_io_event_common(CPUState *cpu);

/* ---- called by everyone ---- */

/* Ask @cpu to look at its requests. Any thread. */
void qemu_cpu_kick(CPUState *cpu);

/* Does the calling thread execute @cpu; does it execute any hart. */
bool qemu_cpu_is_self(CPUState *cpu);
bool qemu_in_vcpu_thread(void);

/* [bql] Is @cpu not executing: stopped itself, or the machine does not run. */
bool cpu_is_stopped(CPUState *cpu);

/*
 * Stop all harts and return when none executes guest code; let them run, but for those that a
 * debugger holds. Called by vm_stop() and vm_start(), and around a reset. Not from a hart's own
 * thread. [bql, dropped while waiting]
 */
void pause_all_vcpus(void);
void resume_all_vcpus(void);

/* The calling hart thread, if it is one, stops its hart once it is back in its loop. [bql] */
void cpu_stop_current(void);

#endif
