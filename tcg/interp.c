/* SPDX-License-Identifier: MIT */
/*
 * The IR interpreter: the portable back end, and the oracle for the others.
 *
 * It runs a program made by interp-gen.c on env. Guest memory goes through the same softmmu TLB as
 * host code does. What another thread may touch at the same time (guest memory, env fields outside
 * the globals, the poll word) is accessed by relaxed atomics, so that ThreadSanitizer sees only
 * real races; barriers are those that the IR asks for. Floating point is util/fpu's.
 *
 * Leaving: pc and insn index of the guest instruction are stored here; globals are in env at all
 * times. Links are not patched: goto_link looks into the jump cache as goto_indirect does.
 *
 * Threads: reads only the program and the layout; env is the calling thread's.
 * Tests: tests/unit/tcg/test-interp.c, tests/tcg.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/fpu.h"
#include "eval.h"
#include "interp.h"

static inline uint64_t in(const Interp *s, const InterpInsn *i, unsigned k)
{
    return *interp_slot(s, i->in[k]);
}

static inline void *env_field(const Interp *s, int32_t offset)
{
    return s->base[INTERP_ENV] + offset;
}

static void enter(Interp *s, const InterpProgram *prog)
{
    s->prog = prog;
    s->next = prog->insns;
    s->base[INTERP_CONST] = (uint8_t *)prog + prog->consts;
}

/* The guest instruction that insn @i belongs to; NULL: none yet. */
static const InterpMark *find_mark(const Interp *s, const InterpInsn *i)
{
    const InterpProgram *prog = s->prog;
    const InterpMark *marks = (const InterpMark *)((const uint8_t *)prog + prog->marks);
    const uint32_t at = i - prog->insns;
    unsigned n = prog->nmarks;

    while (n > 0 && marks[n - 1].insn > at) {
        n--;
    }
    return n > 0 ? &marks[n - 1] : NULL;
}

/* Leave in the middle of a guest instruction. */
static uint64_t leave(const Interp *s, const InterpInsn *i, uint64_t status)
{
    const InterpMark *mark = find_mark(s, i);

    if (mark) {
        *(uint64_t *)env_field(s, s->layout->pc) = mark->pc;
        *(uint32_t *)env_field(s, s->layout->insn_idx) = mark->idx;
    }
    return status;
}

/* Around slow paths. */
static void slow_begin(const Interp *s, const InterpInsn *i)
{
    if (s->layout->counts) {
        const InterpMark *mark = find_mark(s, i);

        *(uint32_t *)env_field(s, s->layout->insn_idx) = mark ? mark->idx : 0;
    }
}

static void slow_end(const Interp *s)
{
    if (s->layout->counts) {
        *(uint32_t *)env_field(s, s->layout->insn_idx) = 0;
    }
}

/* ---- memory -------------------------------------------------------------------------------- */

static uint64_t extend(uint64_t value, MemOp op)
{
    const unsigned bits = 8 * memop_size(op);

    return op & MO_SIGN ? (uint64_t)tcg_eval_signed(value, bits) : value & tcg_eval_mask(bits);
}

static uint64_t swap(uint64_t value, MemOp op)
{
    return op & MO_BSWAP ? bswap64(value) >> (64 - 8 * memop_size(op)) : value;
}

/* Host memory, in the byte order and the extension that @op says. */
static uint64_t load(const void *p, MemOp op)
{
    uint64_t v = 0;

    if (unlikely(!QEMU_PTR_IS_ALIGNED(p, memop_size(op)))) {
        const uint8_t *bytes = p;

        for (unsigned n = 0; n < memop_size(op); n++) {
            ((uint8_t *)&v)[HOST_BIG_ENDIAN ? 8 - memop_size(op) + n : n] = qatomic_read(bytes + n);
        }
        return extend(swap(v, op), op);
    }
    switch (op & MO_SIZE) {
    case MO_8:
        v = qatomic_read((const uint8_t *)p);
        break;
    case MO_16:
        v = qatomic_read((const uint16_t *)p);
        break;
    case MO_32:
        v = qatomic_read((const uint32_t *)p);
        break;
    default:
        v = qatomic_read((const uint64_t *)p);
        break;
    }
    return extend(swap(v, op), op);
}

