/* SPDX-License-Identifier: MIT */
/*
 * The emitters of fp.h. Specification: Unprivileged ISA 20240411, chapters "F", "D" and "Zfa".
 * Tests: those generated from rv_f.insn, rv_d.insn and rv_zfa.insn.
 *
 * frm is a part of tb_flags, so the rounding mode of every instruction is known here, and a dynamic
 * one that is reserved is an illegal instruction without a check at run time.
 */
#include "qemu/osdep.h"

#include "qemu/fpu.h"
#include "target/riscv/insns/fp.h"

/* The value of an instruction's rm field that stands for frm. */
#define RM_DYNAMIC 7

static bool resolve_rm(const DisasContext *ctx, int field, unsigned *rm)
{
    *rm = field == RM_DYNAMIC ? ctx->frm : field;
    return *rm <= FLOAT_RM_RMM;
}

/* Whether an IR op computes with @rm. */
static bool host_rounds(const DisasContext *ctx, unsigned rm)
{
    return rm == ctx->frm && rm <= FLOAT_RM_RUP;
}

static TCGType ir_type(RVFormat format)
{
    return format == RV_FORMAT_S ? TCG_F32 : TCG_F64;
}

/* A register as an IR op takes it. */
static TCGv fp_operand(DisasContext *ctx, int reg, RVFormat format)
{
    TCGv value = fpr_get(ctx, reg);

    return format == RV_FORMAT_S ? tcg_funbox(ctx->tcg, value) : value;
}

/* One operation on FP registers, computed with @rm. */
typedef struct FPOperation {
    unsigned opc; /* FP_NO_OP: helper only */
    int imm;      /* of the op */
    RISCVHelper helper;
    unsigned ctl;    /* of the helper, without format and rounding mode */
    RVFormat format; /* of the operands */
    RVFormat result; /* of the result; the same if that is an integer */
    unsigned rm;     /* a resolved one; any if nothing is rounded */
} FPOperation;

static TCGv gen_operation(DisasContext *ctx, const FPOperation *op, const int *regs, unsigned nregs)
{
    TCGv args[4];

    if (op->opc != FP_NO_OP && host_rounds(ctx, op->rm)) {
        for (unsigned i = 0; i < nregs; i++) {
            args[i] = fp_operand(ctx, regs[i], op->format);
        }
        return tcg_emit1(ctx->tcg, op->opc, ir_type(op->format), args, nregs, op->imm, 0, 0);
    }
    for (unsigned i = 0; i < nregs; i++) {
        args[i] = fpr_get(ctx, regs[i]);
    }
    args[nregs] = tcg_const(ctx->tcg, op->result << RV_FP_FORMAT_SHIFT |
                                          op->format << RV_FP_SOURCE_SHIFT |
                                          (op->rm & 7) << RV_FP_RM_SHIFT | op->ctl);
    return tcg_call(ctx->tcg, op->helper, args, nregs + 1);
}

/* ---- memory ---------------------------------------------------------------------------------- */

bool gen_fp_load(DisasContext *ctx, const ArgsRs1FdImm *a, MemOp op)
{
    RISCVAddress address = gen_address(ctx, a->rs1, a->imm);

    fpr_set(ctx, a->fd, tcg_qemu_fld(ctx->tcg, address.base, address.disp, data_memop(ctx, op)));
    return true;
}

bool gen_fp_store(DisasContext *ctx, const ArgsRs1Fs2Imm *a, MemOp op)
{
    RISCVAddress address = gen_address(ctx, a->rs1, a->imm);

    tcg_qemu_fst(ctx->tcg, address.base, address.disp, fpr_get(ctx, a->fs2), data_memop(ctx, op));
    return true;
}

/* ---- what rounds ----------------------------------------------------------------------------- */

bool gen_fp_arith(DisasContext *ctx, const ArgsFdFs1Fs2Rm *a, RVFormat format, unsigned opc,
                  RISCVHelper helper)
{
    FPOperation op = {.opc = opc, .helper = helper, .format = format, .result = format};

    if (!resolve_rm(ctx, a->rm, &op.rm)) {
        return false;
    }
    fpr_set(ctx, a->fd, gen_operation(ctx, &op, (const int[]){a->fs1, a->fs2}, 2));
    return true;
}

bool gen_fp_unary(DisasContext *ctx, const ArgsFdFs1Rm *a, RVFormat format, unsigned opc,
                  RISCVHelper helper)
{
    FPOperation op = {.opc = opc, .helper = helper, .format = format, .result = format};

    if (!resolve_rm(ctx, a->rm, &op.rm)) {
        return false;
    }
    fpr_set(ctx, a->fd, gen_operation(ctx, &op, &a->fs1, 1));
    return true;
}

