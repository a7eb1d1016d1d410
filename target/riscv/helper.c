/* SPDX-License-Identifier: MIT */
/*
 * The table of helpers that generated code may call: the rows of helper.def with their functions.
 * Numbered by RISCVHelper. Constant.
 */
#include "qemu/osdep.h"

#include "target/riscv/helper.h"

const TCGHelper riscv_helpers[NB_RISCV_HELPERS + 1] = {
#define HELPER(name, sig, flags, alias, reads, writes)                                             \
    [HELPER_##name] = {#name, (void *)helper_##name, sig, flags, alias, reads, writes},
#include "target/riscv/helper.def"
#undef HELPER
};
