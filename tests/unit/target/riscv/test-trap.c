/* SPDX-License-Identifier: MIT */
/* target/riscv/trap.c: where traps go, what they save, order of interrupts, returns, wfi. */
#include "qemu/osdep.h"

#include "riscv-test.h"
#include "target/riscv/helper.h"

#define HANDLER (TEST_RAM + 0x100)
#define CODE (TEST_RAM + 0x1000)

static CPURISCVState *hart, *m_only;

static void start(CPURISCVState *env, uint8_t priv)
{
    riscv_test_reset(env);
    env->mtvec = HANDLER;
    env->stvec = HANDLER + 0x100;
    env->tcg.pc = CODE;
    riscv_test_set_priv(env, priv);
}

static void take(uint64_t cause, uint64_t tval)
{
    riscv_raise_exception(hart, cause, tval);
    riscv_cpu_do_exception(env_cpu_state(hart));
}

static void test_exception_to_m(void)
{
    start(hart, PRV_U);
    hart->mstatus |= MSTATUS_MIE;
    take(RISCV_EXCP_LOAD_PAGE_FAULT, 0x1234);
    g_assert_cmpuint(hart->priv, ==, PRV_M);
    g_assert_cmphex(hart->tcg.pc, ==, HANDLER);
    g_assert_cmphex(hart->mepc, ==, CODE);
    g_assert_cmpuint(hart->mcause, ==, RISCV_EXCP_LOAD_PAGE_FAULT);
    g_assert_cmphex(hart->mtval, ==, 0x1234);
    g_assert_cmphex(hart->mstatus & (MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP), ==, MSTATUS_MPIE);
}

static void test_delegation(void)
{
    start(hart, PRV_U);
    hart->medeleg = 1u << RISCV_EXCP_U_ECALL;
    hart->mstatus |= MSTATUS_SIE;
    take(RISCV_EXCP_U_ECALL, 0);
    g_assert_cmpuint(hart->priv, ==, PRV_S);
    g_assert_cmphex(hart->tcg.pc, ==, HANDLER + 0x100);
    g_assert_cmpuint(hart->scause, ==, RISCV_EXCP_U_ECALL);
    g_assert_cmphex(hart->mstatus & (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP), ==, MSTATUS_SPIE);
    /* never to a lower mode */
    start(hart, PRV_M);
    hart->medeleg = UINT64_MAX;
    take(RISCV_EXCP_BREAKPOINT, 0);
    g_assert_cmpuint(hart->priv, ==, PRV_M);
    g_assert_cmphex(hart->mstatus & MSTATUS_MPP, ==, MSTATUS_MPP);
}

/* An exception stays at BASE in vectored mode, an interrupt does not. */
static void test_vectored(void)
{
    start(hart, PRV_M);
    hart->mtvec = HANDLER | 1;
    take(RISCV_EXCP_ILLEGAL_INST, 0);
    g_assert_cmphex(hart->tcg.pc, ==, HANDLER);
    start(hart, PRV_M);
    hart->mtvec = HANDLER | 1;
    hart->mstatus |= MSTATUS_MIE;
    hart->mie = MIP_MTIP;
    riscv_cpu_set_mip_lines(hart, MIP_MTIP, true);
    g_assert_true(riscv_cpu_exec_interrupt(env_cpu_state(hart)));
    g_assert_cmphex(hart->tcg.pc, ==, HANDLER + 4 * IRQ_M_TIMER);
    g_assert_cmphex(hart->mcause, ==, MCAUSE_INTERRUPT(64) | IRQ_M_TIMER);
    riscv_cpu_set_mip_lines(hart, MIP_MTIP, false);
}

static void test_interrupt_order(void)
{
    static const uint8_t order[] = {IRQ_M_EXT, IRQ_M_SOFT, IRQ_M_TIMER,
                                    IRQ_S_EXT, IRQ_S_SOFT, IRQ_S_TIMER};
    CPUState *cpu = env_cpu_state(hart);

    riscv_cpu_set_mip_lines(hart, MIP_M_MASK | MIP_S_MASK, true);
    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
        start(hart, PRV_U);
        riscv_cpu_set_mip_lines(hart, MIP_M_MASK | MIP_S_MASK, true);
        hart->mie = MIP_M_MASK | MIP_S_MASK;
        for (unsigned j = 0; j < i; j++) {
            hart->mie &= ~BIT_ULL(order[j]);
        }
        g_assert_true(riscv_cpu_exec_interrupt(cpu));
        g_assert_cmpuint(hart->mcause & 63, ==, order[i]);
    }
    /* whatever goes to M comes before whatever goes to S */
    start(hart, PRV_U);
    riscv_cpu_set_mip_lines(hart, MIP_S_MASK, true);
    hart->mie = MIP_SEIP | MIP_STIP;
    hart->mideleg = MIP_SEIP;
    g_assert_true(riscv_cpu_exec_interrupt(cpu));
    g_assert_cmpuint(hart->priv, ==, PRV_M);
    g_assert_cmpuint(hart->mcause & 63, ==, IRQ_S_TIMER);
    riscv_cpu_set_mip_lines(hart, MIP_M_MASK | MIP_S_MASK, false);
}

