/* SPDX-License-Identifier: MIT */
/* The rules of MemoryRegionOps: validity, splitting and widening, byte order, re-entry, the BQL. */

#include "qemu/osdep.h"
#include "memory-test.h"

static uint64_t read_op(Device *d, hwaddr addr, MemOp op, MemTxResult want)
{
    uint64_t value = 0x5555;
    MemTxResult result =
        memory_region_dispatch_read(&d->mr, addr, &value, op, MEMTXATTRS_UNSPECIFIED);

    g_assert_cmphex(result, ==, want);
    return value;
}

static void write_op(Device *d, hwaddr addr, uint64_t value, MemOp op, MemTxResult want)
{
    MemTxResult result =
        memory_region_dispatch_write(&d->mr, addr, value, op, MEMTXATTRS_UNSPECIFIED);

    g_assert_cmphex(result, ==, want);
}

/* ---- Validity ---- */

static void test_valid(void)
{
    static const MemoryRegionOps ops = {
        .read_with_attrs = device_read,
        .write_with_attrs = device_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
        .valid = {.min_access_size = 2, .max_access_size = 4},
    };
    static const MemoryRegionOps write_only = {
        .write_with_attrs = device_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
    };
    Device d;

    device_init(&d, NULL, &ops, "valid");
    g_assert_cmphex(read_op(&d, 0, MO_8, MEMTX_DECODE_ERROR), ==, 0);
    g_assert_cmphex(read_op(&d, 0, MO_64, MEMTX_DECODE_ERROR), ==, 0);
    g_assert_cmphex(read_op(&d, 2, MO_32, MEMTX_DECODE_ERROR), ==, 0);
    write_op(&d, 1, 0, MO_16, MEMTX_DECODE_ERROR);
    device_expect(&d, "");
    g_assert_cmphex(read_op(&d, 2, MO_16, MEMTX_OK), ==, 0x1312);
    g_assert_cmphex(read_op(&d, 4, MO_32, MEMTX_OK), ==, 0x17161514);
    device_expect(&d, "r2@2 r4@4 ");
    /* An error of the device comes through, and its data does not. */
    d.answer = MEMTX_ERROR;
    g_assert_cmphex(read_op(&d, 4, MO_32, MEMTX_ERROR), ==, 0);
    write_op(&d, 4, 0, MO_32, MEMTX_ERROR);
    device_destroy(&d);

    device_init(&d, NULL, &write_only, "write-only");
    read_op(&d, 0, MO_32, MEMTX_DECODE_ERROR);
    write_op(&d, 0, 1, MO_32, MEMTX_OK);
    device_expect(&d, "w4@0=1 ");
    device_destroy(&d);
}

static bool accepts_high_half(void *opaque, hwaddr addr, unsigned size, bool is_write,
                              MemTxAttrs attrs)
{
    return addr >= 32 && !is_write && !attrs.user;
}

static void test_accepts(void)
{
    static const MemoryRegionOps ops = {
        .read_with_attrs = device_read,
        .write_with_attrs = device_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
        .valid.accepts = accepts_high_half,
    };
    uint64_t value;
    Device d;

    device_init(&d, NULL, &ops, "picky");
    read_op(&d, 0, MO_32, MEMTX_DECODE_ERROR);
    write_op(&d, 32, 0, MO_32, MEMTX_DECODE_ERROR);
    read_op(&d, 32, MO_32, MEMTX_OK);
    g_assert_cmphex(memory_region_dispatch_read(&d.mr, 32, &value, MO_32, (MemTxAttrs){.user = 1}),
                    ==, MEMTX_DECODE_ERROR);
    g_assert_cmphex(
        memory_region_dispatch_read(&d.mr, 32, &value, MO_32, (MemTxAttrs){.memory = 1}), ==,
        MEMTX_ACCESS_ERROR);
    device_expect(&d, "r4@20 ");
    device_destroy(&d);
}

/* ---- Splitting ---- */

