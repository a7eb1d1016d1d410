/* SPDX-License-Identifier: MIT */
/* Numbers, sizes and strings as users write them: a table of texts and results each. */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "qemu/units.h"

static void test_strtou64(void)
{
    static const struct {
        const char *text;
        int base;
        int ret;
        uint64_t value;
        size_t consumed; /* when an end pointer is given */
    } rows[] = {
        {"0", 0, 0, 0, 1},
        {"123", 0, 0, 123, 3},
        {"0x1F", 0, 0, 31, 4},
        {"017", 0, 0, 15, 3},
        {"1f", 16, 0, 31, 2},
        {"18446744073709551615", 0, 0, UINT64_MAX, 20},
        {"18446744073709551616", 0, -ERANGE, UINT64_MAX, 20},
        {"-1", 0, 0, UINT64_MAX, 2},
        {"12k", 0, -EINVAL, 12, 2},
        {"", 0, -EINVAL, 0, 0},
        {"x", 0, -EINVAL, 0, 0},
    };
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        uint64_t value;
        const char *end;
        g_test_message("%s", rows[i].text);
        g_assert_cmpint(qemu_strtou64(rows[i].text, NULL, rows[i].base, &value), ==, rows[i].ret);
        g_assert_cmpuint(value, ==, rows[i].value);
        int ret = qemu_strtou64(rows[i].text, &end, rows[i].base, &value);
        g_assert_cmpuint(end - rows[i].text, ==, rows[i].consumed);
        g_assert_cmpint(ret, ==, rows[i].consumed == 2 ? 0 : rows[i].ret);
    }
}

static void test_narrow(void)
{
    int i;
    unsigned u;
    int64_t s;
    g_assert_cmpint(qemu_strtoi("-2147483648", NULL, 0, &i), ==, 0);
    g_assert_cmpint(i, ==, INT_MIN);
    g_assert_cmpint(qemu_strtoi("2147483648", NULL, 0, &i), ==, -ERANGE);
    g_assert_cmpint(i, ==, INT_MAX);
    g_assert_cmpint(qemu_strtoui("4294967295", NULL, 0, &u), ==, 0);
    g_assert_cmpint(qemu_strtoui("-1", NULL, 0, &u), ==, -ERANGE);
    g_assert_cmpint(qemu_strtoui("4294967296", NULL, 0, &u), ==, -ERANGE);
    g_assert_cmpint(qemu_strtoi64("-9223372036854775809", NULL, 0, &s), ==, -ERANGE);
    g_assert_true(s == INT64_MIN);
}

static void test_strtosz(void)
{
    static const struct {
        const char *text;
        int ret;
        uint64_t value;
    } rows[] = {
        {"0", 0, 0},
        {"512", 0, 512},
        {"1k", 0, KiB},
        {"1K", 0, KiB},
        {"3M", 0, 3 * MiB},
        {"1.5G", 0, 3 * GiB / 2},
        {".5k", 0, 512},
        {"7.k", 0, 7 * KiB},
        {"1T", 0, TiB},
        {"1P", 0, PiB},
        {"15E", 0, 15 * (uint64_t)EiB},
        {"15.999999999999999999E", 0, UINT64_MAX},
        {"1.3k", 0, 1331},
        {"8B", 0, 8},
        {"0x10", 0, 16},
        {"+5", 0, 5},
        {" 5", 0, 5},
        {"18446744073709551615", 0, UINT64_MAX},
        {"18446744073709551616", -ERANGE, UINT64_MAX},
        {"16E", -ERANGE, UINT64_MAX},
        {"-1", -ERANGE, 0},
        {"-0", 0, 0},
        {"1.5", -EINVAL, 0},
        {"", -EINVAL, 0},
        {".", -EINVAL, 0},
        {"-", -EINVAL, 0},
        {"k", -EINVAL, 0},
        {"1kk", -EINVAL, 0},
        {"1 k", -EINVAL, 0},
        {"0x10k", -EINVAL, 0},
    };
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        uint64_t value;
        g_test_message("'%s'", rows[i].text);
        g_assert_cmpint(qemu_strtosz(rows[i].text, NULL, &value), ==, rows[i].ret);
        if (rows[i].ret != -EINVAL) {
            g_assert_cmpuint(value, ==, rows[i].value);
        }
    }

    uint64_t value;
    const char *end;
    g_assert_cmpint(qemu_strtosz_mib("1.5", NULL, &value), ==, 0);
    g_assert_cmpuint(value, ==, 3 * MiB / 2);
    g_assert_cmpint(qemu_strtosz_mib("256", NULL, &value), ==, 0);
    g_assert_cmpuint(value, ==, 256 * MiB);
    g_assert_cmpint(qemu_strtosz("4k,x", &end, &value), ==, 0);
    g_assert_cmpstr(end, ==, ",x");
}

