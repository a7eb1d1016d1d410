/* SPDX-License-Identifier: MIT */
/*
 * Memory: env, host addresses, and the guest's through the softmmu TLB.
 *
 * The fast path of a guest access: entry of the page, one compare that fails for another page, for
 * an access that runs over the page's end, for a misaligned one where that traps, and for any
 * special flag; then the access. All else is a stub (code.c) that calls the layout's slow path with
 * every register saved.
 */
#include "qemu/osdep.h"

#include "emit.h"

/* ---- plain accesses -------------------------------------------------------------------------- */

/* The low @memop bits of @src, extended as it says. */
static void extend(X86Asm *a, unsigned dst, unsigned src, MemOp memop)
{
    switch (memop & MO_SSIZE) {
    case MO_UB:
        x86_rr(a, P_0F | P_BYTE | 0xb6, false, dst, src);
        break;
    case MO_SB:
        x86_rr(a, P_0F | P_BYTE | 0xbe, true, dst, src);
        break;
    case MO_UW:
        x86_rr(a, P_0F | 0xb7, false, dst, src);
        break;
    case MO_SW:
        x86_rr(a, P_0F | 0xbf, true, dst, src);
        break;
    case MO_UL:
        x86_mov_rr(a, false, dst, src);
        break;
    case MO_SL:
        x86_rr(a, 0x63, true, dst, src);
        break;
    default:
        if (dst != src) {
            x86_mov_rr(a, true, dst, src);
        }
        break;
    }
}

/* rax, zero-extended, to an FP register; 32 bits NaN-boxed */
static void int_to_xmm(X86Asm *a, unsigned dst, MemOp op)
{
    if ((op & MO_SIZE) != MO_64) {
        x86_mov_ri(a, RDX, UINT64_MAX << 32);
        x86_alu_rr(a, X86_OR, true, RAX, RDX);
    }
    x86_movq_xr(a, true, dst, RAX);
}

static void load(X86Asm *a, unsigned dst, X86Mem m, MemOp op)
{
    if (is_xmm(dst)) {
        if ((op & MO_SIZE) == MO_64) {
            x86_movq_xm(a, dst, m);
            return;
        }
        x86_mov_rm(a, false, RAX, m);
        int_to_xmm(a, dst, op);
        return;
    }
    switch (op & MO_SSIZE) {
    case MO_UB:
        x86_rm(a, P_0F | 0xb6, false, dst, m);
        break;
    case MO_SB:
        x86_rm(a, P_0F | 0xbe, true, dst, m);
        break;
    case MO_UW:
        x86_rm(a, P_0F | 0xb7, false, dst, m);
        break;
    case MO_SW:
        x86_rm(a, P_0F | 0xbf, true, dst, m);
        break;
    case MO_UL:
        x86_mov_rm(a, false, dst, m);
        break;
    case MO_SL:
        x86_rm(a, 0x63, true, dst, m);
        break;
    default:
        x86_mov_rm(a, true, dst, m);
        break;
    }
}

static void store_reg(X86Asm *a, X86Mem m, unsigned src, MemOp op)
{
    if (is_xmm(src)) {
        if ((op & MO_SIZE) == MO_64) {
            x86_movq_mx(a, m, src);
        } else {
            x86_rm(a, P_0F | P_66 | 0x7e, false, src, m);
        }
        return;
    }
    switch (op & MO_SIZE) {
    case MO_8:
        x86_rm(a, P_BYTE | 0x88, false, src, m);
        break;
    case MO_16:
        x86_rm(a, P_66 | 0x89, false, src, m);
        break;
    default:
        x86_mov_mr(a, (op & MO_SIZE) == MO_64, m, src);
        break;
    }
}

/* Reverse the bytes of a value of the MemOp's size. */
static void swap(X86Asm *a, unsigned reg, MemOp op)
{
    if ((op & MO_SIZE) == MO_16) {
        x86_bswap(a, false, reg);
        x86_shift_ri(a, X86_SHR, false, reg, 16);
    } else if ((op & MO_SIZE) != MO_8) {
        x86_bswap(a, (op & MO_SIZE) == MO_64, reg);
    }
}

