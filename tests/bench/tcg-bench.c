/* SPDX-License-Identifier: MIT */
/*
 * What translation costs: nanoseconds an instruction of building IR, of liveness, and of the back
 * ends, for blocks of several lengths of what compiled RV64 code consists of.
 *
 *   tcg-bench [INSTRUCTIONS...]
 *
 * The least of many runs is printed: other load on the machine only adds.
 */
#include "qemu/osdep.h"
#include "tcg-guest.h"
#include "tcg/tcg-internal.h"

enum {
    ROUNDS = 400,
    BLOCKS_A_ROUND = 100
};

static uint64_t cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

static TCGv insn_result(TCGContext *c, unsigned i, TCGv a, TCGv b)
{
    switch (i % 8) {
    case 0:
        return tcg_addi(c, TCG_I64, a, 16 * i);
    case 1:
    case 4:
        return tcg_qemu_ld(c, a, 8, make_memop_idx(MO_LEUQ, 0));
    case 2:
        return tcg_add(c, TCG_I64, a, b);
    case 3:
        return tcg_ext32s(c, tcg_add(c, TCG_I32, a, b));
    case 5:
        return tcg_shli(c, TCG_I64, a, 3);
    case 6:
        return tcg_const(c, 0x12345000 + i);
    default:
        return tcg_andi(c, TCG_I64, a, 255);
    }
}

static void build(TCGContext *c, unsigned ninsns)
{
    uint64_t pc = 0x1000;
    TCGLabel taken;

    tcg_begin(c, GUEST_COOKIE, pc, 0);
    tcg_insn_start(c, pc, 0);
    tcg_poll(c);
    for (unsigned i = 0; i + 1 < ninsns; i++) {
        const TCGv a = guest_x((i * 7 + 3) % 11), b = guest_x((i * 5 + 1) % 11);

        tcg_insn_start(c, pc, i);
        if (i % 6 == 5) {
            tcg_qemu_st(c, a, 16, b, make_memop_idx(MO_LEUQ, 0));
        } else {
            tcg_set_global(c, guest_x(i % 11), insn_result(c, i, a, b));
        }
        pc += 4;
    }
    taken = tcg_label_new(c);
    tcg_insn_start(c, pc, ninsns - 1);
    tcg_brcond(c, TCG_I64, TCG_COND_NE, guest_x(1), guest_x(2), taken);
    tcg_goto_link(c, 0, TCG_LINK_SAME_PAGE, pc + 4);
    tcg_place(c, taken);
    tcg_goto_link(c, 1, TCG_LINK_SAME_PAGE, pc + 64);
}

typedef enum Stage {
    STAGE_BUILD,
    STAGE_LIVENESS,
    STAGE_INTERP,
    STAGE_HOST,
    NR_STAGES,
} Stage;

static void translate(TCGContext *c, unsigned ninsns, Stage stage)
{
    static uint8_t memory[1 << 20] QEMU_ALIGNED(16);
    TCGCodeBuf buf = {memory, memory + sizeof(memory), 0};
    TCGCode code;

    build(c, ninsns);
    if (stage == STAGE_LIVENESS) {
        tcg_liveness(c, true);
    } else if (stage != STAGE_BUILD) {
        g_assert_cmpint(tcg_compile(c, TCG_OPT_QUICK, stage == STAGE_INTERP, &buf, &code), ==,
                        TCG_OK);
    }
}

static double ns_per_insn(TCGContext *c, unsigned ninsns, Stage stage)
{
    uint64_t least = UINT64_MAX;

    for (unsigned round = 0; round < ROUNDS; round++) {
        const uint64_t start = cpu_ns();

        for (unsigned i = 0; i < BLOCKS_A_ROUND; i++) {
            translate(c, ninsns, stage);
        }
        least = MIN(least, cpu_ns() - start);
    }
    return (double)least / BLOCKS_A_ROUND / ninsns;
}

static void measure(TCGContext *c, unsigned ninsns)
{
    double ns[NR_STAGES] = {0};

    for (unsigned stage = 0; stage < NR_STAGES; stage++) {
        if (stage != STAGE_HOST || tcg_host_available()) {
            ns[stage] = ns_per_insn(c, ninsns, stage);
        }
    }
    build(c, ninsns);
    printf("%4u instructions, %4u ops: build %6.1f  liveness %6.1f  interpreter %6.1f", ninsns,
           c->nops, ns[STAGE_BUILD], ns[STAGE_LIVENESS] - ns[STAGE_BUILD],
           ns[STAGE_INTERP] - ns[STAGE_LIVENESS]);
    if (tcg_host_available()) {
        printf("  host %6.1f", ns[STAGE_HOST] - ns[STAGE_LIVENESS]);
    }
    printf("  ns an instruction\n");
}

int main(int argc, char **argv)
{
    static const unsigned lengths[] = {2, 5, 10, 20, 100};
    TCGContext *c = guest_context_new();

    for (int i = 1; i < argc; i++) {
        measure(c, MAX(strtoul(argv[i], NULL, 0), 1));
    }
    for (unsigned i = 0; argc == 1 && i < ARRAY_SIZE(lengths); i++) {
        measure(c, lengths[i]);
    }
    tcg_context_free(c);
    return 0;
}
