/* SPDX-License-Identifier: MIT */
/*
 * The virt board's device tree.
 *
 * Devices write their own nodes; here is what belongs to no device (root, cpus, memory, chosen),
 * the places of the devices, and the order, which is that of the board users compare with. Nothing
 * is described that does not exist.
 *
 * Specifications: Devicetree Specification 0.4; Linux' bindings riscv/cpus.yaml, extensions.yaml,
 * perf/riscv,pmu.yaml, power/reset/syscon-*.yaml. Runs under the BQL, at set-up.
 * Tests: tests/unit/hw/riscv/test-virt.c.
 */
#include "qemu/osdep.h"

#include "hw/core/loader.h"
#include "hw/intc/riscv-irq-targets.h"
#include "hw/riscv/virt-internal.h"
#include "qemu/error.h"
#include "qemu/guest-random.h"
#include "qemu/units.h"

/* Interrupt numbers of a hart's own controller: those of mip. */
enum {
    IRQ_S_SOFT = 1,
    IRQ_M_SOFT = 3,
    IRQ_M_TIMER = 7,
    IRQ_S_EXT = 9,
    IRQ_M_EXT = 11,
};

/* Values for the test device, as the "syscon-poweroff" and "syscon-reboot" nodes pass them on. */
enum {
    TEST_POWEROFF = 0x5555,
    TEST_REBOOT = 0x7777,
};

#define RNG_SEED_SIZE 32
#define MAX_DTB_SIZE (1 * MiB)

/* Phandles that no device owns. */
typedef struct VirtPhandles {
    uint32_t *cpu;
    uint32_t *cpu_intc;
} VirtPhandles;

/* ---- Nodes without a device ---- */

static void virt_fdt_add_syscon(FDTContext *ctx, VirtMachineState *s, const char *name,
                                uint32_t value, const char *compatible)
{
    FDTNode *node = fdt_node_add(fdt_context_root(ctx), "%s", name);

    fdt_node_set_u32(node, "value", value);
    fdt_node_set_u32(node, "offset", 0);
    fdt_node_set_u32(node, "regmap", fdt_context_get_phandle(ctx, s->devices[VIRT_TEST][0]));
    fdt_node_set_string(node, "compatible", compatible);
}

static void virt_fdt_add_memory(FDTContext *ctx, const MachineState *machine)
{
    hwaddr base = virt_map[VIRT_DRAM].base;
    FDTNode *node = fdt_node_add(fdt_context_root(ctx), "memory@%" PRIx64, base);

    fdt_node_set_string(node, "device_type", "memory");
    fdt_node_set_reg(node, base, machine->ram_size);
}

/* A property of a hart that must be there, for it is part of what boards and harts agreed on. */
static char *virt_hart_get_str(CPUState *hart, const char *property)
{
    char *value = object_property_get_str(OBJECT(hart), property, NULL);

    g_assert(value);
    return value;
}

/* Cache block sizes are told with the extension that uses them. */
static void virt_fdt_set_block_size(FDTNode *node, CPUState *hart, char **extensions,
                                    const char *extension, const char *hart_property,
                                    const char *property)
{
    if (g_strv_contains((const char *const *)extensions, extension)) {
        fdt_node_set_u32(node, property,
                         object_property_get_uint(OBJECT(hart), hart_property, NULL));
    }
}