static void store_imm(X86Asm *a, X86Mem m, int32_t imm, MemOp op)
{
    switch (op & MO_SIZE) {
    case MO_8:
        if (x86_room(a)) {
            x86_rm(a, 0xc6, false, 0, m);
            x86_byte(a, (unsigned)imm);
        }
        break;
    case MO_16:
        if (x86_room(a)) {
            x86_rm(a, P_66 | 0xc7, false, 0, m);
            x86_byte(a, (unsigned)imm);
            x86_byte(a, (unsigned)imm >> 8);
        }
        break;
    default:
        x86_mov_mi(a, (op & MO_SIZE) == MO_64, m, imm);
        break;
    }
}

static void store(X86Asm *a, X86Mem m, const HostArg *value, MemOp op)
{
    if (value->kind == HOST_IMM) {
        store_imm(a, m, (int32_t)value->imm, op);
    } else {
        store_reg(a, m, value->reg, op);
    }
}

void tgen_ld_env(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    load(assembler(ra), out, env_mem(ra->e, op->imm[0]), (MemOp)op->imm[1]);
}

void tgen_st_env(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    store(assembler(ra), env_mem(ra->e, op->imm[0]), &in[0], (MemOp)op->imm[1]);
}

void tgen_ld_host(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    load(assembler(ra), out, x86_mem(in[0].reg, op->imm[0]), (MemOp)op->imm[1]);
}

void tgen_st_host(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    store(assembler(ra), x86_mem(in[0].reg, op->imm[0]), &in[1], (MemOp)op->imm[1]);
}

/* ---- the TLB --------------------------------------------------------------------------------- */

/*
 * Compare the tag of [addr + disp, addr + disp + size). After it rax is the entry and ZF says hit.
 * @align: low bits of the address that must be zero.
 */
static void tlb_compare(RAContext *ra, unsigned addr, int32_t disp, unsigned size, unsigned align,
                        unsigned mmu_idx, unsigned tag)
{
    X86Asm *a = assembler(ra);
    const TCGLayout *l = ra->e->layout;
    /* what must be aligned cannot cross a page */
    int32_t last = disp + (align ? 0 : (int32_t)size - 1);
    uint32_t index_mask = ((1u << l->tlb_bits) - 1) << l->tlb_entry_bits;

    if (last) {
        x86_lea(a, true, RDX, x86_mem(addr, last));
    } else {
        x86_mov_rr(a, true, RDX, addr);
    }
    /* the index is within the low 32 bits */
    if (disp) {
        x86_lea(a, false, RAX, x86_mem(addr, disp));
    } else {
        x86_mov_rr(a, false, RAX, addr);
    }
    x86_shift_ri(a, X86_SHR, false, RAX, l->page_bits - l->tlb_entry_bits);
    x86_alu_ri(a, X86_AND, false, RAX, (int32_t)index_mask);
    x86_alu_rm(a, X86_ADD, true, RAX,
               env_mem(ra->e, l->tlb_table + (int32_t)mmu_idx * l->tlb_table_stride));
    x86_alu_ri(a, X86_AND, true, RDX, (int32_t)(~0u << l->page_bits | align));
    x86_alu_rm(a, X86_CMP, true, RDX, x86_mem(RAX, tag));
}

/* The check of a guest access; its stub is filled by the caller. */
static Stub *tlb_check(RAContext *ra, const TCGOp *op, StubKind kind, unsigned addr, int32_t disp,
                       bool is_atomic)
{
    const TCGLayout *l = ra->e->layout;
    MemOpIdx oi = (MemOpIdx)op->imm[0];
    MemOp memop = get_memop(oi);
    unsigned size = memop_size(memop);
    unsigned align = is_atomic || (memop & MO_ALIGN) ? size - 1 : 0;
    unsigned window = is_atomic ? 0 : op->aux;
    uint8_t *miss;
    Stub *stub;

    if (window) {
        miss = x86_window_check(ra, window, addr, disp);
    } else {
        tlb_compare(ra, addr, disp, size, align, get_mmuidx(oi),
                    kind == STUB_LD ? l->tlb_tag_read : l->tlb_tag_write);
        miss = x86_jcc32(assembler(ra), X86_NE);
        x86_mov_rm(assembler(ra), true, RAX, x86_mem(RAX, l->tlb_addend));
    }
    stub = x86_stub(ra, kind, miss);
    if (stub) {
        stub->own_check = window != 0;
        stub->window = (uint8_t)window;
        stub->span = (uint16_t)size;
        stub->after_check = assembler(ra)->ptr;
        stub->data.addr = (uint8_t)addr;
        stub->data.disp = disp;
        stub->data.oi = oi;
        stub->data.dst = HOST_NO_REG;
        stub->data.val = HOST_NO_REG;
    }
    return stub;
}

