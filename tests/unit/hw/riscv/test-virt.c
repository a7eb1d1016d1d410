/* SPDX-License-Identifier: MIT */
/*
 * The virt board with harts that do not execute: map, wiring, device tree, and what is in memory
 * when the harts start. A machine cannot be taken down, so each case has a process of its own.
 */
#include "qemu/osdep.h"

#include <elf.h>
#include <libfdt.h>
#include <zlib.h>

#include "../fake-hart.h"
#include "../hw-test.h"
#include "hw/core/boards.h"
#include "hw/core/datadir.h"
#include "hw/core/loader.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "qemu/units.h"
#include "system/address-spaces.h"

#define RAM_BASE UINT64_C(0x80000000)
#define FW_SIZE 0x43d68

static char *dir;

/* ---- Files ---- */

static char *in_dir(const char *name)
{
    return g_build_filename(dir, name, NULL);
}

static void write_file(const char *name, const void *data, size_t size)
{
    g_autofree char *path = in_dir(name);

    g_assert_true(g_file_set_contents(path, data, size, NULL));
}

/* @size bytes that begin with @tag. */
static void write_filler(const char *name, const char *tag, size_t size)
{
    g_autofree char *data = g_malloc0(size + 1);

    memcpy(data, tag, strlen(tag));
    write_file(name, data, size);
}

static void write_elf(const char *name, uint16_t machine, uint64_t addr)
{
    struct {
        Elf64_Ehdr ehdr;
        Elf64_Phdr phdr;
        uint8_t text[8];
    } e = {
        .ehdr =
            {
                .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                            EV_CURRENT},
                .e_type = cpu_to_le16(ET_EXEC),
                .e_machine = cpu_to_le16(machine),
                .e_entry = cpu_to_le64(addr + 4),
                .e_phoff = cpu_to_le64(sizeof(Elf64_Ehdr)),
                .e_phentsize = cpu_to_le16(sizeof(Elf64_Phdr)),
                .e_phnum = cpu_to_le16(1),
            },
        .phdr =
            {
                .p_type = cpu_to_le32(PT_LOAD),
                .p_offset = cpu_to_le64(sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr)),
                .p_vaddr = cpu_to_le64(addr),
                .p_paddr = cpu_to_le64(addr),
                .p_filesz = cpu_to_le64(8),
                .p_memsz = cpu_to_le64(8),
            },
        .text = "elftext",
    };

    write_file(name, &e, sizeof(e));
}

/* A Linux Image, boot-image-header.rst. */
static void write_image(const char *name, uint64_t text_offset, uint64_t image_size)
{
    uint8_t image[4096] = {};

    stq_le_p(image + 8, text_offset);
    stq_le_p(image + 16, image_size);
    memcpy(image + 48, "RISCV\0\0\0RSC\x05", 12);
    write_file(name, image, sizeof(image));
}

static void write_files(void)
{
    g_autofree char *gz = in_dir("Image.gz");
    gzFile out;

    write_filler("opensbi-riscv64-generic-fw_dynamic.bin", "opensbi64", FW_SIZE);
    write_filler("opensbi-riscv32-generic-fw_dynamic.bin", "opensbi32", FW_SIZE);
    write_filler("fw3m", "fw3m", 3 * MiB);
    write_filler("raw", "rawkernel", 5000);
    write_filler("raw40m", "rawkernel", 40 * MiB);
    write_filler("initrd", "initrd", 10000);
    write_filler("empty", "", 0);
    write_image("Image", 0x200000, 0x100000);
    write_image("Image-m", 0, 0x100000);
    write_image("Image-big", 0x200000, 200 * MiB);
    write_elf("k80200000", EM_RISCV, 0x80200000);
    write_elf("k80000000", EM_RISCV, 0x80000000);
    write_elf("k84000000", EM_RISCV, 0x84000000);
    write_elf("x86", EM_X86_64, 0x80200000);
    write_elf("outside", EM_RISCV, 0x10000000);
    out = gzopen(gz, "wb");
    gzwrite(out, "unpacked kernel", 15);
    gzclose(out);
}

/* ---- The machine ---- */

