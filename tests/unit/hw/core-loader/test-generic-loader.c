/* SPDX-License-Identifier: MIT */
/*
 * -device loader: files, numbers, start addresses, and its messages.
 */
#include "qemu/osdep.h"

#include <elf.h>

#include "../fake-hart.h"
#include "../hw-test.h"
#include "hw/core/boards.h"
#include "hw/core/loader.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "system/address-spaces.h"
#include "target/riscv/cpu-qom.h"

#define RAM_BASE 0x80000000
#define RESETVEC 0x1000

static char *dir;

/* "key=value,key=value" as -device gets it; NULL with the message in @error. */
static DeviceState *loader_new(const char *options, GError **error)
{
    DeviceState *dev = qdev_new("loader");
    g_auto(GStrv) list = g_strsplit(options, ",", -1);

    for (char **option = list; *option && **option; option++) {
        g_auto(GStrv) pair = g_strsplit(*option, "=", 2);

        if (!object_property_parse(OBJECT(dev), pair[0], pair[1], error)) {
            object_unref(dev);
            return NULL;
        }
    }
    if (!qdev_realize(dev, NULL, error)) {
        object_unref(dev);
        return NULL;
    }
    object_unref(dev);
    return dev;
}

static void loader_free(DeviceState *dev)
{
    object_unparent(OBJECT(dev));
    rom_clear();
}

static DeviceState *start(const char *options)
{
    g_autoptr(GError) error = NULL;
    DeviceState *dev = loader_new(options, &error);

    g_assert_no_error(error);
    rom_check_and_register_reset(&error);
    g_assert_no_error(error);
    machine_reset(machine_get_current(), RESET_TYPE_COLD);
    return dev;
}

static char *write_file(const char *name, const void *data, size_t size)
{
    char *path = g_build_filename(dir, name, NULL);

    g_assert_true(g_file_set_contents(path, data, size, NULL));
    return path;
}

static void test_data(void)
{
    DeviceState *dev = start("addr=0x80000100,data=0x1122334455667788,data-len=4");

    g_assert_cmphex(hw_test_read(RAM_BASE + 0x100, 8), ==, 0x55667788);
    loader_free(dev);
    dev = start("addr=0x80000200,data=0x1122334455667788,data-len=3,data-be=on");
    g_assert_cmphex(hw_test_read(RAM_BASE + 0x200, 4), ==, 0x887766);
    loader_free(dev);
}

static void test_pc(void)
{
    DeviceState *dev = start("addr=0x80001234,cpu-num=1");

    g_assert_cmphex(fake_hart(0)->pc, ==, RESETVEC);
    g_assert_cmphex(fake_hart(1)->pc, ==, 0x80001234);
    loader_free(dev);
    machine_reset(machine_get_current(), RESET_TYPE_COLD);
    g_assert_cmphex(fake_hart(1)->pc, ==, RESETVEC);
}

static void test_raw(void)
{
    g_autofree char *path = write_file("raw", "abcdefgh", 8);
    g_autofree char *options = g_strdup_printf("file=%s,addr=0x80000300,cpu-num=0", path);
    DeviceState *dev = start(options);

    g_assert_cmphex(hw_test_read(RAM_BASE + 0x300, 8), ==, 0x6867666564636261);
    g_assert_cmphex(fake_hart(0)->pc, ==, 0x80000300);
    loader_free(dev);
}

static void test_elf(void)
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
                .e_machine = cpu_to_le16(EM_RISCV),
                .e_entry = cpu_to_le64(RAM_BASE + 0x404),
                .e_phoff = cpu_to_le64(sizeof(Elf64_Ehdr)),
                .e_phentsize = cpu_to_le16(sizeof(Elf64_Phdr)),
                .e_phnum = cpu_to_le16(1),
            },
        .phdr =
            {
                .p_type = cpu_to_le32(PT_LOAD),
                .p_offset = cpu_to_le64(sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr)),
                .p_vaddr = cpu_to_le64(RAM_BASE + 0x400),
                .p_paddr = cpu_to_le64(RAM_BASE + 0x400),
                .p_filesz = cpu_to_le64(8),
                .p_memsz = cpu_to_le64(8),
            },
        .text = "ELFtext",
    };
    g_autofree char *path = write_file("elf", &e, sizeof(e));
    g_autofree char *options = g_strdup_printf("file=%s,addr=0x80000500,cpu-num=0", path);
    g_autofree char *raw = g_strdup_printf("%s,force-raw=on", options);
    DeviceState *dev = start(options);

    g_assert_cmphex(hw_test_read(RAM_BASE + 0x400, 4), ==, 0x74464c45);
    g_assert_cmphex(fake_hart(0)->pc, ==, RAM_BASE + 0x404);
    loader_free(dev);
    dev = start(raw);
    g_assert_cmphex(hw_test_read(RAM_BASE + 0x500, 4), ==, 0x464c457f);
    g_assert_cmphex(fake_hart(0)->pc, ==, RAM_BASE + 0x500);
    loader_free(dev);
}

