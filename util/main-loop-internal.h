/* SPDX-License-Identifier: MIT */
/* What the parts of the main loop tell each other. Private to util/. */
#ifndef UTIL_MAIN_LOOP_INTERNAL_H
#define UTIL_MAIN_LOOP_INTERNAL_H

#include "qemu/main-loop.h"

/* Whether a bottom half waits to run: the loop must not sleep. */
bool bh_pending(void);

/* Runs those that were scheduled on entry. */
void bh_run(void) TSA_REQUIRES(bql);

/* Removes the handlers that are left. */
void fd_handlers_cleanup(void) TSA_REQUIRES(bql);

/* Ends the workers; the work has been drained. */
void thread_pool_stop(void);

#endif