/* -M virt with "kernel=raw smp=2 ..."; names of files are looked up in @dir. */
static MachineState *make_machine(const char *options, GError **error)
{
    static const struct {
        const char *key;
        size_t offset;
    } files[] = {
        {"kernel", offsetof(MachineState, kernel_filename)},
        {"initrd", offsetof(MachineState, initrd_filename)},
        {"dtb", offsetof(MachineState, dtb)},
    };
    MachineState *machine = machine_new(machine_class_find("virt", NULL));
    g_auto(GStrv) list = g_strsplit(options, " ", -1);

    for (char **option = list; *option && **option; option++) {
        g_auto(GStrv) pair = g_strsplit(*option, "=", 2);
        bool is_file = false;

        for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
            if (g_str_equal(pair[0], files[i].key)) {
                *(char **)((char *)machine + files[i].offset) = in_dir(pair[1]);
                is_file = true;
            }
        }
        if (is_file) {
            continue;
        } else if (g_str_equal(pair[0], "bios")) {
            machine->firmware = g_strdup(pair[1]);
        } else if (g_str_equal(pair[0], "append")) {
            machine->kernel_cmdline = g_strdup(pair[1]);
        } else if (g_str_equal(pair[0], "smp")) {
            machine->smp.cpus = machine->smp.max_cpus = atoi(pair[1]);
        } else if (g_str_equal(pair[0], "m")) {
            machine->ram_size = atoi(pair[1]) * MiB;
        } else if (g_str_equal(pair[0], "cpu")) {
            g_free(machine->cpu_type);
            machine->cpu_type = g_strdup_printf("%s-riscv-cpu", pair[1]);
        } else if (g_str_equal(pair[0], "aclint")) {
            g_assert_true(object_property_parse(OBJECT(machine), pair[0], pair[1], error));
        } else {
            g_assert_not_reached();
        }
    }
    if (!machine->cpu_type) {
        machine->cpu_type = g_strdup("rv64-riscv-cpu");
    }
    return machine_run_board_init(machine, error) && rom_check_and_register_reset(error) ? machine :
                                                                                           NULL;
}

static MachineState *start(const char *options)
{
    g_autoptr(GError) error = NULL;
    MachineState *machine = make_machine(options, &error);

    g_assert_no_error(error);
    machine_reset(machine, RESET_TYPE_COLD);
    return machine;
}

static uint64_t mem(hwaddr addr, unsigned size)
{
    return hw_test_read(addr, size);
}

/* ---- Start of the harts ---- */

static void check_reset_vector(void)
{
    static const uint32_t code[] = {0x00000297, 0x02828613, 0xf1402573,
                                    0x0202b583, 0x0182b283, 0x00028067};

    start("smp=2 kernel=raw");
    for (unsigned i = 0; i < G_N_ELEMENTS(code); i++) {
        g_assert_cmphex(mem(0x1000 + 4 * i, 4), ==, code[i]);
    }
    g_assert_cmphex(mem(0x1018, 8), ==, 0x80000000);
    g_assert_cmphex(mem(0x1020, 8), ==, 0x87e00000);
    g_assert_cmphex(mem(0x1028, 8), ==, 0x4942534f);
    g_assert_cmphex(mem(0x1030, 8), ==, 2);
    g_assert_cmphex(mem(0x1038, 8), ==, 0x80200000);
    g_assert_cmphex(mem(0x1040, 8), ==, 1);
    g_assert_cmphex(mem(0x1048, 8), ==, 0);
    g_assert_cmphex(mem(0x1050, 8), ==, 0);
    for (int i = 0; i < 2; i++) {
        g_assert_cmphex(fake_hart(i)->pc, ==, 0x1000);
        g_assert_cmpuint(fake_hart(i)->hartid, ==, i);
    }
}

static void check_reset_vector_rv32(void)
{
    start("cpu=rv32 kernel=raw");
    g_assert_cmphex(mem(0x100c, 4), ==, 0x0202a583);
    g_assert_cmphex(mem(0x1010, 4), ==, 0x0182a283);
    g_assert_cmphex(mem(0x1018, 4), ==, 0x80000000);
    g_assert_cmphex(mem(0x1020, 4), ==, 0x87e00000);
    g_assert_cmphex(mem(0x1028, 4), ==, 0x4942534f);
    g_assert_cmphex(mem(0x102c, 4), ==, 2);
    g_assert_cmphex(mem(0x1030, 4), ==, 0x80400000);
    g_assert_cmphex(mem(0x1034, 4), ==, 1);
    g_assert_cmphex(mem(RAM_BASE + 8, 1), ==, '2');
}

