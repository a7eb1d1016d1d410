/* SPDX-License-Identifier: MIT */
/*
 * "-accel tcg": the accelerator as an object, its options, and the set-up of harts for it.
 *
 * Options: thread=multi|single, tb-size=MiB, split-wx=on|off|auto, one-insn-per-tb=on|off as QEMU;
 * cold=N and hot=N say when code is translated, and when it becomes a region. interp=on runs the
 * intermediate representation on its interpreter, optimise=off skips all passes and translates no
 * code for several addresses: both to find where a fault lies. chaos=SEED makes what is rare happen
 * often.
 *
 * Threads: set-up under the BQL. Tests: tests/unit/accel/tcg/, bad-input tests.
 */
#include "qemu/osdep.h"

#include <sys/mman.h>

#include "qemu/error.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "system/cpus.h"
#include "tcg-internal.h"

/* Address space set aside for code; pages are taken from the host as they are used. */
#define TB_SIZE_DEFAULT (256 * MiB)
#define TB_SIZE_MIN (1 * MiB)
#define TB_SIZE_MAX (2 * GiB - 64 * MiB) /* calls and jumps reach +-2 GiB */

/* A block of the usual size: each that a lookup passes by is a miss in the host's cache. */
#define TB_BYTES_PER_BUCKET 512

TCGAccel tcg_accel = {.optimise = true, .tb_size = TB_SIZE_DEFAULT};

static JitMemSplit split_wx = JITMEM_SPLIT_AUTO;

/* ---- tables ---------------------------------------------------------------------------------- */

void *tcg_table_new(size_t size, const char *what)
{
    void *p = qemu_map_aligned(size, size);

    if (p == MAP_FAILED) {
        g_error("no address space for a table of %s, %zu bytes", what, size);
    }
    madvise(p, size, MADV_HUGEPAGE); /* advice: without it a host is slower, no more */
    return p;
}

/* ---- a hart's set-up ------------------------------------------------------------------------- */

#define ENV_OFFSET(field) ((int32_t)offsetof(CPUTCGState, field))

QEMU_BUILD_BUG_ON(sizeof(CPUTLBEntry) != 1u << CPU_TLB_ENTRY_BITS);
QEMU_BUILD_BUG_ON(sizeof(CPUFetchTLBEntry) != 16);
QEMU_BUILD_BUG_ON(sizeof(CPUJumpCacheEntry) != 32);
QEMU_BUILD_BUG_ON(offsetof(CPUJumpCacheEntry, key) != 8);
/* the upper half of jc_key is the poll word */
QEMU_BUILD_BUG_ON(sizeof(CPUJumpKey) != 8 ||
                  offsetof(CPUJumpKey, poll) != (HOST_BIG_ENDIAN ? 0 : 4));
QEMU_BUILD_BUG_ON(TARGET_PAGE_BITS + CPU_TLB_BITS > 32);
QEMU_BUILD_BUG_ON(offsetof(CPUJumpCacheEntry, code) != 16);

static void layout_init(TCGLayout *layout, const TCGCPUOps *ops)
{
    *layout = (TCGLayout){
        /* short displacements reach 128 bytes down and 127 up */
        .env_bias = ENV_OFFSET(pc) + 128,
        .pc = ENV_OFFSET(pc),
        .poll = ENV_OFFSET(jump.poll),
        .insn_idx = ENV_OFFSET(insn_idx),
        .counts = tcg_accel.icount,
        .icount = ENV_OFFSET(icount_left),
        .tlb_table = ENV_OFFSET(tlb_table),
        .tlb_table_stride = sizeof(void *),
        .tlb_bits = CPU_TLB_BITS,
        .tlb_entry_bits = CPU_TLB_ENTRY_BITS,
        .page_bits = TARGET_PAGE_BITS,
        .tlb_tag_read = offsetof(CPUTLBEntry, tag_read),
        .tlb_tag_write = offsetof(CPUTLBEntry, tag_write),
        .tlb_addend = offsetof(CPUTLBEntry, addend),
        .fetch_tlb = ENV_OFFSET(fetch_tlb),
        .fetch_tlb_bits = CPU_FETCH_TLB_BITS,
        .jc_table = ENV_OFFSET(jc_table),
        .jc_key = ENV_OFFSET(jump),
        .jc_bits = CPU_JC_BITS,
        .hot_table = ENV_OFFSET(hot),
        .hot_bits = tcg_accel.hot ? CPU_HOT_BITS : 0,
        .hot_hit = ENV_OFFSET(hot_hit),
        .code_page = ENV_OFFSET(code_page),
        .fp_rm = ops->fp_rm,
        .fp_flags = ops->fp_flags,
        .ld_slow = tcg_ld_slow,
        .st_slow = tcg_st_slow,
        .rmw_slow = tcg_rmw_slow,
        .cas_slow = tcg_cas_slow,
        .helpers = ops->helpers,
    };
}

