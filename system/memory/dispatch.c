/* SPDX-License-Identifier: MIT */
/*
 * One load or store to one region: the rules of MemoryRegionOps
 *
 * In order: is the access valid at all; may the device be entered now; which handler calls make it
 * up. The values that handlers see are numbers in the device's byte order; swapping to what the
 * guest asked for happens once, on the whole value.
 *
 * Locks: takes the BQL around handlers of regions that want it, if this thread does not hold it.
 * Tests: tests/unit/system/memory/test-dispatch.c.
 */

#include "qemu/osdep.h"
#include "memory-internal.h"
#include "qemu/atomic.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/trace.h"

/* Handler sizes when a device leaves its impl sizes zero. */
#define IMPL_MIN_DEFAULT 1
#define IMPL_MAX_DEFAULT 4
/* Guest sizes when a device leaves its valid sizes zero. */
#define VALID_MIN_DEFAULT 1
#define VALID_MAX_DEFAULT 8

/* ---- Validity ---- */

static void log_invalid(const MemoryRegion *mr, hwaddr addr, unsigned size, bool is_write,
                        const char *reason)
{
    qemu_log_mask(LOG_INVALID_MEM,
                  "Invalid %s at addr 0x%" PRIX64 ", size %u, region '%s', reason: %s\n",
                  is_write ? "write" : "read", addr, size, mr->name ? mr->name : "(null)", reason);
}

static void log_invalid_size(const MemoryRegion *mr, hwaddr addr, unsigned size, bool is_write,
                             unsigned min, unsigned max)
{
    if (qemu_loglevel_mask(LOG_INVALID_MEM)) {
        g_autofree char *reason = g_strdup_printf("invalid size (min:%u max:%u)", min, max);

        log_invalid(mr, addr, size, is_write, reason);
    }
}

static bool ops_has_handler(const MemoryRegionOps *ops, bool is_write)
{
    return is_write ? ops->write || ops->write_with_attrs : ops->read || ops->read_with_attrs;
}

bool memory_region_access_valid(MemoryRegion *mr, hwaddr addr, unsigned size, bool is_write,
                                MemTxAttrs attrs)
{
    const MemoryRegionOps *ops = mr->ops;
    unsigned min, max;

    if (memory_region_access_is_direct(mr, is_write) || mr->ram) {
        return true;
    }
    if (!ops_has_handler(ops, is_write) ||
        (ops->valid.accepts && !ops->valid.accepts(mr->opaque, addr, size, is_write, attrs))) {
        log_invalid(mr, addr, size, is_write, "rejected");
        return false;
    }
    if (!ops->valid.unaligned && (addr & (size - 1))) {
        log_invalid(mr, addr, size, is_write, "unaligned");
        return false;
    }
    min = ops->valid.min_access_size ? ops->valid.min_access_size : VALID_MIN_DEFAULT;
    max = ops->valid.max_access_size ? ops->valid.max_access_size : VALID_MAX_DEFAULT;
    if (size < min || size > max) {
        log_invalid_size(mr, addr, size, is_write, min, max);
        return false;
    }
    return true;
}

/* ---- Re-entry ---- */

/*
 * A device whose handler does DMA may be pointed by the guest at its own registers. So the devices
 * whose handlers are running in this thread are known, and are as many as any machine needs.
 */
#define IO_DEPTH_MAX 16

static __thread struct {
    const void *device[IO_DEPTH_MAX];
    unsigned depth;
} io_running;

static bool io_enter(const MemoryRegion *mr, hwaddr addr)
{
    const void *device = mr->owner ? (const void *)mr->owner : mr;
    bool refused = io_running.depth == IO_DEPTH_MAX;

    for (unsigned i = 0; i < io_running.depth && !mr->disable_reentrancy_guard; i++) {
        refused |= io_running.device[i] == device;
    }
    if (refused) {
        qemu_log_mask(LOG_GUEST_ERROR,
                      "%s: re-entrant access at offset 0x%" HWADDR_PRIx " refused\n",
                      mr->name ? mr->name : "(null)", addr);
        return false;
    }
    io_running.device[io_running.depth++] = device;
    return true;
}

static void io_leave(void)
{
    io_running.depth--;
}

/* ---- Handler calls ---- */

/* Where the guest sees @addr of @mr, unless an alias is on the way. For traces. */
static hwaddr guest_addr(const MemoryRegion *mr, hwaddr addr)
{
    for (; mr->container; mr = mr->container) {
        addr += mr->addr;
    }
    return addr;
}

static MemTxResult call_read(MemoryRegion *mr, hwaddr addr, uint64_t *data, unsigned size,
                             MemTxAttrs attrs)
{
    MemTxResult result = MEMTX_OK;

    *data = 0;
    if (mr->ops->read) {
        *data = mr->ops->read(mr->opaque, addr, size);
    } else if (mr->ops->read_with_attrs) {
        result = mr->ops->read_with_attrs(mr->opaque, addr, data, size, attrs);
    }
    *data &= MAKE_64BIT_MASK(0, size * 8);
    TRACE(memory_region_ops_read,
          "mr %p addr 0x%" HWADDR_PRIx " value 0x%" PRIx64 " size %u name '%s'", (void *)mr,
          guest_addr(mr, addr), *data, size, mr->name);
    return result;
}

