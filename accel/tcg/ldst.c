/* SPDX-License-Identifier: MIT */
/*
 * Slow paths of guest memory accesses: TLB misses, I/O, pages with code, watchpoints, accesses
 * across pages, misalignment. Generated code calls these when its inline compare fails; target
 * helpers use the functions of cpu-ops.h at the end.
 *
 * Threads: the hart's own, in_code. Around a device that needs the BQL the hart leaves code, so
 * that others do not wait for it. Guest RAM is read and written with relaxed atomics of the access'
 * size where it is aligned.
 *
 * Specification: Unprivileged ISA 20240411, "RVWMO Memory Consistency Model"; misaligned accesses
 * are supported for all regions of RAM and are then not atomic (Zicclsm).
 * Tests: tests/unit/accel/tcg/test-ldst.c; guest tests.
 */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "qemu/main-loop.h"
#include "system/dirty.h"
#include "tcg-internal.h"

static const TCGRet ret_trap = {.value = 0, .status = TCG_EXIT_TRAP};

static uint64_t extend(uint64_t value, MemOp op)
{
    unsigned bits = 8 * memop_size(op);

    if (bits == 64) {
        return value;
    }
    return op & MO_SIGN ? (uint64_t)((int64_t)(value << (64 - bits)) >> (64 - bits)) :
                          value & ((UINT64_C(1) << bits) - 1);
}

/* Little-endian value of @size bytes at @p. */
static uint64_t ram_load(const void *p, unsigned size)
{
    if ((uintptr_t)p & (size - 1)) {
        uint64_t v = 0;

        for (unsigned i = 0; i < size; i++) {
            v |= (uint64_t)qatomic_read((const uint8_t *)p + i) << (8 * i);
        }
        return v;
    }
    switch (size) {
    case 1:
        return qatomic_read((const uint8_t *)p);
    case 2:
        return GUINT16_FROM_LE(qatomic_read((const uint16_t *)p));
    case 4:
        return GUINT32_FROM_LE(qatomic_read((const uint32_t *)p));
    default:
        return GUINT64_FROM_LE(qatomic_read((const uint64_t *)p));
    }
}

static void ram_store(void *p, uint64_t v, unsigned size)
{
    if ((uintptr_t)p & (size - 1)) {
        for (unsigned i = 0; i < size; i++) {
            qatomic_set((uint8_t *)p + i, (uint8_t)(v >> (8 * i)));
        }
        return;
    }
    switch (size) {
    case 1:
        qatomic_set((uint8_t *)p, (uint8_t)v);
        break;
    case 2:
        qatomic_set((uint16_t *)p, GUINT16_TO_LE((uint16_t)v));
        break;
    case 4:
        qatomic_set((uint32_t *)p, GUINT32_TO_LE((uint32_t)v));
        break;
    default:
        qatomic_set((uint64_t *)p, GUINT64_TO_LE(v));
        break;
    }
}

/* ---- I/O ------------------------------------------------------------------------------------- */

/*
 * With -icount a device is accessed by the last instruction of a block that ends in the run loop,
 * so that the next instruction sees what the access does. Is this another, to be run again as such?
 */
static bool must_run_alone(CPUState *cpu)
{
    const TranslationBlock *tb = cpu_priv(cpu)->current_tb;
    unsigned left = cpu_tcg(cpu)->insn_idx;

    return left > 1 || (left == 1 && !(tb->cflags & CF_COUNT_MASK));
}

/*
 * One access to what is no plain RAM. @data is read or written. false: the exception for a refusal
 * is recorded.
 */
