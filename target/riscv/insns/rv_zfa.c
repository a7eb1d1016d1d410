/* SPDX-License-Identifier: MIT */
/*
 * Zfa, additional floating point instructions (rv_zfa.insn). Specification: Unprivileged ISA
 * 20240411, "Zfa" chapter.
 */
#include "qemu/osdep.h"

#include "qemu/fpu.h"
#include "target/riscv/insns/fp.h"

/* ---- constants ------------------------------------------------------------------------------- */

enum {
    FLI_MIN_NORMAL = 1, /* depends on the format */
    FLI_INF = 30,
    FLI_NAN = 31,
};

/* The other immediates, in quarters of a power of two: (4 + quarters) / 4 * 2^exp. */
static const struct {
    int8_t exp;
    uint8_t quarters;
    bool sign;
} fli_values[32] = {
    [0] = {0, 0, true}, [2] = {-16, 0}, [3] = {-15, 0}, [4] = {-8, 0},  [5] = {-7, 0},
    [6] = {-4, 0},      [7] = {-3, 0},  [8] = {-2, 0},  [9] = {-2, 1},  [10] = {-2, 2},
    [11] = {-2, 3},     [12] = {-1, 0}, [13] = {-1, 1}, [14] = {-1, 2}, [15] = {-1, 3},
    [16] = {0, 0},      [17] = {0, 1},  [18] = {0, 2},  [19] = {0, 3},  [20] = {1, 0},
    [21] = {1, 1},      [22] = {1, 2},  [23] = {2, 0},  [24] = {3, 0},  [25] = {4, 0},
    [26] = {7, 0},      [27] = {8, 0},  [28] = {15, 0}, [29] = {16, 0},
};

/* The bit pattern of immediate @index in a format that has all of them as normal numbers. */
static uint64_t fli_pattern(FloatFormat fmt, unsigned index)
{
    int bias = (1 << (fmt.exp_bits - 1)) - 1;

    switch (index) {
    case FLI_MIN_NORMAL:
        return 1ull << fmt.frac_bits;
    case FLI_INF:
        return float_infinity(fmt);
    case FLI_NAN:
        return float_canonical_nan(fmt);
    default:
        return (uint64_t)(bias + fli_values[index].exp) << fmt.frac_bits |
               (uint64_t)fli_values[index].quarters << (fmt.frac_bits - 2) |
               (fli_values[index].sign ? float_sign_mask(fmt) : 0);
    }
}

static bool gen_fli(DisasContext *ctx, int fd, uint64_t reg)
{
    fpr_set(ctx, fd, tcg_i2f(ctx->tcg, tcg_const(ctx->tcg, reg)));
    return true;
}

bool trans_fli_s(DisasContext *ctx, const ArgsFdFli *a)
{
    return gen_fli(ctx, a->fd, fli_pattern(FLOAT32, a->fli) | ~0ull << 32);
}

bool trans_fli_d(DisasContext *ctx, const ArgsFdFli *a)
{
    return gen_fli(ctx, a->fd, fli_pattern(FLOAT64, a->fli));
}

/* ---- arithmetic, comparison ------------------------------------------------------------------ */

#define TRANS_MINMAX(name, format, helper)                                                         \
    bool trans_##name(DisasContext *ctx, const ArgsFdFs1Fs2 *a)                                    \
    {                                                                                              \
        return gen_fp_minmax(ctx, a, format, FP_NO_OP, helper);                                    \
    }

TRANS_MINMAX(fminm_s, RV_FORMAT_S, HELPER_fminm)
TRANS_MINMAX(fminm_d, RV_FORMAT_D, HELPER_fminm)
TRANS_MINMAX(fmaxm_s, RV_FORMAT_S, HELPER_fmaxm)
TRANS_MINMAX(fmaxm_d, RV_FORMAT_D, HELPER_fmaxm)

#define TRANS_ROUND(name, format, helper)                                                          \
    bool trans_##name(DisasContext *ctx, const ArgsFdFs1Rm *a)                                     \
    {                                                                                              \
        return gen_fp_unary(ctx, a, format, FP_NO_OP, helper);                                     \
    }

TRANS_ROUND(fround_s, RV_FORMAT_S, HELPER_fround)
TRANS_ROUND(fround_d, RV_FORMAT_D, HELPER_fround)
TRANS_ROUND(froundnx_s, RV_FORMAT_S, HELPER_froundnx)
TRANS_ROUND(froundnx_d, RV_FORMAT_D, HELPER_froundnx)

#define TRANS_COMPARE(name, format, helper)                                                        \
    bool trans_##name(DisasContext *ctx, const ArgsRdFs1Fs2 *a)                                    \
    {                                                                                              \
        return gen_fp_compare(ctx, a, format, FP_NO_OP, 0, helper);                                \
    }

TRANS_COMPARE(fleq_s, RV_FORMAT_S, HELPER_fleq)
TRANS_COMPARE(fleq_d, RV_FORMAT_D, HELPER_fleq)
TRANS_COMPARE(fltq_s, RV_FORMAT_S, HELPER_fltq)
TRANS_COMPARE(fltq_d, RV_FORMAT_D, HELPER_fltq)

/* ---- conversion, moves ----------------------------------------------------------------------- */

bool trans_fcvtmod_w_d(DisasContext *ctx, const ArgsRdFs1 *a)
{
    const TCGv args[] = {fpr_get(ctx, a->fs1),
                         tcg_const(ctx->tcg, RV_FORMAT_D << RV_FP_FORMAT_SHIFT)};
    TCGv value = tcg_call(ctx->tcg, HELPER_fcvtmod, args, ARRAY_SIZE(args));

    gen_fp_dirty(ctx);
    gpr_set(ctx, a->rd, value);
    return true;
}

bool trans_fmvh_x_d(DisasContext *ctx, const ArgsRdFs1 *a)
{
    TCGv value = tcg_f2i(ctx->tcg, fpr_get(ctx, a->fs1));

    gpr_set(ctx, a->rd, tcg_sextract(ctx->tcg, TCG_I64, value, 32, 32));
    return true;
}

bool trans_fmvp_d_x(DisasContext *ctx, const ArgsRs1Rs2Fd *a)
{
    TCGv value = tcg_deposit(ctx->tcg, TCG_I64, gpr_get(ctx, a->rs1), gpr_get(ctx, a->rs2), 32, 32);

    fpr_set(ctx, a->fd, tcg_i2f(ctx->tcg, value));
    return true;
}
