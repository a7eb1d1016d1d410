/* SPDX-License-Identifier: MIT */
/*
 * Floating point on SSE2 and FMA3, exact in every bit and flag.
 *
 * Inside generated code MXCSR holds the guest's rounding mode, and its sticky flags are guest flags
 * not yet in env; the epilogue and calls that ask for it fold them (code.c). No instruction here
 * raises a flag that the guest's would not:
 * - a NaN from add, sub, mul, div, sqrt and format conversion has raised what RISC-V wants; only
 * its bits are
 *     replaced, out of line
 * - a NaN from a fused multiply-add takes the exact path: infinity * 0 + quiet NaN is invalid there
 * only
 * - min, max: minsd signals quiet NaNs and does not order zeros, so that unordered operands take
 * the exact path and
 *     equal ones are combined bitwise
 * - conversions to integers outside of the range take the exact path; unsigned ones always do, as a
 * wider
 *     conversion would raise inexact where only invalid is right
 * x86 and RISC-V both detect tininess after rounding.
 *
 * Specification: Unprivileged ISA 20240411, "F" and "D" chapters; Intel SDM volume 1, "Programming
 * with SSE".
 */
#include "qemu/osdep.h"

#include "emit.h"

static bool is_double(const TCGOp *op)
{
    return op->type == TCG_F64;
}

/* op reg, [constant] */
static void with_constant(RAContext *ra, unsigned op, unsigned reg, X86Constant n)
{
    x86_rip(assembler(ra), op, reg, x86_prologue.constants + 16 * n, ra->e->rx_delta);
}

/* An F32 result is boxed. The upper half is that of the register before: the first operand's. */
static void box(RAContext *ra, const TCGOp *op, unsigned out, bool was_boxed)
{
    if (!is_double(op) && !was_boxed) {
        with_constant(ra, P_0F | SSE_OR, out, X86_CONST_BOX);
    }
}

static bool in_is_boxed(const RAContext *ra, const TCGOp *op)
{
    return (ra->c->temps[op->in[0]].flags & TCG_TEMP_BOXED) != 0;
}

static void tie(RAContext *ra, unsigned out, unsigned in)
{
    if (out != in) {
        x86_movaps(assembler(ra), out, in);
    }
}

/* A NaN in @out becomes the canonical one. */
static void canonicalise(RAContext *ra, bool d, unsigned out)
{
    Stub *stub;

    x86_ucomis(assembler(ra), d, out, out);
    stub = x86_stub(ra, STUB_NAN, x86_jcc32(assembler(ra), X86_P));
    if (stub) {
        stub->data.dst = (uint8_t)out;
        stub->data.extra = d;
        stub->resume = assembler(ra)->ptr;
    }
}

/* The exact path, by @jump; the caller marks where the fast path goes on. */
static Stub *exact(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in, uint8_t *jump)
{
    Stub *stub = x86_stub(ra, STUB_FP, jump);

    if (stub) {
        stub->data.dst = (uint8_t)out;
        stub->data.addr = in[0].reg;
        stub->data.val = op->nin > 1 ? in[1].reg : in[0].reg;
        stub->data.val2 = op->nin > 2 ? in[2].reg : in[0].reg;
        stub->data.oi = op->opc | (uint32_t)op->type << 8;
        stub->data.disp = op->imm[0];
        stub->uses_xmm = true;
    }
    return stub;
}

static void exact_done(RAContext *ra, Stub *stub)
{
    if (stub) {
        stub->resume = assembler(ra)->ptr;
    }
}