static bool io_access(CPUState *cpu, vaddr va, unsigned mmu_idx, const CPUTLBEntry *entry,
                      uint64_t *data, MemOp op, MMUAccessType access)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);
    hwaddr phys = (entry->phys & TARGET_PAGE_MASK) | (va & ~TARGET_PAGE_MASK);
    MemTxAttrs attrs = priv->attrs[mmu_idx];
    hwaddr xlat, len = memop_size(op);
    MemTxResult result;
    MemoryRegion *mr;
    uint32_t fp;
    bool blocks;

    if (tcg_accel.icount && must_run_alone(cpu)) {
        priv->run_alone = true;
        return false;
    }
    priv->stats.mmio++;
    rcu_read_lock();
    mr = address_space_translate(cpu->as, phys, &xlat, &len, access == MMU_DATA_STORE, attrs);
    blocks = memory_region_needs_bql(mr) && !bql_locked();
    /* device models may use floating point of their own */
    fp = tcg_host_fp_begin();
    if (blocks) {
        priv->stats.mmio_bql++;
        cpu_code_block(cpu);
    }
    if (len < memop_size(op)) {
        /* across the end of a region: byte by byte */
        uint8_t buf[8];

        ram_store(buf, *data, memop_size(op));
        result =
            address_space_rw(cpu->as, phys, attrs, buf, memop_size(op), access == MMU_DATA_STORE);
        *data = ram_load(buf, memop_size(op));
    } else if (access == MMU_DATA_STORE) {
        result = memory_region_dispatch_write(mr, xlat, *data, op & MO_SIZE, attrs);
    } else {
        result = memory_region_dispatch_read(mr, xlat, data, op & MO_SIZE, attrs);
    }
    rcu_read_unlock();
    if (blocks) {
        cpu_code_unblock(cpu);
    }
    tcg_host_fp_end(fp);
    if (unlikely(result != MEMTX_OK)) {
        priv->ops->bus_error(cpu, va, memop_size(op), access, result);
        return false;
    }
    return true;
}

/* ---- watchpoints ----------------------------------------------------------------------------- */

/* Does a debugger watch an access of kind @flag to [va, va + size)? Then it is noted. */
static bool watch_hit(CPUState *cpu, vaddr va, unsigned size, int flag)
{
    for (unsigned i = 0; i < cpu->watchpoints->len; i++) {
        const CPUWatchpoint *wp = &g_array_index(cpu->watchpoints, CPUWatchpoint, i);

        if ((wp->flags & flag) && wp->addr < va + size && wp->addr + wp->len > va) {
            cpu->watchpoint_hit =
                (CPUWatchpoint){.addr = MAX(va, wp->addr), .len = wp->len, .flags = wp->flags};
            return true;
        }
    }
    return false;
}

/*
 * The entry for an access, of kind @watch for watchpoints. NULL: the reason why the instruction
 * does not complete is recorded, an exception or CPUState::watchpoint_hit.
 */
static CPUTLBEntry *data_lookup(CPUState *cpu, vaddr va, unsigned size, MMUAccessType access,
                                int watch, unsigned mmu_idx)
{
    CPUTLBEntry *entry = tlb_lookup(cpu, va, size, access, mmu_idx);

    if (entry && unlikely(entry->phys & TLB_IS_WATCHED) && watch_hit(cpu, va, size, watch)) {
        return NULL;
    }
    return entry;
}

/* ---- one access within one page -------------------------------------------------------------- */

static bool is_plain_ram(const CPUTLBEntry *entry)
{
    return (entry->phys & (TLB_IS_RAM | TLB_IS_ROM)) == TLB_IS_RAM;
}

/*
 * After a store to a page whose stores are watched: drop code made of it, tell the dirty clients.
 */
static void ram_written(CPUState *cpu, CPUTLBEntry *entry, vaddr va, unsigned size)
{
    hwaddr phys = (entry->phys & TARGET_PAGE_MASK) | (va & ~TARGET_PAGE_MASK);
    const CPURamRange *r = tlb_ram_range(cpu, phys);
    ram_addr_t addr;

    if (!r) {
        return; /* the memory map has changed, and a flush is on its way */
    }
    addr = r->block->offset + r->offset + (phys - r->first);
    RCU_READ_LOCK_GUARD();
    if (!dirty_test_page(addr, DIRTY_MEMORY_CODE)) {
        tb_invalidate_range(addr, size);
    }
    dirty_set_range(addr, size, DIRTY_CLIENTS_NOCODE);
    if (!(entry->phys & TLB_IS_WATCHED) && dirty_test_page(addr, DIRTY_MEMORY_CODE)) {
        dirty_note_writer(r->block, addr - r->block->offset);
        if (dirty_test_page(addr, DIRTY_MEMORY_CODE)) {
            entry->tag_write &= ~TLB_SLOW;
        }
    }
}

