/* SPDX-License-Identifier: MIT */
/*
 * -icount: guest time counts instructions.
 */
#ifndef ACCEL_TCG_ICOUNT_H
#define ACCEL_TCG_ICOUNT_H

#include <stdbool.h>

#include "qemu/option.h"

/**
 * icount_configure - as the option -icount says
 * @opts: shift=N|auto, align=, sleep=; without shift nothing is counted
 *
 * Before the accelerator is set up. [bql]
 */
bool icount_configure(QemuOpts *opts, GError **error);

#endif
