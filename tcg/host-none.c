/* SPDX-License-Identifier: MIT */
/* For hosts without a back end: only the interpreter runs code there. */
#include "qemu/osdep.h"
#include "tcg-internal.h"

bool tcg_host_available(void)
{
    return false;
}

void tcg_host_init(TCGContext *c)
{
}

void tcg_host_finalize(TCGContext *c)
{
}

/* Callers ask tcg_host_available() first. */
TCGResult tcg_host_compile(TCGContext *c, TCGCodeBuf *buf, TCGCode *code)
{
    g_assert_not_reached();
}

TCGPrologue *tcg_prologue_gen(const TCGLayout *layout, TCGCodeBuf *buf)
{
    g_assert_not_reached();
}

uint64_t tcg_exec(const TCGPrologue *p, const void *entry, void *env)
{
    g_assert_not_reached();
}

uint32_t tcg_host_fp_begin(void)
{
    return 0;
}

void tcg_host_fp_end(uint32_t saved)
{
}

void tcg_link_set(uint8_t *code_rw, ptrdiff_t rx_delta, const TCGLinkSite *site, const void *target,
                  uint64_t phys_page)
{
    g_assert_not_reached();
}
