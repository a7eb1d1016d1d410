/* SPDX-License-Identifier: MIT */
/* target/riscv/cpu-cfg.c: what an extension brings along, and which combinations are refused. */
#include "qemu/osdep.h"

#include "riscv-test.h"
#include "target/riscv/cpu-internal.h"

static RISCVCPUConfig config(void)
{
    RISCVCPUConfig cfg = {
#define MISA(letter, rv64, description) .ext_##letter = rv64,
#define EXT(name, rv64, listed) .ext_##name = rv64,
#include "target/riscv/ext.def"
#undef MISA
#undef EXT
        .mmu = true,
        .pmp = true,
        .satp_mode_max = VM_SV57,
        .pmp_regions = 16,
        .pmp_granularity = 4,
        .pmu_num = 16,
        .cbom_blocksize = 64,
        .cbop_blocksize = 64,
        .cboz_blocksize = 64,
        .xlen_max = 64,
    };

    return cfg;
}

static void refused(RISCVCPUConfig cfg, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(riscv_cpu_config_finalize(&cfg, &error));
    g_assert_nonnull(strstr(error->message, words));
}

static void accepted(RISCVCPUConfig *cfg)
{
    g_autoptr(GError) error = NULL;

    riscv_cpu_config_finalize(cfg, &error);
    g_assert_no_error(error);
}

static void test_implied(void)
{
    RISCVCPUConfig cfg = config();

    accepted(&cfg);
    g_assert_true(cfg.ext_zmmul && cfg.ext_zaamo && cfg.ext_zalrsc && cfg.ext_zca && cfg.ext_zcd);
    g_assert_cmphex(riscv_misa_letters(&cfg), ==, 0x14112d);
    cfg = config();
    cfg.ext_d = cfg.ext_c = false;
    accepted(&cfg);
    g_assert_false(cfg.ext_zcd || cfg.ext_zca);
    cfg = config();
    cfg.ext_s = false;
    accepted(&cfg);
    g_assert_false(cfg.mmu || cfg.ext_sstc || cfg.ext_svadu);
    g_assert_cmpuint(cfg.satp_mode_max, ==, VM_BARE);
    cfg = config();
    cfg.pmp = false;
    accepted(&cfg);
    g_assert_cmpuint(cfg.pmp_regions, ==, 0);
}

static void test_needs(void)
{
    RISCVCPUConfig cfg = config();

    cfg.ext_f = false;
    refused(cfg, "requires F extension");
    cfg = config();
    cfg.ext_zicsr = false;
    refused(cfg, "requires Zicsr");
    cfg = config();
    cfg.ext_u = false;
    refused(cfg, "without U extension");
    cfg = config();
    cfg.ext_e = true;
    refused(cfg, "I and E extensions are incompatible");
}

static void test_numbers(void)
{
    RISCVCPUConfig cfg = config();

    cfg.pmp_regions = 65;
    refused(cfg, "num-pmp-regions=65");
    cfg = config();
    cfg.pmp_granularity = 24;
    refused(cfg, "pmp-granularity=24");
    cfg = config();
    cfg.pmp_granularity = 2;
    refused(cfg, "pmp-granularity=2");
    cfg = config();
    cfg.pmu_num = 30;
    refused(cfg, "exceeds maximum");
    cfg = config();
    cfg.cbom_blocksize = 96;
    refused(cfg, "cbom_blocksize=96");
    cfg = config();
    cfg.cboz_blocksize = 8192;
    refused(cfg, "cboz_blocksize=8192");
    cfg = config();
    cfg.pmp_granularity = 4096;
    accepted(&cfg);
    g_assert_cmpuint(cfg.pmp_granularity_log2, ==, 12);
}

int main(int argc, char **argv)
{
    riscv_test_init(&argc, &argv);
    g_test_add_func("/cpu-cfg/implied", test_implied);
    g_test_add_func("/cpu-cfg/needs", test_needs);
    g_test_add_func("/cpu-cfg/numbers", test_numbers);
    return g_test_run();
}
