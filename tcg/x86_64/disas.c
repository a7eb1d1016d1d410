/* SPDX-License-Identifier: MIT */
/*
 * -d out_asm: host code as text, by capstone, under the guest instructions that it was made of.
 * Stubs are calls with data behind them: of these the size is told.
 */
#include "qemu/osdep.h"

#include <capstone/capstone.h>

#include "emit.h"
#include "qemu/log.h"

/* Instructions of [from, to), which lie at @addr in the running program, a line each. */
static void log_insns(FILE *f, csh cs, const uint8_t *from, const uint8_t *to, uintptr_t addr)
{
    cs_insn *insns;
    size_t n = cs_disasm(cs, from, (size_t)(to - from), addr, 0, &insns);

    for (size_t i = 0; i < n; i++) {
        g_autoptr(GString) bytes = g_string_new(NULL);

        for (unsigned k = 0; k < insns[i].size; k++) {
            g_string_append_printf(bytes, "%02x ", insns[i].bytes[k]);
        }
        fprintf(f, "0x%08" PRIx64 ":  %-24s %-8s %s\n", insns[i].address, bytes->str,
                insns[i].mnemonic, insns[i].op_str);
    }
    cs_free(insns, n);
}

static void log_code(FILE *f, csh cs, const TCGCode *code, ptrdiff_t rx_delta)
{
    for (unsigned i = 0; i < code->nmarks; i++) {
        const uint8_t *from = code->rw + code->marks[i].offset;
        uint32_t end = i + 1 < code->nmarks ? code->marks[i + 1].offset : code->main_size;

        fprintf(f, "  -- guest addr 0x%016" PRIx64 "%s\n", code->marks[i].pc,
                i == 0 ? " + tb prologue" : "");
        log_insns(f, cs, from, code->rw + end, (uintptr_t)(from + rx_delta));
    }
    if (code->size > code->main_size) {
        fprintf(f, "  -- tb slow paths: %" PRIu32 " bytes\n", code->size - code->main_size);
    }
}

void x86_log_code(const TCGContext *c, const TCGCode *code, ptrdiff_t rx_delta)
{
    csh cs;
    FILE *f;

    if (!qemu_loglevel_mask(CPU_LOG_TB_OUT_ASM) || !qemu_log_in_addr_range(c->pc)) {
        return;
    }
    f = qemu_log_lock();
    if (!f) {
        return;
    }
    fprintf(f, "OUT: [size=%" PRIu32 "]\n", code->size);
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &cs) == CS_ERR_OK) {
        cs_option(cs, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
        log_code(f, cs, code, rx_delta);
        cs_close(&cs);
    }
    fprintf(f, "\n");
    qemu_log_unlock(f);
}
