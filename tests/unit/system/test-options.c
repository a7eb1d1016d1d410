/* SPDX-License-Identifier: MIT */
/*
 * The option table and its parser: both dashes, arguments, unknown options and what is suggested,
 * what handlers note, -readconfig.
 */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "qemu/error.h"
#include "system/config.h"
#include "system/options.h"

/* Parse "a|b|c" as arguments of a program. */
static QemuConfig *parse(const char *args, GError **error)
{
    g_autofree char *text = g_strconcat("prog|", args, NULL);
    g_auto(GStrv) argv = g_strsplit(text, "|", -1);
    QemuConfig *config = qemu_config_new();

    if (!options_parse(config, g_strv_length(argv), argv, error)) {
        g_clear_pointer(&config, qemu_config_free);
    }
    return config;
}

static QemuConfig *parse_ok(const char *args)
{
    GError *error = NULL;
    QemuConfig *config = parse(args, &error);

    g_assert_no_error(error);
    return config;
}

static void expect_error(const char *args, const char *message)
{
    GError *error = NULL;

    g_assert_null(parse(args, &error));
    g_assert_cmpstr(error->message, ==, message);
    g_clear_error(&error);
}

static void expect_machine(const char *args, const char *key, const char *value)
{
    g_autoptr(QemuConfig) config = parse_ok(args);

    g_assert_cmpstr(qemu_opt_get(config->machine, key), ==, value);
}

static void test_table(void)
{
    /* Every row can be found by its name and is the only one of it. */
    g_assert_nonnull(option_find("-machine"));
    g_assert_true(option_find("-machine") == option_find("--machine"));
    g_assert_null(option_find("---machine"));
    g_assert_null(option_find("-"));
    g_assert_null(option_find(""));
    g_assert_true(option_find("-M") != option_find("-m"));
#define HEADING(title)
#define OPTION(name, arg, handler, help, doc) g_assert_nonnull(option_find("-" name));
#define LATER(name, arg, what) g_assert_null(option_find("-" name)->handler);
#include "system/options.def"
#undef HEADING
#undef OPTION
#undef LATER
}

static void test_help(void)
{
    g_autoptr(GString) help = g_string_new(NULL);

    options_print_help(help);
    g_assert_true(g_str_has_prefix(help->str, "QEMU emulator version 11.1.3 (Tinamou "));
    g_assert_nonnull(strstr(help->str, "\n-m [size=]megs"));
    g_assert_nonnull(strstr(help->str, "\nDebug/Expert options:\n"));
    /* What is refused is not advertised. */
    g_assert_null(strstr(help->str, "migration"));
}

static void test_suggest(void)
{
    g_assert_cmpstr(option_suggest("-kernal"), ==, "kernel");
    g_assert_cmpstr(option_suggest("--no-grafic"), ==, NULL);
    g_assert_cmpstr(option_suggest("-nographics"), ==, "nographic");
    g_assert_cmpstr(option_suggest("-foo"), ==, NULL);
    g_assert_cmpstr(option_suggest("-q"), ==, NULL);
}

static void test_bad(void)
{
    expect_error("-foo", "-foo: invalid option");
    expect_error("--foo", "--foo: invalid option");
    expect_error("-m", "-m: requires an argument");
    expect_error("-vnc|:0", "-vnc: this option of QEMU is not supported yet");
    expect_error("-m|foo", "-m foo: Parameter 'size' expects a non-negative number below 2^64");
    expect_error("-m|-5", "-m -5: Value '-5' is out of range for parameter 'size'");
    expect_error("-m|128,foo=1", "-m 128,foo=1: Invalid parameter 'foo'");
    expect_error("-uuid|zz", "-uuid zz: failed to parse UUID string: wrong format");
    expect_error("-msg|foo=1", "-msg foo=1: Invalid parameter 'foo'");
    expect_error("-sandbox|foo", "-sandbox foo: Parameter 'enable' expects 'on' or 'off'");
    expect_error("-boot|order=z", "Invalid boot device 'z'");
    expect_error("-boot|order=cc", "Boot device 'c' was given twice");
    expect_error("-rtc|clock=foo", "invalid option value 'foo'");
    expect_error("-action|panic=foo",
                 "-action panic=foo: Parameter 'panic' does not accept value 'foo'");
    expect_error("-echr|zz", "-echr zz: Bad argument to echr");
    expect_error("-echr|256", "-echr 256: Bad argument to echr");
    expect_error("nosuch.img", "nosuch.img: Could not open 'nosuch.img': No such file or "
                               "directory");
    expect_error("-hda|/dev/null",
                 "-hda /dev/null: this machine has no PCI bus yet, where such a disk would go");
    expect_error("-global|foo", "-global foo: Parameter 'driver' is missing");
    expect_error("-device|loader,id=1|-foo", "-foo: invalid option"); /* -device waits */
    expect_error("-overcommit|mem-lock=foo",
                 "-overcommit mem-lock=foo: Parameter 'mem-lock' does not accept value 'foo'");
}

