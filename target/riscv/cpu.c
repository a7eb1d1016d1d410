/* SPDX-License-Identifier: MIT */
/*
 * The hart as an object: models, properties, inputs, reset, and the flags word that translation
 * depends on.
 *
 * A model is a row of riscv_models; its type is "<name>-riscv-cpu". Extension properties come from
 * ext.def.
 * Threads: set-up and reset under the BQL with the hart stopped; flags in the hart's own thread.
 * Tests: tests/unit/target/riscv/test-cpu.c; boards; Linux.
 */
#include "qemu/osdep.h"

#include "hw/core/irq.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/reset.h"
#include "qemu/error.h"
#include "qemu/log.h"
#include "system/cpus.h"
#include "target/riscv/cpu-internal.h"
#include "target/riscv/csr.h"
#include "target/riscv/disas.h"
#include "target/riscv/helper.h"
#include "target/riscv/pmp.h"
#include "target/riscv/translate.h"

/* ---- flags ----------------------------------------------------------------------------------- */

/* The mode whose rules data accesses follow: MPRV lends M mode another. */
static uint8_t data_priv(const CPURISCVState *env)
{
    if (env->priv == PRV_M && (env->mstatus & MSTATUS_MPRV)) {
        return extract64(env->mstatus, MSTATUS_MPP_SHIFT, 2);
    }
    return env->priv;
}

static unsigned data_mmu_idx(const CPURISCVState *env)
{
    uint8_t priv = data_priv(env);
    unsigned idx;

    if (priv == PRV_M) {
        return MMU_IDX_M;
    }
    idx = priv == PRV_U ? MMU_IDX_U : env->mstatus & MSTATUS_SUM ? MMU_IDX_S_SUM : MMU_IDX_S;
    return env->mstatus & MSTATUS_MXR ? idx | MMU_IDX_MXR : idx;
}

/*
 * What the levels above allow of cache-block instructions: "Cache-Block Management Instructions".
 */
static uint64_t cbo_flags(const CPURISCVState *env)
{
    uint64_t all = ENVCFG_CBIE | ENVCFG_CBCFE | ENVCFG_CBZE;
    uint64_t m = env->priv < PRV_M ? env->menvcfg : all;
    uint64_t s = env->priv == PRV_U && env->cfg->ext_s ? env->senvcfg : all;
    uint64_t cbie_m = (m & ENVCFG_CBIE) >> ENVCFG_CBIE_SHIFT;
    uint64_t cbie_s = (s & ENVCFG_CBIE) >> ENVCFG_CBIE_SHIFT;
    /* 0: illegal at one level is illegal; 1: a flush where either says so; 3: an invalidate */
    uint64_t cbie = cbie_m && cbie_s ? cbie_m & cbie_s : 0;

    return cbie << TB_FLAGS_CBIE_SHIFT | (m & s & ENVCFG_CBCFE ? TB_FLAGS_CBCFE : 0) |
           (m & s & ENVCFG_CBZE ? TB_FLAGS_CBZE : 0);
}

