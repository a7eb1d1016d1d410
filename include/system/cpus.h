/* SPDX-License-Identifier: MIT */
/*
 * The seam between the machine's harts and whoever executes them.
 *
 * An accelerator registers a QOM type "<name>-accel" below TYPE_ACCEL whose class carries an AccelOpsClass table;
 * system/cpus.c picks one by -accel and calls nothing of it but this table. The threads themselves, and the loop that
 * runs guest code, belong to the accelerator; stopping, starting, kicking and waiting for them belongs here.
 *
 * Threads and locks: the BQL guards everything not said otherwise. CPUState::stop, ::stopped, ::created and ::queued
 * work change under it, and hart threads sleep on CPUState::halt_cond with it.
 * Tests: tests/unit/system/test-cpus.c
 */
#ifndef SYSTEM_CPUS_H
#define SYSTEM_CPUS_H

#include "hw/core/cpu.h"
#include "qom/object.h"

#define TYPE_ACCEL "accel"
#define ACCEL_CLASS_SUFFIX "-accel"
OBJECT_DECLARE_TYPE(AccelState, AccelClass, ACCEL)

/**
 * AccelOpsClass - what an accelerator does for the harts
 */
typedef struct AccelOpsClass {
    /*
     * Give @cpu a thread to run on: its own, or the one that all share. It must end up calling
     * cpu_thread_signal_created(@cpu) with the BQL held, and from then on obey qemu_wait_io_event(). [bql]
     */
    void (*create_vcpu_thread)(CPUState *cpu);

    /*
     * Make @cpu leave generated code soon and look at its requests. Any thread, with or without the BQL; must also
     * wake a hart that sleeps in qemu_wait_io_event(). NULL: broadcasting CPUState::halt_cond is enough.
     */
    void (*kick_vcpu_thread)(CPUState *cpu);

    /* True while @cpu has nothing to run although its hart is not halted. NULL: never. [bql] */
    bool (*cpu_thread_is_idle)(CPUState *cpu);

    /* Called around the stop of all harts, with the virtual clock already stopped or not yet started. NULL: none. [bql] */
    void (*vm_state_changed)(bool running);
} AccelOpsClass;

struct AccelState {
    Object parent_obj;
};

/**
 * AccelClass - an accelerator; its options (-accel NAME,prop=value) are its QOM properties
 */
struct AccelClass {
    ObjectClass parent_class;

    const char *name; /* word of -accel */
    const AccelOpsClass *ops;
    /* Once, after the properties are set and before the machine's memory and harts exist. */
    bool (*init_machine)(AccelState *accel, GError **error);
};

/* The accelerator in use; NULL before configuration. */
AccelState *current_accel(void);

/**
 * accel_init_machine - make and start the accelerator called @name
 * @props: text after the name ("thread=multi,tb-size=64"), or NULL
 *
 * "invalid accelerator %s" in @error when there is no such type.
 */
bool accel_init_machine(const char *name, const char *props, GError **error);

/* ---- called by hart models (target/) ---- */

/* The last step of a hart's realize: threads exist and the hart waits, stopped, for vm_start(). [bql] */
void qemu_init_vcpu(CPUState *cpu);

/* ---- called by the accelerator's hart threads ---- */

/* The thread of @cpu runs: wakes the thread that waits in qemu_init_vcpu(). [bql] */
void cpu_thread_signal_created(CPUState *cpu);

/* May @cpu execute guest code now: neither stopped nor asked to. [bql] */
bool cpu_can_run(CPUState *cpu);

/* Has @cpu nothing to do: stopped, or halted with no interrupt and no queued work. [bql] */
bool cpu_thread_is_idle(CPUState *cpu);

/* True when all harts are idle (thread=single sleeps then). [bql] */
bool all_cpu_threads_idle(void);

/*
 * Between two rounds of guest code: obey a stop request, run queued work, and sleep on @cpu->halt_cond while @cpu is
 * idle. [bql; dropped while asleep]
 */
void qemu_wait_io_event(CPUState *cpu);

/* As qemu_wait_io_event() without the sleep: for one thread that serves several harts. [bql] */
void qemu_wait_io_event_common(CPUState *cpu);

/* ---- called by everyone ---- */

/* Ask @cpu to look at its requests. Any thread. */
void qemu_cpu_kick(CPUState *cpu);

/* The same for the calling hart thread itself: leave generated code after this instruction. */
void qemu_cpu_kick_self(void);

/* Does the calling thread execute @cpu; does it execute any hart. */
bool qemu_cpu_is_self(CPUState *cpu);
bool qemu_in_vcpu_thread(void);

/* [bql] Is @cpu not executing: stopped itself, or the machine does not run. */
bool cpu_is_stopped(CPUState *cpu);

/*
 * Stop all harts and return when none executes guest code; start them. Not nested: vm_stop() and vm_start() call them.
 * From a hart thread, that hart counts as stopped at once and leaves its loop when the handler returns. [bql; dropped
 * while waiting]
 */
void pause_all_vcpus(void);
void resume_all_vcpus(void);

/* Stop and start one hart (PSCI-like hot stop, gdb). [bql] */
void cpu_pause(CPUState *cpu);
void cpu_resume(CPUState *cpu);

/* The calling hart thread stops its own hart: it returns to its loop and waits there. [bql] */
void cpu_stop_current(void);

#endif
