/* SPDX-License-Identifier: MIT */
/*
 * Run states without a machine: which may follow which, requests and what -action makes of them,
 * exit statuses, change handlers.
 */
#include "qemu/osdep.h"
#include <signal.h>
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "system/runstate.h"

/* Each test starts from "prelaunch" and the default actions. */
static void set_action(const char *event, const char *action)
{
    GError *error = NULL;

    g_assert_true(runstate_set_action(event, action, &error));
}

static void reset_all(void)
{
    int status;

    set_action("reboot", "reset");
    set_action("shutdown", "poweroff");
    set_action("panic", "shutdown");
    vm_stop(RUN_STATE_PAUSED);
    if (!runstate_check(RUN_STATE_PRELAUNCH)) {
        qemu_system_reset_request(SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET);
        g_assert_false(main_loop_should_exit(&status));
    }
    g_assert_true(runstate_check(RUN_STATE_PRELAUNCH));
}

static void expect_exit(int expected)
{
    int status = -1;

    g_assert_true(main_loop_should_exit(&status));
    g_assert_cmpint(status, ==, expected);
}

static void expect_stay(RunState state)
{
    int status = -1;

    g_assert_false(main_loop_should_exit(&status));
    g_assert_cmpstr(run_state_name(runstate_get()), ==, run_state_name(state));
}

static void test_transitions(void)
{
    g_assert_true(runstate_may_follow(RUN_STATE_PRELAUNCH, RUN_STATE_RUNNING));
    g_assert_true(runstate_may_follow(RUN_STATE_RUNNING, RUN_STATE_SHUTDOWN));
    g_assert_true(runstate_may_follow(RUN_STATE_SHUTDOWN, RUN_STATE_PRELAUNCH));
    g_assert_false(runstate_may_follow(RUN_STATE_SHUTDOWN, RUN_STATE_RUNNING));
    g_assert_false(runstate_may_follow(RUN_STATE_PRELAUNCH, RUN_STATE_DEBUG));
    /* From each state that can be entered a reset leads back to the start. */
    for (int from = 0; from < RUN_STATE_MAX; from++) {
        if (from != RUN_STATE_PRELAUNCH && from != RUN_STATE_RUNNING &&
            runstate_may_follow(RUN_STATE_RUNNING, from)) {
            g_assert_true(runstate_may_follow(from, RUN_STATE_PRELAUNCH));
        }
    }
}

static void test_start_stop(void)
{
    reset_all();
    vm_start();
    g_assert_true(runstate_is_running());
    vm_stop(RUN_STATE_PAUSED);
    g_assert_true(runstate_check(RUN_STATE_PAUSED));
    vm_stop(RUN_STATE_DEBUG); /* stopped is stopped */
    g_assert_true(runstate_check(RUN_STATE_PAUSED));
    vm_start();
    qemu_system_debug_request();
    expect_stay(RUN_STATE_DEBUG);
    vm_start();
    qemu_system_vmstop_request(RUN_STATE_IO_ERROR);
    expect_stay(RUN_STATE_IO_ERROR);
    g_assert_false(runstate_needs_reset());
}

static void test_shutdown(void)
{
    reset_all();
    vm_start();
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_GUEST_SHUTDOWN);
    expect_exit(0);
    qemu_system_shutdown_request_with_code(SHUTDOWN_CAUSE_GUEST_PANIC, 77);
    expect_exit(77);
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_GUEST_SHUTDOWN);
    expect_exit(0); /* the code was that request's */
}

static void test_no_shutdown(void)
{
    reset_all();
    set_action("shutdown", "pause");
    vm_start();
    qemu_system_shutdown_request_with_code(SHUTDOWN_CAUSE_GUEST_PANIC, 5);
    expect_stay(RUN_STATE_SHUTDOWN);
    g_assert_true(runstate_needs_reset());
    qemu_system_reset_request(SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET);
    expect_stay(RUN_STATE_PRELAUNCH);
    g_assert_false(runstate_needs_reset());
    vm_start();
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_QMP_QUIT);
    expect_exit(0); /* quit quits, and not with the code of before */
}

static void test_no_reboot(void)
{
    reset_all();
    vm_start();
    qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
    expect_stay(RUN_STATE_RUNNING);
    set_action("reboot", "shutdown");
    qemu_system_reset_request(SHUTDOWN_CAUSE_SUBSYSTEM_RESET);
    expect_stay(RUN_STATE_RUNNING);
    qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
    expect_exit(0);
    set_action("shutdown", "pause");
    qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
    expect_stay(RUN_STATE_SHUTDOWN);
    set_action("reboot", "reset");
}

static void test_panic(void)
{
    reset_all();
    vm_start();
    set_action("panic", "none");
    qemu_system_guest_panicked();
    expect_stay(RUN_STATE_RUNNING);
    set_action("panic", "exit-failure");
    qemu_system_guest_panicked();
    expect_exit(1);
    set_action("panic", "shutdown");
    qemu_system_guest_panicked();
    expect_exit(0);
    set_action("panic", "pause");
    qemu_system_guest_panicked();
    expect_stay(RUN_STATE_GUEST_PANICKED);
}