static void store(void *p, uint64_t v, MemOp op)
{
    v = swap(v, op);
    if (unlikely(!QEMU_PTR_IS_ALIGNED(p, memop_size(op)))) {
        uint8_t *bytes = p;

        for (unsigned n = 0; n < memop_size(op); n++) {
            qatomic_set(bytes + n, ((uint8_t *)&v)[HOST_BIG_ENDIAN ? 8 - memop_size(op) + n : n]);
        }
        return;
    }
    switch (op & MO_SIZE) {
    case MO_8:
        qatomic_set((uint8_t *)p, v);
        break;
    case MO_16:
        qatomic_set((uint16_t *)p, v);
        break;
    case MO_32:
        qatomic_set((uint32_t *)p, v);
        break;
    default:
        qatomic_set((uint64_t *)p, v);
        break;
    }
}

/* Host address of [va, va + size), or NULL if the TLB's fast path does not serve it. */
static void *tlb_find(const Interp *s, uint64_t va, unsigned mmu_idx, unsigned size, bool aligned,
                      unsigned tag_offset)
{
    const TCGLayout *l = s->layout;
    const uint64_t page = UINT64_MAX << l->page_bits;
    const uint8_t *table = qatomic_read(
        (uint8_t **)env_field(s, l->tlb_table + (int32_t)mmu_idx * l->tlb_table_stride));
    const uint8_t *entry = table +
                           ((va >> l->page_bits & ((1u << l->tlb_bits) - 1)) << l->tlb_entry_bits);
    const uint64_t wanted = aligned ? va & (page | (size - 1)) : (va + size - 1) & page;

    if (qatomic_read((const uint64_t *)(entry + tag_offset)) != wanted) {
        return NULL;
    }
    return (void *)(uintptr_t)(va + qatomic_read((const uint64_t *)(entry + l->tlb_addend)));
}

static void *tlb_find_memop(const Interp *s, uint64_t va, MemOpIdx oi, unsigned tag_offset)
{
    const MemOp op = get_memop(oi);

    return tlb_find(s, va, get_mmuidx(oi), memop_size(op), op & MO_ALIGN, tag_offset);
}

static uint64_t op_qemu_ld(Interp *s, const InterpInsn *i)
{
    const MemOpIdx oi = interp_imm(i, 0);
    const uint64_t va = in(s, i, 0) + (int64_t)interp_imm(i, 1);
    const void *p = tlb_find_memop(s, va, oi, s->layout->tlb_tag_read);
    uint64_t value;

    if (likely(p)) {
        value = load(p, get_memop(oi));
    } else {
        TCGRet r;

        slow_begin(s, i);
        r = s->layout->ld_slow(s->base[INTERP_ENV], va, oi);
        if (r.status) {
            return leave(s, i, r.status);
        }
        slow_end(s);
        value = r.value;
    }
    if ((i->handler / 2 == TCG_OP_qemu_fld || i->handler / 2 == TCG_OP_qemu_fld_at) &&
        memop_size(get_memop(oi)) == 4) {
        value |= UINT64_MAX << 32;
    }
    *interp_slot(s, i->out) = value;
    return INTERP_GO_ON;
}

static uint64_t op_qemu_st(Interp *s, const InterpInsn *i)
{
    const MemOpIdx oi = interp_imm(i, 0);
    const uint64_t va = in(s, i, 0) + (int64_t)interp_imm(i, 1);
    void *p = tlb_find_memop(s, va, oi, s->layout->tlb_tag_write);

    if (likely(p)) {
        store(p, in(s, i, 1), get_memop(oi));
    } else {
        TCGRet r;

        slow_begin(s, i);
        r = s->layout->st_slow(s->base[INTERP_ENV], va, in(s, i, 1), oi);
        if (r.status) {
            return leave(s, i, r.status);
        }
        slow_end(s);
    }
    return INTERP_GO_ON;
}

