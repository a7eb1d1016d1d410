/* SPDX-License-Identifier: MIT */
/* What clocks and timers tell each other. Private to util/. Any thread. */
#ifndef UTIL_CLOCK_INTERNAL_H
#define UTIL_CLOCK_INTERNAL_H

#include "qemu/timer.h"

/* Whether the clock moves; its timers run only then. */
bool clock_is_running(QEMUClockType type);

/* Whether something other than host time drives the clock. */
bool clock_has_source(QEMUClockType type);

/* An earlier deadline has been set: tell who waits for it. No lock held. */
void clock_deadline_changed(QEMUClockType type);

#endif