static void stub_done(RAContext *ra, Stub *stub)
{
    if (stub) {
        stub->resume = assembler(ra)->ptr;
    }
}

static void guest_load(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    MemOp memop = get_memop((MemOpIdx)op->imm[0]);
    int32_t disp = op->imm[1];
    Stub *stub = tlb_check(ra, op, STUB_LD, in[0].reg, disp, false);

    if (stub) {
        stub->data.dst = (uint8_t)out;
        stub->uses_xmm |= is_xmm(out);
    }
    if (memop & MO_BSWAP) {
        load(a, RAX, x86_mem_index(RAX, in[0].reg, 0, disp), memop & MO_SIZE);
        swap(a, RAX, memop);
        if (is_xmm(out)) {
            int_to_xmm(a, out, memop);
        } else {
            extend(a, out, RAX, memop);
        }
    } else {
        load(a, out, x86_mem_index(RAX, in[0].reg, 0, disp), memop);
    }
    stub_done(ra, stub);
}

/* What the store of @stub writes. */
static void stub_value(Stub *stub, const HostArg *value)
{
    if (value->kind == HOST_REG) {
        stub->data.val = value->reg;
        stub->uses_xmm |= is_xmm(value->reg);
    } else {
        stub->imm = value->imm;
    }
}

static void guest_store(RAContext *ra, const TCGOp *op, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    MemOp memop = get_memop((MemOpIdx)op->imm[0]);
    int32_t disp = op->imm[1];
    Stub *stub = tlb_check(ra, op, STUB_ST, in[0].reg, disp, false);

    if (stub) {
        stub_value(stub, &in[1]);
    }
    if (memop & MO_BSWAP) {
        x86_load_arg(ra, true, RDX, &in[1]);
        swap(a, RDX, memop);
        store_reg(a, x86_mem_index(RAX, in[0].reg, 0, disp), RDX, memop);
    } else {
        store(a, x86_mem_index(RAX, in[0].reg, 0, disp), &in[1], memop);
    }
    stub_done(ra, stub);
}

void tgen_qemu_ld(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    guest_load(ra, op, out, in);
}

void tgen_qemu_fld(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    guest_load(ra, op, out, in);
}

void tgen_qemu_st(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    guest_store(ra, op, in);
}

void tgen_qemu_fst(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    guest_store(ra, op, in);
}

void tgen_tlb_test(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    const TCGLayout *l = ra->e->layout;
    MemOpIdx oi = (MemOpIdx)op->imm[0];
    bool is_store = (oi & TCG_TLB_TEST_WRITE) != 0;
    uint8_t *miss;
    Stub *stub;

    if (op->aux) {
        miss = x86_window_check(ra, op->aux, in[0].reg, op->imm[1]);
    } else {
        tlb_compare(ra, in[0].reg, op->imm[1], (unsigned)op->imm[2], 0, get_mmuidx(oi),
                    is_store ? l->tlb_tag_write : l->tlb_tag_read);
        miss = x86_jcc32(a, X86_NE);
        x86_mov_rm(a, true, RAX, x86_mem(RAX, l->tlb_addend));
    }
    stub = x86_stub(ra, STUB_ZERO, miss);
    if (stub) {
        stub->own_check = op->aux != 0;
        stub->window = (uint8_t)op->aux;
        stub->span = (uint16_t)op->imm[2];
        stub->after_check = a->ptr;
        stub->data.addr = in[0].reg;
        stub->data.disp = op->imm[1];
        stub->data.oi = oi;
        stub->data.extra = is_store;
        stub->data.dst = (uint8_t)out;
    }
    x86_lea(a, true, out, x86_mem_index(RAX, in[0].reg, 0, 0));
    stub_done(ra, stub);
}

/* ---- accesses that share a check ------------------------------------------------------------- */

/* Register @haddr is the host address or 0; the stub of the access without. */
static Stub *shared_check(RAContext *ra, const TCGOp *op, StubKind kind, const HostArg *addr,
                          unsigned haddr)
{
    X86Asm *a = assembler(ra);
    Stub *stub;

    x86_test_rr(a, true, haddr, haddr);
    stub = x86_stub(ra, kind, x86_jcc32(a, X86_E));
    if (stub) {
        stub->own_check = ra->c->level == TCG_OPT_FULL;
        stub->span = (uint16_t)memop_size(get_memop((MemOpIdx)op->imm[0]));
        stub->data.addr = addr->reg;
        stub->data.disp = op->imm[1];
        stub->data.oi = (MemOpIdx)op->imm[0];
        stub->data.dst = HOST_NO_REG;
        stub->data.val = HOST_NO_REG;
    }
    return stub;
}