static void virt_fdt_add_cpu(FDTNode *cpus, VirtMachineState *s, unsigned i,
                             const VirtPhandles *phandles)
{
    CPUState *hart = s->soc.harts[i];
    g_autofree char *isa = virt_hart_get_str(hart, "riscv,isa");
    g_autofree char *isa_base = virt_hart_get_str(hart, "riscv,isa-base");
    g_autofree char *list = virt_hart_get_str(hart, "riscv,isa-extensions");
    g_autofree char *mmu_type = virt_hart_get_str(hart, "mmu-type");
    g_auto(GStrv) extensions = g_strsplit(list, ",", -1);
    FDTNode *cpu = fdt_node_add(cpus, "cpu@%x", i);
    FDTNode *intc;

    fdt_node_set_u32(cpu, "phandle", phandles->cpu[i]);
    fdt_node_set_string(cpu, "device_type", "cpu");
    fdt_node_set_u32(cpu, "reg", i);
    fdt_node_set_string(cpu, "status", "okay");
    fdt_node_set_string(cpu, "compatible", "riscv");
    virt_fdt_set_block_size(cpu, hart, extensions, "zicbop", "cbop_blocksize",
                            "riscv,cbop-block-size");
    virt_fdt_set_block_size(cpu, hart, extensions, "zicboz", "cboz_blocksize",
                            "riscv,cboz-block-size");
    virt_fdt_set_block_size(cpu, hart, extensions, "zicbom", "cbom_blocksize",
                            "riscv,cbom-block-size");
    fdt_node_set_stringv(cpu, "riscv,isa-extensions", (const char *const *)extensions);
    fdt_node_set_string(cpu, "riscv,isa-base", isa_base);
    fdt_node_set_string(cpu, "riscv,isa", isa);
    if (mmu_type[0] != '\0') {
        fdt_node_set_string(cpu, "mmu-type", mmu_type);
    }

    intc = fdt_node_add(cpu, "interrupt-controller");
    fdt_node_set_u32(intc, "#interrupt-cells", 1);
    fdt_node_set_empty(intc, "interrupt-controller");
    fdt_node_set_string(intc, "compatible", "riscv,cpu-intc");
    fdt_node_set_u32(intc, "phandle", phandles->cpu_intc[i]);
}

static void virt_fdt_add_cpus(FDTContext *ctx, VirtMachineState *s, const VirtPhandles *phandles)
{
    FDTNode *cpus = fdt_node_add(fdt_context_root(ctx), "cpus");
    FDTNode *cluster;

    fdt_node_set_u32(cpus, "#address-cells", 1);
    fdt_node_set_u32(cpus, "#size-cells", 0);
    fdt_node_set_u32(cpus, "timebase-frequency", VIRT_TIMEBASE_HZ);
    for (unsigned i = 0; i < MACHINE(s)->smp.cpus; i++) {
        virt_fdt_add_cpu(cpus, s, i, phandles);
    }
    cluster = fdt_node_add(fdt_node_add(cpus, "cpu-map"), "cluster0");
    for (unsigned i = 0; i < MACHINE(s)->smp.cpus; i++) {
        fdt_node_set_u32(fdt_node_add(cluster, "core%u", i), "cpu", phandles->cpu[i]);
    }
}

/*
 * SBI PMU events that the harts' counters count: cycles, instructions, TLB misses of three kinds.
 */
static void virt_fdt_add_pmu(FDTContext *ctx, VirtMachineState *s)
{
    Object *hart = OBJECT(s->soc.harts[0]);
    uint32_t programmable, cycle, instret;
    FDTNode *node;

    if (!object_property_get_bool(hart, "pmu-events", NULL)) {
        return;
    }
    programmable = ((1u << object_property_get_uint(hart, "pmu-num", NULL)) - 1) << 3;
    cycle = programmable | 1 << 0;
    instret = programmable | 1 << 2;
    node = fdt_node_add(fdt_context_root(ctx), "pmu");
    fdt_node_set_cells(node, "riscv,event-to-mhpmcounters", 0x00001, 0x00001, cycle, 0x00002,
                       0x00002, instret, 0x10019, 0x10019, programmable, 0x1001b, 0x1001b,
                       programmable, 0x10021, 0x10021, programmable);
    fdt_node_set_string(node, "compatible", "riscv,pmu");
}

/* ---- Devices ---- */

static void virt_fdt_write_devices(FDTContext *ctx, VirtMachineState *s, FDTNode *soc,
                                   VirtDeviceKind kind)
{
    const VirtDeviceRow *row = &virt_devices[kind];

    for (unsigned i = row->count; i-- > 0;) {
        FDTReg reg = {row->base + i * row->fdt_size, row->fdt_size};
        FDTIrq irq = {row->irq + i, FDT_IRQ_LEVEL_HIGH};
        FDTPlace place = {
            .parent = soc,
            .regs = &reg,
            .num_regs = 1,
            .irq_parent = OBJECT(s->plic),
            .irqs = &irq,
            .num_irqs = row->irq ? 1 : 0,
        };

        if (s->devices[kind][i]) {
            fdt_context_write_device(ctx, s->devices[kind][i], &place);
        }
    }
}

