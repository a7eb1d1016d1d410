/* SPDX-License-Identifier: MIT */
/*
 * SiFive's test device: a register through which the guest ends or restarts the machine.
 *
 * A write's low half is the command, its high half an exit code. Linux reaches it as a "syscon"
 * with poweroff and reboot values. Source: the "sifive,test0" device of SiFive's Freedom platform,
 * and the value for reset that "sifive,test1" adds.
 *
 * Runs under the BQL; requests are carried out later by the main loop. Tests:
 * tests/unit/hw/misc/test-sifive-test.c.
 */
#include "qemu/osdep.h"

#include "hw/core/fdt-context.h"
#include "hw/core/runstate.h"
#include "hw/core/sysbus.h"
#include "qemu/log.h"

#define TYPE_SIFIVE_TEST "riscv.sifive.test"
OBJECT_DECLARE_SIMPLE_TYPE(SiFiveTestState, SIFIVE_TEST)

enum {
    TEST_FAIL = 0x3333,  /* end with the exit code in the high half */
    TEST_PASS = 0x5555,  /* power off */
    TEST_RESET = 0x7777, /* restart */
};

#define TEST_SIZE 0x1000

struct SiFiveTestState {
    SysBusDevice parent_obj;
    MemoryRegion mmio; /* [const] */
};

static uint64_t sifive_test_read(void *opaque, hwaddr addr, unsigned size)
{
    return 0;
}

static void sifive_test_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    uint16_t command = value;
    uint16_t code = value >> 16;

    if (addr == 0) {
        switch (command) {
        case TEST_FAIL:
            qemu_system_shutdown_request_with_code(SHUTDOWN_CAUSE_GUEST_PANIC, code);
            return;
        case TEST_PASS:
            qemu_system_shutdown_request(SHUTDOWN_CAUSE_GUEST_SHUTDOWN);
            return;
        case TEST_RESET:
            qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
            return;
        }
    }
    qemu_log_mask(LOG_GUEST_ERROR,
                  "%s: write of unknown value 0x%" PRIx64 " at offset 0x%" HWADDR_PRIx "\n",
                  TYPE_SIFIVE_TEST, value, addr);
}

static const MemoryRegionOps sifive_test_ops = {
    .read = sifive_test_read,
    .write = sifive_test_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 2, .max_access_size = 4},
    .impl = {.min_access_size = 2, .max_access_size = 4},
};

static void sifive_test_fdt(DeviceState *dev, FDTContext *ctx)
{
    FDTNode *node = fdt_context_add_node(ctx, "test");

    fdt_context_set_node_phandle(ctx, node, dev);
    fdt_context_set_reg(ctx, node);
    fdt_node_set_strings(node, "compatible", "sifive,test1", "sifive,test0", "syscon");
}

static void sifive_test_init(Object *obj)
{
    SiFiveTestState *s = SIFIVE_TEST(obj);

    memory_region_init_io(&s->mmio, obj, &sifive_test_ops, s, TYPE_SIFIVE_TEST, TEST_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &s->mmio);
}

static void sifive_test_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "SiFive test device: power off, reset, exit status";
    dc->fdt = sifive_test_fdt;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo sifive_test_types[] = {
    {
        .name = TYPE_SIFIVE_TEST,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(SiFiveTestState),
        .instance_init = sifive_test_init,
        .class_init = sifive_test_class_init,
    },
};
DEFINE_TYPES(sifive_test_types)
