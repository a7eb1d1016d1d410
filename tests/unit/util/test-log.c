/* SPDX-License-Identifier: MIT */
/* Log items, files, address ranges, and lines of several threads that do not mix. */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "qemu/error.h"
#include "qemu/log.h"
#include "qemu/rcu.h"
#include "qemu/thread.h"

static void test_mask(void)
{
    g_assert_cmphex(qemu_str_to_log_mask("int"), ==, CPU_LOG_INT);
    g_assert_cmphex(qemu_str_to_log_mask("in_asm,guest_errors"), ==,
                    CPU_LOG_TB_IN_ASM | LOG_GUEST_ERROR);
    g_assert_cmphex(qemu_str_to_log_mask("trace:nothing_*,int"), ==, LOG_TRACE | CPU_LOG_INT);
    g_assert_cmphex(qemu_str_to_log_mask("int,foo"), ==, 0);
    g_assert_cmphex(qemu_str_to_log_mask(""), ==, 0);
    unsigned all = qemu_str_to_log_mask("all");
    g_assert_true(all & LOG_INVALID_MEM);
    g_assert_false(all & LOG_PER_THREAD);
}

static void test_usage(void)
{
    g_autofree char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    qemu_print_log_usage(f);
    fclose(f);
    g_assert_true(g_str_has_prefix(text, "Log items (comma separated):\n"
                                         "out_asm         show generated host assembly code for "
                                         "each compiled TB\n"));
    g_assert_nonnull(strstr(text, "\ntrace:PATTERN   enable trace events\n\nUse \"-d trace:help"));
}

static char *temp_dir(void)
{
    GError *err = NULL;
    char *dir = g_dir_make_tmp("test-log-XXXXXX", &err);
    g_assert_no_error(err);
    return dir;
}

static int n_evaluated;

static int evaluate(void)
{
    return ++n_evaluated;
}

static void test_file(void)
{
    GError *err = NULL;
    g_autofree char *dir = temp_dir();
    g_autofree char *name = g_build_filename(dir, "log-%d.txt", NULL);
    g_autofree char *base = g_strdup_printf("log-%d.txt", (int)getpid());
    g_autofree char *real = g_build_filename(dir, base, NULL);
    g_autofree char *text = NULL;

    g_assert_true(qemu_set_log_filename(name, &err));
    g_assert_false(g_file_test(real, G_FILE_TEST_EXISTS));
    g_assert_true(qemu_set_log(CPU_LOG_INT, &err));
    qemu_log_mask(CPU_LOG_INT | CPU_LOG_MMU, "yes %d\n", evaluate());
    qemu_log_mask(CPU_LOG_MMU, "no %d\n", evaluate());
    g_assert_cmpint(n_evaluated, ==, 1);
    FILE *f = qemu_log_lock();
    fputs("block ", f);
    qemu_log("nested ");
    fputs("end\n", f);
    qemu_log_unlock(f);
    g_assert_true(qemu_set_log(0, &err));
    g_assert_false(qemu_loglevel_mask(CPU_LOG_INT));
    g_assert_true(g_file_get_contents(real, &text, NULL, &err));
    g_assert_cmpstr(text, ==, "yes 1\nblock nested end\n");

    g_assert_true(qemu_set_log_filename(NULL, &err));
    g_assert_cmpint(g_unlink(real), ==, 0);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void assert_error(bool ok, GError **err, const char *message)
{
    g_assert_false(ok);
    g_assert_nonnull(*err);
    g_assert_cmpstr((*err)->message, ==, message);
    g_clear_error(err);
}

static void test_bad_file(void)
{
    GError *err = NULL;
    assert_error(qemu_set_log_filename("a%s", &err), &err, "Bad logfile template: 'a%s'");
    assert_error(qemu_set_log_filename("%d%d", &err), &err, "Bad logfile template: '%d%d'");
    assert_error(qemu_set_log_filename("/nonexist/x", NULL) && qemu_set_log(CPU_LOG_INT, &err),
                 &err, "Could not open '/nonexist/x': No such file or directory");
    qemu_set_log(0, NULL);
    qemu_set_log_filename(NULL, NULL);
}

enum {
    N_THREADS = 4,
    N_LINES = 2000
};

static void *log_lines(void *arg)
{
    for (int i = 0; i < N_LINES; i++) {
        qemu_log("<%s %d>\n", (char *)arg, i);
    }
    return NULL;
}

static void run_loggers(void)
{
    static const char *const names[N_THREADS] = {"a", "bb", "ccc", "dddd"};
    QemuThread threads[N_THREADS];
    for (int i = 0; i < N_THREADS; i++) {
        GError *err = NULL;
        qemu_thread_create(&threads[i], names[i], log_lines, (void *)names[i], QEMU_THREAD_JOINABLE,
                           &err);
        g_assert_no_error(err);
    }
    for (int i = 0; i < N_THREADS; i++) {
        qemu_thread_join(&threads[i]);
    }
}

static void test_threads(void)
{
    GError *err = NULL;
    g_autofree char *dir = temp_dir();
    g_autofree char *name = g_build_filename(dir, "log", NULL);
    g_autofree char *text = NULL;

    g_assert_true(qemu_set_log_filename(name, &err) && qemu_set_log(LOG_UNIMP, &err));
    run_loggers();
    qemu_set_log(0, &err);
    g_assert_true(g_file_get_contents(name, &text, NULL, &err));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, N_THREADS * N_LINES + 1);
    for (int i = 0; i < N_THREADS * N_LINES; i++) {
        g_assert_true(lines[i][0] == '<' && g_str_has_suffix(lines[i], ">"));
    }
    qemu_set_log_filename(NULL, &err);
    g_unlink(name);
    g_rmdir(dir);
}

