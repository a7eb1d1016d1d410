/* SPDX-License-Identifier: MIT */
/*
 * RISC-V Platform-Level Interrupt Controller, with SiFive's register map.
 *
 * Inputs: one level-sensitive line for each source, active high; source 0 does not exist. Outputs:
 * one line for each context, in the order of "hart-config", to be connected to the external
 * interrupt input of that hart and mode.
 *
 * Specification: RISC-V Platform-Level Interrupt Controller 1.0.0; chapter names below are its own.
 *
 * Register accesses run without the BQL, on any number of vCPU threads at once; input lines may be
 * driven by any thread. One lock guards all state and orders it with the levels of the outputs: the
 * harts' input handlers are called with it held, so they must neither block nor come back here.
 * With 96 sources a claim looks at three words. Tests: tests/unit/hw/intc/test-sifive-plic.c.
 */
#include "qemu/osdep.h"

#include "hw/core/fdt-context.h"
#include "hw/core/irq.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/reset.h"
#include "hw/core/sysbus.h"
#include "hw/intc/riscv-irq-targets.h"
#include "qemu/error.h"
#include "qemu/host-utils.h"
#include "qemu/log.h"
#include "qemu/thread.h"
#include "system/memory.h"

#define TYPE_SIFIVE_PLIC "riscv.sifive.plic"
OBJECT_DECLARE_SIMPLE_TYPE(SiFivePLICState, SIFIVE_PLIC)

/* "Memory Map": at most 1024 sources (0 included) and 15872 contexts. */
#define PLIC_MAX_SOURCES 1024
#define PLIC_MAX_CONTEXTS 15872

/* Offsets in a context's block of registers. */
enum {
    CONTEXT_THRESHOLD = 0,
    CONTEXT_CLAIM = 4,
};

typedef struct PLICContext {
    qemu_irq irq;       /* [const] */
    uint32_t *enable;   /* [lock:lock] a bit for each source */
    uint32_t threshold; /* [lock:lock] */
    bool raised;        /* [lock:lock] level of @irq */
} PLICContext;

struct SiFivePLICState {
    SysBusDevice parent_obj;

    /* [const] properties */
    MemoryRegion mmio;
    char *hart_config;
    uint32_t hartid_base;
    uint32_t num_sources; /* source 0 included */
    uint32_t num_priorities;
    uint32_t priority_base;
    uint32_t pending_base;
    uint32_t enable_base;
    uint32_t enable_stride;
    uint32_t context_base;
    uint32_t context_stride;
    uint32_t aperture_size;

    /* [const] */
    uint32_t num_words; /* of a bitmap of sources */
    uint32_t num_contexts;
    uint32_t priority_mask;

    QemuMutex lock;
    PLICContext *contexts;
    uint32_t *priority; /* [lock:lock] one for each source */
    uint32_t *level;    /* [lock:lock] bitmap: the input lines */
    uint32_t *pending;  /* [lock:lock] bitmap: IP bits */
    uint32_t *closed;   /* [lock:lock] bitmap: the gateway waits for a completion message */
};

static bool plic_test(const uint32_t *map, uint32_t source)
{
    return map[source / 32] >> (source % 32) & 1;
}

static void plic_assign(uint32_t *map, uint32_t source, bool value)
{
    uint32_t bit = 1u << (source % 32);

    map[source / 32] = value ? map[source / 32] | bit : map[source / 32] & ~bit;
}

/*
 * ---- Core: what is pending for whom ("Interrupt Notifications", "Interrupt Claim Process") ----
 */

/*
 * The pending and enabled source of highest priority, the lowest number winning ties, with a
 * priority above @threshold; 0 if there is none. Priority 0 never interrupts.
 */
static uint32_t plic_best_source_locked(const SiFivePLICState *s, const PLICContext *ctx,
                                        uint32_t threshold) TSA_REQUIRES(s->lock)
{
    uint32_t best = 0, best_priority = threshold;

    for (uint32_t word = 0; word < s->num_words; word++) {
        uint32_t bits = s->pending[word] & ctx->enable[word];

        for (; bits; bits &= bits - 1) {
            uint32_t source = word * 32 + ctz32(bits);

            if (s->priority[source] > best_priority) {
                best = source;
                best_priority = s->priority[source];
            }
        }
    }
    return best;
}

