/* SPDX-License-Identifier: MIT */
/*
 * Integer ops. Results of I32 ops are zero-extended by the processor.
 *
 * Operands are where constraints.def asks for them; an emitter moves its first operand to the
 * result where that is tied.
 */
#include "qemu/osdep.h"

#include "emit.h"

static bool wide(const TCGOp *op)
{
    return op->type == TCG_I64;
}

static unsigned bits_of(const TCGOp *op)
{
    return wide(op) ? 64 : 32;
}

/* dst op= arg */
static void alu(RAContext *ra, unsigned code, bool w, unsigned dst, const HostArg *arg)
{
    X86Asm *a = assembler(ra);

    switch (arg->kind) {
    case HOST_IMM:
        x86_alu_ri(a, code, w, dst, (int32_t)arg->imm);
        break;
    case HOST_MEM:
        x86_alu_rm(a, code, w, dst, env_mem(ra->e, arg->disp));
        break;
    default:
        x86_alu_rr(a, code, w, dst, arg->reg);
        break;
    }
}

/* Bring the first operand of a tied op into its result's register. */
static void tie(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *arg)
{
    if (arg->kind != HOST_REG || arg->reg != out) {
        x86_load_arg(ra, wide(op), out, arg);
    }
}

void tgen_add(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);

    if (out == in[0].reg) {
        alu(ra, X86_ADD, wide(op), out, &in[1]);
    } else if (in[1].kind == HOST_REG && out == in[1].reg) {
        alu(ra, X86_ADD, wide(op), out, &in[0]);
    } else if (in[1].kind == HOST_IMM) {
        x86_lea(a, wide(op), out, x86_mem(in[0].reg, (int32_t)in[1].imm));
    } else if (in[1].kind == HOST_REG) {
        x86_lea(a, wide(op), out, x86_mem_index(in[0].reg, in[1].reg, 0, 0));
    } else {
        x86_mov_rr(a, wide(op), out, in[0].reg);
        alu(ra, X86_ADD, wide(op), out, &in[1]);
    }
}

void tgen_sub(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    tie(ra, op, out, &in[0]);
    alu(ra, X86_SUB, wide(op), out, &in[1]);
}

void tgen_and(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    tie(ra, op, out, &in[0]);
    alu(ra, X86_AND, wide(op), out, &in[1]);
}

void tgen_or(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    tie(ra, op, out, &in[0]);
    alu(ra, X86_OR, wide(op), out, &in[1]);
}

void tgen_xor(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    tie(ra, op, out, &in[0]);
    alu(ra, X86_XOR, wide(op), out, &in[1]);
}

void tgen_eqv(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    tgen_xor(ra, op, out, in);
    x86_group3(assembler(ra), X86_NOT, wide(op), out);
}

void tgen_andc(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);

    if (x86_features.bmi1) {
        x86_andn(a, wide(op), out, in[1].reg, in[0].reg);
        return;
    }
    tie(ra, op, out, &in[0]);
    x86_mov_rr(a, wide(op), RDX, in[1].reg);
    x86_group3(a, X86_NOT, wide(op), RDX);
    x86_alu_rr(a, X86_AND, wide(op), out, RDX);
}

void tgen_orc(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);

    tie(ra, op, out, &in[0]);
    x86_mov_rr(a, wide(op), RDX, in[1].reg);
    x86_group3(a, X86_NOT, wide(op), RDX);
    x86_alu_rr(a, X86_OR, wide(op), out, RDX);
}

void tgen_not(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    tie(ra, op, out, &in[0]);
    x86_group3(assembler(ra), X86_NOT, wide(op), out);
}

void tgen_neg(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    tie(ra, op, out, &in[0]);
    x86_group3(assembler(ra), X86_NEG, wide(op), out);
}

/* ---- multiplication and division ------------------------------------------------------------- */

