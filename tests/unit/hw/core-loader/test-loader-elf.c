/* SPDX-License-Identifier: MIT */
/*
 * The ELF loader: both classes, what it refuses, and files with every byte of their headers wrong.
 */
#include "qemu/osdep.h"

#include <elf.h>

#include "../hw-test.h"
#include "hw/core/loader.h"
#include "qemu/bswap.h"

#define RAM_BASE 0x80000000
#define RAM_SIZE 0x100000

static const LoadRange ram_range = {"RAM", RAM_BASE, RAM_SIZE};

typedef struct TestElf {
    Elf64_Ehdr ehdr;
    Elf64_Phdr phdr[3];
    uint8_t gap[0x18];
    uint8_t text[0x20];
    uint8_t data[0x10];
} TestElf;

/*
 * A kernel with text, data and bss, and a note that is not loaded. Little-endian hosts only need
 * it.
 */
static TestElf make_elf64(void)
{
    TestElf e = {
        .ehdr =
            {
                .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                            EV_CURRENT},
                .e_type = cpu_to_le16(ET_EXEC),
                .e_machine = cpu_to_le16(EM_RISCV),
                .e_version = cpu_to_le32(EV_CURRENT),
                .e_entry = cpu_to_le64(0xffffffff80000010),
                .e_phoff = cpu_to_le64(offsetof(TestElf, phdr)),
                .e_ehsize = cpu_to_le16(sizeof(Elf64_Ehdr)),
                .e_phentsize = cpu_to_le16(sizeof(Elf64_Phdr)),
                .e_phnum = cpu_to_le16(3),
            },
        .phdr =
            {
                {
                    .p_type = cpu_to_le32(PT_NOTE),
                    .p_paddr = cpu_to_le64(1),
                    .p_memsz = cpu_to_le64(1),
                },
                {
                    .p_type = cpu_to_le32(PT_LOAD),
                    .p_offset = cpu_to_le64(offsetof(TestElf, text)),
                    .p_vaddr = cpu_to_le64(0xffffffff80000000),
                    .p_paddr = cpu_to_le64(RAM_BASE + 0x1000),
                    .p_filesz = cpu_to_le64(0x20),
                    .p_memsz = cpu_to_le64(0x20),
                },
                {
                    .p_type = cpu_to_le32(PT_LOAD),
                    .p_offset = cpu_to_le64(offsetof(TestElf, data)),
                    .p_vaddr = cpu_to_le64(0xffffffff80001000),
                    .p_paddr = cpu_to_le64(RAM_BASE + 0x2000),
                    .p_filesz = cpu_to_le64(0x10),
                    .p_memsz = cpu_to_le64(0x800),
                },
            },
    };

    return e;
}

static bool load(const void *data, size_t size, unsigned xlen, LoadedElf *elf, GError **error)
{
    g_autoptr(GBytes) file = g_bytes_new(data, size);

    return elf_load("k", file, EM_RISCV, xlen, &ram_range, elf, error);
}

static void expect_error(const TestElf *e, size_t size, unsigned xlen, const char *message)
{
    g_autoptr(GError) error = NULL;
    LoadedElf elf;

    g_assert_false(load(e, size, xlen, &elf, &error));
    g_assert_cmpstr(error->message, ==, message);
    g_assert_false(rom_covers(RAM_BASE + 0x1000));
}

static void test_elf64(void)
{
    TestElf e = make_elf64();
    LoadedElf elf;

    g_assert_true(load(&e, sizeof(e), 64, &elf, NULL));
    /* The entry is virtual, in the text segment. */
    g_assert_cmphex(elf.entry, ==, RAM_BASE + 0x1010);
    g_assert_cmphex(elf.low, ==, RAM_BASE + 0x1000);
    g_assert_cmphex(elf.end, ==, RAM_BASE + 0x2800);
    g_assert_true(rom_covers(RAM_BASE + 0x27ff));
    g_assert_false(rom_covers(RAM_BASE + 0x2800));
    rom_clear();
}

