/* SPDX-License-Identifier: MIT */
/*
 * "info jit": what the translator has done and where harts leave generated code.
 *
 * Counters are written by their hart without a lock and read as they are: sums may be a moment old.
 */
#include "qemu/osdep.h"

#include "qemu/units.h"
#include "tcg-internal.h"

static const char *const exit_names[TCG_EXIT_LINK_MIN] = {
    [TCG_EXIT_LOOKUP] = "lookup", [TCG_EXIT_POLL] = "poll", [TCG_EXIT_TRAP] = "trap",
    [TCG_EXIT_LEAVE] = "leave",   [TCG_EXIT_HALT] = "halt", [TCG_EXIT_DEBUG] = "debug",
    [TCG_EXIT_YIELD] = "yield",   [TCG_EXIT_HOT] = "hot",
};

static void stats_add(CPUTCGStats *sum, const CPUTCGStats *one)
{
    const uint64_t *from = (const uint64_t *)one;
    uint64_t *to = (uint64_t *)sum;

    for (unsigned i = 0; i < sizeof(*sum) / sizeof(*to); i++) {
        to[i] += qatomic_read(&from[i]);
    }
}

static double per(uint64_t a, uint64_t b)
{
    return b ? (double)a / (double)b : 0;
}

void tcg_info_jit(cpu_print_func print, void *opaque)
{
    CPUTCGStats sum = {0};
    CPUState *cpu;

    CPU_FOREACH(cpu) {
        stats_add(&sum, &cpu_priv(cpu)->stats);
    }
    print(opaque, "Translation buffer state:\n");
    print(opaque, "gen code size       %" PRIu64 "/%" PRIu64 "\n", tb_code_used(),
          tcg_accel.tb_size);
    print(opaque, "TB count            %" PRIu64 "\n", tcg_accel.tb_count);
    print(opaque, "TB avg target size  %.1f bytes, %.1f instructions\n",
          per(tcg_accel.guest_bytes, tcg_accel.translated),
          per(tcg_accel.guest_insns, tcg_accel.translated));
    print(opaque, "TB avg host size    %.1f bytes (expansion ratio: %.1f)\n",
          per(tcg_accel.host_bytes, tcg_accel.translated),
          per(tcg_accel.host_bytes, tcg_accel.guest_bytes));
    print(opaque, "translation time    %.3f ms, %.0f ns per guest instruction\n",
          (double)sum.translate_ns / 1e6, per(sum.translate_ns, tcg_accel.guest_insns));
    print(opaque, "regions             %" PRIu64 "\n", sum.regions);
    print(opaque, "\nStatistics:\n");
    print(opaque, "TB flush count      %" PRIu64 "\n", qatomic_read(&tcg_accel.tb_flush_count));
    print(opaque, "TB evict count      %" PRIu64 "\n", qatomic_read(&tcg_accel.tb_evict_count));
    print(opaque, "TB invalidate count %" PRIu64 "\n", qatomic_read(&tcg_accel.tb_invalidations));
    print(opaque, "TB lookups          %" PRIu64 " (%" PRIu64 " jump cache, %" PRIu64 " hash)\n",
          sum.lookups, sum.jc_hits, sum.hash_hits);
    print(opaque, "TB links            %" PRIu64 "\n", sum.links);
    print(opaque, "TLB fills           %" PRIu64 "\n", sum.tlb_fills);
    print(opaque, "TLB slow accesses   %" PRIu64 " (%" PRIu64 " I/O)\n", sum.tlb_slow, sum.mmio);
    print(opaque, "TLB flushes         %" PRIu64 " (%" PRIu64 " elided, %" PRIu64 " pages)\n",
          sum.tlb_flushes, sum.tlb_flushes_elided, sum.tlb_page_flushes);
    print(opaque, "exceptions          %" PRIu64 ", interrupts %" PRIu64 "\n", sum.exceptions,
          sum.interrupts);
    print(opaque, "exits              ");
    for (unsigned i = 0; i < G_N_ELEMENTS(exit_names); i++) {
        if (exit_names[i]) {
            print(opaque, " %s %" PRIu64, exit_names[i], sum.exits[i]);
        }
    }
    print(opaque, "\n");
}
