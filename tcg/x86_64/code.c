/* SPDX-License-Identifier: MIT */
/*
 * From allocated ops to a piece of code: the walk, calls, prologue and thunks, links.
 *
 * Layout of a piece: main path, then stubs (stub.c).
 *
 * Threads: a HostEmitter belongs to its context; the prologue is made once.
 */
#include "qemu/osdep.h"
#include <cpuid.h>

#include "emit.h"
#include "qemu/log.h"

X86Features x86_features;
TCGPrologue x86_prologue;

#define INT_REGS                                                                                   \
    (1u << RCX | 1u << RBX | 1u << RSI | 1u << RDI | 1u << R8 | 1u << R9 | 1u << R10 | 1u << R11 | \
     1u << R12 | 1u << R13 | 1u << R14 | 1u << R15)
#define FP_REGS (0x3fffu << XMM0) /* xmm0 to xmm13 */

const uint32_t host_class_regs[2] = {[TCG_CLASS_INT] = INT_REGS, [TCG_CLASS_FP] = FP_REGS};
const uint32_t host_count_reg = 1u << X86_COUNT_REG;
const uint32_t host_call_clobbered = FP_REGS | 1u << RCX | 1u << RSI | 1u << RDI | 1u << R8 |
                                     1u << R9 | 1u << R10 | 1u << R11;

const uint8_t host_scratch[2] = {[TCG_CLASS_INT] = RAX, [TCG_CLASS_FP] = X86_XMM_SCRATCH};

const HostOpDef host_op_defs[TCG_NB_OPS] = {
#define X86_OP(name, how) [TCG_OP_##name] = {.constraint = how, .gen = tgen_##name},
#define X86_CALL(name)
#include "constraints.def"
#undef X86_OP
#undef X86_CALL
};

/* ---- the processor --------------------------------------------------------------------------- */

/* CPUID 80000001h: clang 14's __builtin_cpu_supports() has no name for it. */
static bool has_lzcnt(void)
{
    unsigned eax, ebx, ecx, edx;

    return __get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) && (ecx & bit_LZCNT);
}

bool x86_cpu_detect(void)
{
    __builtin_cpu_init();
    x86_features.bmi1 = __builtin_cpu_supports("bmi") != 0;
    x86_features.bmi2 = __builtin_cpu_supports("bmi2") != 0;
    x86_features.lzcnt = has_lzcnt();
    x86_features.fma = __builtin_cpu_supports("fma") != 0;
    return __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("sse4.1");
}

bool tcg_host_available(void)
{
    return x86_cpu_detect();
}

void tcg_host_init(TCGContext *c)
{
    HostEmitter *e = g_new0(HostEmitter, 1);

    e->layout = c->layout;
    e->ra.c = c;
    e->ra.e = e;
    ra_init(&e->ra);
    c->host = e;
}

void tcg_host_finalize(TCGContext *c)
{
    g_free(c->host);
    c->host = NULL;
}

/* ---- what the allocator asks for ------------------------------------------------------------- */

void host_mov(RAContext *ra, TCGClass cls, unsigned dst, unsigned src)
{
    if (cls == TCG_CLASS_FP) {
        x86_movaps(assembler(ra), dst, src);
    } else {
        x86_mov_rr(assembler(ra), true, dst, src);
    }
}

void host_mov32(RAContext *ra, unsigned dst, unsigned src)
{
    x86_mov_rr(assembler(ra), false, dst, src);
}

void host_load_imm(RAContext *ra, TCGClass cls, unsigned dst, uint64_t imm)
{
    X86Asm *a = assembler(ra);

    if (cls == TCG_CLASS_INT) {
        x86_mov_ri(a, dst, imm);
    } else if (imm == 0) {
        x86_sse_logic(a, SSE_XOR, dst, dst);
    } else {
        x86_mov_ri(a, RAX, imm);
        x86_movq_xr(a, true, dst, RAX);
    }
}

static void load_mem(X86Asm *a, unsigned dst, X86Mem m)
{
    if (is_xmm(dst)) {
        x86_movq_xm(a, dst, m);
    } else {
        x86_mov_rm(a, true, dst, m);
    }
}

static void store_mem(X86Asm *a, X86Mem m, unsigned src)
{
    if (is_xmm(src)) {
        x86_movq_mx(a, m, src);
    } else {
        x86_mov_mr(a, true, m, src);
    }
}

