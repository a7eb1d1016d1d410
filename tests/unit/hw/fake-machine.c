/* SPDX-License-Identifier: MIT */
/*
 * hw/core/runstate.h for tests, in place of system/runstate.c: requests are counted, and the
 * machine runs until the test says otherwise.
 */
#include "qemu/osdep.h"

#include "hw-test.h"
#include "hw/core/runstate.h"

static HwTestRequests requests;
static RunState run_state = RUN_STATE_RUNNING;

HwTestRequests hw_test_take_requests(void)
{
    HwTestRequests taken = requests;

    requests = (HwTestRequests){};
    return taken;
}

/* ---- Requests ---- */

void qemu_system_shutdown_request_with_code(ShutdownCause reason, int exit_code)
{
    requests.shutdowns++;
    requests.cause = reason;
    requests.exit_code = exit_code;
}

void qemu_system_shutdown_request(ShutdownCause reason)
{
    qemu_system_shutdown_request_with_code(reason, 0);
}

void qemu_system_reset_request(ShutdownCause reason)
{
    requests.resets++;
    requests.cause = reason;
}

void qemu_system_vmstop_request(RunState state)
{
    requests.stops++;
    requests.cause = state;
}

void qemu_system_debug_request(void)
{
    qemu_system_vmstop_request(RUN_STATE_DEBUG);
}

/* ---- State ---- */

bool runstate_check(RunState state)
{
    return run_state == state;
}

RunState runstate_get(void)
{
    return run_state;
}

bool runstate_is_running(void)
{
    return run_state == RUN_STATE_RUNNING;
}

struct VMChangeStateEntry {
    VMChangeStateHandler *cb;
    void *opaque;
    int priority;
};

static GSList *handlers; /* lowest priority first */

static int compare_priority(const void *a, const void *b)
{
    return ((const VMChangeStateEntry *)a)->priority - ((const VMChangeStateEntry *)b)->priority;
}

VMChangeStateEntry *qemu_add_vm_change_state_handler_prio(VMChangeStateHandler *cb, void *opaque,
                                                          int priority)
{
    VMChangeStateEntry *entry = g_new(VMChangeStateEntry, 1);

    *entry = (VMChangeStateEntry){cb, opaque, priority};
    handlers = g_slist_insert_sorted(handlers, entry, compare_priority);
    return entry;
}

VMChangeStateEntry *qemu_add_vm_change_state_handler(VMChangeStateHandler *cb, void *opaque)
{
    return qemu_add_vm_change_state_handler_prio(cb, opaque, 0);
}

void qemu_del_vm_change_state_handler(VMChangeStateEntry *entry)
{
    handlers = g_slist_remove(handlers, entry);
    g_free(entry);
}

void hw_test_set_run_state(RunState state)
{
    g_autoptr(GSList) order = g_slist_copy(handlers);
    bool running = state == RUN_STATE_RUNNING;

    run_state = state;
    order = running ? order : g_slist_reverse(order);
    for (GSList *l = order; l; l = l->next) {
        VMChangeStateEntry *entry = l->data;

        entry->cb(entry->opaque, running, state);
    }
}