/* What is loaded where; addresses as observed on QEMU. 0: none. */
typedef struct Placement {
    const char *options;
    hwaddr start, next, dtb, initrd;
} Placement;

static const Placement placements[] = {
    {"", 0x80000000, 0, 0x87e00000, 0},
    {"kernel=raw", 0x80000000, 0x80200000, 0x87e00000, 0},
    {"kernel=Image", 0x80000000, 0x80200000, 0x87e00000, 0},
    {"kernel=k80200000", 0x80000000, 0x80200004, 0x87e00000, 0},
    {"kernel=k84000000", 0x80000000, 0x84000004, 0x87e00000, 0},
    {"bios=fw3m kernel=raw", 0x80000000, 0x80400000, 0x87e00000, 0},
    {"bios=k84000000", 0x84000004, 0, 0x87e00000, 0},
    {"bios=none", 0x80000000, 0, 0x87e00000, 0},
    {"bios=none kernel=raw", 0x80000000, 0x80000000, 0x87e00000, 0},
    {"bios=none kernel=Image-m", 0x80000000, 0x80000000, 0x87e00000, 0},
    {"bios=none kernel=k80000000", 0x80000000, 0x80000004, 0x87e00000, 0},
    /* There is nothing at 0x80000000: the entry, rather than running zeros. */
    {"bios=none kernel=k80200000", 0x80200004, 0x80200004, 0x87e00000, 0},
    {"m=32 kernel=raw initrd=initrd", 0x80000000, 0x80200000, 0x81e00000, 0x81200000},
    {"m=128 kernel=raw initrd=initrd", 0x80000000, 0x80200000, 0x87e00000, 0x84200000},
    {"m=129 kernel=raw", 0x80000000, 0x80200000, 0x88000000, 0},
    {"m=1024 kernel=raw initrd=initrd", 0x80000000, 0x80200000, 0xbfe00000, 0xa0200000},
    {"m=1024 kernel=k84000000 initrd=initrd", 0x80000000, 0x84000004, 0xbfe00000, 0xa4000000},
    {"m=3072", 0x80000000, 0, 0x13fe00000, 0},
    {"m=8192", 0x80000000, 0, 0x27fe00000, 0},
};

static void check_placement(const void *data)
{
    const Placement *p = data;
    MachineState *machine = start(p->options);

    g_assert_cmphex(mem(0x1018, 8), ==, p->start);
    g_assert_cmphex(mem(0x1038, 8), ==, p->next);
    g_assert_cmphex(mem(0x1020, 8), ==, p->dtb);
    g_assert_cmphex(mem(p->dtb, 4), ==, 0xedfe0dd0);
    if (p->initrd) {
        int chosen = fdt_path_offset(machine->fdt, "/chosen");

        g_assert_cmphex(mem(p->initrd, 4), ==, 0x74696e69); /* "init" */
        g_assert_cmphex(ldq_be_p(fdt_getprop(machine->fdt, chosen, "linux,initrd-start", NULL)), ==,
                        p->initrd);
        g_assert_cmphex(ldq_be_p(fdt_getprop(machine->fdt, chosen, "linux,initrd-end", NULL)), ==,
                        p->initrd + 10000);
    }
}

static void check_gzip(void)
{
    start("kernel=Image.gz");
    g_assert_cmphex(mem(0x80200000, 8), ==, 0x64656b6361706e75); /* "unpacked" */
}

typedef struct Refusal {
    const char *options;
    const char *message; /* DIR stands for the folder of the files */
} Refusal;