void host_load_env(RAContext *ra, TCGClass cls, unsigned dst, int32_t offset)
{
    load_mem(assembler(ra), dst, env_mem(ra->e, offset));
}

void host_store_env(RAContext *ra, TCGClass cls, int32_t offset, unsigned src)
{
    store_mem(assembler(ra), env_mem(ra->e, offset), src);
}

void host_store_env_imm(RAContext *ra, int32_t offset, uint64_t imm)
{
    x86_store_imm64(assembler(ra), env_mem(ra->e, offset), imm);
}

void host_load_slot(RAContext *ra, TCGClass cls, unsigned dst, unsigned slot)
{
    load_mem(assembler(ra), dst, slot_mem(slot));
}

void host_store_slot(RAContext *ra, TCGClass cls, unsigned slot, unsigned src)
{
    store_mem(assembler(ra), slot_mem(slot), src);
}

void x86_store_imm64(X86Asm *a, X86Mem m, uint64_t imm)
{
    if ((int64_t)imm == (int32_t)imm) {
        x86_mov_mi(a, true, m, (int32_t)imm);
    } else {
        x86_mov_ri(a, RAX, imm);
        x86_mov_mr(a, true, m, RAX);
    }
}

void x86_load_arg(RAContext *ra, bool w, unsigned dst, const HostArg *arg)
{
    X86Asm *a = assembler(ra);

    switch (arg->kind) {
    case HOST_REG:
        if (is_xmm(arg->reg)) {
            x86_movq_rx(a, w, dst, arg->reg);
        } else if (arg->reg != dst || !w) {
            x86_mov_rr(a, w, dst, arg->reg);
        }
        break;
    case HOST_IMM:
        x86_mov_ri(a, dst, w ? arg->imm : (uint32_t)arg->imm);
        break;
    case HOST_MEM:
        x86_mov_rm(a, w, dst, env_mem(ra->e, arg->disp));
        break;
    default:
        x86_mov_rm(a, w, dst, slot_mem((unsigned)arg->disp));
        break;
    }
}

/* ---- instructions and labels ----------------------------------------------------------------- */

void host_insn_start(RAContext *ra)
{
    HostEmitter *e = ra->e;

    if (e->nmarks < X86_MAX_MARKS && e->mark[e->nmarks - 1].pc != ra->insn_pc) {
        e->mark[e->nmarks++] =
            (TCGInsnMark){.pc = ra->insn_pc, .offset = (uint32_t)(e->a.ptr - e->start)};
    }
}

void host_label(RAContext *ra, unsigned label)
{
    ra->e->label_at[label] = assembler(ra)->ptr;
}

void host_label_alias(RAContext *ra, unsigned label, unsigned other)
{
    ra->e->label_at[label] = ra->e->label_at[other];
}

void x86_jump_to_label(RAContext *ra, uint8_t *at, unsigned label)
{
    HostEmitter *e = ra->e;

    if (e->njumps == X86_MAX_JUMPS) {
        e->limit = true;
        return;
    }
    e->jump[e->njumps].at = at;
    e->jump[e->njumps++].label = (uint16_t)label;
}

void host_jump(RAContext *ra, unsigned label)
{
    x86_jump_to_label(ra, x86_jmp32(assembler(ra)), label);
}

/* ---- calls ----------------------------------------------------------------------------------- */

void x86_jmp_prologue(RAContext *ra, const uint8_t *target)
{
    if (x86_room(assembler(ra))) {
        x86_byte(assembler(ra), 0xe9);
        x86_put_rel32(ra->e, target);
    }
}

void x86_call_c(RAContext *ra, const void *func)
{
    X86Asm *a = assembler(ra);
    intptr_t rel;

    if (!x86_room(a)) {
        return;
    }
    rel = (intptr_t)func - (intptr_t)(a->ptr + 5 + ra->e->rx_delta);
    if (rel == (int32_t)rel) {
        x86_byte(a, 0xe8);
        x86_long(a, (uint32_t)rel);
    } else {
        x86_mov_ri(a, RAX, (uintptr_t)func);
        x86_call_reg(a, RAX);
    }
}

static const uint8_t arg_regs[6] = {RDI, RSI, RDX, RCX, R8, R9};

typedef struct ArgMove {
    uint8_t dst;
    bool w, done;
    HostArg src;
} ArgMove;

