/* SPDX-License-Identifier: MIT */
/* Byte ranges and single accesses through an address space: RAM, ROM, ROM device, I/O, holes. */

#include "qemu/osdep.h"
#include "memory-test.h"
#include "qemu/log.h"

#define ATTRS MEMTXATTRS_UNSPECIFIED

static const MemoryRegionOps device_ops = {
    .read_with_attrs = device_read,
    .write_with_attrs = device_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.max_access_size = 8,
    .impl.max_access_size = 8,
};

/* RAM at 0x1000, a device at 0x2000, ROM at 0x3000; the rest are holes. */
typedef struct Board {
    Space s;
    MemoryRegion ram, rom;
    Device d;
} Board;

static void board_init(Board *b)
{
    space_init(&b->s, UINT64_MAX);
    g_assert_true(memory_region_init_ram(&b->ram, NULL, "ram", 0x1000, NULL));
    g_assert_true(memory_region_init_rom(&b->rom, NULL, "rom", 0x1000, NULL));
    device_init(&b->d, NULL, &device_ops, "device");
    memory_region_add_subregion(&b->s.root, 0x1000, &b->ram);
    memory_region_add_subregion(&b->s.root, 0x2000, &b->d.mr);
    memory_region_add_subregion(&b->s.root, 0x3000, &b->rom);
}

static void board_destroy(Board *b)
{
    memory_region_del_subregion(&b->s.root, &b->ram);
    memory_region_del_subregion(&b->s.root, &b->rom);
    memory_region_del_subregion(&b->s.root, &b->d.mr);
    memory_test_settle();
    object_unref(&b->ram);
    object_unref(&b->rom);
    device_destroy(&b->d);
    space_destroy(&b->s);
}

static void test_ram(void)
{
    uint8_t in[256], out[256];
    MemTxResult result;
    Board b;

    board_init(&b);
    for (unsigned i = 0; i < sizeof(in); i++) {
        in[i] = i ^ 0x5a;
    }
    g_assert_cmphex(address_space_write(&b.s.as, 0x1003, ATTRS, in, sizeof(in)), ==, MEMTX_OK);
    g_assert_cmphex(address_space_read(&b.s.as, 0x1003, ATTRS, out, sizeof(out)), ==, MEMTX_OK);
    g_assert_cmpmem(in, sizeof(in), out, sizeof(out));
    g_assert_cmpmem((uint8_t *)memory_region_get_ram_ptr(&b.ram) + 3, sizeof(in), in, sizeof(in));

    address_space_stq_le(&b.s.as, 0x1101, 0x1122334455667788, ATTRS, &result);
    g_assert_cmphex(result, ==, MEMTX_OK);
    g_assert_cmphex(address_space_ldl_be(&b.s.as, 0x1101, ATTRS, NULL), ==, 0x88776655);
    g_assert_cmphex(address_space_lduw_le(&b.s.as, 0x1103, ATTRS, NULL), ==, 0x5566);
    address_space_stw_be(&b.s.as, 0x1101, 0xcafe, ATTRS, NULL);
    g_assert_cmphex(address_space_ldub(&b.s.as, 0x1101, ATTRS, NULL), ==, 0xca);
    g_assert_cmphex(address_space_ldq_le(&b.s.as, 0x1101, ATTRS, NULL), ==, 0x112233445566feca);

    g_assert_cmphex(address_space_set(&b.s.as, 0x1000, 0xee, 0x1000, ATTRS), ==, MEMTX_OK);
    g_assert_cmphex(address_space_ldl_le(&b.s.as, 0x1ffc, ATTRS, NULL), ==, 0xeeeeeeee);
    board_destroy(&b);
}

