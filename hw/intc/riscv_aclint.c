/* SPDX-License-Identifier: MIT */
/*
 * RISC-V ACLINT: the software interrupt device (MSWI, SSWI) and the machine timer (MTIMER).
 *
 * A SiFive CLINT is an MSWI at offset 0 and an MTIMER at offset 0x4000 of one 64 KiB window; boards
 * compose it from the two devices here.
 *
 * Specification: RISC-V Advanced Core Local Interruptor 1.0-rc4, chapters "Machine-level Software
 * Interrupt Device", "Machine-level Timer Device", "Supervisor-level Software Interrupt Device".
 * Where that leaves a choice: mtimecmp is 0 after reset, as is mtime, so a timer interrupt is
 * pending until software programs the comparator.
 *
 * Register accesses run without the BQL, on any number of vCPU threads at once. Each device has a
 * lock that orders its state changes with the levels it puts on its output lines; the harts' input
 * handlers are called with it held, so they must neither block nor come back here. The clock is
 * read without a lock. Tests: tests/unit/hw/intc/test-riscv-aclint.c.
 */
#include "qemu/osdep.h"

#include "hw/core/fdt-context.h"
#include "hw/core/irq.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/reset.h"
#include "hw/core/sysbus.h"
#include "hw/core/time-base.h"
#include "hw/intc/riscv-irq-targets.h"
#include "qemu/atomic.h"
#include "qemu/error.h"
#include "qemu/host-utils.h"
#include "qemu/log.h"
#include "qemu/thread.h"
#include "qemu/timer.h"
#include "system/memory.h"

/* Chapters "Register Map": 4095 harts share one device; hart 4095's slot is taken or reserved. */
#define ACLINT_MAX_HARTS 4095
#define ACLINT_SWI_SIZE 0x4000

/* ---- Software interrupts ---- */

#define TYPE_RISCV_ACLINT_SWI "riscv.aclint.swi"
OBJECT_DECLARE_SIMPLE_TYPE(RISCVAclintSwiState, RISCV_ACLINT_SWI)

struct RISCVAclintSwiState {
    SysBusDevice parent_obj;

    /* [const] */
    MemoryRegion mmio;
    uint32_t hartid_base;
    uint32_t num_harts;
    uint32_t sswi; /* writes set SSIP, which the hart itself clears; else they set and clear MSIP */
    qemu_irq *irqs;

    QemuMutex lock;
    uint8_t *msip; /* [lock:lock] one for each hart */
};

static uint64_t aclint_swi_read(void *opaque, hwaddr addr, unsigned size)
{
    RISCVAclintSwiState *s = opaque;
    hwaddr hart = addr / 4;

    if (hart >= s->num_harts) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: read of reserved offset 0x%" HWADDR_PRIx "\n",
                      TYPE_RISCV_ACLINT_SWI, addr);
        return 0;
    }
    /* A SETSSIP register reads as zero: the array then stays zero. */
    return qatomic_read(&s->msip[hart]);
}

static void aclint_swi_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    RISCVAclintSwiState *s = opaque;
    hwaddr hart = addr / 4;

    if (hart >= s->num_harts) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: write of reserved offset 0x%" HWADDR_PRIx "\n",
                      TYPE_RISCV_ACLINT_SWI, addr);
        return;
    }
    qemu_mutex_lock(&s->lock);
    if (s->sswi) {
        if (value & 1) {
            qemu_irq_raise(s->irqs[hart]);
        }
    } else {
        qatomic_set(&s->msip[hart], value & 1);
        qemu_set_irq(s->irqs[hart], value & 1);
    }
    qemu_mutex_unlock(&s->lock);
}

static const MemoryRegionOps aclint_swi_ops = {
    .read = aclint_swi_read,
    .write = aclint_swi_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 4, .max_access_size = 4},
    .impl = {.min_access_size = 4, .max_access_size = 4},
};

static void aclint_swi_reset_enter(Object *obj, ResetType type)
{
    RISCVAclintSwiState *s = RISCV_ACLINT_SWI(obj);

    memset(s->msip, 0, s->num_harts);
}

