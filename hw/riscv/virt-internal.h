/* SPDX-License-Identifier: MIT */
/*
 * The virt board's state and map, shared by virt.c (devices), virt-fdt.c (device tree) and
 * virt-boot.c (firmware, kernel, reset vector).
 */
#ifndef HW_RISCV_VIRT_INTERNAL_H
#define HW_RISCV_VIRT_INTERNAL_H

#include "hw/core/boards.h"
#include "hw/core/fdt-context.h"
#include "hw/riscv/hart-array.h"

#define TYPE_VIRT_MACHINE MACHINE_TYPE_NAME("virt")
OBJECT_DECLARE_SIMPLE_TYPE(VirtMachineState, VIRT_MACHINE)

/* What the board puts at a fixed place by itself. Devices with a table row are in virt.c. */
enum {
    VIRT_MROM,
    VIRT_CLINT,
    VIRT_ACLINT_SSWI,
    VIRT_PLIC,
    VIRT_DRAM,
    VIRT_MAP_SIZE,
};
extern const FDTReg virt_map[VIRT_MAP_SIZE];

/* Offsets in the CLINT's window; an ACLINT is at the same places. */
enum {
    VIRT_CLINT_MTIMER = 0x4000,
    VIRT_MTIMER_SIZE = 0x8000,
    VIRT_MTIMER_TIME = 0x7ff8, /* in MTIMER's window */
    VIRT_ACLINT_SWI_SIZE = 0x4000,
};

#define VIRT_TIMEBASE_HZ 10000000

/* Interrupt sources of the PLIC, the one that does not exist included. */
#define VIRT_PLIC_SOURCES 96

/* Kinds of devices that the table in virt.c describes. */
typedef enum VirtDeviceKind {
    VIRT_TEST,
    VIRT_VIRTIO,
    VIRT_UART0,
    VIRT_RTC,
    VIRT_DEVICE_KINDS,
} VirtDeviceKind;

#define VIRT_MAX_DEVICES_OF_KIND 8

/**
 * VirtDeviceRow - a kind of device: one or more of a type, at equal distances
 * @type:     QOM type; the row is skipped while the build has no such type
 * @base:     of the first one
 * @fdt_size: what the device tree says; the device's own window may be smaller. Also the distance
 *            from one device to the next
 * @count:    how many
 * @irq:      the first one's PLIC source, the others' follow; 0: none
 * @setup:    sets properties before realize; NULL: nothing
 */
typedef struct VirtDeviceRow {
    const char *type;
    hwaddr base;
    hwaddr fdt_size;
    unsigned count;
    unsigned irq;
    bool (*setup)(DeviceState *dev, GError **error);
} VirtDeviceRow;
extern const VirtDeviceRow virt_devices[VIRT_DEVICE_KINDS];

struct VirtMachineState {
    MachineState parent_obj;

    bool aclint; /* [const] property: an ACLINT with SSWI in place of a CLINT */

    /* [const] after init */
    MemoryRegion mrom;
    RISCVHartArrayState soc;
    DeviceState *mswi;
    DeviceState *mtimer;
    DeviceState *sswi; /* NULL without @aclint */
    DeviceState *plic;
    DeviceState *devices[VIRT_DEVICE_KINDS][VIRT_MAX_DEVICES_OF_KIND];
    unsigned xlen; /* of all harts */
};

/* The board's device tree, or a copy of -dtb's file, with /chosen. */
FDTContext *virt_fdt_new(VirtMachineState *s, GError **error);

/* Says where the initrd is; @end is the first byte after it. */
void virt_fdt_set_initrd(FDTContext *ctx, hwaddr start, hwaddr end);

/**
 * virt_boot_load - firmware, kernel, initrd, device tree and reset vector as ROM blobs
 * @ctx: is completed (initrd) and flattened into the machine's fdt
 */
bool virt_boot_load(VirtMachineState *s, FDTContext *ctx, GError **error);

#endif