void tgen_mul(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);

    if (in[1].kind == HOST_IMM && in[0].kind == HOST_REG) {
        x86_imul_rri(a, wide(op), out, in[0].reg, (int32_t)in[1].imm);
        return;
    }
    tie(ra, op, out, &in[0]);
    if (in[1].kind == HOST_IMM) {
        x86_imul_rri(a, wide(op), out, out, (int32_t)in[1].imm);
    } else if (in[1].kind == HOST_MEM) {
        x86_rm(a, P_0F | 0xaf, wide(op), out, env_mem(ra->e, in[1].disp));
    } else {
        x86_imul_rr(a, wide(op), out, in[1].reg);
    }
}

static void high_product(RAContext *ra, unsigned digit, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);

    x86_mov_rr(a, true, RAX, in[0].reg);
    x86_group3(a, digit, true, in[1].reg);
    x86_mov_rr(a, true, out, RDX);
}

void tgen_muluh(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    high_product(ra, X86_MUL, out, in);
}

void tgen_mulsh(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    high_product(ra, X86_IMUL, out, in);
}

/* signed times unsigned: the unsigned product less b * 2^64 where a is negative */
void tgen_mulsuh(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);

    x86_mov_rr(a, true, RAX, in[0].reg);
    x86_group3(a, X86_MUL, true, in[1].reg);
    x86_mov_rr(a, true, RAX, in[0].reg);
    x86_shift_ri(a, X86_SAR, true, RAX, 63);
    x86_alu_rr(a, X86_AND, true, RAX, in[1].reg);
    x86_alu_rr(a, X86_SUB, true, RDX, RAX);
    x86_mov_rr(a, true, out, RDX);
}

/*
 * Signed: divisors 0 and -1 are taken aside, where idiv would fault. x / -1 = -x also for the most
 * negative x, x % -1 = 0; x / 0 = -1, x % 0 = x.
 */
static void divide_signed(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in,
                          bool remainder)
{
    X86Asm *a = assembler(ra);
    bool w = wide(op);
    uint8_t *special, *done;

    x86_lea(a, w, RAX, x86_mem(in[1].reg, 1));
    x86_alu_ri(a, X86_CMP, w, RAX, 1);
    special = x86_jcc8(a, X86_BE);
    x86_mov_rr(a, w, RAX, in[0].reg);
    x86_cqo(a, w);
    x86_group3(a, X86_IDIV, w, in[1].reg);
    done = x86_jmp8(a);
    if (!a->overflow) {
        x86_patch8(special, a->ptr);
    }
    if (remainder) {
        /* rax = divisor + 1: 0 or 1 */
        x86_mov_ri(a, RDX, 0);
        x86_test_rr(a, w, RAX, RAX);
        x86_cmov(a, X86_NE, RDX, in[0].reg);
    } else {
        x86_mov_rr(a, w, RAX, in[0].reg);
        x86_group3(a, X86_NEG, w, RAX);
        x86_mov_ri(a, RDX, w ? UINT64_MAX : UINT32_MAX);
        x86_test_rr(a, w, in[1].reg, in[1].reg);
        x86_cmov(a, X86_E, RAX, RDX);
    }
    if (!a->overflow) {
        x86_patch8(done, a->ptr);
    }
    x86_mov_rr(a, w, out, remainder ? RDX : RAX);
}

static void divide_unsigned(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in,
                            bool remainder)
{
    X86Asm *a = assembler(ra);
    bool w = wide(op);
    uint8_t *special, *done;

    x86_test_rr(a, w, in[1].reg, in[1].reg);
    special = x86_jcc8(a, X86_E);
    x86_mov_rr(a, w, RAX, in[0].reg);
    x86_alu_rr(a, X86_XOR, false, RDX, RDX);
    x86_group3(a, X86_DIV, w, in[1].reg);
    done = x86_jmp8(a);
    if (!a->overflow) {
        x86_patch8(special, a->ptr);
    }
    if (remainder) {
        x86_mov_rr(a, w, RDX, in[0].reg);
    } else {
        x86_mov_ri(a, RAX, UINT64_MAX);
    }
    if (!a->overflow) {
        x86_patch8(done, a->ptr);
    }
    x86_mov_rr(a, w, out, remainder ? RDX : RAX);
}