static uint64_t rmw_result(uint64_t old, uint64_t val, TCGRmwOp rmw, MemOp op)
{
    const unsigned bits = 8 * memop_size(op);
    const int64_t so = tcg_eval_signed(old, bits), sv = tcg_eval_signed(val, bits);
    const uint64_t uo = old & tcg_eval_mask(bits), uv = val & tcg_eval_mask(bits);

    switch (rmw) {
    case TCG_RMW_XCHG:
        return val;
    case TCG_RMW_ADD:
        return old + val;
    case TCG_RMW_AND:
        return old & val;
    case TCG_RMW_OR:
        return old | val;
    case TCG_RMW_XOR:
        return old ^ val;
    case TCG_RMW_SMIN:
        return MIN(so, sv);
    case TCG_RMW_SMAX:
        return MAX(so, sv);
    case TCG_RMW_UMIN:
        return MIN(uo, uv);
    case TCG_RMW_UMAX:
        return MAX(uo, uv);
    }
    g_assert_not_reached();
}

/* Compare-and-exchange of aligned host memory in its own byte order; returns what was found. */
static uint64_t cas(void *p, uint64_t expected, uint64_t value, MemOp op)
{
    switch (op & MO_SIZE) {
    case MO_8:
        return qatomic_cmpxchg((uint8_t *)p, (uint8_t)expected, (uint8_t)value);
    case MO_16:
        return qatomic_cmpxchg((uint16_t *)p, (uint16_t)expected, (uint16_t)value);
    case MO_32:
        return qatomic_cmpxchg((uint32_t *)p, (uint32_t)expected, (uint32_t)value);
    default:
        return qatomic_cmpxchg((uint64_t *)p, expected, value);
    }
}

static uint64_t op_qemu_rmw(Interp *s, const InterpInsn *i)
{
    const MemOpIdx oi = interp_imm(i, 0);
    const MemOp op = get_memop(oi);
    const uint64_t va = in(s, i, 0) + (int64_t)interp_imm(i, 1), val = in(s, i, 1);
    void *p = tlb_find(s, va, get_mmuidx(oi), memop_size(op), true, s->layout->tlb_tag_write);

    if (likely(p)) {
        uint64_t found = load(p, op & ~MO_SIGN), seen;

        do {
            seen = found;
            found = cas(p, seen, rmw_result(seen, val, i->aux, op), op);
        } while (found != seen);
        *interp_slot(s, i->out) = extend(seen, op);
    } else {
        TCGRet r;

        slow_begin(s, i);
        r = s->layout->rmw_slow(s->base[INTERP_ENV], va, val, oi, i->aux);
        if (r.status) {
            return leave(s, i, r.status);
        }
        slow_end(s);
        *interp_slot(s, i->out) = r.value;
    }
    return INTERP_GO_ON;
}

static uint64_t op_qemu_cas(Interp *s, const InterpInsn *i)
{
    const MemOpIdx oi = interp_imm(i, 0);
    const MemOp op = get_memop(oi);
    const uint64_t va = in(s, i, 0) + (int64_t)interp_imm(i, 1);
    const uint64_t expected = in(s, i, 1), value = in(s, i, 2);
    void *p = tlb_find(s, va, get_mmuidx(oi), memop_size(op), true, s->layout->tlb_tag_write);

    if (likely(p)) {
        *interp_slot(s, i->out) = extend(cas(p, expected, value, op), op);
    } else {
        TCGRet r;

        slow_begin(s, i);
        r = s->layout->cas_slow(s->base[INTERP_ENV], va, expected, value, oi);
        if (r.status) {
            return leave(s, i, r.status);
        }
        slow_end(s);
        *interp_slot(s, i->out) = r.value;
    }
    return INTERP_GO_ON;
}

