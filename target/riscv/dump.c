/* SPDX-License-Identifier: MIT */
/*
 * A hart's registers as text ("info registers", -d cpu) and by name ("print $a0").
 *
 * Layout as QEMU 11.1 prints it: one CSR a line, then the integer registers four a line, then the
 * others on demand.
 */
#include "qemu/osdep.h"

#include "target/riscv/cpu-internal.h"
#include "target/riscv/csr.h"
#include "target/riscv/disas.h"

/* CSRs in the order in which they are shown. */
static const uint16_t dump_csrs[] = {
    0x100, 0x104, 0x105, 0x106, 0x10a, 0x140, 0x141, 0x142, 0x143, 0x144, 0x14d, 0x180,
    0x300, 0x301, 0x302, 0x303, 0x304, 0x305, 0x306, 0x30a, 0x320, 0x340, 0x341, 0x342,
    0x343, 0x344, 0x3a0, 0x3a2, 0x3b0, 0x3b1, 0x3b2, 0x3b3, 0x3b4, 0x3b5, 0x3b6, 0x3b7,
    0x3b8, 0x3b9, 0x3ba, 0x3bb, 0x3bc, 0x3bd, 0x3be, 0x3bf, 0xf11, 0xf12, 0xf13, 0xf14,
};

static void dump_csr(CPURISCVState *env, unsigned csr, cpu_print_func print, void *opaque)
{
    const char *name = csr_name(env, csr);
    uint64_t value;

    if (name && csr_rw(env, csr, &value, 0, 0, false, true) == CSR_OK) {
        print(opaque, " %-13s %016" PRIx64 "\n", name, value);
    }
}

void riscv_cpu_dump_state(CPUState *cpu, cpu_print_func print, void *opaque, int flags)
{
    static const char priv_letters[] = {[PRV_U] = 'U', [PRV_S] = 'S', [2] = '?', [PRV_M] = 'M'};
    CPURISCVState *env = cpu->env_ptr;

    print(opaque, " priv          %c\n", priv_letters[env->priv]);
    print(opaque, " pc            %016" PRIx64 "\n", env->tcg.pc);
    for (unsigned i = 0; i < G_N_ELEMENTS(dump_csrs); i++) {
        dump_csr(env, dump_csrs[i], print, opaque);
    }
    for (unsigned i = 0; i < 32; i++) {
        print(opaque, " x%u/%s%*s %016" PRIx64 "%s", i, riscv_gpr_names[i],
              (int)(6 - strlen(riscv_gpr_names[i]) - (i > 9)), "", env->gpr[i],
              i % 4 == 3 ? "\n" : "");
    }
    for (unsigned i = 0; i < 32 && (flags & CPU_DUMP_FPU); i++) {
        print(opaque, " f%u/%s%*s %016" PRIx64 "%s", i, riscv_fpr_names[i],
              (int)(6 - strlen(riscv_fpr_names[i]) - (i > 9)), "", env->fpr[i],
              i % 4 == 3 ? "\n" : "");
    }
}

/* Index of @name in a table of register names, or of "x7"-like names with @letter; -1 for none. */
static int register_index(const char *const names[32], char letter, const char *name)
{
    char *end;

    for (int i = 0; i < 32; i++) {
        if (!strcmp(names[i], name)) {
            return i;
        }
    }
    if (name[0] == letter && g_ascii_isdigit(name[1])) {
        uint64_t n = g_ascii_strtoull(name + 1, &end, 10);

        return *end == 0 && n < 32 ? (int)n : -1;
    }
    return -1;
}

bool riscv_cpu_get_register_by_name(CPUState *cpu, const char *name, uint64_t *value)
{
    CPURISCVState *env = cpu->env_ptr;
    int n;

    if (!strcmp(name, "pc")) {
        *value = env->tcg.pc;
        return true;
    }
    if (!strcmp(name, "priv")) {
        *value = env->priv;
        return true;
    }
    n = register_index(riscv_gpr_names, 'x', name);
    if (n >= 0) {
        *value = env->gpr[n];
        return true;
    }
    n = register_index(riscv_fpr_names, 'f', name);
    if (n >= 0) {
        *value = env->fpr[n];
        return true;
    }
    n = csr_by_name(env, name);
    return n >= 0 && csr_rw(env, (unsigned)n, value, 0, 0, false, true) == CSR_OK;
}
