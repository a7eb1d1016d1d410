/* SPDX-License-Identifier: MIT */
/*
 * What the files of the x86-64 back end share.
 *
 * Conventions inside generated code: rbp = env + layout.env_bias, rsp = frame (16-byte aligned, the
 * same for all code, so that blocks jump to each other), rax, rdx and xmm14, xmm15 are scratch
 * between ops, the rest is the allocator's.
 *
 * Frame, from rsp: spill slots, windows (window.c), then the area where thunks save registers (by
 * register number).
 */
#ifndef TCG_X86_64_EMIT_H
#define TCG_X86_64_EMIT_H

#include "../interp.h"
#include "../regalloc.h"
#include "asm.h"

#define FRAME_SLOTS 0
#define FRAME_WINDOWS (FRAME_SLOTS + HOST_SLOTS * 8)
#define FRAME_SAVE (FRAME_WINDOWS + X86_WINDOWS * X86_WINDOW_SIZE)
#define FRAME_MXCSR (FRAME_SAVE + HOST_MAX_REGS * 8)
/* rsp is 8 below a multiple of 16 at entry; six registers are pushed */
#define FRAME_SIZE (FRAME_MXCSR + 16 + 8)

#define X86_WINDOWS 10
#define X86_WINDOW_SIZE 24

#define X86_MAX_STUBS 512
#define X86_MAX_MARKS 512 /* further ones belong to the last */
#define X86_MAX_JUMPS (3 * TCG_MAX_BLOCKS)

/* What a stub asks of x86_slow_path(). */
typedef enum StubKind {
    STUB_LD,
    STUB_ST,
    STUB_RMW,
    STUB_CAS,
    STUB_EXIT, /* leave with a given status */
    STUB_CALL, /* leave with the status that a helper returned in rdx */
    STUB_FP,   /* the exact path of an FP op: oi = op and type, disp = immediate */
    STUB_NAN,  /* no call: put the canonical NaN into dst; extra = double */
    STUB_ZERO, /* no call: put 0 into dst */
    /* Ends, where all globals are in env: the jump cannot go on at pc. */
    STUB_LINK,  /* leave with the cookie and slot extra */
    STUB_LEAVE, /* leave with status extra */
} StubKind;

/* Data of a stub; packed behind its call of the thunk: see stub.c. */
typedef struct StubData {
    uint8_t kind;
    uint8_t dst;      /* register of the result, or HOST_NO_REG */
    uint8_t addr;     /* register of the address */
    uint8_t val;      /* register of the value, or HOST_NO_REG: an immediate follows */
    uint8_t val2;     /* cas: register of the new value */
    uint8_t extra;    /* below 16: rmw: TCGRmwOp; exit, leave: TCGExit; link: slot */
    bool ends_haddrs; /* ld to cas: a list of host addresses that end follows */
    uint16_t insn_idx;
    int32_t disp;
    uint32_t oi;
    int32_t resume; /* from the data to the code that goes on */
    uint64_t pc;
} StubData;

#define STUB_PACKED_MAX 48
#define HADDRS_PACKED_MAX (5 + 2 + HOST_SLOTS)

/* What all stubs of a piece have in common, in front of them. */
typedef struct StubBase {
    uint64_t pc;     /* of the piece, as it was translated; times 2, plus 1 if it is PC-relative */
    uint64_t cookie; /* only there if there is a STUB_LINK */
} StubBase;

/* The upper two bits of an address of code are the same on every machine. */
static inline uint64_t stub_base_pc(const StubBase *base)
{
    return (uint64_t)((int64_t)base->pc >> 1);
}

typedef struct Stub {
    StubData data;
    uint8_t *jump;    /* displacement to direct here */
    uint8_t *more[3]; /* and others, or NULL */
    uint8_t *resume;  /* where the fast path goes on; NULL for exits */
    uint64_t imm;
    int32_t count_undo; /* first add this to the count */
    uint32_t map;       /* offset in maps */
    uint16_t map_len;
    bool uses_xmm; /* some xmm register holds a value */
    /*
     * First a check in the TLB, out of line: of an access whose shared check has failed, or whose
     * window is elsewhere (then @window is its number).
     */
    bool own_check;
    uint8_t window;
    uint16_t span;
    uint8_t *after_check; /* with @window: where rax is the addend */
    HostArg value;        /* without: what is stored */
    /* Host addresses that do not outlive what C may do: registers, and slots by number. */
    uint32_t haddr_regs;
    uint64_t haddr_slots[2];
} Stub;
QEMU_BUILD_BUG_ON(HOST_SLOTS > 128);

