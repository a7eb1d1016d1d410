/* SPDX-License-Identifier: MIT */
/*
 * Host code as text that is the same on every machine: built for a fixed set of processor features
 * and never run, addresses as names.
 */
#ifndef TESTS_TCG_GOLDEN_HOST_H
#define TESTS_TCG_GOLDEN_HOST_H

#include "tcg-guest.h"
#include "tcg/tcg-internal.h"

/* The host that golden_host_code() is of, as it stands in the titles of sections; NULL: none. */
extern const char *const golden_host;

/*
 * Compile what @c holds and append it as assembly to @out. Behind the fast path of a guest access
 * that follows another in its block stands how many instructions there are from that one on.
 * False, and nothing appended, if what disassembles is another version than that of the files.
 */
bool golden_host_code(TCGContext *c, TCGOptLevel level, GString *out);

#endif
