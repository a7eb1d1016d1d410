/* SPDX-License-Identifier: MIT */
/*
 * qemu_irq: one end of a wire. Setting it calls the handler of whoever is at the other end, at
 * once.
 *
 * A line is an object of type TYPE_IRQ, so that it has a path (".../plic/unnamed-gpio-in[10]") and
 * links can name it. Levels are not stored here: a line has no memory and no fan-in; both ends keep
 * what they need.
 *
 * Threads: BQL, except where a handler says otherwise. Tests: tests/unit/hw/core/test-irq.c.
 */
#ifndef HW_CORE_IRQ_H
#define HW_CORE_IRQ_H

#include "qom/object.h"

#define TYPE_IRQ "irq"
OBJECT_DECLARE_SIMPLE_TYPE(IRQState, IRQ)

/* NULL is a line that is connected to nothing; setting it does nothing. */
typedef IRQState *qemu_irq;

/* @n is the index of the line in its group, @level is 0 or 1 unless the wire carries more. */
typedef void (*qemu_irq_handler)(void *opaque, int n, int level);

struct IRQState {
    Object parent_obj;
    qemu_irq_handler handler; /* [const] */
    void *opaque;             /* [const] */
    int n;                    /* [const] */
};

void qemu_set_irq(qemu_irq irq, int level);

static inline void qemu_irq_raise(qemu_irq irq)
{
    qemu_set_irq(irq, 1);
}

static inline void qemu_irq_lower(qemu_irq irq)
{
    qemu_set_irq(irq, 0);
}

static inline void qemu_irq_pulse(qemu_irq irq)
{
    qemu_set_irq(irq, 1);
    qemu_set_irq(irq, 0);
}

/* A line owned by the caller, who ends it by qemu_free_irq(). */
qemu_irq qemu_allocate_irq(qemu_irq_handler handler, void *opaque, int n);
void qemu_free_irq(qemu_irq irq);

/* @n of them, numbered from 0, in an array; qemu_free_irqs() ends lines and array. */
qemu_irq *qemu_allocate_irqs(qemu_irq_handler handler, void *opaque, int n);
void qemu_free_irqs(qemu_irq *irqs, int n);

/* Makes the memory at @irq a line; the caller drops the reference or parents it. */
void qemu_init_irq(IRQState *irq, qemu_irq_handler handler, void *opaque, int n);

/* A line that sets @irq to the opposite level. Owned by the caller; @irq must outlive it. */
qemu_irq qemu_irq_invert(qemu_irq irq);

#endif
