/* SPDX-License-Identifier: MIT */
/*
 * x86-64 instructions as bytes. Each function appends one instruction to the emitter; nothing here
 * decides anything but the shortest encoding.
 *
 * `w` is the operand size: true = 64 bits. Memory operands are base + displacement, or base +
 * index.
 * Specification: Intel 64 and IA-32 SDM volume 2, "Instruction Format", "VEX".
 */
#ifndef TCG_X86_64_ASM_H
#define TCG_X86_64_ASM_H

typedef enum X86Reg {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    XMM0, /* XMM0 + n is xmm n */
    X86_NB_REGS = XMM0 + 16,
    X86_NO_REG = 0xff,
} X86Reg;

/* Where bytes go. Writing past the end sets overflow and drops them. */
typedef struct X86Asm {
    uint8_t *ptr, *end;
    bool overflow;
} X86Asm;

typedef struct X86Mem {
    uint8_t base;
    uint8_t index; /* X86_NO_REG: none */
    uint8_t scale; /* log2 */
    int32_t disp;
} X86Mem;

static inline X86Mem x86_mem(X86Reg base, int32_t disp)
{
    return (X86Mem){.base = (uint8_t)base, .index = X86_NO_REG, .disp = disp};
}
static inline X86Mem x86_mem_index(X86Reg base, X86Reg index, unsigned scale, int32_t disp)
{
    return (X86Mem){
        .base = (uint8_t)base, .index = (uint8_t)index, .scale = (uint8_t)scale, .disp = disp};
}

/* Longest instruction that one call below appends. */
#define X86_MAX_INSN 16

static inline bool x86_room(X86Asm *a)
{
    if (unlikely(a->end - a->ptr < X86_MAX_INSN)) {
        a->overflow = true;
        return false;
    }
    return true;
}
static inline void x86_byte(X86Asm *a, unsigned v)
{
    *a->ptr++ = (uint8_t)v;
}
static inline void x86_long(X86Asm *a, uint32_t v)
{
    memcpy(a->ptr, &v, 4);
    a->ptr += 4;
}
static inline void x86_quad(X86Asm *a, uint64_t v)
{
    memcpy(a->ptr, &v, 8);
    a->ptr += 8;
}

/* ---- encodings ------------------------------------------------------------------------------- */

/*
 * Opcode descriptions: low 8 bits the opcode, then flags. P_66/P_F2/P_F3: mandatory prefix; P_0F,
 * P_0F38, P_0F3A: map; P_BYTE: byte registers, so that sil, dil... need a REX prefix.
 */
enum {
    P_0F = 0x100,
    P_0F38 = 0x200,
    P_0F3A = 0x300,
    P_MAP = 0x300,
    P_66 = 0x400,
    P_F2 = 0x800,
    P_F3 = 0x1000,
    P_BYTE = 0x2000,
};

/* The bytes of an instruction up to its displacement, put together in a register. */
typedef struct X86Bytes {
    uint64_t bytes; /* the first is the lowest */
    unsigned n;
} X86Bytes;

static inline X86Bytes x86_and_byte(X86Bytes b, unsigned v)
{
    b.bytes |= (uint64_t)(uint8_t)v << 8 * b.n;
    b.n++;
    return b;
}
/* There is room for eight. */
static inline void x86_put(X86Asm *a, X86Bytes b)
{
    memcpy(a->ptr, &b.bytes, sizeof(b.bytes));
    a->ptr += b.n;
}

static inline X86Bytes x86_opcode(unsigned op, bool w, unsigned reg, unsigned index, unsigned base)
{
    unsigned rex = (w ? 8 : 0) | (reg & 8 ? 4 : 0) | (index & 8 ? 2 : 0) | (base & 8 ? 1 : 0);
    X86Bytes b = {0};

    if (op & P_66) {
        b = x86_and_byte(b, 0x66);
    }
    if (op & P_F2) {
        b = x86_and_byte(b, 0xf2);
    }
    if (op & P_F3) {
        b = x86_and_byte(b, 0xf3);
    }
    if (rex || (op & P_BYTE)) {
        b = x86_and_byte(b, 0x40 | rex);
    }
    if (op & P_MAP) {
        b = x86_and_byte(b, 0x0f);
        if ((op & P_MAP) == P_0F38) {
            b = x86_and_byte(b, 0x38);
        } else if ((op & P_MAP) == P_0F3A) {
            b = x86_and_byte(b, 0x3a);
        }
    }
    return x86_and_byte(b, op);
}