static const Refusal refusals[] = {
    {"kernel=nonexist",
     "could not load kernel 'DIR/nonexist': Could not open 'DIR/nonexist': No such file or "
     "directory"},
    {"kernel=empty", "could not load kernel 'DIR/empty': 'DIR/empty' is empty"},
    {"kernel=x86", "could not load kernel 'DIR/x86': 'DIR/x86' is an ELF file for another machine: "
                   "x86-64 (62), not RISC-V"},
    {"cpu=rv32 kernel=k80200000",
     "could not load kernel 'DIR/k80200000': 'DIR/k80200000' is a 64-bit ELF file, but the harts "
     "are 32-bit"},
    {"kernel=outside",
     "could not load kernel 'DIR/outside': 'DIR/outside': segment 0 (addresses 0x0000000010000000 "
     "- 0x0000000010000008) is outside of RAM (0x0000000080000000 - 0x0000000088000000)"},
    {"bios=none kernel=Image",
     "could not load kernel 'DIR/Image': this Linux Image is for S-mode and needs SBI firmware"},
    {"kernel=Image-big",
     "could not load kernel 'DIR/Image-big': this Linux Image needs 209715200 bytes of memory, but "
     "only 132120576 follow the firmware"},
    {"m=32 kernel=raw40m",
     "could not load kernel 'DIR/raw40m': 'DIR/raw40m' is too large: 41943040 bytes, at most "
     "33554432"},
    {"m=41 kernel=raw40m",
     "could not load kernel 'DIR/raw40m': 41943040 bytes do not fit between 0x80200000 and the end "
     "of RAM at 0x82900000"},
    {"kernel=raw initrd=empty", "could not load ramdisk 'DIR/empty': 'DIR/empty' is empty"},
    {"m=64 kernel=raw initrd=raw40m", "Not enough memory to place DTB after kernel/initrd"},
    {"kernel=k80000000", "Some ROM regions are overlapping"},
    {"m=1", "Some ROM regions are overlapping"},
    {"bios=foo.bin", "Unable to find the RISC-V BIOS \"foo.bin\""},
    {"bios=x86", "could not load firmware 'DIR/x86': 'DIR/x86' is an ELF file for another machine: "
                 "x86-64 (62), not RISC-V"},
    {"kernel=raw dtb=raw", "could not load device tree 'DIR/raw': invalid device tree"},
};

static void check_refusal(const void *data)
{
    const Refusal *r = data;
    g_auto(GStrv) parts = g_strsplit(r->message, "DIR", -1);
    g_autofree char *message = g_strjoinv(dir, parts);
    g_autoptr(GError) error = NULL;

    g_assert_null(make_machine(r->options, &error));
    g_assert_cmpstr(error->message, ==, message);
}

/* ---- Device tree ---- */

static uint32_t fdt_cell(const void *fdt, const char *path, const char *prop, unsigned index)
{
    int len;
    const fdt32_t *cells = fdt_getprop(fdt, fdt_path_offset(fdt, path), prop, &len);

    g_assert_nonnull(cells);
    g_assert_cmpint(len, >=, 4 * (index + 1));
    return fdt32_to_cpu(cells[index]);
}

static void expect_cells(const void *fdt, const char *path, const char *prop, const uint32_t *cells,
                         unsigned num)
{
    int len;

    g_assert_nonnull(fdt_getprop(fdt, fdt_path_offset(fdt, path), prop, &len));
    g_assert_cmpint(len, ==, 4 * num);
    for (unsigned i = 0; i < num; i++) {
        g_assert_cmphex(fdt_cell(fdt, path, prop, i), ==, cells[i]);
    }
}
#define EXPECT_CELLS(fdt, path, prop, ...)                                                         \
    expect_cells(fdt, path, prop, (const uint32_t[]){__VA_ARGS__},                                 \
                 G_N_ELEMENTS(((const uint32_t[]){__VA_ARGS__})))

static void expect_string(const void *fdt, const char *path, const char *prop, const char *value,
                          size_t size)
{
    int len;
    const void *data = fdt_getprop(fdt, fdt_path_offset(fdt, path), prop, &len);

    g_assert_nonnull(data);
    g_assert_cmpmem(data, len, value, size);
}
#define EXPECT_STRING(fdt, path, prop, value) expect_string(fdt, path, prop, value, sizeof(value))

