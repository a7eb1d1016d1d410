/* SPDX-License-Identifier: MIT */
/*
 * The state of the machine as a whole, for those who set it: system/ and the monitors. What devices
 * may ask for is in hw/core/runstate.h.
 *
 * Threads: BQL, main thread, unless said otherwise. Tests: tests/unit/system/test-runstate.c
 */
#ifndef SYSTEM_RUNSTATE_H
#define SYSTEM_RUNSTATE_H

#include "hw/core/runstate.h"
#include "qemu/notify.h"

/* -action: what to do about an event. Each enumeration's words are in system/runstate.c. */
typedef enum {
    REBOOT_ACTION_RESET,
    REBOOT_ACTION_SHUTDOWN
} RebootAction;
typedef enum {
    SHUTDOWN_ACTION_POWEROFF,
    SHUTDOWN_ACTION_PAUSE
} ShutdownAction;
typedef enum {
    PANIC_ACTION_PAUSE,
    PANIC_ACTION_SHUTDOWN,
    PANIC_ACTION_EXIT_FAILURE,
    PANIC_ACTION_NONE,
} PanicAction;
typedef enum {
    WATCHDOG_ACTION_RESET,
    WATCHDOG_ACTION_SHUTDOWN,
    WATCHDOG_ACTION_POWEROFF,
    WATCHDOG_ACTION_PAUSE,
    WATCHDOG_ACTION_DEBUG,
    WATCHDOG_ACTION_NONE,
    WATCHDOG_ACTION_INJECT_NMI,
} WatchdogAction;

/**
 * runstate_set_action - "-action EVENT=ACTION"
 *
 * Errors: "Invalid parameter 'EVENT'", "Parameter 'EVENT' does not accept value 'ACTION'".
 */
bool runstate_set_action(const char *event, const char *action, GError **error);

/* A watchdog device has run out: do what -action watchdog= says. */
void watchdog_perform_action(void);

/* Move to another state. One that cannot follow the present one is a bug of ours: asserts. */
void runstate_set(RunState state);
/* May @to follow @from. */
bool runstate_may_follow(RunState from, RunState to);
/* `cont` must be preceded by a reset (the machine has shut down or paniced). */
bool runstate_needs_reset(void);

/* Start and stop the machine: clocks, harts, handlers, state. Nothing if it is so already. */
void vm_start(void);
void vm_stop(RunState state);

/* Stop for good, before the devices go. */
void vm_shutdown(void);

/* Reset now, all harts stopped. */
void qemu_system_reset(void);

/* Told of a shutdown (with a ShutdownCause *) and of the power button (with NULL). */
void qemu_register_shutdown_notifier(Notifier *notifier);
void qemu_register_powerdown_notifier(Notifier *notifier);

/* Catch SIGTERM, SIGINT and SIGHUP from here on; a second one ends the process at once. */
bool qemu_init_signals(GError **error);

/**
 * main_loop_should_exit - carry out what has been requested
 * @status: the process's exit status when true is returned
 */
bool main_loop_should_exit(int *status);

/* Run until somebody asks to quit; returns the process's exit status. */
int qemu_main_loop(void);

#endif
