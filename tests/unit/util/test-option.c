/* SPDX-License-Identifier: MIT */
/* The syntax of option arguments, the typed getters and their messages. */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "qemu/id.h"
#include "qemu/option.h"

static void assert_error(bool ok, GError **err, const char *message)
{
    g_assert_false(ok);
    g_assert_nonnull(*err);
    g_assert_cmpstr((*err)->message, ==, message);
    g_clear_error(err);
}

/* What a text parses to, written with every key. */
static void test_syntax(void)
{
    static const struct {
        const char *text;
        const char *implied;
        QemuOptsFlags flags;
        const char *canonical;
    } rows[] = {
        {"", NULL, 0, ""},
        {"", "type", 0, ""},
        {"a=1,b=2", NULL, 0, "a=1,b=2"},
        {"a=1,a=2", NULL, 0, "a=1,a=2"},
        {"virt,aclint=on", "type", 0, "type=virt,aclint=on"},
        {"type=virt,x", "type", 0, "type=virt,x=on"},
        {"x,y", NULL, 0, "x=on,y=on"},
        {"nowait", NULL, 0, "nowait=on"},
        {"nowait,no", NULL, QEMU_OPTS_LEGACY_NO, "wait=off,no=on"},
        {"a=1,,2,b=", NULL, 0, "a=1,,2,b="},
        {"a=,,", NULL, 0, "a=,,"},
        {"a=b=c", NULL, 0, "a=b=c"},
        {"p,,q,a=1", "path", 0, "path=p,,q,a=1"},
        {"a=1,", NULL, 0, "a=1"},
        {",a=1", "first", 0, "first=,a=1"},
    };
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        g_test_message("%s", rows[i].text);
        g_autoptr(QemuOpts)
            opts = qemu_opts_parse(rows[i].text, rows[i].implied, rows[i].flags, NULL);
        g_assert_nonnull(opts);
        g_autofree char *text = qemu_opts_to_string(opts);
        g_assert_cmpstr(text, ==, rows[i].canonical);
        g_autoptr(QemuOpts) again = qemu_opts_parse(text, NULL, 0, NULL);
        g_autofree char *text2 = qemu_opts_to_string(again);
        g_assert_cmpstr(text2, ==, text);
    }
}

static void test_bad_syntax(void)
{
    static const char *const rows[] = {"=1", "a=1,=2", ",a=1", "a=1,,=3,=4"};
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        GError *err = NULL;
        QemuOpts *opts = qemu_opts_parse(rows[i], NULL, 0, &err);
        assert_error(opts != NULL, &err, "Invalid parameter ''");
    }
    GError *err = NULL;
    QemuOpts *opts = qemu_opts_parse("foo,id=1a", "driver", QEMU_OPTS_CHECK_ID, &err);
    g_assert_nonnull(strstr(error_get_hint(err), "starting with a letter."));
    assert_error(opts != NULL, &err, "Parameter 'id' expects an identifier");
}

static void test_getters(void)
{
    GError *err = NULL;
    bool flag = true;
    uint64_t number = 1, size = 2, absent = 99, ranged = 5;
    int choice = -1;
    static const char *const words[] = {"none", "aplic", NULL};
    g_autoptr(QemuOpts) opts =
        qemu_opts_parse("f=off,n=1,n=0x20,s=4k,r=10,e=aplic,id=x", NULL, QEMU_OPTS_CHECK_ID, &err);

    g_assert_no_error(err);
    g_assert_cmpuint(qemu_opts_count(opts), ==, 7);
    g_assert_true(qemu_opt_get_bool(opts, "f", &flag, &err) && !flag);
    g_assert_true(qemu_opt_get_number(opts, "n", &number, &err));
    g_assert_cmpuint(number, ==, 32);
    g_assert_true(qemu_opt_get_size(opts, "s", &size, &err));
    g_assert_cmpuint(size, ==, 4096);
    g_assert_true(qemu_opt_get_number(opts, "absent", &absent, &err));
    g_assert_cmpuint(absent, ==, 99);
    g_assert_true(qemu_opt_get_range(opts, "r", 1, 10, &ranged, &err));
    g_assert_cmpuint(ranged, ==, 10);
    assert_error(qemu_opt_get_range(opts, "r", 1, 9, &ranged, &err), &err,
                 "Value '10' is out of range for parameter 'r'");
    assert_error(qemu_opts_check_unused(opts, &err), &err, "Invalid parameter 'e'");
    g_assert_true(qemu_opt_get_enum(opts, "e", words, &choice, &err));
    g_assert_cmpint(choice, ==, 1);
    g_assert_cmpstr(qemu_opts_id(opts), ==, "x");
    g_assert_true(qemu_opts_check_unused(opts, &err));
    assert_error(qemu_opt_get_enum(opts, "s", words, &choice, &err), &err,
                 "Parameter 's' does not accept value '4k'");
    assert_error(qemu_opt_get_required(opts, "gone", &err) != NULL, &err,
                 "Parameter 'gone' is missing");
}