static bool is_read_by_others(const ArgMove *moves, unsigned n, unsigned self, unsigned reg)
{
    for (unsigned i = 0; i < n; i++) {
        if (i != self && !moves[i].done && moves[i].src.kind == HOST_REG &&
            moves[i].src.reg == reg) {
            return true;
        }
    }
    return false;
}

/*
 * Moves into argument registers as if all at once. Registers first, in an order in which none is
 * overwritten before it is read; a cycle is cut by way of rax. What comes from elsewhere reads no
 * argument register.
 */
static void move_args(RAContext *ra, ArgMove *moves, unsigned n)
{
    unsigned left = 0;

    for (unsigned i = 0; i < n; i++) {
        left += moves[i].src.kind == HOST_REG;
    }
    while (left) {
        bool moved = false;

        for (unsigned i = 0; i < n; i++) {
            ArgMove *m = &moves[i];

            if (m->done || m->src.kind != HOST_REG || is_read_by_others(moves, n, i, m->dst)) {
                continue;
            }
            x86_load_arg(ra, m->w, m->dst, &m->src);
            m->done = moved = true;
            left--;
        }
        if (!moved) {
            for (unsigned i = 0; i < n; i++) {
                if (!moves[i].done && moves[i].src.kind == HOST_REG) {
                    x86_mov_rr(assembler(ra), true, RAX, moves[i].src.reg);
                    moves[i].src.reg = RAX;
                    break;
                }
            }
        }
    }
    for (unsigned i = 0; i < n; i++) {
        if (!moves[i].done) {
            x86_load_arg(ra, moves[i].w, moves[i].dst, &moves[i].src);
        }
    }
}

static void env_to_reg(RAContext *ra, unsigned dst)
{
    x86_lea(assembler(ra), true, dst, x86_mem(RBP, -ra->e->layout->env_bias));
}

static void call_helper(RAContext *ra, const TCGHelperInfo *info, const HostArg *in)
{
    ArgMove moves[6];
    unsigned n = 0, env_reg = X86_NO_REG;

    for (unsigned p = 0, k = 0; p < info->nparams; p++) {
        if (info->params[p] == 'e') {
            env_reg = arg_regs[p];
        } else {
            moves[n++] = (ArgMove){.dst = arg_regs[p], .w = info->params[p] != 'i', .src = in[k++]};
        }
    }
    move_args(ra, moves, n);
    if (env_reg != X86_NO_REG) {
        env_to_reg(ra, env_reg);
    }
    x86_call_c(ra, info->func);
}

/* call of a routine in the prologue */
static void call_prologue(RAContext *ra, const uint8_t *target)
{
    if (x86_room(assembler(ra))) {
        x86_byte(assembler(ra), 0xe8);
        x86_put_rel32(ra->e, target);
    }
}

/* An op without an emitter: x86_fp_op(env, what, operands). */
static void call_op(RAContext *ra, const TCGOp *op, const HostArg *in)
{
    uint64_t desc = op->opc | (uint64_t)op->type << 8 | (uint64_t)(uint32_t)op->imm[0] << 16;
    ArgMove moves[3];

    for (unsigned k = 0; k < op->nin; k++) {
        moves[k] = (ArgMove){.dst = arg_regs[k + 2], .w = true, .src = in[k]};
    }
    move_args(ra, moves, op->nin);
    env_to_reg(ra, RDI);
    x86_mov_ri(assembler(ra), RSI, desc);
    x86_call_c(ra, x86_fp_op);
}

void host_call(RAContext *ra, const TCGOp *op, const HostArg *in)
{
    HostEmitter *e = ra->e;

    e->result_is_32 = false;
    if (op->opc == TCG_OP_call) {
        const TCGHelperInfo *info = &ra->c->helpers[op->imm[0]];

        e->result_is_32 = info->ret == 'i';
        if (info->flags & TCG_HF_USES_FP) {
            /* it sees all flags in env, and may change them and the mode */
            call_prologue(ra, x86_prologue.fold_fp);
        }
        call_helper(ra, info, in);
        if (info->flags & TCG_HF_USES_FP) {
            x86_mov_mr(&e->a, true, x86_mem(RSP, FRAME_SAVE), RDX);
            call_prologue(ra, x86_prologue.load_fp);
            x86_mov_rm(&e->a, true, RDX, x86_mem(RSP, FRAME_SAVE));
        }
        if (!(info->flags & TCG_HF_PURE)) {
            x86_windows_close(e, 0);
        }
    } else {
        call_op(ra, op, in);
    }
}

