/* SPDX-License-Identifier: MIT */
/*
 * "info jit": what the translator has done and where harts leave generated code.
 *
 * The first words of a line are QEMU's where it counts the same: scripts look for them. A link that
 * has been patched, a jump cache or a TLB that hits cost nothing and are not counted.
 *
 * Counters are written by their hart without a lock and read as they are: sums may be a moment old.
 */
#include "qemu/osdep.h"

#include "qemu/units.h"
#include "tcg-internal.h"

static const char *const exit_names[TCG_EXIT_LINK_MIN] = {
    [TCG_EXIT_LOOKUP] = "lookup", [TCG_EXIT_POLL] = "poll",     [TCG_EXIT_TRAP] = "trap",
    [TCG_EXIT_LEAVE] = "leave",   [TCG_EXIT_HALT] = "halt",     [TCG_EXIT_DEBUG] = "debug",
    [TCG_EXIT_YIELD] = "yield",   [TCG_EXIT_ICOUNT] = "icount", [TCG_EXIT_HOT] = "hot",
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

static void print_blocks(cpu_print_func print, void *opaque)
{
    TBStats b = tcg_accel.translated;
    double percent = per(100, b.count);

    print(opaque, "Translation buffer state:\n");
    print(opaque, "gen code size       %" PRIu64 "/%" PRIu64 "\n", tb_code_used(),
          tcg_accel.tb_size);
    print(opaque, "TB count            %" PRIu64 "\n", tcg_accel.tb_count);
    print(opaque, "TB avg target size  %.0f max=%" PRIu64 " bytes, %.1f instructions\n",
          per(b.guest_bytes, b.count), b.guest_bytes_max, per(b.guest_insns, b.count));
    print(opaque, "TB avg host size    %.0f bytes (expansion ratio: %.1f)\n",
          per(b.host_bytes, b.count), per(b.host_bytes, b.guest_bytes));
    print(opaque, "cross page TB count %" PRIu64 " (%.0f%%)\n", b.cross_page,
          (double)b.cross_page * percent);
    print(opaque, "direct jump count   %" PRIu64 " (%.0f%%) (2 jumps=%" PRIu64 " %.0f%%)\n",
          b.one_link, (double)b.one_link * percent, b.two_links, (double)b.two_links * percent);
}

static void print_code(cpu_print_func print, void *opaque, const CPUTCGStats *sum)
{
    const TBStats *b = &tcg_accel.translated;

    print(opaque, "TB flush count      %" PRIu64 "\n", qatomic_read(&tcg_accel.tb_flush_count));
    print(opaque, "TB evict count      %" PRIu64 "\n", qatomic_read(&tcg_accel.tb_evict_count));
    print(opaque, "TB invalidate count %" PRIu64 "\n", qatomic_read(&tcg_accel.tb_invalidations));
    print(opaque,
          "translations        %" PRIu64 " of %" PRIu64 " instructions to %" PRIu64 " bytes\n",
          b->count, b->guest_insns, b->host_bytes);
    print(opaque, "translation time    %.3f ms, %.0f ns per guest instruction\n",
          (double)sum->translate_ns / 1e6, per(sum->translate_ns, b->guest_insns));
    print(opaque, "regions             %" PRIu64 "\n", sum->regions);
    print(opaque, "run untranslated    %" PRIu64 " pieces of %" PRIu64 " instructions\n",
          sum->direct, sum->direct_insns);
    print(opaque,
          "TB lookups          %" PRIu64 " (%" PRIu64 " jump cache, %" PRIu64 " hash table)\n",
          sum->lookups, sum->jc_hits, sum->hash_hits);
    print(opaque, "TB link exits       %" PRIu64 "\n", sum->links);
    print(opaque, "other exits        ");
    for (unsigned i = 0; i < G_N_ELEMENTS(exit_names); i++) {
        if (exit_names[i]) {
            print(opaque, " %s %" PRIu64, exit_names[i], sum->exits[i]);
        }
    }
    print(opaque, "\nexceptions          %" PRIu64 "\n", sum->exceptions);
    print(opaque, "interrupts          %" PRIu64 "\n", sum->interrupts);
}

static void print_tlb(cpu_print_func print, void *opaque, const CPUTCGStats *sum)
{
    print(opaque, "TLB full flushes    %" PRIu64 "\n", sum->tlb_flushes);
    print(opaque, "TLB partial flushes %" PRIu64 "\n", sum->tlb_page_flushes);
    print(opaque, "TLB elided flushes  %" PRIu64 "\n", sum->tlb_flushes_elided);
    print(opaque, "fetch TLB flushes   %" PRIu64 "\n", sum->fetch_flushes);
    print(opaque, "slow accesses       %" PRIu64 "\n", sum->tlb_slow);
    print(opaque,
          "TLB misses          data %" PRIu64 " fetch %" PRIu64 ", %" PRIu64
          " faulted; second level %" PRIu64 "\n",
          sum->tlb_fills, sum->fetch_fills, sum->tlb_faults, sum->tlb_second);
    print(opaque, "device accesses     %" PRIu64 " (%" PRIu64 " with the BQL)\n", sum->mmio,
          sum->mmio_bql);
}

void tcg_info_jit(cpu_print_func print, void *opaque)
{
    CPUTCGStats sum = {0};
    CPUState *cpu;

    CPU_FOREACH(cpu) {
        stats_add(&sum, &cpu_priv(cpu)->stats);
    }
    print(opaque, "Accelerator settings:\none-insn-per-tb: %s\n\n",
          tcg_accel.one_insn_per_tb ? "on" : "off");
    print_blocks(print, opaque);
    print(opaque, "\nStatistics:\n");
    print_code(print, opaque, &sum);
    print_tlb(print, opaque, &sum);
}
