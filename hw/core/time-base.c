/* SPDX-License-Identifier: MIT */
/*
 * The interface type "time-base" and its calls, from any thread; see hw/core/time-base.h.
 */
#include "qemu/osdep.h"

#include "hw/core/time-base.h"
#include "qemu/atomic.h"

/*
 * The class last looked up: a machine has one kind of time base, and finding an interface's class
 * takes longer than reading the clock (70 ns of 130). Classes never change and never go. [atomic]
 */
static TimeBaseClass *last_class;

static TimeBaseClass *time_base_class(TimeBase *tb)
{
    /* Pairs with the release below. */
    TimeBaseClass *tbc = qatomic_load_acquire(&last_class);

    if (unlikely(!tbc || tbc->parent_class.concrete_class != object_get_class(OBJECT(tb)))) {
        tbc = TIME_BASE_GET_CLASS(tb);
        qatomic_store_release(&last_class, tbc);
    }
    return tbc;
}

uint64_t time_base_read(TimeBase *tb)
{
    return time_base_class(tb)->read(tb);
}

uint32_t time_base_frequency_hz(TimeBase *tb)
{
    return time_base_class(tb)->frequency_hz(tb);
}

int64_t time_base_deadline_ns(TimeBase *tb, uint64_t ticks)
{
    return time_base_class(tb)->deadline_ns(tb, ticks);
}

void time_base_add_change_notifier(TimeBase *tb, Notifier *notifier)
{
    time_base_class(tb)->add_change_notifier(tb, notifier);
}

static const TypeInfo time_base_types[] = {
    {
        .name = TYPE_TIME_BASE,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(TimeBaseClass),
    },
};
DEFINE_TYPES(time_base_types)