void host_call_check(RAContext *ra)
{
    X86Asm *a = assembler(ra);

    x86_test_rr(a, true, RDX, RDX);
    x86_stub(ra, STUB_CALL, x86_jcc32(a, X86_NE));
}

void host_call_result(RAContext *ra, TCGClass cls, unsigned dst)
{
    if (cls == TCG_CLASS_FP) {
        x86_movq_xr(assembler(ra), true, dst, RAX);
    } else {
        x86_mov_rr(assembler(ra), !ra->e->result_is_32, dst, RAX);
    }
}

/* ---- a piece of code ------------------------------------------------------------------------- */

static void emitter_begin(HostEmitter *e, TCGCodeBuf *buf)
{
    e->a = (X86Asm){.ptr = buf->ptr, .end = buf->end};
    e->start = buf->ptr;
    e->rx_delta = buf->rx_delta;
    e->njumps = e->nstubs = 0;
    e->nlinks = 0;
    e->crossed = e->linked = 0;
    /* the first instruction's, also if it has no code; it has the entries of code that moves */
    e->mark[0] = (TCGInsnMark){.pc = e->ra.c->pc, .offset = 0};
    e->nmarks = 1;
    e->maps_len = 0;
    e->link_stubs = false;
    e->limit = false;
}

TCGResult tcg_host_compile(TCGContext *c, TCGCodeBuf *buf, TCGCode *code)
{
    HostEmitter *e = c->host;
    uint8_t *main_end;

    emitter_begin(e, buf);
    if (!e->knows_globals) {
        x86_learn_globals(c);
        e->knows_globals = true;
    }
    if (c->pcrel) {
        x86_pcrel_entry(e);
    }
    x86_windows_assign(e, c);
    x86_windows_close(e, 0);
    if (!ra_run(&e->ra)) {
        return TCG_E_LIMIT;
    }
    main_end = e->a.ptr;
    e->close_windows = main_end;
    if (e->nwindows) {
        x86_windows_close(e, 8);
        x86_ret(&e->a);
    }
    x86_emit_stubs(e);
    if (e->limit) {
        return TCG_E_LIMIT;
    }
    if (e->a.overflow) {
        return TCG_E_BUFFER;
    }
    for (unsigned i = 0; i < e->njumps; i++) {
        x86_patch32(e->jump[i].at, e->label_at[e->jump[i].label]);
    }
    *code = (TCGCode){
        .entry = e->start + e->rx_delta,
        .crossed = e->crossed,
        .linked = e->linked,
        .rw = e->start,
        .size = (uint32_t)(e->a.ptr - e->start),
        .main_size = (uint32_t)(main_end - e->start),
        .nmarks = e->nmarks,
        .marks = e->mark,
        .nlinks = e->nlinks,
    };
    memcpy(code->links, e->link, e->nlinks * sizeof(code->links[0]));
    buf->ptr = e->a.ptr;
    x86_log_code(c, code, e->rx_delta);
    return TCG_OK;
}

void tcg_link_set(uint8_t *code_rw, ptrdiff_t rx_delta, const TCGLinkSite *site, const void *target,
                  uint64_t phys_page)
{
    uint8_t *at = code_rw + site->jump_offset;
    const uint8_t *to = target ? target : at + site->unlinked + rx_delta;
    int32_t rel = (int32_t)(to - (at + 4 + rx_delta));

    if (target && site->guard) {
        __atomic_store_n((uint32_t *)(at - site->guard), (uint32_t)(phys_page >> 12),
                         __ATOMIC_RELEASE);
    }
    __atomic_store_n((int32_t *)at, rel, __ATOMIC_RELEASE);
}

/* ---- prologue -------------------------------------------------------------------------------- */

static const uint8_t pushed[] = {RBP, RBX, R12, R13, R14, R15};

static const uint64_t constants[X86_NB_CONSTS][2] = {
    [X86_CONST_SIGN64] = {UINT64_C(1) << 63},
    [X86_CONST_REST64] = {~(UINT64_C(1) << 63), UINT64_MAX},
    [X86_CONST_SIGN32] = {UINT64_C(1) << 31},
    [X86_CONST_REST32] = {~(UINT64_C(1) << 31), UINT64_MAX},
    [X86_CONST_BOX] = {UINT64_MAX << 32},
    [X86_CONST_NAN64] = {UINT64_C(0x7ff8000000000000)},
    [X86_CONST_NAN32] = {UINT64_C(0xffffffff7fc00000)},
};

