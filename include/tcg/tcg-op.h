/* SPDX-License-Identifier: MIT */
/*
 * Named builders of IR ops for translators. Each returns a new local temp (assigned once). Operands
 * may be globals: they are read where the op stands, so read a source before assigning its global.
 */
#ifndef TCG_TCG_OP_H
#define TCG_TCG_OP_H

#include "tcg/tcg.h"
#include "tcg/tcg-opcodes.h"

#define TCG_BUILD_UNARY(name)                                                                      \
    static inline TCGv tcg_##name(TCGContext *c, TCGType type, TCGv a)                             \
    {                                                                                              \
        return tcg_emit1(c, TCG_OP_##name, type, &a, 1, 0, 0, 0);                                  \
    }

#define TCG_BUILD_BINARY(name)                                                                     \
    static inline TCGv tcg_##name(TCGContext *c, TCGType type, TCGv a, TCGv b)                     \
    {                                                                                              \
        const TCGv in[2] = {a, b};                                                                 \
        return tcg_emit1(c, TCG_OP_##name, type, in, 2, 0, 0, 0);                                  \
    }

TCG_BUILD_UNARY(mov)
TCG_BUILD_UNARY(not )
TCG_BUILD_UNARY(neg)
TCG_BUILD_UNARY(clz)
TCG_BUILD_UNARY(ctz)
TCG_BUILD_UNARY(ctpop)
TCG_BUILD_UNARY(bswap)
TCG_BUILD_UNARY(fsqrt)
TCG_BUILD_UNARY(fcvt_f)
TCG_BUILD_BINARY(add)
TCG_BUILD_BINARY(sub)
TCG_BUILD_BINARY(mul)
TCG_BUILD_BINARY(muluh)
TCG_BUILD_BINARY(mulsh)
TCG_BUILD_BINARY(mulsuh)
TCG_BUILD_BINARY(divs)
TCG_BUILD_BINARY(divu)
TCG_BUILD_BINARY(rems)
TCG_BUILD_BINARY(remu)
TCG_BUILD_BINARY(and)
TCG_BUILD_BINARY(or)
TCG_BUILD_BINARY(xor)
TCG_BUILD_BINARY(andc)
TCG_BUILD_BINARY(orc)
TCG_BUILD_BINARY(eqv)
TCG_BUILD_BINARY(shl)
TCG_BUILD_BINARY(shr)
TCG_BUILD_BINARY(sar)
TCG_BUILD_BINARY(rotl)
TCG_BUILD_BINARY(rotr)
TCG_BUILD_BINARY(fadd)
TCG_BUILD_BINARY(fsub)
TCG_BUILD_BINARY(fmul)
TCG_BUILD_BINARY(fdiv)
TCG_BUILD_BINARY(fmin)
TCG_BUILD_BINARY(fmax)
#undef TCG_BUILD_UNARY
#undef TCG_BUILD_BINARY

/* With a constant second operand. */
static inline TCGv tcg_addi(TCGContext *c, TCGType type, TCGv a, int64_t imm)
{
    return tcg_add(c, type, a, tcg_const(c, (uint64_t)imm));
}
static inline TCGv tcg_andi(TCGContext *c, TCGType type, TCGv a, int64_t imm)
{
    return tcg_and(c, type, a, tcg_const(c, (uint64_t)imm));
}
static inline TCGv tcg_ori(TCGContext *c, TCGType type, TCGv a, int64_t imm)
{
    return tcg_or(c, type, a, tcg_const(c, (uint64_t)imm));
}
static inline TCGv tcg_xori(TCGContext *c, TCGType type, TCGv a, int64_t imm)
{
    return tcg_xor(c, type, a, tcg_const(c, (uint64_t)imm));
}
static inline TCGv tcg_shli(TCGContext *c, TCGType type, TCGv a, unsigned imm)
{
    return tcg_shl(c, type, a, tcg_const(c, imm));
}
static inline TCGv tcg_shri(TCGContext *c, TCGType type, TCGv a, unsigned imm)
{
    return tcg_shr(c, type, a, tcg_const(c, imm));
}
static inline TCGv tcg_sari(TCGContext *c, TCGType type, TCGv a, unsigned imm)
{
    return tcg_sar(c, type, a, tcg_const(c, imm));
}

/* Fields: [pos, pos + len). */
static inline TCGv tcg_extract(TCGContext *c, TCGType type, TCGv a, unsigned pos, unsigned len)
{
    return tcg_emit1(c, TCG_OP_extract, type, &a, 1, (int32_t)pos, (int32_t)len, 0);
}
static inline TCGv tcg_sextract(TCGContext *c, TCGType type, TCGv a, unsigned pos, unsigned len)
{
    return tcg_emit1(c, TCG_OP_sextract, type, &a, 1, (int32_t)pos, (int32_t)len, 0);
}
static inline TCGv tcg_deposit(TCGContext *c, TCGType type, TCGv a, TCGv field, unsigned pos,
                               unsigned len)
{
    const TCGv in[2] = {a, field};
    return tcg_emit1(c, TCG_OP_deposit, type, in, 2, (int32_t)pos, (int32_t)len, 0);
}
/* Sign-extend the low 32 bits to 64. */
static inline TCGv tcg_ext32s(TCGContext *c, TCGv a)
{
    return tcg_sextract(c, TCG_I64, a, 0, 32);
}
static inline TCGv tcg_ext32u(TCGContext *c, TCGv a)
{
    return tcg_extract(c, TCG_I64, a, 0, 32);
}

static inline TCGv tcg_setcond(TCGContext *c, TCGType type, TCGCond cond, TCGv a, TCGv b)
{
    const TCGv in[2] = {a, b};
    return tcg_emit1(c, TCG_OP_setcond, type, in, 2, cond, 0, 0);
}
/* cond(a, b) ? x : y; the comparison has width @type, x and y are 64-bit */
static inline TCGv tcg_movcond(TCGContext *c, TCGType type, TCGCond cond, TCGv a, TCGv b, TCGv x,
                               TCGv y)
{
    const TCGv in[4] = {a, b, x, y};
    return tcg_emit1(c, TCG_OP_movcond, type, in, 4, cond, 0, 0);
}

/* Class moves. */
static inline TCGv tcg_i2f(TCGContext *c, TCGv a)
{
    return tcg_emit1(c, TCG_OP_i2f, TCG_I64, &a, 1, 0, 0, 0);
}
static inline TCGv tcg_f2i(TCGContext *c, TCGv a)
{
    return tcg_emit1(c, TCG_OP_f2i, TCG_I64, &a, 1, 0, 0, 0);
}

/* env fields that are no globals */
static inline TCGv tcg_ld_env(TCGContext *c, int32_t offset, MemOp op, TCGAlias alias)
{
    return tcg_emit1(c, TCG_OP_ld_env, TCG_I64, NULL, 0, offset, (int32_t)op, alias);
}
static inline void tcg_st_env(TCGContext *c, TCGv value, int32_t offset, MemOp op, TCGAlias alias)
{
    tcg_emit0(c, TCG_OP_st_env, TCG_I64, &value, 1, offset, (int32_t)op, alias);
}

/* Guest memory at va + disp. */
static inline TCGv tcg_qemu_ld(TCGContext *c, TCGv va, int32_t disp, MemOpIdx oi)
{
    return tcg_emit1(c, TCG_OP_qemu_ld, TCG_I64, &va, 1, (int32_t)oi, disp, 0);
}
static inline void tcg_qemu_st(TCGContext *c, TCGv va, int32_t disp, TCGv value, MemOpIdx oi)
{
    const TCGv in[2] = {va, value};
    tcg_emit0(c, TCG_OP_qemu_st, TCG_I64, in, 2, (int32_t)oi, disp, 0);
}
/* Into and out of an FP-class temp; a 32-bit load is NaN-boxed. */
static inline TCGv tcg_qemu_fld(TCGContext *c, TCGv va, int32_t disp, MemOpIdx oi)
{
    return tcg_emit1(c, TCG_OP_qemu_fld, TCG_I64, &va, 1, (int32_t)oi, disp, 0);
}
static inline void tcg_qemu_fst(TCGContext *c, TCGv va, int32_t disp, TCGv value, MemOpIdx oi)
{
    const TCGv in[2] = {va, value};
    tcg_emit0(c, TCG_OP_qemu_fst, TCG_I64, in, 2, (int32_t)oi, disp, 0);
}
static inline TCGv tcg_qemu_rmw(TCGContext *c, TCGRmwOp op, TCGv va, TCGv value, MemOpIdx oi)
{
    const TCGv in[2] = {va, value};
    return tcg_emit1(c, TCG_OP_qemu_rmw, TCG_I64, in, 2, (int32_t)oi, 0, op);
}
static inline TCGv tcg_qemu_cas(TCGContext *c, TCGv va, TCGv expected, TCGv value, MemOpIdx oi)
{
    const TCGv in[3] = {va, expected, value};
    return tcg_emit1(c, TCG_OP_qemu_cas, TCG_I64, in, 3, (int32_t)oi, 0, 0);
}
static inline void tcg_mb(TCGContext *c, TCGBar bar)
{
    tcg_emit0(c, TCG_OP_mb, TCG_VOID, NULL, 0, bar, 0, 0);
}

/* Control flow. */
static inline void tcg_insn_start(TCGContext *c, uint64_t pc, unsigned index)
{
    tcg_emit0(c, TCG_OP_insn_start, TCG_VOID, NULL, 0, (int32_t)pc, (int32_t)(pc >> 32),
              (int32_t)index);
}
static inline void tcg_br(TCGContext *c, TCGLabel label)
{
    tcg_emit0(c, TCG_OP_br, TCG_VOID, NULL, 0, label.idx, 0, 0);
}
static inline void tcg_brcond(TCGContext *c, TCGType type, TCGCond cond, TCGv a, TCGv b,
                              TCGLabel label)
{
    const TCGv in[2] = {a, b};
    tcg_emit0(c, TCG_OP_brcond, type, in, 2, cond, label.idx, 0);
}
static inline void tcg_poll(TCGContext *c)
{
    tcg_emit0(c, TCG_OP_poll, TCG_VOID, NULL, 0, 0, 0, 0);
}
static inline void tcg_guard_page(TCGContext *c, int behind, uint32_t number)
{
    tcg_emit0(c, TCG_OP_guard_page, TCG_VOID, NULL, 0, behind, (int32_t)number, 0);
}
static inline void tcg_icount(TCGContext *c)
{
    tcg_emit0(c, TCG_OP_icount, TCG_VOID, NULL, 0, 0, 0, 0);
}
static inline void tcg_icount_sync(TCGContext *c)
{
    tcg_emit0(c, TCG_OP_icount_sync, TCG_VOID, NULL, 0, 0, 0, 0);
}
static inline void tcg_goto_link(TCGContext *c, unsigned slot, int kind, uint64_t pc)
{
    const TCGv in[1] = {tcg_const(c, pc)};
    tcg_emit0(c, TCG_OP_goto_link, TCG_VOID, in, 1, (int32_t)slot, kind, 0);
}
static inline void tcg_goto_indirect(TCGContext *c, TCGv pc)
{
    tcg_emit0(c, TCG_OP_goto_indirect, TCG_VOID, &pc, 1, 0, 0, 0);
}
static inline void tcg_exit(TCGContext *c, TCGExit status, TCGv pc)
{
    tcg_emit0(c, TCG_OP_exit, TCG_VOID, &pc, 1, status, 0, 0);
}

/* Floating point flags, RISC-V's fflags. */
static inline TCGv tcg_fflags_get(TCGContext *c)
{
    return tcg_emit1(c, TCG_OP_fflags_get, TCG_I64, NULL, 0, 0, 0, 0);
}
static inline void tcg_fflags_set(TCGContext *c, TCGv value)
{
    tcg_emit0(c, TCG_OP_fflags_set, TCG_I64, &value, 1, 0, 0, 0);
}

/* Floating point with an immediate. */
static inline TCGv tcg_fma(TCGContext *c, TCGType type, TCGv a, TCGv b, TCGv addend, int neg)
{
    const TCGv in[3] = {a, b, addend};
    return tcg_emit1(c, TCG_OP_fma, type, in, 3, neg, 0, 0);
}
static inline TCGv tcg_fcmp(TCGContext *c, TCGType type, int cmp, TCGv a, TCGv b)
{
    const TCGv in[2] = {a, b};
    return tcg_emit1(c, TCG_OP_fcmp, type, in, 2, cmp, 0, 0);
}
static inline TCGv tcg_fsgnj(TCGContext *c, TCGType type, int kind, TCGv a, TCGv sign)
{
    const TCGv in[2] = {a, sign};
    return tcg_emit1(c, TCG_OP_fsgnj, type, in, 2, kind, 0, 0);
}
static inline TCGv tcg_funbox(TCGContext *c, TCGv a)
{
    return tcg_emit1(c, TCG_OP_funbox, TCG_I64, &a, 1, 0, 0, 0);
}
/* @opc is one of TCG_OP_fcvt_i32, fcvt_i64, fcvt_fi32, fcvt_fi64 */
static inline TCGv tcg_fcvt_int(TCGContext *c, unsigned opc, TCGType type, TCGv a, bool is_unsigned)
{
    return tcg_emit1(c, opc, type, &a, 1, is_unsigned, 0, 0);
}

#endif