static void shared_load(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    Stub *stub = shared_check(ra, op, STUB_LD, &in[0], in[1].reg);

    if (stub) {
        stub->data.dst = (uint8_t)out;
        stub->uses_xmm |= is_xmm(out);
    }
    load(assembler(ra), out, x86_mem(in[1].reg, op->imm[2]), get_memop((MemOpIdx)op->imm[0]));
    stub_done(ra, stub);
}

static void shared_store(RAContext *ra, const TCGOp *op, const HostArg *in)
{
    Stub *stub = shared_check(ra, op, STUB_ST, &in[0], in[2].reg);

    if (stub) {
        stub_value(stub, &in[1]);
        stub->value = in[1];
    }
    store(assembler(ra), x86_mem(in[2].reg, op->imm[2]), &in[1], get_memop((MemOpIdx)op->imm[0]));
    stub_done(ra, stub);
}

uint8_t *x86_own_check(RAContext *ra, const Stub *stub)
{
    X86Asm *a = assembler(ra);
    const TCGLayout *l = ra->e->layout;
    const StubData *d = &stub->data;
    MemOp memop = get_memop(d->oi);
    bool is_load = d->kind == STUB_LD || (d->kind == STUB_ZERO && !d->extra);
    uint8_t *fail;

    tlb_compare(ra, d->addr, d->disp, stub->span, 0, get_mmuidx(d->oi),
                is_load ? l->tlb_tag_read : l->tlb_tag_write);
    fail = x86_jcc32(a, X86_NE);
    if (stub->window) {
        x86_window_move(ra, stub->window, MAX(stub->span, 8));
        x86_patch32(x86_jmp32(a), stub->after_check);
        return fail;
    }
    x86_mov_rm(a, true, RAX, x86_mem(RAX, l->tlb_addend));
    if (is_load) {
        load(a, d->dst, x86_mem_index(RAX, d->addr, 0, d->disp), memop);
    } else {
        store(a, x86_mem_index(RAX, d->addr, 0, d->disp), &stub->value, memop);
    }
    x86_patch32(x86_jmp32(a), stub->resume);
    return fail;
}

void tgen_qemu_ld_at(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    shared_load(ra, op, out, in);
}

void tgen_qemu_fld_at(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    shared_load(ra, op, out, in);
}

void tgen_qemu_st_at(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    shared_store(ra, op, in);
}

void tgen_qemu_fst_at(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    shared_store(ra, op, in);
}

/* ---- atomics --------------------------------------------------------------------------------- */

/* [rdx] op reg of the MemOp's size: @op is the opcode of the byte form. */
static void sized(X86Asm *a, unsigned op, bool lock, MemOp memop, unsigned reg)
{
    unsigned size = memop & MO_SIZE;

    if (!x86_room(a)) {
        return;
    }
    if (lock) {
        x86_byte(a, 0xf0);
    }
    if (size == MO_8) {
        x86_rm(a, op | P_BYTE, false, reg, x86_mem(RDX, 0));
    } else {
        x86_rm(a, (op + 1) | (size == MO_16 ? P_66 : 0), size == MO_64, reg, x86_mem(RDX, 0));
    }
}

enum {
    X86_XCHG = 0x86,
    X86_XADD = P_0F | 0xc0,
    X86_CMPXCHG = P_0F | 0xb0
};

static const struct {
    int alu;          /* and, or, xor; or -1 */
    X86Cond keep_old; /* min, max: the old value stays if old <cond> value */
    bool is_signed;
} rmw_ops[] = {
    [TCG_RMW_ADD] = {.alu = X86_ADD},
    [TCG_RMW_AND] = {.alu = X86_AND},
    [TCG_RMW_OR] = {.alu = X86_OR},
    [TCG_RMW_XOR] = {.alu = X86_XOR},
    [TCG_RMW_SMIN] = {.alu = -1, .keep_old = X86_L, .is_signed = true},
    [TCG_RMW_SMAX] = {.alu = -1, .keep_old = X86_G, .is_signed = true},
    [TCG_RMW_UMIN] = {.alu = -1, .keep_old = X86_B},
    [TCG_RMW_UMAX] = {.alu = -1, .keep_old = X86_A},
};

