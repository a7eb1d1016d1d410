/* SPDX-License-Identifier: MIT */
/* target/riscv/csr*.c: existence, privilege, legal values, what a write changes elsewhere. */
#include "qemu/osdep.h"

#include "hw/core/irq.h"
#include "riscv-test.h"

enum {
    SSTATUS = 0x100,
    SIE = 0x104,
    STVEC = 0x105,
    SCOUNTEREN = 0x106,
    SENVCFG = 0x10a,
    SEPC = 0x141,
    SIP = 0x144,
    STIMECMP = 0x14d,
    SATP = 0x180,
    MSTATUS = 0x300,
    MISA = 0x301,
    MEDELEG = 0x302,
    MIDELEG = 0x303,
    MIE = 0x304,
    MTVEC = 0x305,
    MCOUNTEREN = 0x306,
    MENVCFG = 0x30a,
    MCOUNTINHIBIT = 0x320,
    MHPMEVENT3 = 0x323,
    MEPC = 0x341,
    MIP = 0x344,
    MCYCLE = 0xb00,
    MHPMCOUNTER3 = 0xb03,
    MHPMEVENT31 = 0x33f,
    CYCLE = 0xc00,
    TIME = 0xc01,
    HPMCOUNTER3 = 0xc03,
    MVENDORID = 0xf11,
    FFLAGS = 0x001,
    FCSR = 0x003,
};

static CPURISCVState *rv64, *rv64i, *plain; /* plain: neither Sstc nor Svadu */

static void test_privilege(void)
{
    uint64_t value;

    riscv_test_reset(rv64);
    riscv_test_set_priv(rv64, PRV_U);
    g_assert_false(riscv_test_try_read(rv64, SSTATUS, &value));
    g_assert_false(riscv_test_try_read(rv64, MSTATUS, &value));
    riscv_test_set_priv(rv64, PRV_S);
    g_assert_true(riscv_test_try_read(rv64, SSTATUS, &value));
    g_assert_false(riscv_test_try_read(rv64, MSTATUS, &value));
    riscv_test_set_priv(rv64, PRV_M);
    g_assert_true(riscv_test_try_read(rv64, MVENDORID, &value));
    g_assert_false(riscv_test_try_write(rv64, MVENDORID, 0));
    g_assert_false(riscv_test_try_read(rv64, 0x7c0, &value));
    /* without S none of its registers exist, nor delegation */
    g_assert_false(riscv_test_try_read(rv64i, SSTATUS, &value));
    g_assert_false(riscv_test_try_read(rv64i, MEDELEG, &value));
    g_assert_false(riscv_test_try_read(rv64i, MCOUNTEREN, &value));
}

/* Debuggers and the monitor ask at whatever mode the hart is in. */
static void test_names(void)
{
    riscv_test_set_priv(rv64, PRV_U);
    g_assert_cmpstr(csr_name(rv64, MSTATUS), ==, "mstatus");
    g_assert_cmpstr(csr_name(rv64, MHPMCOUNTER3), ==, "mhpmcounter3");
    g_assert_cmpint(csr_by_name(rv64, "pmpaddr15"), ==, 0x3bf);
    g_assert_cmpint(csr_by_name(rv64, "sip"), ==, SIP);
    g_assert_cmpint(csr_by_name(rv64, "nosuch"), ==, -1);
    g_assert_null(csr_name(rv64i, SATP));
}

static void test_mstatus(void)
{
    riscv_test_reset(rv64);
    /* MPP = 2 is no mode */
    csrw(rv64, MSTATUS, UINT64_C(3) << 11);
    csrw(rv64, MSTATUS, UINT64_C(2) << 11);
    g_assert_cmphex(csrr(rv64, MSTATUS) >> 11 & 3, ==, PRV_M);
    csrw(rv64, MSTATUS, UINT64_C(1) << 11);
    g_assert_cmphex(csrr(rv64, MSTATUS) >> 11 & 3, ==, PRV_S);
    /* SD follows FS; UXL and SXL stand */
    csrw(rv64, MSTATUS, MSTATUS_FS);
    g_assert_cmphex(csrr(rv64, MSTATUS), ==,
                    MSTATUS_SD | MSTATUS_FS | UINT64_C(2) << 34 | UINT64_C(2) << 32);
    g_assert_cmphex(csrr(rv64, SSTATUS), ==, MSTATUS_SD | MSTATUS_FS | UINT64_C(2) << 32);
    /* through sstatus only its own fields change */
    csrw(rv64, MSTATUS, MSTATUS_MIE | MSTATUS_MPRV);
    csrw(rv64, SSTATUS, MSTATUS_SUM);
    g_assert_cmphex(csrr(rv64, MSTATUS) & 0xffffffff, ==, MSTATUS_MIE | MSTATUS_MPRV | MSTATUS_SUM);
    /* with M mode alone MPP is M for ever, and there is nothing to trap or to lend */
    riscv_test_reset(rv64i);
    g_assert_cmphex(csrr(rv64i, MSTATUS), ==, MSTATUS_MPP);
    csrw(rv64i, MSTATUS, ~MSTATUS_MPP);
    g_assert_cmphex(csrr(rv64i, MSTATUS), ==, MSTATUS_MPP | MSTATUS_MIE | MSTATUS_MPIE);
}

