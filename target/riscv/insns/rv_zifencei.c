/* SPDX-License-Identifier: MIT */
/* fence.i (rv_zifencei.insn): later fetches of this hart see its earlier stores. */
#include "qemu/osdep.h"

#include "target/riscv/decode.h"

bool trans_fence_i(DisasContext *ctx)
{
    tcg_call(ctx->tcg, HELPER_fence_i, NULL, 0);
    ctx->end = TRANSLATE_STOP;
    return true;
}