static uint64_t op_tlb_test(Interp *s, const InterpInsn *i)
{
    const MemOpIdx oi = interp_imm(i, 0);
    const uint64_t va = in(s, i, 0) + (int64_t)interp_imm(i, 1);
    const uint64_t last = va + i->aux - 1;
    const uint64_t page = UINT64_MAX << s->layout->page_bits;
    void *p = (va & page) == (last & page) ?
                  tlb_find(s, va & page, get_mmuidx(oi), 1, false,
                           get_memop(oi) & TCG_TLB_TEST_WRITE ? s->layout->tlb_tag_write :
                                                                s->layout->tlb_tag_read) :
                  NULL;

    *interp_slot(s, i->out) =
        p ? (uintptr_t)p + (va & ~page) - (uint64_t)(int64_t)interp_imm(i, 1) : 0;
    return INTERP_GO_ON;
}

static uint64_t op_ld_env(Interp *s, const InterpInsn *i)
{
    *interp_slot(s, i->out) = load(env_field(s, interp_imm(i, 0)), i->aux);
    return INTERP_GO_ON;
}

static uint64_t op_st_env(Interp *s, const InterpInsn *i)
{
    store(env_field(s, interp_imm(i, 0)), in(s, i, 0), i->aux);
    return INTERP_GO_ON;
}

static uint64_t op_ld_host(Interp *s, const InterpInsn *i)
{
    const uint8_t *p = (const uint8_t *)(uintptr_t)in(s, i, 0) + interp_imm(i, 0);

    *interp_slot(s, i->out) = load(p, interp_imm(i, 1));
    return INTERP_GO_ON;
}

static uint64_t op_st_host(Interp *s, const InterpInsn *i)
{
    store((uint8_t *)(uintptr_t)in(s, i, 0) + interp_imm(i, 0), in(s, i, 1), interp_imm(i, 1));
    return INTERP_GO_ON;
}

static uint64_t op_mb(Interp *s, const InterpInsn *i)
{
    smp_mb();
    return INTERP_GO_ON;
}

/* ---- control flow -------------------------------------------------------------------------- */

/* To the program at guest @pc if the jump cache has one; else @miss. */
static uint64_t go_to(Interp *s, uint64_t pc, uint64_t miss)
{
    const TCGLayout *l = s->layout;

    if (l->jc_bits) {
        const uint64_t *table = qatomic_read((uint64_t **)env_field(s, l->jc_table));
        const uint64_t *entry = table + (pc >> 1 & ((1u << l->jc_bits) - 1)) * 4;

        if (qatomic_read(&entry[0]) == pc &&
            qatomic_read(&entry[1]) == qatomic_read((uint64_t *)env_field(s, l->jc_key))) {
            enter(s, (const InterpProgram *)(uintptr_t)qatomic_load_acquire(&entry[2]));
            return INTERP_GO_ON;
        }
    }
    *(uint64_t *)env_field(s, l->pc) = pc;
    return miss;
}

static bool is_polled(const Interp *s)
{
    return unlikely(qatomic_read((int32_t *)env_field(s, s->layout->poll)));
}

static uint64_t op_goto_link(Interp *s, const InterpInsn *i)
{
    if ((interp_imm(i, 1) & TCG_LINK_POLLS) && is_polled(s)) {
        *(uint64_t *)env_field(s, s->layout->pc) = in(s, i, 0);
        return s->prog->cookie | interp_imm(i, 0);
    }
    if ((interp_imm(i, 1) & TCG_LINK_COUNTED) && s->layout->hot_bits) {
        uint32_t index = tcg_hot_index(s->layout, in(s, i, 0));
        int32_t *counter = (int32_t *)env_field(s, s->layout->hot_table) + index;

        if (--*counter < 0) {
            *(uint32_t *)env_field(s, s->layout->hot_hit) = index;
            *(uint64_t *)env_field(s, s->layout->pc) = in(s, i, 0);
            return TCG_EXIT_HOT;
        }
    }
    return go_to(s, in(s, i, 0), s->prog->cookie | interp_imm(i, 0));
}