/* out = rax op val */
static void rmw_compute(X86Asm *a, TCGRmwOp rmw, MemOp memop, unsigned out, unsigned val)
{
    MemOp cmp = (memop & MO_SIZE) | (rmw_ops[rmw].is_signed ? MO_SIGN : 0);

    if (rmw_ops[rmw].alu >= 0) {
        x86_mov_rr(a, true, out, RAX);
        x86_alu_rr(a, (unsigned)rmw_ops[rmw].alu, true, out, val);
        return;
    }
    extend(a, RAX, RAX, cmp);
    extend(a, out, val, cmp);
    x86_alu_rr(a, X86_CMP, true, RAX, out);
    x86_cmov(a, rmw_ops[rmw].keep_old, out, RAX);
}

/* rdx = address. The old value goes to rax. */
static void rmw_plain(RAContext *ra, TCGRmwOp rmw, MemOp memop, unsigned out, unsigned val)
{
    X86Asm *a = assembler(ra);

    load(a, RAX, x86_mem(RDX, 0), memop & MO_SIZE);
    if (rmw == TCG_RMW_XCHG) {
        store_reg(a, x86_mem(RDX, 0), val, memop);
        return;
    }
    rmw_compute(a, rmw, memop, out, val);
    store_reg(a, x86_mem(RDX, 0), out, memop);
}

/* rdx = address. Compute with the value seen and try to swap it in until nobody was faster. */
static void rmw_loop(RAContext *ra, TCGRmwOp rmw, MemOp memop, unsigned out, unsigned val)
{
    X86Asm *a = assembler(ra);
    uint8_t *again, *jump;

    load(a, RAX, x86_mem(RDX, 0), memop & MO_SIZE);
    again = a->ptr;
    rmw_compute(a, rmw, memop, out, val);
    sized(a, X86_CMPXCHG, true, memop, out);
    jump = x86_jcc8(a, X86_NE);
    if (!a->overflow) {
        x86_patch8(jump, again);
    }
}

/* After the check of an atomic access: rdx = host address. */
static void atomic_address(RAContext *ra, const TCGOp *op, unsigned addr)
{
    x86_lea(assembler(ra), true, RDX, x86_mem_index(RAX, addr, 0, op->imm[1]));
}

void tgen_qemu_rmw(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    MemOp memop = get_memop((MemOpIdx)op->imm[0]);
    TCGRmwOp rmw = (TCGRmwOp)op->imm[2];
    Stub *stub = tlb_check(ra, op, STUB_RMW, in[0].reg, op->imm[1], true);

    if (stub) {
        stub->data.dst = (uint8_t)out;
        stub->data.val = in[1].reg;
        stub->data.extra = (uint8_t)rmw;
    }
    atomic_address(ra, op, in[0].reg);
    if (ra->e->layout->one_hart) {
        rmw_plain(ra, rmw, memop, out, in[1].reg);
        extend(a, out, RAX, memop);
    } else if (rmw == TCG_RMW_ADD || rmw == TCG_RMW_XCHG) {
        x86_mov_rr(a, true, out, in[1].reg);
        sized(a, rmw == TCG_RMW_ADD ? X86_XADD : X86_XCHG, rmw == TCG_RMW_ADD, memop, out);
        extend(a, out, out, memop);
    } else {
        rmw_loop(ra, rmw, memop, out, in[1].reg);
        extend(a, out, RAX, memop);
    }
    stub_done(ra, stub);
}

void tgen_qemu_cas(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    MemOp memop = get_memop((MemOpIdx)op->imm[0]);
    Stub *stub = tlb_check(ra, op, STUB_CAS, in[0].reg, op->imm[1], true);

    if (stub) {
        stub->data.dst = (uint8_t)out;
        stub->data.val = in[1].reg;
        stub->data.val2 = in[2].reg;
    }
    atomic_address(ra, op, in[0].reg);
    x86_mov_rr(a, true, RAX, in[1].reg);
    sized(a, X86_CMPXCHG, !ra->e->layout->one_hart, memop, in[2].reg);
    extend(a, out, RAX, memop);
    stub_done(ra, stub);
}

/* TSO orders everything but an earlier store and a later load, locked instructions those too. */
void tgen_mb(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    bool needed = (op->imm[0] & TCG_BAR_ST_LD) ||
                  ((op->imm[0] & TCG_BAR_RMW_LD) && ra->e->layout->one_hart);

    if (needed && x86_room(a)) {
        x86_byte(a, 0xf0);
        x86_alu_mi(a, X86_OR, false, x86_mem(RSP, 0), 0);
    }
}