/* MXCSR by RISC-V rounding mode; modes without an x86 twin are never used by inline code. */
static const uint32_t mxcsr_table[8] = {
    MXCSR_DEFAULT, MXCSR_DEFAULT | 0x6000, MXCSR_DEFAULT | 0x2000, MXCSR_DEFAULT | 0x4000,
    MXCSR_DEFAULT, MXCSR_DEFAULT,          MXCSR_DEFAULT,          MXCSR_DEFAULT,
};

/* fflags by MXCSR's flags: invalid 1, denormal 2 (no counterpart), zero 4, overflow 8, ... */
static void fill_fflags(uint8_t table[MXCSR_FLAGS + 1])
{
    for (unsigned i = 0; i <= MXCSR_FLAGS; i++) {
        table[i] = (uint8_t)((i & 1) << 4 | (i & 4) << 1 | (i & 8) >> 1 | (i & 0x10) >> 3 |
                             (i & 0x20) >> 5);
    }
}

static void put_data(X86Asm *a, const void *data, size_t size)
{
    memcpy(a->ptr, data, size);
    a->ptr += size;
}

/* What generated code reads. */
static void gen_tables(X86Asm *a, ptrdiff_t delta)
{
    const uint32_t usual = MXCSR_DEFAULT;
    uint8_t fflags[MXCSR_FLAGS + 1];

    a->ptr = (uint8_t *)ROUND_UP((uintptr_t)a->ptr, 64);
    x86_prologue.constants = a->ptr + delta;
    put_data(a, constants, sizeof(constants));
    x86_prologue.mxcsr_of_rm = a->ptr + delta;
    put_data(a, mxcsr_table, sizeof(mxcsr_table));
    fill_fflags(fflags);
    x86_prologue.fflags_of_mxcsr = a->ptr + delta;
    put_data(a, fflags, sizeof(fflags));
    x86_prologue.default_mxcsr = a->ptr + delta;
    put_data(a, &usual, sizeof(usual));
    a->ptr = (uint8_t *)ROUND_UP((uintptr_t)a->ptr, 16);
}

void x86_load_mxcsr(X86Asm *a, const TCGLayout *l, unsigned scratch)
{
    x86_rm(a, P_0F | 0xb6, false, RDX, x86_mem(RBP, l->fp_rm - l->env_bias));
    x86_alu_ri(a, X86_AND, false, RDX, 7);
    x86_mov_ri(a, scratch, (uintptr_t)x86_prologue.mxcsr_of_rm);
    x86_ldmxcsr(a, x86_mem_index(scratch, RDX, 2, 0));
}

/* Sticky flags into env; then the mode and flags that C code expects. @stack: how deep rsp is. */
static void gen_fold_fp(X86Asm *a, const TCGLayout *l, ptrdiff_t delta, int32_t stack)
{
    uint8_t *none;

    x86_stmxcsr(a, x86_mem(RSP, FRAME_MXCSR + stack));
    x86_mov_rm(a, false, RDX, x86_mem(RSP, FRAME_MXCSR + stack));
    x86_alu_ri(a, X86_AND, false, RDX, MXCSR_FLAGS);
    none = x86_jcc8(a, X86_E);
    x86_push(a, RCX);
    x86_mov_ri(a, RCX, (uintptr_t)x86_prologue.fflags_of_mxcsr);
    x86_rm(a, P_0F | 0xb6, false, RDX, x86_mem_index(RCX, RDX, 0, 0));
    x86_pop(a, RCX);
    x86_rm(a, P_BYTE | 0x08, false, RDX, x86_mem(RBP, l->fp_flags - l->env_bias));
    x86_patch8(none, a->ptr);
    x86_rip(a, P_0F | 0xae, 2, x86_prologue.default_mxcsr, delta);
}

static const uint8_t *gen_enter(X86Asm *a, const TCGLayout *l)
{
    const uint8_t *at = a->ptr;

    for (unsigned i = 0; i < G_N_ELEMENTS(pushed); i++) {
        x86_push(a, pushed[i]);
    }
    x86_alu_ri(a, X86_SUB, true, RSP, FRAME_SIZE);
    x86_lea(a, true, RBP, x86_mem(RDI, l->env_bias));
    if (l->counts) {
        x86_mov_rm(a, true, X86_COUNT_REG, x86_mem(RBP, l->icount - l->env_bias));
    }
    x86_load_mxcsr(a, l, R11);
    x86_jmp_reg(a, RSI);
    return at;
}

