/* SPDX-License-Identifier: MIT */
/*
 * Traps: exceptions and interrupts into M and S mode, and the instructions that return, wait and
 * fence.
 *
 * Specification: Privileged ISA 20240411, "Machine Cause (mcause) Register", "Machine Trap
 * Delegation", "Privilege and Global Interrupt-Enable Stack in mstatus register", "Trap-Return
 * Instructions", "Wait for Interrupt".
 * Threads: the hart's own, but for the interrupt lines (mip_lines), which any thread changes.
 * Tests: tests/unit/target/riscv/test-trap.c; OpenSBI and Linux.
 */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "qemu/log.h"
#include "system/memory.h"
#include "target/riscv/cpu-internal.h"
#include "target/riscv/helper.h"

/* ---- interrupt lines ------------------------------------------------------------------------- */

uint64_t riscv_cpu_mip(CPURISCVState *env)
{
    return qatomic_read(&env->mip_lines) | qatomic_read(&env->mip_sw);
}

void riscv_cpu_set_mip_lines(CPURISCVState *env, uint64_t mask, bool level)
{
    if (level) {
        qatomic_or(&env->mip_lines, mask);
        cpu_wake(env_cpu_state(env));
    } else {
        qatomic_and(&env->mip_lines, ~mask);
    }
}

void riscv_cpu_raise_ssip(CPURISCVState *env)
{
    qatomic_or(&env->mip_sw, MIP_SSIP);
    cpu_wake(env_cpu_state(env));
}

void riscv_cpu_check_interrupts(CPURISCVState *env)
{
    if (riscv_cpu_mip(env) & env->mie) {
        qatomic_set(&env->tcg.jump.poll, 1);
    }
}

bool riscv_cpu_has_work(CPUState *cpu)
{
    CPURISCVState *env = cpu->env_ptr;

    return (riscv_cpu_mip(env) & qatomic_read(&env->mie)) != 0;
}

/* ---- taking a trap --------------------------------------------------------------------------- */

static const char *const exception_names[] = {
    [RISCV_EXCP_INST_ADDR_MIS] = "misaligned_fetch",
    [RISCV_EXCP_INST_ACCESS_FAULT] = "fault_fetch",
    [RISCV_EXCP_ILLEGAL_INST] = "illegal_instruction",
    [RISCV_EXCP_BREAKPOINT] = "breakpoint",
    [RISCV_EXCP_LOAD_ADDR_MIS] = "misaligned_load",
    [RISCV_EXCP_LOAD_ACCESS_FAULT] = "fault_load",
    [RISCV_EXCP_STORE_ADDR_MIS] = "misaligned_store",
    [RISCV_EXCP_STORE_ACCESS_FAULT] = "fault_store",
    [RISCV_EXCP_U_ECALL] = "user_ecall",
    [RISCV_EXCP_S_ECALL] = "supervisor_ecall",
    [RISCV_EXCP_M_ECALL] = "machine_ecall",
    [RISCV_EXCP_INST_PAGE_FAULT] = "exec_page_fault",
    [RISCV_EXCP_LOAD_PAGE_FAULT] = "load_page_fault",
    [RISCV_EXCP_STORE_PAGE_FAULT] = "store_page_fault",
};

static const char *const interrupt_names[] = {
    [IRQ_S_SOFT] = "s_software", [IRQ_M_SOFT] = "m_software", [IRQ_S_TIMER] = "s_timer",
    [IRQ_M_TIMER] = "m_timer",   [IRQ_S_EXT] = "s_external",  [IRQ_M_EXT] = "m_external",
};

const char *riscv_trap_name(uint64_t cause, bool is_interrupt)
{
    const char *name = NULL;

    if (is_interrupt && cause < G_N_ELEMENTS(interrupt_names)) {
        name = interrupt_names[cause];
    } else if (!is_interrupt && cause < G_N_ELEMENTS(exception_names)) {
        name = exception_names[cause];
    }
    return name ? name : "(unknown)";
}

/* Where a trap of @cause goes: BASE, or BASE + 4 * cause for interrupts in vectored mode. */
static uint64_t trap_vector(uint64_t tvec, uint64_t cause, bool is_interrupt)
{
    uint64_t base = tvec & ~UINT64_C(3);

    return is_interrupt && (tvec & 3) == 1 ? base + 4 * cause : base;
}

