/* SPDX-License-Identifier: MIT */
/*
 * The interface type "time-base" and its calls; see hw/core/time-base.h.
 */
#include "qemu/osdep.h"

#include "hw/core/time-base.h"

uint64_t time_base_read(TimeBase *tb)
{
    return TIME_BASE_GET_CLASS(tb)->read(tb);
}

uint32_t time_base_frequency_hz(TimeBase *tb)
{
    return TIME_BASE_GET_CLASS(tb)->frequency_hz(tb);
}

int64_t time_base_deadline_ns(TimeBase *tb, uint64_t ticks)
{
    return TIME_BASE_GET_CLASS(tb)->deadline_ns(tb, ticks);
}

void time_base_add_change_notifier(TimeBase *tb, Notifier *notifier)
{
    TIME_BASE_GET_CLASS(tb)->add_change_notifier(tb, notifier);
}

static const TypeInfo time_base_types[] = {
    {
        .name = TYPE_TIME_BASE,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(TimeBaseClass),
    },
};
DEFINE_TYPES(time_base_types)