static void aclint_swi_reset_hold(Object *obj, ResetType type)
{
    RISCVAclintSwiState *s = RISCV_ACLINT_SWI(obj);

    for (uint32_t i = 0; i < s->num_harts; i++) {
        qemu_irq_lower(s->irqs[i]);
    }
}

static bool aclint_check_num_harts(uint32_t num_harts, GError **error)
{
    if (num_harts == 0 || num_harts > ACLINT_MAX_HARTS) {
        error_setg(error, "num-harts %" PRIu32 " is not in 1..%d", num_harts, ACLINT_MAX_HARTS);
        return false;
    }
    return true;
}

/* Linux' "riscv,aclint-mswi" and "riscv,aclint-sswi" bindings. */
static void aclint_swi_fdt(DeviceState *dev, FDTContext *ctx)
{
    const RISCVIrqTargets *targets = fdt_context_place(ctx)->board_data;
    bool sswi = RISCV_ACLINT_SWI(dev)->sswi;
    FDTNode *node = fdt_context_add_node(ctx, sswi ? "sswi" : "mswi");

    fdt_node_set_cells(node, "#interrupt-cells", 0);
    fdt_node_set_empty(node, "interrupt-controller");
    fdt_node_set_cellv(node, "interrupts-extended", targets->cells, targets->num_cells);
    fdt_context_set_reg(ctx, node);
    fdt_node_set_string(node, "compatible", sswi ? "riscv,aclint-sswi" : "riscv,aclint-mswi");
}

static bool aclint_swi_realize(DeviceState *dev, GError **error)
{
    RISCVAclintSwiState *s = RISCV_ACLINT_SWI(dev);

    if (!aclint_check_num_harts(s->num_harts, error)) {
        return false;
    }
    qemu_mutex_init(&s->lock);
    s->msip = g_new0(uint8_t, s->num_harts);
    s->irqs = g_new0(qemu_irq, s->num_harts);
    qdev_init_gpio_out(dev, s->irqs, s->num_harts);
    memory_region_init_io(&s->mmio, OBJECT(dev), &aclint_swi_ops, s, TYPE_RISCV_ACLINT_SWI,
                          ACLINT_SWI_SIZE);
    memory_region_clear_global_locking(&s->mmio);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->mmio);
    return true;
}

static void aclint_swi_finalize(Object *obj)
{
    RISCVAclintSwiState *s = RISCV_ACLINT_SWI(obj);

    g_free(s->msip);
    g_free(s->irqs);
}

static const Property aclint_swi_properties[] = {
    DEFINE_PROP_UINT32("hartid-base", RISCVAclintSwiState, hartid_base, 0),
    DEFINE_PROP_UINT32("num-harts", RISCVAclintSwiState, num_harts, 1),
    DEFINE_PROP_UINT32("sswi", RISCVAclintSwiState, sswi, 0),
};

static void aclint_swi_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    dc->desc = "RISC-V ACLINT software interrupts";
    dc->realize = aclint_swi_realize;
    dc->fdt = aclint_swi_fdt;
    rc->phases.enter = aclint_swi_reset_enter;
    rc->phases.hold = aclint_swi_reset_hold;
    device_class_set_props(dc, aclint_swi_properties);
}

/* ---- Machine timer ---- */

#define TYPE_RISCV_ACLINT_MTIMER "riscv.aclint.mtimer"
OBJECT_DECLARE_SIMPLE_TYPE(RISCVAclintMtimerState, RISCV_ACLINT_MTIMER)

typedef struct MtimerHart {
    RISCVAclintMtimerState *s; /* [const] */
    QEMUTimer *timer;  /* [const] armed for mtimecmp, unless that has passed or never comes */
    qemu_irq irq;      /* [const] */
    uint64_t mtimecmp; /* [lock:lock] */
} MtimerHart;

struct RISCVAclintMtimerState {
    SysBusDevice parent_obj;

    /* [const] */
    MemoryRegion mmio;
    uint32_t hartid_base;
    uint32_t num_harts;
    uint32_t timecmp_base;
    uint32_t time_base;
    uint32_t aperture_size;
    uint32_t timebase_freq;
    MtimerHart *harts;