static bool load_in_page(CPUState *cpu, vaddr va, unsigned mmu_idx, MemOp op, uint64_t *value)
{
    unsigned size = memop_size(op);
    CPUTLBEntry *entry = data_lookup(cpu, va, size, MMU_DATA_LOAD, BP_MEM_READ, mmu_idx);

    if (!entry) {
        return false;
    }
    if (entry->phys & TLB_IS_RAM) {
        *value = ram_load((const void *)(uintptr_t)(va + entry->addend), size);
        return true;
    }
    *value = 0;
    return io_access(cpu, va, mmu_idx, entry, value, op, MMU_DATA_LOAD);
}

static bool store_in_page(CPUState *cpu, vaddr va, unsigned mmu_idx, MemOp op, uint64_t value)
{
    unsigned size = memop_size(op);
    CPUTLBEntry *entry = data_lookup(cpu, va, size, MMU_DATA_STORE, BP_MEM_WRITE, mmu_idx);

    if (!entry) {
        return false;
    }
    if (!is_plain_ram(entry)) {
        return io_access(cpu, va, mmu_idx, entry, &value, op, MMU_DATA_STORE);
    }
    ram_store((void *)(uintptr_t)(va + entry->addend), value, size);
    if (entry->tag_write & TLB_SLOW) {
        ram_written(cpu, entry, va, size);
    }
    return true;
}

static bool crosses_page(vaddr va, unsigned size)
{
    return (va & ~TARGET_PAGE_MASK) + size > TARGET_PAGE_SIZE;
}

/*
 * Byte by byte across a page boundary. All translations are checked before the first byte is
 * stored.
 */
static bool load_split(CPUState *cpu, vaddr va, unsigned mmu_idx, MemOp op, uint64_t *value)
{
    uint64_t v = 0, byte;

    for (unsigned i = 0; i < memop_size(op); i++) {
        if (!load_in_page(cpu, va + i, mmu_idx, MO_8, &byte)) {
            return false;
        }
        v |= byte << (8 * i);
    }
    *value = v;
    return true;
}

static bool store_split(CPUState *cpu, vaddr va, unsigned mmu_idx, MemOp op, uint64_t value)
{
    unsigned first = TARGET_PAGE_SIZE - (va & ~TARGET_PAGE_MASK);

    if (!data_lookup(cpu, va, first, MMU_DATA_STORE, BP_MEM_WRITE, mmu_idx) ||
        !data_lookup(cpu, va + first, memop_size(op) - first, MMU_DATA_STORE, BP_MEM_WRITE,
                     mmu_idx)) {
        return false;
    }
    for (unsigned i = 0; i < memop_size(op); i++) {
        if (!store_in_page(cpu, va + i, mmu_idx, MO_8, value >> (8 * i))) {
            return false;
        }
    }
    return true;
}

static bool misaligned(vaddr va, MemOp op)
{
    return (op & MO_ALIGN) && (va & (memop_size(op) - 1));
}

/* ---- what generated code calls --------------------------------------------------------------- */

TCGRet tcg_ld_slow(void *opaque, uint64_t va, MemOpIdx oi)
{
    CPUTCGState *env = opaque;
    MemOp op = get_memop(oi);
    uint64_t value;

    env->priv->stats.tlb_slow++;
    if (misaligned(va, op)) {
        env->priv->ops->unaligned(env->cpu, va, MMU_DATA_LOAD, false);
        return ret_trap;
    }
    if (crosses_page(va, memop_size(op)) ?
            !load_split(env->cpu, va, get_mmuidx(oi), op, &value) :
            !load_in_page(env->cpu, va, get_mmuidx(oi), op, &value)) {
        return ret_trap;
    }
    return (TCGRet){.value = extend(value, op), .status = 0};
}

