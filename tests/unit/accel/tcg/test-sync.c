/* SPDX-License-Identifier: MIT */
/*
 * accel/tcg/sync.c: how harts meet. Each hart is a thread of the test, which enters code, polls and
 * leaves as the execution loop does, or runs guest code in that loop.
 *
 * What does not come to an end here has hung: meson's timeout tells.
 */
#include "qemu/osdep.h"

#include "accel/tcg/tcg-internal.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "riscv-test.h"

#define NUM_HARTS 3
#define CODE (TEST_RAM + 0x1000)
#define FLAG (TEST_RAM + 0x5000)
#define INSN_BEQZ_BACK(rs1) (0xfe000ee3u | (rs1) << 15) /* beqz rs1, . - 4 */

static CPUState *harts[NUM_HARTS];

static QemuThread start(void *(*func)(void *), CPUState *cpu)
{
    QemuThread thread;

    g_assert_true(qemu_thread_create(&thread, "hart", func, cpu, QEMU_THREAD_JOINABLE, NULL));
    return thread;
}

/* As exec_poll() does it. */
static void poll_requests(CPUState *cpu)
{
    if (qatomic_read(&cpu_tcg(cpu)->jump.poll)) {
        qatomic_set_mb(&cpu_tcg(cpu)->jump.poll, 0);
        cpu_sync_process(cpu);
    }
}

static bool has_request(CPUState *cpu)
{
    return qatomic_read(&cpu_priv(cpu)->sync_request);
}

/* ---- pages ---- */

static bool is_in_code, is_over; /* [atomic] */

static void *poll_until_over(void *opaque)
{
    CPUState *cpu = opaque;

    cpu_code_enter(cpu);
    qatomic_store_release(&is_in_code, true);
    while (!qatomic_load_acquire(&is_over)) {
        poll_requests(cpu);
    }
    cpu_code_leave(cpu);
    return NULL;
}

/* Who asks goes on when the one in code has done it; nobody waits for one that is not. */
static void test_protect_page(void)
{
    QemuThread thread = start(poll_until_over, harts[1]);

    while (!qatomic_load_acquire(&is_in_code)) {
        g_thread_yield();
    }
    cpu_code_enter(harts[0]);
    for (unsigned i = 0; i < 1000; i++) {
        cpu_sync_protect_page(harts[0], i * TARGET_PAGE_SIZE);
        g_assert_true(qatomic_read(&cpu_priv(harts[0])->in_code));
        g_assert_false(has_request(harts[1]));
    }
    cpu_code_leave(harts[0]);
    qatomic_store_release(&is_over, true);
    qemu_thread_join(&thread);

    /* more than are listed, and not lost: done before the hart is in code */
    g_assert_cmpuint(cpu_priv(harts[2])->sync_npages, ==, SYNC_PAGES_MAX + 1);
    g_assert_true(has_request(harts[2]));
    cpu_code_enter(harts[2]);
    g_assert_false(has_request(harts[2]));
    g_assert_cmpuint(cpu_priv(harts[2])->sync_npages, ==, 0);
    cpu_code_leave(harts[2]);
}

/* The entry by which one hart writes a page must go when another takes code from there. */
static void test_protected_entry(void)
{
    CPURISCVState *reader = harts[0]->env_ptr;
    CPURISCVState *writer = harts[1]->env_ptr;
    const uint64_t shared = TEST_RAM + 0x8000;

    RISCV_TEST_CODE(CODE, INSN_FENCE_I, INSN_SD(11, 12), INSN_WFI);
    writer->gpr[12] = shared;
    for (unsigned v = 1; v < 20; v++) {
        writer->gpr[11] = INSN_ADDI(10, 0, v) | (uint64_t)INSN_WFI << 32;
        riscv_test_run(writer, CODE);
        tb_fence_i(harts[0]);
        riscv_test_run(reader, shared);
        g_assert_cmpuint(reader->gpr[10], ==, v);
        g_assert_true(has_request(harts[1]) || v > 1); /* later its stores are watched already */
    }
}

/* All ask all at once. */
static void *protect_many(void *opaque)
{
    CPUState *cpu = opaque;

    cpu_code_enter(cpu);
    for (unsigned i = 0; i < 2000; i++) {
        cpu_sync_protect_page(cpu, (i % 100) * TARGET_PAGE_SIZE);
        poll_requests(cpu);
    }
    cpu_code_leave(cpu);
    return NULL;
}

static void test_protect_together(void)
{
    QemuThread threads[NUM_HARTS];

    for (unsigned i = 0; i < NUM_HARTS; i++) {
        threads[i] = start(protect_many, harts[i]);
    }
    for (unsigned i = 0; i < NUM_HARTS; i++) {
        qemu_thread_join(&threads[i]);
    }
}

