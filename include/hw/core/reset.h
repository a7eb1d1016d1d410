/* SPDX-License-Identifier: MIT */
/*
 * Reset: the Resettable interface and the tree of what the machine resets.
 *
 * A reset runs in three phases, each over the whole (sub)tree before the next begins, children
 * before their parent and siblings in the order in which they were added: enter: put own state to
 * its reset value; no effect on others, no irq, no guest memory hold:  outputs take the level that
 * the reset state implies: raise and lower irqs exit:  leave reset: timers start, what depends on
 * the state of others is computed The order depends on nothing but the order of construction, so a
 * run can be repeated.
 *
 * Threads: BQL; for a machine reset all harts are stopped. Tests: tests/unit/hw/core/test-reset.c.
 */
#ifndef HW_CORE_RESET_H
#define HW_CORE_RESET_H

#include "qom/object.h"

typedef enum ResetType {
    RESET_TYPE_COLD,          /* power on, system_reset */
    RESET_TYPE_WAKEUP,        /* leaving suspend: keeps RAM and what the machine says */
    RESET_TYPE_SNAPSHOT_LOAD, /* before a snapshot is loaded over it */
} ResetType;

#define TYPE_RESETTABLE_INTERFACE "resettable"
#define TYPE_RESETTABLE TYPE_RESETTABLE_INTERFACE
DECLARE_INTERFACE(ResettableState, ResettableClass, RESETTABLE)

typedef struct ResettablePhases {
    void (*enter)(Object *obj, ResetType type);
    void (*hold)(Object *obj, ResetType type);
    void (*exit)(Object *obj, ResetType type);
} ResettablePhases;

typedef void ResettableChildVisit(Object *child, ResetType type, void *opaque);

/**
 * ResettableClass
 * @phases:        any may be NULL
 * @child_foreach: calls @visit for each child in the reset tree; NULL: none. Devices and buses have
 * it already.
 */
struct ResettableClass {
    InterfaceClass parent_class;
    ResettablePhases phases;
    void (*child_foreach)(Object *obj, ResettableChildVisit *visit, void *opaque, ResetType type);
};

/* Resets @obj and what is below it, all phases. Not from within a phase of another reset. */
void resettable_reset(Object *obj, ResetType type);

/**
 * resettable_class_set_parent_phases - override phases in a class_init, keeping the parent's in
 * @parent_phases
 *
 * A NULL phase stays the parent's. The new functions call the saved ones where they want them.
 */
void resettable_class_set_parent_phases(ResettableClass *rc, void (*enter)(Object *, ResetType),
                                        void (*hold)(Object *, ResetType),
                                        void (*exit)(Object *, ResetType),
                                        ResettablePhases *parent_phases);

/* ---- What the machine resets, in the order of registration ---- */

/* A function without phases of its own is called in the hold phase. */
typedef void QEMUResetHandler(void *opaque);
void qemu_register_reset(QEMUResetHandler *func, void *opaque);
void qemu_unregister_reset(QEMUResetHandler *func, void *opaque);

/* Borrowed: unregister before the object goes. */
void qemu_register_resettable(Object *obj);
void qemu_unregister_resettable(Object *obj);

/* Resets everything registered: what a machine's reset hook calls. */
void qemu_devices_reset(ResetType type);

#endif