static void test_legal_values(void)
{
    uint64_t value;

    riscv_test_reset(rv64);
    csrw(rv64, MTVEC, 0x80000001);
    csrw(rv64, MTVEC, 0x90000002); /* a reserved mode: nothing changes */
    g_assert_cmphex(csrr(rv64, MTVEC), ==, 0x80000001);
    csrw(rv64, MEPC, 0x80000003);
    g_assert_cmphex(csrr(rv64, MEPC), ==, 0x80000002);
    csrw(rv64, MEDELEG, UINT64_MAX);
    g_assert_cmphex(csrr(rv64, MEDELEG), ==, 0xb3ff);
    csrw(rv64, MIDELEG, UINT64_MAX);
    g_assert_cmphex(csrr(rv64, MIDELEG), ==, MIP_S_MASK);
    csrw(rv64, MIE, UINT64_MAX);
    g_assert_cmphex(csrr(rv64, MIE), ==, MIP_S_MASK | MIP_M_MASK);
    value = csrr(rv64, MISA);
    csrw(rv64, MISA, 0);
    g_assert_cmphex(csrr(rv64, MISA), ==, value);
    g_assert_cmphex(value >> 62, ==, 2);
    csrw(rv64, MENVCFG, UINT64_MAX); /* CBIE = 3 */
    g_assert_cmphex(csrr(rv64, MENVCFG), ==, MENVCFG_STCE | MENVCFG_ADUE | 0xf1);
    csrw(rv64, MENVCFG, 0xe1); /* CBIE = 2 is reserved */
    g_assert_cmphex(csrr(rv64, MENVCFG), ==, 0xf1);
    csrw(plain, MENVCFG, UINT64_MAX);
    g_assert_cmphex(csrr(plain, MENVCFG), ==, 0xf1);
}

static void test_satp(void)
{
    uint64_t sv39 = UINT64_C(8) << 60, value;

    riscv_test_reset(rv64);
    csrw(rv64, SATP, sv39 | 0x80000);
    csrw(rv64, SATP, UINT64_C(7) << 60); /* no such mode: the whole write is void */
    g_assert_cmphex(csrr(rv64, SATP), ==, sv39 | 0x80000);
    csrw(rv64, MSTATUS, MSTATUS_TVM);
    riscv_test_set_priv(rv64, PRV_S);
    g_assert_false(riscv_test_try_read(rv64, SATP, &value));
    riscv_test_set_priv(rv64, PRV_M);
    csrw(rv64, SATP, 0);
}

/* ---- pending bits ---------------------------------------------------------------------------- */

static qemu_irq input(CPURISCVState *env, const char *name)
{
    return qdev_get_gpio_in_named(DEVICE(env_cpu_state(env)), name, 0);
}

/* A rise of the SSIP input is a request that software takes back; its fall is nothing. */
static void test_ssip(void)
{
    riscv_test_reset(rv64);
    csrw(rv64, MIDELEG, MIP_S_MASK);
    qemu_irq_raise(input(rv64, RISCV_CPU_INPUT_SSIP));
    g_assert_cmphex(csrr(rv64, SIP), ==, MIP_SSIP);
    qemu_irq_lower(input(rv64, RISCV_CPU_INPUT_SSIP));
    g_assert_cmphex(csrr(rv64, SIP), ==, MIP_SSIP);
    csrc(rv64, SIP, MIP_SSIP);
    g_assert_cmphex(csrr(rv64, SIP), ==, 0);
    qemu_irq_raise(input(rv64, RISCV_CPU_INPUT_SSIP));
    csrc(rv64, MIP, MIP_SSIP);
    g_assert_cmphex(csrr(rv64, MIP), ==, 0);
    /* undelegated, S mode neither sees nor clears it */
    csrw(rv64, MIDELEG, 0);
    csrs(rv64, MIP, MIP_SSIP);
    csrc(rv64, SIP, MIP_SSIP);
    g_assert_cmphex(csrr(rv64, SIP), ==, 0);
    g_assert_cmphex(csrr(rv64, MIP), ==, MIP_SSIP);
}

