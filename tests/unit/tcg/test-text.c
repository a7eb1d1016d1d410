/* SPDX-License-Identifier: MIT */
/* Text IR: every op there and back, and what is no IR. */
#include "qemu/osdep.h"
#include "tcg-guest.h"
#include "tcg/tcg-internal.h"

/* At least one line an op, in the form that the dumper writes. */
static const char *const lines[] = {
    "%0 = mov.i64 x1",
    "%0 = add.i32 x1, $0xffffffffffffffff",
    "%0 = sub.i64 x1, x2",
    "%0 = mul.i64 x1, x2",
    "%0 = muluh x1, x2",
    "%0 = mulsh x1, x2",
    "%0 = mulsuh x1, x2",
    "%0 = divs.i64 x1, x2",
    "%0 = divu.i64 x1, x2",
    "%0 = rems.i64 x1, x2",
    "%0 = remu.i64 x1, x2",
    "%0 = and.i64 x1, x2",
    "%0 = or.i64 x1, x2",
    "%0 = xor.i64 x1, x2",
    "%0 = andc.i64 x1, x2",
    "%0 = orc.i64 x1, x2",
    "%0 = eqv.i64 x1, x2",
    "%0 = not.i64 x1",
    "%0 = neg.i64 x1",
    "%0 = shl.i64 x1, x2",
    "%0 = shr.i64 x1, x2",
    "%0 = sar.i64 x1, x2",
    "%0 = rotl.i64 x1, x2",
    "%0 = rotr.i64 x1, x2",
    "%0 = clz.i64 x1",
    "%0 = ctz.i32 x1",
    "%0 = ctpop.i64 x1",
    "%0 = bswap.i64 x1",
    "%0 = extract.i64 3, 8, x1",
    "%0 = sextract.i32 0, 16, x1",
    "%0 = deposit.i64 8, 16, x1, x2",
    "%0 = setcond.i64 ltu, x1, x2",
    "%0 = movcond.i32 tstne, x1, $0x8, x2, x3",
    "%0 = fmov f1",
    "%0 = i2f x1",
    "%0 = f2i f1",
    "%0 = ld_env 160, s16, csr",
    "st_env 160, u8, other, x1",
    "%0 = ld_host -8, u64, x1",
    "st_host 8, u32, x1, x2",
    "x1 = qemu_ld s32.al@2, -16, x2",
    "qemu_st u16.swap@0, 0, x1, x2",
    "f1 = qemu_fld u32@0, 8, x1",
    "qemu_fst u64@255, 8, x1, f2",
    "x1 = qemu_rmw s32.al@0, 0, umax, x1, x2",
    "x1 = qemu_cas u64.al@0, 0, x1, x2, x3",
    "%0 = tlb_test u8.w@0, -16, 64, x1",
    "x1 = qemu_ld_at s32@2, -16, 8, x2, x3",
    "qemu_st_at u16@0, 0, -4, x1, x2, x3",
    "f1 = qemu_fld_at u32@0, 8, 8, x1, x2",
    "qemu_fst_at u64@255, 8, 8, x1, f2, x2",
    "mb 15",
    "%0 = call six, x1, x2, x3, $0x0, x1, x1",
    "call clobber",
    "%0 = call log, x1, x2",
    "insn_start 0xffffffff80001234, 7",
    "br L0",
    "brcond.i64 ge, L0, x1, x2",
    "poll",
    "icount 7",
    "icount_sync",
    "guard.i64 eq, x1, $0x1",
    "guard_page -1, 524289",
    "goto_link 7, 1, $0x1000",
    "goto_indirect x1",
    "exit 5, x1",
    "f1 = fadd.f64 f1, f2",
    "f1 = fsub.f32 f1, f2",
    "f1 = fmul.f32 f1, f2",
    "f1 = fdiv.f32 f1, f2",
    "f1 = fsqrt.f64 f1",
    "f1 = fma.f64 3, f1, f2, f3",
    "f1 = fmin.f64 f1, f2",
    "f1 = fmax.f64 f1, f2",
    "x1 = fcmp.f64 2, f1, f2",
    "x1 = fcvt_i32.f64 1, f1",
    "x1 = fcvt_i64.f32 0, f1",
    "f1 = fcvt_fi32.f64 1, x1",
    "f1 = fcvt_fi64.f32 0, x1",
    "f1 = fcvt_f.f32 f2",
    "x1 = fflags_get",
    "fflags_set x1",
    "f1 = funbox f2",
    "f1 = fsgnj.f32 2, f1, f2",
};

static void test_round_trip(void)
{
    TCGContext *c = guest_context_new();
    bool seen[TCG_NB_OPS] = {[TCG_OP_nop] = true};

    for (unsigned i = 0; i < ARRAY_SIZE(lines); i++) {
        g_autofree char *text = g_strdup_printf("L0:\n    %s\n", lines[i]);
        g_autoptr(GString) why = g_string_new(NULL), out = g_string_new(NULL);

        if (!tcg_parse(c, text, why)) {
            g_error("%s", why->str);
        }
        g_assert_cmpuint(c->nops, ==, 1);
        seen[c->ops[0].opc] = true;
        tcg_dump(c, out);
        g_assert_cmpstr(out->str, ==, text);
    }
    for (unsigned i = 0; i < TCG_NB_OPS; i++) {
        if (!seen[i]) {
            g_error("no line for %s", tcg_op_defs[i].name);
        }
    }
    tcg_context_free(c);
}

static void test_errors(void)
{
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"L0:\n frob x1\n", "line 2: unknown op"},
        {"L0:\n %0 = add.i99 x1, x2\n", "unknown name"},
        {"L0:\n %0 = add.i64 x1\n", "operands expected"},
        {"L0:\n %0 = add.i64 x1, x2, x3\n", "end of line"},
        {"L0:\n %0 = add.i64 x1, %5\n", "not defined"},
        {"L0:\n %0 = add.i64 x1, y5\n", "unknown operand"},
        {"L0:\n %0 = add.i64 x1, $\n", "number"},
        {"L0:\n %0 = setcond.i64 zz, x1, x2\n", "unknown name"},
        {"L0:\n %0 = call nothing\n", "unknown helper"},
        {"L0:\n %0 = qemu_ld u24@0, 0, x1\n", "8, 16, 32 or 64"},
        {"L0:\n %0 = qemu_ld u8, 0, x1\n", "MMU index"},
        {"L0:\n br L999\n", "too large"},
        {"L0:\n br L1\n x1 = mov.i64 x2\n", "label expected"},
        {"L0:\nL1:\nL1:\n", "placed twice"},
        {"L0:\n poll\nL0:\n", "placed twice"},
        {"x\n", "unknown op"},
        {"= = =\n", "unknown op"},
        {"L:\n", "number"},
    };
    TCGContext *c = guest_context_new();

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        g_autoptr(GString) why = g_string_new(NULL);

        if (tcg_parse(c, bad[i].text, why)) {
            g_error("\"%s\" is accepted", bad[i].text);
        }
        if (!strstr(why->str, bad[i].why)) {
            g_error("\"%s\" does not say \"%s\"", why->str, bad[i].why);
        }
    }
    tcg_context_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tcg/text/round-trip", test_round_trip);
    g_test_add_func("/tcg/text/errors", test_errors);
    return g_test_run();
}
