/* SPDX-License-Identifier: MIT */
/*
 * Conditions, branches, polls, and the ways out of a piece of code: patchable links, the jump
 * cache, statuses.
 *
 * A link is a jmp whose four-byte displacement is aligned, so that patching it is one store for
 * running harts. It starts out at its own stub, which returns cookie | slot. A link into another
 * page is guarded by the fetch TLB: tag and physical page number must be those it was made for; the
 * latter is patched, aligned as well, before the jump is.
 */
#include "qemu/osdep.h"

#include "emit.h"

static const X86Cond conditions[] = {
    [TCG_COND_EQ] = X86_E,  [TCG_COND_NE] = X86_NE,   [TCG_COND_LT] = X86_L,
    [TCG_COND_GE] = X86_GE, [TCG_COND_LE] = X86_LE,   [TCG_COND_GT] = X86_G,
    [TCG_COND_LTU] = X86_B, [TCG_COND_GEU] = X86_AE,  [TCG_COND_LEU] = X86_BE,
    [TCG_COND_GTU] = X86_A, [TCG_COND_TSTEQ] = X86_E, [TCG_COND_TSTNE] = X86_NE,
};

X86Cond x86_compare(RAContext *ra, TCGType type, TCGCond cond, const HostArg *x, const HostArg *y)
{
    X86Asm *a = assembler(ra);
    bool w = type == TCG_I64;
    bool is_test = cond == TCG_COND_TSTEQ || cond == TCG_COND_TSTNE;

    if (cond == TCG_COND_NEVER || cond == TCG_COND_ALWAYS) {
        x86_alu_rr(a, X86_CMP, false, RAX, RAX);
        return cond == TCG_COND_ALWAYS ? X86_E : X86_NE;
    }
    if (is_test) {
        if (y->kind == HOST_IMM) {
            x86_test_ri(a, w, x->reg, (int32_t)y->imm);
        } else if (y->kind == HOST_MEM) {
            x86_rm(a, 0x85, w, x->reg, env_mem(ra->e, y->disp));
        } else {
            x86_test_rr(a, w, x->reg, y->reg);
        }
    } else if (y->kind == HOST_IMM && y->imm == 0) {
        x86_test_rr(a, w, x->reg, x->reg);
    } else if (y->kind == HOST_IMM) {
        x86_alu_ri(a, X86_CMP, w, x->reg, (int32_t)y->imm);
    } else if (y->kind == HOST_MEM) {
        x86_alu_rm(a, X86_CMP, w, x->reg, env_mem(ra->e, y->disp));
    } else {
        x86_alu_rr(a, X86_CMP, w, x->reg, y->reg);
    }
    return conditions[cond];
}

void tgen_setcond(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    X86Cond cond = x86_compare(ra, op->type, (TCGCond)op->imm[0], &in[0], &in[1]);

    x86_setcc(a, cond, RAX);
    x86_rr(a, P_0F | P_BYTE | 0xb6, false, out, RAX);
}

void tgen_movcond(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    X86Cond cond = x86_compare(ra, op->type, (TCGCond)op->imm[0], &in[0], &in[1]);

    x86_mov_rr(a, true, out, in[3].reg);
    x86_cmov(a, cond, out, in[2].reg);
}

void tgen_brcond(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Cond cond = x86_compare(ra, op->type, (TCGCond)op->imm[0], &in[0], &in[1]);

    x86_jump_to_label(ra, x86_jcc32(assembler(ra), cond), ra->branch_label);
}

/* ---- leaving in the middle ------------------------------------------------------------------- */

static Stub *exit_stub(RAContext *ra, TCGExit status, uint8_t *jump)
{
    Stub *stub = x86_stub(ra, STUB_EXIT, jump);

    if (stub) {
        stub->data.extra = status;
    }
    return stub;
}

/* Returns the jump that is taken if the poll word is set. */
static uint8_t *poll_check(RAContext *ra)
{
    X86Asm *a = assembler(ra);

    x86_alu_mi(a, X86_CMP, false, env_mem(ra->e, ra->e->layout->poll), 0);
    return x86_jcc32(a, X86_NE);
}

void tgen_poll(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    exit_stub(ra, TCG_EXIT_POLL, poll_check(ra));
}

/* The way out adds again. */
void tgen_icount(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    Stub *stub;

    x86_alu_ri(a, X86_SUB, true, X86_COUNT_REG, op->imm[0]);
    stub = exit_stub(ra, TCG_EXIT_ICOUNT, x86_jcc32(a, X86_L));
    if (stub) {
        stub->count_undo = op->imm[0];
    }
}

void tgen_icount_sync(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    x86_mov_mr(assembler(ra), true, env_mem(ra->e, ra->e->layout->icount), X86_COUNT_REG);
}

