/* SPDX-License-Identifier: MIT */
/* See hart.h. */
#include "qemu/osdep.h"

#include "hart.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "qemu/jitmem.h"
#include "target/riscv/csr.h"
#include "target/riscv/helper.h"

#define MEMORY_START (HART_MEMORY - HART_MEMORY_SIZE / 2)
#define CODE_MEMORY (16 * 1024 * 1024)
#define BLOCK_COOKIE UINT64_C(0x1000)
#define MAX_BLOCKS 1000

/* ---- memory ---------------------------------------------------------------------------------- */

static TestHart *hart_of(CPURISCVState *env)
{
    return container_of(env, TestHart, env);
}

static uint8_t *memory_at(TestHart *hart, uint64_t va, unsigned size)
{
    if (va < MEMORY_START || va - MEMORY_START > HART_MEMORY_SIZE - size) {
        return NULL;
    }
    return hart->memory + (va - MEMORY_START);
}

uint64_t hart_load(const TestHart *hart, uint64_t va, unsigned size)
{
    return ldn_le_p(memory_at((TestHart *)hart, va, size), size);
}

void hart_store(TestHart *hart, uint64_t va, unsigned size, uint64_t value)
{
    stn_le_p(memory_at(hart, va, size), size, value);
}

static uint64_t extend(uint64_t value, MemOp op)
{
    unsigned bits = 8 * memop_size(op);

    return op & MO_SIGN ? (uint64_t)sextract64(value, 0, bits) : extract64(value, 0, bits);
}

/* Memory behind @va, or an exception in @result. */
static uint8_t *slow_path(void *env, uint64_t va, MemOpIdx oi, bool is_store, TCGRet *result)
{
    unsigned size = memop_size(get_memop(oi));
    uint8_t *memory = memory_at(hart_of(env), va, size);
    int misaligned = is_store ? RISCV_EXCP_STORE_ADDR_MIS : RISCV_EXCP_LOAD_ADDR_MIS;
    int fault = is_store ? RISCV_EXCP_STORE_ACCESS_FAULT : RISCV_EXCP_LOAD_ACCESS_FAULT;

    *result = (TCGRet){0};
    if ((get_memop(oi) & MO_ALIGN) && va % size != 0) {
        *result = riscv_trap(env, misaligned, va);
        return NULL;
    }
    if (!memory) {
        *result = riscv_trap(env, fault, va);
    }
    return memory;
}

static TCGRet ld_slow(void *env, uint64_t va, MemOpIdx oi)
{
    TCGRet result;
    uint8_t *memory = slow_path(env, va, oi, false, &result);

    if (memory) {
        result.value = extend(ldn_le_p(memory, memop_size(get_memop(oi))), get_memop(oi));
    }
    return result;
}

static TCGRet st_slow(void *env, uint64_t va, uint64_t value, MemOpIdx oi)
{
    TCGRet result;
    uint8_t *memory = slow_path(env, va, oi, true, &result);

    if (memory) {
        stn_le_p(memory, memop_size(get_memop(oi)), value);
    }
    return result;
}

static uint64_t rmw_result(uint64_t old, uint64_t value, uint32_t op, MemOp memop)
{
    int64_t sold = extend(old, memop | MO_SIGN), svalue = extend(value, memop | MO_SIGN);
    uint64_t uold = extend(old, memop & ~MO_SIGN), uvalue = extend(value, memop & ~MO_SIGN);

    switch ((TCGRmwOp)op) {
    case TCG_RMW_XCHG:
        return value;
    case TCG_RMW_ADD:
        return old + value;
    case TCG_RMW_AND:
        return old & value;
    case TCG_RMW_OR:
        return old | value;
    case TCG_RMW_XOR:
        return old ^ value;
    case TCG_RMW_SMIN:
        return sold < svalue ? sold : svalue;
    case TCG_RMW_SMAX:
        return sold > svalue ? sold : svalue;
    case TCG_RMW_UMIN:
        return uold < uvalue ? uold : uvalue;
    case TCG_RMW_UMAX:
        return uold > uvalue ? uold : uvalue;
    }
    g_assert_not_reached();
}

