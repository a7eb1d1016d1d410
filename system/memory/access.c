/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes of guest physical memory by address
 *
 * Host memory is copied; everything else is dispatched, cut into accesses that the region takes.
 * What crosses a range boundary is done in pieces, lowest address first.
 *
 * Threads: any. One RCU section covers one call; the BQL is dispatch.c's business.
 * Tests: tests/unit/system/memory/test-access.c.
 */

#include "qemu/osdep.h"
#include "memory-internal.h"
#include "qemu/atomic.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "system/dirty.h"

/* The largest single access there is. */
#define ACCESS_SIZE_MAX 8

/* ---- Pieces of an access ---- */

/* A part of an access that lies within one range of the view. */
typedef struct Piece {
    MemoryRegion *mr;
    hwaddr xlat; /* in @mr */
    hwaddr len;
} Piece;

/* The first bytes of @len at @addr; RAM behind a readonly alias is no place to write to. */
static Piece first_piece(FlatView *fv, hwaddr addr, hwaddr len, bool is_write, MemTxAttrs attrs)
{
    Piece piece = {.len = len};

    piece.mr = flatview_translate(fv, addr, &piece.xlat, &piece.len, is_write, attrs);
    return piece;
}

/*
 * How many of @len bytes at @addr to pass to a region in one access: a power of two that the
 * region takes, naturally aligned unless the region's handlers do without.
 */
static unsigned io_access_size(const MemoryRegion *mr, hwaddr addr, hwaddr len)
{
    unsigned max = mr->ops->valid.max_access_size;
    unsigned align = addr & -addr & (ACCESS_SIZE_MAX - 1);

    max = max ? MIN(max, ACCESS_SIZE_MAX) : 4;
    if (!mr->ops->impl.unaligned && align) {
        max = MIN(max, align);
    }
    return pow2floor(MIN(len, max));
}

static MemTxResult read_piece(const Piece *piece, MemTxAttrs attrs, uint8_t *buf)
{
    MemTxResult result = MEMTX_OK;

    if (likely(memory_region_access_is_direct(piece->mr, false))) {
        memcpy(buf, ramblock_ptr(piece->mr->ram_block, piece->xlat), piece->len);
        return MEMTX_OK;
    }
    if (memory_region_is_unassigned(piece->mr)) {
        /* One answer for the whole hole: its length is the guest's choice. */
        memset(buf, 0, piece->len);
        memory_region_access_valid(piece->mr, piece->xlat, MIN(piece->len, ACCESS_SIZE_MAX), false,
                                   attrs);
        return MEMTX_DECODE_ERROR;
    }
    for (hwaddr done = 0; done < piece->len;) {
        unsigned size = io_access_size(piece->mr, piece->xlat + done, piece->len - done);
        uint64_t value;

        result |= memory_region_dispatch_read(piece->mr, piece->xlat + done, &value,
                                              size_memop(size) | MO_LE, attrs);
        stn_le_p(buf + done, size, value);
        done += size;
    }
    return result;
}

static MemTxResult write_piece(const Piece *piece, MemTxAttrs attrs, const uint8_t *buf)
{
    MemTxResult result = MEMTX_OK;

    if (likely(memory_region_access_is_direct(piece->mr, true))) {
        memcpy(ramblock_ptr(piece->mr->ram_block, piece->xlat), buf, piece->len);
        dirty_note_write(piece->mr->ram_block, piece->xlat, piece->len);
        return MEMTX_OK;
    }
    if (piece->mr->ram || piece->mr == &io_mem_rom) {
        memory_region_log_rom_write(piece->mr, piece->xlat, piece->len);
        return MEMTX_OK;
    }
    if (memory_region_is_unassigned(piece->mr)) {
        memory_region_access_valid(piece->mr, piece->xlat, MIN(piece->len, ACCESS_SIZE_MAX), true,
                                   attrs);
        return MEMTX_DECODE_ERROR;
    }
    for (hwaddr done = 0; done < piece->len;) {
        unsigned size = io_access_size(piece->mr, piece->xlat + done, piece->len - done);

        result |= memory_region_dispatch_write(piece->mr, piece->xlat + done,
                                               ldn_le_p(buf + done, size), size_memop(size) | MO_LE,
                                               attrs);
        done += size;
    }
    return result;
}

