/* SPDX-License-Identifier: MIT */
/*
 * util/fpu against the host's SSE2, SSE4.1, FMA3 and F16C instructions: results and all flags, in
 * the four rounding modes both have. x86 agrees with RISC-V on tininess after rounding; it differs
 * in the sign and payload of NaN results, in the results of invalid conversions to integers, and in
 * infinity times zero plus a quiet NaN. Those are test-rules.c's.
 */
#include "qemu/osdep.h"

#include <cpuid.h>
#include <emmintrin.h>

#include "fpu-test.h"

#define ROUNDS 60000

typedef uint64_t HostFn(uint64_t a, uint64_t b, uint64_t c, uint32_t *mxcsr);
typedef uint64_t FloatFn(uint64_t a, uint64_t b, uint64_t c, FloatStatus *st);

/*
 * host_<name>() runs one instruction on %[a], %[b] and %[c] with *mxcsr loaded, and leaves the
 * flags it raised there. %%rax is free for its use.
 */
#define HOST_FN(name, insn)                                                                        \
    static uint64_t host_##name(uint64_t a, uint64_t b, uint64_t c, uint32_t *mxcsr)               \
    {                                                                                              \
        __m128i x = _mm_cvtsi64_si128(a);                                                          \
        __m128i y = _mm_cvtsi64_si128(b);                                                          \
        __m128i z = _mm_cvtsi64_si128(c);                                                          \
        uint32_t normal = 0x1f80;                                                                  \
                                                                                                   \
        __asm__ volatile("ldmxcsr %[csr]\n\t" insn "\n\tstmxcsr %[csr]\n\tldmxcsr %[normal]"       \
                         : [a] "+x"(x), [csr] "+m"(*mxcsr)                                         \
                         : [b] "x"(y), [c] "x"(z), [normal] "m"(normal)                            \
                         : "rax");                                                                 \
        return _mm_cvtsi128_si64(x);                                                               \
    }

#define OUR_FN(name, expression)                                                                   \
    static uint64_t our_##name(uint64_t a, uint64_t b, uint64_t c, FloatStatus *st)                \
    {                                                                                              \
        return expression;                                                                         \
    }

HOST_FN(add_s, "addss %[b], %[a]")
OUR_FN(add_s, float_add(FLOAT32, a, b, st))
HOST_FN(add_d, "addsd %[b], %[a]")
OUR_FN(add_d, float_add(FLOAT64, a, b, st))
HOST_FN(sub_s, "subss %[b], %[a]")
OUR_FN(sub_s, float_sub(FLOAT32, a, b, st))
HOST_FN(sub_d, "subsd %[b], %[a]")
OUR_FN(sub_d, float_sub(FLOAT64, a, b, st))
HOST_FN(mul_s, "mulss %[b], %[a]")
OUR_FN(mul_s, float_mul(FLOAT32, a, b, st))
HOST_FN(mul_d, "mulsd %[b], %[a]")
OUR_FN(mul_d, float_mul(FLOAT64, a, b, st))
HOST_FN(div_s, "divss %[b], %[a]")
OUR_FN(div_s, float_div(FLOAT32, a, b, st))
HOST_FN(div_d, "divsd %[b], %[a]")
OUR_FN(div_d, float_div(FLOAT64, a, b, st))
HOST_FN(sqrt_s, "sqrtss %[a], %[a]")
OUR_FN(sqrt_s, float_sqrt(FLOAT32, a, st))
HOST_FN(sqrt_d, "sqrtsd %[a], %[a]")
OUR_FN(sqrt_d, float_sqrt(FLOAT64, a, st))

HOST_FN(fmadd_s, "vfmadd213ss %[c], %[b], %[a]")
OUR_FN(fmadd_s, float_muladd(FLOAT32, a, b, c, 0, st))
HOST_FN(fmadd_d, "vfmadd213sd %[c], %[b], %[a]")
OUR_FN(fmadd_d, float_muladd(FLOAT64, a, b, c, 0, st))
HOST_FN(fmsub_d, "vfmsub213sd %[c], %[b], %[a]")
OUR_FN(fmsub_d, float_muladd(FLOAT64, a, b, c, FLOAT_NEGATE_ADDEND, st))
HOST_FN(fnmsub_d, "vfnmadd213sd %[c], %[b], %[a]")
OUR_FN(fnmsub_d, float_muladd(FLOAT64, a, b, c, FLOAT_NEGATE_PRODUCT, st))
HOST_FN(fnmadd_d, "vfnmsub213sd %[c], %[b], %[a]")
OUR_FN(fnmadd_d, float_muladd(FLOAT64, a, b, c, FLOAT_NEGATE_PRODUCT | FLOAT_NEGATE_ADDEND, st))

