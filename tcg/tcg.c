/* SPDX-License-Identifier: MIT */
/*
 * The order of passes.
 *
 * Tests: tests/tcg (passes by level), tests/fuzz/tcg-fuzz.c (levels and back ends against each
 * other).
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "tcg-internal.h"

static void check(TCGContext *c, const char *pass)
{
    g_autoptr(GString) why = NULL;

    if (!TCG_CHECK) {
        return;
    }
    why = g_string_new(NULL);
    if (!tcg_verify(c, why)) {
        g_string_append(why, "\n");
        tcg_dump(c, why);
        g_error("tcg: bad IR after %s: %s", pass, why->str);
    }
}

void tcg_optimize(TCGContext *c, TCGOptLevel level)
{
    c->level = level;
    check(c, "building");
    if (level == TCG_OPT_FULL) {
        tcg_copyprop(c);
        check(c, "copyprop");
        tcg_dce(c);
        check(c, "dce");
        tcg_narrow(c);
        check(c, "narrow");
    }
    /* the interpreter checks each access all the same: only so that it is tested */
    if (level == TCG_OPT_FULL || (level != TCG_OPT_NONE && !c->for_interp)) {
        tcg_share(c);
        check(c, "share");
    }
    tcg_liveness(c, level != TCG_OPT_NONE);
    check(c, "liveness");
}

static void log_optimized(const TCGContext *c)
{
    FILE *f;

    if (likely(!qemu_loglevel_mask(CPU_LOG_TB_OP_OPT)) || !qemu_log_in_addr_range(c->pc)) {
        return;
    }
    f = qemu_log_lock();
    if (f) {
        g_autoptr(GString) text = g_string_new("OP after optimization and liveness analysis:\n");

        tcg_dump(c, text);
        fprintf(f, "%s\n", text->str);
        qemu_log_unlock(f);
    }
}

TCGResult tcg_compile(TCGContext *c, TCGOptLevel level, bool interp, TCGCodeBuf *buf, TCGCode *out)
{
    if (c->overflow) {
        return TCG_E_LIMIT;
    }
    g_assert(!interp || !c->pcrel);
    c->for_interp = interp;
    tcg_optimize(c, level);
    if (c->overflow) {
        return TCG_E_LIMIT;
    }
    log_optimized(c);
    return interp ? tcg_interp_compile(c, buf, out) : tcg_host_compile(c, buf, out);
}