static TCGRet rmw_slow(void *env, uint64_t va, uint64_t value, MemOpIdx oi, uint32_t op)
{
    MemOp memop = get_memop(oi);
    TCGRet result;
    uint8_t *memory = slow_path(env, va, oi, true, &result);

    if (memory) {
        result.value = extend(ldn_le_p(memory, memop_size(memop)), memop);
        stn_le_p(memory, memop_size(memop), rmw_result(result.value, value, op, memop));
    }
    return result;
}

static TCGRet cas_slow(void *env, uint64_t va, uint64_t expected, uint64_t value, MemOpIdx oi)
{
    MemOp memop = get_memop(oi);
    TCGRet result;
    uint8_t *memory = slow_path(env, va, oi, true, &result);

    if (memory) {
        result.value = extend(ldn_le_p(memory, memop_size(memop)), memop);
        if (result.value == extend(expected, memop)) {
            stn_le_p(memory, memop_size(memop), value);
        }
    }
    return result;
}

/* ---- helpers of other files, replaced -------------------------------------------------------- */

void riscv_raise_exception(CPURISCVState *env, uint64_t cause, uint64_t tval)
{
    env->excp_cause = cause;
    env->excp_tval = tval;
}

TCGRet helper_raise_exception(CPURISCVState *env, uint64_t cause, uint64_t tval)
{
    return riscv_trap(env, cause, tval);
}

TCGRet helper_csrrw(CPURISCVState *env, uint32_t csr, uint64_t value, uint64_t mask, uint32_t write)
{
    TestHart *hart = hart_of(env);
    uint64_t old = hart->csr[csr];

    if (write) {
        hart->csr[csr] = (old & ~mask) | (value & mask);
        if (extract64(env->tcg.tb_flags, TB_FLAGS_XL_SHIFT, 2) == 1) {
            hart->csr[csr] = (uint32_t)hart->csr[csr];
        }
        hart->csr_written[csr] = true;
    }
    return (TCGRet){.value = old};
}

TCGRet helper_csrr(CPURISCVState *env, uint32_t csr)
{
    return (TCGRet){.value = hart_of(env)->csr[csr]};
}

TCGRet helper_csrrw_fp(CPURISCVState *env, uint32_t csr, uint64_t value, uint64_t mask,
                       uint32_t write)
{
    return helper_csrrw(env, csr, value, mask, write);
}

TCGRet helper_csrr_fp(CPURISCVState *env, uint32_t csr)
{
    return helper_csrr(env, csr);
}

/* mscratch is the plain one here. */
bool csr_plain_field(const CPURISCVState *env, unsigned csr, int32_t *offset)
{
    *offset = offsetof(CPURISCVState, mscratch);
    return csr == HART_PLAIN_CSR && extract64(env->tcg.tb_flags, TB_FLAGS_XL_SHIFT, 2) != 1;
}

static TCGRet note(CPURISCVState *env, RISCVHelper helper, uint64_t value)
{
    hart_of(env)->last_helper = helper;
    return (TCGRet){.value = value};
}

TCGRet helper_mret(CPURISCVState *env)
{
    return note(env, HELPER_mret, env->mepc);
}

TCGRet helper_sret(CPURISCVState *env)
{
    return note(env, HELPER_sret, env->sepc);
}

TCGRet helper_wfi(CPURISCVState *env)
{
    return note(env, HELPER_wfi, hart_of(env)->wfi_halts);
}

TCGRet helper_sfence_vma(CPURISCVState *env, uint64_t va, uint64_t asid, uint32_t given)
{
    return note(env, HELPER_sfence_vma, 0);
}

void helper_fence_i(CPURISCVState *env)
{
    note(env, HELPER_fence_i, 0);
}

