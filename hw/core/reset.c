/* SPDX-License-Identifier: MIT */
/*
 * Three-phase reset over a tree, and the list of what a machine resets.
 *
 * Threads: BQL. Tests: tests/unit/hw/core/test-reset.c.
 */
#include "qemu/osdep.h"
#include "hw/core/reset.h"

typedef enum {
    RESET_ENTER,
    RESET_HOLD,
    RESET_EXIT,
    RESET_NUM_PHASES,
} ResetPhase;

static void resettable_run_phase(Object *obj, ResetType type, void *opaque)
{
    ResettableClass *rc = RESETTABLE_GET_CLASS(obj);
    ResetPhase phase = GPOINTER_TO_INT(opaque);

    if (rc->child_foreach) {
        rc->child_foreach(obj, resettable_run_phase, opaque, type);
    }
    switch (phase) {
    case RESET_ENTER:
        if (rc->phases.enter) {
            rc->phases.enter(obj, type);
        }
        return;
    case RESET_HOLD:
        if (rc->phases.hold) {
            rc->phases.hold(obj, type);
        }
        return;
    case RESET_EXIT:
        if (rc->phases.exit) {
            rc->phases.exit(obj, type);
        }
        return;
    case RESET_NUM_PHASES:
        break;
    }
    g_assert_not_reached();
}

void resettable_reset(Object *obj, ResetType type)
{
    for (int phase = 0; phase < RESET_NUM_PHASES; phase++) {
        resettable_run_phase(obj, type, GINT_TO_POINTER(phase));
    }
}

void resettable_class_set_parent_phases(ResettableClass *rc, void (*enter)(Object *, ResetType),
                                        void (*hold)(Object *, ResetType),
                                        void (*exit)(Object *, ResetType),
                                        ResettablePhases *parent_phases)
{
    *parent_phases = rc->phases;
    if (enter) {
        rc->phases.enter = enter;
    }
    if (hold) {
        rc->phases.hold = hold;
    }
    if (exit) {
        rc->phases.exit = exit;
    }
}

/* Either an object or a function. */
typedef struct ResetEntry {
    Object *obj;
    QEMUResetHandler *func;
    void *opaque;
} ResetEntry;

/* In the order of registration. */
static GQueue reset_entries = G_QUEUE_INIT;

static void reset_entry_add(ResetEntry entry)
{
    g_queue_push_tail(&reset_entries, g_memdup2(&entry, sizeof(entry)));
}

static void reset_entry_remove(ResetEntry entry)
{
    for (GList *l = reset_entries.head; l; l = l->next) {
        const ResetEntry *e = l->data;

        if (e->obj == entry.obj && e->func == entry.func && e->opaque == entry.opaque) {
            g_free(l->data);
            g_queue_delete_link(&reset_entries, l);
            return;
        }
    }
}

void qemu_register_reset(QEMUResetHandler *func, void *opaque)
{
    reset_entry_add((ResetEntry){.func = func, .opaque = opaque});
}

void qemu_unregister_reset(QEMUResetHandler *func, void *opaque)
{
    reset_entry_remove((ResetEntry){.func = func, .opaque = opaque});
}

void qemu_register_resettable(Object *obj)
{
    reset_entry_add((ResetEntry){.obj = obj});
}

void qemu_unregister_resettable(Object *obj)
{
    reset_entry_remove((ResetEntry){.obj = obj});
}

void qemu_devices_reset(ResetType type)
{
    for (int phase = 0; phase < RESET_NUM_PHASES; phase++) {
        for (GList *l = reset_entries.head, *next; l; l = next) {
            const ResetEntry *e = l->data;

            /* A handler may unregister itself. */
            next = l->next;
            if (e->obj) {
                resettable_run_phase(e->obj, type, GINT_TO_POINTER(phase));
            } else if (phase == RESET_HOLD) {
                e->func(e->opaque);
            }
        }
    }
}

static const TypeInfo reset_types[] = {
    {
        .name = TYPE_RESETTABLE_INTERFACE,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(ResettableClass),
    },
};

DEFINE_TYPES(reset_types)