static void test_holes(void)
{
    uint8_t buf[0x20];
    MemTxResult result;
    Board b;

    board_init(&b);
    memset(buf, 0xaa, sizeof(buf));
    address_space_set(&b.s.as, 0x1000, 0x77, 0x10, ATTRS);
    /* Half a hole: what is there is read, the rest is zero. */
    g_assert_cmphex(address_space_read(&b.s.as, 0xff0, ATTRS, buf, sizeof(buf)), ==,
                    MEMTX_DECODE_ERROR);
    for (unsigned i = 0; i < sizeof(buf); i++) {
        g_assert_cmphex(buf[i], ==, i < 0x10 ? 0 : 0x77);
    }
    memset(buf, 0x11, sizeof(buf));
    g_assert_cmphex(address_space_write(&b.s.as, 0xff0, ATTRS, buf, sizeof(buf)), ==,
                    MEMTX_DECODE_ERROR);
    g_assert_cmphex(address_space_ldub(&b.s.as, 0x100f, ATTRS, NULL), ==, 0x11);
    g_assert_cmphex(address_space_ldl_le(&b.s.as, 0xffe, ATTRS, &result), ==, 0);
    g_assert_cmphex(result, ==, MEMTX_DECODE_ERROR);
    g_assert_cmphex(address_space_ldq_le(&b.s.as, UINT64_MAX - 3, ATTRS, &result), ==, 0);
    g_assert_cmphex(result, ==, MEMTX_DECODE_ERROR);
    /* A huge hole costs one lookup, whatever the guest asks for. */
    g_assert_cmphex(address_space_set(&b.s.as, 0x10000, 0, UINT64_C(1) << 60, ATTRS), ==,
                    MEMTX_DECODE_ERROR);
    g_assert_false(address_space_access_valid(&b.s.as, 0x1ff0, 0x1020, false, ATTRS));
    g_assert_true(address_space_access_valid(&b.s.as, 0x1ff0, 0x20, false, ATTRS));
    board_destroy(&b);
}

static void test_io(void)
{
    uint8_t buf[16];
    Board b;

    board_init(&b);
    /* Pieces are as large as alignment and the device allow. */
    g_assert_cmphex(address_space_read(&b.s.as, 0x2003, ATTRS, buf, 15), ==, MEMTX_OK);
    device_expect(&b.d, "r1@3 r4@4 r8@8 r2@10 ");
    for (unsigned i = 0; i < 15; i++) {
        g_assert_cmphex(buf[i], ==, 0x13 + i);
    }
    g_assert_cmphex(address_space_write(&b.s.as, 0x2000, ATTRS, "\x1\x2\x3", 3), ==, MEMTX_OK);
    device_expect(&b.d, "w2@0=201 w1@2=3 ");
    g_assert_cmphex(address_space_ldl_le(&b.s.as, 0x2004, ATTRS, NULL), ==, 0x17161514);
    device_expect(&b.d, "r4@4 ");
    /* From RAM into the device's registers: split at the boundary. */
    address_space_stl_le(&b.s.as, 0x1ffe, 0xddccbbaa, ATTRS, NULL);
    device_expect(&b.d, "w2@0=ddcc ");
    board_destroy(&b);
}

static void test_rom(void)
{
    MemTxResult result;
    Board b;

    board_init(&b);
    g_assert_cmphex(address_space_write_rom(&b.s.as, 0x3000, ATTRS, "firmware", 8), ==, MEMTX_OK);
    g_assert_cmphex(address_space_write(&b.s.as, 0x3000, ATTRS, "nonsense", 8), ==, MEMTX_OK);
    address_space_stl_le(&b.s.as, 0x3000, 0, ATTRS, &result);
    g_assert_cmphex(result, ==, MEMTX_OK);
    g_assert_cmpmem(memory_region_get_ram_ptr(&b.rom), 8, "firmware", 8);
    g_assert_cmphex(address_space_lduw_le(&b.s.as, 0x3000, ATTRS, NULL), ==, 'f' | 'i' << 8);
    /* I/O is skipped by a loader. */
    g_assert_cmphex(address_space_write_rom(&b.s.as, 0x2000, ATTRS, "abcd", 4), ==, MEMTX_OK);
    device_expect(&b.d, "");
    board_destroy(&b);
}

static void test_readonly_alias(void)
{
    MemoryRegion window;
    Board b;

    board_init(&b);
    memory_region_init_alias(&window, NULL, "window", &b.ram, 0, 0x1000);
    memory_region_set_readonly(&window, true);
    memory_region_add_subregion(&b.s.root, 0x8000, &window);
    address_space_stl_le(&b.s.as, 0x1010, 0x12345678, ATTRS, NULL);
    address_space_stl_le(&b.s.as, 0x8010, 0, ATTRS, NULL);
    address_space_write(&b.s.as, 0x8010, ATTRS, "\0\0\0\0", 4);
    g_assert_cmphex(address_space_ldl_le(&b.s.as, 0x8010, ATTRS, NULL), ==, 0x12345678);
    WITH_RCU_READ_LOCK_GUARD() {
        g_assert_true(flatview_lookup(address_space_to_flatview(&b.s.as), 0x8010).readonly);
        g_assert_false(flatview_lookup(address_space_to_flatview(&b.s.as), 0x1010).readonly);
    }
    memory_region_del_subregion(&b.s.root, &window);
    memory_test_settle();
    object_unref(&window);
    board_destroy(&b);
}