    QemuMutex lock;
    NotifierList change_notifiers; /* [lock:lock] to notify; filled during set-up */
    uint64_t offset; /* [atomic] mtime minus the ticks of QEMU_CLOCK_VIRTUAL; written under @lock */
};

/* Ticks of QEMU_CLOCK_VIRTUAL, without the offset that makes them mtime. */
static uint64_t mtimer_clock_ticks(const RISCVAclintMtimerState *s, int64_t now_ns)
{
    return muldiv64(now_ns, s->timebase_freq, NANOSECONDS_PER_SECOND);
}

static uint64_t mtimer_read_time(RISCVAclintMtimerState *s)
{
    return mtimer_clock_ticks(s, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL)) + qatomic_read(&s->offset);
}

static int64_t mtimer_deadline_ns(RISCVAclintMtimerState *s, uint64_t ticks)
{
    int64_t now_ns = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    uint64_t clock_now = mtimer_clock_ticks(s, now_ns);
    uint64_t mtime = clock_now + qatomic_read(&s->offset);
    unsigned __int128 ns;

    if (mtime >= ticks) {
        return now_ns;
    }
    /* The first ns at which the clock's ticks, rounded down, reach the target: round up. */
    ns = (unsigned __int128)clock_now + (ticks - mtime);
    ns = (ns * NANOSECONDS_PER_SECOND + s->timebase_freq - 1) / s->timebase_freq;
    return ns < INT64_MAX ? (int64_t)ns : INT64_MAX;
}

/* MTIP is the comparison itself; while it is false, the timer wakes us when it may have changed. */
static void mtimer_update_hart_locked(RISCVAclintMtimerState *s, MtimerHart *hart)
    TSA_REQUIRES(s->lock)
{
    bool pending = mtimer_read_time(s) >= hart->mtimecmp;
    int64_t deadline = pending ? INT64_MAX : mtimer_deadline_ns(s, hart->mtimecmp);

    qemu_set_irq(hart->irq, pending);
    if (deadline == INT64_MAX) {
        timer_del(hart->timer);
    } else {
        timer_mod(hart->timer, deadline);
    }
}

static void mtimer_expired(void *opaque)
{
    MtimerHart *hart = opaque;
    RISCVAclintMtimerState *s = hart->s;

    qemu_mutex_lock(&s->lock);
    mtimer_update_hart_locked(s, hart);
    qemu_mutex_unlock(&s->lock);
}

/* Let mtime be @value from now on. */
static void mtimer_set_time_locked(RISCVAclintMtimerState *s, uint64_t value) TSA_REQUIRES(s->lock)
{
    qatomic_set(&s->offset, value - mtimer_clock_ticks(s, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL)));
    for (uint32_t i = 0; i < s->num_harts; i++) {
        mtimer_update_hart_locked(s, &s->harts[i]);
    }
    notifier_list_notify(&s->change_notifiers, TIME_BASE(s));
}

/* @old with the half at @addr, or with all of it when @size is 8, replaced by @value. */
static uint64_t mtimer_merge(uint64_t old, hwaddr addr, uint64_t value, unsigned size)
{
    if (size == 8) {
        return value;
    }
    return addr & 4 ? (uint32_t)old | value << 32 : (old & ~(uint64_t)UINT32_MAX) | value;
}

static uint64_t mtimer_extract(uint64_t reg, hwaddr addr, unsigned size)
{
    return size == 8 ? reg : addr & 4 ? reg >> 32 : (uint32_t)reg;
}

/* The hart whose mtimecmp is at @addr, or NULL. */
static MtimerHart *mtimer_hart_at(RISCVAclintMtimerState *s, hwaddr addr)
{
    hwaddr i = (addr - s->timecmp_base) / 8;

    return addr >= s->timecmp_base && i < s->num_harts ? &s->harts[i] : NULL;
}

static bool mtimer_is_time(const RISCVAclintMtimerState *s, hwaddr addr)
{
    return addr >= s->time_base && addr - s->time_base < 8;
}

