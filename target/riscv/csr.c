/* SPDX-License-Identifier: MIT */
/*
 * The CSR engine: existence, privilege, read-only and WARL, in that order, for every row of
 * csr.def.
 *
 * Not here: what a register means (csr-status.c, csr-env.c, csr-counters.c, csr-timer.c, csr-fp.c).
 * Threads: the hart's own, or a debugger's while the hart is stopped.
 * Tests: tests/unit/target/riscv/test-csr.c
 */
#include "qemu/osdep.h"

#include "target/riscv/csr.h"
#include "target/riscv/helper.h"

#define CSR_COUNT 4096

typedef struct CSRRow {
    const char *name;
    CSRExists exists;
    CSRRead read; /* NULL: the field, or zero */
    CSRWrite write;
    CSRWriteBits write_bits;
    uint64_t mask;  /* writable bits of the field */
    uint16_t field; /* offset in env; 0: none */
} CSRRow;

/* ---- which hart has what --------------------------------------------------------------------- */

#define CSR_PREDICATE(what, condition)                                                             \
    static bool csr_has_##what(const CPURISCVState *env, unsigned csr)                             \
    {                                                                                              \
        return condition;                                                                          \
    }

#define CSR_IS_RV32 (env->mxl == 1)
#define CSR_PROGRAMMABLE                                                                           \
    (env->cfg->ext_zihpm && (csr & 31) >= 3 && (csr & 31) < 3u + env->cfg->pmu_num)

CSR_PREDICATE(any, true)
CSR_PREDICATE(f, env->cfg->ext_f && (env->mstatus & MSTATUS_FS))
CSR_PREDICATE(s, env->cfg->ext_s)
CSR_PREDICATE(u, env->cfg->ext_u)
CSR_PREDICATE(s_u, env->cfg->ext_s && env->cfg->ext_u)
CSR_PREDICATE(rv32, CSR_IS_RV32)
CSR_PREDICATE(rv32_u, CSR_IS_RV32 && env->cfg->ext_u)
CSR_PREDICATE(sdtrig, env->cfg->ext_sdtrig)
CSR_PREDICATE(pmp, env->cfg->pmp && env->cfg->pmp_regions)
CSR_PREDICATE(pmpcfg, env->cfg->pmp && env->cfg->pmp_regions && (CSR_IS_RV32 || !(csr & 1)))
CSR_PREDICATE(hpmevent, env->cfg->ext_zihpm)
CSR_PREDICATE(hpmcounter, CSR_PROGRAMMABLE)
CSR_PREDICATE(hpmcounterh, CSR_PROGRAMMABLE &&CSR_IS_RV32)
CSR_PREDICATE(satp, env->cfg->ext_s && (env->priv != PRV_S || !(env->mstatus & MSTATUS_TVM)))

/* "Machine Counter-Enable (mcounteren) Register": both levels below M ask theirs. */
static bool counter_enabled(const CPURISCVState *env, unsigned n)
{
    if (env->priv != PRV_M && env->cfg->ext_u && !(env->mcounteren >> n & 1)) {
        return false;
    }
    return env->priv != PRV_U || !env->cfg->ext_s || (env->scounteren >> n & 1);
}

CSR_PREDICATE(counter, ((csr & 31) < 3 ? env->cfg->ext_zicntr : CSR_PROGRAMMABLE) &&
                           counter_enabled(env, csr & 31))
CSR_PREDICATE(counterh, CSR_IS_RV32 &&csr_has_counter(env, csr))
CSR_PREDICATE(time, env->cfg->ext_zicntr && env->time_base && counter_enabled(env, 1))
CSR_PREDICATE(timeh, CSR_IS_RV32 &&csr_has_time(env, csr))

/* "Supervisor Timer (stimecmp) Register": below M it needs both enables. */
CSR_PREDICATE(stimecmp, env->cfg->ext_sstc && env->time_base &&
                            (env->priv == PRV_M ||
                             ((env->mcounteren >> 1 & 1) && (env->menvcfg & MENVCFG_STCE))))
CSR_PREDICATE(stimecmph, CSR_IS_RV32 &&csr_has_stimecmp(env, csr))

/* ---- the table ------------------------------------------------------------------------------- */

