/* SPDX-License-Identifier: MIT */
/* Errors with classes and hints, and what messages look like on stderr and in a sink. */
#include "qemu/osdep.h"
#include "qemu/error.h"

static void test_set(void)
{
    g_autoptr(GError) err = NULL;
    error_setg(NULL, "nobody listens to %d", 1);
    error_setg(&err, "bad %s", "value");
    g_assert_error(err, TINAMOU_ERROR, ERROR_CLASS_GENERIC_ERROR);
    g_assert_cmpstr(err->message, ==, "bad value");
    g_assert_cmpstr(error_class_name(err), ==, "GenericError");
    error_prefix(&err, "-device %s: ", "foo");
    g_assert_cmpstr(err->message, ==, "-device foo: bad value");
    error_prefix(NULL, "nothing");

    g_clear_error(&err);
    error_prefix(&err, "nothing");
    error_append_hint(&err, "nothing");
    g_assert_null(err);
    error_set(&err, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found", "x");
    g_assert_cmpstr(error_class_name(err), ==, "DeviceNotFound");
}

static void test_errno(void)
{
    g_autoptr(GError) err = NULL;
    errno = EAGAIN;
    error_setg_file_open(&err, ENOENT, "/nonexist");
    g_assert_cmpstr(err->message, ==, "Could not open '/nonexist': No such file or directory");
    g_assert_cmpint(errno, ==, EAGAIN);
    g_clear_error(&err);
    error_setg_errno(&err, 0, "plain");
    g_assert_cmpstr(err->message, ==, "plain");
}

static void test_hint(void)
{
    g_autoptr(GError) err = NULL;
    error_setg(&err, "m");
    g_assert_cmpstr(error_get_hint(err), ==, "");
    error_append_hint(&err, "try %d\n", 1);
    error_append_hint(&err, "or 2\n");
    g_assert_cmpstr(error_get_hint(err), ==, "try 1\nor 2\n");
    g_autoptr(GError) copy = g_error_copy(err);
    g_assert_cmpstr(error_get_hint(copy), ==, "try 1\nor 2\n");

    g_autoptr(GError) foreign = g_error_new(G_FILE_ERROR, G_FILE_ERROR_IO, "io");
    error_append_hint(&foreign, "ignored\n");
    g_assert_cmpstr(error_get_hint(foreign), ==, "");
    g_assert_cmpstr(error_class_name(foreign), ==, "GenericError");
}

/* Runs in a child process, whose stderr the test looks at. */
static void report_samples(void)
{
    ErrorLocation outer, inner;
    error_init("/usr/bin/some-emulator");
    error_report("plain %d", 1);
    error_location_push(&outer, "-device %s", "foo");
    warn_report("careful");
    error_location_push(&inner, "-m 5");
    info_report("inside");
    error_location_pop(&inner);
    error_report("outside");
    error_location_pop(&outer);
    for (int i = 0; i < 3; i++) {
        warn_report_once("once");
    }
    GError *err = NULL;
    error_setg(&err, "failed");
    error_append_hint(&err, "advice\n");
    error_reportf_err(err, "while %s: ", "testing");
    error_init(NULL);
    error_report("default name");
}

static void test_report(void)
{
    if (g_test_subprocess()) {
        report_samples();
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("some-emulator: plain 1\n"
                              "some-emulator: -device foo: warning: careful\n"
                              "some-emulator: -m 5: info: inside\n"
                              "some-emulator: -device foo: outside\n"
                              "some-emulator: warning: once\n"
                              "some-emulator: while testing: failed\n"
                              "advice\n"
                              "tinamou-system-riscv64: default name\n");
}

static void test_timestamp(void)
{
    if (g_test_subprocess()) {
        error_set_timestamps(true);
        error_report("x");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("20*-*-*T*:*:*.*Z tinamou-system-riscv64: x\n");
}

static void sink(const char *message, void *opaque)
{
    g_string_append_printf(opaque, "[%s]", message);
}

static void test_sink(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    GError *err = NULL;
    error_sink_set(sink, text);
    error_report("one");
    warn_report("two");
    error_setg(&err, "three");
    error_append_hint(&err, "hint\n");
    error_report_err(err);
    error_sink_set(NULL, NULL);
    g_assert_cmpstr(text->str, ==, "[one][warning: two][three\nhint]");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/error/set", test_set);
    g_test_add_func("/error/errno", test_errno);
    g_test_add_func("/error/hint", test_hint);
    g_test_add_func("/report/stderr", test_report);
    g_test_add_func("/report/timestamp", test_timestamp);
    g_test_add_func("/report/sink", test_sink);
    return g_test_run();
}
