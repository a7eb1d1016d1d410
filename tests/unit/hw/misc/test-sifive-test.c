/* SPDX-License-Identifier: MIT */
/*
 * The test device: what each value asks of the machine.
 */
#include "qemu/osdep.h"

#include "../hw-test.h"
#include "hw/core/runstate.h"

#define BASE 0x100000

static DeviceState *set_up(void)
{
    DeviceState *dev = qdev_new("riscv.sifive.test");

    hw_test_map(dev, BASE);
    hw_test_take_requests();
    return dev;
}

static void test_commands(void)
{
    static const struct {
        uint32_t value;
        unsigned size;
        unsigned shutdowns, resets;
        int cause, exit_code;
    } rows[] = {
        {0x5555, 4, 1, 0, SHUTDOWN_CAUSE_GUEST_SHUTDOWN, 0},
        {0x5555, 2, 1, 0, SHUTDOWN_CAUSE_GUEST_SHUTDOWN, 0},
        {0x00033333, 4, 1, 0, SHUTDOWN_CAUSE_GUEST_PANIC, 3},
        {0x01023333, 4, 1, 0, SHUTDOWN_CAUSE_GUEST_PANIC, 0x102},
        {0x7777, 4, 0, 1, SHUTDOWN_CAUSE_GUEST_RESET, 0},
        {0x1234, 4, 0, 0, 0, 0},
    };
    DeviceState *dev = set_up();

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        HwTestRequests r;

        hw_test_write(BASE, rows[i].size, rows[i].value);
        r = hw_test_take_requests();
        g_assert_cmpuint(r.shutdowns, ==, rows[i].shutdowns);
        g_assert_cmpuint(r.resets, ==, rows[i].resets);
        g_assert_cmpint(r.cause, ==, rows[i].cause);
        g_assert_cmpint(r.exit_code, ==, rows[i].exit_code);
    }
    hw_test_write(BASE + 4, 4, 0x5555);
    g_assert_cmpuint(hw_test_take_requests().shutdowns, ==, 0);
    g_assert_cmphex(hw_test_read(BASE, 4), ==, 0);
    g_assert_cmpuint(hw_test_try_write(BASE, 1, 0x55), ==, MEMTX_DECODE_ERROR);
    hw_test_unmap(dev);
}

static void test_fuzz(void)
{
    DeviceState *dev = set_up();

    hw_test_fuzz(BASE, 0x1000, 5000);
    hw_test_fuzz(BASE, 8, 5000);
    hw_test_unmap(dev);
}

int main(int argc, char **argv)
{
    hw_test_init(&argc, &argv);
    g_test_add_func("/sifive-test/commands", test_commands);
    g_test_add_func("/sifive-test/fuzz", test_fuzz);
    return g_test_run();
}