/* Constants beside the prologue, 16 bytes each. */
typedef enum X86Constant {
    X86_CONST_SIGN64,
    X86_CONST_REST64, /* all but the sign */
    X86_CONST_SIGN32,
    X86_CONST_REST32,
    X86_CONST_BOX,   /* upper half of a boxed F32 */
    X86_CONST_NAN64, /* canonical */
    X86_CONST_NAN32, /* boxed */
    X86_NB_CONSTS,
} X86Constant;

#define X86_XMM_SCRATCH (XMM0 + 14)
/* The instructions left, where code counts. C keeps it. */
#define X86_COUNT_REG R15

/* All exceptions masked, nearest, no flags: what the ABI promises to C code. */
#define MXCSR_DEFAULT 0x1f80u
#define MXCSR_FLAGS 0x3f

/* Addresses in the prologue, executable. */
struct TCGPrologue {
    const TCGLayout *layout;
    uint64_t (*enter)(void *env, const void *code);
    const uint8_t *epilogue;     /* rax = what tcg_exec() returns */
    const uint8_t *epilogue_rdx; /* rdx = the same */
    const uint8_t *constants;    /* X86Constant */
    const uint8_t *default_mxcsr;
    const uint8_t *mxcsr_of_rm;     /* MXCSR, four bytes, by RISC-V rounding mode */
    const uint8_t *fflags_of_mxcsr; /* fflags, a byte, by MXCSR's flags */
    const uint8_t *fold_fp; /* routine: sticky flags into env, default MXCSR; uses rdx, keeps rax */
    const uint8_t *load_fp; /* routine: MXCSR for env's rounding mode; uses rdx, keeps rax */
    const uint8_t *slow;    /* thunk: saves integer registers */
    const uint8_t *link_exit; /* thunk: leaves as a STUB_LINK or STUB_LEAVE says */
    const uint8_t *slow_xmm;  /* thunk: saves all registers */
};

struct HostEmitter {
    X86Asm a;
    RAContext ra;
    const TCGLayout *layout;
    ptrdiff_t rx_delta;
    uint8_t *start;
    uint8_t *label_at[HOST_MAX_LABELS];
    struct {
        uint8_t *at;
        uint16_t label;
    } jump[X86_MAX_JUMPS];
    unsigned njumps;
    Stub stub[X86_MAX_STUBS];
    unsigned nstubs;
    bool knows_globals; /* x86_learn_globals() has seen this context's */
    bool limit;         /* a table is full: TCG_E_LIMIT */
    bool result_is_32;  /* of the call being emitted */
    bool result_traps;
    TCGLinkSite link[TCG_MAX_SLOTS];
    uint8_t nlinks;
    uint8_t crossed, linked; /* as TCGCode's */
    uint8_t nwindows;
    uint8_t *close_windows; /* routine beside the stubs */
    unsigned nmarks;
    TCGInsnMark mark[X86_MAX_MARKS];
    uint32_t maps_len;
    uint8_t *base;   /* StubBase of the piece, where the main path ends */
    bool link_stubs; /* there is a STUB_LINK */
    uint8_t maps[32 * 1024];
};

/* What the host's processor has beyond x86-64-v2. Filled once by x86_cpu_detect(). */
typedef struct X86Features {
    bool bmi1, bmi2, lzcnt, fma;
} X86Features;
extern X86Features x86_features;
bool x86_cpu_detect(void);

extern TCGPrologue x86_prologue;

