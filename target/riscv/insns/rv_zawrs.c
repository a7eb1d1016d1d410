/* SPDX-License-Identifier: MIT */
/*
 * Wait on reservation set, Zawrs (rv_zawrs.insn). A stall may end for any reason, and this one ends
 * after other harts of the thread have run: so it is bounded, and mstatus.TW never applies to
 * wrs.nto.
 */
#include "qemu/osdep.h"

#include "target/riscv/decode.h"

bool trans_wrs_nto(DisasContext *ctx)
{
    gen_exit_next(ctx, TCG_EXIT_YIELD);
    return true;
}

bool trans_wrs_sto(DisasContext *ctx)
{
    return trans_wrs_nto(ctx);
}