HOST_FN(eq_s, "cmpeqss %[b], %[a]")
OUR_FN(eq_s, -(uint64_t)float_eq(FLOAT32, a, b, st))
HOST_FN(eq_d, "cmpeqsd %[b], %[a]")
OUR_FN(eq_d, -(uint64_t)float_eq(FLOAT64, a, b, st))
HOST_FN(lt_s, "cmpltss %[b], %[a]")
OUR_FN(lt_s, -(uint64_t)float_lt(FLOAT32, a, b, st))
HOST_FN(lt_d, "cmpltsd %[b], %[a]")
OUR_FN(lt_d, -(uint64_t)float_lt(FLOAT64, a, b, st))
HOST_FN(le_s, "cmpless %[b], %[a]")
OUR_FN(le_s, -(uint64_t)float_le(FLOAT32, a, b, st))
HOST_FN(le_d, "cmplesd %[b], %[a]")
OUR_FN(le_d, -(uint64_t)float_le(FLOAT64, a, b, st))

HOST_FN(s_to_d, "cvtss2sd %[a], %[a]")
OUR_FN(s_to_d, float_convert(FLOAT32, FLOAT64, a, st))
HOST_FN(d_to_s, "cvtsd2ss %[a], %[a]")
OUR_FN(d_to_s, float_convert(FLOAT64, FLOAT32, a, st))
HOST_FN(s_to_h, "vcvtps2ph $4, %[a], %[a]")
OUR_FN(s_to_h, float_convert(FLOAT32, FLOAT16, a, st))
HOST_FN(h_to_s, "vcvtph2ps %[a], %[a]")
OUR_FN(h_to_s, float_convert(FLOAT16, FLOAT32, a, st))

HOST_FN(s_to_w, "cvtss2si %[a], %%eax; movd %%eax, %[a]")
OUR_FN(s_to_w, float_to_int(FLOAT32, a, 32, st))
HOST_FN(d_to_w, "cvtsd2si %[a], %%eax; movd %%eax, %[a]")
OUR_FN(d_to_w, float_to_int(FLOAT64, a, 32, st))
HOST_FN(s_to_l, "cvtss2si %[a], %%rax; movq %%rax, %[a]")
OUR_FN(s_to_l, float_to_int(FLOAT32, a, 64, st))
HOST_FN(d_to_l, "cvtsd2si %[a], %%rax; movq %%rax, %[a]")
OUR_FN(d_to_l, float_to_int(FLOAT64, a, 64, st))
HOST_FN(l_to_s, "movq %[a], %%rax; cvtsi2ssq %%rax, %[a]")
OUR_FN(l_to_s, float_from_int(FLOAT32, a, st))
HOST_FN(l_to_d, "movq %[a], %%rax; cvtsi2sdq %%rax, %[a]")
OUR_FN(l_to_d, float_from_int(FLOAT64, a, st))

HOST_FN(fround_s, "roundss $12, %[a], %[a]")
OUR_FN(fround_s, float_round_to_int(FLOAT32, a, false, st))
HOST_FN(froundnx_d, "roundsd $4, %[a], %[a]")
OUR_FN(froundnx_d, float_round_to_int(FLOAT64, a, true, st))

typedef enum ResultKind {
    RESULT_NUMBER,  /* of a format: a NaN counts as the canonical one */
    RESULT_INTEGER, /* not compared if the operation was invalid */
    RESULT_MASK,
} ResultKind;

typedef struct HostCase {
    const char *name;
    HostFn *host;
    FloatFn *our;
    ResultKind kind;
    unsigned operand_bits; /* 16, 32, 64: a float; 0: a 64-bit integer */
    unsigned result_bits;
    bool is_fma;
    bool is_f16c;
} HostCase;