void riscv_cpu_update_flags(CPURISCVState *env)
{
    static const uint8_t fetch_idx[] = {
        [PRV_U] = MMU_IDX_U, [PRV_S] = MMU_IDX_S, [PRV_M] = MMU_IDX_M};
    uint64_t s = env->mstatus;
    uint64_t flags;

    env->xl = env->mxl;
    flags = (uint64_t)env->priv << TB_FLAGS_PRIV_SHIFT | (uint64_t)env->xl << TB_FLAGS_XL_SHIFT |
            (uint64_t)data_mmu_idx(env) << TB_FLAGS_MEM_SHIFT | cbo_flags(env);
    if (s & MSTATUS_FS) {
        /* initial and clean are alike: the first write makes it dirty */
        flags |= ((s & MSTATUS_FS) == MSTATUS_FS ? UINT64_C(3) : UINT64_C(1)) << TB_FLAGS_FS_SHIFT;
        flags |= (uint64_t)env->frm << TB_FLAGS_FRM_SHIFT;
    }
    flags |= (s & MSTATUS_TVM ? TB_FLAGS_TVM : 0) | (s & MSTATUS_TSR ? TB_FLAGS_TSR : 0) |
             (s & MSTATUS_TW ? TB_FLAGS_TW : 0);
    if (env->tcg.tb_flags != flags) {
        env->tcg.tb_flags = flags;
        env->tcg.fetch_mmu_idx = fetch_idx[env->priv];
        cpu_flags_changed(&env->tcg);
    }
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static void riscv_input(void *opaque, uint64_t mask, int level)
{
    riscv_cpu_set_mip_lines(&RISCV_CPU(opaque)->env, mask, level != 0);
}

#define RISCV_INPUT(name)                                                                          \
    static void riscv_input_##name(void *opaque, int n, int level)                                 \
    {                                                                                              \
        riscv_input(opaque, MIP_##name, level);                                                    \
    }
RISCV_INPUT(MSIP)
RISCV_INPUT(MTIP)
RISCV_INPUT(SEIP)
RISCV_INPUT(MEIP)

/*
 * A request, not a level: software clears SSIP. ACLINT specification 1.0, "Supervisor-level
 * Software Interrupt Device (SSWI)".
 */
static void riscv_input_SSIP(void *opaque, int n, int level)
{
    if (level) {
        riscv_cpu_raise_ssip(&RISCV_CPU(opaque)->env);
    }
}

/* ---- reset ----------------------------------------------------------------------------------- */

static void riscv_cpu_reset_hold(Object *obj, ResetType type)
{
    RISCVCPU *cpu = RISCV_CPU(obj);
    CPURISCVState *env = &cpu->env;
    uint64_t xl = env->mxl;

    /* all but the lines' levels, which belong to those who drive them */
    memset(&env->gpr, 0, offsetof(CPURISCVState, mip_lines) - offsetof(CPURISCVState, gpr));
    memset(&env->mip_sw, 0, offsetof(CPURISCVState, cfg) - offsetof(CPURISCVState, mip_sw));
    env->mxl = env->xl = (uint8_t)xl;
    env->misa_mask = env->misa_ext = riscv_misa_letters(&cpu->cfg);
    env->priv = PRV_M;
    env->reservation_addr = RISCV_NO_RESERVATION;
    /* UXL and SXL: as wide as M mode, and fixed */
    env->mstatus = xl == 2 ? (cpu->cfg.ext_u ? UINT64_C(2) << 32 : 0) |
                                 (cpu->cfg.ext_s ? UINT64_C(2) << 34 : 0) :
                             0;
    if (!cpu->cfg.ext_u) {
        env->mstatus |= MSTATUS_MPP; /* there is no other mode to return to */
    }
    csr_reset(env);
    pmp_reset(env);
    env->tcg.pc = env->resetvec;
    CPU(cpu)->halted = CPU(cpu)->start_powered_off;
    CPU(cpu)->interrupt_request = 0;
    tlb_select_space(CPU(cpu), 0, false);
    tlb_flush(CPU(cpu));
    env->tcg.tb_flags = ~UINT64_C(0);
    riscv_cpu_update_flags(env);
    if (qemu_loglevel_mask(CPU_LOG_RESET)) {
        qemu_log("CPU Reset (CPU %d)\n", CPU(cpu)->cpu_index);
    }
}

/* ---- models ---------------------------------------------------------------------------------- */

typedef struct RISCVModel {
    const char *name;
    uint8_t xlen;
    void (*init)(RISCVCPUConfig *cfg); /* on top of what ext.def says of rv64; NULL: just that */
} RISCVModel;

static void config_clear_extensions(RISCVCPUConfig *cfg)
{
#define MISA(letter, rv64, description) cfg->ext_##letter = false;
#define EXT(name, rv64, listed) cfg->ext_##name = false;
#include "target/riscv/ext.def"
#undef MISA
#undef EXT
}

static void model_max_init(RISCVCPUConfig *cfg)
{
#define MISA(letter, rv64, description)
#define EXT(name, rv64, listed) cfg->ext_##name = true;
#include "target/riscv/ext.def"
#undef MISA
#undef EXT
    cfg->ext_svade = false;
    cfg->ext_sdtrig = false;
}

/* The base integer set in M mode and nothing else. */
static void model_rv64i_init(RISCVCPUConfig *cfg)
{
    config_clear_extensions(cfg);
    cfg->ext_i = true;
    cfg->mmu = false;
    cfg->pmp = false;
}

static const RISCVModel riscv_models[] = {
    {"max", 64, model_max_init},
    {"rv64", 64, NULL},
    {"rv64i", 64, model_rv64i_init},
};

/* ---- properties ------------------------------------------------------------------------------ */

static const Property riscv_cpu_properties[] = {
#define MISA(letter, rv64, description) DEFINE_PROP_BOOL(#letter, RISCVCPU, cfg.ext_##letter, rv64),
#define EXT(name, rv64, listed) DEFINE_PROP_BOOL(#name, RISCVCPU, cfg.ext_##name, rv64),
#include "target/riscv/ext.def"
#undef MISA
#undef EXT
    DEFINE_PROP_BOOL("mmu", RISCVCPU, cfg.mmu, true),
    DEFINE_PROP_BOOL("pmp", RISCVCPU, cfg.pmp, true),
    DEFINE_PROP_UINT8("num-pmp-regions", RISCVCPU, cfg.pmp_regions, 16),
    DEFINE_PROP_UINT32("pmp-granularity", RISCVCPU, cfg.pmp_granularity, 4),
    DEFINE_PROP_UINT8("pmu-num", RISCVCPU, cfg.pmu_num, 16),
    DEFINE_PROP_UINT16("cbom_blocksize", RISCVCPU, cfg.cbom_blocksize, 64),
    DEFINE_PROP_UINT16("cbop_blocksize", RISCVCPU, cfg.cbop_blocksize, 64),
    DEFINE_PROP_UINT16("cboz_blocksize", RISCVCPU, cfg.cboz_blocksize, 64),
    DEFINE_PROP_UINT32("mvendorid", RISCVCPU, cfg.mvendorid, 0),
    DEFINE_PROP_UINT64("marchid", RISCVCPU, cfg.marchid, 42),
    DEFINE_PROP_UINT64("mimpid", RISCVCPU, cfg.mimpid, 0),
    DEFINE_PROP_UINT64("resetvec", RISCVCPU, env.resetvec, 0x1000),
    DEFINE_PROP_UINT64("hartid", RISCVCPU, env.mhartid, 0),
    DEFINE_PROP_BOOL("start-powered-off", RISCVCPU, parent_obj.start_powered_off, false),
    DEFINE_PROP_LINK("time-base", RISCVCPU, env.time_base, TYPE_TIME_BASE, TimeBase *),
};

/*
 * Specification versions that -cpu ...,priv_spec= may name; what differs among them is not
 * observable here.
 */
static const char *const priv_specs[] = {"v1.10.0", "v1.11.0", "v1.12.0", "v1.13.0"};

static char *riscv_get_priv_spec(Object *obj, GError **error)
{
    const char *spec = RISCV_CPU(obj)->priv_spec;

    return g_strdup(spec ? spec : priv_specs[G_N_ELEMENTS(priv_specs) - 1]);
}

static bool riscv_set_priv_spec(Object *obj, const char *value, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(priv_specs); i++) {
        if (!strcmp(value, priv_specs[i])) {
            RISCV_CPU(obj)->priv_spec = priv_specs[i];
            return true;
        }
    }
    error_setg(error, "Unsupported privilege spec version '%s'", value);
    error_append_hint(error, "known versions: v1.10.0, v1.11.0, v1.12.0, v1.13.0\n");
    return false;
}

/*
 * sv39, sv48, sv57: on makes it the largest unless a larger one is on; off takes it and the larger
 * ones away.
 */
#define SATP_MODE_PROPERTY(name, mode, below)                                                      \
    static bool riscv_get_##name(Object *obj, GError **error)                                      \
    {                                                                                              \
        return RISCV_CPU(obj)->cfg.satp_mode_max >= (mode);                                        \
    }                                                                                              \
    static bool riscv_set_##name(Object *obj, bool value, GError **error)                          \
    {                                                                                              \
        RISCVCPU *cpu = RISCV_CPU(obj);                                                            \
        if (!value) {                                                                              \
            cpu->cfg.satp_mode_max = MIN(cpu->cfg.satp_mode_max, below);                           \
        } else if (!cpu->satp_mode_given || cpu->cfg.satp_mode_max < (mode)) {                     \
            cpu->cfg.satp_mode_max = (mode);                                                       \
        }                                                                                          \
        cpu->satp_mode_given |= value;                                                             \
        return true;                                                                               \
    }
SATP_MODE_PROPERTY(sv39, VM_SV39, VM_BARE)
SATP_MODE_PROPERTY(sv48, VM_SV48, VM_SV39)
SATP_MODE_PROPERTY(sv57, VM_SV57, VM_SV48)

#define STRING_GETTER(name, expression)                                                            \
    static char *riscv_get_##name(Object *obj, GError **error)                                     \
    {                                                                                              \
        const RISCVCPUConfig *cfg = &RISCV_CPU(obj)->cfg;                                          \
        return expression;                                                                         \
    }
STRING_GETTER(isa, riscv_isa_string(cfg))
STRING_GETTER(isa_base, riscv_isa_base(cfg))
STRING_GETTER(isa_extensions, riscv_isa_extensions(cfg))
STRING_GETTER(mmu_type, riscv_mmu_type(cfg))

/* The events of that node are cycles, instructions and TLB misses: the last are not counted. */
static bool riscv_get_pmu_events(Object *obj, GError **error)
{
    return false;
}

static GVariant *riscv_get_xlen(Object *obj, const char *name, void *opaque, GError **error)
{
    return g_variant_new_uint64(RISCV_CPU(obj)->cfg.xlen_max);
}

static void riscv_cpu_add_properties(ObjectClass *oc)
{
    object_class_property_add_str(oc, "priv_spec", riscv_get_priv_spec, riscv_set_priv_spec);
    object_class_property_add_bool(oc, "sv39", riscv_get_sv39, riscv_set_sv39);
    object_class_property_add_bool(oc, "sv48", riscv_get_sv48, riscv_set_sv48);
    object_class_property_add_bool(oc, "sv57", riscv_get_sv57, riscv_set_sv57);
    object_class_property_add_str(oc, "riscv,isa", riscv_get_isa, NULL);
    object_class_property_add_str(oc, "riscv,isa-base", riscv_get_isa_base, NULL);
    object_class_property_add_str(oc, "riscv,isa-extensions", riscv_get_isa_extensions, NULL);
    object_class_property_add_str(oc, "mmu-type", riscv_get_mmu_type, NULL);
    object_class_property_add_bool(oc, "pmu-events", riscv_get_pmu_events, NULL);
    object_class_property_add(oc, "xlen", "uint8", riscv_get_xlen, NULL, NULL);
}

/* ---- life ------------------------------------------------------------------------------------ */

static void riscv_cpu_instance_init(Object *obj)
{
    RISCVCPU *cpu = RISCV_CPU(obj);
    const RISCVModel *model = RISCV_CPU_GET_CLASS(obj)->model;
    DeviceState *dev = DEVICE(obj);

    cpu->env.cpu = cpu;
    cpu->env.cfg = &cpu->cfg;
    cpu->cfg.xlen_max = model->xlen;
    cpu->cfg.satp_mode_max = model->xlen == 32 ? VM_SV32 : VM_SV57;
    if (model->init) {
        model->init(&cpu->cfg);
    }
    cpu->env.mxl = model->xlen == 32 ? 1 : 2;
    CPU(cpu)->env_ptr = &cpu->env;
    qdev_init_gpio_in_named(dev, riscv_input_MSIP, RISCV_CPU_INPUT_MSIP, 1);
    qdev_init_gpio_in_named(dev, riscv_input_MTIP, RISCV_CPU_INPUT_MTIP, 1);
    qdev_init_gpio_in_named(dev, riscv_input_SSIP, RISCV_CPU_INPUT_SSIP, 1);
    qdev_init_gpio_in_named(dev, riscv_input_SEIP, RISCV_CPU_INPUT_SEIP, 1);
    qdev_init_gpio_in_named(dev, riscv_input_MEIP, RISCV_CPU_INPUT_MEIP, 1);
}

static bool riscv_cpu_realize(DeviceState *dev, GError **error)
{
    RISCVCPU *cpu = RISCV_CPU(dev);

    if (!riscv_cpu_config_finalize(&cpu->cfg, error) ||
        !RISCV_CPU_GET_CLASS(dev)->parent_realize(dev, error) ||
        !tcg_cpu_realize(CPU(dev), error)) {
        return false;
    }
    riscv_timer_init(&cpu->env);
    riscv_cpu_gdb_init(cpu);
    if (!qemu_init_vcpu(CPU(dev), error)) {
        return false;
    }
    resettable_reset(OBJECT(dev), RESET_TYPE_COLD);
    return true;
}

static vaddr riscv_cpu_get_pc(CPUState *cs)
{
    return RISCV_CPU(cs)->env.tcg.pc;
}

static void riscv_cpu_set_pc(CPUState *cs, vaddr pc)
{
    RISCV_CPU(cs)->env.tcg.pc = pc;
}

static unsigned riscv_cpu_disas(CPUState *cs, vaddr pc, const uint8_t *code, unsigned len,
                                GString *out)
{
    return riscv_disas(RISCV_CPU(cs)->env.mxl == 1 ? 32 : 64, pc, code, len, out);
}

static void riscv_cpu_describe(CPUState *cs, GString *out)
{
    g_string_append_printf(out, "priv %u", RISCV_CPU(cs)->env.priv);
}

static bool riscv_cpu_runs_programs(const CPUState *cs)
{
    const CPURISCVState *env = cs->env_ptr;

    return env->priv == PRV_U && env->xl == 2;
}

static const TCGCPUOps riscv_tcg_ops = {
    .init_context = riscv_init_context,
    .helpers = riscv_helpers,
    .fp_rm = offsetof(CPURISCVState, frm),
    .fp_flags = offsetof(CPURISCVState, fflags),
    .disas_context_size = sizeof(DisasContext),
    .common_mmu_idx = 1u << MMU_IDX_M | 1u << (MMU_IDX_M | MMU_IDX_MXR),
    .translate_init = riscv_translate_init,
    .insn_len = riscv_insn_len,
    .translate_insn = riscv_translate_insn,
    .runs_programs = riscv_cpu_runs_programs,
    .tlb_fill = riscv_cpu_tlb_fill,
    .tlb_flushed = riscv_walk_cache_flush,
    .bus_error = riscv_cpu_bus_error,
    .unaligned = riscv_cpu_unaligned,
    .do_exception = riscv_cpu_do_exception,
    .exec_interrupt = riscv_cpu_exec_interrupt,
    .describe = riscv_cpu_describe,
};

static void riscv_cpu_class_init(ObjectClass *oc, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);
    CPUClass *cc = CPU_CLASS(oc);

    RISCV_CPU_CLASS(oc)->parent_realize = dc->realize;
    dc->realize = riscv_cpu_realize;
    RESETTABLE_CLASS(oc)->phases.hold = riscv_cpu_reset_hold;
    cc->has_work = riscv_cpu_has_work;
    cc->get_pc = riscv_cpu_get_pc;
    cc->set_pc = riscv_cpu_set_pc;
    cc->dump_state = riscv_cpu_dump_state;
    cc->get_phys_page_debug = riscv_cpu_get_phys_page_debug;
    cc->disas = riscv_cpu_disas;
    cc->get_register_by_name = riscv_cpu_get_register_by_name;
    cc->gdb_read_register = riscv_cpu_gdb_read_register;
    cc->gdb_write_register = riscv_cpu_gdb_write_register;
    cc->gdb_get_xml = riscv_cpu_gdb_get_xml;
    cc->gdb_num_core_regs = 33;
    cc->tcg_ops = &riscv_tcg_ops;
    device_class_set_props(dc, riscv_cpu_properties);
    riscv_cpu_add_properties(oc);
}

static void riscv_cpu_model_class_init(ObjectClass *oc, const void *data)
{
    RISCV_CPU_CLASS(oc)->model = data;
}

static const TypeInfo riscv_cpu_type = {
    .name = TYPE_RISCV_CPU,
    .parent = TYPE_CPU,
    .instance_size = sizeof(RISCVCPU),
    .instance_init = riscv_cpu_instance_init,
    .abstract = true,
    .class_size = sizeof(RISCVCPUClass),
    .class_init = riscv_cpu_class_init,
};

static void riscv_cpu_register(void)
{
    type_register_static(&riscv_cpu_type);
    for (unsigned i = 0; i < G_N_ELEMENTS(riscv_models); i++) {
        g_autofree char *name = g_strconcat(riscv_models[i].name, RISCV_CPU_TYPE_SUFFIX, NULL);
        const TypeInfo info = {
            .name = name,
            .parent = TYPE_RISCV_CPU,
            .class_init = riscv_cpu_model_class_init,
            .class_data = &riscv_models[i],
        };

        type_register(&info);
    }
}
type_init(riscv_cpu_register)