static void test_machine(void)
{
    g_autoptr(QemuConfig) config = parse_ok("-M|virt,aclint=off|--machine|aclint=on,accel=tcg");

    g_assert_cmpstr(qemu_opt_get(config->machine, "type"), ==, "virt");
    g_assert_cmpstr(qemu_opt_get(config->machine, "aclint"), ==, "on");
    g_assert_cmpstr(qemu_opt_get(config->machine, "accel"), ==, "tcg");
    expect_machine("-kernel|a,b=c", "kernel", "a,b=c");
    expect_machine("-append|x=1|-append|y", "append", "y");
    expect_machine("-bios|none", "firmware", "none");
    expect_machine("-m|1", "memory.size", "1048576");
    expect_machine("-m|size=1G", "memory.size", "1073741824");
    expect_machine("-m|1.5G", "memory.size", "1610612736");
    expect_machine("-m|0", "memory.size", NULL);
    expect_machine("-m|128,slots=2,maxmem=1G", "memory.max-size", "1073741824");
    expect_machine("-smp|4", "smp.cpus", "4");
    expect_machine("-smp|cpus=2,maxcpus=4", "smp.maxcpus", "4");
    expect_machine("-enable-kvm", "accel", "kvm");
    expect_machine("-nographic", "graphics", "off");
}

static void test_lists(void)
{
    g_autoptr(QemuConfig)
        config = parse_ok("-device|a|-serial|mon:stdio|-device|b,c=d|-monitor|none|-mon|m");

    g_assert_cmpstr(qemu_config_get(config, LIST_DEVICE, 0)->value, ==, "a");
    g_assert_cmpstr(qemu_config_get(config, LIST_DEVICE, 1)->value, ==, "b,c=d");
    g_assert_null(qemu_config_get(config, LIST_DEVICE, 2));
    g_assert_cmpstr(qemu_config_get(config, LIST_MONITOR, 0)->option, ==, "-mon");
    g_assert_null(qemu_config_get(config, LIST_MONITOR, 1));
    g_assert_true(config->serial_chosen);
    g_assert_true(config->monitor_chosen);
    g_assert_false(config->start_paused);
}

static void test_readconfig(void)
{
    static const char text[] = "# a comment\n"
                               "[device \"net0\"]\n"
                               "  driver = \"virtio-net-device\"\n"
                               "\n"
                               "[machine]\n"
                               "  type = \"virt\"\n"
                               "[memory]\n"
                               "  size = \"1G\"\n";
    g_autofree char *path = NULL;
    g_autofree char *args = NULL;
    g_autoptr(QemuConfig) config = NULL;
    int fd = g_file_open_tmp("tinamou-XXXXXX", &path, NULL);

    close(fd);
    g_file_set_contents(path, text, -1, NULL);
    args = g_strdup_printf("-readconfig|%s|-S", path);
    config = parse_ok(args);
    g_assert_cmpstr(qemu_config_get(config, LIST_DEVICE, 0)->value, ==,
                    "id=net0,driver=virtio-net-device");
    g_assert_cmpstr(qemu_opt_get(config->machine, "type"), ==, "virt");
    g_assert_cmpstr(qemu_opt_get(config->machine, "memory.size"), ==, "1073741824");
    g_assert_true(config->start_paused);

    g_file_set_contents(path, "x = \"1\"\n", -1, NULL);
    {
        g_autofree char *message =
            g_strdup_printf("-readconfig %s: line 1: no group defined", path);

        expect_error(args, message);
    }
    g_unlink(path);
    expect_error("-readconfig|/nonexist",
                 "-readconfig /nonexist: Could not open '/nonexist': No such file or directory");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/options/table", test_table);
    g_test_add_func("/options/help", test_help);
    g_test_add_func("/options/suggest", test_suggest);
    g_test_add_func("/options/bad", test_bad);
    g_test_add_func("/options/machine", test_machine);
    g_test_add_func("/options/lists", test_lists);
    g_test_add_func("/options/readconfig", test_readconfig);
    return g_test_run();
}