TCGRet tcg_st_slow(void *opaque, uint64_t va, uint64_t val, MemOpIdx oi)
{
    CPUTCGState *env = opaque;
    MemOp op = get_memop(oi);

    env->priv->stats.tlb_slow++;
    if (misaligned(va, op)) {
        env->priv->ops->unaligned(env->cpu, va, MMU_DATA_STORE, false);
        return ret_trap;
    }
    if (crosses_page(va, memop_size(op)) ? !store_split(env->cpu, va, get_mmuidx(oi), op, val) :
                                           !store_in_page(env->cpu, va, get_mmuidx(oi), op, val)) {
        return ret_trap;
    }
    return (TCGRet){0};
}

/* ---- atomic read-modify-write ---------------------------------------------------------------- */

static uint64_t rmw_apply(uint64_t old, uint64_t val, TCGRmwOp op, MemOp memop)
{
    int64_t sold = (int64_t)extend(old, memop | MO_SIGN);
    int64_t sval = (int64_t)extend(val, memop | MO_SIGN);
    uint64_t uold = extend(old, memop & ~MO_SIGN);
    uint64_t uval = extend(val, memop & ~MO_SIGN);

    switch (op) {
    case TCG_RMW_XCHG:
        return val;
    case TCG_RMW_ADD:
        return old + val;
    case TCG_RMW_AND:
        return old & val;
    case TCG_RMW_OR:
        return old | val;
    case TCG_RMW_XOR:
        return old ^ val;
    case TCG_RMW_SMIN:
        return sold < sval ? old : val;
    case TCG_RMW_SMAX:
        return sold > sval ? old : val;
    case TCG_RMW_UMIN:
        return uold < uval ? old : val;
    case TCG_RMW_UMAX:
        return uold > uval ? old : val;
    }
    return old;
}

/* Compare and exchange @size bytes at @p, little-endian values; returns what was there. Aligned. */
static uint64_t ram_cas(void *p, uint64_t cmp, uint64_t val, unsigned size)
{
    switch (size) {
    case 1:
        return qatomic_cmpxchg((uint8_t *)p, (uint8_t)cmp, (uint8_t)val);
    case 2:
        return GUINT16_FROM_LE(qatomic_cmpxchg((uint16_t *)p, GUINT16_TO_LE((uint16_t)cmp),
                                               GUINT16_TO_LE((uint16_t)val)));
    case 4:
        return GUINT32_FROM_LE(qatomic_cmpxchg((uint32_t *)p, GUINT32_TO_LE((uint32_t)cmp),
                                               GUINT32_TO_LE((uint32_t)val)));
    default:
        return GUINT64_FROM_LE(
            qatomic_cmpxchg((uint64_t *)p, GUINT64_TO_LE(cmp), GUINT64_TO_LE(val)));
    }
}

/*
 * The entry for an atomic access: writable, and readable, as one access that faults as a store
 * (Unprivileged ISA, "A" chapter: AMOs raise store/AMO exceptions). NULL: recorded.
 */
static CPUTLBEntry *atomic_lookup(CPUTCGState *env, vaddr va, MemOpIdx oi)
{
    MemOp op = get_memop(oi);
    unsigned size = memop_size(op);

    env->priv->stats.tlb_slow++;
    if (va & (size - 1)) {
        env->priv->ops->unaligned(env->cpu, va, MMU_DATA_STORE, true);
        return NULL;
    }
    return data_lookup(env->cpu, va, size, MMU_DATA_STORE, BP_MEM_ACCESS, get_mmuidx(oi));
}

/* The load of an atomic: what the bus refuses is a store/AMO exception all the same. */
static bool io_atomic_load(CPUState *cpu, vaddr va, const CPUTLBEntry *entry, unsigned mmu_idx,
                           uint64_t *old, MemOp op)
{
    *old = 0;
    if (!io_access(cpu, va, mmu_idx, entry, old, op, MMU_DATA_LOAD)) {
        cpu_priv(cpu)->ops->bus_error(cpu, va, memop_size(op), MMU_DATA_STORE, MEMTX_ERROR);
        return false;
    }
    return true;
}