void tgen_divs(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    divide_signed(ra, op, out, in, false);
}

void tgen_rems(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    divide_signed(ra, op, out, in, true);
}

void tgen_divu(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    divide_unsigned(ra, op, out, in, false);
}

void tgen_remu(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    divide_unsigned(ra, op, out, in, true);
}

/* ---- shifts and rotates ---------------------------------------------------------------------- */

/* By a register without BMI2, and rotates: the count has to be in cl, which belongs to somebody. */
static void shift_by_cl(RAContext *ra, const TCGOp *op, unsigned digit, unsigned out,
                        const HostArg *in)
{
    X86Asm *a = assembler(ra);

    x86_mov_rr(a, true, RAX, in[0].reg);
    x86_mov_rr(a, true, RDX, RCX);
    if (in[1].reg != RCX) {
        x86_mov_rr(a, false, RCX, in[1].reg);
    }
    x86_shift_cl(a, digit, wide(op), RAX);
    x86_mov_rr(a, true, RCX, RDX);
    x86_mov_rr(a, wide(op), out, RAX);
}

static void shift(RAContext *ra, const TCGOp *op, unsigned digit, unsigned vex, unsigned out,
                  const HostArg *in)
{
    X86Asm *a = assembler(ra);
    unsigned count = in[1].imm & (bits_of(op) - 1);

    if (in[1].kind != HOST_IMM) {
        if (vex && x86_features.bmi2) {
            x86_shiftx(a, vex, wide(op), out, in[0].reg, in[1].reg);
        } else {
            shift_by_cl(ra, op, digit, out, in);
        }
        return;
    }
    if (digit == X86_SHL && count == 1 && out != in[0].reg) {
        x86_lea(a, wide(op), out, x86_mem_index(in[0].reg, in[0].reg, 0, 0));
        return;
    }
    if ((digit == X86_ROL || digit == X86_ROR) && out != in[0].reg && x86_features.bmi2) {
        count = digit == X86_ROL ? bits_of(op) - count : count;
        x86_rorx(a, wide(op), out, in[0].reg, count & (bits_of(op) - 1));
        return;
    }
    tie(ra, op, out, &in[0]);
    if (count) {
        x86_shift_ri(a, digit, wide(op), out, count);
    } else if (!wide(op)) {
        x86_mov_rr(a, false, out, out);
    }
}

void tgen_shl(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    shift(ra, op, X86_SHL, X86_SHLX, out, in);
}

void tgen_shr(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    shift(ra, op, X86_SHR, X86_SHRX, out, in);
}

void tgen_sar(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    shift(ra, op, X86_SAR, X86_SARX, out, in);
}

void tgen_rotl(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    shift(ra, op, X86_ROL, 0, out, in);
}

void tgen_rotr(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    shift(ra, op, X86_ROR, 0, out, in);
}

/* ---- bits ------------------------------------------------------------------------------------ */

void tgen_clz(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    unsigned bits = bits_of(op);

    if (x86_features.lzcnt) {
        x86_rr(a, P_0F | P_F3 | 0xbd, wide(op), out, in[0].reg);
        return;
    }
    /* bsr gives the position of the top bit and leaves ZF for none */
    x86_rr(a, P_0F | 0xbd, wide(op), RAX, in[0].reg);
    x86_mov_ri(a, RDX, bits * 2 - 1);
    x86_cmov(a, X86_E, RAX, RDX);
    x86_alu_ri(a, X86_XOR, false, RAX, (int32_t)bits - 1);
    x86_mov_rr(a, false, out, RAX);
}

void tgen_ctz(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);

    if (x86_features.bmi1) {
        x86_rr(a, P_0F | P_F3 | 0xbc, wide(op), out, in[0].reg);
        return;
    }
    x86_rr(a, P_0F | 0xbc, wide(op), RAX, in[0].reg);
    x86_mov_ri(a, RDX, bits_of(op));
    x86_cmov(a, X86_E, RAX, RDX);
    x86_mov_rr(a, false, out, RAX);
}