/* Always out of line. */
static void exact_only(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    exact_done(ra, exact(ra, op, out, in, x86_jmp32(assembler(ra))));
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

static void binary(RAContext *ra, const TCGOp *op, unsigned sse, unsigned out, const HostArg *in)
{
    tie(ra, out, in[0].reg);
    x86_sse_rr(assembler(ra), sse, is_double(op), out, in[1].reg);
    box(ra, op, out, in_is_boxed(ra, op));
    canonicalise(ra, is_double(op), out);
}

void tgen_fadd(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    binary(ra, op, SSE_ADD, out, in);
}

void tgen_fsub(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    binary(ra, op, SSE_SUB, out, in);
}

void tgen_fmul(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    binary(ra, op, SSE_MUL, out, in);
}

void tgen_fdiv(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    binary(ra, op, SSE_DIV, out, in);
}

void tgen_fsqrt(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    tie(ra, out, in[0].reg);
    x86_sse_rr(assembler(ra), SSE_SQRT, is_double(op), out, in[0].reg);
    box(ra, op, out, in_is_boxed(ra, op));
    canonicalise(ra, is_double(op), out);
}

void tgen_fma(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    /* out = +-(in[1] * out) +- in[2] */
    static const uint8_t opcodes[4] = {
        [0] = 0xa9,
        [TCG_FMA_NEG_ADDEND] = 0xab,
        [TCG_FMA_NEG_PRODUCT] = 0xad,
        [TCG_FMA_NEG_PRODUCT | TCG_FMA_NEG_ADDEND] = 0xaf,
    };
    X86Asm *a = assembler(ra);
    Stub *stub;

    if (!x86_features.fma) {
        exact_only(ra, op, out, in);
        return;
    }
    tie(ra, out, in[0].reg);
    x86_vex_rr(a, P_0F38 | P_66 | opcodes[op->imm[0] & 3], is_double(op), out, in[1].reg & 15,
               in[2].reg);
    box(ra, op, out, in_is_boxed(ra, op));
    x86_ucomis(a, is_double(op), out, out);
    stub = exact(ra, op, out, in, x86_jcc32(a, X86_P));
    exact_done(ra, stub);
}

static void min_max(RAContext *ra, const TCGOp *op, unsigned sse, unsigned of_equals, unsigned out,
                    const HostArg *in)
{
    X86Asm *a = assembler(ra);
    uint8_t *differ, *done;
    Stub *stub;

    x86_movaps(a, out, in[0].reg);
    x86_ucomis(a, is_double(op), out, in[1].reg);
    stub = exact(ra, op, out, in, x86_jcc32(a, X86_P));
    differ = x86_jcc8(a, X86_NE);
    x86_sse_logic(a, of_equals, out, in[1].reg);
    done = x86_jmp8(a);
    if (!a->overflow) {
        x86_patch8(differ, a->ptr);
    }
    x86_sse_rr(a, sse, is_double(op), out, in[1].reg);
    if (!a->overflow) {
        x86_patch8(done, a->ptr);
    }
    /* the bitwise combination is of whole registers */
    box(ra, op, out, false);
    exact_done(ra, stub);
}

/* Equal operands differ at most in the sign of zero: or gives -0, and gives +0. */
void tgen_fmin(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    min_max(ra, op, SSE_MIN, SSE_OR, out, in);
}

void tgen_fmax(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    min_max(ra, op, SSE_MAX, SSE_AND, out, in);
}

void tgen_fcmp(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    bool d = is_double(op);

    if (op->imm[0] == TCG_FCMP_EQ) {
        /* unordered sets ZF and PF */
        x86_ucomis(a, d, in[0].reg, in[1].reg);
        x86_setcc(a, X86_NP, RAX);
        x86_setcc(a, X86_E, RDX);
        x86_alu_rr(a, X86_AND, false, RAX, RDX);
    } else {
        /* a < b as b above a; unordered sets CF and ZF */
        x86_comis(a, d, in[1].reg, in[0].reg);
        x86_setcc(a, op->imm[0] == TCG_FCMP_LT ? X86_A : X86_AE, RAX);
    }
    x86_rr(a, P_0F | P_BYTE | 0xb6, false, out, RAX);
}

/* ---- conversions ----------------------------------------------------------------------------- */

static void to_integer(RAContext *ra, const TCGOp *op, bool w, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    Stub *stub;

    if (op->imm[0]) {
        exact_only(ra, op, out, in);
        return;
    }
    /*
     * what does not fit, and NaN, gives the most negative integer: the only one that less 1
     * overflows
     */
    x86_rr(a, P_0F | (is_double(op) ? P_F2 : P_F3) | 0x2d, w, out, in[0].reg);
    x86_alu_ri(a, X86_CMP, w, out, 1);
    stub = exact(ra, op, out, in, x86_jcc32(a, X86_O));
    if (!w) {
        x86_rr(a, 0x63, true, out, out);
    }
    exact_done(ra, stub);
}

void tgen_fcvt_i32(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    to_integer(ra, op, false, out, in);
}

void tgen_fcvt_i64(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    to_integer(ra, op, true, out, in);
}

/* cvtsi2sd merges with the register's old value: cleared first. */
static void from_integer(RAContext *ra, const TCGOp *op, bool w, unsigned out, unsigned src)
{
    X86Asm *a = assembler(ra);

    x86_sse_logic(a, SSE_XOR, out, out);
    x86_rr(a, P_0F | (is_double(op) ? P_F2 : P_F3) | 0x2a, w, out, src);
    box(ra, op, out, false);
}

void tgen_fcvt_fi32(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);

    if (op->imm[0]) {
        /* as a 64-bit integer it is not negative */
        x86_mov_rr(a, false, RAX, in[0].reg);
        from_integer(ra, op, true, out, RAX);
    } else {
        from_integer(ra, op, false, out, in[0].reg);
    }
}