static void test_elf32(void)
{
    struct {
        Elf32_Ehdr ehdr;
        Elf32_Phdr phdr;
        uint8_t text[8];
    } e = {
        .ehdr =
            {
                .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB,
                            EV_CURRENT},
                .e_type = cpu_to_le16(ET_DYN),
                .e_machine = cpu_to_le16(EM_RISCV),
                .e_entry = cpu_to_le32(RAM_BASE),
                .e_phoff = cpu_to_le32(sizeof(Elf32_Ehdr)),
                .e_phentsize = cpu_to_le16(sizeof(Elf32_Phdr)),
                .e_phnum = cpu_to_le16(1),
            },
        .phdr =
            {
                .p_type = cpu_to_le32(PT_LOAD),
                .p_offset = cpu_to_le32(sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr)),
                .p_vaddr = cpu_to_le32(RAM_BASE),
                .p_paddr = cpu_to_le32(RAM_BASE),
                .p_filesz = cpu_to_le32(8),
                .p_memsz = cpu_to_le32(8),
            },
    };
    g_autoptr(GError) error = NULL;
    LoadedElf elf;

    g_assert_true(load(&e, sizeof(e), 32, &elf, NULL));
    g_assert_cmphex(elf.entry, ==, RAM_BASE);
    g_assert_cmphex(elf.end, ==, RAM_BASE + 8);
    rom_clear();
    g_assert_false(load(&e, sizeof(e), 64, &elf, &error));
    g_assert_cmpstr(error->message, ==, "'k' is a 32-bit ELF file, but the harts are 64-bit");
}

static void test_refused(void)
{
    TestElf e = make_elf64();

    expect_error(&e, 20, 64, "'k': truncated ELF file: no complete header");
    expect_error(&e, 60, 64, "'k': truncated ELF file: no complete header");
    expect_error(&e, 70, 64, "'k': truncated ELF file: 70 bytes, program headers at 0x40");
    expect_error(&e, offsetof(TestElf, data) + 8, 64,
                 "'k': truncated ELF file: segment 2 needs bytes 0x120 - 0x130 of 296");
    expect_error(&e, sizeof(e), 32, "'k' is a 64-bit ELF file, but the harts are 32-bit");

    e.ehdr.e_machine = cpu_to_le16(EM_X86_64);
    expect_error(&e, sizeof(e), 64,
                 "'k' is an ELF file for another machine: x86-64 (62), not RISC-V");
    e = make_elf64();
    e.ehdr.e_ident[EI_DATA] = ELFDATA2MSB;
    expect_error(&e, sizeof(e), 64, "'k' is a big-endian ELF file");
    e = make_elf64();
    e.ehdr.e_type = cpu_to_le16(ET_REL);
    expect_error(&e, sizeof(e), 64, "'k' is an ELF file of type 1, not an executable");
    e = make_elf64();
    e.ehdr.e_phentsize = cpu_to_le16(32);
    expect_error(&e, sizeof(e), 64, "'k': damaged ELF file: 3 program headers of 32 bytes");
    e = make_elf64();
    e.ehdr.e_phnum = cpu_to_le16(1);
    expect_error(&e, sizeof(e), 64, "'k': ELF file without a loadable segment");
    e = make_elf64();
    e.phdr[1].p_filesz = cpu_to_le64(0x21);
    expect_error(&e, sizeof(e), 64,
                 "'k': damaged ELF file: segment 1 is larger in the file than in memory");
}

