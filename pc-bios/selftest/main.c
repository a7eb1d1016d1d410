/* SPDX-License-Identifier: MIT */
/*
 * Tinamou's self-test: a guest of our own for machines that have no network, and the quickest
 * check of a build. A prompt on the UART; `all` runs every test.
 *
 * Firmware of the virt board, M-mode, at the start of RAM: -bios selftest.bin. Its binary is in
 * the tree beside this folder; build.sh makes it, pc-bios/test-selftest.py compares.
 */
#include "selftest.h"

#define TEST_DEVICE_POWER_OFF 0x5555
#define TEST_DEVICE_RESET 0x7777

MachineInfo machine_info;

void main(const void *fdt);

static const struct {
    const char *name;
    const char *help;
    bool (*run)(void);
} tests[] = {
    {"memory", "patterns, access sizes, misaligned accesses", test_memory},
    {"timer", "a timer interrupt, the counters", test_timer},
    {"traps", "exceptions, U-mode, paging", test_traps},
    {"harts", "all harts at once: interrupts, atomics, a lock", test_harts},
    {"virtio", "what is in the virtio slots", test_virtio},
};
#define TESTS (sizeof(tests) / sizeof(tests[0]))

static bool run(unsigned i)
{
    bool ok = tests[i].run();

    print("SELFTEST: %s: %s\n", tests[i].name, ok ? "PASS" : "FAIL");
    return ok;
}

static void run_all(void)
{
    unsigned long failed = 0;

    for (unsigned i = 0; i < TESTS; i++) {
        failed += !run(i);
    }
    print("SELFTEST: DONE pass=%u fail=%u\n", TESTS - failed, failed);
}

static void help(void)
{
    print("  all        all tests\n");
    for (unsigned i = 0; i < TESTS; i++) {
        const char *padding = "           ";

        for (const char *p = tests[i].name; *p; p++) {
            padding++;
        }
        print("  %s%s%s\n", tests[i].name, padding, tests[i].help);
    }
    print("  info       what this machine is\n"
          "  reset      start again\n"
          "  poweroff   end the emulator (so does Ctrl-A x)\n");
}

static void info(void)
{
    print("  %u hart%s, %u MiB of RAM\n  %s\n", (unsigned long)machine_info.harts,
          machine_info.harts == 1 ? "" : "s", machine_info.ram_size >> 20, machine_info.isa);
    print("  misa %x mvendorid %x marchid %x mimpid %x\n", csr_read(misa), csr_read(mvendorid),
          csr_read(marchid), csr_read(mimpid));
}

static void command(const char *line)
{
    for (unsigned i = 0; i < TESTS; i++) {
        if (str_equal(line, tests[i].name)) {
            run(i);
            return;
        }
    }
    if (str_equal(line, "all")) {
        run_all();
    } else if (str_equal(line, "help")) {
        help();
    } else if (str_equal(line, "info")) {
        info();
    } else if (str_equal(line, "reset")) {
        write32(TEST_DEVICE, TEST_DEVICE_RESET);
    } else if (str_equal(line, "poweroff")) {
        write32(TEST_DEVICE, TEST_DEVICE_POWER_OFF);
    } else if (*line) {
        print("  no such command: %s; try help\n", line);
    }
}

void main(const void *fdt)
{
    char line[80];

    console_init();
    fdt_read(fdt, &machine_info);
    print("\nTinamou self-test (gcc " __VERSION__ "); type help\n");
    info();
    for (;;) {
        print("selftest> ");
        read_line(line, sizeof(line));
        command(line);
    }
}