/* ---- Byte ranges ---- */

MemTxResult address_space_read(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf,
                               hwaddr len)
{
    MemTxResult result = MEMTX_OK;
    FlatView *fv;

    RCU_READ_LOCK_GUARD();
    fv = address_space_to_flatview(as);
    for (hwaddr done = 0; done < len;) {
        Piece piece = first_piece(fv, addr + done, len - done, false, attrs);

        result |= read_piece(&piece, attrs, (uint8_t *)buf + done);
        done += piece.len;
    }
    return result;
}

MemTxResult address_space_write(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, const void *buf,
                                hwaddr len)
{
    MemTxResult result = MEMTX_OK;
    FlatView *fv;

    RCU_READ_LOCK_GUARD();
    fv = address_space_to_flatview(as);
    for (hwaddr done = 0; done < len;) {
        Piece piece = first_piece(fv, addr + done, len - done, true, attrs);

        result |= write_piece(&piece, attrs, (const uint8_t *)buf + done);
        done += piece.len;
    }
    return result;
}

MemTxResult address_space_rw(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf, hwaddr len,
                             bool is_write)
{
    return is_write ? address_space_write(as, addr, attrs, buf, len) :
                      address_space_read(as, addr, attrs, buf, len);
}

MemTxResult address_space_write_rom(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                                    const void *buf, hwaddr len)
{
    MemTxResult result = MEMTX_OK;
    FlatView *fv;

    RCU_READ_LOCK_GUARD();
    fv = address_space_to_flatview(as);
    for (hwaddr done = 0; done < len;) {
        /* As a read: readonly aliases do not hide memory from a loader. */
        Piece piece = first_piece(fv, addr + done, len - done, false, attrs);

        if (piece.mr->ram_block) {
            memcpy(ramblock_ptr(piece.mr->ram_block, piece.xlat), (const uint8_t *)buf + done,
                   piece.len);
            dirty_note_write(piece.mr->ram_block, piece.xlat, piece.len);
        } else if (memory_region_is_unassigned(piece.mr)) {
            result |= MEMTX_DECODE_ERROR;
        }
        done += piece.len;
    }
    return result;
}

MemTxResult address_space_set(AddressSpace *as, hwaddr addr, uint8_t c, hwaddr len,
                              MemTxAttrs attrs)
{
    MemTxResult result = MEMTX_OK;
    uint8_t fill[512];
    FlatView *fv;

    memset(fill, c, sizeof(fill));
    RCU_READ_LOCK_GUARD();
    fv = address_space_to_flatview(as);
    for (hwaddr done = 0; done < len;) {
        Piece piece = first_piece(fv, addr + done, len - done, true, attrs);

        if (memory_region_access_is_direct(piece.mr, true)) {
            memset(ramblock_ptr(piece.mr->ram_block, piece.xlat), c, piece.len);
            dirty_note_write(piece.mr->ram_block, piece.xlat, piece.len);
        } else {
            if (!memory_region_is_unassigned(piece.mr)) {
                piece.len = MIN(piece.len, sizeof(fill));
            }
            result |= write_piece(&piece, attrs, fill);
        }
        done += piece.len;
    }
    return result;
}

bool address_space_access_valid(AddressSpace *as, hwaddr addr, hwaddr len, bool is_write,
                                MemTxAttrs attrs)
{
    FlatView *fv;

    RCU_READ_LOCK_GUARD();
    fv = address_space_to_flatview(as);
    for (hwaddr done = 0; done < len;) {
        Piece piece = first_piece(fv, addr + done, len - done, is_write, attrs);

        if (!memory_region_access_is_direct(piece.mr, is_write)) {
            if (memory_region_is_unassigned(piece.mr)) {
                return false;
            }
            if (!piece.mr->ram) {
                piece.len = io_access_size(piece.mr, piece.xlat, piece.len);
                if (!memory_region_access_valid(piece.mr, piece.xlat, piece.len, is_write, attrs)) {
                    return false;
                }
            }
        }
        done += piece.len;
    }
    return true;
}

