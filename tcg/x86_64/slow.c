/* SPDX-License-Identifier: MIT */
/*
 * What stubs ask for: slow memory accesses, and leaving with env made exact.
 *
 * Called by the thunk with every register of the generated code saved. The result is where the code
 * goes on; before that the thunk loads the registers back, so that a result is handed over by
 * writing the saved one.
 */
#include "qemu/osdep.h"

#include "emit.h"
#include "qemu/atomic.h"

static void *saved_env(const uint64_t *regs)
{
    return (uint8_t *)(uintptr_t)regs[RBP] - x86_prologue.layout->env_bias;
}

/*
 * Offsets of globals in env, by number: the same for all contexts in use at a time, so that
 * only the first stores. [atomic]
 */
static int32_t global_offsets[TCG_MAX_GLOBALS];

void x86_learn_globals(const TCGContext *c)
{
    for (unsigned g = 0; g < c->nglobals; g++) {
        if (qatomic_read(&global_offsets[g]) != c->temps[g].offset) {
            qatomic_set(&global_offsets[g], c->temps[g].offset);
        }
    }
}

static void set_insn_idx(void *env, uint32_t insn_idx)
{
    memcpy((uint8_t *)env + x86_prologue.layout->insn_idx, &insn_idx, sizeof(insn_idx));
}

/* Code is left, and goes on at what was @pc when it was translated. */
static void set_pc(uint8_t *env, const StubBase *base, uint64_t pc)
{
    const TCGLayout *l = x86_prologue.layout;

    if (base->pc & 1) {
        uint64_t page;

        memcpy(&page, env + l->code_page, 8);
        pc += page - (stub_base_pc(base) & UINT64_MAX << l->page_bits);
    }
    memcpy(env + l->pc, &pc, 8);
}

/* Build env from @map and leave with @status. */
static uintptr_t leave(uint64_t *regs, const StubBase *base, const StubData *data,
                       const uint8_t *map, uint64_t status)
{
    uint8_t *env = saved_env(regs);

    ra_map_restore(map, global_offsets, regs, env);
    set_pc(env, base, data->pc);
    set_insn_idx(env, data->insn_idx);
    regs[RDX] = status;
    return (uintptr_t)x86_prologue.epilogue_rdx;
}

uintptr_t x86_slow_path(uint64_t *regs, const uint8_t *p)
{
    const TCGLayout *l = x86_prologue.layout;
    void *env = saved_env(regs);
    StubData data;
    StubBase base;
    const uint8_t *map = x86_stub_unpack(p, &data, &base);
    TCGRet ret = {0};
    uint64_t va, val;

    if (data.kind == STUB_EXIT || data.kind == STUB_CALL) {
        return leave(regs, &base, &data, map, data.kind == STUB_EXIT ? data.extra : regs[RDX]);
    }
    if (data.kind == STUB_FP) {
        uint64_t desc = data.oi | (uint64_t)(uint32_t)data.disp << 16;

        regs[data.dst] = x86_fp_op(env, desc, regs[data.addr], regs[data.val], regs[data.val2]);
        return (uintptr_t)(p + data.resume);
    }
    va = regs[data.addr] + (uint64_t)(int64_t)data.disp;
    if (data.kind == STUB_ST && data.val == HOST_NO_REG) {
        int64_t imm;

        map = ra_get_signed(map, &imm);
        val = (uint64_t)imm;
    } else {
        val = data.kind == STUB_LD ? 0 : regs[data.val];
    }
    if (data.ends_haddrs) {
        map = x86_stub_end_haddrs(map, regs);
    }
    if (l->counts) {
        ra_map_restore(map, global_offsets, regs, env);
        memcpy((uint8_t *)env + l->icount, &regs[X86_COUNT_REG], 8);
        set_insn_idx(env, data.insn_idx);
    }
    switch (data.kind) {
    case STUB_LD:
        ret = l->ld_slow(env, va, data.oi);
        break;
    case STUB_ST:
        ret = l->st_slow(env, va, val, data.oi);
        break;
    case STUB_RMW:
        ret = l->rmw_slow(env, va, val, data.oi, data.extra);
        break;
    default:
        ret = l->cas_slow(env, va, val, regs[data.val2], data.oi);
        break;
    }
    if (ret.status) {
        return leave(regs, &base, &data, map, ret.status);
    }
    if (l->counts) {
        set_insn_idx(env, 0);
    }
    if (data.dst != HOST_NO_REG) {
        bool box = is_xmm(data.dst) && (get_memop(data.oi) & MO_SIZE) == MO_32;

        regs[data.dst] = box ? ret.value | UINT64_MAX << 32 : ret.value;
    }
    return (uintptr_t)(p + data.resume);
}

uint32_t tcg_host_fp_begin(void)
{
    uint32_t mxcsr = __builtin_ia32_stmxcsr();

    __builtin_ia32_ldmxcsr(MXCSR_DEFAULT);
    return mxcsr;
}

void tcg_host_fp_end(uint32_t saved)
{
    __builtin_ia32_ldmxcsr(saved);
}

uint64_t x86_link_exit(uint8_t *host_base, const uint8_t *p)
{
    const TCGLayout *l = x86_prologue.layout;
    uint8_t *env = host_base - l->env_bias;
    StubData data;
    StubBase base;

    x86_stub_unpack(p, &data, &base);
    set_pc(env, &base, data.pc);
    if (data.kind == STUB_LEAVE && data.extra == TCG_EXIT_HOT) {
        uint32_t counter = tcg_hot_index(l, data.pc);

        memcpy(env + l->hot_hit, &counter, sizeof(counter));
    }
    return data.kind == STUB_LINK ? base.cookie | data.extra : data.extra;
}

uint64_t x86_fp_op(void *env, uint64_t desc, uint64_t a, uint64_t b, uint64_t c)
{
    const TCGLayout *l = x86_prologue.layout;
    unsigned opc = desc & 0xff;
    TCGType type = (TCGType)(desc >> 8 & 0xff);
    int32_t imm = (int32_t)(desc >> 16);
    const uint64_t in[4] = {a, b, c, 0};
    uint8_t *flags = (uint8_t *)env + l->fp_flags;
    FloatStatus st;
    uint64_t result;

    if (tcg_op_defs[opc].has_eval) {
        return tcg_op_eval(opc, type == TCG_F32 || type == TCG_I32 ? 32 : 64, in, imm, 0);
    }
    st = (FloatStatus){.rm = *((uint8_t *)env + l->fp_rm), .fflags = *flags};
    result = tcg_interp_fp(opc, type == TCG_F32, in, imm, &st);
    *flags = st.fflags;
    return result;
}