TCGRet helper_cbo_zero(CPURISCVState *env, uint64_t va)
{
    return note(env, HELPER_cbo_zero, 0);
}

TCGRet helper_cbo_check(CPURISCVState *env, uint64_t va)
{
    return note(env, HELPER_cbo_check, 0);
}

void helper_fs_dirty(CPURISCVState *env)
{
    note(env, HELPER_fs_dirty, 0);
    hart_set_flags(hart_of(env), TB_FLAGS_FS_SHIFT, 2, 3);
}

/* ---- the hart -------------------------------------------------------------------------------- */

void hart_init(TestHart *hart, unsigned xlen)
{
    memset(hart, 0, sizeof(*hart));
#define MISA(letter, rv64, description) hart->cfg.ext_##letter = true;
#define EXT(name, rv64, listed) hart->cfg.ext_##name = true;
#include "target/riscv/ext.def"
#undef MISA
#undef EXT
    hart->cpu.env_ptr = &hart->env;
    hart->env.cfg = &hart->cfg;
    hart->env.tcg.cpu = &hart->cpu;
    hart->env.reservation_addr = RISCV_NO_RESERVATION;
    hart->last_helper = NB_RISCV_HELPERS;
    for (unsigned i = 0; i < NB_MMU_MODES; i++) {
        hart->env.tcg.tlb_table[i] = hart->tlb;
    }
    hart->env.tcg.jc_table = hart->jump_cache;
    hart_set_flags(hart, TB_FLAGS_PRIV_SHIFT, 2, PRV_M);
    hart_set_flags(hart, TB_FLAGS_XL_SHIFT, 2, xlen == 32 ? 1 : 2);
    hart_set_flags(hart, TB_FLAGS_MEM_SHIFT, 3, MMU_IDX_M);
    hart_set_flags(hart, TB_FLAGS_FS_SHIFT, 2, 3);
}