void tgen_fcvt_fi64(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    Stub *stub = NULL;

    if (op->imm[0]) {
        x86_test_rr(a, true, in[0].reg, in[0].reg);
        stub = exact(ra, op, out, in, x86_jcc32(a, X86_S));
    }
    from_integer(ra, op, true, out, in[0].reg);
    exact_done(ra, stub);
}

/* The type is the source's. */
void tgen_fcvt_f(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    bool from_double = is_double(op);

    x86_rr(a, P_0F | (from_double ? P_F2 : P_F3) | 0x5a, false, out, in[0].reg);
    if (from_double) {
        with_constant(ra, P_0F | SSE_OR, out, X86_CONST_BOX);
    }
    canonicalise(ra, !from_double, out);
}

/* ---- flags ----------------------------------------------------------------------------------- */

/* Flags that env has, and those that are still in MXCSR alone. */
void tgen_fflags_get(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);

    x86_stmxcsr(a, x86_mem(RSP, FRAME_MXCSR));
    x86_mov_rm(a, false, RAX, x86_mem(RSP, FRAME_MXCSR));
    x86_alu_ri(a, X86_AND, false, RAX, MXCSR_FLAGS);
    x86_mov_ri(a, RDX, (uintptr_t)x86_prologue.fflags_of_mxcsr);
    x86_rm(a, P_0F | 0xb6, false, out, x86_mem_index(RDX, RAX, 0, 0));
    x86_rm(a, P_0F | 0xb6, false, RAX, env_mem(ra->e, ra->e->layout->fp_flags));
    x86_alu_rr(a, X86_OR, false, out, RAX);
}

void tgen_fflags_set(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);

    x86_load_arg(ra, false, RAX, &in[0]);
    x86_alu_ri(a, X86_AND, false, RAX, 0x1f);
    x86_rm(a, P_BYTE | 0x88, false, RAX, env_mem(ra->e, ra->e->layout->fp_flags));
    x86_load_mxcsr(a, ra->e->layout, RAX);
}

/* ---- bits ------------------------------------------------------------------------------------ */

void tgen_funbox(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    Stub *stub;

    tie(ra, out, in[0].reg);
    x86_movq_rx(a, true, RAX, out);
    x86_shift_ri(a, X86_SAR, true, RAX, 32);
    x86_alu_ri(a, X86_CMP, false, RAX, -1);
    stub = x86_stub(ra, STUB_NAN, x86_jcc32(a, X86_NE));
    if (stub) {
        stub->data.dst = (uint8_t)out;
        stub->data.extra = false;
        stub->resume = a->ptr;
    }
}

void tgen_fsgnj(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    X86Constant sign = is_double(op) ? X86_CONST_SIGN64 : X86_CONST_SIGN32;
    X86Constant rest = is_double(op) ? X86_CONST_REST64 : X86_CONST_REST32;
    bool boxed = in_is_boxed(ra, op);

    if (in[0].reg == in[1].reg) {
        /* move, negate, absolute value */
        tie(ra, out, in[0].reg);
        if (op->imm[0] == TCG_FSGNJ_NEG) {
            with_constant(ra, P_0F | SSE_XOR, out, sign);
        } else if (op->imm[0] == TCG_FSGNJ_XOR) {
            with_constant(ra, P_0F | SSE_AND, out, rest);
        }
        box(ra, op, out, boxed);
        return;
    }
    x86_movaps(a, X86_XMM_SCRATCH, in[1].reg);
    with_constant(ra, P_0F | (op->imm[0] == TCG_FSGNJ_NEG ? SSE_ANDN : SSE_AND), X86_XMM_SCRATCH,
                  sign);
    tie(ra, out, in[0].reg);
    if (op->imm[0] == TCG_FSGNJ_XOR) {
        x86_sse_logic(a, SSE_XOR, out, X86_XMM_SCRATCH);
    } else {
        with_constant(ra, P_0F | SSE_AND, out, rest);
        x86_sse_logic(a, SSE_OR, out, X86_XMM_SCRATCH);
    }
    box(ra, op, out, boxed);
}