static void plic_update_context_locked(SiFivePLICState *s, PLICContext *ctx) TSA_REQUIRES(s->lock)
{
    bool raised = plic_best_source_locked(s, ctx, ctx->threshold) != 0;

    if (raised != ctx->raised) {
        ctx->raised = raised;
        qemu_set_irq(ctx->irq, raised);
    }
}

/* @source changed its priority or pending bit. */
static void plic_update_source_locked(SiFivePLICState *s, uint32_t source) TSA_REQUIRES(s->lock)
{
    for (uint32_t i = 0; i < s->num_contexts; i++) {
        if (plic_test(s->contexts[i].enable, source)) {
            plic_update_context_locked(s, &s->contexts[i]);
        }
    }
}

/* ---- Gateways ("Interrupt Gateways"): one request at a time for each source ---- */

/* An open gateway turns a high level into a request, and closes until that has been completed. */
static void plic_gateway_forward_locked(SiFivePLICState *s, uint32_t source) TSA_REQUIRES(s->lock)
{
    if (plic_test(s->level, source) && !plic_test(s->closed, source)) {
        plic_assign(s->closed, source, true);
        plic_assign(s->pending, source, true);
        plic_update_source_locked(s, source);
    }
}

/* A request that has reached the core stays, even if the level falls before it is claimed. */
static void plic_set_level(void *opaque, int source, int level)
{
    SiFivePLICState *s = SIFIVE_PLIC(opaque);

    qemu_mutex_lock(&s->lock);
    if (source != 0) {
        plic_assign(s->level, source, level != 0);
        plic_gateway_forward_locked(s, source);
    }
    qemu_mutex_unlock(&s->lock);
}

/* ---- Registers ---- */

/* The threshold does not limit what is claimed ("Interrupt Claim Process"). */
static uint32_t plic_claim_locked(SiFivePLICState *s, PLICContext *ctx) TSA_REQUIRES(s->lock)
{
    uint32_t source = plic_best_source_locked(s, ctx, 0);

    if (source) {
        plic_assign(s->pending, source, false);
        plic_update_source_locked(s, source);
    }
    return source;
}

/* Ignored unless @source is one that the context has enabled ("Interrupt Completion"). */
static void plic_complete_locked(SiFivePLICState *s, PLICContext *ctx, uint32_t source)
    TSA_REQUIRES(s->lock)
{
    if (source == 0 || source >= s->num_sources || !plic_test(ctx->enable, source)) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: completion of %" PRIu32 ", which is not enabled\n",
                      TYPE_SIFIVE_PLIC, source);
        return;
    }
    if (!plic_test(s->pending, source)) {
        plic_assign(s->closed, source, false);
        plic_gateway_forward_locked(s, source);
    }
}

static void plic_write_enable_locked(SiFivePLICState *s, PLICContext *ctx, uint32_t word,
                                     uint32_t value) TSA_REQUIRES(s->lock)
{
    uint32_t valid = UINT32_MAX;

    /* Bits of sources that do not exist are hardwired to zero. */
    if (word == 0) {
        valid &= ~1u;
    }
    if (word == s->num_sources / 32) {
        valid &= (1u << (s->num_sources % 32)) - 1;
    }
    ctx->enable[word] = value & valid;
    plic_update_context_locked(s, ctx);
}

typedef enum PLICRegKind {
    PLIC_REG_NONE,
    PLIC_REG_PRIORITY,  /* @index: source */
    PLIC_REG_PENDING,   /* @index: word */
    PLIC_REG_ENABLE,    /* @ctx, @index: word */
    PLIC_REG_THRESHOLD, /* @ctx */
    PLIC_REG_CLAIM,     /* @ctx */
} PLICRegKind;

