/* SPDX-License-Identifier: MIT */
/*
 * An accelerator "fake" of a few lines, one thread a hart as thread=multi has it: what a hart does
 * while it runs is the test's function. For tests of what stops and starts harts.
 */
#ifndef TESTS_UNIT_SYSTEM_FAKE_ACCEL_H
#define TESTS_UNIT_SYSTEM_FAKE_ACCEL_H

#include "hw/core/cpu.h"

/* Called again and again on the thread of a hart that may run, without the BQL. */
typedef void FakeRound(CPUState *cpu);

/* Makes "fake" the accelerator. */
void fake_accel_init(FakeRound *round);

/* A new hart of @type, with its thread, stopped. */
CPUState *fake_accel_hart(const char *type);

#endif