static void test_change(void)
{
    g_autoptr(QemuOpts) opts = qemu_opts_new();
    qemu_opt_set(opts, "a", "1");
    qemu_opt_set(opts, "b", "x,y");
    qemu_opt_set(opts, "a", "2");
    g_autofree char *text = qemu_opts_to_string(opts);
    g_assert_cmpstr(text, ==, "a=1,b=x,,y,a=2");
    g_autofree char *a = qemu_opt_get_del(opts, "a");
    g_assert_cmpstr(a, ==, "2");
    g_assert_false(qemu_opt_has(opts, "a"));
    g_assert_null(qemu_opt_get_del(opts, "a"));
    g_assert_cmpuint(qemu_opts_count(opts), ==, 1);
}

static void test_help(void)
{
    static const struct {
        const char *text;
        bool help;
    } rows[] = {
        {"help", true},         {"?", true},      {"virt,help", true}, {"virt", false},
        {"virt,x=help", false}, {"virt,?", true}, {"", false},
    };
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autoptr(QemuOpts) opts = qemu_opts_parse(rows[i].text, "type", 0, NULL);
        g_assert_cmpint(qemu_opts_has_help(opts), ==, rows[i].help);
    }
}

static bool collect(const char *name, const char *value, void *opaque, GError **error)
{
    g_string_append_printf(opaque, "%s:%s;", name, value);
    if (g_str_equal(name, "stop")) {
        error_setg(error, "stopped");
        return false;
    }
    return true;
}

static void test_foreach(void)
{
    GError *err = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(QemuOpts) opts = qemu_opts_parse("a=1,b,stop=3,c=4", NULL, 0, NULL);
    assert_error(qemu_opts_foreach(opts, collect, text, &err), &err, "stopped");
    g_assert_cmpstr(text->str, ==, "a:1;b:on;stop:3;");
    assert_error(qemu_opts_check_unused(opts, &err), &err, "Invalid parameter 'c'");
}

static void test_ids(void)
{
    static const char *const good[] = {"a", "A1", "net0", "x-y.z_9"};
    static const char *const bad[] = {"", "1a", "-a", "a b", "a,b", "#a", "\xc3\xa4"};
    for (int i = 0; i < ARRAY_SIZE(good); i++) {
        g_assert_true(id_wellformed(good[i]));
    }
    for (int i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_false(id_wellformed(bad[i]));
    }
    g_autofree char *a = id_generate("block"), *b = id_generate("block");
    g_assert_true(g_str_has_prefix(a, "#block"));
    g_assert_cmpstr(a, !=, b);
    g_assert_false(id_wellformed(a));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/option/syntax", test_syntax);
    g_test_add_func("/option/bad-syntax", test_bad_syntax);
    g_test_add_func("/option/getters", test_getters);
    g_test_add_func("/option/change", test_change);
    g_test_add_func("/option/help", test_help);
    g_test_add_func("/option/foreach", test_foreach);
    g_test_add_func("/id/wellformed", test_ids);
    return g_test_run();
}
