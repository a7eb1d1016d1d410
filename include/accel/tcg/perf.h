/* SPDX-License-Identifier: MIT */
/*
 * What Linux perf is told of generated code: -perfmap and -jitdump.
 */
#ifndef ACCEL_TCG_PERF_H
#define ACCEL_TCG_PERF_H

#include <glib.h>
#include <stdbool.h>

/* Write /tmp/perf-PID.map from now on; before any harts exist, in the process that runs them. */
bool perf_enable_map(GError **error);
/* Write ./jit-PID.dump likewise. */
bool perf_enable_jitdump(GError **error);

/* The last record. Harts no longer run. */
void perf_exit(void);

#endif
