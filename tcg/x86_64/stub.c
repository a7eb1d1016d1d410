/* SPDX-License-Identifier: MIT */
/*
 * Stubs: what the main path of a piece of code jumps to where it cannot go on by itself.
 *
 * A stub is a call of a thunk in the prologue, followed by its data: the thunk takes the return
 * address for it, saves the registers, and lets slow.c do the rest. There are about as many stubs
 * as guest instructions, and hardly one is ever run: so their data are packed, and what they have
 * in common is in front of the first. Numbers are of variable length (regalloc.h).
 *
 * Layout: StubBase; stubs. A stub: call; kind | extra << 4; distance from the base; then for each
 * kind what stub_pack() and stub_unpack() say; then the immediate of a store; host addresses that
 * end; then the exit map.
 *
 * Tests: tests/unit/tcg/test-stub.c; tests/fuzz/tcg-fuzz.c.
 */
#include "qemu/osdep.h"

#include "emit.h"

/* ---- data ------------------------------------------------------------------------------------ */

/* A MemOpIdx with the three bits of the usual MMU indices first, and back. */
static uint64_t mmu_first(MemOpIdx oi)
{
    return (uint64_t)(get_mmuidx(oi) >> 3) << 19 | (uint64_t)get_memop(oi) << 3 |
           (get_mmuidx(oi) & 7);
}

static MemOpIdx memop_first(uint64_t n)
{
    return make_memop_idx((MemOp)(n >> 3 & 0xffff), (unsigned)((n >> 19) << 3 | (n & 7)));
}

/* Which of a kind's fields there are: registers in order, and whether it resumes or may leave. */
typedef struct StubFields {
    bool dst, addr, val, val2;
    bool access;  /* disp, oi with ends_haddrs, resume */
    bool has_pc;  /* else a C function only computes */
    bool has_idx; /* leaves in the middle: index of the instruction, exit map */
} StubFields;

static const StubFields fields_of[] = {
    [STUB_LD] = {.dst = true, .addr = true, .access = true, .has_pc = true, .has_idx = true},
    [STUB_ST] = {.addr = true, .val = true, .access = true, .has_pc = true, .has_idx = true},
    [STUB_RMW] =
        {.dst = true, .addr = true, .val = true, .access = true, .has_pc = true, .has_idx = true},
    [STUB_CAS] = {.dst = true,
                  .addr = true,
                  .val = true,
                  .val2 = true,
                  .access = true,
                  .has_pc = true,
                  .has_idx = true},
    [STUB_EXIT] = {.has_pc = true, .has_idx = true},
    [STUB_CALL] = {.has_pc = true, .has_idx = true},
    [STUB_FP] = {.dst = true, .addr = true, .val = true, .val2 = true, .access = true},
    [STUB_LINK] = {.has_pc = true},
    [STUB_LEAVE] = {.has_pc = true},
};

uint8_t *x86_stub_pack(uint8_t *p, const StubData *d, uint32_t from_base, uint64_t base_pc)
{
    const StubFields *f = &fields_of[d->kind];

    *p++ = (uint8_t)(d->kind | d->extra << 4);
    p = ra_put_number(p, from_base);
    if (f->dst) {
        *p++ = d->dst;
    }
    if (f->addr) {
        *p++ = d->addr;
    }
    if (f->val) {
        *p++ = d->val;
    }
    if (f->val2) {
        *p++ = d->val2;
    }
    if (f->access) {
        p = ra_put_signed(p, d->disp);
        p = ra_put_number(p, mmu_first(d->oi) << 1 | d->ends_haddrs);
        p = ra_put_signed(p, d->resume);
    }
    if (f->has_pc) {
        p = ra_put_signed(p, (int64_t)(d->pc - base_pc));
    }
    if (f->has_idx) {
        p = ra_put_number(p, d->insn_idx);
    }
    return p;
}

