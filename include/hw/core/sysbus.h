/* SPDX-License-Identifier: MIT */
/*
 * Devices soldered to the board: memory regions at addresses the board chooses, and interrupt
 * lines.
 *
 * Threads: BQL. Tests: tests/unit/hw/core/test-sysbus.c.
 */
#ifndef HW_CORE_SYSBUS_H
#define HW_CORE_SYSBUS_H

#include "hw/core/qdev.h"
#include "system/memory.h"

#define TYPE_SYSTEM_BUS "System"
#define TYPE_SYS_BUS_DEVICE "sys-bus-device"
OBJECT_DECLARE_TYPE(SysBusDevice, SysBusDeviceClass, SYS_BUS_DEVICE)

/* Enough for every device there is. */
#define QDEV_MAX_MMIO 32

/* The group of GPIO outputs that sysbus_init_irq() makes. */
#define SYSBUS_DEVICE_GPIO_IRQ "sysbus-irq"

struct SysBusDeviceClass {
    DeviceClass parent_class;
    void (*parent_unparent)(Object *obj); /* that of TYPE_DEVICE */
};

struct SysBusDevice {
    DeviceState parent_obj;
    int num_mmio; /* [const] after instance_init or realize */
    struct {
        hwaddr addr; /* HWADDR_MAX: not mapped */
        MemoryRegion *memory;
    } mmio[QDEV_MAX_MMIO]; /* [bql] */
};

/* For the device: its regions and lines, numbered from 0 in the order of the calls. */
void sysbus_init_mmio(SysBusDevice *dev, MemoryRegion *memory);
void sysbus_init_irq(SysBusDevice *dev, qemu_irq *pin);

/* For the board. */
MemoryRegion *sysbus_mmio_get_region(SysBusDevice *dev, int n);
/* In system memory; maps again if mapped. The second form gives a priority. */
void sysbus_mmio_map(SysBusDevice *dev, int n, hwaddr addr);
void sysbus_mmio_map_overlap(SysBusDevice *dev, int n, hwaddr addr, int priority);
void sysbus_mmio_unmap(SysBusDevice *dev, int n);
bool sysbus_has_irq(SysBusDevice *dev, int n);
void sysbus_connect_irq(SysBusDevice *dev, int n, qemu_irq irq);
bool sysbus_is_irq_connected(SysBusDevice *dev, int n);

/* qdev_realize on the main system bus. */
bool sysbus_realize(SysBusDevice *dev, GError **error);
bool sysbus_realize_and_unref(SysBusDevice *dev, GError **error);

#endif