typedef struct PLICReg {
    PLICRegKind kind;
    PLICContext *ctx;
    uint32_t index;
} PLICReg;

/*
 * Whether @addr is in an array of @count elements of @stride bytes at @base; then which, and where.
 */
static bool plic_in_array(hwaddr addr, uint32_t base, uint32_t count, uint32_t stride,
                          uint32_t *element, uint32_t *offset)
{
    if (addr < base || (addr - base) / stride >= count) {
        return false;
    }
    *element = (addr - base) / stride;
    *offset = (addr - base) % stride;
    return true;
}

static PLICReg plic_decode(SiFivePLICState *s, hwaddr addr)
{
    uint32_t i, offset;

    if (plic_in_array(addr, s->priority_base, s->num_sources, 4, &i, &offset)) {
        return (PLICReg){PLIC_REG_PRIORITY, NULL, i};
    }
    if (plic_in_array(addr, s->pending_base, s->num_words, 4, &i, &offset)) {
        return (PLICReg){PLIC_REG_PENDING, NULL, i};
    }
    if (plic_in_array(addr, s->enable_base, s->num_contexts, s->enable_stride, &i, &offset) &&
        offset / 4 < s->num_words) {
        return (PLICReg){PLIC_REG_ENABLE, &s->contexts[i], offset / 4};
    }
    if (plic_in_array(addr, s->context_base, s->num_contexts, s->context_stride, &i, &offset)) {
        if (offset == CONTEXT_THRESHOLD) {
            return (PLICReg){PLIC_REG_THRESHOLD, &s->contexts[i], 0};
        }
        if (offset == CONTEXT_CLAIM) {
            return (PLICReg){PLIC_REG_CLAIM, &s->contexts[i], 0};
        }
    }
    return (PLICReg){PLIC_REG_NONE, NULL, 0};
}

static uint64_t plic_read(void *opaque, hwaddr addr, unsigned size)
{
    SiFivePLICState *s = opaque;
    PLICReg reg = plic_decode(s, addr);
    uint64_t value = 0;

    qemu_mutex_lock(&s->lock);
    switch (reg.kind) {
    case PLIC_REG_PRIORITY:
        value = s->priority[reg.index];
        break;
    case PLIC_REG_PENDING:
        value = s->pending[reg.index];
        break;
    case PLIC_REG_ENABLE:
        value = reg.ctx->enable[reg.index];
        break;
    case PLIC_REG_THRESHOLD:
        value = reg.ctx->threshold;
        break;
    case PLIC_REG_CLAIM:
        value = plic_claim_locked(s, reg.ctx);
        break;
    case PLIC_REG_NONE:
        qemu_log_mask(LOG_GUEST_ERROR, "%s: read of reserved offset 0x%" HWADDR_PRIx "\n",
                      TYPE_SIFIVE_PLIC, addr);
        break;
    }
    qemu_mutex_unlock(&s->lock);
    return value;
}

static void plic_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    SiFivePLICState *s = opaque;
    PLICReg reg = plic_decode(s, addr);

    qemu_mutex_lock(&s->lock);
    switch (reg.kind) {
    case PLIC_REG_PRIORITY:
        if (reg.index != 0) {
            s->priority[reg.index] = value & s->priority_mask;
            plic_update_source_locked(s, reg.index);
        }
        break;
    case PLIC_REG_ENABLE:
        plic_write_enable_locked(s, reg.ctx, reg.index, value);
        break;
    case PLIC_REG_THRESHOLD:
        reg.ctx->threshold = value & s->priority_mask;
        plic_update_context_locked(s, reg.ctx);
        break;
    case PLIC_REG_CLAIM:
        plic_complete_locked(s, reg.ctx, value);
        break;
    case PLIC_REG_PENDING:
    case PLIC_REG_NONE:
        qemu_log_mask(LOG_GUEST_ERROR,
                      "%s: write of read-only or reserved offset 0x%" HWADDR_PRIx "\n",
                      TYPE_SIFIVE_PLIC, addr);
        break;
    }
    qemu_mutex_unlock(&s->lock);
}

