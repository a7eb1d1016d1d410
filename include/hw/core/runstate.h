/* SPDX-License-Identifier: MIT */
/*
 * What devices and harts may ask of the machine as a whole: shut down, reset, suspend, stop.
 *
 * Interface only: implemented in system/runstate.c. A request is noted and carried out by the main
 * loop after the caller has returned; several of one kind before that are one.
 *
 * Threads: requests may come from any thread, with or without the BQL. The rest needs the BQL.
 */
#ifndef HW_CORE_RUNSTATE_H
#define HW_CORE_RUNSTATE_H

#include <glib.h>

/* Names as in QMP's RunState (run_state_name). */
typedef enum RunState {
    RUN_STATE_DEBUG,
    RUN_STATE_INMIGRATE,
    RUN_STATE_INTERNAL_ERROR,
    RUN_STATE_IO_ERROR,
    RUN_STATE_PAUSED,
    RUN_STATE_POSTMIGRATE,
    RUN_STATE_PRELAUNCH,
    RUN_STATE_FINISH_MIGRATE,
    RUN_STATE_RESTORE_VM,
    RUN_STATE_RUNNING,
    RUN_STATE_SAVE_VM,
    RUN_STATE_SHUTDOWN,
    RUN_STATE_SUSPENDED,
    RUN_STATE_WATCHDOG,
    RUN_STATE_GUEST_PANICKED,
    RUN_STATE_MAX,
} RunState;

/*
 * Why; QMP's SHUTDOWN and RESET events name it (shutdown_cause_name). From GUEST_SHUTDOWN on the
 * guest did it.
 */
typedef enum ShutdownCause {
    SHUTDOWN_CAUSE_NONE,
    SHUTDOWN_CAUSE_HOST_ERROR,
    SHUTDOWN_CAUSE_HOST_QMP_QUIT,
    SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET,
    SHUTDOWN_CAUSE_HOST_SIGNAL,
    SHUTDOWN_CAUSE_HOST_UI,
    SHUTDOWN_CAUSE_GUEST_SHUTDOWN,
    SHUTDOWN_CAUSE_GUEST_RESET,
    SHUTDOWN_CAUSE_GUEST_PANIC,
    SHUTDOWN_CAUSE_SUBSYSTEM_RESET,
    SHUTDOWN_CAUSE_SNAPSHOT_LOAD,
    SHUTDOWN_CAUSE_MAX,
} ShutdownCause;

static inline bool shutdown_caused_by_guest(ShutdownCause cause)
{
    return cause >= SHUTDOWN_CAUSE_GUEST_SHUTDOWN;
}

const char *run_state_name(RunState state);
const char *shutdown_cause_name(ShutdownCause cause);

void qemu_system_reset_request(ShutdownCause reason);
void qemu_system_shutdown_request(ShutdownCause reason);
/* The same, and the process ends with @exit_code: a test device's or semihosting's verdict. */
void qemu_system_shutdown_request_with_code(ShutdownCause reason, int exit_code);
void qemu_system_powerdown_request(void);
void qemu_system_suspend_request(void);
void qemu_system_debug_request(void);
/* Stops the machine in @state. */
void qemu_system_vmstop_request(RunState state);
/* The guest has panicked: what happens is -action panic's choice. */
void qemu_system_guest_panicked(void);

/* QMP's wakeup; false with @error set if the machine cannot or is not suspended. */
typedef enum WakeupReason {
    QEMU_WAKEUP_REASON_NONE,
    QEMU_WAKEUP_REASON_RTC,
    QEMU_WAKEUP_REASON_PMTIMER,
    QEMU_WAKEUP_REASON_OTHER,
} WakeupReason;
bool qemu_system_wakeup_request(WakeupReason reason, GError **error);
/* A machine with something that wakes it says so at init. */
void qemu_register_wakeup_support(void);
bool qemu_wakeup_suspend_enabled(void);

bool runstate_check(RunState state);
RunState runstate_get(void);
/* Harts execute. */
bool runstate_is_running(void);

/*
 * Called with the BQL when the machine starts (@running) or stops; lower @priority first at start,
 * last at stop.
 */
typedef struct VMChangeStateEntry VMChangeStateEntry;
typedef void VMChangeStateHandler(void *opaque, bool running, RunState state);
VMChangeStateEntry *qemu_add_vm_change_state_handler(VMChangeStateHandler *cb, void *opaque);
VMChangeStateEntry *qemu_add_vm_change_state_handler_prio(VMChangeStateHandler *cb, void *opaque,
                                                          int priority);
void qemu_del_vm_change_state_handler(VMChangeStateEntry *entry);

#endif
