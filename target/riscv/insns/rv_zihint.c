/* SPDX-License-Identifier: MIT */
/* Hints, Zihintpause and Zihintntl (rv_zihint.insn). */
#include "qemu/osdep.h"

#include "target/riscv/decode.h"

/* The hart spins: others that share its thread may have what it waits for. */
bool trans_pause(DisasContext *ctx)
{
    gen_exit_next(ctx, TCG_EXIT_YIELD);
    return true;
}

#define TRANS_NOTHING(name)                                                                        \
    bool trans_##name(DisasContext *ctx)                                                           \
    {                                                                                              \
        return true;                                                                               \
    }

TRANS_NOTHING(ntl_p1)
TRANS_NOTHING(ntl_pall)
TRANS_NOTHING(ntl_s1)
TRANS_NOTHING(ntl_all)