static void check_fdt(void)
{
    void *fdt = start("smp=2 kernel=raw append=console=ttyS0")->fdt;

    EXPECT_STRING(fdt, "/", "compatible", "riscv-virtio");
    EXPECT_STRING(fdt, "/", "model", "riscv-virtio,qemu");
    EXPECT_CELLS(fdt, "/memory@80000000", "reg", 0, 0x80000000, 0, 0x8000000);
    EXPECT_CELLS(fdt, "/cpus", "timebase-frequency", 10000000);
    /*
     * The last hart has the first phandles, the interrupt controller and the test device the last.
     */
    EXPECT_CELLS(fdt, "/cpus/cpu@1", "phandle", 1);
    EXPECT_CELLS(fdt, "/cpus/cpu@1/interrupt-controller", "phandle", 2);
    EXPECT_CELLS(fdt, "/cpus/cpu@0", "phandle", 3);
    EXPECT_CELLS(fdt, "/cpus/cpu@0/interrupt-controller", "phandle", 4);
    EXPECT_CELLS(fdt, "/soc/interrupt-controller@c000000", "phandle", 5);
    EXPECT_CELLS(fdt, "/soc/test@100000", "phandle", 6);
    EXPECT_CELLS(fdt, "/poweroff", "regmap", 6);
    EXPECT_CELLS(fdt, "/poweroff", "value", 0x5555);
    EXPECT_CELLS(fdt, "/reboot", "value", 0x7777);
    EXPECT_STRING(fdt, "/cpus/cpu@0", "riscv,isa", "rv64imac_zicbom");
    EXPECT_STRING(fdt, "/cpus/cpu@0", "riscv,isa-base", "rv64i");
    EXPECT_STRING(fdt, "/cpus/cpu@0", "riscv,isa-extensions", "i\0m\0a\0c\0zicbom");
    EXPECT_STRING(fdt, "/cpus/cpu@0", "mmu-type", "riscv,sv57");
    EXPECT_CELLS(fdt, "/cpus/cpu@0", "riscv,cbom-block-size", 64);
    g_assert_null(
        fdt_getprop(fdt, fdt_path_offset(fdt, "/cpus/cpu@0"), "riscv,cboz-block-size", NULL));
    EXPECT_CELLS(fdt, "/cpus/cpu-map/cluster0/core1", "cpu", 1);
    EXPECT_STRING(fdt, "/soc/serial@10000000", "compatible", "ns16550a");
    EXPECT_CELLS(fdt, "/soc/serial@10000000", "reg", 0, 0x10000000, 0, 0x100);
    EXPECT_CELLS(fdt, "/soc/serial@10000000", "interrupts", 10);
    EXPECT_CELLS(fdt, "/soc/serial@10000000", "interrupt-parent", 5);
    EXPECT_CELLS(fdt, "/soc/serial@10000000", "clock-frequency", 3686400);
    EXPECT_CELLS(fdt, "/soc/rtc@101000", "interrupts", 11);
    EXPECT_CELLS(fdt, "/soc/interrupt-controller@c000000", "riscv,ndev", 95);
    EXPECT_CELLS(fdt, "/soc/interrupt-controller@c000000", "interrupts-extended", 4, 11, 4, 9, 2,
                 11, 2, 9);
    EXPECT_CELLS(fdt, "/soc/clint@2000000", "interrupts-extended", 4, 3, 4, 7, 2, 3, 2, 7);
    EXPECT_CELLS(fdt, "/soc/clint@2000000", "reg", 0, 0x2000000, 0, 0x10000);
    EXPECT_STRING(fdt, "/soc/clint@2000000", "compatible", "sifive,clint0\0riscv,clint0");
    EXPECT_STRING(fdt, "/aliases", "serial0", "/soc/serial@10000000");
    EXPECT_STRING(fdt, "/chosen", "stdout-path", "/soc/serial@10000000");
    EXPECT_STRING(fdt, "/chosen", "bootargs", "console=ttyS0");
    g_assert_cmpint(fdt_path_offset(fdt, "/pmu"), <, 0);
    g_assert_cmpint(fdt_path_offset(fdt, "/soc/mswi@2000000"), <, 0);
}

static void check_aclint_fdt(void)
{
    void *fdt = start("aclint=on")->fdt;

    g_assert_cmpint(fdt_path_offset(fdt, "/soc/clint@2000000"), <, 0);
    EXPECT_CELLS(fdt, "/soc/sswi@2f00000", "interrupts-extended", 2, 1);
    EXPECT_CELLS(fdt, "/soc/sswi@2f00000", "reg", 0, 0x2f00000, 0, 0x4000);
    EXPECT_CELLS(fdt, "/soc/mtimer@200bff8", "interrupts-extended", 2, 7);
    EXPECT_CELLS(fdt, "/soc/mtimer@200bff8", "reg", 0, 0x200bff8, 0, 0x4008, 0, 0x2004000, 0,
                 0x7ff8);
    EXPECT_CELLS(fdt, "/soc/mswi@2000000", "interrupts-extended", 2, 3);
    EXPECT_STRING(fdt, "/soc/mswi@2000000", "compatible", "riscv,aclint-mswi");
}