/* Read, then write: what an atomic on something else than RAM amounts to. */
static bool io_rmw(CPUState *cpu, vaddr va, const CPUTLBEntry *entry, unsigned mmu_idx, MemOp op,
                   TCGRmwOp rmw_op, uint64_t val, uint64_t *old)
{
    uint64_t new;

    if (!io_atomic_load(cpu, va, entry, mmu_idx, old, op)) {
        return false;
    }
    new = rmw_apply(*old, val, rmw_op, op);
    return io_access(cpu, va, mmu_idx, entry, &new, op, MMU_DATA_STORE);
}

TCGRet tcg_rmw_slow(void *opaque, uint64_t va, uint64_t val, MemOpIdx oi, uint32_t rmw_op)
{
    CPUTCGState *env = opaque;
    MemOp op = get_memop(oi);
    unsigned size = memop_size(op);
    CPUTLBEntry *entry = atomic_lookup(env, va, oi);
    uint64_t old, seen;
    void *p;

    if (!entry) {
        return ret_trap;
    }
    if (!is_plain_ram(entry)) {
        if (!io_rmw(env->cpu, va, entry, get_mmuidx(oi), op, rmw_op, val, &old)) {
            return ret_trap;
        }
        return (TCGRet){.value = extend(old, op)};
    }
    p = (void *)(uintptr_t)(va + entry->addend);
    seen = ram_load(p, size);
    do {
        old = seen;
        seen = ram_cas(p, old, rmw_apply(old, val, rmw_op, op), size);
    } while (seen != old);
    if (entry->tag_write & TLB_SLOW) {
        ram_written(env->cpu, entry, va, size);
    }
    return (TCGRet){.value = extend(old, op)};
}

TCGRet tcg_cas_slow(void *opaque, uint64_t va, uint64_t cmp, uint64_t val, MemOpIdx oi)
{
    CPUTCGState *env = opaque;
    MemOp op = get_memop(oi);
    unsigned size = memop_size(op);
    uint64_t want = extend(cmp, op & ~MO_SIGN);
    CPUTLBEntry *entry = atomic_lookup(env, va, oi);
    uint64_t old = 0;

    if (!entry) {
        return ret_trap;
    }
    if (!is_plain_ram(entry)) {
        if (!io_atomic_load(env->cpu, va, entry, get_mmuidx(oi), &old, op) ||
            (extend(old, op & ~MO_SIGN) == want &&
             !io_access(env->cpu, va, get_mmuidx(oi), entry, &val, op, MMU_DATA_STORE))) {
            return ret_trap;
        }
        return (TCGRet){.value = extend(old, op)};
    }
    old = ram_cas((void *)(uintptr_t)(va + entry->addend), want, val, size);
    if (entry->tag_write & TLB_SLOW) {
        ram_written(env->cpu, entry, va, size);
    }
    return (TCGRet){.value = extend(old, op)};
}

/* ---- what target helpers call ---------------------------------------------------------------- */

bool cpu_ld(CPUTCGState *env, vaddr va, MemOpIdx oi, uint64_t *value)
{
    TCGRet ret = tcg_ld_slow(env, va, oi);

    *value = ret.value;
    return ret.status == 0;
}

bool cpu_st(CPUTCGState *env, vaddr va, uint64_t value, MemOpIdx oi)
{
    return tcg_st_slow(env, va, value, oi).status == 0;
}

bool cpu_probe(CPUTCGState *env, vaddr va, unsigned len, MMUAccessType access, unsigned mmu_idx,
               void **haddr)
{
    CPUTLBEntry *entry = tlb_lookup(env->cpu, va, len, access, mmu_idx);
    uint64_t tag;

    *haddr = NULL;
    if (!entry) {
        return false;
    }
    tag = access == MMU_DATA_STORE ? entry->tag_write : entry->tag_read;
    if (!(tag & ~TARGET_PAGE_MASK)) {
        *haddr = (void *)(uintptr_t)(va + entry->addend);
    }
    return true;
}
