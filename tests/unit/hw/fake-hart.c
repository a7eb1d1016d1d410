/* SPDX-License-Identifier: MIT */
/*
 * Harts that do not execute; see fake-hart.h.
 */
#include "qemu/osdep.h"

#include "fake-hart.h"
#include "hw/core/qdev-properties.h"
#include "target/riscv/cpu-qom.h"

DECLARE_INSTANCE_CHECKER(FakeHart, FAKE_HART, TYPE_RISCV_CPU)

FakeHart *fake_hart(int index)
{
    return FAKE_HART(qemu_get_cpu(index));
}

static void fake_hart_set_input(void *opaque, int n, int level)
{
    *(int *)opaque = level;
}

static void fake_hart_init(Object *obj)
{
    static const char *const names[FAKE_INPUTS] = {
        [FAKE_SSIP] = RISCV_CPU_INPUT_SSIP, [FAKE_MSIP] = RISCV_CPU_INPUT_MSIP,
        [FAKE_MTIP] = RISCV_CPU_INPUT_MTIP, [FAKE_SEIP] = RISCV_CPU_INPUT_SEIP,
        [FAKE_MEIP] = RISCV_CPU_INPUT_MEIP,
    };
    FakeHart *s = FAKE_HART(obj);

    for (int i = 0; i < FAKE_INPUTS; i++) {
        qdev_init_gpio_in_named_with_opaque(DEVICE(obj), fake_hart_set_input, &s->levels[i],
                                            names[i], 1);
    }
}

static void fake_hart32_init(Object *obj)
{
    FAKE_HART(obj)->xlen = 32;
}

static char *fake_hart_get_isa(Object *obj, GError **error)
{
    return g_strdup(FAKE_HART(obj)->xlen == 32 ? "rv32imac_zicbom" : "rv64imac_zicbom");
}

static char *fake_hart_get_isa_base(Object *obj, GError **error)
{
    return g_strdup(FAKE_HART(obj)->xlen == 32 ? "rv32i" : "rv64i");
}

static char *fake_hart_get_isa_extensions(Object *obj, GError **error)
{
    return g_strdup("i,m,a,c,zicbom");
}

static char *fake_hart_get_mmu_type(Object *obj, GError **error)
{
    return g_strdup(FAKE_HART(obj)->xlen == 32 ? "riscv,sv32" : "riscv,sv57");
}

static GVariant *fake_hart_get_64(Object *obj, const char *name, void *opaque, GError **error)
{
    return g_variant_new_uint64(64);
}

static GVariant *fake_hart_get_16(Object *obj, const char *name, void *opaque, GError **error)
{
    return g_variant_new_uint64(16);
}

static void fake_hart_reset(Object *obj, ResetType type)
{
    FAKE_HART(obj)->pc = FAKE_HART(obj)->resetvec;
}

static void fake_hart_set_pc(CPUState *cpu, vaddr pc)
{
    FAKE_HART(cpu)->pc = pc;
}

static const Property fake_hart_properties[] = {
    DEFINE_PROP_UINT64("hartid", FakeHart, hartid, 0),
    DEFINE_PROP_UINT64("resetvec", FakeHart, resetvec, 0),
    DEFINE_PROP_UINT8("xlen", FakeHart, xlen, 64),
    DEFINE_PROP_BOOL("pmu-events", FakeHart, pmu_events, false),
    DEFINE_PROP_LINK("time-base", FakeHart, time_base, TYPE_TIME_BASE, TimeBase *),
};

static void fake_hart_class_init(ObjectClass *klass, const void *data)
{
    static const char *const sixty_four[] = {"cbom_blocksize", "cbop_blocksize", "cboz_blocksize"};
    DeviceClass *dc = DEVICE_CLASS(klass);

    CPU_CLASS(klass)->set_pc = fake_hart_set_pc;
    RESETTABLE_CLASS(klass)->phases.hold = fake_hart_reset;
    device_class_set_props(dc, fake_hart_properties);
    object_class_property_add_str(klass, "riscv,isa", fake_hart_get_isa, NULL);
    object_class_property_add_str(klass, "riscv,isa-base", fake_hart_get_isa_base, NULL);
    object_class_property_add_str(klass, "riscv,isa-extensions", fake_hart_get_isa_extensions,
                                  NULL);
    object_class_property_add_str(klass, "mmu-type", fake_hart_get_mmu_type, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(sixty_four); i++) {
        object_class_property_add(klass, sixty_four[i], "uint16", fake_hart_get_64, NULL, NULL);
    }
    object_class_property_add(klass, "pmu-num", "uint8", fake_hart_get_16, NULL, NULL);
}

static const TypeInfo fake_hart_types[] = {
    {
        .name = TYPE_RISCV_CPU,
        .parent = TYPE_CPU,
        .instance_size = sizeof(FakeHart),
        .instance_init = fake_hart_init,
        .class_init = fake_hart_class_init,
        .abstract = true,
    },
    {
        .name = RISCV_CPU_TYPE_NAME("rv64"),
        .parent = TYPE_RISCV_CPU,
    },
    {
        .name = RISCV_CPU_TYPE_NAME("rv32"),
        .parent = TYPE_RISCV_CPU,
        .instance_init = fake_hart32_init,
    },
};
DEFINE_TYPES(fake_hart_types)