/* Headers at an address without memory, as gcc for Linux lays out a program. */
static void test_elf_headers(void)
{
    struct {
        Elf64_Ehdr ehdr;
        Elf64_Phdr phdr[2];
        uint8_t text[8];
    } e = {
        .ehdr =
            {
                .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                            EV_CURRENT},
                .e_type = cpu_to_le16(ET_EXEC),
                .e_machine = cpu_to_le16(EM_RISCV),
                .e_entry = cpu_to_le64(RAM_BASE + 0x600),
                .e_phoff = cpu_to_le64(sizeof(Elf64_Ehdr)),
                .e_phentsize = cpu_to_le16(sizeof(Elf64_Phdr)),
                .e_phnum = cpu_to_le16(2),
            },
        .phdr =
            {
                {
                    .p_type = cpu_to_le32(PT_LOAD),
                    .p_vaddr = cpu_to_le64(0x10000),
                    .p_paddr = cpu_to_le64(0x10000),
                    .p_filesz = cpu_to_le64(sizeof(e.ehdr) + sizeof(e.phdr)),
                    .p_memsz = cpu_to_le64(sizeof(e.ehdr) + sizeof(e.phdr)),
                },
                {
                    .p_type = cpu_to_le32(PT_LOAD),
                    .p_offset = cpu_to_le64(sizeof(e.ehdr) + sizeof(e.phdr)),
                    .p_vaddr = cpu_to_le64(RAM_BASE + 0x600),
                    .p_paddr = cpu_to_le64(RAM_BASE + 0x600),
                    .p_filesz = cpu_to_le64(8),
                    .p_memsz = cpu_to_le64(8),
                },
            },
        .text = "ELFtext",
    };
    g_autofree char *path = write_file("elf-headers", &e, sizeof(e));
    g_autofree char *options = g_strdup_printf("file=%s,cpu-num=0", path);
    DeviceState *dev = start(options);

    g_assert_cmphex(hw_test_read(RAM_BASE + 0x600, 4), ==, 0x74464c45);
    g_assert_cmphex(fake_hart(0)->pc, ==, RAM_BASE + 0x600);
    loader_free(dev);
}

static void test_messages(void)
{
    static const struct {
        const char *options, *message;
    } rows[] = {
        {"", "please include valid arguments"},
        {"addr=0x80000000", "cpu_num must be specified when setting a program counter"},
        {"addr=0x80000000,data=1", "Both data and data-len must be specified"},
        {"addr=0x80000000,data=1,data-len=9", "data-len cannot be greater then 8 bytes"},
        {"data=5,data-len=4,file=x",
         "Specifying a file is not supported when loading memory values"},
        {"addr=0x80000000,cpu-num=5", "Specified boot CPU#5 is nonexistent"},
        {"file=/nonexist", "Cannot load specified image /nonexist: Could not open '/nonexist': No "
                           "such file or directory"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(loader_new(rows[i].options, &error));
        g_assert_cmpstr(error->message, ==, rows[i].message);
    }
}

static bool machine_init(MachineState *machine, GError **error)
{
    memory_region_add_subregion(get_system_memory(), RAM_BASE, machine->ram);
    for (int i = 0; i < 2; i++) {
        Object *hart = object_new(RISCV_CPU_TYPE_NAME("rv64"));

        object_property_set_uint(hart, "resetvec", RESETVEC, NULL);
        if (!qdev_realize(DEVICE(hart), NULL, error)) {
            return false;
        }
        qemu_register_resettable(hart);
    }
    return true;
}

static void machine_class_init(ObjectClass *klass, const void *data)
{
    MachineClass *mc = MACHINE_CLASS(klass);

    mc->init = machine_init;
    mc->desc = "RAM and two harts";
    mc->default_ram_size = 1 * MiB;
    mc->default_ram_id = "ram";
}
DEFINE_MACHINE("loader-test", machine_class_init)

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *remove = NULL;
    int status;

    hw_test_init(&argc, &argv);
    dir = g_dir_make_tmp("loader-XXXXXX", NULL);
    machine_run_board_init(machine_new(machine_class_find("loader-test", NULL)), &error);
    g_assert_no_error(error);
    g_test_add_func("/generic-loader/data", test_data);
    g_test_add_func("/generic-loader/pc", test_pc);
    g_test_add_func("/generic-loader/raw", test_raw);
    g_test_add_func("/generic-loader/elf", test_elf);
    g_test_add_func("/generic-loader/elf-headers", test_elf_headers);
    g_test_add_func("/generic-loader/messages", test_messages);
    status = g_test_run();
    remove = g_strdup_printf("rm -r '%s'", dir);
    return system(remove) == 0 ? status : 1;
}