static const HostCase cases[] = {
    {"fadd.s", host_add_s, our_add_s, RESULT_NUMBER, 32, 32},
    {"fadd.d", host_add_d, our_add_d, RESULT_NUMBER, 64, 64},
    {"fsub.s", host_sub_s, our_sub_s, RESULT_NUMBER, 32, 32},
    {"fsub.d", host_sub_d, our_sub_d, RESULT_NUMBER, 64, 64},
    {"fmul.s", host_mul_s, our_mul_s, RESULT_NUMBER, 32, 32},
    {"fmul.d", host_mul_d, our_mul_d, RESULT_NUMBER, 64, 64},
    {"fdiv.s", host_div_s, our_div_s, RESULT_NUMBER, 32, 32},
    {"fdiv.d", host_div_d, our_div_d, RESULT_NUMBER, 64, 64},
    {"fsqrt.s", host_sqrt_s, our_sqrt_s, RESULT_NUMBER, 32, 32},
    {"fsqrt.d", host_sqrt_d, our_sqrt_d, RESULT_NUMBER, 64, 64},
    {"fmadd.s", host_fmadd_s, our_fmadd_s, RESULT_NUMBER, 32, 32, .is_fma = true},
    {"fmadd.d", host_fmadd_d, our_fmadd_d, RESULT_NUMBER, 64, 64, .is_fma = true},
    {"fmsub.d", host_fmsub_d, our_fmsub_d, RESULT_NUMBER, 64, 64, .is_fma = true},
    {"fnmsub.d", host_fnmsub_d, our_fnmsub_d, RESULT_NUMBER, 64, 64, .is_fma = true},
    {"fnmadd.d", host_fnmadd_d, our_fnmadd_d, RESULT_NUMBER, 64, 64, .is_fma = true},
    {"feq.s", host_eq_s, our_eq_s, RESULT_MASK, 32, 32},
    {"feq.d", host_eq_d, our_eq_d, RESULT_MASK, 64, 64},
    {"flt.s", host_lt_s, our_lt_s, RESULT_MASK, 32, 32},
    {"flt.d", host_lt_d, our_lt_d, RESULT_MASK, 64, 64},
    {"fle.s", host_le_s, our_le_s, RESULT_MASK, 32, 32},
    {"fle.d", host_le_d, our_le_d, RESULT_MASK, 64, 64},
    {"fcvt.d.s", host_s_to_d, our_s_to_d, RESULT_NUMBER, 32, 64},
    {"fcvt.s.d", host_d_to_s, our_d_to_s, RESULT_NUMBER, 64, 32},
    {"fcvt.h.s", host_s_to_h, our_s_to_h, RESULT_NUMBER, 32, 16, .is_f16c = true},
    {"fcvt.s.h", host_h_to_s, our_h_to_s, RESULT_NUMBER, 16, 32, .is_f16c = true},
    {"fcvt.w.s", host_s_to_w, our_s_to_w, RESULT_INTEGER, 32, 32},
    {"fcvt.w.d", host_d_to_w, our_d_to_w, RESULT_INTEGER, 64, 32},
    {"fcvt.l.s", host_s_to_l, our_s_to_l, RESULT_INTEGER, 32, 64},
    {"fcvt.l.d", host_d_to_l, our_d_to_l, RESULT_INTEGER, 64, 64},
    {"fcvt.s.l", host_l_to_s, our_l_to_s, RESULT_NUMBER, 0, 32},
    {"fcvt.d.l", host_l_to_d, our_l_to_d, RESULT_NUMBER, 0, 64},
    {"fround.s", host_fround_s, our_fround_s, RESULT_NUMBER, 32, 32},
    {"froundnx.d", host_froundnx_d, our_froundnx_d, RESULT_NUMBER, 64, 64},
};

static FloatFormat format_of(unsigned bits)
{
    return bits == 16 ? FLOAT16 : bits == 32 ? FLOAT32 : FLOAT64;
}

/* MXCSR with all exceptions masked, no flag, and rounding mode @rm (one of the first four). */
static uint32_t mxcsr_of(FloatRoundMode rm)
{
    static const uint8_t rc[] = {
        [FLOAT_RM_RNE] = 0, [FLOAT_RM_RDN] = 1, [FLOAT_RM_RUP] = 2, [FLOAT_RM_RTZ] = 3};

    return 0x1f80 | rc[rm] << 13;
}

