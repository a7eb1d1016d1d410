/* SPDX-License-Identifier: MIT */
/* See riscv-test.h. */
#include "qemu/osdep.h"

#include "accel/tcg/tcg-internal.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "hw/core/reset.h"
#include "riscv-test.h"
#include "system/address-spaces.h"
#include "system/cpus.h"

/* ---- clock and time base --------------------------------------------------------------------- */

#define TICK_NS 100

static int64_t clock_now;

static int64_t clock_get_ns(void)
{
    return clock_now;
}

static void clock_deadline_changed(void)
{
}

static const VirtualClockSource clock_source = {
    .get_ns = clock_get_ns,
    .deadline_changed = clock_deadline_changed,
};

static uint64_t test_time_read(TimeBase *tb)
{
    return (uint64_t)clock_now / TICK_NS;
}

static uint32_t test_time_frequency_hz(TimeBase *tb)
{
    return 1000000000 / TICK_NS;
}

static int64_t test_time_deadline_ns(TimeBase *tb, uint64_t ticks)
{
    return ticks > INT64_MAX / TICK_NS ? INT64_MAX : (int64_t)ticks * TICK_NS;
}

static void test_time_add_change_notifier(TimeBase *tb, Notifier *notifier)
{
}

#define TYPE_TEST_TIME "test-time"

static void test_time_class_init(ObjectClass *oc, const void *data)
{
    TimeBaseClass *tbc = TIME_BASE_CLASS(oc);

    tbc->read = test_time_read;
    tbc->frequency_hz = test_time_frequency_hz;
    tbc->deadline_ns = test_time_deadline_ns;
    tbc->add_change_notifier = test_time_add_change_notifier;
}

static const TypeInfo test_types[] = {
    {
        .name = TYPE_TEST_TIME,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Object),
        .class_init = test_time_class_init,
        .interfaces = (InterfaceInfo[]){{TYPE_TIME_BASE}, {}},
    },
};
DEFINE_TYPES(test_types)

void riscv_test_set_time(uint64_t ticks)
{
    clock_now = (int64_t)ticks * TICK_NS;
    qemu_clock_run_timers(QEMU_CLOCK_VIRTUAL);
}

/* ---- machine --------------------------------------------------------------------------------- */

static MemoryRegion ram, rom;
static Object *time_base;

void riscv_test_init(int *argc, char ***argv)
{
    g_autoptr(GError) error = NULL;

    g_test_init(argc, argv, NULL);
    main_loop_init(&error);
    g_assert_no_error(error);
    memory_map_init();
    qemu_clock_set_virtual_source(&clock_source);
    cpu_enable_ticks();
    accel_init_machine("tcg", NULL, &error);
    g_assert_no_error(error);
    tcg_accel.cold = 0; /* what is run once is translated */
    memory_region_init_ram(&ram, NULL, "ram", TEST_RAM_SIZE, &error);
    g_assert_no_error(error);
    memory_region_add_subregion(get_system_memory(), TEST_RAM, &ram);
    memory_region_init_rom(&rom, NULL, "rom", TARGET_PAGE_SIZE, &error);
    g_assert_no_error(error);
    memory_region_add_subregion(get_system_memory(), TEST_ROM, &rom);
    time_base = object_new(TYPE_TEST_TIME);
    object_property_add_child(object_get_root(), "time", time_base);
}

CPURISCVState *riscv_test_hart(const char *model, const char *properties)
{
    g_autofree char *type = g_strconcat(model, RISCV_CPU_TYPE_SUFFIX, NULL);
    g_auto(GStrv) each = g_strsplit(properties ? properties : "", ",", 0);
    g_autoptr(GError) error = NULL;
    DeviceState *dev = qdev_new(type);

    object_property_set_link(OBJECT(dev), "time-base", time_base, &error);
    g_assert_no_error(error);
    for (unsigned i = 0; each[i]; i++) {
        char *value = strchr(each[i], '=');

        *value++ = '\0';
        object_property_parse(OBJECT(dev), each[i], value, &error);
        g_assert_no_error(error);
    }
    qdev_realize(dev, NULL, &error);
    g_assert_no_error(error);
    return CPU(dev)->env_ptr;
}

void riscv_test_reset(CPURISCVState *env)
{
    resettable_reset(OBJECT(env_cpu_state(env)), RESET_TYPE_COLD);
}

uint64_t riscv_test_load(hwaddr addr, unsigned size)
{
    uint64_t value = 0;

    g_assert_cmpint(
        address_space_read(&address_space_memory, addr, MEMTXATTRS_UNSPECIFIED, &value, size), ==,
        MEMTX_OK);
    return GUINT64_FROM_LE(value);
}

void riscv_test_store(hwaddr addr, unsigned size, uint64_t value)
{
    uint64_t le = GUINT64_TO_LE(value);

    g_assert_cmpint(
        address_space_write(&address_space_memory, addr, MEMTXATTRS_UNSPECIFIED, &le, size), ==,
        MEMTX_OK);
}

uint8_t *riscv_test_rom(void)
{
    return memory_region_get_ram_ptr(&rom);
}

/* ---- CSRs ------------------------------------------------------------------------------------ */

bool riscv_test_try_read(CPURISCVState *env, unsigned csr, uint64_t *value)
{
    return csr_rw(env, csr, value, 0, 0, false, false) == CSR_OK;
}

bool riscv_test_try_write(CPURISCVState *env, unsigned csr, uint64_t value)
{
    uint64_t old;

    return csr_rw(env, csr, &old, value, UINT64_MAX, true, false) == CSR_OK;
}

uint64_t csrr(CPURISCVState *env, unsigned csr)
{
    uint64_t value;

    g_assert_true(riscv_test_try_read(env, csr, &value));
    return value;
}

void csrw(CPURISCVState *env, unsigned csr, uint64_t value)
{
    g_assert_true(riscv_test_try_write(env, csr, value));
}

void csrs(CPURISCVState *env, unsigned csr, uint64_t bits)
{
    uint64_t old;

    g_assert_cmpuint(csr_rw(env, csr, &old, bits, bits, true, false), ==, CSR_OK);
}

void csrc(CPURISCVState *env, unsigned csr, uint64_t bits)
{
    uint64_t old;

    g_assert_cmpuint(csr_rw(env, csr, &old, 0, bits, true, false), ==, CSR_OK);
}

void riscv_test_set_priv(CPURISCVState *env, uint8_t priv)
{
    env->priv = priv;
    riscv_cpu_update_flags(env);
}

/* ---- running --------------------------------------------------------------------------------- */

void riscv_test_code(hwaddr pc, const uint32_t *words, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        riscv_test_store(pc + 4 * i, 4, words[i]);
    }
}

void riscv_test_run(CPURISCVState *env, uint64_t pc)
{
    CPUState *cpu = env_cpu_state(env);
    CPUExecResult result;

    env->tcg.pc = pc;
    qatomic_set(&cpu->halted, 0);
    current_cpu = cpu;
    bql_unlock();
    do {
        result = cpu_exec(cpu);
        qatomic_set(&cpu->exit_request, false);
        if (cpu_has_queued_work(cpu)) {
            bql_lock();
            process_queued_cpu_work(cpu);
            bql_unlock();
        }
    } while (result == EXEC_REQUEST);
    bql_lock();
    current_cpu = NULL;
    g_assert_cmpint(result, ==, EXEC_HALTED);
}