const uint8_t *x86_stub_unpack(const uint8_t *p, StubData *d, StubBase *base)
{
    const uint8_t *start = p;
    uint64_t from_base, oi, idx;
    int64_t disp, resume, pc;
    const StubFields *f;

    *d = (StubData){.kind = *p & 15, .extra = *p >> 4, .dst = HOST_NO_REG, .val = HOST_NO_REG};
    f = &fields_of[d->kind];
    p = ra_get_number(p + 1, &from_base);
    memcpy(base, start - from_base, sizeof(*base));
    if (f->dst) {
        d->dst = *p++;
    }
    if (f->addr) {
        d->addr = *p++;
    }
    if (f->val) {
        d->val = *p++;
    }
    if (f->val2) {
        d->val2 = *p++;
    }
    if (f->access) {
        p = ra_get_signed(p, &disp);
        p = ra_get_number(p, &oi);
        p = ra_get_signed(p, &resume);
        d->disp = (int32_t)disp;
        d->oi = memop_first(oi >> 1);
        d->ends_haddrs = oi & 1;
        d->resume = (int32_t)resume;
    }
    if (f->has_pc) {
        p = ra_get_signed(p, &pc);
        d->pc = stub_base_pc(base) + (uint64_t)pc;
    }
    if (f->has_idx) {
        p = ra_get_number(p, &idx);
        d->insn_idx = (uint16_t)idx;
    }
    return p;
}

/* Registers as a mask, number of slots, slots. */
static uint8_t *haddrs_pack(uint8_t *p, const Stub *stub)
{
    unsigned count = 0;

    for (unsigned w = 0; w < G_N_ELEMENTS(stub->haddr_slots); w++) {
        count += (unsigned)__builtin_popcountll(stub->haddr_slots[w]);
    }
    p = ra_put_number(p, stub->haddr_regs);
    p = ra_put_number(p, count);
    for (unsigned w = 0; w < G_N_ELEMENTS(stub->haddr_slots); w++) {
        for (uint64_t todo = stub->haddr_slots[w]; todo; todo &= todo - 1) {
            *p++ = (uint8_t)(w * 64 + (unsigned)__builtin_ctzll(todo));
        }
    }
    return p;
}

const uint8_t *x86_stub_end_haddrs(const uint8_t *p, uint64_t *regs)
{
    uint64_t *slots = regs - (FRAME_SAVE - FRAME_SLOTS) / 8;
    uint64_t mask, count;

    p = ra_get_number(p, &mask);
    p = ra_get_number(p, &count);
    for (; mask; mask &= mask - 1) {
        regs[__builtin_ctzll(mask)] = 0;
    }
    for (unsigned i = 0; i < count; i++) {
        slots[p[i]] = 0;
    }
    return p + count;
}

/* ---- making ---------------------------------------------------------------------------------- */

/* What C may do, a TLB flush among it, ends the life of host addresses. */
static void note_host_addresses(RAContext *ra, Stub *stub)
{
    for (unsigned i = 0; i < ra->nhaddrs; i++) {
        const RALoc *loc = &ra->loc[ra->haddr[i]];

        if (loc->reg != HOST_NO_REG) {
            stub->haddr_regs |= 1u << loc->reg;
        }
        if (loc->slot != TCG_NONE) {
            stub->haddr_slots[loc->slot / 64] |= UINT64_C(1) << (loc->slot % 64);
        }
    }
}

Stub *x86_stub(RAContext *ra, StubKind kind, uint8_t *jump)
{
    HostEmitter *e = ra->e;
    Stub *stub;

    if (e->nstubs == X86_MAX_STUBS || e->maps_len + RA_MAP_MAX > sizeof(e->maps)) {
        e->limit = true;
        return NULL;
    }
    stub = &e->stub[e->nstubs++];
    *stub = (Stub){.jump = jump, .map = e->maps_len};
    stub->data.kind = kind;
    stub->data.pc = ra->insn_pc;
    stub->data.insn_idx = ra->insn_idx;
    if (kind <= STUB_CALL) {
        stub->map_len = (uint16_t)ra_exit_map(ra, e->maps + e->maps_len);
    }
    stub->uses_xmm = (ra->busy & host_class_regs[TCG_CLASS_FP]) != 0;
    if (kind <= STUB_CAS) {
        note_host_addresses(ra, stub);
    }
    e->maps_len += stub->map_len;
    return stub;
}

void x86_put_rel32(HostEmitter *e, const uint8_t *target)
{
    x86_long(&e->a, (uint32_t)(target - (e->a.ptr + 4 + e->rx_delta)));
}

static bool has_host_addresses(const Stub *stub)
{
    return stub->haddr_regs || stub->haddr_slots[0] || stub->haddr_slots[1];
}

/* With windows: where the code goes on after C. */
static void stub_close_windows(HostEmitter *e, const Stub *stub)
{
    X86Asm *a = &e->a;

    if (x86_room(a)) {
        x86_byte(a, 0xe8);
        x86_long(a, (uint32_t)(e->close_windows - (a->ptr + 4)));
    }
    for (uint32_t todo = stub->haddr_regs; todo; todo &= todo - 1) {
        x86_mov_ri(a, (unsigned)__builtin_ctz(todo), 0);
    }
    for (unsigned w = 0; w < G_N_ELEMENTS(stub->haddr_slots); w++) {
        for (uint64_t todo = stub->haddr_slots[w]; todo; todo &= todo - 1) {
            x86_mov_mi(a, true, slot_mem(w * 64 + (unsigned)__builtin_ctzll(todo)), 0);
        }
    }
    x86_patch32(x86_jmp32(a), stub->resume);
}

