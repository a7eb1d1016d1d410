/* SPDX-License-Identifier: MIT */
/*
 * The device tree while it is being written.
 *
 * A tree of nodes is built in memory and flattened once, so that adding a node costs the same in a
 * tree of one hart and of 512. Nodes and properties come out in the order in which they were added.
 * A board builds what belongs to no device, and has each device write its own node through
 * DeviceClass::fdt, in the order that the board wants and at the place that the board gives
 * (FDTPlace). Phandles are given out on demand or chosen by the board beforehand.
 *
 * Devicetree Specification 0.4, "Devicetree Structure" and "Flattened Devicetree (DTB) Format".
 * Cells are big endian.
 *
 * Only fdt_context_load() reads what a user gave; elsewhere a bad name or size is a bug of ours and
 * aborts. Threads: BQL. Tests: tests/unit/hw/core/test-fdt-context.c.
 */
#ifndef HW_CORE_FDT_CONTEXT_H
#define HW_CORE_FDT_CONTEXT_H

#include "hw/core/qdev.h"

typedef struct FDTContext FDTContext;
typedef struct FDTNode FDTNode;

typedef struct FDTReg {
    hwaddr base;
    hwaddr size;
} FDTReg;

/* How an interrupt is signalled, as interrupt controllers with two cells put it. */
#define FDT_IRQ_EDGE_RISING 1
#define FDT_IRQ_LEVEL_HIGH 4

typedef struct FDTIrq {
    uint32_t number;
    uint32_t type; /* FDT_IRQ_*; left out if the controller has one cell */
} FDTIrq;

/* What only the board knows about a device; it lives for the call of fdt_context_write_device(). */
typedef struct FDTPlace {
    FDTNode *parent;    /* where the node goes: usually /soc */
    const FDTReg *regs; /* the first one names the node */
    unsigned num_regs;
    const void *irq_parent; /* registered by fdt_context_add_irq_controller(), or NULL */
    const FDTIrq *irqs;
    unsigned num_irqs;
    /* What a device and its board agree on: PLIC contexts, PCI ranges. NULL usually. */
    const void *board_data;
} FDTPlace;

FDTContext *fdt_context_new(void);
void fdt_context_free(FDTContext *ctx);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FDTContext, fdt_context_free)

/*
 * Replaces the tree by that of a blob, which is checked ("invalid device tree"). Phandles continue
 * above its highest.
 */
bool fdt_context_load(FDTContext *ctx, const void *blob, size_t size, GError **error);

/* The flattened tree and its size in bytes; g_free() it. */
void *fdt_context_flatten(FDTContext *ctx, size_t *size);

/* ---- For the board ---- */

/* Calls @dev's class's fdt at @place; nothing if it has none. */
void fdt_context_write_device(FDTContext *ctx, DeviceState *dev, const FDTPlace *place);

/* Phandle numbers below @first are not given out any more (the machine's phandle-start). */
void fdt_context_reserve_phandles(FDTContext *ctx, uint32_t first);
/* The next free phandle. */
uint32_t fdt_context_alloc_phandle(FDTContext *ctx);
/* Says that @owner's node has @phandle, before or after the node exists. */
void fdt_context_set_phandle(FDTContext *ctx, const void *owner, uint32_t phandle);
/* @owner's phandle; the next free one if it has none yet. */
uint32_t fdt_context_get_phandle(FDTContext *ctx, const void *owner);
/* @owner is an interrupt controller whose specifiers have @cells cells (1 or 2). */
void fdt_context_add_irq_controller(FDTContext *ctx, const void *owner, unsigned cells);

/* ---- For a device, within DeviceClass::fdt ---- */

/* Valid only there. */
const FDTPlace *fdt_context_place(const FDTContext *ctx);
/* Adds the device's node "@name@<first base>". */
FDTNode *fdt_context_add_node(FDTContext *ctx, const char *name);
/* "reg": all regs of the place. */
void fdt_context_set_reg(FDTContext *ctx, FDTNode *node);
/* "interrupts" and "interrupt-parent": all irqs of the place; nothing if it has none. */
void fdt_context_set_interrupts(FDTContext *ctx, FDTNode *node);
/* "phandle": that of @owner, usually the device itself. */
void fdt_context_set_node_phandle(FDTContext *ctx, FDTNode *node, const void *owner);

/* ---- Nodes. Setting a property again replaces its value in its place. ---- */

FDTNode *fdt_context_root(FDTContext *ctx);
/* The node at an absolute path, or NULL. Unit addresses must be given. */
FDTNode *fdt_context_find(FDTContext *ctx, const char *path);
/* The last child of @parent; the name must be free. */
FDTNode *fdt_node_add(FDTNode *parent, const char *name_fmt, ...) G_GNUC_PRINTF(2, 3);
/* The child called @name, or NULL. */
FDTNode *fdt_node_find(FDTNode *parent, const char *name);
/* "/soc/serial@10000000"; g_free() it. */
char *fdt_node_path(const FDTNode *node);

/* A property without value. */
void fdt_node_set_empty(FDTNode *node, const char *prop);
void fdt_node_set_bytes(FDTNode *node, const char *prop, const void *value, size_t size);
void fdt_node_set_u32(FDTNode *node, const char *prop, uint32_t value);
void fdt_node_set_u64(FDTNode *node, const char *prop, uint64_t value);
void fdt_node_set_string(FDTNode *node, const char *prop, const char *value);
/* fdt_node_set_strings(node, "compatible", "sifive,plic-1.0.0", "riscv,plic0") */
#define fdt_node_set_strings(node, prop, ...)                                                      \
    fdt_node_set_stringv((node), (prop), (const char *const[]){__VA_ARGS__, NULL})
void fdt_node_set_stringv(FDTNode *node, const char *prop, const char *const *values);
/* fdt_node_set_cells(node, "bus-range", 0, 0xff): 32-bit cells in host order */
#define fdt_node_set_cells(node, prop, ...)                                                        \
    fdt_node_set_cellv((node), (prop), (const uint32_t[]){__VA_ARGS__},                            \
                       sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))
void fdt_node_set_cellv(FDTNode *node, const char *prop, const uint32_t *cells, size_t num_cells);
/* "reg" in the cell sizes of the parent's #address-cells and #size-cells (2 and 1 if missing). */
void fdt_node_set_regs(FDTNode *node, const FDTReg *regs, unsigned num_regs);
void fdt_node_set_reg(FDTNode *node, hwaddr base, hwaddr size);
/* Borrowed, NULL if there is none; @size may be NULL. */
const void *fdt_node_get(const FDTNode *node, const char *prop, size_t *size);
/* @fallback if there is none, or it is not one cell. */
uint32_t fdt_node_get_u32(const FDTNode *node, const char *prop, uint32_t fallback);

#endif