static void test_split_large(void)
{
    static const MemoryRegionOps le = {
        .read_with_attrs = device_read,
        .write_with_attrs = device_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
        .impl = {.min_access_size = 1, .max_access_size = 2},
    };
    static const MemoryRegionOps be = {
        .read_with_attrs = device_read,
        .write_with_attrs = device_write,
        .endianness = DEVICE_BIG_ENDIAN,
        .impl = {.min_access_size = 1, .max_access_size = 2},
    };
    Device d;

    device_init(&d, NULL, &le, "le");
    g_assert_cmphex(read_op(&d, 8, MO_64 | MO_LE, MEMTX_OK), ==, 0x1f1e1d1c1b1a1918);
    device_expect(&d, "r2@8 r2@a r2@c r2@e ");
    write_op(&d, 8, 0x11223344, MO_32 | MO_LE, MEMTX_OK);
    device_expect(&d, "w2@8=3344 w2@a=1122 ");
    g_assert_cmphex(read_op(&d, 8, MO_32 | MO_BE, MEMTX_OK), ==, 0x44332211);
    device_destroy(&d);

    device_init(&d, NULL, &be, "be");
    g_assert_cmphex(read_op(&d, 8, MO_32 | MO_BE, MEMTX_OK), ==, 0x18191a1b);
    device_expect(&d, "r2@8 r2@a ");
    g_assert_cmphex(read_op(&d, 8, MO_32 | MO_LE, MEMTX_OK), ==, 0x1b1a1918);
    device_expect(&d, "r2@8 r2@a ");
    write_op(&d, 8, 0x11223344, MO_32 | MO_LE, MEMTX_OK);
    device_expect(&d, "w2@8=4433 w2@a=2211 ");
    g_assert_cmphex(d.bytes[8], ==, 0x44);
    device_destroy(&d);
}

static void test_default_sizes(void)
{
    static const MemoryRegionOps ops = {
        .read_with_attrs = device_read,
        .write_with_attrs = device_write,
        .endianness = DEVICE_NATIVE_ENDIAN,
    };
    Device d;

    device_init(&d, NULL, &ops, "default");
    g_assert_cmphex(read_op(&d, 0, MO_64, MEMTX_OK), ==, 0x1716151413121110);
    device_expect(&d, "r4@0 r4@4 ");
    g_assert_cmphex(read_op(&d, 3, MO_8, MEMTX_OK), ==, 0x13);
    device_expect(&d, "r1@3 ");
    device_destroy(&d);
}

static void test_widen_small(void)
{
    static const MemoryRegionOps le = {
        .read_with_attrs = device_read,
        .write_with_attrs = device_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
        .impl = {.min_access_size = 4, .max_access_size = 4},
    };
    static const MemoryRegionOps be = {
        .read_with_attrs = device_read,
        .write_with_attrs = device_write,
        .endianness = DEVICE_BIG_ENDIAN,
        .impl = {.min_access_size = 4, .max_access_size = 4},
    };
    Device d;

    device_init(&d, NULL, &le, "le");
    g_assert_cmphex(read_op(&d, 5, MO_8, MEMTX_OK), ==, 0x15);
    g_assert_cmphex(read_op(&d, 6, MO_16, MEMTX_OK), ==, 0x1716);
    device_expect(&d, "r4@4 r4@4 ");
    write_op(&d, 6, 0xbeef, MO_16 | MO_LE, MEMTX_OK);
    device_expect(&d, "r4@4 w4@4=beef1514 ");
    device_destroy(&d);

    device_init(&d, NULL, &be, "be");
    g_assert_cmphex(read_op(&d, 5, MO_8, MEMTX_OK), ==, 0x15);
    g_assert_cmphex(read_op(&d, 6, MO_16 | MO_BE, MEMTX_OK), ==, 0x1617);
    write_op(&d, 6, 0xbeef, MO_16 | MO_BE, MEMTX_OK);
    device_expect(&d, "r4@4 r4@4 r4@4 w4@4=1415beef ");
    device_destroy(&d);
}