/*
 * Enter S mode. Privileged ISA, "Supervisor Trap Vector Base Address (stvec) Register" and
 * following.
 */
static void trap_to_s(CPURISCVState *env, uint64_t cause, uint64_t tval, bool is_interrupt)
{
    uint64_t s = env->mstatus;

    s = deposit64(s, 5, 1, extract64(s, 1, 1)); /* SPIE = SIE */
    s = deposit64(s, 8, 1, env->priv == PRV_S); /* SPP */
    env->mstatus = s & ~MSTATUS_SIE;
    env->scause = cause | (is_interrupt ? MCAUSE_INTERRUPT(env->mxl == 1 ? 32 : 64) : 0);
    env->sepc = env->tcg.pc;
    env->stval = tval;
    env->priv = PRV_S;
    env->tcg.pc = trap_vector(env->stvec, cause, is_interrupt);
}

static void trap_to_m(CPURISCVState *env, uint64_t cause, uint64_t tval, bool is_interrupt)
{
    uint64_t s = env->mstatus;

    s = deposit64(s, 7, 1, extract64(s, 3, 1)); /* MPIE = MIE */
    s = deposit64(s, MSTATUS_MPP_SHIFT, 2, env->priv);
    env->mstatus = s & ~MSTATUS_MIE;
    env->mcause = cause | (is_interrupt ? MCAUSE_INTERRUPT(env->mxl == 1 ? 32 : 64) : 0);
    env->mepc = env->tcg.pc;
    env->mtval = tval;
    env->priv = PRV_M;
    env->tcg.pc = trap_vector(env->mtvec, cause, is_interrupt);
}

static void trap_take(CPURISCVState *env, uint64_t cause, uint64_t tval, bool is_interrupt)
{
    uint64_t deleg = is_interrupt ? env->mideleg : env->medeleg;

    qemu_log_mask(CPU_LOG_INT,
                  "riscv_cpu_do_interrupt: hart:%" PRIu64 ", async:%d, cause:%016" PRIx64
                  ", epc:0x%" PRIx64 ", tval:0x%016" PRIx64 ", desc=%s\n",
                  env->mhartid, is_interrupt, cause, env->tcg.pc, tval,
                  riscv_trap_name(cause, is_interrupt));
    env->reservation_addr = RISCV_NO_RESERVATION;
    if (env->priv != PRV_M && (deleg >> cause & 1)) {
        trap_to_s(env, cause, tval, is_interrupt);
    } else {
        trap_to_m(env, cause, tval, is_interrupt);
    }
    if (env->mxl == 1) {
        env->tcg.pc = (uint32_t)env->tcg.pc;
    }
    riscv_cpu_update_flags(env);
}

void riscv_raise_exception(CPURISCVState *env, uint64_t cause, uint64_t tval)
{
    env->excp_cause = cause;
    env->excp_tval = tval;
}

TCGRet riscv_trap_illegal(CPURISCVState *env)
{
    TCGRet ret = riscv_trap(env, RISCV_EXCP_ILLEGAL_INST, 0);

    env->excp_tval_is_insn = true;
    return ret;
}

/* Two bytes of code at @pc, which have been fetched before. */
static bool fetch_parcel(CPURISCVState *env, vaddr pc, uint8_t *buf)
{
    CPUState *cpu = env_cpu_state(env);
    hwaddr page = riscv_cpu_get_code_page_debug(cpu, pc);

    return page != HWADDR_MAX &&
           address_space_read(cpu->as, page | (pc & ~TARGET_PAGE_MASK), (MemTxAttrs){.is_fetch = 1},
                              buf, 2) == MEMTX_OK;
}

/* The instruction at pc: "Machine Trap Value (mtval) Register". */
static uint64_t fetch_insn(CPURISCVState *env)
{
    uint8_t buf[4] = {0};

    if (!fetch_parcel(env, env->tcg.pc, buf) ||
        ((buf[0] & 3) == 3 && !fetch_parcel(env, env->tcg.pc + 2, buf + 2))) {
        return 0;
    }
    return ldl_le_p(buf);
}