static uint64_t op_goto_indirect(Interp *s, const InterpInsn *i)
{
    return go_to(s, in(s, i, 0), TCG_EXIT_LOOKUP);
}

static uint64_t op_exit(Interp *s, const InterpInsn *i)
{
    *(uint64_t *)env_field(s, s->layout->pc) = in(s, i, 0);
    return interp_imm(i, 0);
}

static uint64_t op_poll(Interp *s, const InterpInsn *i)
{
    return is_polled(s) ? leave(s, i, TCG_EXIT_POLL) : INTERP_GO_ON;
}

static uint64_t op_icount(Interp *s, const InterpInsn *i)
{
    int64_t *left = env_field(s, s->layout->icount);

    if (*left < interp_imm(i, 0)) {
        return leave(s, i, TCG_EXIT_ICOUNT);
    }
    *left -= interp_imm(i, 0);
    return INTERP_GO_ON;
}

static uint64_t op_icount_sync(Interp *s, const InterpInsn *i)
{
    return INTERP_GO_ON;
}

static uint64_t op_guard(Interp *s, const InterpInsn *i)
{
    if (interp_compare(in(s, i, 0), in(s, i, 1), interp_imm(i, 0), i->handler & 1)) {
        return INTERP_GO_ON;
    }
    return leave(s, i, TCG_EXIT_LOOKUP);
}

static uint64_t op_guard_page(Interp *s, const InterpInsn *i)
{
    const TCGLayout *l = s->layout;
    uint64_t mask = UINT64_MAX << l->page_bits;
    uint64_t page = (s->prog->pc & mask) + ((uint64_t)interp_imm(i, 0) << l->page_bits);
    const uint64_t *entry = env_field(s, tcg_fetch_entry(l, s->prog->mmu_idx, page));

    return entry[0] == page && (uint32_t)entry[1] == (uint32_t)interp_imm(i, 1) ?
               INTERP_GO_ON :
               leave(s, i, TCG_EXIT_LOOKUP);
}

static uint64_t op_br(Interp *s, const InterpInsn *i)
{
    s->next = s->prog->insns + interp_imm(i, 0);
    return INTERP_GO_ON;
}

static uint64_t op_brcond(Interp *s, const InterpInsn *i)
{
    if (interp_compare(in(s, i, 0), in(s, i, 1), i->aux, i->handler & 1)) {
        s->next = s->prog->insns + interp_imm(i, 0);
    }
    return INTERP_GO_ON;
}

static uint64_t op_nothing(Interp *s, const InterpInsn *i)
{
    return INTERP_GO_ON;
}

/* ---- calls --------------------------------------------------------------------------------- */

/*
 * The C calling conventions of our hosts pass every integer up to 64 bits alike in a register, and
 * leave its upper half open if the parameter is narrower: one function type per result and number
 * of parameters serves all signatures.
 */
typedef uint64_t W;
#define CALL_BY_ARITY(type, func, n, a)                                                            \
    ((n) == 0 ? ((type(*)(void))(func))() :                                                        \
     (n) == 1 ? ((type(*)(W))(func))((a)[0]) :                                                     \
     (n) == 2 ? ((type(*)(W, W))(func))((a)[0], (a)[1]) :                                          \
     (n) == 3 ? ((type(*)(W, W, W))(func))((a)[0], (a)[1], (a)[2]) :                               \
     (n) == 4 ? ((type(*)(W, W, W, W))(func))((a)[0], (a)[1], (a)[2], (a)[3]) :                    \
     (n) == 5 ? ((type(*)(W, W, W, W, W))(func))((a)[0], (a)[1], (a)[2], (a)[3], (a)[4]) :         \
                ((type(*)(W, W, W, W, W, W))(func))((a)[0], (a)[1], (a)[2], (a)[3], (a)[4],        \
                                                    (a)[5]))