static uint64_t mtimer_read(void *opaque, hwaddr addr, unsigned size)
{
    RISCVAclintMtimerState *s = opaque;
    MtimerHart *hart = mtimer_hart_at(s, addr);
    uint64_t reg;

    if (mtimer_is_time(s, addr)) {
        reg = mtimer_read_time(s);
    } else if (hart) {
        qemu_mutex_lock(&s->lock);
        reg = hart->mtimecmp;
        qemu_mutex_unlock(&s->lock);
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: read of reserved offset 0x%" HWADDR_PRIx "\n",
                      TYPE_RISCV_ACLINT_MTIMER, addr);
        return 0;
    }
    return mtimer_extract(reg, addr, size);
}

static void mtimer_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    RISCVAclintMtimerState *s = opaque;
    MtimerHart *hart = mtimer_hart_at(s, addr);

    qemu_mutex_lock(&s->lock);
    if (mtimer_is_time(s, addr)) {
        mtimer_set_time_locked(s, mtimer_merge(mtimer_read_time(s), addr, value, size));
    } else if (hart) {
        hart->mtimecmp = mtimer_merge(hart->mtimecmp, addr, value, size);
        mtimer_update_hart_locked(s, hart);
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: write of reserved offset 0x%" HWADDR_PRIx "\n",
                      TYPE_RISCV_ACLINT_MTIMER, addr);
    }
    qemu_mutex_unlock(&s->lock);
}

static const MemoryRegionOps mtimer_ops = {
    .read = mtimer_read,
    .write = mtimer_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 4, .max_access_size = 8},
    .impl = {.min_access_size = 4, .max_access_size = 8},
};

/* A plain cast: rdtime comes this way, and the class has only this one implementation behind it. */
static uint64_t mtimer_time_base_read(TimeBase *tb)
{
    return mtimer_read_time((RISCVAclintMtimerState *)tb);
}

static uint32_t mtimer_time_base_frequency_hz(TimeBase *tb)
{
    return ((RISCVAclintMtimerState *)tb)->timebase_freq;
}

static int64_t mtimer_time_base_deadline_ns(TimeBase *tb, uint64_t ticks)
{
    return mtimer_deadline_ns((RISCVAclintMtimerState *)tb, ticks);
}

static void mtimer_time_base_add_change_notifier(TimeBase *tb, Notifier *notifier)
{
    notifier_list_add(&((RISCVAclintMtimerState *)tb)->change_notifiers, notifier);
}

static void mtimer_reset_enter(Object *obj, ResetType type)
{
    RISCVAclintMtimerState *s = RISCV_ACLINT_MTIMER(obj);

    for (uint32_t i = 0; i < s->num_harts; i++) {
        s->harts[i].mtimecmp = 0;
    }
}

/* The harts have their reset state now: their lines, and through the notifiers stimecmp, follow. */
static void mtimer_reset_exit(Object *obj, ResetType type)
{
    RISCVAclintMtimerState *s = RISCV_ACLINT_MTIMER(obj);

    qemu_mutex_lock(&s->lock);
    mtimer_set_time_locked(s, 0);
    qemu_mutex_unlock(&s->lock);
}

/*
 * With two windows, mtime and mtimecmp, Linux' "riscv,aclint-mtimer" binding. With one, the board
 * shows a SiFive CLINT, of which this is the timer: the node then stands for the MSWI as well.
 */
static void mtimer_fdt(DeviceState *dev, FDTContext *ctx)
{
    const FDTPlace *place = fdt_context_place(ctx);
    const RISCVIrqTargets *targets = place->board_data;
    bool is_clint = place->num_regs == 1;
    FDTNode *node = fdt_context_add_node(ctx, is_clint ? "clint" : "mtimer");

    fdt_node_set_cellv(node, "interrupts-extended", targets->cells, targets->num_cells);
    fdt_context_set_reg(ctx, node);
    if (is_clint) {
        fdt_node_set_strings(node, "compatible", "sifive,clint0", "riscv,clint0");
    } else {
        fdt_node_set_string(node, "compatible", "riscv,aclint-mtimer");
    }
}