static inline HostEmitter *emitter(RAContext *ra)
{
    return ra->e;
}
static inline X86Asm *assembler(RAContext *ra)
{
    return &ra->e->a;
}
static inline X86Mem env_mem(const HostEmitter *e, int32_t offset)
{
    return x86_mem(RBP, offset - e->layout->env_bias);
}
static inline X86Mem slot_mem(unsigned slot)
{
    return x86_mem(RSP, FRAME_SLOTS + (int32_t)slot * 8);
}
static inline bool is_xmm(unsigned reg)
{
    return reg >= XMM0;
}

/* stub.c */
/* A stub for the present state; @jump is directed to it. NULL when the table is full. */
Stub *x86_stub(RAContext *ra, StubKind kind, uint8_t *jump);
/* Behind the main path. */
void x86_emit_stubs(HostEmitter *e);
/* Displacement from where the emitter is to executable @target. */
void x86_put_rel32(HostEmitter *e, const uint8_t *target);
/* The data of a stub and back; both return where they end. @from_base: bytes since the StubBase. */
uint8_t *x86_stub_pack(uint8_t *p, const StubData *d, uint32_t from_base, uint64_t base_pc);
const uint8_t *x86_stub_unpack(const uint8_t *p, StubData *d, StubBase *base);
/*
 * Over the list of host addresses at @p, which is there if the data say ends_haddrs. They are made
 * 0 among @regs, the saved registers, and in their slots.
 */
const uint8_t *x86_stub_end_haddrs(const uint8_t *p, uint64_t *regs);

/* code.c */
void x86_jump_to_label(RAContext *ra, uint8_t *at, unsigned label);
/* jmp to an address in the prologue */
void x86_jmp_prologue(RAContext *ra, const uint8_t *target);
/* call of a C function */
void x86_call_c(RAContext *ra, const void *func);
/* Store an immediate of 64 bits; uses rax if it does not fit. */
void x86_store_imm64(X86Asm *a, X86Mem m, uint64_t imm);
/* Load an operand of any kind into an integer register. */
void x86_load_arg(RAContext *ra, bool w, unsigned dst, const HostArg *arg);
/* MXCSR for env's rounding mode, no flags. Uses rdx and @scratch. */
void x86_load_mxcsr(X86Asm *a, const TCGLayout *l, unsigned scratch);

/* window.c: which op checks which window, from 1 (TCGOp.aux). */
void x86_windows_assign(HostEmitter *e, TCGContext *c);
/* Close all; @stack: how much deeper rsp is than in the code. */
void x86_windows_close(HostEmitter *e, int32_t stack);
/* Is addr + disp in the window? Returns the jump if not; behind it rax is the addend. */
uint8_t *x86_window_check(RAContext *ra, unsigned window, unsigned addr, int32_t disp);
/* rax = TLB entry, rdx = its page: move the window there; rax is the addend then. */
void x86_window_move(RAContext *ra, unsigned window, unsigned span);

/* mem.c: the access of @stub with a check in the TLB, then on; returns the jump where it fails. */
uint8_t *x86_own_check(RAContext *ra, const Stub *stub);

/* flow.c: cmp or test for @cond; the condition to branch on. */
X86Cond x86_compare(RAContext *ra, TCGType type, TCGCond cond, const HostArg *x, const HostArg *y);
/* The entries of PC-relative code: see TCGCode. */
void x86_pcrel_entry(HostEmitter *e);

/* disas.c: -d out_asm */
void x86_log_code(const TCGContext *c, const TCGCode *code, ptrdiff_t rx_delta);

/* slow.c */
/* Where globals live in env: told by each context, alike for all. */
void x86_learn_globals(const TCGContext *c);
uintptr_t x86_slow_path(uint64_t *regs, const uint8_t *data);
/* @base: the host's base register; the result is what tcg_exec() returns */
uint64_t x86_link_exit(uint8_t *base, const uint8_t *data);
uint64_t x86_fp_op(void *env, uint64_t desc, uint64_t a, uint64_t b, uint64_t c);

/* Emitters by op: tgen_<op>. */
#define X86_OP(name, constraint)                                                                   \
    void tgen_##name(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in);
#define X86_CALL(name)
#include "constraints.def"
#undef X86_OP
#undef X86_CALL

#endif