/* csrs and csrc change the bits that they name: others belong to somebody else meanwhile. */
static void test_seip(void)
{
    riscv_test_reset(rv64);
    qemu_irq_raise(input(rv64, RISCV_CPU_INPUT_SEIP));
    csrs(rv64, MIP, MIP_SSIP); /* must not keep the line's SEIP */
    g_assert_cmphex(csrr(rv64, MIP), ==, MIP_SEIP | MIP_SSIP);
    qemu_irq_lower(input(rv64, RISCV_CPU_INPUT_SEIP));
    g_assert_cmphex(csrr(rv64, MIP), ==, MIP_SSIP);
    qemu_irq_raise(input(rv64, RISCV_CPU_INPUT_SEIP));
    csrs(rv64, MIP, MIP_SEIP); /* must keep software's */
    qemu_irq_lower(input(rv64, RISCV_CPU_INPUT_SEIP));
    g_assert_cmphex(csrr(rv64, MIP), ==, MIP_SEIP | MIP_SSIP);
    csrw(rv64, MIP, MIP_M_MASK); /* not for software */
    g_assert_cmphex(csrr(rv64, MIP), ==, 0);
}

static void *raise_ssip(void *opaque)
{
    for (unsigned i = 0; i < 20000; i++) {
        riscv_cpu_raise_ssip(rv64);
        while (qatomic_read((uint32_t *)opaque) == i) {
            cpu_relax();
        }
    }
    return NULL;
}

/* Every request arrives, though the hart writes other bits of mip all the time. */
static void test_ssip_race(void)
{
    uint32_t taken = 0;
    GThread *thread;

    riscv_test_reset(rv64);
    thread = g_thread_new("raise", raise_ssip, &taken);
    while (qatomic_read(&taken) < 20000) {
        csrs(rv64, MIP, MIP_STIP);
        csrc(rv64, MIP, MIP_STIP);
        if (csrr(rv64, MIP) & MIP_SSIP) {
            csrc(rv64, MIP, MIP_SSIP);
            qatomic_inc(&taken);
        }
    }
    g_thread_join(thread);
}

/* ---- time ------------------------------------------------------------------------------------ */

static void test_stimecmp(void)
{
    uint64_t value;

    riscv_test_reset(rv64);
    riscv_test_set_time(1000);
    csrs(rv64, MIP, MIP_STIP);
    g_assert_cmphex(csrr(rv64, MIP), ==, MIP_STIP);
    csrw(rv64, STIMECMP, 2000);
    csrw(rv64, MENVCFG, MENVCFG_STCE);
    g_assert_cmphex(csrr(rv64, MIP), ==, 0); /* software's STIP does not count any more */
    csrs(rv64, MIP, MIP_STIP);
    g_assert_cmphex(csrr(rv64, MIP), ==, 0);
    riscv_test_set_time(1999);
    g_assert_cmphex(csrr(rv64, MIP), ==, 0);
    riscv_test_set_time(2000);
    g_assert_cmphex(csrr(rv64, MIP), ==, MIP_STIP);
    csrw(rv64, STIMECMP, UINT64_MAX);
    g_assert_cmphex(csrr(rv64, MIP), ==, 0);
    csrw(rv64, STIMECMP, 1);
    g_assert_cmphex(csrr(rv64, MIP), ==, MIP_STIP);
    csrw(rv64, MENVCFG, 0);
    g_assert_cmphex(csrr(rv64, MIP), ==, 0);
    /* below M it takes STCE and mcounteren.TM */
    riscv_test_set_priv(rv64, PRV_S);
    g_assert_false(riscv_test_try_read(rv64, STIMECMP, &value));
    riscv_test_set_priv(rv64, PRV_M);
    csrw(rv64, MENVCFG, MENVCFG_STCE);
    csrw(rv64, MCOUNTEREN, 2);
    riscv_test_set_priv(rv64, PRV_S);
    g_assert_true(riscv_test_try_read(rv64, STIMECMP, &value));
    riscv_test_set_priv(rv64, PRV_M);
    g_assert_false(riscv_test_try_read(plain, STIMECMP, &value));
    csrs(plain, MIP, MIP_STIP);
    g_assert_cmphex(csrr(plain, MIP), ==, MIP_STIP);
}