static const uint8_t *gen_epilogue(X86Asm *a, const TCGLayout *l, ptrdiff_t delta)
{
    const uint8_t *at = a->ptr;

    if (l->counts) {
        x86_mov_mr(a, true, x86_mem(RBP, l->icount - l->env_bias), X86_COUNT_REG);
    }
    gen_fold_fp(a, l, delta, 0);
    x86_alu_ri(a, X86_ADD, true, RSP, FRAME_SIZE);
    for (unsigned i = G_N_ELEMENTS(pushed); i-- > 0;) {
        x86_pop(a, pushed[i]);
    }
    x86_ret(a);
    return at;
}

static void gen_fp_routines(X86Asm *a, const TCGLayout *l, ptrdiff_t delta)
{
    x86_prologue.fold_fp = a->ptr + delta;
    gen_fold_fp(a, l, delta, 8);
    x86_ret(a);
    /* r11 is not an argument register, and what lived in it has been saved for the call */
    x86_prologue.load_fp = a->ptr + delta;
    x86_load_mxcsr(a, l, R11);
    x86_ret(a);
}

/*
 * The slow-path thunk: return address = a stub's data. Saves all registers by number, lets
 * x86_slow_path() work on them, loads them back and goes where it says.
 */
static const uint8_t *gen_slow(X86Asm *a, bool with_xmm)
{
    const uint8_t *at = a->ptr;
    uint32_t saved = INT_REGS | 1u << RDX | 1u << RBP | (with_xmm ? FP_REGS : 0);

    x86_pop(a, RAX);
    for (uint32_t todo = saved; todo; todo &= todo - 1) {
        unsigned reg = (unsigned)__builtin_ctz(todo);

        store_mem(a, x86_mem(RSP, FRAME_SAVE + 8 * (int32_t)reg), reg);
    }
    x86_lea(a, true, RDI, x86_mem(RSP, FRAME_SAVE));
    x86_mov_rr(a, true, RSI, RAX);
    x86_mov_ri(a, RAX, (uintptr_t)x86_slow_path);
    x86_call_reg(a, RAX);
    for (uint32_t todo = saved; todo; todo &= todo - 1) {
        unsigned reg = (unsigned)__builtin_ctz(todo);

        load_mem(a, reg, x86_mem(RSP, FRAME_SAVE + 8 * (int32_t)reg));
    }
    x86_jmp_reg(a, RAX);
    return at;
}

/* The way out of a link: all globals are in env, so that nothing need be saved. */
static const uint8_t *gen_link_exit(X86Asm *a, ptrdiff_t delta)
{
    const uint8_t *at = a->ptr;

    x86_pop(a, RSI);
    x86_mov_rr(a, true, RDI, RBP);
    x86_mov_ri(a, RAX, (uintptr_t)x86_link_exit);
    x86_call_reg(a, RAX);
    x86_byte(a, 0xe9);
    x86_long(a, (uint32_t)(x86_prologue.epilogue - (a->ptr + 4 + delta)));
    return at;
}

TCGPrologue *tcg_prologue_gen(const TCGLayout *layout, TCGCodeBuf *buf)
{
    X86Asm a = {.ptr = buf->ptr, .end = buf->end};
    ptrdiff_t delta = buf->rx_delta;

    x86_prologue.layout = layout;
    gen_tables(&a, delta);
    x86_prologue.enter = (void *)(gen_enter(&a, layout) + delta);
    x86_prologue.epilogue_rdx = a.ptr + delta;
    x86_mov_rr(&a, true, RAX, RDX);
    x86_prologue.epilogue = gen_epilogue(&a, layout, delta) + delta;
    gen_fp_routines(&a, layout, delta);
    x86_prologue.link_exit = gen_link_exit(&a, delta) + delta;
    x86_prologue.slow = gen_slow(&a, false) + delta;
    x86_prologue.slow_xmm = gen_slow(&a, true) + delta;
    g_assert(!a.overflow);
    buf->ptr = a.ptr;
    return &x86_prologue;
}

uint64_t tcg_exec(const TCGPrologue *p, const void *entry, void *env)
{
    return p->enter(env, entry);
}
