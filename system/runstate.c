/* SPDX-License-Identifier: MIT */
/*
 * The state of the machine as a whole: which states exist and may follow which, starting and
 * stopping, and the requests (shutdown, reset, ...) that devices, signals and monitors make and the
 * main loop carries out.
 *
 * Requests are single atomic words, so that any thread and signal handlers may set them; a request
 * wakes the main loop. The rest is under the BQL.
 * Tests: tests/unit/system/test-runstate.c, tests/system/exit-status.py
 */
#include "qemu/osdep.h"
#include <signal.h>
#include "hw/core/boards.h"
#include "qemu/atomic.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "system/block.h"
#include "system/cpus.h"
#include "system/runstate.h"

/* ---- states ---- */

static const char *const state_names[RUN_STATE_MAX] = {
    [RUN_STATE_DEBUG] = "debug",
    [RUN_STATE_INMIGRATE] = "inmigrate",
    [RUN_STATE_INTERNAL_ERROR] = "internal-error",
    [RUN_STATE_IO_ERROR] = "io-error",
    [RUN_STATE_PAUSED] = "paused",
    [RUN_STATE_POSTMIGRATE] = "postmigrate",
    [RUN_STATE_PRELAUNCH] = "prelaunch",
    [RUN_STATE_FINISH_MIGRATE] = "finish-migrate",
    [RUN_STATE_RESTORE_VM] = "restore-vm",
    [RUN_STATE_RUNNING] = "running",
    [RUN_STATE_SAVE_VM] = "save-vm",
    [RUN_STATE_SHUTDOWN] = "shutdown",
    [RUN_STATE_SUSPENDED] = "suspended",
    [RUN_STATE_WATCHDOG] = "watchdog",
    [RUN_STATE_GUEST_PANICKED] = "guest-panicked",
};

static const char *const cause_names[SHUTDOWN_CAUSE_MAX] = {
    [SHUTDOWN_CAUSE_NONE] = "none",
    [SHUTDOWN_CAUSE_HOST_ERROR] = "host-error",
    [SHUTDOWN_CAUSE_HOST_QMP_QUIT] = "host-qmp-quit",
    [SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET] = "host-qmp-system-reset",
    [SHUTDOWN_CAUSE_HOST_SIGNAL] = "host-signal",
    [SHUTDOWN_CAUSE_HOST_UI] = "host-ui",
    [SHUTDOWN_CAUSE_GUEST_SHUTDOWN] = "guest-shutdown",
    [SHUTDOWN_CAUSE_GUEST_RESET] = "guest-reset",
    [SHUTDOWN_CAUSE_GUEST_PANIC] = "guest-panic",
    [SHUTDOWN_CAUSE_SUBSYSTEM_RESET] = "subsystem-reset",
    [SHUTDOWN_CAUSE_SNAPSHOT_LOAD] = "snapshot-load",
};

/* What may follow each state. Those of migration and snapshots have no rows until these exist. */
#define TO(state) (1u << RUN_STATE_##state)
static const uint32_t may_follow[RUN_STATE_MAX] = {
    [RUN_STATE_PRELAUNCH] = TO(RUNNING) | TO(PAUSED) | TO(SHUTDOWN),
    [RUN_STATE_RUNNING] = TO(DEBUG) | TO(INTERNAL_ERROR) | TO(IO_ERROR) | TO(PAUSED) |
                          TO(SHUTDOWN) | TO(SUSPENDED) | TO(WATCHDOG) | TO(GUEST_PANICKED),
    [RUN_STATE_PAUSED] = TO(RUNNING) | TO(PRELAUNCH),
    [RUN_STATE_DEBUG] = TO(RUNNING) | TO(PRELAUNCH),
    [RUN_STATE_IO_ERROR] = TO(RUNNING) | TO(PRELAUNCH),
    [RUN_STATE_WATCHDOG] = TO(RUNNING) | TO(PRELAUNCH),
    [RUN_STATE_SUSPENDED] = TO(RUNNING) | TO(PRELAUNCH),
    [RUN_STATE_INTERNAL_ERROR] = TO(PRELAUNCH),
    [RUN_STATE_SHUTDOWN] = TO(PRELAUNCH),
    [RUN_STATE_GUEST_PANICKED] = TO(RUNNING) | TO(PRELAUNCH),
};
#undef TO

/* Of these, cont is refused until a reset. */
#define NEEDS_RESET ((1u << RUN_STATE_INTERNAL_ERROR) | (1u << RUN_STATE_SHUTDOWN))

static RunState current_state = RUN_STATE_PRELAUNCH; /* [bql], read by any thread */

const char *run_state_name(RunState state)
{
    return state_names[state];
}

const char *shutdown_cause_name(ShutdownCause cause)
{
    return cause_names[cause];
}