/* -d tid: each thread has a file of its own with all its lines in order. */
static void test_per_thread(void)
{
    GError *err = NULL;
    g_autofree char *dir = temp_dir();
    g_autofree char *template = g_build_filename(dir, "log.%d", NULL);
    int n_files = 0;

    g_assert_true(qemu_set_log_filename(template, &err));
    g_assert_true(qemu_set_log(LOG_UNIMP | LOG_PER_THREAD, &err));
    run_loggers();
    qemu_set_log(0, &err);
    g_autoptr(GDir) d = g_dir_open(dir, 0, &err);
    for (const char *entry; (entry = g_dir_read_name(d)); n_files++) {
        g_autofree char *path = g_build_filename(dir, entry, NULL);
        g_autofree char *text = NULL;
        g_assert_true(g_file_get_contents(path, &text, NULL, &err));
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        g_assert_cmpuint(g_strv_length(lines), ==, N_LINES + 1);
        g_assert_true(g_str_has_suffix(lines[N_LINES - 1], " 1999>"));
        g_unlink(path);
    }
    g_assert_cmpint(n_files, ==, N_THREADS);
    qemu_set_log_filename(NULL, &err);
    g_rmdir(dir);
}

static void test_dfilter(void)
{
    static const char *const bad[] = {
        "x",   "1",     "1.2",   "5..4", "1+0", "1+-1", "0xffffffffffffffff+2",
        "1-3", "1..2,", "1..2x", "1..",  "1*2"};
    GError *err = NULL;
    g_assert_true(qemu_log_in_addr_range(0));
    g_assert_true(qemu_set_dfilter_ranges("0x1000..0x1fff,0x8000+0x10,0x100-4", &err));
    static const struct {
        uint64_t addr;
        bool in;
    } rows[] = {
        {0xfff, false},  {0x1000, true}, {0x1fff, true}, {0x2000, false},
        {0x7fff, false}, {0x8000, true}, {0x800f, true}, {0x8010, false},
        {0xfc, false},   {0xfd, true},   {0x100, true},  {0x101, false},
    };
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        g_assert_cmpint(qemu_log_in_addr_range(rows[i].addr), ==, rows[i].in);
    }
    for (int i = 0; i < ARRAY_SIZE(bad); i++) {
        g_test_message("%s", bad[i]);
        g_assert_false(qemu_set_dfilter_ranges(bad[i], &err));
        g_clear_error(&err);
    }
    g_assert_false(qemu_log_in_addr_range(0)); /* a bad list leaves the old one */
    g_assert_true(qemu_set_dfilter_ranges("0..0xffffffffffffffff", &err));
    g_assert_true(qemu_log_in_addr_range(UINT64_MAX));
    g_assert_true(qemu_set_dfilter_ranges(NULL, &err));
    g_assert_true(qemu_log_in_addr_range(0));
    rcu_drain();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    rcu_register_thread();
    g_test_add_func("/log/mask", test_mask);
    g_test_add_func("/log/usage", test_usage);
    g_test_add_func("/log/file", test_file);
    g_test_add_func("/log/bad-file", test_bad_file);
    g_test_add_func("/log/threads", test_threads);
    g_test_add_func("/log/per-thread", test_per_thread);
    g_test_add_func("/log/dfilter", test_dfilter);
    int ret = g_test_run();
    rcu_unregister_thread();
    return ret;
}