#define CSR_FN(number, name_, exists_, read_, write_)                                              \
    [number] = {.name = #name_, .exists = csr_has_##exists_, .read = read_, .write = write_},
#define CSR_BITS(number, name_, exists_, read_, write_)                                            \
    [number] = {.name = #name_, .exists = csr_has_##exists_, .read = read_, .write_bits = write_},
#define CSR_RO(number, name_, exists_, read_)                                                      \
    [number] = {.name = #name_, .exists = csr_has_##exists_, .read = read_},
#define CSR_FIELD(number, name_, exists_, field_, mask_)                                           \
    [number] = {.name = #name_,                                                                    \
                .exists = csr_has_##exists_,                                                       \
                .field = offsetof(CPURISCVState, field_) - sizeof(CPUTCGState),                    \
                .mask = mask_},
#define CSR_ZERO(number, name_, exists_) [number] = {.name = #name_, .exists = csr_has_##exists_},
#define CSR_RANGE(first, last, name_, base, exists_, read_, write_)                                \
    [first... last] = {.name = #name_, .exists = csr_has_##exists_, .read = read_, .write = write_},

static const CSRRow csr_rows[CSR_COUNT] = {
#include "target/riscv/csr.def"
};
#undef CSR_FN
#undef CSR_BITS
#undef CSR_RO
#undef CSR_FIELD
#undef CSR_ZERO
#undef CSR_RANGE

/* The env field of a row. */
static uint64_t *csr_field(CPURISCVState *env, const CSRRow *row)
{
    return (uint64_t *)((uint8_t *)env + sizeof(CPUTCGState) + row->field);
}

/* In a mode of 32 bits, a CSR is 32 bits wide. */
static uint64_t csr_cut(const CPURISCVState *env, uint64_t value)
{
    return env->xl == 1 ? (uint32_t)value : value;
}

static uint64_t csr_get(CPURISCVState *env, const CSRRow *row, unsigned csr)
{
    if (row->read) {
        return csr_cut(env, row->read(env, csr));
    }
    return row->field ? csr_cut(env, *csr_field(env, row)) : 0;
}

static void csr_set(CPURISCVState *env, const CSRRow *row, unsigned csr, uint64_t value)
{
    if (row->write) {
        row->write(env, csr, value);
    } else if (row->field) {
        uint64_t *field = csr_field(env, row);

        *field = (*field & ~row->mask) | (value & row->mask);
    }
}

uint64_t csr_rw(CPURISCVState *env, unsigned csr, uint64_t *old, uint64_t value, uint64_t mask,
                bool write, bool debug)
{
    const CSRRow *row = &csr_rows[csr & (CSR_COUNT - 1)];
    bool read_only = (csr >> 10 & 3) == 3;

    if (!row->name || !row->exists(env, csr)) {
        return RISCV_EXCP_ILLEGAL_INST;
    }
    if (!debug && env->priv < (csr >> 8 & 3)) {
        return RISCV_EXCP_ILLEGAL_INST;
    }
    if (write && read_only) {
        return RISCV_EXCP_ILLEGAL_INST;
    }
    *old = csr_get(env, row, csr);
    if (write && row->write_bits) {
        row->write_bits(env, csr, value & mask, csr_cut(env, mask));
    } else if (write) {
        csr_set(env, row, csr, csr_cut(env, (*old & ~mask) | (value & mask)));
    }
    return CSR_OK;
}

bool csr_plain_field(const CPURISCVState *env, unsigned csr, int32_t *offset)
{
    const CSRRow *row = &csr_rows[csr & (CSR_COUNT - 1)];

    if (!row->field || row->mask != UINT64_MAX || env->xl == 1 || env->priv < (csr >> 8 & 3) ||
        !row->exists(env, csr)) {
        return false;
    }
    *offset = sizeof(CPUTCGState) + row->field;
    return true;
}

bool csr_exists(const CPURISCVState *env, unsigned csr)
{
    const CSRRow *row = &csr_rows[csr & (CSR_COUNT - 1)];
    CPURISCVState all = *env;

    if (!row->name) {
        return false;
    }
    all.priv = PRV_M;
    all.mstatus |= MSTATUS_FS;
    return row->exists(&all, csr);
}

/* "mhpmcounter", 3 -> "mhpmcounter3"; "mhpmcounterh", 3 -> "mhpmcounter3h" */
static void csr_range_name(char *text, size_t size, const char *name, unsigned n)
{
    size_t len = strlen(name);
    bool high = name[len - 1] == 'h';

    g_snprintf(text, size, "%.*s%u%s", (int)(len - high), name, n, high ? "h" : "");
}

const char *csr_name(const CPURISCVState *env, unsigned csr)
{
    static __thread char text[24];
    const CSRRow *row = &csr_rows[csr & (CSR_COUNT - 1)];

    if (!csr_exists(env, csr)) {
        return NULL;
    }
#define CSR_FN(...)
#define CSR_BITS(...)
#define CSR_RO(...)
#define CSR_FIELD(...)
#define CSR_ZERO(...)
#define CSR_RANGE(first, last, name_, base, exists_, read_, write_)                                \
    if (csr >= (first) && csr <= (last)) {                                                         \
        csr_range_name(text, sizeof(text), #name_, csr - (first) + (base));                        \
        return text;                                                                               \
    }
#include "target/riscv/csr.def"
#undef CSR_FN
#undef CSR_BITS
#undef CSR_RO
#undef CSR_FIELD
#undef CSR_ZERO
#undef CSR_RANGE
    return row->name;
}

int csr_by_name(const CPURISCVState *env, const char *name)
{
    for (unsigned csr = 0; csr < CSR_COUNT; csr++) {
        const char *its = csr_rows[csr].name ? csr_name(env, csr) : NULL;

        if (its && !strcmp(its, name)) {
            return (int)csr;
        }
    }
    return -1;
}

void csr_write_none(CPURISCVState *env, unsigned csr, uint64_t value)
{
}

/* ---- helpers --------------------------------------------------------------------------------- */

TCGRet helper_csrrw(CPURISCVState *env, uint32_t csr, uint64_t value, uint64_t mask, uint32_t write)
{
    uint64_t old;
    uint64_t cause = csr_rw(env, csr, &old, value, mask, write != 0, false);

    if (cause != CSR_OK) {
        return riscv_trap_illegal(env);
    }
    return (TCGRet){.value = old};
}

TCGRet helper_csrr(CPURISCVState *env, uint32_t csr)
{
    return helper_csrrw(env, csr, 0, 0, 0);
}

TCGRet helper_csrrw_fp(CPURISCVState *env, uint32_t csr, uint64_t value, uint64_t mask,
                       uint32_t write)
{
    return helper_csrrw(env, csr, value, mask, write);
}

TCGRet helper_csrr_fp(CPURISCVState *env, uint32_t csr)
{
    return helper_csrr(env, csr);
}