bool runstate_may_follow(RunState from, RunState to)
{
    return may_follow[from] >> to & 1;
}

void runstate_set(RunState state)
{
    if (state == current_state) {
        return;
    }
    g_assert(runstate_may_follow(current_state, state));
    qatomic_set(&current_state, state);
}

RunState runstate_get(void)
{
    return qatomic_read(&current_state);
}

bool runstate_check(RunState state)
{
    return runstate_get() == state;
}

bool runstate_is_running(void)
{
    return runstate_check(RUN_STATE_RUNNING);
}

bool runstate_needs_reset(void)
{
    return NEEDS_RESET >> current_state & 1;
}

/* ---- -action ---- */

static const char *const reboot_words[] = {"reset", "shutdown", NULL};
static const char *const shutdown_words[] = {"poweroff", "pause", NULL};
static const char *const panic_words[] = {"pause", "shutdown", "exit-failure", "none", NULL};
static const char *const watchdog_words[] = {"reset", "shutdown", "poweroff",   "pause",
                                             "debug", "none",     "inject-nmi", NULL};

static struct {
    const char *event;
    const char *const *words; /* in the order of the enumeration */
    int action;               /* [bql] */
} actions[] = {
    {"reboot", reboot_words, REBOOT_ACTION_RESET},
    {"shutdown", shutdown_words, SHUTDOWN_ACTION_POWEROFF},
    {"panic", panic_words, PANIC_ACTION_SHUTDOWN},
    {"watchdog", watchdog_words, WATCHDOG_ACTION_RESET},
};
enum {
    ON_REBOOT,
    ON_SHUTDOWN,
    ON_PANIC,
    ON_WATCHDOG
};

bool runstate_set_action(const char *event, const char *action, GError **error)
{
    for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
        if (!g_str_equal(event, actions[i].event)) {
            continue;
        }
        for (int word = 0; actions[i].words[word]; word++) {
            if (g_str_equal(action, actions[i].words[word])) {
                actions[i].action = word;
                return true;
            }
        }
        error_setg(error, "Parameter '%s' does not accept value '%s'", event, action);
        g_autofree char *words = g_strjoinv(", ", (char **)actions[i].words);
        error_append_hint(error, "It accepts %s.\n", words);
        return false;
    }
    error_setg(error, "Invalid parameter '%s'", event);
    error_append_hint(error, "Events are reboot, shutdown, panic and watchdog.\n");
    return false;
}

/* ---- requests: [atomic], from any thread ---- */

static struct {
    int reset;    /* ShutdownCause; NONE: not requested. So are the others. */
    int shutdown; /* ShutdownCause */
    int exit_code;
    int powerdown; /* 1: requested */
    int suspend;
    int debug;
    int wakeup; /* WakeupReason */
    int vmstop; /* RunState; RUN_STATE_MAX: not requested */
    int signal; /* that ended us, for the message */
    int signal_pid;
} requests = {.vmstop = RUN_STATE_MAX};

static bool wakeup_supported; /* [bql] */
static NotifierList shutdown_notifiers;
static NotifierList powerdown_notifiers;

/* Note a request. A hart that makes one executes nothing after the instruction that did. */
static void request(int *what, int value, bool stop_hart)
{
    qatomic_set_mb(what, value);
    if (stop_hart && bql_locked()) {
        cpu_stop_current();
    }
    qemu_notify_event();
}

void qemu_system_reset_request(ShutdownCause reason)
{
    if (actions[ON_REBOOT].action == REBOOT_ACTION_SHUTDOWN &&
        reason != SHUTDOWN_CAUSE_SUBSYSTEM_RESET && reason != SHUTDOWN_CAUSE_SNAPSHOT_LOAD) {
        request(&requests.shutdown, reason, true);
    } else {
        request(&requests.reset, reason, true);
    }
}

void qemu_system_shutdown_request(ShutdownCause reason)
{
    request(&requests.shutdown, reason, true);
}

void qemu_system_shutdown_request_with_code(ShutdownCause reason, int exit_code)
{
    qatomic_set(&requests.exit_code, exit_code);
    qemu_system_shutdown_request(reason);
}

void qemu_system_powerdown_request(void)
{
    request(&requests.powerdown, 1, false);
}

void qemu_system_suspend_request(void)
{
    if (!runstate_check(RUN_STATE_SUSPENDED)) {
        request(&requests.suspend, 1, true);
    }
}

void qemu_system_debug_request(void)
{
    request(&requests.debug, 1, true);
}

void qemu_system_vmstop_request(RunState state)
{
    request(&requests.vmstop, state, true);
}

bool qemu_system_wakeup_request(WakeupReason reason, GError **error)
{
    if (!wakeup_supported) {
        error_setg(error, "wake-up from suspend is not supported by this guest");
        return false;
    }
    if (!runstate_check(RUN_STATE_SUSPENDED)) {
        error_setg(error, "Unable to wake up: guest is not in suspended state");
        return false;
    }
    request(&requests.wakeup, reason, false);
    return true;
}