static void test_rom_device(void)
{
    MemoryRegion flash;
    Space s;
    Device d;

    space_init(&s, UINT64_MAX);
    device_init(&d, NULL, &device_ops, "journal");
    g_assert_true(
        memory_region_init_rom_device(&flash, NULL, &device_ops, &d, "flash", 0x1000, NULL));
    memory_region_add_subregion(&s.root, 0, &flash);
    memcpy(memory_region_get_ram_ptr(&flash), "array", 5);

    g_assert_cmphex(address_space_ldub(&s.as, 0, ATTRS, NULL), ==, 'a');
    device_expect(&d, "");
    address_space_stb(&s.as, 4, 0x90, ATTRS, NULL);
    device_expect(&d, "w1@4=90 ");
    g_assert_cmphex(address_space_ldub(&s.as, 4, ATTRS, NULL), ==, 'y');

    memory_region_rom_device_set_romd(&flash, false);
    g_assert_cmphex(address_space_ldub(&s.as, 4, ATTRS, NULL), ==, 0x90);
    device_expect(&d, "r1@4 ");
    memory_region_rom_device_set_romd(&flash, true);
    g_assert_cmphex(address_space_ldub(&s.as, 4, ATTRS, NULL), ==, 'y');

    memory_region_del_subregion(&s.root, &flash);
    memory_test_settle();
    object_unref(&flash);
    device_destroy(&d);
    space_destroy(&s);
}

/* ---- Messages ---- */

static char *logged(unsigned mask, void (*fn)(Board *b))
{
    g_autofree char *path = NULL;
    char *text;
    Board b;
    int fd = g_file_open_tmp("memory-log-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    board_init(&b);
    g_assert_true(qemu_set_log_filename(path, NULL));
    g_assert_true(qemu_set_log(mask, NULL));
    fn(&b);
    g_assert_true(qemu_set_log(0, NULL));
    board_destroy(&b);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    unlink(path);
    return text;
}

static void bad_accesses(Board *b)
{
    address_space_ldl_le(&b->s.as, 0, ATTRS, NULL);
    address_space_stq_le(&b->s.as, 0xABCDE0, 0, ATTRS, NULL);
    address_space_ldl_le(&b->s.as, 0x2002, ATTRS, NULL);
}

static void rom_write(Board *b)
{
    address_space_stw_le(&b->s.as, 0x3010, 0, ATTRS, NULL);
}

static void test_log(void)
{
    g_autofree char *invalid = logged(LOG_INVALID_MEM, bad_accesses);
    g_autofree char *guest_error = logged(LOG_GUEST_ERROR, rom_write);

    g_assert_cmpstr(invalid, ==,
                    "Invalid read at addr 0x0, size 4, region '(null)', reason: rejected\n"
                    "Invalid write at addr 0xABCDE0, size 8, region '(null)', reason: rejected\n"
                    "Invalid read at addr 0x2, size 4, region 'device', reason: unaligned\n");
    g_assert_cmpstr(guest_error, ==,
                    "rom: write to read-only memory at offset 0x10, size 2: ignored\n");
}

/* ---- Cost ---- */

static void test_cost(void)
{
    const unsigned rounds = 1000000;
    uint64_t value;
    double ns;
    Board b;

    if (!g_test_perf()) {
        g_test_skip("measures: run with -m perf");
        return;
    }
    board_init(&b);
    g_test_timer_start();
    for (unsigned i = 0; i < rounds; i++) {
        address_space_read(&b.s.as, 0x1000 + (i & 0xff8), ATTRS, &value, 8);
    }
    ns = g_test_timer_elapsed() * 1e9 / rounds;
    g_test_minimized_result(ns, "%.1f ns per RAM read of 8 bytes", ns);
    g_test_timer_start();
    for (unsigned i = 0; i < rounds; i++) {
        address_space_write(&b.s.as, 0x1000 + (i & 0xff8), ATTRS, &value, 8);
    }
    ns = g_test_timer_elapsed() * 1e9 / rounds;
    g_test_minimized_result(ns, "%.1f ns per RAM write of 8 bytes", ns);
    board_destroy(&b);
}

static void add_tests(void)
{
    g_test_add_func("/memory/access/ram", test_ram);
    g_test_add_func("/memory/access/holes", test_holes);
    g_test_add_func("/memory/access/io", test_io);
    g_test_add_func("/memory/access/rom", test_rom);
    g_test_add_func("/memory/access/readonly-alias", test_readonly_alias);
    g_test_add_func("/memory/access/rom-device", test_rom_device);
    g_test_add_func("/memory/access/log", test_log);
    g_test_add_func("/memory/access/cost", test_cost);
}

int main(int argc, char **argv)
{
    return memory_test_run(&argc, &argv, add_tests);
}