/* An interrupt device that drives lines @irqs of every hart, hart by hart. */
static void virt_fdt_write_intc(FDTContext *ctx, VirtMachineState *s, FDTNode *soc,
                                DeviceState *dev, const FDTReg *regs, unsigned num_regs,
                                const VirtPhandles *phandles, const uint32_t *irqs,
                                unsigned num_irqs)
{
    unsigned harts = MACHINE(s)->smp.cpus;
    g_autofree uint32_t *cells = g_new(uint32_t, 2 * harts * num_irqs);
    RISCVIrqTargets targets = {cells, 0};
    FDTPlace place = {
        .parent = soc,
        .regs = regs,
        .num_regs = num_regs,
        .board_data = &targets,
    };

    for (unsigned i = 0; i < harts; i++) {
        for (unsigned j = 0; j < num_irqs; j++) {
            cells[targets.num_cells++] = phandles->cpu_intc[i];
            cells[targets.num_cells++] = irqs[j];
        }
    }
    fdt_context_write_device(ctx, dev, &place);
}

static void virt_fdt_write_timers(FDTContext *ctx, VirtMachineState *s, FDTNode *soc,
                                  const VirtPhandles *phandles)
{
    static const uint32_t clint_irqs[] = {IRQ_M_SOFT, IRQ_M_TIMER};
    static const uint32_t mswi_irqs[] = {IRQ_M_SOFT};
    static const uint32_t sswi_irqs[] = {IRQ_S_SOFT};
    static const uint32_t mtimer_irqs[] = {IRQ_M_TIMER};
    hwaddr clint = virt_map[VIRT_CLINT].base;
    hwaddr mtimer = clint + VIRT_CLINT_MTIMER;
    FDTReg mswi_reg = {clint, VIRT_ACLINT_SWI_SIZE};
    /* mtime, with the rest of the CLINT's window, and mtimecmp. */
    FDTReg mtimer_regs[] = {
        {mtimer + VIRT_MTIMER_TIME,
         virt_map[VIRT_CLINT].size - VIRT_CLINT_MTIMER - VIRT_MTIMER_TIME},
        {mtimer, VIRT_MTIMER_TIME},
    };

    if (!s->aclint) {
        virt_fdt_write_intc(ctx, s, soc, s->mtimer, &virt_map[VIRT_CLINT], 1, phandles, clint_irqs,
                            ARRAY_SIZE(clint_irqs));
        return;
    }
    virt_fdt_write_intc(ctx, s, soc, s->sswi, &virt_map[VIRT_ACLINT_SSWI], 1, phandles, sswi_irqs,
                        ARRAY_SIZE(sswi_irqs));
    virt_fdt_write_intc(ctx, s, soc, s->mtimer, mtimer_regs, ARRAY_SIZE(mtimer_regs), phandles,
                        mtimer_irqs, ARRAY_SIZE(mtimer_irqs));
    virt_fdt_write_intc(ctx, s, soc, s->mswi, &mswi_reg, 1, phandles, mswi_irqs,
                        ARRAY_SIZE(mswi_irqs));
}

static void virt_fdt_add_soc(FDTContext *ctx, VirtMachineState *s, const VirtPhandles *phandles)
{
    static const VirtDeviceKind order[] = {VIRT_RTC, VIRT_UART0, VIRT_TEST, VIRT_VIRTIO};
    static const uint32_t plic_irqs[] = {IRQ_M_EXT, IRQ_S_EXT};
    FDTNode *soc = fdt_node_add(fdt_context_root(ctx), "soc");

    fdt_node_set_u32(soc, "#address-cells", 2);
    fdt_node_set_u32(soc, "#size-cells", 2);
    fdt_node_set_string(soc, "compatible", "simple-bus");
    fdt_node_set_empty(soc, "ranges");
    for (unsigned i = 0; i < ARRAY_SIZE(order); i++) {
        virt_fdt_write_devices(ctx, s, soc, order[i]);
    }
    virt_fdt_write_intc(ctx, s, soc, s->plic, &virt_map[VIRT_PLIC], 1, phandles, plic_irqs,
                        ARRAY_SIZE(plic_irqs));
    virt_fdt_write_timers(ctx, s, soc, phandles);
}

/* ---- The tree ---- */