bool tcg_accel_init(const TCGCPUOps *ops, GError **error)
{
    TCGCodeBuf buf;

    if (tcg_accel.jitmem) {
        return true;
    }
    layout_init(&tcg_accel.layout, ops);
    tcg_accel.jitmem = jitmem_create(tcg_accel.tb_size, split_wx, error);
    if (!tcg_accel.jitmem) {
        return false;
    }
    buf = (TCGCodeBuf){
        .ptr = tcg_accel.jitmem->rw,
        .end = tcg_accel.jitmem->rw + tcg_accel.jitmem->size,
        .rx_delta = tcg_accel.jitmem->diff,
    };
    if (!tcg_accel.interp) {
        tcg_accel.prologue = tcg_prologue_gen(&tcg_accel.layout, &buf);
        jitmem_flush(tcg_accel.jitmem, tcg_accel.jitmem->rw,
                     (size_t)(buf.ptr - tcg_accel.jitmem->rw));
        perf_report_prologue(tcg_accel.jitmem->rw, (size_t)(buf.ptr - tcg_accel.jitmem->rw));
    }
    tcg_accel.code_base = tcg_accel.jitmem->rw;
    tb_code_init((uint64_t)(buf.ptr - tcg_accel.jitmem->rw));
    tcg_accel.bucket_mask = (uint32_t)(pow2ceil(tcg_accel.tb_size) / TB_BYTES_PER_BUCKET - 1);
    tcg_accel.buckets =
        tcg_table_new((tcg_accel.bucket_mask + UINT64_C(1)) * sizeof(TBRef), "blocks");
    ram_set_code_invalidate_hook(tb_invalidate_range);
    return true;
}

/*
 * Blocks and TLB entries know of breakpoints and watchpoints; harts are stopped while these change.
 */
static void tcg_debug_marks_changed(CPUState *cpu)
{
    tb_flush_stopped();
    tlb_flush(cpu);
}

bool tcg_cpu_realize(CPUState *cpu, GError **error)
{
    const TCGCPUOps *ops = CPU_GET_CLASS(cpu)->tcg_ops;
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv;
    bool is_first = !tcg_accel.jitmem;

    if (!tcg_accel_init(ops, error)) {
        return false;
    }
    /* all harts are there before the first one runs */
    tcg_accel.layout.one_hart = tcg_accel.single_thread || is_first;
    priv = g_new0(CPUTCGPrivate, 1);
    priv->ops = ops;
    priv->cpu = cpu;
    if (tcg_accel.chaos) {
        priv->chaos = MAX(tcg_accel.chaos * 2654435761u + (unsigned)cpu->cpu_index, 1);
    }
    env->priv = priv;
    env->cpu = cpu;
    region_counters_init(env);
    cpu->poll = &env->jump.poll;
    cpu->debug_marks_changed = tcg_debug_marks_changed;
    tlb_init(cpu);
    return true;
}

/* ---- the accelerator ------------------------------------------------------------------------- */