/* Another seed at each start, in the tree that the guest sees. */
static void check_rng_seed(void)
{
    MachineState *machine = start("");
    const char *seed =
        fdt_getprop(machine->fdt, fdt_path_offset(machine->fdt, "/chosen"), "rng-seed", NULL);
    hwaddr addr = 0x87e00000 + (seed - (char *)machine->fdt);
    char first[32], second[32];

    address_space_read(&address_space_memory, addr, MEMTXATTRS_UNSPECIFIED, first, sizeof(first));
    machine_reset(machine, RESET_TYPE_COLD);
    address_space_read(&address_space_memory, addr, MEMTXATTRS_UNSPECIFIED, second, sizeof(second));
    g_assert_true(memcmp(first, second, sizeof(first)) != 0);
}

/* -dtb: the file's tree, with what the command line says about the kernel. */
static void check_dtb_file(void)
{
    char blob[1024];
    void *fdt;

    g_assert_cmpint(fdt_create_empty_tree(blob, sizeof(blob)), ==, 0);
    g_assert_cmpint(fdt_setprop_string(blob, 0, "compatible", "mine"), ==, 0);
    g_assert_cmpint(fdt_pack(blob), ==, 0);
    write_file("mine.dtb", blob, fdt_totalsize(blob));
    fdt = start("kernel=raw append=x initrd=initrd dtb=mine.dtb")->fdt;
    EXPECT_STRING(fdt, "/", "compatible", "mine");
    EXPECT_STRING(fdt, "/chosen", "bootargs", "x");
    EXPECT_CELLS(fdt, "/chosen", "linux,initrd-start", 0, 0x84200000);
    g_assert_cmpint(fdt_path_offset(fdt, "/soc"), <, 0);
}

/* ---- Map and wires ---- */

static void check_map(void)
{
    static const struct {
        hwaddr base, size;
        const char *name;
    } rows[] = {
        {0x1000, 0xf000, "riscv_virt_board.mrom"},
        {0x100000, 0x1000, "riscv.sifive.test"},
        {0x101000, 0x24, "goldfish_rtc"},
        {0x2000000, 0x4000, "riscv.aclint.swi"},
        {0x2004000, 0x8000, "riscv.aclint.mtimer"},
        {0xc000000, 0x600000, "riscv.sifive.plic"},
        {0x10000000, 8, "serial"},
        {0x80000000, 0x8000000, "riscv_virt_board.ram"},
    };

    start("");
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        MemoryRegionSection section =
            memory_region_find(get_system_memory(), rows[i].base, UINT32_MAX);

        g_assert_nonnull(section.mr);
        g_assert_cmpstr(memory_region_name(section.mr), ==, rows[i].name);
        g_assert_cmphex(section.offset_within_address_space, ==, rows[i].base);
        g_assert_cmphex(section.size, ==, rows[i].size);
        memory_region_unref(section.mr);
    }
}

static void check_wires(void)
{
    start("smp=2");
    /* mtimecmp is 0 after reset. */
    g_assert_cmpint(fake_hart(1)->levels[FAKE_MTIP], ==, 1);
    hw_test_write(0x2004008, 8, UINT64_MAX);
    g_assert_cmpint(fake_hart(1)->levels[FAKE_MTIP], ==, 0);
    g_assert_cmpint(fake_hart(0)->levels[FAKE_MTIP], ==, 1);
    hw_test_write(0x2000004, 4, 1);
    g_assert_cmpint(fake_hart(1)->levels[FAKE_MSIP], ==, 1);
    g_assert_cmpint(fake_hart(0)->levels[FAKE_MSIP], ==, 0);
    /* The UART's transmitter interrupt, source 10, to hart 1's S-mode: context 3. */
    hw_test_write(0xc000000 + 4 * 10, 4, 1);
    hw_test_write(0xc002000 + 0x80 * 3, 4, 1 << 10);
    hw_test_write(0x10000001, 1, 2);
    g_assert_cmpint(fake_hart(1)->levels[FAKE_SEIP], ==, 1);
    g_assert_cmpint(fake_hart(1)->levels[FAKE_MEIP], ==, 0);
    g_assert_cmpint(fake_hart(0)->levels[FAKE_SEIP], ==, 0);
    g_assert_cmpuint(hw_test_read(0xc203004, 4), ==, 10);
    /* The RTC's alarm, source 11, to hart 0's M-mode: context 0. */
    hw_test_write(0xc000000 + 4 * 11, 4, 1);
    hw_test_write(0xc002000, 4, 1 << 11);
    hw_test_write(0x101010, 4, 1);
    hw_test_write(0x101008, 4, 1);
    g_assert_cmpint(fake_hart(0)->levels[FAKE_MEIP], ==, 1);
    g_assert_true(TIME_BASE(object_resolve_path_type("", "riscv.aclint.mtimer", NULL)) ==
                  fake_hart(0)->time_base);
}