static void test_outside_ram(void)
{
    static const char tail[] = " is outside of RAM (0x0000000080000000 - 0x0000000080100000)";
    static const struct {
        uint64_t paddr, memsz;
        const char *range;
    } rows[] = {
        {0x10000000, 0x20, "0x0000000010000000 - 0x0000000010000020"},
        {RAM_BASE - 1, 0x20, "0x000000007fffffff - 0x000000008000001f"},
        {RAM_BASE + RAM_SIZE - 0x1f, 0x20, "0x00000000800fffe1 - 0x0000000080100001"},
        {RAM_BASE + 0x1000, UINT64_MAX, "0x0000000080001000 - 0x0000000080000fff"},
        {UINT64_MAX, 0x20, "0xffffffffffffffff - 0x000000000000001f"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        TestElf e = make_elf64();
        g_autofree char *message =
            g_strdup_printf("'k': segment 1 (addresses %s)%s", rows[i].range, tail);

        e.phdr[1].p_paddr = cpu_to_le64(rows[i].paddr);
        e.phdr[1].p_memsz = cpu_to_le64(rows[i].memsz);
        expect_error(&e, sizeof(e), 64, message);
    }
}

/* The page of headers before a text at the start of RAM: not there, and not needed. */
static void test_headers_below_ram(void)
{
    TestElf e = make_elf64();
    size_t text = offsetof(TestElf, text);
    LoadedElf elf;

    e.phdr[0].p_offset = cpu_to_le64(offsetof(TestElf, text) - 4);
    e.phdr[0].p_filesz = cpu_to_le64(4);
    e.phdr[1].p_offset = 0;
    e.phdr[1].p_vaddr = cpu_to_le64(RAM_BASE - text);
    e.phdr[1].p_paddr = cpu_to_le64(RAM_BASE - text);
    e.phdr[1].p_filesz = cpu_to_le64(text + 0x20);
    e.phdr[1].p_memsz = cpu_to_le64(text + 0x20);
    e.ehdr.e_entry = cpu_to_le64(RAM_BASE + 4);
    memcpy(e.gap + sizeof(e.gap) - 4, "note", 4);
    g_assert_true(load(&e, sizeof(e), 64, &elf, NULL));
    g_assert_cmphex(elf.entry, ==, RAM_BASE + 4);
    g_assert_cmphex(elf.low, ==, RAM_BASE);
    g_assert_true(rom_covers(RAM_BASE + 0x1f));
    g_assert_false(rom_covers(RAM_BASE + 0x20));
    g_assert_false(rom_covers(RAM_BASE - 1));
    rom_clear();
    /* Anything else there is needed. */
    e.gap[0] = 1;
    g_assert_false(load(&e, sizeof(e), 64, &elf, NULL));
    /* A segment of headers alone goes altogether. */
    e.gap[0] = 0;
    e.phdr[1].p_filesz = e.phdr[1].p_memsz = cpu_to_le64(text);
    e.phdr[1].p_paddr = cpu_to_le64(0x10000);
    g_assert_true(load(&e, sizeof(e), 64, &elf, NULL));
    g_assert_cmphex(elf.low, ==, RAM_BASE + 0x2000);
    rom_clear();
}

/* Whatever stands in the headers: loaded within RAM, or refused. */
static void test_corrupt(void)
{
    for (unsigned i = 0; i < 20000; i++) {
        TestElf e = make_elf64();
        size_t size = g_test_rand_int_range(0, 4) ? sizeof(e) : g_test_rand_int_range(4, sizeof(e));
        LoadedElf elf;

        for (int n = g_test_rand_int_range(1, 4); n > 0; n--) {
            ((uint8_t *)&e)[g_test_rand_int_range(4, offsetof(TestElf, text))] = g_test_rand_int();
        }
        if (load(&e, size, 64, &elf, NULL)) {
            g_assert_cmphex(elf.low, >=, RAM_BASE);
            g_assert_cmphex(elf.end, >, elf.low);
            g_assert_cmphex(elf.end, <=, RAM_BASE + RAM_SIZE);
        }
        rom_clear();
    }
}

int main(int argc, char **argv)
{
    hw_test_init(&argc, &argv);
    g_test_add_func("/loader-elf/elf64", test_elf64);
    g_test_add_func("/loader-elf/elf32", test_elf32);
    g_test_add_func("/loader-elf/refused", test_refused);
    g_test_add_func("/loader-elf/outside-ram", test_outside_ram);
    g_test_add_func("/loader-elf/headers-below-ram", test_headers_below_ram);
    g_test_add_func("/loader-elf/corrupt", test_corrupt);
    return g_test_run();
}
