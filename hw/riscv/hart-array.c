/* SPDX-License-Identifier: MIT */
/*
 * A row of harts; see hw/riscv/hart-array.h.
 */
#include "qemu/osdep.h"

#include "hw/core/qdev-properties.h"
#include "hw/riscv/hart-array.h"
#include "qemu/error.h"
#include "system/address-spaces.h"
#include "target/riscv/cpu-qom.h"

static bool hart_array_realize_hart(RISCVHartArrayState *s, uint32_t i, GError **error)
{
    g_autofree char *name = g_strdup_printf("harts[%" PRIu32 "]", i);
    g_autoptr(Object) obj = object_new(s->cpu_type);
    CPUState *cpu = CPU(obj);

    object_property_add_child(OBJECT(s), name, obj);
    cpu->memory = get_system_memory();
    if (!object_property_set_uint(obj, "hartid", s->hartid_base + i, error) ||
        !object_property_set_uint(obj, "resetvec", s->resetvec, error) ||
        !object_property_set_link(obj, "time-base", OBJECT(s->time_base), error) ||
        !qdev_realize(DEVICE(cpu), NULL, error)) {
        object_unparent(obj);
        return false;
    }
    s->harts[i] = cpu;
    qemu_register_resettable(obj);
    return true;
}

static void hart_array_remove_harts(RISCVHartArrayState *s, uint32_t num)
{
    for (uint32_t i = 0; i < num; i++) {
        qemu_unregister_resettable(OBJECT(s->harts[i]));
        qdev_unrealize(DEVICE(s->harts[i]));
        object_unparent(OBJECT(s->harts[i]));
    }
    g_clear_pointer(&s->harts, g_free);
}

static bool hart_array_realize(DeviceState *dev, GError **error)
{
    RISCVHartArrayState *s = RISCV_HART_ARRAY(dev);
    ObjectClass *oc = s->cpu_type ? object_class_by_name(s->cpu_type) : NULL;

    if (!object_class_dynamic_cast(oc, TYPE_RISCV_CPU)) {
        error_setg(error, "'%s' is not a RISC-V hart model", s->cpu_type ?: "");
        return false;
    }
    s->harts = g_new0(CPUState *, s->num_harts);
    for (uint32_t i = 0; i < s->num_harts; i++) {
        if (!hart_array_realize_hart(s, i, error)) {
            hart_array_remove_harts(s, i);
            return false;
        }
    }
    return true;
}

static void hart_array_unrealize(DeviceState *dev)
{
    RISCVHartArrayState *s = RISCV_HART_ARRAY(dev);

    hart_array_remove_harts(s, s->num_harts);
}

static const Property hart_array_properties[] = {
    DEFINE_PROP_UINT32("num-harts", RISCVHartArrayState, num_harts, 1),
    DEFINE_PROP_UINT32("hartid-base", RISCVHartArrayState, hartid_base, 0),
    DEFINE_PROP_STRING("cpu-type", RISCVHartArrayState, cpu_type),
    DEFINE_PROP_UINT64("resetvec", RISCVHartArrayState, resetvec, 0),
    DEFINE_PROP_LINK("time-base", RISCVHartArrayState, time_base, TYPE_TIME_BASE, TimeBase *),
};

static void hart_array_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "RISC-V harts";
    dc->realize = hart_array_realize;
    dc->unrealize = hart_array_unrealize;
    device_class_set_props(dc, hart_array_properties);
}

static const TypeInfo hart_array_types[] = {
    {
        .name = TYPE_RISCV_HART_ARRAY,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(RISCVHartArrayState),
        .class_init = hart_array_class_init,
    },
};
DEFINE_TYPES(hart_array_types)