static void check_many_harts(void)
{
    start("smp=512");
    hw_test_write(0x2000000 + 4 * 511, 4, 1);
    g_assert_cmpint(fake_hart(511)->levels[FAKE_MSIP], ==, 1);
    /* The last context's threshold. */
    hw_test_write(0xc200000 + 0x1000 * 1023, 4, 3);
    g_assert_cmpuint(hw_test_read(0xc200000 + 0x1000 * 1023, 4), ==, 3);
}

/* Random accesses all over the devices of a whole machine. */
static void check_fuzz(void)
{
    start("smp=2");
    hw_test_fuzz(0x100000, 0x2000, 20000);
    hw_test_fuzz(0x2000000, 0x10000, 20000);
    hw_test_fuzz(0xc000000, 0x600000, 20000);
    hw_test_fuzz(0x10000000, 0x10000, 20000);
    hw_test_fuzz(0x1000, 0xf000, 1000);
}

/* ---- Cases ---- */

typedef struct Case {
    void (*func)(void);
    void (*data_func)(const void *data);
    const void *data;
} Case;

static void run_case(const void *opaque)
{
    const Case *c = opaque;

    if (!g_test_subprocess()) {
        g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
        g_test_trap_assert_passed();
    } else if (c->func) {
        c->func();
    } else {
        c->data_func(c->data);
    }
}

static void add_case(const char *name, void (*func)(void), void (*data_func)(const void *),
                     const void *data)
{
    g_autofree char *path = g_strdup_printf("/virt/%s", name);
    Case *c = g_new(Case, 1);

    *c = (Case){.func = func, .data_func = data_func, .data = data};
    g_test_add_data_func_full(path, c, run_case, g_free);
}

int main(int argc, char **argv)
{
    g_autofree char *remove = NULL;
    int status;

    hw_test_init(&argc, &argv);
    /* Subprocesses share the files of the first process, which names them in the environment. */
    dir = g_strdup(g_getenv("TEST_VIRT_DIR"));
    if (!dir) {
        dir = g_dir_make_tmp("virt-XXXXXX", NULL);
        g_setenv("TEST_VIRT_DIR", dir, true);
        write_files();
    }
    qemu_add_data_dir(dir);

    add_case("reset-vector", check_reset_vector, NULL, NULL);
    add_case("reset-vector-rv32", check_reset_vector_rv32, NULL, NULL);
    add_case("gzip", check_gzip, NULL, NULL);
    add_case("fdt", check_fdt, NULL, NULL);
    add_case("aclint-fdt", check_aclint_fdt, NULL, NULL);
    add_case("rng-seed", check_rng_seed, NULL, NULL);
    add_case("dtb-file", check_dtb_file, NULL, NULL);
    add_case("map", check_map, NULL, NULL);
    add_case("wires", check_wires, NULL, NULL);
    add_case("many-harts", check_many_harts, NULL, NULL);
    add_case("fuzz", check_fuzz, NULL, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(placements); i++) {
        g_autofree char *name = g_strdup_printf("placement/%u", i);

        add_case(name, NULL, check_placement, &placements[i]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *name = g_strdup_printf("refusal/%u", i);

        add_case(name, NULL, check_refusal, &refusals[i]);
    }
    status = g_test_run();
    if (!g_test_subprocess()) {
        remove = g_strdup_printf("rm -r '%s'", dir);
        g_assert_cmpint(system(remove), ==, 0);
    }
    return status;
}