static void test_counters(void)
{
    uint64_t value;

    riscv_test_reset(rv64);
    riscv_test_set_time(5000);
    csrw(rv64, MCYCLE, 7);
    g_assert_cmpuint(csrr(rv64, MCYCLE), ==, 7);
    riscv_test_set_time(5001);
    g_assert_cmpuint(csrr(rv64, CYCLE), ==, 107);
    csrw(rv64, MCOUNTINHIBIT, 1);
    riscv_test_set_time(5002);
    g_assert_cmpuint(csrr(rv64, MCYCLE), ==, 107);
    csrw(rv64, MCOUNTINHIBIT, 0);
    riscv_test_set_time(5003);
    g_assert_cmpuint(csrr(rv64, MCYCLE), ==, 207);
    csrw(rv64, MHPMCOUNTER3, 5);
    riscv_test_set_time(5004);
    g_assert_cmpuint(csrr(rv64, MHPMCOUNTER3), ==, 5); /* no event */
    csrw(rv64, MHPMEVENT3, 1);
    riscv_test_set_time(5005);
    g_assert_cmpuint(csrr(rv64, HPMCOUNTER3), ==, 105);
    /* an event without its counter is there, and 0 */
    csrw(rv64, MHPMEVENT31, 1);
    g_assert_cmpuint(csrr(rv64, MHPMEVENT31), ==, 0);
    /* U asks both registers, S only mcounteren */
    csrw(rv64, SCOUNTEREN, 1);
    riscv_test_set_priv(rv64, PRV_S);
    g_assert_false(riscv_test_try_read(rv64, CYCLE, &value));
    riscv_test_set_priv(rv64, PRV_M);
    csrw(rv64, MCOUNTEREN, 3);
    riscv_test_set_priv(rv64, PRV_U);
    g_assert_true(riscv_test_try_read(rv64, CYCLE, &value));
    g_assert_false(riscv_test_try_read(rv64, TIME, &value));
    riscv_test_set_priv(rv64, PRV_S);
    g_assert_true(riscv_test_try_read(rv64, TIME, &value));
    g_assert_cmpuint(value, ==, 5005);
}

static void test_fp(void)
{
    uint64_t value;

    riscv_test_reset(rv64);
    g_assert_false(riscv_test_try_read(rv64, FCSR, &value));
    csrw(rv64, MSTATUS, UINT64_C(1) << 13);
    csrw(rv64, FCSR, 0x1ff);
    g_assert_cmphex(csrr(rv64, FCSR), ==, 0xff);
    g_assert_cmphex(csrr(rv64, FFLAGS), ==, 0x1f);
    g_assert_cmphex(csrr(rv64, MSTATUS) & MSTATUS_FS, ==, MSTATUS_FS); /* dirty */
    g_assert_false(riscv_test_try_read(rv64i, FCSR, &value));
}

int main(int argc, char **argv)
{
    riscv_test_init(&argc, &argv);
    rv64 = riscv_test_hart("rv64", NULL);
    rv64i = riscv_test_hart("rv64i", "zicsr=on");
    plain = riscv_test_hart("rv64", "sstc=off,svadu=off");
    g_test_add_func("/csr/privilege", test_privilege);
    g_test_add_func("/csr/names", test_names);
    g_test_add_func("/csr/mstatus", test_mstatus);
    g_test_add_func("/csr/legal-values", test_legal_values);
    g_test_add_func("/csr/satp", test_satp);
    g_test_add_func("/csr/ssip", test_ssip);
    g_test_add_func("/csr/seip", test_seip);
    g_test_add_func("/csr/ssip-race", test_ssip_race);
    g_test_add_func("/csr/stimecmp", test_stimecmp);
    g_test_add_func("/csr/counters", test_counters);
    g_test_add_func("/csr/fp", test_fp);
    return g_test_run();
}