/* Those that need no C: true if @stub is one. */
static bool stub_emit_inline(HostEmitter *e, const Stub *stub)
{
    X86Asm *a = &e->a;
    X86Constant nan = stub->data.extra ? X86_CONST_NAN64 : X86_CONST_NAN32;

    switch (stub->data.kind) {
    case STUB_NAN:
        x86_rip(a, P_0F | P_F3 | 0x7e, stub->data.dst, x86_prologue.constants + 16 * nan,
                e->rx_delta);
        break;
    case STUB_ZERO:
        x86_mov_ri(a, stub->data.dst, 0);
        break;
    default:
        return false;
    }
    x86_patch32(x86_jmp32(a), stub->resume);
    return true;
}

static const uint8_t *thunk_of(const Stub *stub)
{
    return stub->data.kind >= STUB_LINK ? x86_prologue.link_exit :
           stub->uses_xmm               ? x86_prologue.slow_xmm :
                                          x86_prologue.slow;
}

/* Its jumps lead here. */
static void stub_enter(HostEmitter *e, const Stub *stub)
{
    uint8_t *here = e->a.ptr;

    x86_patch32(stub->jump, here);
    for (unsigned i = 0; i < G_N_ELEMENTS(stub->more); i++) {
        if (stub->more[i]) {
            x86_patch32(stub->more[i], here);
        }
    }
    if (stub->data.kind == STUB_LINK) {
        e->link[stub->data.extra].unlinked = (uint32_t)(here - stub->jump);
    }
}

static void stub_emit(HostEmitter *e, const Stub *stub)
{
    X86Asm *a = &e->a;
    StubData data = stub->data;
    bool has_imm = data.kind == STUB_ST && data.val == HOST_NO_REG;
    ptrdiff_t size = X86_MAX_INSN + 5 + STUB_PACKED_MAX + 10 + HADDRS_PACKED_MAX + stub->map_len;
    const uint8_t *resume = stub->resume;

    if (a->end - a->ptr < size) {
        a->overflow = true;
        return;
    }
    data.ends_haddrs = !e->nwindows && has_host_addresses(stub);
    if (e->nwindows && data.kind <= STUB_CAS) {
        resume = a->ptr;
        stub_close_windows(e, stub);
        if (a->overflow || a->end - a->ptr < size) {
            a->overflow = true;
            return;
        }
    }
    stub_enter(e, stub);
    if (stub->count_undo) {
        x86_alu_ri(a, X86_ADD, true, X86_COUNT_REG, stub->count_undo);
    }
    if (stub->own_check) {
        uint8_t *jump = x86_own_check(&e->ra, stub);

        if (a->overflow || a->end - a->ptr < size) {
            a->overflow = true;
            return;
        }
        x86_patch32(jump, a->ptr);
    }
    if (stub_emit_inline(e, stub)) {
        return;
    }
    x86_byte(a, 0xe8);
    x86_put_rel32(e, thunk_of(stub));
    data.resume = (int32_t)(resume - a->ptr);
    a->ptr = x86_stub_pack(a->ptr, &data, (uint32_t)(a->ptr - e->base), e->ra.c->pc);
    if (has_imm) {
        a->ptr = ra_put_signed(a->ptr, (int64_t)stub->imm);
    }
    if (data.ends_haddrs) {
        a->ptr = haddrs_pack(a->ptr, stub);
    }
    memcpy(a->ptr, e->maps + stub->map, stub->map_len);
    a->ptr += stub->map_len;
}

void x86_emit_stubs(HostEmitter *e)
{
    X86Asm *a = &e->a;
    const StubBase base = {.pc = e->ra.c->pc << 1 | e->ra.c->pcrel, .cookie = e->ra.c->cookie};
    size_t size = e->link_stubs ? sizeof(base) : sizeof(base.pc);

    e->base = a->ptr;
    if (!e->nstubs || !x86_room(a)) {
        return;
    }
    memcpy(a->ptr, &base, size);
    a->ptr += size;
    for (unsigned i = 0; i < e->nstubs && !a->overflow; i++) {
        stub_emit(e, &e->stub[i]);
    }
}