void qemu_register_wakeup_support(void)
{
    wakeup_supported = true;
}

bool qemu_wakeup_suspend_enabled(void)
{
    return wakeup_supported;
}

void qemu_system_guest_panicked(void)
{
    switch ((PanicAction)actions[ON_PANIC].action) {
    case PANIC_ACTION_PAUSE:
        qemu_system_vmstop_request(RUN_STATE_GUEST_PANICKED);
        break;
    case PANIC_ACTION_SHUTDOWN:
        qemu_system_shutdown_request(SHUTDOWN_CAUSE_GUEST_PANIC);
        break;
    case PANIC_ACTION_EXIT_FAILURE:
        qemu_system_shutdown_request_with_code(SHUTDOWN_CAUSE_GUEST_PANIC, EXIT_FAILURE);
        break;
    case PANIC_ACTION_NONE:
        break;
    }
}

void watchdog_perform_action(void)
{
    switch ((WatchdogAction)actions[ON_WATCHDOG].action) {
    case WATCHDOG_ACTION_RESET:
        qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
        break;
    case WATCHDOG_ACTION_SHUTDOWN:
        qemu_system_powerdown_request();
        break;
    case WATCHDOG_ACTION_POWEROFF:
        qemu_system_shutdown_request(SHUTDOWN_CAUSE_GUEST_SHUTDOWN);
        break;
    case WATCHDOG_ACTION_PAUSE:
        qemu_system_vmstop_request(RUN_STATE_WATCHDOG);
        break;
    case WATCHDOG_ACTION_DEBUG:
        warn_report("watchdog: timer fired");
        break;
    case WATCHDOG_ACTION_INJECT_NMI: /* no machine here has an NMI */
    case WATCHDOG_ACTION_NONE:
        break;
    }
}

void qemu_register_shutdown_notifier(Notifier *notifier)
{
    notifier_list_add(&shutdown_notifiers, notifier);
}

void qemu_register_powerdown_notifier(Notifier *notifier)
{
    notifier_list_add(&powerdown_notifiers, notifier);
}

/* ---- signals ---- */

static void on_termination_signal(int sig, siginfo_t *info, void *context)
{
    qatomic_set(&requests.signal_pid, info->si_pid);
    qatomic_set(&requests.signal, sig);
    qatomic_set_mb(&requests.shutdown, SHUTDOWN_CAUSE_HOST_SIGNAL);
    qemu_notify_event();
}

bool qemu_init_signals(GError **error)
{
    static const int signals[] = {SIGINT, SIGHUP, SIGTERM};
    struct sigaction act = {.sa_sigaction = on_termination_signal, .sa_flags = SA_SIGINFO};

    for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
        if (sigaction(signals[i], &act, NULL) != 0) {
            error_setg_errno(error, errno, "cannot catch signal %d", signals[i]);
            return false;
        }
    }
    return true;
}

/* Who sent the signal may be gone, or not ours to look at. */
static char *process_name(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", pid);
    char *text = NULL;

    /* The arguments are separated by NULs: the text ends after the program's name. */
    if (!g_file_get_contents(path, &text, NULL, NULL) || !*text) {
        g_free(text);
        return g_strdup("<unknown process>");
    }
    return text;
}

static void report_signal(void)
{
    int pid = requests.signal_pid;

    if (!requests.signal) {
        return;
    }
    if (pid) {
        g_autofree char *name = process_name(pid);

        error_report("terminating on signal %d from pid %d (%s)", requests.signal, pid, name);
    } else {
        error_report("terminating on signal %d", requests.signal);
    }
}

/* ---- change handlers ---- */

struct VMChangeStateEntry {
    VMChangeStateHandler *cb;
    void *opaque;
    int priority;
    bool deleted; /* while they are being called */
};

static GList *change_entries; /* [bql] by priority, then order of registration */
static int notifying;         /* [bql] depth: entries may be deleted by handlers */

static int compare_priority(gconstpointer a, gconstpointer b)
{
    /* Never 0: a new entry goes behind those of its priority. */
    return ((const VMChangeStateEntry *)a)->priority < ((const VMChangeStateEntry *)b)->priority ?
               -1 :
               1;
}

VMChangeStateEntry *qemu_add_vm_change_state_handler_prio(VMChangeStateHandler *cb, void *opaque,
                                                          int priority)
{
    VMChangeStateEntry *entry = g_new0(VMChangeStateEntry, 1);

    entry->cb = cb;
    entry->opaque = opaque;
    entry->priority = priority;
    change_entries = g_list_insert_sorted(change_entries, entry, compare_priority);
    return entry;
}