/* The highest hart comes first: the numbers are those of the board users compare with. */
static void virt_fdt_alloc_phandles(FDTContext *ctx, VirtMachineState *s, VirtPhandles *phandles)
{
    unsigned harts = MACHINE(s)->smp.cpus;

    phandles->cpu = g_new(uint32_t, harts);
    phandles->cpu_intc = g_new(uint32_t, harts);
    for (unsigned i = harts; i-- > 0;) {
        phandles->cpu[i] = fdt_context_alloc_phandle(ctx);
        phandles->cpu_intc[i] = fdt_context_alloc_phandle(ctx);
    }
    fdt_context_add_irq_controller(ctx, s->plic, 1);
    fdt_context_get_phandle(ctx, s->plic);
    fdt_context_get_phandle(ctx, s->devices[VIRT_TEST][0]);
}

static void virt_fdt_generate(FDTContext *ctx, VirtMachineState *s, uint32_t first_phandle)
{
    MachineState *machine = MACHINE(s);
    FDTNode *root = fdt_context_root(ctx);
    VirtPhandles phandles;
    g_autofree char *uart = g_strdup_printf("/soc/serial@%" PRIx64, virt_devices[VIRT_UART0].base);

    if (first_phandle) {
        fdt_context_reserve_phandles(ctx, first_phandle);
    }
    virt_fdt_alloc_phandles(ctx, s, &phandles);
    fdt_node_set_u32(root, "#address-cells", 2);
    fdt_node_set_u32(root, "#size-cells", 2);
    fdt_node_set_string(root, "compatible", machine->dt_compatible ?: "riscv-virtio");
    fdt_node_set_string(root, "model", "riscv-virtio,qemu");
    virt_fdt_add_syscon(ctx, s, "poweroff", TEST_POWEROFF, "syscon-poweroff");
    virt_fdt_add_syscon(ctx, s, "reboot", TEST_REBOOT, "syscon-reboot");
    virt_fdt_add_memory(ctx, machine);
    virt_fdt_add_cpus(ctx, s, &phandles);
    virt_fdt_add_pmu(ctx, s);
    fdt_node_set_string(fdt_node_add(root, "aliases"), "serial0", uart);
    fdt_node_set_string(fdt_node_add(root, "chosen"), "stdout-path", uart);
    virt_fdt_add_soc(ctx, s, &phandles);
    g_free(phandles.cpu);
    g_free(phandles.cpu_intc);
}

static FDTNode *virt_fdt_chosen(FDTContext *ctx)
{
    FDTNode *root = fdt_context_root(ctx);

    return fdt_node_find(root, "chosen") ?: fdt_node_add(root, "chosen");
}

static bool virt_fdt_load(FDTContext *ctx, const char *filename, GError **error)
{
    g_autoptr(GBytes) file = load_file_bytes(filename, MAX_DTB_SIZE, error);
    size_t size;
    const void *blob;

    if (!file) {
        error_prefix(error, "could not load device tree '%s': ", filename);
        return false;
    }
    blob = g_bytes_get_data(file, &size);
    if (!fdt_context_load(ctx, blob, size, error)) {
        error_prefix(error, "could not load device tree '%s': ", filename);
        return false;
    }
    return true;
}

FDTContext *virt_fdt_new(VirtMachineState *s, GError **error)
{
    MachineState *machine = MACHINE(s);
    g_autoptr(FDTContext) ctx = fdt_context_new();
    uint8_t seed[RNG_SEED_SIZE];

    if (machine->dtb) {
        if (!virt_fdt_load(ctx, machine->dtb, error)) {
            return NULL;
        }
    } else {
        virt_fdt_generate(ctx, s, machine->phandle_start);
    }
    if (machine->kernel_cmdline && machine->kernel_cmdline[0] != '\0') {
        fdt_node_set_string(virt_fdt_chosen(ctx), "bootargs", machine->kernel_cmdline);
    }
    if (!machine->dtb) {
        if (!qemu_guest_getrandom(seed, sizeof(seed), error)) {
            return NULL;
        }
        fdt_node_set_bytes(virt_fdt_chosen(ctx), "rng-seed", seed, sizeof(seed));
    }
    return g_steal_pointer(&ctx);
}

void virt_fdt_set_initrd(FDTContext *ctx, hwaddr start, hwaddr end)
{
    FDTNode *chosen = virt_fdt_chosen(ctx);

    fdt_node_set_u64(chosen, "linux,initrd-start", start);
    fdt_node_set_u64(chosen, "linux,initrd-end", end);
}
