/* SPDX-License-Identifier: MIT */
/* What the tests of system/memory share: start, end, and a device that records its accesses. */

#ifndef MEMORY_TEST_H
#define MEMORY_TEST_H

#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "system/memory.h"

/* GTest with a main loop; the BQL is held in every test. */
static inline int memory_test_run(int *argc, char ***argv, void (*add_tests)(void))
{
    int ret;

    g_test_init(argc, argv, NULL);
    if (!main_loop_init(NULL)) {
        return 1;
    }
    add_tests();
    ret = g_test_run();
    main_loop_cleanup();
    return ret;
}

/* Lets a grace period pass and what waited for it run. */
static inline void memory_test_settle(void)
{
    bql_unlock();
    rcu_drain();
    bql_lock();
    main_loop_wait(true);
}

/* A root with an address space on it. */
typedef struct Space {
    MemoryRegion root;
    AddressSpace as;
} Space;

static inline void space_init(Space *s, uint64_t size)
{
    memory_region_init(&s->root, NULL, "root", size);
    address_space_init(&s->as, &s->root, "test");
}

static inline void space_destroy(Space *s)
{
    address_space_destroy(&s->as);
    memory_test_settle();
    object_unref(&s->root);
}

/* A device with eight registers' worth of bytes and a journal of its handler calls. */
typedef struct Device {
    MemoryRegion mr;
    uint8_t bytes[64];
    GString *journal; /* "r4@0 w2@8=beef " */
    MemTxResult answer;
    bool saw_bql;
} Device;

static inline MemTxResult device_read(void *opaque, hwaddr addr, uint64_t *data, unsigned size,
                                      MemTxAttrs attrs)
{
    Device *d = opaque;

    *data = 0;
    for (unsigned i = 0; i < size && addr + i < sizeof(d->bytes); i++) {
        bool big = d->mr.ops->endianness == DEVICE_BIG_ENDIAN;

        *data |= (uint64_t)d->bytes[addr + i] << 8 * (big ? size - 1 - i : i);
    }
    d->saw_bql = bql_locked();
    g_string_append_printf(d->journal, "r%u@%" PRIx64 " ", size, addr);
    return d->answer;
}

static inline MemTxResult device_write(void *opaque, hwaddr addr, uint64_t data, unsigned size,
                                       MemTxAttrs attrs)
{
    Device *d = opaque;

    for (unsigned i = 0; i < size && addr + i < sizeof(d->bytes); i++) {
        bool big = d->mr.ops->endianness == DEVICE_BIG_ENDIAN;

        d->bytes[addr + i] = data >> 8 * (big ? size - 1 - i : i);
    }
    d->saw_bql = bql_locked();
    g_string_append_printf(d->journal, "w%u@%" PRIx64 "=%" PRIx64 " ", size, addr, data);
    return d->answer;
}

static inline void device_init(Device *d, Object *owner, const MemoryRegionOps *ops,
                               const char *name)
{
    *d = (Device){.journal = g_string_new(NULL)};
    for (unsigned i = 0; i < sizeof(d->bytes); i++) {
        d->bytes[i] = 0x10 + i;
    }
    memory_region_init_io(&d->mr, owner, ops, d, name, sizeof(d->bytes));
}

/* Compares the journal and empties it. */
static inline void device_expect(Device *d, const char *journal)
{
    g_assert_cmpstr(d->journal->str, ==, journal);
    g_string_truncate(d->journal, 0);
}

static inline void device_destroy(Device *d)
{
    object_unref(&d->mr);
    g_string_free(d->journal, true);
}

#endif