static void test_watchdog(void)
{
    reset_all();
    vm_start();
    set_action("watchdog", "none");
    watchdog_perform_action();
    expect_stay(RUN_STATE_RUNNING);
    set_action("watchdog", "poweroff");
    watchdog_perform_action();
    expect_exit(0);
    set_action("watchdog", "pause");
    watchdog_perform_action();
    expect_stay(RUN_STATE_WATCHDOG);
    set_action("watchdog", "reset");
    watchdog_perform_action();
    expect_stay(RUN_STATE_PRELAUNCH);
}

static void test_bad_actions(void)
{
    GError *error = NULL;

    g_assert_false(runstate_set_action("foo", "bar", &error));
    g_assert_cmpstr(error->message, ==, "Invalid parameter 'foo'");
    g_clear_error(&error);
    g_assert_false(runstate_set_action("panic", "foo", &error));
    g_assert_cmpstr(error->message, ==, "Parameter 'panic' does not accept value 'foo'");
    g_clear_error(&error);
}

static void test_suspend(void)
{
    GError *error = NULL;

    reset_all();
    vm_start();
    g_assert_false(qemu_system_wakeup_request(QEMU_WAKEUP_REASON_OTHER, &error));
    g_assert_cmpstr(error->message, ==, "wake-up from suspend is not supported by this guest");
    g_clear_error(&error);
    qemu_register_wakeup_support();
    g_assert_false(qemu_system_wakeup_request(QEMU_WAKEUP_REASON_OTHER, &error));
    g_assert_cmpstr(error->message, ==, "Unable to wake up: guest is not in suspended state");
    g_clear_error(&error);
    qemu_system_suspend_request();
    expect_stay(RUN_STATE_SUSPENDED);
    g_assert_true(qemu_system_wakeup_request(QEMU_WAKEUP_REASON_OTHER, &error));
    expect_stay(RUN_STATE_RUNNING);
}

/* ---- signals ---- */

static void test_signal(void)
{
    if (g_test_subprocess()) {
        GError *error = NULL;

        vm_start();
        set_action("shutdown", "pause"); /* does not keep a signal from ending us */
        g_assert_true(qemu_init_signals(&error));
        raise(SIGTERM);
        expect_exit(0);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("*terminating on signal 15 from pid * (*)*");
}

/* ---- change handlers ---- */

static GString *calls;
static VMChangeStateEntry *second;

static void handler(void *opaque, bool running, RunState state)
{
    g_string_append_printf(calls, "%s%s ", (const char *)opaque, running ? "+" : "-");
}

static void deleting_handler(void *opaque, bool running, RunState state)
{
    handler(opaque, running, state);
    qemu_del_vm_change_state_handler(second);
}

static void test_handlers(void)
{
    static char a[] = "a", b[] = "b", x[] = "x", late_name[] = "late";
    VMChangeStateEntry *first, *late;

    reset_all();
    calls = g_string_new(NULL);
    late = qemu_add_vm_change_state_handler_prio(handler, late_name, 10);
    first = qemu_add_vm_change_state_handler(handler, a);
    second = qemu_add_vm_change_state_handler(handler, b);
    vm_start();
    vm_stop(RUN_STATE_PAUSED);
    g_assert_cmpstr(calls->str, ==, "a+ b+ late+ late- b- a- ");
    qemu_del_vm_change_state_handler(first);
    g_string_truncate(calls, 0);
    /* One handler deletes the next while they are called. */
    first = qemu_add_vm_change_state_handler_prio(deleting_handler, x, -1);
    vm_start();
    g_assert_cmpstr(calls->str, ==, "x+ late+ ");
    qemu_del_vm_change_state_handler(first);
    qemu_del_vm_change_state_handler(late);
    vm_stop(RUN_STATE_PAUSED);
    g_assert_cmpstr(calls->str, ==, "x+ late+ ");
    g_string_free(calls, true);
}

int main(int argc, char **argv)
{
    GError *error = NULL;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(main_loop_init(&error));
    g_test_add_func("/runstate/transitions", test_transitions);
    g_test_add_func("/runstate/start-stop", test_start_stop);
    g_test_add_func("/runstate/shutdown", test_shutdown);
    g_test_add_func("/runstate/no-shutdown", test_no_shutdown);
    g_test_add_func("/runstate/no-reboot", test_no_reboot);
    g_test_add_func("/runstate/panic", test_panic);
    g_test_add_func("/runstate/watchdog", test_watchdog);
    g_test_add_func("/runstate/bad-actions", test_bad_actions);
    g_test_add_func("/runstate/signal", test_signal);
    g_test_add_func("/runstate/handlers", test_handlers);
    g_test_add_func("/runstate/suspend", test_suspend);
    return g_test_run();
}