void riscv_cpu_do_exception(CPUState *cpu)
{
    CPURISCVState *env = cpu->env_ptr;

    if (env->excp_cause == RISCV_EXCP_BREAKPOINT && riscv_semihosting_call(env)) {
        return;
    }
    if (env->excp_tval_is_insn) {
        env->excp_tval = fetch_insn(env);
        env->excp_tval_is_insn = false;
    }
    trap_take(env, env->excp_cause, env->excp_tval, false);
}

/* Highest priority first: "Machine Interrupt (mip and mie) Registers". */
static const uint8_t interrupt_order[] = {IRQ_M_EXT, IRQ_M_SOFT, IRQ_M_TIMER,
                                          IRQ_S_EXT, IRQ_S_SOFT, IRQ_S_TIMER};

bool riscv_cpu_exec_interrupt(CPUState *cpu)
{
    CPURISCVState *env = cpu->env_ptr;
    uint64_t pending = riscv_cpu_mip(env) & env->mie;
    uint64_t m_enabled = env->priv < PRV_M || (env->mstatus & MSTATUS_MIE) ? ~env->mideleg : 0;
    bool s_on = env->priv < PRV_S || (env->priv == PRV_S && (env->mstatus & MSTATUS_SIE));
    uint64_t s_enabled = s_on ? env->mideleg : 0;
    uint64_t take = pending & m_enabled;

    /* what goes to M mode comes before all that is delegated */
    if (!take) {
        take = pending & s_enabled;
    }
    if (!take) {
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(interrupt_order); i++) {
        if (take >> interrupt_order[i] & 1) {
            trap_take(env, interrupt_order[i], 0, true);
            return true;
        }
    }
    return false;
}

/* ---- helpers --------------------------------------------------------------------------------- */

TCGRet helper_raise_exception(CPURISCVState *env, uint64_t cause, uint64_t tval)
{
    return riscv_trap(env, cause, tval);
}

TCGRet helper_mret(CPURISCVState *env)
{
    uint64_t s = env->mstatus;
    uint8_t prev = extract64(s, MSTATUS_MPP_SHIFT, 2);

    s = deposit64(s, 3, 1, extract64(s, 7, 1)) | MSTATUS_MPIE;
    s = deposit64(s, MSTATUS_MPP_SHIFT, 2, env->cfg->ext_u ? PRV_U : PRV_M);
    if (prev != PRV_M) {
        s &= ~MSTATUS_MPRV;
    }
    env->mstatus = s;
    env->priv = prev;
    env->reservation_addr = RISCV_NO_RESERVATION;
    riscv_cpu_update_flags(env);
    riscv_cpu_check_interrupts(env);
    return (TCGRet){.value = env->mepc & riscv_pc_mask(env)};
}

TCGRet helper_sret(CPURISCVState *env)
{
    uint64_t s = env->mstatus;
    uint8_t prev = extract64(s, 8, 1) ? PRV_S : PRV_U;

    s = deposit64(s, 1, 1, extract64(s, 5, 1)) | MSTATUS_SPIE;
    s &= ~(MSTATUS_SPP | MSTATUS_MPRV);
    env->mstatus = s;
    env->priv = prev;
    env->reservation_addr = RISCV_NO_RESERVATION;
    riscv_cpu_update_flags(env);
    riscv_cpu_check_interrupts(env);
    return (TCGRet){.value = env->sepc & riscv_pc_mask(env)};
}

TCGRet helper_wfi(CPURISCVState *env)
{
    bool illegal = (env->priv == PRV_U && env->cfg->ext_s) ||
                   (env->priv != PRV_M && (env->mstatus & MSTATUS_TW));

    if (illegal) {
        return riscv_trap_illegal(env);
    }
    return (TCGRet){.value = !riscv_cpu_has_work(env_cpu_state(env))};
}

TCGRet helper_sfence_vma(CPURISCVState *env, uint64_t va, uint64_t asid, uint32_t given)
{
    env->reservation_addr = RISCV_NO_RESERVATION;
    riscv_mmu_fence(env, given & 1 ? &va : NULL, given & 2 ? &asid : NULL);
    return (TCGRet){0};
}

void helper_fence_i(CPURISCVState *env)
{
    tb_fence_i(env_cpu_state(env));
}

void helper_fs_dirty(CPURISCVState *env)
{
    env->mstatus |= MSTATUS_FS;
    riscv_cpu_update_flags(env);
}