void tgen_guard(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Cond cond = x86_compare(ra, op->type, (TCGCond)op->imm[0], &in[0], &in[1]);

    exit_stub(ra, TCG_EXIT_LOOKUP, x86_jcc32(assembler(ra), cond ^ 1));
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void store_pc(RAContext *ra, const HostArg *pc)
{
    X86Mem m = env_mem(ra->e, ra->e->layout->pc);

    if (pc->kind == HOST_IMM) {
        x86_store_imm64(assembler(ra), m, pc->imm);
    } else {
        x86_load_arg(ra, true, RAX, pc);
        x86_mov_mr(assembler(ra), true, m, RAX);
    }
}

/* @jump leads out of the code, to the run loop, which goes on at constant @pc. */
static void leave_stub(RAContext *ra, TCGExit status, uint64_t pc, uint8_t *jump)
{
    Stub *stub = x86_stub(ra, STUB_LEAVE, jump);

    if (stub) {
        stub->data.extra = status;
        stub->data.pc = pc;
    }
}

void tgen_exit(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    store_pc(ra, &in[0]);
    x86_mov_ri(assembler(ra), RAX, (uint64_t)op->imm[0]);
    x86_jmp_prologue(ra, x86_prologue.epilogue);
}

/*
 * Jump to the code at the address in register @pc if the jump cache has it. rax is then where: the
 * entry begins with the address, which x86_pcrel_entry() wants.
 */
static void probe_jump_cache(RAContext *ra, unsigned pc)
{
    X86Asm *a = assembler(ra);
    const TCGLayout *l = ra->e->layout;
    uint8_t *miss[2];

    /* entry number (pc >> 1) & mask, 32 bytes each */
    x86_mov_rr(a, false, RAX, pc);
    x86_shift_ri(a, X86_SHL, false, RAX, 4);
    x86_alu_ri(a, X86_AND, false, RAX, (int32_t)(((1u << l->jc_bits) - 1) << 5));
    x86_alu_rm(a, X86_ADD, true, RAX, env_mem(ra->e, l->jc_table));
    x86_alu_rm(a, X86_CMP, true, pc, x86_mem(RAX, 0));
    miss[0] = x86_jcc8(a, X86_NE);
    x86_mov_rm(a, true, RDX, env_mem(ra->e, l->jc_key));
    x86_alu_rm(a, X86_CMP, true, RDX, x86_mem(RAX, 8));
    miss[1] = x86_jcc8(a, X86_NE);
    x86_jmp_mem(a, x86_mem(RAX, 16));
    if (!a->overflow) {
        x86_patch8(miss[0], a->ptr);
        x86_patch8(miss[1], a->ptr);
    }
}

void tgen_goto_indirect(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    X86Asm *a = assembler(ra);
    const TCGLayout *l = ra->e->layout;
    unsigned pc = in[0].reg;

    if (l->jc_bits) {
        probe_jump_cache(ra, pc);
    }
    x86_mov_mr(a, true, env_mem(ra->e, l->pc), pc);
    x86_mov_ri(a, RAX, TCG_EXIT_LOOKUP);
    x86_jmp_prologue(ra, x86_prologue.epilogue);
}

static void align_for(X86Asm *a, unsigned ahead)
{
    while (x86_room(a) && ((uintptr_t)a->ptr + ahead) % 4) {
        x86_byte(a, 0x90);
    }
}

/* Counts a link to @pc; returns the jump to be taken where it has been counted often enough. */
static uint8_t *link_count(RAContext *ra, uint64_t pc)
{
    X86Asm *a = assembler(ra);
    const TCGLayout *l = ra->e->layout;
    int32_t counter = l->hot_table + 4 * (int32_t)tcg_hot_index(l, pc);

    x86_alu_mi(a, X86_SUB, false, env_mem(ra->e, counter), 1);
    return x86_jcc32(a, X86_S);
}

/* The fetch TLB's entry for the page of @pc. */
static X86Mem fetch_entry(RAContext *ra, uint64_t pc)
{
    return env_mem(ra->e, tcg_fetch_entry(ra->e->layout, ra->c->mmu_idx, pc));
}

/* The same where the page lies @delta behind env's code_page; its address in rax. */
static X86Mem fetch_entry_pcrel(RAContext *ra, int64_t delta)
{
    X86Asm *a = assembler(ra);
    const TCGLayout *l = ra->e->layout;
    X86Mem first = fetch_entry(ra, 0);

    g_assert(delta == (int32_t)delta);
    x86_mov_rm(a, true, RAX, env_mem(ra->e, l->code_page));
    x86_alu_ri(a, X86_ADD, true, RAX, (int32_t)delta);
    x86_mov_rr(a, false, RDX, RAX);
    x86_shift_ri(a, X86_SHR, false, RDX, l->page_bits - 4u);
    x86_alu_ri(a, X86_AND, false, RDX, (int32_t)(((1u << l->fetch_tlb_bits) - 1) << 4));
    x86_alu_rr(a, X86_ADD, true, RDX, RBP);
    return x86_mem(RDX, first.disp);
}

/*
 * Is the page of @pc, in the fetch TLB, page @number? Jumps away if not. Returns where the number
 * is, aligned. PC-relative code has the page's address in rax then.
 */
static uint8_t *page_guard(RAContext *ra, uint64_t pc, uint32_t number, uint8_t *fail[2])
{
    X86Asm *a = assembler(ra);
    uint64_t mask = UINT64_MAX << ra->e->layout->page_bits, page = pc & mask;
    uint8_t *at = NULL;
    X86Mem entry;

    if (ra->c->pcrel) {
        entry = fetch_entry_pcrel(ra, (int64_t)(page - (ra->c->pc & mask)));
        x86_alu_rm(a, X86_CMP, true, RAX, entry);
    } else if ((int64_t)page == (int32_t)page) {
        entry = fetch_entry(ra, pc);
        x86_alu_mi(a, X86_CMP, true, entry, (int32_t)page);
    } else {
        entry = fetch_entry(ra, pc);
        x86_mov_ri(a, RAX, page);
        x86_alu_rm(a, X86_CMP, true, RAX, entry);
    }
    fail[0] = x86_jcc32(a, X86_NE);
    /* cmp dword [entry + 8], imm32 */
    align_for(a, 6);
    if (x86_room(a)) {
        x86_byte(a, 0x81);
        x86_byte(a, (uint8_t)(0x80 | X86_CMP << 3 | entry.base));
        x86_long(a, (uint32_t)(entry.disp + 8));
        at = a->ptr;
        x86_long(a, number);
    }
    fail[1] = x86_jcc32(a, X86_NE);
    return at;
}

void tgen_guard_page(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    uint64_t distance = (uint64_t)op->imm[0] << ra->e->layout->page_bits;
    uint8_t *fail[2] = {NULL, NULL};
    Stub *stub;

    page_guard(ra, ra->c->pc + distance, (uint32_t)op->imm[1], fail);
    stub = exit_stub(ra, TCG_EXIT_LOOKUP, fail[0]);
    if (stub) {
        stub->more[0] = fail[1];
    }
}

void x86_pcrel_entry(HostEmitter *e)
{
    X86Asm *a = &e->a;
    const TCGLayout *l = e->layout;

    x86_mov_rm(a, true, RAX, x86_mem(RAX, 0));
    x86_alu_ri(a, X86_AND, true, RAX, (int32_t)(UINT32_MAX << l->page_bits));
    e->crossed = (uint8_t)(a->ptr - e->start);
    x86_mov_mr(a, true, env_mem(e, l->code_page), RAX);
    e->linked = (uint8_t)(a->ptr - e->start);
}

void tgen_goto_link(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    HostEmitter *e = ra->e;
    X86Asm *a = &e->a;
    unsigned slot = (unsigned)op->imm[0];
    TCGLinkSite *site = &e->link[slot];
    uint8_t *fail[2] = {NULL, NULL};
    bool counted = (op->imm[1] & TCG_LINK_COUNTED) && e->layout->hot_bits;
    uint8_t *jump, *number = NULL, *hot = NULL, *poll = NULL;
    Stub *stub;

    *site = (TCGLinkSite){0};
    if (op->imm[1] & TCG_LINK_POLLS) {
        poll = poll_check(ra);
    }
    if (counted) {
        hot = link_count(ra, in[0].imm);
    }
    if (op->imm[1] & TCG_LINK_CROSS_PAGE) {
        number = page_guard(ra, in[0].imm, UINT32_MAX, fail);
    }
    align_for(a, 1);
    jump = x86_jmp32(a);
    if (a->overflow) {
        return;
    }
    site->jump_offset = (uint32_t)(jump - e->start);
    site->guard = number ? (uint32_t)(jump - number) : 0;
    e->nlinks = (uint8_t)MAX(e->nlinks, slot + 1);
    e->link_stubs = true;
    stub = x86_stub(ra, STUB_LINK, jump);
    if (stub) {
        stub->data.extra = (uint8_t)slot;
        stub->data.pc = in[0].imm;
        stub->more[0] = fail[0];
        stub->more[1] = fail[1];
        stub->more[2] = poll;
    }
    if (counted) {
        leave_stub(ra, TCG_EXIT_HOT, in[0].imm, hot);
    }
}