/* ---- alone ---- */

static unsigned num_inside;    /* [atomic] harts that run code */
static unsigned num_exclusive; /* by whoever is alone */

static void while_alone(void)
{
    for (unsigned i = 0; i < 100; i++) {
        g_assert_cmpuint(qatomic_read(&num_inside), ==, 0);
    }
    num_exclusive++;
}

static void *run_and_be_alone(void *opaque)
{
    CPUState *cpu = opaque;

    cpu_code_enter(cpu);
    for (unsigned i = 1; i <= 3000; i++) {
        qatomic_inc(&num_inside);
        cpu_relax();
        qatomic_dec(&num_inside);
        if (i % 10 == 0) {
            cpu_sync_exclusive(cpu, while_alone);
        }
        poll_requests(cpu);
    }
    cpu_code_leave(cpu);
    return NULL;
}

static void test_exclusive(void)
{
    QemuThread threads[NUM_HARTS];

    num_exclusive = 0;
    for (unsigned i = 0; i < NUM_HARTS; i++) {
        threads[i] = start(run_and_be_alone, harts[i]);
    }
    for (unsigned i = 0; i < NUM_HARTS; i++) {
        qemu_thread_join(&threads[i]);
    }
    g_assert_cmpuint(num_exclusive, ==, 300 * NUM_HARTS);
}

static void *run_guest(void *opaque)
{
    CPUState *cpu = opaque;

    current_cpu = cpu;
    cpu_tcg(cpu)->pc = CODE;
    qatomic_set(&cpu->halted, 0);
    g_assert_cmpint(cpu_exec(cpu), ==, EXEC_HALTED);
    return NULL;
}

/* Guest code that never asks for anything stands aside too, and goes on behind. */
static void test_exclusive_of_spinning(void)
{
    CPURISCVState *writer = harts[0]->env_ptr;
    QemuThread thread;

    RISCV_TEST_CODE(CODE + 0x100, INSN_SD(11, 12), INSN_WFI);
    riscv_test_store(FLAG, 8, 0);
    RISCV_TEST_CODE(CODE, INSN_FENCE_I, INSN_LD(10, 12, 0), INSN_BEQZ_BACK(10), INSN_WFI);
    ((CPURISCVState *)harts[1]->env_ptr)->gpr[12] = FLAG;
    num_exclusive = 0;
    thread = start(run_guest, harts[1]);
    while (!qatomic_read(&cpu_priv(harts[1])->in_code)) {
        g_thread_yield();
    }
    cpu_code_enter(harts[0]);
    for (unsigned i = 0; i < 200; i++) {
        cpu_sync_exclusive(harts[0], while_alone);
    }
    tb_evict(harts[0]);
    cpu_code_leave(harts[0]);
    g_assert_cmpuint(num_exclusive, ==, 200);
    /* by a hart: the store is atomic */
    writer->gpr[11] = 1;
    writer->gpr[12] = FLAG;
    riscv_test_run(writer, CODE + 0x100);
    qemu_thread_join(&thread);
}

/* ---- threads ---- */

/* The host refuses a thread: an error, and the hart has none. */
static void test_no_thread(void)
{
    CPUState *cpu = CPU(object_new("rv64-riscv-cpu"));
    pthread_attr_t usual, huge;

    pthread_getattr_default_np(&usual);
    pthread_attr_init(&huge);
    pthread_attr_setstacksize(&huge, (size_t)1 << 47);
    pthread_setattr_default_np(&huge);
    for (unsigned single = 0; single < 2; single++) {
        GError *error = NULL;

        g_assert_false(single ? rr_create_vcpu_thread(cpu, &error) :
                                mttcg_create_vcpu_thread(cpu, &error));
        g_assert_true(g_str_has_prefix(error->message, "Could not start thread '"));
        g_assert_null(cpu->thread);
        g_assert_null(cpu->wake);
        g_clear_error(&error);
    }
    pthread_setattr_default_np(&usual);
    pthread_attr_destroy(&huge);
    pthread_attr_destroy(&usual);
    object_unref(OBJECT(cpu));
}

int main(int argc, char **argv)
{
    riscv_test_init(&argc, &argv);
    for (unsigned i = 0; i < NUM_HARTS; i++) {
        harts[i] = env_cpu_state(riscv_test_hart("rv64", NULL));
    }
    g_test_add_func("/sync/protect-page", test_protect_page);
    g_test_add_func("/sync/protected-entry", test_protected_entry);
    g_test_add_func("/sync/protect-together", test_protect_together);
    g_test_add_func("/sync/exclusive", test_exclusive);
    g_test_add_func("/sync/exclusive-of-spinning", test_exclusive_of_spinning);
    g_test_add_func("/sync/no-thread", test_no_thread);
    return g_test_run();
}