static bool mtimer_check_properties(const RISCVAclintMtimerState *s, GError **error)
{
    if (!aclint_check_num_harts(s->num_harts, error)) {
        return false;
    }
    if (s->timebase_freq == 0) {
        error_setg(error, "timebase-freq must not be 0");
        return false;
    }
    if (s->timecmp_base % 8 != 0 || s->time_base % 8 != 0 ||
        (uint64_t)s->timecmp_base + s->num_harts * 8 > s->aperture_size ||
        (uint64_t)s->time_base + 8 > s->aperture_size) {
        error_setg(error, "timecmp-base and time-base must be multiples of 8 inside the aperture");
        return false;
    }
    return true;
}

static bool mtimer_realize(DeviceState *dev, GError **error)
{
    RISCVAclintMtimerState *s = RISCV_ACLINT_MTIMER(dev);

    if (!mtimer_check_properties(s, error)) {
        return false;
    }
    qemu_mutex_init(&s->lock);
    s->harts = g_new0(MtimerHart, s->num_harts);
    for (uint32_t i = 0; i < s->num_harts; i++) {
        s->harts[i].s = s;
        s->harts[i].timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, mtimer_expired, &s->harts[i]);
        qdev_init_gpio_out(dev, &s->harts[i].irq, 1);
    }
    memory_region_init_io(&s->mmio, OBJECT(dev), &mtimer_ops, s, TYPE_RISCV_ACLINT_MTIMER,
                          s->aperture_size);
    memory_region_clear_global_locking(&s->mmio);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->mmio);
    return true;
}

static void mtimer_unrealize(DeviceState *dev)
{
    RISCVAclintMtimerState *s = RISCV_ACLINT_MTIMER(dev);

    for (uint32_t i = 0; i < s->num_harts; i++) {
        timer_del(s->harts[i].timer);
    }
}

static const Property mtimer_properties[] = {
    DEFINE_PROP_UINT32("hartid-base", RISCVAclintMtimerState, hartid_base, 0),
    DEFINE_PROP_UINT32("num-harts", RISCVAclintMtimerState, num_harts, 1),
    DEFINE_PROP_UINT32("timecmp-base", RISCVAclintMtimerState, timecmp_base, 0),
    DEFINE_PROP_UINT32("time-base", RISCVAclintMtimerState, time_base, 0x7ff8),
    DEFINE_PROP_UINT32("aperture-size", RISCVAclintMtimerState, aperture_size, 0x8000),
    DEFINE_PROP_UINT32("timebase-freq", RISCVAclintMtimerState, timebase_freq, 0),
};

static void mtimer_init(Object *obj)
{
    notifier_list_init(&RISCV_ACLINT_MTIMER(obj)->change_notifiers);
}

static void mtimer_finalize(Object *obj)
{
    RISCVAclintMtimerState *s = RISCV_ACLINT_MTIMER(obj);

    for (uint32_t i = 0; s->harts && i < s->num_harts; i++) {
        timer_free(s->harts[i].timer);
    }
    g_free(s->harts);
}

static void mtimer_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);
    TimeBaseClass *tbc = TIME_BASE_CLASS(klass);

    dc->desc = "RISC-V ACLINT machine timer";
    dc->realize = mtimer_realize;
    dc->unrealize = mtimer_unrealize;
    dc->fdt = mtimer_fdt;
    rc->phases.enter = mtimer_reset_enter;
    rc->phases.exit = mtimer_reset_exit;
    tbc->read = mtimer_time_base_read;
    tbc->frequency_hz = mtimer_time_base_frequency_hz;
    tbc->deadline_ns = mtimer_time_base_deadline_ns;
    tbc->add_change_notifier = mtimer_time_base_add_change_notifier;
    device_class_set_props(dc, mtimer_properties);
}

static const TypeInfo aclint_types[] = {
    {
        .name = TYPE_RISCV_ACLINT_SWI,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(RISCVAclintSwiState),
        .instance_finalize = aclint_swi_finalize,
        .class_init = aclint_swi_class_init,
    },
    {
        .name = TYPE_RISCV_ACLINT_MTIMER,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(RISCVAclintMtimerState),
        .instance_init = mtimer_init,
        .instance_finalize = mtimer_finalize,
        .class_init = mtimer_class_init,
        .interfaces = (const InterfaceInfo[]){{TYPE_TIME_BASE}, {}},
    },
};
DEFINE_TYPES(aclint_types)