bool gen_fp_muladd(DisasContext *ctx, const ArgsFdFs1Fs2Fs3Rm *a, RVFormat format, unsigned negate)
{
    FPOperation op = {
        .opc = TCG_OP_fma,
        .imm = (negate & FLOAT_NEGATE_PRODUCT ? TCG_FMA_NEG_PRODUCT : 0) |
               (negate & FLOAT_NEGATE_ADDEND ? TCG_FMA_NEG_ADDEND : 0),
        .helper = HELPER_fmuladd,
        .ctl = negate << RV_FP_NEGATE_SHIFT,
        .format = format,
        .result = format,
    };

    if (!resolve_rm(ctx, a->rm, &op.rm)) {
        return false;
    }
    fpr_set(ctx, a->fd, gen_operation(ctx, &op, (const int[]){a->fs1, a->fs2, a->fs3}, 3));
    return true;
}

bool gen_fp_convert(DisasContext *ctx, const ArgsFdFs1Rm *a, RVFormat to, RVFormat from)
{
    FPOperation op = {.opc = TCG_OP_fcvt_f, .helper = HELPER_fcvt_f, .format = from, .result = to};

    if (!resolve_rm(ctx, a->rm, &op.rm)) {
        return false;
    }
    if (to == RV_FORMAT_D) {
        op.rm = ctx->frm; /* exact */
    }
    fpr_set(ctx, a->fd, gen_operation(ctx, &op, &a->fs1, 1));
    return true;
}

bool gen_fp_to_int(DisasContext *ctx, const ArgsRdFs1Rm *a, RVFormat format, unsigned integer)
{
    FPOperation op = {
        .opc = integer & RV_FP_INT64 ? TCG_OP_fcvt_i64 : TCG_OP_fcvt_i32,
        .imm = (integer & RV_FP_UNSIGNED) != 0,
        .helper = HELPER_fcvt_to_int,
        .ctl = integer,
        .format = format,
        .result = format,
    };
    TCGv value;

    if (!resolve_rm(ctx, a->rm, &op.rm)) {
        return false;
    }
    value = gen_operation(ctx, &op, &a->fs1, 1);
    gen_fp_dirty(ctx);
    gpr_set(ctx, a->rd, value);
    return true;
}

bool gen_fp_from_int(DisasContext *ctx, const ArgsRs1FdRm *a, RVFormat format, unsigned integer)
{
    unsigned opc = integer & RV_FP_INT64 ? TCG_OP_fcvt_fi64 : TCG_OP_fcvt_fi32;
    TCGv args[2] = {gpr_get(ctx, a->rs1)};
    TCGv value;
    unsigned rm;

    if (!resolve_rm(ctx, a->rm, &rm)) {
        return false;
    }
    if (format == RV_FORMAT_D && !(integer & RV_FP_INT64)) {
        rm = ctx->frm; /* exact */
    }
    if (host_rounds(ctx, rm)) {
        value = tcg_fcvt_int(ctx->tcg, opc, ir_type(format), args[0], integer & RV_FP_UNSIGNED);
    } else {
        args[1] = tcg_const(ctx->tcg,
                            format << RV_FP_FORMAT_SHIFT | (rm & 7) << RV_FP_RM_SHIFT | integer);
        value = tcg_call(ctx->tcg, HELPER_fcvt_from_int, args, ARRAY_SIZE(args));
    }
    fpr_set(ctx, a->fd, value);
    return true;
}

/* ---- what does not round --------------------------------------------------------------------- */

bool gen_fp_minmax(DisasContext *ctx, const ArgsFdFs1Fs2 *a, RVFormat format, unsigned opc,
                   RISCVHelper helper)
{
    FPOperation op = {
        .opc = opc, .helper = helper, .format = format, .result = format, .rm = ctx->frm};

    fpr_set(ctx, a->fd, gen_operation(ctx, &op, (const int[]){a->fs1, a->fs2}, 2));
    return true;
}

bool gen_fp_sgnj(DisasContext *ctx, const ArgsFdFs1Fs2 *a, RVFormat format, int kind)
{
    TCGv value = fp_operand(ctx, a->fs1, format);

    if (kind != TCG_FSGNJ_COPY || a->fs1 != a->fs2) {
        value = tcg_fsgnj(ctx->tcg, ir_type(format), kind, value, fp_operand(ctx, a->fs2, format));
    }
    fpr_set(ctx, a->fd, value);
    return true;
}

bool gen_fp_compare(DisasContext *ctx, const ArgsRdFs1Fs2 *a, RVFormat format, unsigned opc,
                    int cmp, RISCVHelper helper)
{
    FPOperation op = {
        .opc = opc,
        .imm = cmp,
        .helper = helper,
        .format = format,
        .result = format,
        .rm = ctx->frm,
    };
    TCGv value = gen_operation(ctx, &op, (const int[]){a->fs1, a->fs2}, 2);

    gen_fp_dirty(ctx);
    gpr_set(ctx, a->rd, value);
    return true;
}

bool gen_fp_class(DisasContext *ctx, const ArgsRdFs1 *a, RVFormat format)
{
    const TCGv args[] = {fpr_get(ctx, a->fs1), tcg_const(ctx->tcg, format << RV_FP_FORMAT_SHIFT)};

    gpr_set(ctx, a->rd, tcg_call(ctx->tcg, HELPER_fclass, args, ARRAY_SIZE(args)));
    return true;
}