static bool tcg_create_vcpu_thread(CPUState *cpu, GError **error)
{
    return tcg_accel.single_thread ? rr_create_vcpu_thread(cpu, error) :
                                     mttcg_create_vcpu_thread(cpu, error);
}

static void tcg_kick_vcpu_thread(CPUState *cpu)
{
    qatomic_set_mb(&cpu->exit_request, true);
    cpu_wake(cpu);
}

static const AccelOpsClass tcg_accel_ops = {
    .create_vcpu_thread = tcg_create_vcpu_thread,
    .kick_vcpu_thread = tcg_kick_vcpu_thread,
};

/* The object that -accel tcg makes; what it is told ends up in tcg_accel by init_machine. */
#define TYPE_TCG_STATE "tcg" ACCEL_CLASS_SUFFIX
OBJECT_DECLARE_SIMPLE_TYPE(TCGState, TCG_STATE)

struct TCGState {
    AccelState parent_obj;
    uint32_t tb_size_mib; /* 0: default */
    int thread;           /* index in thread_names */
    bool thread_chosen;
    int split_wx; /* JitMemSplit */
    bool one_insn_per_tb;
    bool interp;
    bool optimise;
    uint32_t hot;
    uint32_t cold;
    uint32_t chaos;
};

enum {
    THREAD_MULTI,
    THREAD_SINGLE,
};
static const char *const thread_names[] = {"multi", "single"};
static const QEnumLookup thread_lookup = {.array = thread_names, .size = 2};
static const char *const split_names[] = {
    [JITMEM_SPLIT_AUTO] = "auto", [JITMEM_SPLIT_ON] = "on", [JITMEM_SPLIT_OFF] = "off"};
static const QEnumLookup split_lookup = {.array = split_names, .size = 3};

static bool tcg_init_machine(AccelState *accel, GError **error)
{
    TCGState *s = TCG_STATE(accel);
    uint64_t size = s->tb_size_mib ? s->tb_size_mib * MiB : TB_SIZE_DEFAULT;

    if (size < TB_SIZE_MIN || size > TB_SIZE_MAX) {
        error_setg(error, "tb-size=%u is out of range", s->tb_size_mib);
        error_append_hint(error, "give the size of the translation buffer in MiB, from %u to %u\n",
                          (unsigned)(TB_SIZE_MIN / MiB), (unsigned)(TB_SIZE_MAX / MiB));
        return false;
    }
    if (s->cold > TCG_COLD_ALWAYS) {
        error_setg(error, "cold=%u is out of range", s->cold);
        error_append_hint(error,
                          "give how often code runs before it is translated, up to 254; 255: it "
                          "never is\n");
        return false;
    }
    if (tcg_accel.icount && s->thread_chosen && s->thread != THREAD_SINGLE) {
        error_setg(error, "No MTTCG when icount is enabled");
        error_append_hint(error, "-icount needs thread=single.\n");
        return false;
    }
    tcg_accel.tb_size = size;
    tcg_accel.single_thread = tcg_accel.icount || s->thread == THREAD_SINGLE;
    tcg_accel.host_cpus = g_get_num_processors();
    tcg_accel.one_insn_per_tb = s->one_insn_per_tb;
    tcg_accel.interp = s->interp || !tcg_host_available();
    tcg_accel.optimise = s->optimise;
    tcg_accel.pcrel = s->optimise && !tcg_accel.interp;
    tcg_accel.hot = MIN(s->hot, INT32_MAX);
    tcg_accel.cold = s->cold;
    tcg_accel.chaos = s->chaos;
    split_wx = (JitMemSplit)s->split_wx;
    return true;
}

#define TCG_BOOL_PROPERTY(field)                                                                   \
    static bool tcg_get_##field(Object *obj, GError **error)                                       \
    {                                                                                              \
        return TCG_STATE(obj)->field;                                                              \
    }                                                                                              \
    static bool tcg_set_##field(Object *obj, bool value, GError **error)                           \
    {                                                                                              \
        TCG_STATE(obj)->field = value;                                                             \
        return true;                                                                               \
    }