/* ---- Single loads and stores ---- */

static uint64_t load(AddressSpace *as, hwaddr addr, MemOp op, MemTxAttrs attrs, MemTxResult *result)
{
    unsigned size = memop_size(op);
    MemTxResult r;
    uint64_t value;
    Piece piece;

    RCU_READ_LOCK_GUARD();
    piece = first_piece(address_space_to_flatview(as), addr, size, false, attrs);
    if (likely(piece.len == size)) {
        r = memory_region_dispatch_read(piece.mr, piece.xlat, &value, op, attrs);
    } else {
        uint8_t bytes[ACCESS_SIZE_MAX];

        r = address_space_read(as, addr, attrs, bytes, size);
        value = r != MEMTX_OK        ? 0 :
                memop_big_endian(op) ? ldn_be_p(bytes, size) :
                                       ldn_le_p(bytes, size);
    }
    if (result) {
        *result = r;
    }
    return value;
}

static void store(AddressSpace *as, hwaddr addr, uint64_t value, MemOp op, MemTxAttrs attrs,
                  MemTxResult *result)
{
    unsigned size = memop_size(op);
    MemTxResult r;
    Piece piece;

    RCU_READ_LOCK_GUARD();
    piece = first_piece(address_space_to_flatview(as), addr, size, true, attrs);
    if (likely(piece.len == size)) {
        r = memory_region_dispatch_write(piece.mr, piece.xlat, value, op, attrs);
    } else {
        uint8_t bytes[ACCESS_SIZE_MAX];

        if (memop_big_endian(op)) {
            stn_be_p(bytes, size, value);
        } else {
            stn_le_p(bytes, size, value);
        }
        r = address_space_write(as, addr, attrs, bytes, size);
    }
    if (result) {
        *result = r;
    }
}

#define DEFINE_LOAD(name, type, op)                                                                \
    type address_space_##name(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,                     \
                              MemTxResult *result)                                                 \
    {                                                                                              \
        return load(as, addr, op, attrs, result);                                                  \
    }

#define DEFINE_STORE(name, type, op)                                                               \
    void address_space_##name(AddressSpace *as, hwaddr addr, type val, MemTxAttrs attrs,           \
                              MemTxResult *result)                                                 \
    {                                                                                              \
        store(as, addr, val, op, attrs, result);                                                   \
    }

DEFINE_LOAD(ldub, uint8_t, MO_8)
DEFINE_LOAD(lduw_le, uint16_t, MO_16 | MO_LE)
DEFINE_LOAD(ldl_le, uint32_t, MO_32 | MO_LE)
DEFINE_LOAD(ldq_le, uint64_t, MO_64 | MO_LE)
DEFINE_LOAD(lduw_be, uint16_t, MO_16 | MO_BE)
DEFINE_LOAD(ldl_be, uint32_t, MO_32 | MO_BE)
DEFINE_LOAD(ldq_be, uint64_t, MO_64 | MO_BE)
DEFINE_STORE(stb, uint8_t, MO_8)
DEFINE_STORE(stw_le, uint16_t, MO_16 | MO_LE)
DEFINE_STORE(stl_le, uint32_t, MO_32 | MO_LE)
DEFINE_STORE(stq_le, uint64_t, MO_64 | MO_LE)
DEFINE_STORE(stw_be, uint16_t, MO_16 | MO_BE)
DEFINE_STORE(stl_be, uint32_t, MO_32 | MO_BE)
DEFINE_STORE(stq_be, uint64_t, MO_64 | MO_BE)