static uint64_t op_call(Interp *s, const InterpInsn *i)
{
    const InterpCall *call = (const InterpCall *)((const uint8_t *)s->prog + s->prog->calls) +
                             i->aux;
    W args[TCG_MAX_INS];
    TCGRet r = {0, 0};
    unsigned n = 0, k = 0;

    for (; call->params[n]; n++) {
        if (call->params[n] == 'e') {
            args[n] = (uintptr_t)s->base[INTERP_ENV];
        } else {
            args[n] = in(s, i, k++);
            if (call->params[n] == 'i') {
                args[n] = (uint32_t)args[n];
            }
        }
    }
    if (call->returns_status) {
        r = CALL_BY_ARITY(TCGRet, call->func, n, args);
        if (r.status) {
            return leave(s, i, r.status);
        }
    } else if (call->ret == 'v') {
        CALL_BY_ARITY(void, call->func, n, args);
        return INTERP_GO_ON;
    } else {
        r.value = CALL_BY_ARITY(W, call->func, n, args);
    }
    if (call->ret != 'v') {
        *interp_slot(s, i->out) = call->ret == 'i' ? (uint32_t)r.value : r.value;
    }
    return INTERP_GO_ON;
}

static uint64_t op_fp(Interp *s, const InterpInsn *i)
{
    FloatStatus st = {.rm = *(uint8_t *)env_field(s, s->layout->fp_rm)};
    uint64_t operands[3] = {0};

    for (unsigned k = 0; k < tcg_op_defs[i->handler / 2].nin; k++) {
        operands[k] = in(s, i, k);
    }
    *interp_slot(s, i->out) =
        tcg_interp_fp(i->handler / 2, i->handler & 1, operands, interp_imm(i, 0), &st);
    *(uint8_t *)env_field(s, s->layout->fp_flags) |= st.fflags;
    return INTERP_GO_ON;
}

static uint64_t op_fflags_get(Interp *s, const InterpInsn *i)
{
    *interp_slot(s, i->out) = *(uint8_t *)env_field(s, s->layout->fp_flags);
    return INTERP_GO_ON;
}

static uint64_t op_fflags_set(Interp *s, const InterpInsn *i)
{
    *(uint8_t *)env_field(s, s->layout->fp_flags) = in(s, i, 0) & 0x1f;
    return INTERP_GO_ON;
}

/* ---- dispatch ------------------------------------------------------------------------------ */