#define TCG_ENUM_PROPERTY(field)                                                                   \
    static int tcg_get_##field(Object *obj, GError **error)                                        \
    {                                                                                              \
        return TCG_STATE(obj)->field;                                                              \
    }                                                                                              \
    static bool tcg_set_##field(Object *obj, int value, GError **error)                            \
    {                                                                                              \
        TCG_STATE(obj)->field = value;                                                             \
        return true;                                                                               \
    }

TCG_BOOL_PROPERTY(one_insn_per_tb)
TCG_BOOL_PROPERTY(interp)
TCG_BOOL_PROPERTY(optimise)
TCG_ENUM_PROPERTY(split_wx)

static int tcg_get_thread(Object *obj, GError **error)
{
    return TCG_STATE(obj)->thread;
}

static bool tcg_set_thread(Object *obj, int value, GError **error)
{
    TCG_STATE(obj)->thread = value;
    TCG_STATE(obj)->thread_chosen = true;
    return true;
}

static void tcg_accel_instance_init(Object *obj)
{
    TCGState *s = TCG_STATE(obj);

    s->optimise = true;
    s->hot = HOT_DEFAULT;
    s->cold = COLD_DEFAULT;
    object_property_add_uint32_ptr(obj, "tb-size", &s->tb_size_mib, OBJ_PROP_FLAG_READWRITE);
    object_property_set_description(obj, "tb-size", "TCG translation block cache size in MiB");
    object_property_add_uint32_ptr(obj, "hot", &s->hot, OBJ_PROP_FLAG_READWRITE);
    object_property_set_description(obj, "hot",
                                    "jumps after which code is translated as a region, 0: never");
    object_property_add_uint32_ptr(obj, "cold", &s->cold, OBJ_PROP_FLAG_READWRITE);
    object_property_set_description(obj, "cold",
                                    "how often code is run before it is translated (255: never)");
    object_property_add_uint32_ptr(obj, "chaos", &s->chaos, OBJ_PROP_FLAG_READWRITE);
    object_property_set_description(obj, "chaos",
                                    "test the emulator: forget TLB entries at random, translate "
                                    "all user code as if it moved (0: do not)");
}

static void tcg_accel_class_init(ObjectClass *oc, const void *data)
{
    AccelClass *ac = ACCEL_CLASS(oc);

    ac->ops = &tcg_accel_ops;
    ac->init_machine = tcg_init_machine;
    ac->print_info = tcg_info_jit;
    object_class_property_add_enum(oc, "thread", "TCGThread", &thread_lookup, tcg_get_thread,
                                   tcg_set_thread);
    object_class_property_set_description(oc, "thread", "one host thread a hart, or one for all");
    object_class_property_add_enum(oc, "split-wx", "OnOffAuto", &split_lookup, tcg_get_split_wx,
                                   tcg_set_split_wx);
    object_class_property_set_description(oc, "split-wx",
                                          "Map jit pages into separate RW and RX regions");
    object_class_property_add_bool(oc, "one-insn-per-tb", tcg_get_one_insn_per_tb,
                                   tcg_set_one_insn_per_tb);
    object_class_property_set_description(oc, "one-insn-per-tb",
                                          "Only put one guest insn in each translation block");
    object_class_property_add_bool(oc, "interp", tcg_get_interp, tcg_set_interp);
    object_class_property_set_description(oc, "interp", "interpret instead of compiling");
    object_class_property_add_bool(oc, "optimise", tcg_get_optimise, tcg_set_optimise);
    object_class_property_set_description(oc, "optimise", "run the optimiser's passes");
}

static const TypeInfo tcg_accel_type = {
    .name = TYPE_TCG_STATE,
    .parent = TYPE_ACCEL,
    .instance_size = sizeof(TCGState),
    .instance_init = tcg_accel_instance_init,
    .class_init = tcg_accel_class_init,
};

static void tcg_accel_register(void)
{
    type_register_static(&tcg_accel_type);
}
type_init(tcg_accel_register)