static void test_interrupt_enables(void)
{
    CPUState *cpu = env_cpu_state(hart);

    start(hart, PRV_M);
    hart->mie = MIP_SEIP;
    hart->mideleg = MIP_SEIP;
    hart->mstatus |= MSTATUS_MIE | MSTATUS_SIE;
    riscv_cpu_set_mip_lines(hart, MIP_SEIP, true);
    g_assert_false(riscv_cpu_exec_interrupt(cpu)); /* delegated: not in M */
    riscv_test_set_priv(hart, PRV_S);
    hart->mstatus &= ~MSTATUS_SIE;
    g_assert_false(riscv_cpu_exec_interrupt(cpu));
    g_assert_true(riscv_cpu_has_work(cpu)); /* yet wfi goes on */
    hart->mstatus |= MSTATUS_SIE;
    g_assert_true(riscv_cpu_exec_interrupt(cpu));
    g_assert_cmpuint(hart->priv, ==, PRV_S);
    riscv_test_set_priv(hart, PRV_U);
    hart->mstatus &= ~MSTATUS_SIE;
    g_assert_true(riscv_cpu_exec_interrupt(cpu)); /* below S it is always on */
    riscv_cpu_set_mip_lines(hart, MIP_SEIP, false);
}

static void test_returns(void)
{
    start(hart, PRV_M);
    hart->mepc = CODE | 2;
    hart->mstatus |= MSTATUS_MPIE | MSTATUS_MPRV | UINT64_C(1) << MSTATUS_MPP_SHIFT;
    hart->reservation_addr = CODE;
    g_assert_cmphex(helper_mret(hart).value, ==, CODE | 2);
    g_assert_cmpuint(hart->priv, ==, PRV_S);
    g_assert_cmphex(hart->mstatus & (MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPRV | MSTATUS_MPP), ==,
                    MSTATUS_MIE | MSTATUS_MPIE);
    g_assert_cmphex(hart->reservation_addr, ==, RISCV_NO_RESERVATION);
    hart->sepc = CODE;
    hart->mstatus |= MSTATUS_MPRV;
    hart->mstatus &= ~(MSTATUS_SPP | MSTATUS_SPIE);
    g_assert_cmphex(helper_sret(hart).value, ==, CODE);
    g_assert_cmpuint(hart->priv, ==, PRV_U);
    g_assert_cmphex(hart->mstatus & (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_MPRV), ==, MSTATUS_SPIE);
    /* to M itself MPRV stays */
    start(hart, PRV_M);
    hart->mstatus |= MSTATUS_MPRV | MSTATUS_MPP;
    helper_mret(hart);
    g_assert_cmphex(hart->mstatus & MSTATUS_MPRV, ==, MSTATUS_MPRV);
    /* with M alone, to M */
    start(m_only, PRV_M);
    helper_mret(m_only);
    g_assert_cmpuint(m_only->priv, ==, PRV_M);
    helper_mret(m_only);
    g_assert_cmpuint(m_only->priv, ==, PRV_M);
}

static void test_wfi(void)
{
    start(hart, PRV_S);
    g_assert_cmpuint(helper_wfi(hart).value, ==, 1);
    hart->mie = MIP_SSIP;
    riscv_cpu_raise_ssip(hart);
    g_assert_cmpuint(helper_wfi(hart).value, ==, 0);
    hart->mstatus |= MSTATUS_TW;
    g_assert_cmpuint(helper_wfi(hart).status, ==, TCG_EXIT_TRAP);
    start(hart, PRV_U);
    g_assert_cmpuint(helper_wfi(hart).status, ==, TCG_EXIT_TRAP);
}

/* mtval of an illegal instruction is the instruction, also while MPRV lends loads another mode. */
static void test_illegal_tval(void)
{
    start(hart, PRV_M);
    RISCV_TEST_CODE(HANDLER, INSN_WFI);
    RISCV_TEST_CODE(CODE, INSN_ILLEGAL);
    csrw(hart, 0x180, UINT64_C(8) << 60 | TEST_HOLE >> 12);
    csrw(hart, 0x300, MSTATUS_MPRV | UINT64_C(1) << MSTATUS_MPP_SHIFT);
    riscv_test_run(hart, CODE);
    g_assert_cmpuint(hart->mcause, ==, RISCV_EXCP_ILLEGAL_INST);
    g_assert_cmphex(hart->mtval, ==, INSN_ILLEGAL);
    /* a CSR instruction that fails in its helper */
    start(hart, PRV_M);
    RISCV_TEST_CODE(CODE, 0x7c002073); /* csrr x0, 0x7c0 */
    csrw(hart, 0x180, UINT64_C(8) << 60 | TEST_HOLE >> 12);
    csrw(hart, 0x300, MSTATUS_MPRV | UINT64_C(1) << MSTATUS_MPP_SHIFT);
    riscv_test_run(hart, CODE);
    g_assert_cmphex(hart->mtval, ==, 0x7c002073);
}

int main(int argc, char **argv)
{
    riscv_test_init(&argc, &argv);
    hart = riscv_test_hart("rv64", NULL);
    m_only = riscv_test_hart("rv64i", "zicsr=on");
    g_test_add_func("/trap/exception-to-m", test_exception_to_m);
    g_test_add_func("/trap/delegation", test_delegation);
    g_test_add_func("/trap/vectored", test_vectored);
    g_test_add_func("/trap/interrupt-order", test_interrupt_order);
    g_test_add_func("/trap/interrupt-enables", test_interrupt_enables);
    g_test_add_func("/trap/returns", test_returns);
    g_test_add_func("/trap/wfi", test_wfi);
    g_test_add_func("/trap/illegal-tval", test_illegal_tval);
    return g_test_run();
}