static MemTxResult call_write(MemoryRegion *mr, hwaddr addr, uint64_t data, unsigned size,
                              MemTxAttrs attrs)
{
    data &= MAKE_64BIT_MASK(0, size * 8);
    TRACE(memory_region_ops_write,
          "mr %p addr 0x%" HWADDR_PRIx " value 0x%" PRIx64 " size %u name '%s'", (void *)mr,
          guest_addr(mr, addr), data, size, mr->name);
    if (mr->ops->write) {
        mr->ops->write(mr->opaque, addr, data, size);
        return MEMTX_OK;
    }
    return mr->ops->write_with_attrs(mr->opaque, addr, data, size, attrs);
}

/* What the handlers of a region can do. */
typedef struct ImplRules {
    unsigned min;
    unsigned max;
    bool unaligned;
    bool big_endian;
} ImplRules;

static ImplRules impl_rules(const MemoryRegionOps *ops)
{
    return (ImplRules){
        .min = ops->impl.min_access_size ? ops->impl.min_access_size : IMPL_MIN_DEFAULT,
        .max = ops->impl.max_access_size ? ops->impl.max_access_size : IMPL_MAX_DEFAULT,
        .unaligned = ops->impl.unaligned,
        .big_endian = ops->endianness == DEVICE_BIG_ENDIAN,
    };
}

static bool fits_one_call(const ImplRules *rules, hwaddr addr, unsigned size)
{
    return size >= rules->min && size <= rules->max && (rules->unaligned || !(addr & (size - 1)));
}

/*
 * A step of an access that takes several: @take bytes at @addr, done by a handler call for the
 * @unit bytes at @unit_addr. The unit is larger when the handlers cannot go as small as @take.
 */
typedef struct IOStep {
    hwaddr unit_addr;
    unsigned unit;
    unsigned take;
    unsigned unit_shift; /* bits: where the taken bytes are in the unit's value */
    unsigned shift;      /* bits: where they are in the whole value */
} IOStep;

/* The step at byte @pos of an access to @size bytes at @addr. */
static IOStep io_step(const ImplRules *rules, hwaddr addr, unsigned size, unsigned pos)
{
    hwaddr at = addr + pos;
    unsigned rest = size - pos;
    unsigned skip;
    IOStep step;

    step.unit = MIN(pow2floor(rest), rules->max);
    if (!rules->unaligned) {
        step.unit = MIN(step.unit, (unsigned)(at & -at & 7 ? at & -at & 7 : 8));
    }
    step.unit = MAX(step.unit, rules->min);
    if (step.unit > rest || (!rules->unaligned && (at & (step.unit - 1)))) {
        step.unit = rules->min;
        step.unit_addr = QEMU_ALIGN_DOWN(at, rules->min);
    } else {
        step.unit_addr = at;
    }
    skip = at - step.unit_addr;
    step.take = MIN(rest, step.unit - skip);
    step.unit_shift = 8 * (rules->big_endian ? step.unit - skip - step.take : skip);
    step.shift = 8 * (rules->big_endian ? size - pos - step.take : pos);
    return step;
}

static MemTxResult read_in_steps(MemoryRegion *mr, const ImplRules *rules, hwaddr addr,
                                 uint64_t *data, unsigned size, MemTxAttrs attrs)
{
    MemTxResult result = MEMTX_OK;
    unsigned take;

    *data = 0;
    for (unsigned pos = 0; pos < size; pos += take) {
        IOStep step = io_step(rules, addr, size, pos);
        uint64_t value;

        result |= call_read(mr, step.unit_addr, &value, step.unit, attrs);
        value = (value >> step.unit_shift) & MAKE_64BIT_MASK(0, step.take * 8);
        *data |= value << step.shift;
        take = step.take;
    }
    return result;
}

static MemTxResult write_in_steps(MemoryRegion *mr, const ImplRules *rules, hwaddr addr,
                                  uint64_t data, unsigned size, MemTxAttrs attrs)
{
    MemTxResult result = MEMTX_OK;
    unsigned take;

    for (unsigned pos = 0; pos < size; pos += take) {
        IOStep step = io_step(rules, addr, size, pos);
        uint64_t value = data >> step.shift;

        if (step.take < step.unit) {
            uint64_t mask = MAKE_64BIT_MASK(step.unit_shift, step.take * 8);
            uint64_t around;

            result |= call_read(mr, step.unit_addr, &around, step.unit, attrs);
            value = (around & ~mask) | ((value << step.unit_shift) & mask);
        }
        result |= call_write(mr, step.unit_addr, value, step.unit, attrs);
        take = step.take;
    }
    return result;
}

/* ---- Entry points ---- */

