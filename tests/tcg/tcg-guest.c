/* SPDX-License-Identifier: MIT */
/* See tcg-guest.h. Single thread. */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/jitmem.h"
#include "tcg-guest.h"

uint8_t guest_ram[GUEST_RAM_SIZE + (1 << GUEST_PAGE_BITS)] QEMU_ALIGNED(16);
static GuestTlbEntry guest_tlb[1 << GUEST_TLB_BITS];
static bool is_swapped; /* the two pages of RAM are mapped at each other's address */
static GuestJumpEntry guest_jc[1 << GUEST_JC_BITS];

uint64_t guest_random(uint64_t *state)
{
    /* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014) */
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void note(GuestEnv *env, uint64_t v)
{
    env->log = (env->log ^ v) * UINT64_C(0x100000001b3);
}

/* What slow paths see of the count. */
static uint64_t counted(const GuestEnv *env)
{
    return guest_layout.counts ? (uint64_t)env->icount << 16 | env->insn_idx : 0;
}

static bool is_page(uint64_t va, uint64_t page)
{
    return va >> GUEST_PAGE_BITS == page >> GUEST_PAGE_BITS;
}

/* RAM and ROM byte by byte (an access across a page gets here), the device; else a trap. */
static uint8_t *guest_byte(uint64_t va)
{
    uint64_t at = va - GUEST_RAM_VA;

    if (at >= sizeof(guest_ram)) {
        return NULL;
    }
    return &guest_ram[is_swapped && at < GUEST_RAM_SIZE ? at ^ 1 << GUEST_PAGE_BITS : at];
}

static void map(uint64_t va, bool writable)
{
    guest_tlb[va >> GUEST_PAGE_BITS & ((1 << GUEST_TLB_BITS) - 1)] = (GuestTlbEntry){
        .read = va,
        .write = writable ? va : va | 0x10,
        .addend = (uintptr_t)guest_byte(va) - va,
    };
}

/* Host addresses that were found before are wrong from now. */
static void swap_pages(void)
{
    is_swapped = !is_swapped;
    map(GUEST_RAM_VA, true);
    map(GUEST_RAM_VA + (1 << GUEST_PAGE_BITS), true);
}

static uint64_t extend(uint64_t v, MemOp op)
{
    const unsigned shift = 64 - 8 * memop_size(op);

    v <<= shift;
    return op & MO_SIGN ? (uint64_t)((int64_t)v >> shift) : v >> shift;
}

static uint64_t swap(uint64_t v, MemOp op)
{
    return memop_big_endian(op) ? bswap64(v) >> (64 - 8 * memop_size(op)) : v;
}

static TCGRet trap(GuestEnv *env, uint64_t va)
{
    env->fault_va = va;
    return (TCGRet){0, TCG_EXIT_TRAP};
}

static TCGRet guest_ld_slow(void *opaque, uint64_t va, MemOpIdx oi)
{
    GuestEnv *env = opaque;
    const MemOp op = get_memop(oi);
    uint64_t v = 0;

    if ((op & MO_ALIGN) && va % memop_size(op)) {
        return trap(env, va);
    }
    if (is_page(va, GUEST_DEVICE_VA)) {
        env->device += 3;
        return (TCGRet){extend(env->device ^ va ^ counted(env), op), 0};
    }
    for (unsigned i = 0; i < memop_size(op); i++) {
        if (!guest_byte(va + i)) {
            return trap(env, va);
        }
        v |= (uint64_t)*guest_byte(va + i) << 8 * i;
    }
    return (TCGRet){extend(swap(v, op), op), 0};
}

static TCGRet guest_st_slow(void *opaque, uint64_t va, uint64_t val, MemOpIdx oi)
{
    GuestEnv *env = opaque;
    const MemOp op = get_memop(oi);

    if ((op & MO_ALIGN) && va % memop_size(op)) {
        return trap(env, va);
    }
    if (is_page(va, GUEST_DEVICE_VA)) {
        /* Some registers change the memory map; one asks to leave. */
        if (va & 8) {
            swap_pages();
        }
        note(env, extend(val, op & ~MO_SIGN) ^ va ^ counted(env));
        return (TCGRet){0, (va & 0xff) == 0 ? TCG_EXIT_LEAVE : 0};
    }
    for (unsigned i = 0; i < memop_size(op); i++) {
        if (va + i - GUEST_RAM_VA >= GUEST_RAM_SIZE) {
            return trap(env, va);
        }
    }
    val = swap(extend(val, op & ~MO_SIGN), op);
    for (unsigned i = 0; i < memop_size(op); i++) {
        *guest_byte(va + i) = val >> 8 * i;
    }
    return (TCGRet){0, 0};
}

static TCGRet guest_rmw_slow(void *opaque, uint64_t va, uint64_t val, MemOpIdx oi, uint32_t op)
{
    if (!is_page(va, GUEST_DEVICE_VA)) {
        return trap(opaque, va);
    }
    note(opaque, va ^ extend(val, get_memop(oi) & ~MO_SIGN) ^ op ^ counted(opaque));
    return (TCGRet){extend(va + val, get_memop(oi)), 0};
}

static TCGRet guest_cas_slow(void *opaque, uint64_t va, uint64_t cmp, uint64_t val, MemOpIdx oi)
{
    if (!is_page(va, GUEST_DEVICE_VA)) {
        return trap(opaque, va);
    }
    note(opaque, va ^ extend(val, get_memop(oi) & ~MO_SIGN) ^ counted(opaque));
    return (TCGRet){extend(cmp, get_memop(oi)), 0};
}

static uint64_t helper_pure(uint64_t a, uint64_t b)
{
    return (a ^ b >> 7) * 31;
}

static uint64_t helper_log(void *env, uint32_t a, uint64_t b)
{
    note(env, a + b);
    return ((GuestEnv *)env)->log;
}

static TCGRet helper_trap(void *env, uint64_t a)
{
    note(env, a);
    return a % 8 == 0 ? trap(env, a) : (TCGRet){a / 8, 0};
}

static void helper_clobber(void *opaque)
{
    GuestEnv *env = opaque;

    note(env, env->x[1] ^ env->x[2]);
    env->x[2] += env->x[1];
    if (env->x[1] & 1) {
        env->x[3] = env->log;
    }
}

static uint32_t helper_field(void *opaque, uint32_t a)
{
    GuestEnv *env = opaque;

    return env->field[0] += a;
}

static uint64_t helper_count(void *env)
{
    return (uint64_t)((GuestEnv *)env)->icount;
}

static uint64_t helper_float(uint64_t f, uint64_t n)
{
    return f ^ n << 52;
}

static uint64_t helper_six(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    return a + 3 * b + 5 * c + 7 * d + 11 * e + 13 * f;
}

static const TCGHelper guest_helpers[] = {
    [GUEST_H_PURE] = {"pure", helper_pure, "lll", TCG_HF_PURE | TCG_HF_NO_MEM, 0, 0, 0},
    [GUEST_H_LOG] = {"log", helper_log, "leil", TCG_HF_NO_MEM, 0, 0, 0},
    [GUEST_H_TRAP] = {"trap", helper_trap, "lel", TCG_HF_TRAP, 0, 0, 0},
    [GUEST_H_CLOBBER] = {"clobber", helper_clobber, "ve", TCG_HF_NO_MEM, 0, 0x6, 0xc},
    [GUEST_H_FIELD] = {"field", helper_field, "iei", TCG_HF_NO_MEM, 1 << TCG_ALIAS_CSR, 0, 0},
    [GUEST_H_FLOAT] = {"float", helper_float, "ffl", TCG_HF_PURE | TCG_HF_NO_MEM, 0, 0, 0},
    [GUEST_H_SIX] = {"six", helper_six, "lllllll", TCG_HF_PURE | TCG_HF_NO_MEM, 0, 0, 0},
    [GUEST_H_COUNT] = {"count", helper_count, "le", TCG_HF_NO_MEM, 0, 0, 0},
    [GUEST_NR_HELPERS] = {NULL, NULL, NULL, 0, 0, 0, 0},
};

TCGLayout guest_layout = {
    .pc = offsetof(GuestEnv, pc),
    .poll = offsetof(GuestEnv, poll),
    .insn_idx = offsetof(GuestEnv, insn_idx),
    .icount = offsetof(GuestEnv, icount),
    .tlb_table = offsetof(GuestEnv, tlb),
    .tlb_bits = GUEST_TLB_BITS,
    .tlb_entry_bits = 5,
    .page_bits = GUEST_PAGE_BITS,
    .tlb_tag_read = offsetof(GuestTlbEntry, read),
    .tlb_tag_write = offsetof(GuestTlbEntry, write),
    .tlb_addend = offsetof(GuestTlbEntry, addend),
    .jc_table = offsetof(GuestEnv, jc),
    .jc_key = HOST_BIG_ENDIAN ? offsetof(GuestEnv, poll) : offsetof(GuestEnv, jc_key),
    .jc_bits = GUEST_JC_BITS,
    .fp_rm = offsetof(GuestEnv, rm),
    .fp_flags = offsetof(GuestEnv, fflags),
    .ld_slow = guest_ld_slow,
    .st_slow = guest_st_slow,
    .rmw_slow = guest_rmw_slow,
    .cas_slow = guest_cas_slow,
    .helpers = guest_helpers,
};

TCGContext *guest_context_new(void)
{
    static const char *const names[] = {"x0", "x1", "x2",  "x3",  "x4", "x5", "x6", "x7",
                                        "x8", "x9", "x10", "x11", "f0", "f1", "f2", "f3"};
    TCGContext *c = tcg_context_new(&guest_layout);

    QEMU_BUILD_BUG_ON(ARRAY_SIZE(names) != GUEST_NX + GUEST_NF);
    for (unsigned i = 0; i < GUEST_NX; i++) {
        tcg_global_new(c, TCG_I64, offsetof(GuestEnv, x) + 8 * i, names[i]);
    }
    for (unsigned i = 0; i < GUEST_NF; i++) {
        tcg_global_new(c, TCG_F64, offsetof(GuestEnv, f) + 8 * i, names[GUEST_NX + i]);
    }
    return c;
}

void guest_reset(GuestEnv *env, uint64_t seed)
{
    memset(env, 0, sizeof(*env));
    for (unsigned i = 0; i < GUEST_NX; i++) {
        const unsigned shift = guest_random(&seed) % 64;

        env->x[i] = guest_random(&seed) >> (seed % 3 ? shift : 0);
    }
    for (unsigned i = 0; i < GUEST_NF; i++) {
        env->f[i] = guest_random(&seed);
        env->f[i] |= seed % 3 == 0 ? UINT64_MAX << 32 : 0;
    }
    for (unsigned i = 0; i < GUEST_FIELDS; i++) {
        env->field[i] = guest_random(&seed);
    }
    env->rm = guest_random(&seed) % 4;
    env->icount = (int64_t)(guest_random(&seed) % 4000);
    env->poll = guest_random(&seed) % 16 == 0;
    for (unsigned i = 0; i < sizeof(guest_ram); i += 8) {
        stn_le_p(guest_ram + i, 8, guest_random(&seed));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(guest_tlb); i++) {
        guest_tlb[i] = (GuestTlbEntry){UINT64_MAX, UINT64_MAX, 0, 0};
        guest_jc[i] = (GuestJumpEntry){UINT64_MAX, UINT64_MAX, 0, 0};
    }
    is_swapped = true;
    swap_pages();
    map(GUEST_ROM_VA, false);
    env->tlb = guest_tlb;
    env->jc = guest_jc;
}

void guest_reset_plain(GuestEnv *env)
{
    guest_reset(env, 0);
    memset(env, 0, offsetof(GuestEnv, tlb));
    memset(guest_ram, 0, sizeof(guest_ram));
    for (unsigned i = 0; i < 4; i++) {
        env->x[i] = 11 * (i + 1);
    }
}

uint64_t guest_run(TCGContext *c, TCGOptLevel level, GuestEngine engine, GuestEnv *env,
                   TCGCode *code)
{
    static JitMem *jit;
    static TCGPrologue *prologue;
    static TCGCodeBuf start;
    static bool counts;
    TCGCodeBuf buf;
    TCGCode made;
    TCGResult result;

    if (!jit) {
        g_autoptr(GError) error = NULL;

        jit = jitmem_create(1 << 20, JITMEM_SPLIT_AUTO, &error);
        g_assert_no_error(error);
        start = (TCGCodeBuf){jit->rw, jit->rw + jit->size, jit->diff};
    }
    if (tcg_host_available() && (!prologue || counts != guest_layout.counts)) {
        start = (TCGCodeBuf){jit->rw, jit->rw + jit->size, jit->diff};
        prologue = tcg_prologue_gen(&guest_layout, &start);
        counts = guest_layout.counts;
    }
    buf = start;
    result = tcg_compile(c, level, engine == GUEST_INTERP, &buf, &made);
    g_assert_cmpint(result, ==, TCG_OK);
    if (code) {
        *code = made;
    }
    if (engine == GUEST_INTERP) {
        return tcg_interp(&guest_layout, made.entry, env);
    }
    jitmem_flush(jit, made.rw, made.size);
    return tcg_exec(prologue, made.entry, env);
}
