/* SPDX-License-Identifier: MIT */
/*
 * Dependencies among extensions: what one implies, and what cannot be without another.
 *
 * Specification: Unprivileged and Privileged ISA 20240411, the chapter of each extension.
 * Tests: tests/unit/target/riscv/test-cpu-cfg.c
 */
#include "qemu/osdep.h"

#include "qemu/error.h"
#include "qemu/host-utils.h"
#include "target/riscv/cpu-internal.h"

/* "@ext needs @base", with QEMU's words for it. */
typedef struct ExtNeed {
    size_t ext, base; /* offsets of bools in RISCVCPUConfig */
    const char *message;
} ExtNeed;

#define NEED(one, other, words)                                                                    \
    {                                                                                              \
        offsetof(RISCVCPUConfig, ext_##one), offsetof(RISCVCPUConfig, ext_##other), words          \
    }

static const ExtNeed ext_needs[] = {
    NEED(zfa, f, "Zfa extension requires F extension"),
    NEED(d, f, "D extension requires F extension"),
    NEED(f, zicsr, "F extension requires Zicsr"),
    NEED(zcd, zca, "Zcd extension requires Zca extension"),
    NEED(zcd, d, "Zcd extension requires D extension"),
    NEED(zicntr, zicsr, "Zicntr extension requires Zicsr extension"),
    NEED(zihpm, zicsr, "Zihpm extension requires Zicsr extension"),
    NEED(s, u, "Setting S extension without U extension is illegal"),
    NEED(s, zicsr, "S extension requires Zicsr extension"),
};

static bool cfg_has(const RISCVCPUConfig *cfg, size_t offset)
{
    return *(const bool *)((const char *)cfg + offset);
}

/*
 * What follows from a letter, and what does not make sense without one and silently goes with it.
 */
static void config_imply(RISCVCPUConfig *cfg)
{
    if (cfg->ext_a) {
        cfg->ext_zaamo = cfg->ext_zalrsc = true;
    }
    if (cfg->ext_m) {
        cfg->ext_zmmul = true;
    }
    if (cfg->ext_c) {
        cfg->ext_zca = true;
        cfg->ext_zcd |= cfg->ext_d;
    } else {
        cfg->ext_zca = false;
    }
    cfg->ext_zcd = cfg->ext_zcd && cfg->ext_zca && cfg->ext_d;
    if (!cfg->ext_s) {
        cfg->mmu = false;
        cfg->ext_sstc = cfg->ext_svadu = cfg->ext_svade = cfg->ext_svvptc = false;
    }
    if (!cfg->mmu) {
        cfg->satp_mode_max = VM_BARE;
    }
    if (!cfg->pmp) {
        cfg->pmp_regions = 0;
    }
}

static bool check_blocksize(const char *name, unsigned size, GError **error)
{
    if (is_power_of_2(size) && size >= 8 && size <= 4096) {
        return true;
    }
    error_setg(error, "%s=%u is not a cache block size", name, size);
    error_append_hint(error, "give a power of two from 8 to 4096\n");
    return false;
}

static bool check_numbers(RISCVCPUConfig *cfg, GError **error)
{
    if (cfg->pmp_regions > RV_MAX_PMP) {
        error_setg(error, "num-pmp-regions=%u is too many", cfg->pmp_regions);
        error_append_hint(error, "a hart has at most %d regions\n", RV_MAX_PMP);
        return false;
    }
    if (!is_power_of_2(cfg->pmp_granularity) || cfg->pmp_granularity < 4 ||
        cfg->pmp_granularity > 4096) {
        error_setg(error, "pmp-granularity=%u is not a granularity", cfg->pmp_granularity);
        error_append_hint(error, "give a power of two from 4 to 4096, in bytes\n");
        return false;
    }
    cfg->pmp_granularity_log2 = (uint8_t)ctz32(cfg->pmp_granularity);
    if (cfg->pmu_num > RV_MAX_MHPM - 3) {
        error_setg(error, "Number of counters exceeds maximum available");
        error_append_hint(error, "pmu-num is at most %d\n", RV_MAX_MHPM - 3);
        return false;
    }
    return check_blocksize("cbom_blocksize", cfg->cbom_blocksize, error) &&
           check_blocksize("cbop_blocksize", cfg->cbop_blocksize, error) &&
           check_blocksize("cboz_blocksize", cfg->cboz_blocksize, error);
}

bool riscv_cpu_config_finalize(RISCVCPUConfig *cfg, GError **error)
{
    if (cfg->ext_i == cfg->ext_e) {
        error_setg(error, "I and E extensions are incompatible");
        error_append_hint(error, "one of them, and one only, must be on\n");
        return false;
    }
    if (cfg->ext_e) {
        error_setg(error, "the E base (16 registers) is not implemented");
        error_append_hint(error, "use e=off,i=on\n");
        return false;
    }
    config_imply(cfg);
    for (unsigned i = 0; i < G_N_ELEMENTS(ext_needs); i++) {
        if (cfg_has(cfg, ext_needs[i].ext) && !cfg_has(cfg, ext_needs[i].base)) {
            error_setg(error, "%s", ext_needs[i].message);
            error_append_hint(error, "switch both on, or both off, in -cpu\n");
            return false;
        }
    }
    return check_numbers(cfg, error);
}

uint32_t riscv_misa_letters(const RISCVCPUConfig *cfg)
{
    uint32_t letters = 0;

#define MISA(letter, rv64, description)                                                            \
    if (cfg->ext_##letter) {                                                                       \
        letters |= 1u << (#letter[0] - 'a');                                                       \
    }
#define EXT(name, rv64, listed)
#include "target/riscv/ext.def"
#undef MISA
#undef EXT
    return letters;
}