/* From the device's byte order to that of @op, or back. */
static uint64_t to_order(const MemoryRegionOps *ops, uint64_t value, MemOp op)
{
    if (memop_big_endian(op) == (ops->endianness == DEVICE_BIG_ENDIAN)) {
        return value;
    }
    switch (op & MO_SIZE) {
    case MO_16:
        return bswap16(value);
    case MO_32:
        return bswap32(value);
    case MO_64:
        return bswap64(value);
    default:
        return value;
    }
}

/* Host address of @size bytes at @addr, or NULL if the region's memory ends before. */
static void *host_bytes(const MemoryRegion *mr, hwaddr addr, unsigned size)
{
    uint64_t length = mr->ram_block->used_length;

    return addr < length && size <= length - addr ? ramblock_ptr(mr->ram_block, addr) : NULL;
}

static MemTxResult host_read(MemoryRegion *mr, hwaddr addr, uint64_t *data, MemOp op)
{
    unsigned size = memop_size(op);
    const void *host = host_bytes(mr, addr, size);

    if (!host) {
        *data = 0;
        return MEMTX_DECODE_ERROR;
    }
    *data = memop_big_endian(op) ? ldn_be_p(host, size) : ldn_le_p(host, size);
    return MEMTX_OK;
}

static MemTxResult host_write(MemoryRegion *mr, hwaddr addr, uint64_t data, MemOp op)
{
    unsigned size = memop_size(op);
    void *host = host_bytes(mr, addr, size);

    if (!host) {
        return MEMTX_DECODE_ERROR;
    }
    if (qatomic_read(&mr->readonly)) {
        memory_region_log_rom_write(mr, addr, size);
        return MEMTX_OK;
    }
    if (memop_big_endian(op)) {
        stn_be_p(host, size, data);
    } else {
        stn_le_p(host, size, data);
    }
    memory_region_set_dirty(mr, addr, size);
    return MEMTX_OK;
}

void memory_region_log_rom_write(const MemoryRegion *mr, hwaddr addr, hwaddr size)
{
    qemu_log_mask(LOG_GUEST_ERROR,
                  "%s: write to read-only memory at offset 0x%" HWADDR_PRIx ", size %" PRIu64
                  ": ignored\n",
                  mr->name, addr, size);
}

/*
 * Takes the BQL where the region wants it and the caller does not hold it; returns whether it did.
 * Conditional locks are beyond the thread safety analysis.
 */
static bool io_lock(MemoryRegion *mr) TSA_NO_ANALYSIS
{
    bool wanted = mr->global_locking && !bql_locked();
    if (wanted) {
        bql_lock();
    }
    return wanted;
}

static void io_unlock(bool locked) TSA_NO_ANALYSIS
{
    if (locked) {
        bql_unlock();
    }
}

MemTxResult memory_region_dispatch_read(MemoryRegion *mr, hwaddr addr, uint64_t *data, MemOp op,
                                        MemTxAttrs attrs)
{
    unsigned size = memop_size(op);
    MemTxResult result;
    ImplRules rules;
    bool locked;

    g_assert((op & MO_SIZE) <= MO_64);
    if (memory_region_access_is_direct(mr, false)) {
        return host_read(mr, addr, data, op);
    }
    *data = 0;
    if (attrs.memory && !memory_region_is_unassigned(mr)) {
        return MEMTX_ACCESS_ERROR;
    }
    locked = io_lock(mr);
    if (!memory_region_access_valid(mr, addr, size, false, attrs)) {
        result = MEMTX_DECODE_ERROR;
    } else if (!io_enter(mr, addr)) {
        result = MEMTX_ACCESS_ERROR;
    } else {
        rules = impl_rules(mr->ops);
        if (likely(fits_one_call(&rules, addr, size))) {
            result = call_read(mr, addr, data, size, attrs);
        } else {
            result = read_in_steps(mr, &rules, addr, data, size, attrs);
        }
        io_leave();
        *data = result == MEMTX_OK ? to_order(mr->ops, *data, op) : 0;
    }
    io_unlock(locked);
    return result;
}

MemTxResult memory_region_dispatch_write(MemoryRegion *mr, hwaddr addr, uint64_t data, MemOp op,
                                         MemTxAttrs attrs)
{
    unsigned size = memop_size(op);
    MemTxResult result;
    ImplRules rules;
    bool locked;

    g_assert((op & MO_SIZE) <= MO_64);
    if (mr->ram) {
        return host_write(mr, addr, data, op);
    }
    if (attrs.memory && !memory_region_is_unassigned(mr)) {
        return MEMTX_ACCESS_ERROR;
    }
    locked = io_lock(mr);
    if (!memory_region_access_valid(mr, addr, size, true, attrs)) {
        result = MEMTX_DECODE_ERROR;
    } else if (!io_enter(mr, addr)) {
        result = MEMTX_ACCESS_ERROR;
    } else {
        rules = impl_rules(mr->ops);
        data = to_order(mr->ops, data, op);
        if (likely(fits_one_call(&rules, addr, size))) {
            result = call_write(mr, addr, data, size, attrs);
        } else {
            result = write_in_steps(mr, &rules, addr, data, size, attrs);
        }
        io_leave();
    }
    io_unlock(locked);
    return result;
}