static const MemoryRegionOps plic_ops = {
    .read = plic_read,
    .write = plic_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 4, .max_access_size = 4},
    .impl = {.min_access_size = 4, .max_access_size = 4},
};

/* ---- Device ---- */

/* The input lines keep their levels: they are the devices', who lower them in their own reset. */
static void plic_reset_enter(Object *obj, ResetType type)
{
    SiFivePLICState *s = SIFIVE_PLIC(obj);

    qemu_mutex_lock(&s->lock);
    memset(s->priority, 0, s->num_sources * sizeof(uint32_t));
    memset(s->pending, 0, s->num_words * sizeof(uint32_t));
    memset(s->closed, 0, s->num_words * sizeof(uint32_t));
    for (uint32_t i = 0; i < s->num_contexts; i++) {
        memset(s->contexts[i].enable, 0, s->num_words * sizeof(uint32_t));
        s->contexts[i].threshold = 0;
        s->contexts[i].raised = false;
    }
    qemu_mutex_unlock(&s->lock);
}

static void plic_reset_hold(Object *obj, ResetType type)
{
    SiFivePLICState *s = SIFIVE_PLIC(obj);

    for (uint32_t i = 0; i < s->num_contexts; i++) {
        qemu_irq_lower(s->contexts[i].irq);
    }
}

/* After all devices have set their lines for the reset state. */
static void plic_reset_exit(Object *obj, ResetType type)
{
    SiFivePLICState *s = SIFIVE_PLIC(obj);

    qemu_mutex_lock(&s->lock);
    for (uint32_t source = 1; source < s->num_sources; source++) {
        plic_gateway_forward_locked(s, source);
    }
    qemu_mutex_unlock(&s->lock);
}

/* Linux' "sifive,plic-1.0.0" binding. */
static void plic_fdt(DeviceState *dev, FDTContext *ctx)
{
    SiFivePLICState *s = SIFIVE_PLIC(dev);
    const RISCVIrqTargets *targets = fdt_context_place(ctx)->board_data;
    FDTNode *node = fdt_context_add_node(ctx, "interrupt-controller");

    fdt_context_set_node_phandle(ctx, node, dev);
    fdt_node_set_u32(node, "riscv,ndev", s->num_sources - 1);
    fdt_context_set_reg(ctx, node);
    fdt_node_set_cellv(node, "interrupts-extended", targets->cells, targets->num_cells);
    fdt_node_set_empty(node, "interrupt-controller");
    fdt_node_set_strings(node, "compatible", "sifive,plic-1.0.0", "riscv,plic0");
    fdt_node_set_cells(node, "#address-cells", 0);
    fdt_node_set_cells(node, "#interrupt-cells", 1);
}

/*
 * The number of contexts in "MS,MS": modes of each hart, harts separated by commas. 0 if malformed.
 */
static uint32_t plic_count_contexts(const char *hart_config)
{
    g_auto(GStrv) harts = g_strsplit(hart_config, ",", -1);
    uint32_t n = 0;

    for (char **hart = harts; *hart; hart++) {
        size_t modes = strlen(*hart);

        if (modes == 0 || strspn(*hart, "MSU") != modes) {
            return 0;
        }
        n += modes;
    }
    return n;
}

static bool plic_check_properties(SiFivePLICState *s, GError **error)
{
    s->num_contexts = s->hart_config ? plic_count_contexts(s->hart_config) : 0;
    if (s->num_contexts == 0 || s->num_contexts > PLIC_MAX_CONTEXTS) {
        error_setg(error, "invalid hart-config '%s'", s->hart_config ?: "");
        return false;
    }
    if (s->num_sources < 2 || s->num_sources > PLIC_MAX_SOURCES) {
        error_setg(error, "num-sources %" PRIu32 " is not in 2..%d", s->num_sources,
                   PLIC_MAX_SOURCES);
        return false;
    }
    s->num_words = DIV_ROUND_UP(s->num_sources, 32);
    /* A priority is WARL: a register keeps as many bits as the highest one needs. */
    if (s->num_priorities == 0 || !is_power_of_2((uint64_t)s->num_priorities + 1)) {
        error_setg(error, "num-priorities %" PRIu32 " is not one less than a power of two",
                   s->num_priorities);
        return false;
    }
    s->priority_mask = s->num_priorities;
    if (s->enable_stride < s->num_words * 4 || s->context_stride < 8 ||
        s->enable_base + (uint64_t)s->enable_stride * s->num_contexts > s->aperture_size ||
        s->context_base + (uint64_t)s->context_stride * s->num_contexts > s->aperture_size) {
        error_setg(error, "the registers of %" PRIu32 " contexts do not fit in the aperture",
                   s->num_contexts);
        return false;
    }
    return true;
}