/* Ops without an EVAL column. */
typedef uint64_t InterpFn(Interp *s, const InterpInsn *i);
static InterpFn *const handlers[TCG_NB_OPS] = {
    [TCG_OP_nop] = op_nothing,
    [TCG_OP_ld_env] = op_ld_env,
    [TCG_OP_st_env] = op_st_env,
    [TCG_OP_ld_host] = op_ld_host,
    [TCG_OP_st_host] = op_st_host,
    [TCG_OP_qemu_ld] = op_qemu_ld,
    [TCG_OP_qemu_st] = op_qemu_st,
    [TCG_OP_qemu_fld] = op_qemu_ld,
    [TCG_OP_qemu_fst] = op_qemu_st,
    /* each makes its own check here */
    [TCG_OP_qemu_ld_at] = op_qemu_ld,
    [TCG_OP_qemu_st_at] = op_qemu_st,
    [TCG_OP_qemu_fld_at] = op_qemu_ld,
    [TCG_OP_qemu_fst_at] = op_qemu_st,
    [TCG_OP_qemu_rmw] = op_qemu_rmw,
    [TCG_OP_qemu_cas] = op_qemu_cas,
    [TCG_OP_tlb_test] = op_tlb_test,
    [TCG_OP_mb] = op_mb,
    [TCG_OP_call] = op_call,
    [TCG_OP_insn_start] = op_nothing,
    [TCG_OP_br] = op_br,
    [TCG_OP_brcond] = op_brcond,
    [TCG_OP_poll] = op_poll,
    [TCG_OP_icount] = op_icount,
    [TCG_OP_icount_sync] = op_icount_sync,
    [TCG_OP_guard] = op_guard,
    [TCG_OP_guard_page] = op_guard_page,
    [TCG_OP_goto_link] = op_goto_link,
    [TCG_OP_goto_indirect] = op_goto_indirect,
    [TCG_OP_exit] = op_exit,
    [TCG_OP_fadd] = op_fp,
    [TCG_OP_fsub] = op_fp,
    [TCG_OP_fmul] = op_fp,
    [TCG_OP_fdiv] = op_fp,
    [TCG_OP_fsqrt] = op_fp,
    [TCG_OP_fma] = op_fp,
    [TCG_OP_fmin] = op_fp,
    [TCG_OP_fmax] = op_fp,
    [TCG_OP_fcmp] = op_fp,
    [TCG_OP_fcvt_i32] = op_fp,
    [TCG_OP_fcvt_i64] = op_fp,
    [TCG_OP_fcvt_fi32] = op_fp,
    [TCG_OP_fcvt_fi64] = op_fp,
    [TCG_OP_fcvt_f] = op_fp,
    [TCG_OP_fflags_get] = op_fflags_get,
    [TCG_OP_fflags_set] = op_fflags_set,
};

/* How an EVAL row's widths cut its operands and its result: as tcg_op_eval() does. */
#define CUT(v, width) ((width) == 32 ? (uint32_t)(v) : (v))
#define WIDE_I(v, width) CUT(v, width)
#define WIDE_C(v, width) (v)
#define WIDE_L(v, width) (v)
#define WIDE_F(v, width) (v)
#define WIDE_N(v, width) (v)

#define EVAL_CASE(opname, widths, eval, text, width)                                               \
    case TCG_OP_##opname * 2 + ((width) == 32): {                                                  \
        if (__builtin_strcmp(text, "TCG_NO_EVAL") == 0) {                                          \
            break;                                                                                 \
        }                                                                                          \
        const unsigned bits = (width);                                                             \
        const uint64_t a = CUT(in(s, i, 0), width), b = CUT(in(s, i, 1), width);                   \
        const uint64_t c = in(s, i, 2), d = in(s, i, 3);                                           \
        const int32_t i0 = interp_imm(i, 0), i1 = interp_imm(i, 1);                                \
        (void)bits, (void)a, (void)b, (void)c, (void)d, (void)i0, (void)i1;                        \
        *interp_slot(s, i->out) = WIDE_##widths(eval, width);                                      \
        return INTERP_GO_ON;                                                                       \
    }

static inline uint64_t step(Interp *s, const InterpInsn *i)
{
    switch (i->handler) {
#define OP(opname, outs, ins, immkinds, classes, widths, eff, eval)                                \
    EVAL_CASE(opname, widths, eval, #eval, 32)                                                     \
    EVAL_CASE(opname, widths, eval, #eval, 64)
#include "tcg/tcg-opc.def"
#undef OP
    default:
        break;
    }
    return handlers[i->handler / 2](s, i);
}

uint64_t interp_step(Interp *s, const InterpInsn *i)
{
    return step(s, i);
}

uint64_t tcg_interp(const TCGLayout *layout, const void *program, void *env)
{
    uint64_t frame[INTERP_MAX_SLOTS];
    Interp s = {
        .base = {[INTERP_ENV] = env, [INTERP_FRAME] = (uint8_t *)frame},
        .layout = layout,
    };
    uint64_t status;

    enter(&s, program);
    do {
        const InterpInsn *i = s.next++;

        status = step(&s, i);
    } while (likely(status == INTERP_GO_ON));
    return status;
}
