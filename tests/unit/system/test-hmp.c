/* SPDX-License-Identifier: MIT */
/*
 * The human monitor's parser: expressions, argument types, help, errors as QEMU words them; and the
 * commands that need no machine.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "system/address-spaces.h"
#include "system/monitor/monitor-internal.h"

/* ---- expressions ---- */

static void test_expressions(void)
{
    static const struct {
        const char *text;
        int64_t value;
        const char *rest;
    } rows[] = {
        {"1", 1, ""},
        {" 0x10 ", 16, ""},
        {"010", 8, ""},
        {"1+2*3", 7, ""},
        {"(1+2)*3", 9, ""},
        {"10-2-3", 5, ""},
        {"7/2", 3, ""},
        {"-7/2", -3, ""},
        {"7%4", 3, ""},
        {"6&3", 2, ""},
        {"6|1", 7, ""},
        {"6^3", 5, ""},
        {"1+6&3", 3, ""}, /* & binds more than + */
        {"~0", -1, ""},
        {"- - 1", 1, ""},
        {"'A'+1", 66, ""},
        {"0x8000000000000000/-1", INT64_MIN, ""},
        {"0x8000000000000000%-1", 0, ""},
        {"0xffffffffffffffff+1", 0, ""},
        {"1 2", 1, "2"},
        {"1<2", 1, "<2"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const char *pos = rows[i].text;
        GError *error = NULL;
        int64_t value;

        g_assert_true(hmp_parse_expression(&pos, NULL, &value, &error));
        g_assert_cmpint(value, ==, rows[i].value);
        g_assert_cmpstr(pos, ==, rows[i].rest);
    }
}

static void test_bad_expressions(void)
{
    g_autofree char *deep = g_strnfill(100000, '(');
    g_autofree char *signs = g_strnfill(100000, '-');
    const struct {
        const char *text, *message;
    } rows[] = {
        {"", "unexpected end of expression"},
        {"1+", "unexpected end of expression"},
        {"(1", "')' expected"},
        {"5/0", "division by zero"},
        {"5%0", "division by zero"},
        {"foo", "invalid char 'f' in expression"},
        {"99999999999999999999", "number too large"},
        {"'a", "missing terminating ' character"},
        {"'", "missing terminating ' character"},
        {"$pc", "No CPU defined"},
        {deep, "expression is too deep"},
        {signs, "expression is too deep"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const char *pos = rows[i].text;
        GError *error = NULL;
        int64_t value;

        g_assert_false(hmp_parse_expression(&pos, NULL, &value, &error));
        g_assert_cmpstr(error->message, ==, rows[i].message);
        g_clear_error(&error);
    }
}

/* ---- lines ---- */

static void expect(const char *line, const char *output)
{
    g_autofree char *text = monitor_run_command(line, NULL);

    g_assert_cmpstr(text, ==, output);
}

static void expect_part(const char *line, const char *part)
{
    g_autofree char *text = monitor_run_command(line, NULL);

    g_assert_nonnull(strstr(text, part));
}

static void test_errors(void)
{
    expect("", "");
    expect("   ", "");
    expect("foo", "unknown command: 'foo'\n");
    expect("info foo", "unknown command: 'info foo'\n");
    expect("help foo", "unknown command: 'foo'\n");
    expect("quit now", "quit|q: extraneous characters at the end of line\n"
                       "Try \"help quit\" for more information\n");
    expect("log", "log: string expected\nTry \"help log\" for more information\n");
    expect("logfile", "logfile: filename expected\n"
                      "Try \"help logfile\" for more information\n");
    expect("x", "unexpected end of expression\nTry \"help x\" for more information\n");
    expect("xp /3q 0", "invalid char in format: 'q'\nTry \"help xp\" for more information\n");
    expect("info registers foo", "invalid char 'f' in expression\n"
                                 "Try \"help info registers\" for more information\n");
    expect("system_wakeup", "Error: wake-up from suspend is not supported by this guest\n");
    expect("nmi", "Error: machine does not provide NMIs\n");
    expect("info jit", "Error: no accelerator here has anything to tell\n");
    expect("cpu 7", "invalid CPU index\n");
    expect("qom-get \"\\q\" x", "unsupported escape code: '\\q'\n"
                                "Try \"help qom-get\" for more information\n");
    expect("qom-get \"a", "unterminated string\nTry \"help qom-get\" for more information\n");
    expect("chardev-send-break zz", "Error: Chardev 'zz' not found\n");
}

static void test_print(void)
{
    expect("print 1+2", "0x3\n");
    expect("p 0x10*3", "0x30\n");
    expect("p/d 0x10", "16\n");
    expect("p /d -1", "-1\n");
    expect("p /u -1", "18446744073709551615\n");
    expect("p /o 64", "0100\n");
    expect("p /c 65", "'A'\n");
    expect("p /c 10", "'\\n'\n");
    expect("p /c 200", "'\\xc8'\n");
}

static void test_help(void)
{
    expect("help q", "quit|q  -- quit the emulator\n");
    expect("help info status", "info status  -- show the current VM status (running|paused)\n");
    expect("? xp", "xp /fmt addr -- physical memory dump starting at 'addr'\n");
    expect_part("help", "\nstop|s  -- stop emulation\n");
    expect_part("info", "\ninfo status  -- ");
    expect_part("help info", "\ninfo roms  -- show roms\n");
}

static void test_completion(void)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    hmp_complete("system_p", words);
    g_assert_cmpuint(words->len, ==, 1);
    g_assert_cmpstr(words->pdata[0], ==, "system_powerdown");
    g_ptr_array_set_size(words, 0);
    hmp_complete("info st", words);
    g_assert_cmpuint(words->len, ==, 1);
    g_assert_cmpstr(words->pdata[0], ==, "status");
    g_ptr_array_set_size(words, 0);
    hmp_complete("help sto", words);
    g_assert_cmpuint(words->len, ==, 1);
    g_ptr_array_set_size(words, 0);
    hmp_complete("x /4 ", words);
    g_assert_cmpuint(words->len, ==, 0);
}

/* ---- memory ---- */

static void test_dump(void)
{
    static MemoryRegion ram;
    GError *error = NULL;
    uint8_t bytes[32];

    for (int i = 0; i < 32; i++) {
        bytes[i] = i < 16 ? 0x41 + i : 0xf0 + i - 16;
    }
    g_assert_true(memory_region_init_ram(&ram, NULL, "ram", 4096, &error));
    memory_region_add_subregion(get_system_memory(), 0x80000000, &ram);
    memcpy(memory_region_get_ram_ptr(&ram), bytes, sizeof(bytes));

    expect("xp /4xw 0x80000000", "80000000: 0x44434241 0x48474645 0x4c4b4a49 0x504f4e4d\n");
    expect("xp/2xg 0x80000010", "80000010: 0xf7f6f5f4f3f2f1f0 0xfffefdfcfbfaf9f8\n");
    expect("xp /9xb 0x80000000",
           "80000000: 0x41 0x42 0x43 0x44 0x45 0x46 0x47 0x48\n80000008: 0x49\n");
    expect("xp /3cb 0x80000000", "80000000: 'A' 'B' 'C'\n");
    expect("xp /3db 0x80000010", "80000010: -16 -15 -14\n");
    expect("xp /2ub 0x80000010", "80000010: 240 241\n");
    expect("xp /1dw 0x80000000", "80000000: 1145258561\n");
    expect("xp /1oh 0x80000000", "80000000: 0 41101\n");
    expect("xp /0x 0x80000000", "");
    expect("xp /1xw 0x90000000", "90000000: Cannot access memory\n");
    expect("xp /1i 0x80000000", "Error: No CPU\n");
    expect("x /1x 0x80000000", "Error: No CPU\n");
    expect("sum 0x80000000 2", "32866\n");
    expect("memory_region_del", "unknown command: 'memory_region_del'\n");
    memory_region_del_subregion(get_system_memory(), &ram);
}

int main(int argc, char **argv)
{
    GError *error = NULL;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(main_loop_init(&error));
    memory_map_init();
    g_test_add_func("/hmp/expressions", test_expressions);
    g_test_add_func("/hmp/bad-expressions", test_bad_expressions);
    g_test_add_func("/hmp/errors", test_errors);
    g_test_add_func("/hmp/print", test_print);
    g_test_add_func("/hmp/help", test_help);
    g_test_add_func("/hmp/completion", test_completion);
    g_test_add_func("/hmp/dump", test_dump);
    return g_test_run();
}