VMChangeStateEntry *qemu_add_vm_change_state_handler(VMChangeStateHandler *cb, void *opaque)
{
    return qemu_add_vm_change_state_handler_prio(cb, opaque, 0);
}

static void sweep_deleted(void)
{
    for (GList *it = change_entries, *next; it; it = next) {
        next = it->next;
        if (((VMChangeStateEntry *)it->data)->deleted) {
            g_free(it->data);
            change_entries = g_list_delete_link(change_entries, it);
        }
    }
}

void qemu_del_vm_change_state_handler(VMChangeStateEntry *entry)
{
    entry->deleted = true;
    if (!notifying) {
        sweep_deleted();
    }
}

static void notify_change(bool running, RunState state)
{
    GList *it = running ? change_entries : g_list_last(change_entries);

    notifying++;
    for (; it; it = running ? it->next : it->prev) {
        VMChangeStateEntry *entry = it->data;

        if (!entry->deleted) {
            entry->cb(entry->opaque, running, state);
        }
    }
    if (--notifying == 0) {
        sweep_deleted();
    }
}

/* ---- starting and stopping ---- */

void vm_start(void)
{
    if (runstate_is_running()) {
        return;
    }
    cpu_enable_ticks();
    runstate_set(RUN_STATE_RUNNING);
    notify_change(true, RUN_STATE_RUNNING);
    resume_all_vcpus();
}

void vm_stop(RunState state)
{
    if (qemu_in_vcpu_thread()) {
        /* Its own stop is part of what it asks for: the main loop does it. */
        qemu_system_vmstop_request(state);
        return;
    }
    if (!runstate_is_running()) {
        return;
    }
    cpu_disable_ticks();
    pause_all_vcpus();
    runstate_set(state);
    notify_change(false, state);
    /* Whoever looks at the images while the machine stands finds all that the guest has flushed. */
    blk_drain_all();
    blk_flush_all();
}

void vm_shutdown(void)
{
    if (runstate_is_running()) {
        vm_stop(RUN_STATE_SHUTDOWN);
    } else {
        pause_all_vcpus();
    }
}

static void reset_machine(ResetType type)
{
    MachineState *machine = machine_get_current();

    if (machine) {
        machine_reset(machine, type);
    }
}

void qemu_system_reset(void)
{
    reset_machine(RESET_TYPE_COLD);
}

/* ---- the main loop ---- */

/* Takes a request: its value, and it is made no more. */
static int take(int *what, int none)
{
    return qatomic_xchg(what, none);
}

/* False: the machine stays, stopped. */
static bool shutdown_ends_process(ShutdownCause cause)
{
    report_signal();
    notifier_list_notify(&shutdown_notifiers, &cause);
    if (actions[ON_SHUTDOWN].action == SHUTDOWN_ACTION_POWEROFF ||
        cause == SHUTDOWN_CAUSE_HOST_SIGNAL || cause == SHUTDOWN_CAUSE_HOST_QMP_QUIT) {
        return true;
    }
    vm_stop(RUN_STATE_SHUTDOWN);
    return false;
}

static void do_reset(void)
{
    pause_all_vcpus();
    qemu_system_reset();
    if (runstate_is_running()) {
        resume_all_vcpus();
    } else {
        runstate_set(RUN_STATE_PRELAUNCH);
    }
}

static void do_wakeup(void)
{
    pause_all_vcpus();
    reset_machine(RESET_TYPE_WAKEUP);
    vm_start();
}

bool main_loop_should_exit(int *status)
{
    int cause, state;

    if (take(&requests.debug, 0)) {
        vm_stop(RUN_STATE_DEBUG);
    }
    if (take(&requests.suspend, 0)) {
        vm_stop(RUN_STATE_SUSPENDED);
    }
    cause = take(&requests.shutdown, SHUTDOWN_CAUSE_NONE);
    if (cause != SHUTDOWN_CAUSE_NONE) {
        *status = take(&requests.exit_code, EXIT_SUCCESS);
        if (shutdown_ends_process(cause)) {
            return true;
        }
    }
    if (take(&requests.reset, SHUTDOWN_CAUSE_NONE) != SHUTDOWN_CAUSE_NONE) {
        do_reset();
    }
    if (take(&requests.wakeup, QEMU_WAKEUP_REASON_NONE)) {
        do_wakeup();
    }
    if (take(&requests.powerdown, 0)) {
        notifier_list_notify(&powerdown_notifiers, NULL);
    }
    state = take(&requests.vmstop, RUN_STATE_MAX);
    if (state != RUN_STATE_MAX) {
        vm_stop(state);
    }
    return false;
}

int qemu_main_loop(void)
{
    int status = EXIT_SUCCESS;

    while (!main_loop_should_exit(&status)) {
        main_loop_wait(false);
    }
    return status;
}
