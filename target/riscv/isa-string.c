/* SPDX-License-Identifier: MIT */
/*
 * ISA strings for the device tree, in the order of ext.def.
 *
 * Specification: Unprivileged ISA 20240411, "ISA Extension Naming Conventions"; devicetree binding
 * riscv/extensions.yaml.
 * Tests: tests/unit/target/riscv/test-cpu-cfg.c
 */
#include "qemu/osdep.h"

#include "target/riscv/cpu-internal.h"

/* Letters that are no extensions in the sense of an ISA string: privilege modes. */
static bool letter_is_listed(char letter)
{
    return letter != 's' && letter != 'u';
}

/* Every listed name: single letters first. @separator goes before each multi-letter one. */
static void append_names(const RISCVCPUConfig *cfg, GString *out, const char *letter_separator,
                         const char *separator)
{
    enum {
        I = true,
        N = false
    };

#define MISA(letter, rv64, description)                                                            \
    if (cfg->ext_##letter && letter_is_listed(#letter[0])) {                                       \
        g_string_append_printf(out, "%s%s", out->len ? letter_separator : "", #letter);            \
    }
#define EXT(name, rv64, listed)                                                                    \
    if ((listed) && cfg->ext_##name) {                                                             \
        g_string_append_printf(out, "%s%s", separator, #name);                                     \
    }
#define FEATURE(name, condition)                                                                   \
    if (condition) {                                                                               \
        g_string_append_printf(out, "%s%s", separator, #name);                                     \
    }
#include "target/riscv/ext.def"
#undef MISA
#undef EXT
}

char *riscv_isa_base(const RISCVCPUConfig *cfg)
{
    return g_strdup_printf("rv%u%s", cfg->xlen_max, cfg->ext_e ? "e" : "i");
}

char *riscv_isa_string(const RISCVCPUConfig *cfg)
{
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "rv%u", cfg->xlen_max);
    append_names(cfg, out, "", "_");
    return g_string_free(out, FALSE);
}

char *riscv_isa_extensions(const RISCVCPUConfig *cfg)
{
    GString *out = g_string_new(NULL);

    append_names(cfg, out, ",", ",");
    return g_string_free(out, FALSE);
}

char *riscv_mmu_type(const RISCVCPUConfig *cfg)
{
    static const char *const names[] = {[VM_BARE] = "riscv,none",
                                        [VM_SV32] = "riscv,sv32",
                                        [VM_SV39] = "riscv,sv39",
                                        [VM_SV48] = "riscv,sv48",
                                        [VM_SV57] = "riscv,sv57"};

    return g_strdup(names[cfg->satp_mode_max]);
}