static inline X86Bytes x86_modrm_reg(X86Bytes b, unsigned reg, unsigned rm)
{
    return x86_and_byte(b, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

/* @b, then the operands @reg and @m. */
static inline void x86_put_mem(X86Asm *a, X86Bytes b, unsigned reg, X86Mem m)
{
    bool sib = m.index != X86_NO_REG || (m.base & 7) == RSP;
    unsigned rm = sib ? 4 : m.base & 7;
    unsigned mod = m.disp == 0 && (m.base & 7) != RBP ? 0 : m.disp == (int8_t)m.disp ? 1 : 2;

    b = x86_and_byte(b, mod << 6 | (reg & 7) << 3 | rm);
    if (sib) {
        unsigned index = m.index == X86_NO_REG ? 4 : m.index & 7;

        b = x86_and_byte(b, (unsigned)m.scale << 6 | index << 3 | (m.base & 7));
    }
    x86_put(a, b);
    if (mod) {
        memcpy(a->ptr, &m.disp, sizeof(m.disp));
        a->ptr += mod == 1 ? 1 : 4;
    }
}

/* op reg, rm */
static inline void x86_rr(X86Asm *a, unsigned op, bool w, unsigned reg, unsigned rm)
{
    if (x86_room(a)) {
        x86_put(a, x86_modrm_reg(x86_opcode(op, w, reg & 15, 0, rm & 15), reg, rm));
    }
}
/* op reg, [m] */
static inline void x86_rm(X86Asm *a, unsigned op, bool w, unsigned reg, X86Mem m)
{
    if (x86_room(a)) {
        unsigned index = m.index == X86_NO_REG ? 0 : m.index;

        x86_put_mem(a, x86_opcode(op, w, reg & 15, index, m.base), reg, m);
    }
}

/*
 * op reg, [target]: rip-relative; @target is an executable address, this code runs at + @rx_delta
 */
static inline void x86_rip(X86Asm *a, unsigned op, unsigned reg, const uint8_t *target,
                           ptrdiff_t rx_delta)
{
    if (x86_room(a)) {
        x86_put(a, x86_and_byte(x86_opcode(op, false, reg & 15, 0, 0), (reg & 7) << 3 | 5));
        x86_long(a, (uint32_t)(target - (a->ptr + 4 + rx_delta)));
    }
}

/* VEX-encoded: op reg, vvvv, rm */
static inline void x86_vex_rr(X86Asm *a, unsigned op, bool w, unsigned reg, unsigned v, unsigned rm)
{
    unsigned map = (op & P_MAP) >> 8;
    unsigned pp = op & P_66 ? 1 : op & P_F3 ? 2 : op & P_F2 ? 3 : 0;

    if (x86_room(a)) {
        X86Bytes b = {.bytes = 0xc4, .n = 1};

        b = x86_and_byte(b, (reg & 8 ? 0 : 0x80) | 0x40 | (rm & 8 ? 0 : 0x20) | map);
        b = x86_and_byte(b, (w ? 0x80 : 0) | (~v & 15) << 3 | pp);
        b = x86_and_byte(b, op);
        x86_put(a, x86_modrm_reg(b, reg, rm));
    }
}

/* ---- moves ----------------------------------------------------------------------------------- */

static inline void x86_mov_rr(X86Asm *a, bool w, unsigned dst, unsigned src)
{
    x86_rr(a, 0x8b, w, dst, src);
}
static inline void x86_mov_rm(X86Asm *a, bool w, unsigned dst, X86Mem m)
{
    x86_rm(a, 0x8b, w, dst, m);
}
static inline void x86_mov_mr(X86Asm *a, bool w, X86Mem m, unsigned src)
{
    x86_rm(a, 0x89, w, src, m);
}
/* [m] = imm, sign-extended to the operand size */
static inline void x86_mov_mi(X86Asm *a, bool w, X86Mem m, int32_t imm)
{
    if (x86_room(a)) {
        x86_rm(a, 0xc7, w, 0, m);
        x86_long(a, (uint32_t)imm);
    }
}
/* Does not touch the flags. */
static inline void x86_mov_ri(X86Asm *a, unsigned dst, uint64_t imm)
{
    if (!x86_room(a)) {
        return;
    }
    if (imm == (uint32_t)imm) {
        x86_put(a, x86_opcode(0xb8 | (dst & 7), false, 0, 0, dst));
        x86_long(a, (uint32_t)imm);
    } else if ((int64_t)imm == (int32_t)imm) {
        x86_put(a, x86_modrm_reg(x86_opcode(0xc7, true, 0, 0, dst), 0, dst));
        x86_long(a, (uint32_t)imm);
    } else {
        x86_put(a, x86_opcode(0xb8 | (dst & 7), true, 0, 0, dst));
        x86_quad(a, imm);
    }
}
static inline void x86_lea(X86Asm *a, bool w, unsigned dst, X86Mem m)
{
    x86_rm(a, 0x8d, w, dst, m);
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

/* Group 1, by its /digit: also the opcode of the register forms, shifted left by 3. */
enum {
    X86_ADD = 0,
    X86_OR = 1,
    X86_AND = 4,
    X86_SUB = 5,
    X86_XOR = 6,
    X86_CMP = 7
};

static inline void x86_alu_rr(X86Asm *a, unsigned alu, bool w, unsigned dst, unsigned src)
{
    x86_rr(a, alu << 3 | 3, w, dst, src);
}
static inline void x86_alu_rm(X86Asm *a, unsigned alu, bool w, unsigned dst, X86Mem m)
{
    x86_rm(a, alu << 3 | 3, w, dst, m);
}
static inline void x86_alu_ri(X86Asm *a, unsigned alu, bool w, unsigned dst, int32_t imm)
{
    if (!x86_room(a)) {
        return;
    }
    if (imm == (int8_t)imm) {
        x86_put(a, x86_modrm_reg(x86_opcode(0x83, w, 0, 0, dst), alu, dst));
        x86_byte(a, (uint8_t)imm);
    } else if (dst == RAX) {
        x86_put(a, x86_opcode(alu << 3 | 5, w, 0, 0, 0));
        x86_long(a, (uint32_t)imm);
    } else {
        x86_put(a, x86_modrm_reg(x86_opcode(0x81, w, 0, 0, dst), alu, dst));
        x86_long(a, (uint32_t)imm);
    }
}
static inline void x86_alu_mi(X86Asm *a, unsigned alu, bool w, X86Mem m, int32_t imm)
{
    if (!x86_room(a)) {
        return;
    }
    if (imm == (int8_t)imm) {
        x86_rm(a, 0x83, w, alu, m);
        x86_byte(a, (uint8_t)imm);
    } else {
        x86_rm(a, 0x81, w, alu, m);
        x86_long(a, (uint32_t)imm);
    }
}
static inline void x86_test_rr(X86Asm *a, bool w, unsigned x, unsigned y)
{
    x86_rr(a, 0x85, w, y, x);
}
static inline void x86_test_ri(X86Asm *a, bool w, unsigned x, int32_t imm)
{
    if (x86_room(a)) {
        x86_put(a, x86_modrm_reg(x86_opcode(0xf7, w, 0, 0, x), 0, x));
        x86_long(a, (uint32_t)imm);
    }
}
static inline void x86_imul_rr(X86Asm *a, bool w, unsigned dst, unsigned src)
{
    x86_rr(a, P_0F | 0xaf, w, dst, src);
}
static inline void x86_imul_rri(X86Asm *a, bool w, unsigned dst, unsigned src, int32_t imm)
{
    if (x86_room(a)) {
        x86_rr(a, 0x69, w, dst, src);
        x86_long(a, (uint32_t)imm);
    }
}
/* Group 3 on rax, rdx: by /digit */
enum {
    X86_NOT = 2,
    X86_NEG = 3,
    X86_MUL = 4,
    X86_IMUL = 5,
    X86_DIV = 6,
    X86_IDIV = 7
};
static inline void x86_group3(X86Asm *a, unsigned digit, bool w, unsigned reg)
{
    x86_rr(a, 0xf7, w, digit, reg);
}
/* cqo or cdq: sign of rax into rdx */
static inline void x86_cqo(X86Asm *a, bool w)
{
    if (x86_room(a)) {
        x86_put(a, x86_opcode(0x99, w, 0, 0, 0));
    }
}

/* Shifts, by /digit */
enum {
    X86_ROL = 0,
    X86_ROR = 1,
    X86_SHL = 4,
    X86_SHR = 5,
    X86_SAR = 7
};
static inline void x86_shift_ri(X86Asm *a, unsigned digit, bool w, unsigned reg, unsigned count)
{
    if (x86_room(a)) {
        x86_put(a, x86_modrm_reg(x86_opcode(count == 1 ? 0xd1 : 0xc1, w, 0, 0, reg), digit, reg));
        if (count != 1) {
            x86_byte(a, count);
        }
    }
}
/* by cl */
static inline void x86_shift_cl(X86Asm *a, unsigned digit, bool w, unsigned reg)
{
    x86_rr(a, 0xd3, w, digit, reg);
}
/* BMI2: dst = src shifted by count, flags untouched */
enum {
    X86_SHLX = P_0F38 | P_66 | 0xf7,
    X86_SHRX = P_0F38 | P_F2 | 0xf7,
    X86_SARX = P_0F38 | P_F3 | 0xf7,
};
static inline void x86_shiftx(X86Asm *a, unsigned op, bool w, unsigned dst, unsigned src,
                              unsigned count)
{
    x86_vex_rr(a, op, w, dst, count, src);
}
static inline void x86_rorx(X86Asm *a, bool w, unsigned dst, unsigned src, unsigned count)
{
    x86_vex_rr(a, P_0F3A | P_F2 | 0xf0, w, dst, 0, src);
    if (!a->overflow) {
        x86_byte(a, count);
    }
}
/* dst = ~inverted & src */
static inline void x86_andn(X86Asm *a, bool w, unsigned dst, unsigned inverted, unsigned src)
{
    x86_vex_rr(a, P_0F38 | 0xf2, w, dst, inverted, src);
}
static inline void x86_bswap(X86Asm *a, bool w, unsigned reg)
{
    if (x86_room(a)) {
        x86_put(a, x86_opcode(P_0F | 0xc8 | (reg & 7), w, 0, 0, reg));
    }
}

/* ---- conditions and jumps -------------------------------------------------------------------- */

typedef enum X86Cond {
    X86_O,
    X86_NO,
    X86_B,
    X86_AE,
    X86_E,
    X86_NE,
    X86_BE,
    X86_A,
    X86_S,
    X86_NS,
    X86_P,
    X86_NP,
    X86_L,
    X86_GE,
    X86_LE,
    X86_G,
} X86Cond;

static inline void x86_setcc(X86Asm *a, X86Cond cond, unsigned reg)
{
    x86_rr(a, P_0F | P_BYTE | 0x90 | cond, false, 0, reg);
}
static inline void x86_cmov(X86Asm *a, X86Cond cond, unsigned dst, unsigned src)
{
    x86_rr(a, P_0F | 0x40 | cond, true, dst, src);
}
/* Jumps with a displacement to be filled in; the result is its address. NULL when out of room. */
static inline uint8_t *x86_jcc32(X86Asm *a, X86Cond cond)
{
    if (!x86_room(a)) {
        return NULL;
    }
    x86_byte(a, 0x0f);
    x86_byte(a, 0x80 | cond);
    x86_long(a, 0);
    return a->ptr - 4;
}
static inline uint8_t *x86_jmp32(X86Asm *a)
{
    if (!x86_room(a)) {
        return NULL;
    }
    x86_byte(a, 0xe9);
    x86_long(a, 0);
    return a->ptr - 4;
}
static inline uint8_t *x86_jcc8(X86Asm *a, X86Cond cond)
{
    if (!x86_room(a)) {
        return NULL;
    }
    x86_byte(a, 0x70 | cond);
    x86_byte(a, 0);
    return a->ptr - 1;
}
static inline uint8_t *x86_jmp8(X86Asm *a)
{
    if (!x86_room(a)) {
        return NULL;
    }
    x86_byte(a, 0xeb);
    x86_byte(a, 0);
    return a->ptr - 1;
}
/* Let the 4-byte, or 1-byte, displacement at @at reach @target (both writable addresses). */
static inline void x86_patch32(uint8_t *at, const uint8_t *target)
{
    if (at) {
        int32_t rel = (int32_t)(target - (at + 4));

        memcpy(at, &rel, 4);
    }
}
static inline void x86_patch8(uint8_t *at, const uint8_t *target)
{
    if (at) {
        g_assert(target - (at + 1) == (int8_t)(target - (at + 1)));
        *at = (uint8_t)(target - (at + 1));
    }
}
static inline void x86_jmp_reg(X86Asm *a, unsigned reg)
{
    x86_rr(a, 0xff, false, 4, reg);
}
static inline void x86_jmp_mem(X86Asm *a, X86Mem m)
{
    x86_rm(a, 0xff, false, 4, m);
}
static inline void x86_call_reg(X86Asm *a, unsigned reg)
{
    x86_rr(a, 0xff, false, 2, reg);
}
static inline void x86_push(X86Asm *a, unsigned reg)
{
    if (x86_room(a)) {
        x86_put(a, x86_opcode(0x50 | (reg & 7), false, 0, 0, reg));
    }
}
static inline void x86_pop(X86Asm *a, unsigned reg)
{
    if (x86_room(a)) {
        x86_put(a, x86_opcode(0x58 | (reg & 7), false, 0, 0, reg));
    }
}
static inline void x86_ret(X86Asm *a)
{
    if (x86_room(a)) {
        x86_byte(a, 0xc3);
    }
}

/* ---- SSE ------------------------------------------------------------------------------------- */

/* Scalar operations: SS (F3) or SD (F2) by @d. */
enum {
    SSE_SQRT = 0x51,
    SSE_ADD = 0x58,
    SSE_MUL = 0x59,
    SSE_SUB = 0x5c,
    SSE_MIN = 0x5d,
    SSE_DIV = 0x5e,
    SSE_MAX = 0x5f,
};
static inline void x86_sse_rr(X86Asm *a, unsigned op, bool d, unsigned dst, unsigned src)
{
    x86_rr(a, P_0F | (d ? P_F2 : P_F3) | op, false, dst, src);
}
/* Whole-register and and or xor: 54, 55 (andn: ~dst & src), 56, 57 */
enum {
    SSE_AND = 0x54,
    SSE_ANDN = 0x55,
    SSE_OR = 0x56,
    SSE_XOR = 0x57
};
static inline void x86_sse_logic(X86Asm *a, unsigned op, unsigned dst, unsigned src)
{
    x86_rr(a, P_0F | op, false, dst, src);
}
static inline void x86_movaps(X86Asm *a, unsigned dst, unsigned src)
{
    x86_rr(a, P_0F | 0x28, false, dst, src);
}
/* 64 bits, memory to xmm and back */
static inline void x86_movq_xm(X86Asm *a, unsigned dst, X86Mem m)
{
    x86_rm(a, P_0F | P_F3 | 0x7e, false, dst, m);
}
static inline void x86_movq_mx(X86Asm *a, X86Mem m, unsigned src)
{
    x86_rm(a, P_0F | P_66 | 0xd6, false, src, m);
}
/* between the register files */
static inline void x86_movq_xr(X86Asm *a, bool w, unsigned xmm, unsigned reg)
{
    x86_rr(a, P_0F | P_66 | 0x6e, w, xmm, reg);
}
static inline void x86_movq_rx(X86Asm *a, bool w, unsigned reg, unsigned xmm)
{
    x86_rr(a, P_0F | P_66 | 0x7e, w, xmm, reg);
}
/* Quiet and signalling compares into the flags */
static inline void x86_ucomis(X86Asm *a, bool d, unsigned x, unsigned y)
{
    x86_rr(a, P_0F | (d ? P_66 : 0) | 0x2e, false, x, y);
}
static inline void x86_comis(X86Asm *a, bool d, unsigned x, unsigned y)
{
    x86_rr(a, P_0F | (d ? P_66 : 0) | 0x2f, false, x, y);
}
static inline void x86_ldmxcsr(X86Asm *a, X86Mem m)
{
    x86_rm(a, P_0F | 0xae, false, 2, m);
}
static inline void x86_stmxcsr(X86Asm *a, X86Mem m)
{
    x86_rm(a, P_0F | 0xae, false, 3, m);
}

#endif
