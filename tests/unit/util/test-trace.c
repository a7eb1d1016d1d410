/* SPDX-License-Identifier: MIT */
/* Trace events: listing, patterns, and that an event that is off evaluates nothing. */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/trace.h"

static int n_evaluated;

static int evaluate(void)
{
    return ++n_evaluated;
}

static void emit_one(void)
{
    TRACE(test_one, "value:%d", evaluate());
}

static void emit_two(void)
{
    TRACE(test_two, "plain");
    TRACE(test_two, "again %s", "x");
}

static void collect(const char *name, bool enabled, void *opaque)
{
    g_string_append_printf(opaque, "%s%s ", name, enabled ? "!" : "");
}

static void assert_events(const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    trace_foreach(collect, text);
    /* The layer under test may have events of its own, before or after "test_". */
    g_assert_nonnull(strstr(text->str, expected));
}

static void test_patterns(void)
{
    assert_events("test_one test_two ");
    g_assert_cmpuint(trace_enable_events("nosuch"), ==, 0);
    g_assert_cmpuint(trace_enable_events("test_one"), ==, 1);
    assert_events("test_one! test_two ");
    g_assert_cmpuint(trace_enable_events("-test_o*"), ==, 1);
    g_assert_cmpuint(trace_enable_events("test_t*"), ==, 2); /* both uses of the name */
    assert_events("test_one test_two! ");
    g_assert_cmpuint(trace_enable_events("-test_*"), ==, 3);
    assert_events("test_one test_two ");

    g_autofree char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    trace_list_events(f);
    fclose(f);
    g_assert_nonnull(strstr(text, "test_one\ntest_two\n"));
}

static void test_output(void)
{
    if (g_test_subprocess()) {
        emit_one();
        emit_two();
        g_assert_cmpint(n_evaluated, ==, 0);
        g_assert_cmphex(qemu_str_to_log_mask("trace:test_*"), ==, LOG_TRACE);
        emit_one();
        emit_two();
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("test_one value:1\ntest_two plain\ntest_two again x\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trace/patterns", test_patterns);
    g_test_add_func("/trace/output", test_output);
    return g_test_run();
}
