/* SPDX-License-Identifier: MIT */
/*
 * -d out_asm: host code as text, by capstone.
 */
#include "qemu/osdep.h"

#include <capstone/capstone.h>

#include "emit.h"
#include "qemu/log.h"

void x86_log_code(const TCGContext *c, const uint8_t *code, size_t len, ptrdiff_t rx_delta)
{
    cs_insn *insns;
    size_t n;
    csh cs;
    FILE *f;

    if (!qemu_loglevel_mask(CPU_LOG_TB_OUT_ASM) || !qemu_log_in_addr_range(c->pc)) {
        return;
    }
    f = qemu_log_lock();
    if (!f) {
        return;
    }
    fprintf(f, "OUT: [size=%zu]\n", len);
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &cs) == CS_ERR_OK) {
        cs_option(cs, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
        n = cs_disasm(cs, code, len, (uintptr_t)(code + rx_delta), 0, &insns);
        for (size_t i = 0; i < n; i++) {
            fprintf(f, "0x%" PRIx64 ":  %-8s %s\n", insns[i].address, insns[i].mnemonic,
                    insns[i].op_str);
        }
        cs_free(insns, n);
        cs_close(&cs);
    }
    fprintf(f, "\n");
    qemu_log_unlock(f);
}