static bool plic_realize(DeviceState *dev, GError **error)
{
    SiFivePLICState *s = SIFIVE_PLIC(dev);

    if (!plic_check_properties(s, error)) {
        return false;
    }
    qemu_mutex_init(&s->lock);
    s->priority = g_new0(uint32_t, s->num_sources);
    s->level = g_new0(uint32_t, s->num_words);
    s->pending = g_new0(uint32_t, s->num_words);
    s->closed = g_new0(uint32_t, s->num_words);
    s->contexts = g_new0(PLICContext, s->num_contexts);
    for (uint32_t i = 0; i < s->num_contexts; i++) {
        s->contexts[i].enable = g_new0(uint32_t, s->num_words);
        qdev_init_gpio_out(dev, &s->contexts[i].irq, 1);
    }
    qdev_init_gpio_in(dev, plic_set_level, s->num_sources);
    memory_region_init_io(&s->mmio, OBJECT(dev), &plic_ops, s, TYPE_SIFIVE_PLIC, s->aperture_size);
    memory_region_clear_global_locking(&s->mmio);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->mmio);
    return true;
}

static void plic_finalize(Object *obj)
{
    SiFivePLICState *s = SIFIVE_PLIC(obj);

    for (uint32_t i = 0; s->contexts && i < s->num_contexts; i++) {
        g_free(s->contexts[i].enable);
    }
    g_free(s->contexts);
    g_free(s->priority);
    g_free(s->level);
    g_free(s->pending);
    g_free(s->closed);
}

static const Property plic_properties[] = {
    DEFINE_PROP_STRING("hart-config", SiFivePLICState, hart_config),
    DEFINE_PROP_UINT32("hartid-base", SiFivePLICState, hartid_base, 0),
    DEFINE_PROP_UINT32("num-sources", SiFivePLICState, num_sources, 1),
    DEFINE_PROP_UINT32("num-priorities", SiFivePLICState, num_priorities, 0),
    DEFINE_PROP_UINT32("priority-base", SiFivePLICState, priority_base, 0),
    DEFINE_PROP_UINT32("pending-base", SiFivePLICState, pending_base, 0),
    DEFINE_PROP_UINT32("enable-base", SiFivePLICState, enable_base, 0),
    DEFINE_PROP_UINT32("enable-stride", SiFivePLICState, enable_stride, 0),
    DEFINE_PROP_UINT32("context-base", SiFivePLICState, context_base, 0),
    DEFINE_PROP_UINT32("context-stride", SiFivePLICState, context_stride, 0),
    DEFINE_PROP_UINT32("aperture-size", SiFivePLICState, aperture_size, 0),
};

static void plic_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    dc->desc = "RISC-V platform-level interrupt controller";
    dc->realize = plic_realize;
    dc->fdt = plic_fdt;
    rc->phases.enter = plic_reset_enter;
    rc->phases.hold = plic_reset_hold;
    rc->phases.exit = plic_reset_exit;
    device_class_set_props(dc, plic_properties);
}

static const TypeInfo plic_types[] = {
    {
        .name = TYPE_SIFIVE_PLIC,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(SiFivePLICState),
        .instance_finalize = plic_finalize,
        .class_init = plic_class_init,
    },
};
DEFINE_TYPES(plic_types)