static unsigned fflags_of(uint32_t mxcsr)
{
    return (mxcsr & 0x01 ? FLOAT_FLAG_NV : 0) | (mxcsr & 0x04 ? FLOAT_FLAG_DZ : 0) |
           (mxcsr & 0x08 ? FLOAT_FLAG_OF : 0) | (mxcsr & 0x10 ? FLOAT_FLAG_UF : 0) |
           (mxcsr & 0x20 ? FLOAT_FLAG_NX : 0);
}

static uint64_t rand_operand(const HostCase *hc)
{
    return hc->operand_bits ? fpu_test_rand_operand(format_of(hc->operand_bits)) :
                              fpu_test_rand() >> (fpu_test_rand() % 64);
}

/* An addend about as large as the product, and half the time of the other sign: cancellation. */
static uint64_t near_product(const HostCase *hc, uint64_t a, uint64_t b)
{
    FloatStatus st = {.rm = FLOAT_RM_RTZ};
    FloatFormat fmt = format_of(hc->operand_bits);
    uint64_t r = fpu_test_rand();

    return float_mul(fmt, a, b, &st) ^ (r & float_sign_mask(fmt)) ^ (r >> 32) % 8;
}

static void compare(const HostCase *hc, uint64_t a, uint64_t b, uint64_t c, FloatRoundMode rm)
{
    uint64_t mask = UINT64_MAX >> (64 - hc->result_bits);
    uint32_t mxcsr = mxcsr_of(rm);
    FloatStatus st = {.rm = rm};
    uint64_t expected = hc->host(a, b, c, &mxcsr) & mask;
    uint64_t result = hc->our(a, b, c, &st) & mask;

    if (hc->kind == RESULT_NUMBER && float_is_nan(format_of(hc->result_bits), expected)) {
        expected = float_canonical_nan(format_of(hc->result_bits));
    }
    if (hc->kind == RESULT_INTEGER && (mxcsr & 1)) {
        expected = result;
    }
    if (result != expected || st.fflags != fflags_of(mxcsr)) {
        g_test_message("%s rm=%d a=%" PRIx64 " b=%" PRIx64 " c=%" PRIx64 ": result %" PRIx64
                       " flags %x, host %" PRIx64 " flags %x",
                       hc->name, rm, a, b, c, result, st.fflags, expected, fflags_of(mxcsr));
        g_test_fail();
    }
}

/* Where RISC-V raises NV and x86 does not; a quiet NaN is the addend. */
static bool is_inf_times_zero(const HostCase *hc, uint64_t a, uint64_t b)
{
    unsigned infs = FLOAT_CLASS_NEG_INF | FLOAT_CLASS_POS_INF;
    unsigned zeros = FLOAT_CLASS_NEG_ZERO | FLOAT_CLASS_POS_ZERO;
    unsigned both = float_classify(format_of(hc->operand_bits), a) |
                    float_classify(format_of(hc->operand_bits), b);

    return (both & infs) && (both & zeros);
}

static bool host_has(const HostCase *hc)
{
    unsigned needed = (hc->is_fma ? bit_FMA : 0) | (hc->is_f16c ? bit_F16C : 0);
    unsigned eax, ebx, ecx, edx;

    if (needed == 0) {
        return true;
    }
    /* "avx" includes that the system saves the registers. */
    return __builtin_cpu_supports("avx") && __get_cpuid(1, &eax, &ebx, &ecx, &edx) &&
           (ecx & needed) == needed;
}

static void test_case(gconstpointer data)
{
    const HostCase *hc = data;

    if (!host_has(hc)) {
        g_test_skip("the host has no such instruction");
        return;
    }
    for (unsigned i = 0; i < ROUNDS && !g_test_failed(); i++) {
        uint64_t a = rand_operand(hc);
        uint64_t b = rand_operand(hc);
        uint64_t c = hc->is_fma && i % 2 ? near_product(hc, a, b) : rand_operand(hc);

        if (hc->is_fma && is_inf_times_zero(hc, a, b)) {
            continue;
        }
        for (FloatRoundMode rm = FLOAT_RM_RNE; rm <= FLOAT_RM_RUP; rm++) {
            compare(hc, a, b, c, rm);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/util/fpu/host/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    return g_test_run();
}