void hart_extension_off(TestHart *hart, const char *name)
{
#define SWITCH_OFF(extension)                                                                      \
    if (!strcmp(name, #extension)) {                                                               \
        hart->cfg.ext_##extension = false;                                                         \
        return;                                                                                    \
    }
#define MISA(letter, rv64, description) SWITCH_OFF(letter)
#define EXT(ext, rv64, listed) SWITCH_OFF(ext)
#include "target/riscv/ext.def"
#undef MISA
#undef EXT
    g_assert_not_reached();
}

void hart_set_flags(TestHart *hart, unsigned shift, unsigned len, uint64_t value)
{
    hart->env.tcg.tb_flags = deposit64(hart->env.tcg.tb_flags, shift, len, value);
}

static void tlb_fill(TestHart *hart, bool use)
{
    for (unsigned i = 0; i < CPU_TLB_ENTRIES; i++) {
        hart->tlb[i] = (CPUTLBEntry){.tag_read = -1, .tag_write = -1};
    }
    for (uint64_t page = MEMORY_START; use && page < MEMORY_START + HART_MEMORY_SIZE;
         page += TARGET_PAGE_SIZE) {
        hart->tlb[(page >> TARGET_PAGE_BITS) & (CPU_TLB_ENTRIES - 1)] = (CPUTLBEntry){
            .tag_read = page,
            .tag_write = page,
            .addend = (uintptr_t)hart->memory - MEMORY_START,
        };
    }
}

/* ---- running --------------------------------------------------------------------------------- */

#define ENV(field) ((int32_t)offsetof(CPURISCVState, field))

static const TCGLayout layout = {
    .pc = ENV(tcg.pc),
    .poll = ENV(tcg.jump.poll),
    .insn_idx = ENV(tcg.insn_idx),
    .tlb_table = ENV(tcg.tlb_table),
    .tlb_table_stride = sizeof(void *),
    .tlb_bits = CPU_TLB_BITS,
    .tlb_entry_bits = CPU_TLB_ENTRY_BITS,
    .page_bits = TARGET_PAGE_BITS,
    .tlb_tag_read = offsetof(CPUTLBEntry, tag_read),
    .tlb_tag_write = offsetof(CPUTLBEntry, tag_write),
    .tlb_addend = offsetof(CPUTLBEntry, addend),
    .fetch_tlb = ENV(tcg.fetch_tlb),
    .fetch_tlb_bits = CPU_FETCH_TLB_BITS,
    .jc_table = ENV(tcg.jc_table),
    .jc_key = ENV(tcg.jump),
    .jc_bits = HART_JC_BITS,
    .fp_rm = ENV(frm),
    .fp_flags = ENV(fflags),
    .ld_slow = ld_slow,
    .st_slow = st_slow,
    .rmw_slow = rmw_slow,
    .cas_slow = cas_slow,
    .helpers = riscv_helpers,
};

/* Compiler and code memory, made once. */
typedef struct Engine {
    TCGContext *tcg;
    JitMem *memory;
    TCGCodeBuf code;
    TCGPrologue *prologue;
} Engine;

static Engine *engine(void)
{
    static Engine the;
    g_autoptr(GError) error = NULL;

    if (!the.tcg) {
        the.tcg = tcg_context_new(&layout);
        riscv_init_context(the.tcg);
        the.memory = jitmem_create(CODE_MEMORY, JITMEM_SPLIT_AUTO, &error);
        g_assert_no_error(error);
        the.code.ptr = the.memory->rw;
        the.code.end = the.memory->rw + the.memory->size;
        the.code.rx_delta = the.memory->diff;
        if (tcg_host_available()) {
            the.prologue = tcg_prologue_gen(&layout, &the.code);
        }
    }
    return &the;
}

const HartMode *hart_modes(void)
{
    enum {
        NUM_JIT = 3 /* which come first */
    };
    static const HartMode modes[] = {
        {"jit-none", true, TCG_OPT_NONE, false, true},
        {"jit-quick", true, TCG_OPT_QUICK, false, true},
        {"jit-full", true, TCG_OPT_FULL, false, false},
        {"interp-none", false, TCG_OPT_NONE, false, false},
        {"interp-quick", false, TCG_OPT_QUICK, false, false},
        {"interp-full", false, TCG_OPT_FULL, false, true},
        {"direct", false, TCG_OPT_QUICK, true, false},
        {"direct-tlb", false, TCG_OPT_QUICK, true, true},
        {0},
    };

    return tcg_host_available() ? modes : modes + NUM_JIT;
}

/* Jumps end a block. */
void translator_goto(DisasContextBase *db, uint64_t pc)
{
    tcg_goto_link(db->tcg, db->next_slot++, TCG_LINK_SAME_PAGE, pc);
}

void translator_branch(DisasContextBase *db, TCGType type, TCGCond cond, TCGv a, TCGv b,
                       uint64_t taken, uint64_t next)
{
    TCGLabel label = tcg_label_new(db->tcg);

    tcg_brcond(db->tcg, type, cond, a, b, label);
    translator_goto(db, next);
    tcg_place(db->tcg, label);
    translator_goto(db, taken);
}

void translator_call(DisasContextBase *db, uint64_t next)
{
}

void translator_return(DisasContextBase *db, TCGType type, TCGv link)
{
}

/* Instructions are not counted here. */
void translator_io_begin(DisasContextBase *db)
{
}

bool translator_io_end(DisasContextBase *db)
{
    return false;
}

/* For one block at env.pc. */
static DisasContext block_context(TestHart *hart, TCGContext *c, const uint8_t *code, unsigned len,
                                  unsigned max_insns)
{
    uint64_t pc = hart->env.tcg.pc;

    return (DisasContext){
        .base =
            {
                .tcg = c,
                .cpu = &hart->cpu,
                .pc_first = pc,
                .tb_flags = hart->env.tcg.tb_flags,
                .pc_next = pc,
                .max_insns = max_insns,
                .code = code + (pc - HART_CODE),
                .code_pc = pc,
                .code_len = len - (pc - HART_CODE),
            },
    };
}

/* Translate one block at env.pc as accel/tcg's loop does. */
static void block_build(TestHart *hart, TCGContext *c, const uint8_t *code, unsigned len,
                        unsigned max_insns)
{
    uint64_t pc = hart->env.tcg.pc;
    TranslatorEnd end = TRANSLATE_NEXT;
    DisasContext ctx = block_context(hart, c, code, len, max_insns);

    tcg_begin(c, BLOCK_COOKIE, pc, MMU_IDX_M);
    riscv_translate_init(&ctx.base);
    while (end == TRANSLATE_NEXT && ctx.base.num_insns < max_insns &&
           ctx.base.pc_next - pc < ctx.base.code_len) {
        tcg_insn_start(c, ctx.base.pc_next, ctx.base.num_insns);
        end = riscv_translate_insn(&ctx.base);
        ctx.base.num_insns++;
    }
    if (end != TRANSLATE_END) {
        tcg_exit(c, TCG_EXIT_LOOKUP, tcg_const(c, ctx.base.pc_next));
    }
}

/* The same, carried out at once, as accel/tcg/direct.c does. */
static uint64_t block_direct(TestHart *hart, TCGContext *c, const uint8_t *code, unsigned len,
                             unsigned max_insns)
{
    uint64_t pc = hart->env.tcg.pc, status;
    DisasContext ctx = block_context(hart, c, code, len, max_insns);
    TranslatorEnd end;
    bool left;

    tcg_direct_begin(c, &hart->env);
    riscv_translate_init(&ctx.base);
    do {
        tcg_direct_insn(c, ctx.base.pc_next, ctx.base.num_insns);
        end = riscv_translate_insn(&ctx.base);
        left = tcg_direct_has_left(c, &status);
        ctx.base.num_insns++;
    } while (!left && end == TRANSLATE_NEXT && ctx.base.num_insns < max_insns &&
             ctx.base.pc_next - pc < ctx.base.code_len);
    tcg_direct_end(c);
    if (!left) {
        hart->env.tcg.pc = ctx.base.pc_next;
        status = TCG_EXIT_LOOKUP;
    }
    return status;
}

static uint64_t block_run(TestHart *hart, const HartMode *mode, const uint8_t *code, unsigned len,
                          unsigned max_insns)
{
    Engine *e = engine();
    TCGCodeBuf buf = e->code;
    TCGCode out = {0};

    if (mode->direct) {
        hart->blocks++;
        return block_direct(hart, e->tcg, code, len, max_insns);
    }
    tcg_set_opt(e->tcg, mode->level);
    block_build(hart, e->tcg, code, len, max_insns);
    g_assert_cmpint(tcg_compile(e->tcg, mode->level, !mode->jit, &buf, &out), ==, TCG_OK);
    hart->blocks++;
    if (mode->jit) {
        return tcg_exec(e->prologue, out.entry, &hart->env);
    }
    return tcg_interp(&layout, out.entry, &hart->env);
}

TCGExit hart_run(TestHart *hart, const HartMode *mode, const void *code, unsigned len,
                 unsigned max_insns)
{
    uint64_t status;

    hart->env.tcg.pc = HART_CODE;
    hart->blocks = 0;
    tlb_fill(hart, mode->use_tlb);
    do {
        g_assert_cmpuint(hart->blocks, <, MAX_BLOCKS);
        status = block_run(hart, mode, code, len, max_insns);
        if (status >= TCG_EXIT_LINK_MIN) {
            g_assert_cmphex(status & ~UINT64_C(15), ==, BLOCK_COOKIE);
            status = TCG_EXIT_LOOKUP;
        }
    } while (status == TCG_EXIT_LOOKUP && hart->env.tcg.pc >= HART_CODE &&
             hart->env.tcg.pc < HART_CODE + len);
    return (TCGExit)status;
}