static void test_unaligned(void)
{
    static const MemoryRegionOps split = {
        .read_with_attrs = device_read,
        .write_with_attrs = device_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
        .valid.unaligned = true,
        .impl = {.min_access_size = 1, .max_access_size = 8},
    };
    static const MemoryRegionOps words = {
        .read_with_attrs = device_read,
        .write_with_attrs = device_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
        .valid.unaligned = true,
        .impl = {.min_access_size = 4, .max_access_size = 4},
    };
    static const MemoryRegionOps direct = {
        .read_with_attrs = device_read,
        .write_with_attrs = device_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
        .valid.unaligned = true,
        .impl = {.min_access_size = 1, .max_access_size = 8, .unaligned = true},
    };
    Device d;

    device_init(&d, NULL, &split, "split");
    g_assert_cmphex(read_op(&d, 1, MO_32, MEMTX_OK), ==, 0x14131211);
    device_expect(&d, "r1@1 r2@2 r1@4 ");
    write_op(&d, 3, 0x8877665544332211, MO_64, MEMTX_OK);
    device_expect(&d, "w1@3=11 w4@4=55443322 w2@8=7766 w1@a=88 ");
    device_destroy(&d);

    device_init(&d, NULL, &words, "words");
    g_assert_cmphex(read_op(&d, 3, MO_32, MEMTX_OK), ==, 0x16151413);
    device_expect(&d, "r4@0 r4@4 ");
    write_op(&d, 3, 0xaabbccdd, MO_32, MEMTX_OK);
    device_expect(&d, "r4@0 w4@0=dd121110 r4@4 w4@4=17aabbcc ");
    device_destroy(&d);

    device_init(&d, NULL, &direct, "direct");
    g_assert_cmphex(read_op(&d, 3, MO_64, MEMTX_OK), ==, 0x1a19181716151413);
    device_expect(&d, "r8@3 ");
    device_destroy(&d);
}

/* Every size, address and shape of handler against the bytes themselves. */
static void test_all_shapes(void)
{
    for (unsigned shape = 0; shape < 64; shape++) {
        MemoryRegionOps ops = {
            .read_with_attrs = device_read,
            .write_with_attrs = device_write,
            .endianness = shape & 1 ? DEVICE_BIG_ENDIAN : DEVICE_LITTLE_ENDIAN,
            .valid.unaligned = true,
            .impl.min_access_size = 1u << (shape >> 2 & 3),
            .impl.max_access_size = 1u << MAX(shape >> 2 & 3, shape >> 4 & 3),
            .impl.unaligned = shape & 2,
        };
        Device d;

        device_init(&d, NULL, &ops, "shape");
        for (unsigned n = 0; n < 200; n++) {
            MemOp op = g_test_rand_int_range(0, 4) | (g_test_rand_bit() ? MO_BE : MO_LE);
            hwaddr addr = g_test_rand_int_range(0, sizeof(d.bytes) - memop_size(op) + 1);
            uint64_t value = ((uint64_t)g_test_rand_int() << 32) | (uint32_t)g_test_rand_int();
            uint8_t want[sizeof(d.bytes)];

            memcpy(want, d.bytes, sizeof(want));
            for (unsigned i = 0; i < memop_size(op); i++) {
                want[addr + i] = value >> 8 * (memop_big_endian(op) ? memop_size(op) - 1 - i : i);
            }
            write_op(&d, addr, value, op, MEMTX_OK);
            g_assert_cmpmem(d.bytes, sizeof(d.bytes), want, sizeof(want));
            g_assert_cmphex(read_op(&d, addr, op, MEMTX_OK), ==,
                            value & (UINT64_MAX >> (64 - 8 * memop_size(op))));
        }
        device_destroy(&d);
    }
}

/* ---- Re-entry ---- */

typedef struct Looping {
    MemoryRegion mr;
    MemoryRegion *next;
    unsigned depth;
    MemTxResult last;
} Looping;

static void looping_write(void *opaque, hwaddr addr, uint64_t data, unsigned size)
{
    Looping *l = opaque;

    if (++l->depth < 10) {
        l->last = memory_region_dispatch_write(l->next, addr, data, MO_32, MEMTXATTRS_UNSPECIFIED);
    }
}

static void test_reentry(void)
{
    static const MemoryRegionOps ops = {
        .write = looping_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
    };
    Looping a = {.next = NULL}, b = {.next = NULL};

    memory_region_init_io(&a.mr, NULL, &ops, &a, "a", 16);
    memory_region_init_io(&b.mr, NULL, &ops, &b, "b", 16);

    /* Into itself, and around through another device. */
    a.next = &a.mr;
    g_assert_cmphex(memory_region_dispatch_write(&a.mr, 0, 0, MO_32, MEMTXATTRS_UNSPECIFIED), ==,
                    MEMTX_OK);
    g_assert_cmpuint(a.depth, ==, 1);
    g_assert_cmphex(a.last, ==, MEMTX_ACCESS_ERROR);
    a.depth = 0;
    a.next = &b.mr;
    b.next = &a.mr;
    memory_region_dispatch_write(&a.mr, 0, 0, MO_32, MEMTXATTRS_UNSPECIFIED);
    g_assert_cmpuint(a.depth, ==, 1);
    g_assert_cmpuint(b.depth, ==, 1);
    g_assert_cmphex(a.last, ==, MEMTX_OK);
    g_assert_cmphex(b.last, ==, MEMTX_ACCESS_ERROR);

    /* It can be allowed. */
    a.depth = 0;
    a.next = &a.mr;
    memory_region_disable_reentrancy_guard(&a.mr);
    memory_region_dispatch_write(&a.mr, 0, 0, MO_32, MEMTXATTRS_UNSPECIFIED);
    g_assert_cmpuint(a.depth, ==, 10);
    object_unref(&a.mr);
    object_unref(&b.mr);
}