static void assert_error(bool ok, GError **err, const char *message)
{
    g_assert_false(ok);
    g_assert_nonnull(*err);
    g_assert_cmpstr((*err)->message, ==, message);
    g_clear_error(err);
}

static void test_options(void)
{
    static const char *const yes[] = {"on", "yes", "true", "y"};
    static const char *const no[] = {"off", "no", "false", "n"};
    GError *err = NULL;
    bool flag = false;
    uint64_t number = 7;

    for (int i = 0; i < 4; i++) {
        g_assert_true(parse_option_bool("x", yes[i], &flag, &err) && flag);
        g_assert_true(parse_option_bool("x", no[i], &flag, &err) && !flag);
    }
    assert_error(parse_option_bool("enable", "foo", &flag, &err), &err,
                 "Parameter 'enable' expects 'on' or 'off'");
    g_assert_true(parse_option_number("n", "0x10", &number, &err));
    g_assert_cmpuint(number, ==, 16);
    assert_error(parse_option_number("n", "1k", &number, &err), &err,
                 "Parameter 'n' expects a number");
    assert_error(parse_option_number("n", "-3", &number, &err), &err,
                 "Value '-3' is out of range for parameter 'n'");
    assert_error(parse_option_size("size", "-5", &number, &err), &err,
                 "Value '-5' is out of range for parameter 'size'");
    assert_error(parse_option_size("size", "zz", &number, &err), &err,
                 "Parameter 'size' expects a non-negative number below 2^64");
    g_assert_cmpuint(number, ==, 16);
    g_assert_true(parse_option_size_mib("size", "128", &number, &err));
    g_assert_cmpuint(number, ==, 128 * MiB);
}

static void test_strings(void)
{
    char buf[4] = "";
    const char *rest;
    pstrcpy(buf, sizeof(buf), "abcdef");
    g_assert_cmpstr(buf, ==, "abc");
    pstrcpy(buf, sizeof(buf), "a");
    pstrcat(buf, sizeof(buf), "bcdef");
    g_assert_cmpstr(buf, ==, "abc");
    g_assert_true(strstart("tcp:host", "tcp:", &rest));
    g_assert_cmpstr(rest, ==, "host");
    g_assert_false(strstart("tc", "tcp:", NULL));
}

static void test_size_to_str(void)
{
    static const struct {
        uint64_t size;
        const char *text;
    } rows[] = {
        {0, "0 B"},     {999, "999 B"},           {1000, "0.977 KiB"},
        {KiB, "1 KiB"}, {3 * GiB / 2, "1.5 GiB"}, {UINT64_MAX, "16 EiB"},
    };
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *text = size_to_str(rows[i].size);
        g_assert_cmpstr(text, ==, rows[i].text);
    }
}

static void test_hexdump(void)
{
    g_autofree char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    qemu_hexdump(f, "p", "0123456789abcdef\n~", 18);
    fclose(f);
    g_assert_cmpstr(text, ==,
                    "p: 00000000:  30 31 32 33  34 35 36 37  38 39 61 62  63 64 65 66"
                    "  0123456789abcdef\n"
                    "p: 00000010:  0a 7e                                             "
                    "  .~\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cutils/strtou64", test_strtou64);
    g_test_add_func("/cutils/narrow", test_narrow);
    g_test_add_func("/cutils/strtosz", test_strtosz);
    g_test_add_func("/cutils/options", test_options);
    g_test_add_func("/cutils/strings", test_strings);
    g_test_add_func("/cutils/size-to-str", test_size_to_str);
    g_test_add_func("/cutils/hexdump", test_hexdump);
    return g_test_run();
}