void tgen_ctpop(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    x86_rr(assembler(ra), P_0F | P_F3 | 0xb8, wide(op), out, in[0].reg);
}

void tgen_bswap(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    tie(ra, op, out, &in[0]);
    x86_bswap(assembler(ra), wide(op), out);
}

/* A move that extends, from wherever @in is. */
static void move_extended(RAContext *ra, unsigned opcode, bool w, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);

    if (in->kind == HOST_MEM) {
        x86_rm(a, opcode, w, out, env_mem(ra->e, in->disp));
        return;
    }
    if (in->kind != HOST_REG) {
        x86_load_arg(ra, true, out, in);
    }
    x86_rr(a, opcode, w, out, in->kind == HOST_REG ? in->reg : out);
}

void tgen_extract(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    unsigned pos = (unsigned)op->imm[0], len = (unsigned)op->imm[1];

    if (pos == 0 && len == 32) {
        move_extended(ra, 0x8b, false, out, &in[0]);
    } else if (pos == 0 && len == 16) {
        move_extended(ra, P_0F | 0xb7, false, out, &in[0]);
    } else if (pos == 0 && len == 8) {
        move_extended(ra, P_0F | P_BYTE | 0xb6, false, out, &in[0]);
    } else if (pos + len == bits_of(op)) {
        tie(ra, op, out, &in[0]);
        x86_shift_ri(a, X86_SHR, wide(op), out, pos);
    } else if (pos == 0 && len < 32) {
        tie(ra, op, out, &in[0]);
        x86_alu_ri(a, X86_AND, false, out, (int32_t)((1u << len) - 1));
    } else {
        tie(ra, op, out, &in[0]);
        x86_shift_ri(a, X86_SHL, wide(op), out, bits_of(op) - pos - len);
        x86_shift_ri(a, X86_SHR, wide(op), out, bits_of(op) - len);
    }
}

void tgen_sextract(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    unsigned pos = (unsigned)op->imm[0], len = (unsigned)op->imm[1];

    if (pos == 0 && len == 32 && wide(op)) {
        move_extended(ra, 0x63, true, out, &in[0]);
    } else if (pos == 0 && len == 16) {
        move_extended(ra, P_0F | 0xbf, wide(op), out, &in[0]);
    } else if (pos == 0 && len == 8) {
        move_extended(ra, P_0F | P_BYTE | 0xbe, wide(op), out, &in[0]);
    } else {
        tie(ra, op, out, &in[0]);
        if (pos + len < bits_of(op)) {
            x86_shift_ri(a, X86_SHL, wide(op), out, bits_of(op) - pos - len);
        }
        if (len < bits_of(op)) {
            x86_shift_ri(a, X86_SAR, wide(op), out, bits_of(op) - len);
        } else if (!wide(op)) {
            x86_mov_rr(a, false, out, out);
        }
    }
}

void tgen_deposit(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    unsigned pos = (unsigned)op->imm[0], len = (unsigned)op->imm[1];
    uint64_t mask = (len == 64 ? UINT64_MAX : (UINT64_C(1) << len) - 1) << pos;

    tie(ra, op, out, &in[0]);
    x86_mov_rr(a, true, RAX, in[1].reg);
    if (pos) {
        x86_shift_ri(a, X86_SHL, true, RAX, pos);
    }
    x86_mov_ri(a, RDX, mask);
    x86_alu_rr(a, X86_AND, true, RAX, RDX);
    x86_group3(a, X86_NOT, true, RDX);
    x86_alu_rr(a, X86_AND, true, out, RDX);
    x86_alu_rr(a, X86_OR, wide(op), out, RAX);
}

/* ---- class moves ----------------------------------------------------------------------------- */

void tgen_i2f(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    x86_movq_xr(assembler(ra), true, out, in[0].reg);
}

void tgen_f2i(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    x86_movq_rx(assembler(ra), true, out, in[0].reg);
}