/* Two regions of one owner are one device. */
static void test_reentry_owner(void)
{
    static const MemoryRegionOps ops = {
        .write = looping_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
    };
    Object *owner = object_new(TYPE_CONTAINER);
    Looping a = {.next = NULL}, b = {.next = NULL};

    memory_region_init_io(&a.mr, owner, &ops, &a, "a", 16);
    memory_region_init_io(&b.mr, owner, &ops, &b, "b", 16);
    a.next = &b.mr;
    memory_region_dispatch_write(&a.mr, 0, 0, MO_32, MEMTXATTRS_UNSPECIFIED);
    g_assert_cmphex(a.last, ==, MEMTX_ACCESS_ERROR);
    g_assert_cmpuint(b.depth, ==, 0);
    object_unparent(OBJECT(&a.mr));
    object_unparent(OBJECT(&b.mr));
    object_unref(owner);
}

/* ---- The BQL ---- */

static void test_bql(void)
{
    static const MemoryRegionOps ops = {
        .read_with_attrs = device_read,
        .write_with_attrs = device_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
    };
    Device locked, lockless;

    device_init(&locked, NULL, &ops, "locked");
    device_init(&lockless, NULL, &ops, "lockless");
    memory_region_clear_global_locking(&lockless.mr);
    bql_unlock();
    read_op(&locked, 0, MO_32, MEMTX_OK);
    g_assert_true(locked.saw_bql);
    write_op(&lockless, 0, 0, MO_32, MEMTX_OK);
    g_assert_false(lockless.saw_bql);
    g_assert_false(bql_locked());
    bql_lock();
    write_op(&locked, 0, 0, MO_32, MEMTX_OK);
    g_assert_true(locked.saw_bql);
    g_assert_true(bql_locked());
    device_destroy(&locked);
    device_destroy(&lockless);
}

/* ---- Cost ---- */

static uint64_t null_read(void *opaque, hwaddr addr, unsigned size)
{
    return addr;
}

static void test_cost(void)
{
    static const MemoryRegionOps ops = {.read = null_read, .endianness = DEVICE_LITTLE_ENDIAN};
    const unsigned rounds = 1000000;
    MemoryRegion mr;
    uint64_t value, sum = 0;
    double ns;

    if (!g_test_perf()) {
        g_test_skip("measures: run with -m perf");
        return;
    }
    memory_region_init_io(&mr, NULL, &ops, NULL, "cost", 4096);
    memory_region_clear_global_locking(&mr);
    g_test_timer_start();
    for (unsigned i = 0; i < rounds; i++) {
        memory_region_dispatch_read(&mr, i & 0xffc, &value, MO_32, MEMTXATTRS_UNSPECIFIED);
        sum += value;
    }
    ns = g_test_timer_elapsed() * 1e9 / rounds;
    g_test_minimized_result(ns, "%.1f ns per MMIO dispatch", ns);
    g_assert_cmpuint(sum, >, 0);
    object_unref(&mr);
}

static void add_tests(void)
{
    g_test_add_func("/memory/dispatch/valid", test_valid);
    g_test_add_func("/memory/dispatch/accepts", test_accepts);
    g_test_add_func("/memory/dispatch/split-large", test_split_large);
    g_test_add_func("/memory/dispatch/default-sizes", test_default_sizes);
    g_test_add_func("/memory/dispatch/widen-small", test_widen_small);
    g_test_add_func("/memory/dispatch/unaligned", test_unaligned);
    g_test_add_func("/memory/dispatch/all-shapes", test_all_shapes);
    g_test_add_func("/memory/dispatch/reentry", test_reentry);
    g_test_add_func("/memory/dispatch/reentry-owner", test_reentry_owner);
    g_test_add_func("/memory/dispatch/bql", test_bql);
    g_test_add_func("/memory/dispatch/cost", test_cost);
}

int main(int argc, char **argv)
{
    return memory_test_run(&argc, &argv, add_tests);
}
