/* SPDX-License-Identifier: MIT */
/*
 * Runs the rows of gentests.py in every mode (hart.h) and compares the whole state of the hart. One
 * GTest case an instruction.
 */
#include "qemu/osdep.h"

#include "hart.h"
#include "insn-test.h"
#include "qemu/bswap.h"

/* What registers hold that a test does not set: right at XLEN 32 too. */
static uint64_t canary(unsigned index)
{
    return index >= 32 ? UINT64_C(0xffffffff3f000000) + index : UINT64_C(0x5a5a0000) + index;
}

static uint64_t *reg(TestHart *hart, unsigned index)
{
    return index >= 32 ? &hart->env.fpr[index - 32] : &hart->env.gpr[index];
}

static void set_up(TestHart *hart, const InsnTest *t)
{
    hart_init(hart, t->xlen);
    for (unsigned i = 0; i < ARRAY_SIZE(t->off) && t->off[i]; i++) {
        hart_extension_off(hart, t->off[i]);
    }
    hart_set_flags(hart, TB_FLAGS_PRIV_SHIFT, 2, t->priv);
    hart_set_flags(hart, TB_FLAGS_FS_SHIFT, 2, t->fs);
    hart_set_flags(hart, TB_FLAGS_FRM_SHIFT, 3, t->frm);
    hart_set_flags(hart, TB_FLAGS_CBIE_SHIFT, 2, t->cbie);
    hart->env.tcg.tb_flags |= (t->cbcfe ? TB_FLAGS_CBCFE : 0) | (t->cbze ? TB_FLAGS_CBZE : 0) |
                              (t->tvm ? TB_FLAGS_TVM : 0) | (t->tsr ? TB_FLAGS_TSR : 0);
    hart->env.frm = t->frm;
    hart->env.fflags = t->fflags_in;
    for (unsigned i = 1; i < 64; i++) {
        *reg(hart, i) = canary(i);
    }
    for (unsigned i = 0; i < t->nin; i++) {
        *reg(hart, t->in[i].index) = t->in[i].value;
    }
    for (unsigned i = 0; i < t->nmem_in; i++) {
        hart_store(hart, t->mem_in[i].va, t->mem_in[i].size, t->mem_in[i].value);
    }
    for (unsigned i = 0; i < t->ncsr_in; i++) {
        hart->csr[t->csr_in[i].number] = t->csr_in[i].value;
    }
    hart->env.mepc = hart->csr[0x341];
    hart->env.sepc = hart->csr[0x141];
}

/* @hart ran, @want is what it started from: change it to what should have come out. */
static void expect(TestHart *want, const InsnTest *t)
{
    want->env.tcg.pc = t->trap >= 0 ? HART_CODE : t->pc;
    if (t->trap >= 0) {
        want->env.excp_cause = t->trap;
        want->env.excp_tval = t->tval;
    }
    if (t->fflags >= 0) {
        want->env.fflags = t->fflags;
    }
    for (unsigned i = 0; i < t->nout; i++) {
        *reg(want, t->out[i].index) = t->out[i].value;
    }
    for (unsigned i = 0; i < t->nmem_out; i++) {
        hart_store(want, t->mem_out[i].va, t->mem_out[i].size, t->mem_out[i].value);
    }
    for (unsigned i = 0; i < t->ncsr_out; i++) {
        want->csr[t->csr_out[i].number] = t->csr_out[i].value;
    }
}

static void compare(const TestHart *got, const TestHart *want, const InsnTest *t, const char *mode)
{
    bool ok = got->env.tcg.pc == want->env.tcg.pc && got->env.fflags == want->env.fflags &&
              got->env.excp_cause == want->env.excp_cause &&
              got->env.excp_tval == want->env.excp_tval;

    for (unsigned i = 0; i < 64; i++) {
        uint64_t is = *reg((TestHart *)got, i), should_be = *reg((TestHart *)want, i);

        if (is != should_be) {
            g_test_message("%c%u = %#" PRIx64 ", not %#" PRIx64, i < 32 ? 'x' : 'f', i % 32, is,
                           should_be);
            ok = false;
        }
    }
    ok = ok && !memcmp(got->memory, want->memory, sizeof(got->memory));
    ok = ok && !memcmp(got->csr, want->csr, sizeof(got->csr));
    if (!ok) {
        g_test_message("pc %#" PRIx64 " (%#" PRIx64 ") fflags %x (%x) cause %" PRId64 " (%" PRId64
                       ") tval %#" PRIx64 " (%#" PRIx64 ")",
                       got->env.tcg.pc, want->env.tcg.pc, got->env.fflags, want->env.fflags,
                       got->env.excp_cause, want->env.excp_cause, got->env.excp_tval,
                       want->env.excp_tval);
        g_test_message("%s %s, opcode %#x, %s", t->group, t->name, t->word, mode);
        g_test_fail();
    }
}

static void run_one(const InsnTest *t)
{
    static TestHart hart, want;
    uint8_t code[4];

    stl_le_p(code, t->word);
    for (const HartMode *mode = hart_modes(); mode->name; mode++) {
        set_up(&hart, t);
        want = hart;
        expect(&want, t);
        hart.env.excp_cause = 0;
        hart_run(&hart, mode, code, t->size, 1);
        compare(&hart, &want, t, mode->name);
    }
}

static void test_group(const void *data)
{
    const InsnTest *t = data;
    const char *group = t->group;

    for (; t < insn_tests + insn_ntests && !strcmp(t->group, group); t++) {
        run_one(t);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < insn_ntests; i++) {
        const InsnTest *t = &insn_tests[i];

        if (i == 0 || strcmp(t->group, t[-1].group)) {
            g_autofree char *path =
                g_strdup_printf("/insns/%s/%s", t->group, t->xlen == 32 ? "rv32" : "rv64");

            g_test_add_data_func(path, t, test_group);
        }
    }
    return g_test_run();
}
