/* SPDX-License-Identifier: MIT */
/*
 * The hart for gdb: target description and registers by gdb's numbers.
 *
 * Numbers, as QEMU has them: x0 to x31 are 0 to 31, pc 32, f0 to f31 33 to 64, priv 65, CSR n is 66
 * + n. The texts are made from the hart's own tables when a debugger first asks.
 *
 * Specification: GDB manual, "Standard Target Features: RISC-V Features".
 * Threads: BQL, hart stopped.
 */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "target/riscv/cpu-internal.h"
#include "target/riscv/csr.h"
#include "target/riscv/disas.h"

enum {
    GDB_PC = 32,
    GDB_FPR0 = 33,
    GDB_PRIV = 65,
    GDB_CSR0 = 66,
    GDB_END = GDB_CSR0 + 4096,
};

enum {
    XML_TARGET,
    XML_CPU,
    XML_FPU,
    XML_VIRTUAL,
    XML_CSR,
    XML_COUNT
};

static const char xml_head[] = "<?xml version=\"1.0\"?>";

void riscv_cpu_gdb_init(RISCVCPU *cpu)
{
    memset(cpu->gdb_xml, 0, sizeof(cpu->gdb_xml));
}

/* ---- target description ---------------------------------------------------------------------- */

static unsigned xlen_of(const RISCVCPU *cpu)
{
    return cpu->env.mxl == 1 ? 32 : 64;
}

static void xml_feature_begin(GString *out, const char *name)
{
    g_string_append_printf(
        out,
        "%s<!DOCTYPE feature SYSTEM \"gdb-target.dtd\"><feature name=\"org.gnu.gdb.riscv.%s\">",
        xml_head, name);
}

static void xml_reg(GString *out, const char *name, unsigned bits, const char *type, int number)
{
    g_string_append_printf(out, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%d\"/>", name,
                           bits, type, number);
}

static void xml_target(const RISCVCPU *cpu, GString *out)
{
    unsigned xlen = xlen_of(cpu);

    g_string_append_printf(out,
                           "%s<!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target>"
                           "<architecture>riscv:rv%u</architecture>"
                           "<xi:include href=\"riscv-%ubit-cpu.xml\"/>",
                           xml_head, xlen, xlen);
    if (cpu->cfg.ext_f) {
        g_string_append_printf(out, "<xi:include href=\"riscv-%ubit-fpu.xml\"/>", xlen);
    }
    g_string_append_printf(out,
                           "<xi:include href=\"riscv-%ubit-virtual.xml\"/>"
                           "<xi:include href=\"riscv-csr.xml\"/></target>",
                           xlen);
}

static void xml_cpu(const RISCVCPU *cpu, GString *out)
{
    unsigned xlen = xlen_of(cpu);

    xml_feature_begin(out, "cpu");
    for (int i = 0; i < 32; i++) {
        const char *type = i == 1 ? "code_ptr" : i >= 2 && i <= 4 ? "data_ptr" : "int";

        xml_reg(out, riscv_gpr_names[i], xlen, type, i);
    }
    xml_reg(out, "pc", xlen, "code_ptr", GDB_PC);
    g_string_append(out, "</feature>");
}

static void xml_fpu(const RISCVCPU *cpu, GString *out)
{
    xml_feature_begin(out, "fpu");
    g_string_append(out, "<union id=\"riscv_double\"><field name=\"float\" type=\"ieee_single\"/>"
                         "<field name=\"double\" type=\"ieee_double\"/></union>");
    for (int i = 0; i < 32; i++) {
        xml_reg(out, riscv_fpr_names[i], 64, "riscv_double", GDB_FPR0 + i);
    }
    g_string_append(out, "</feature>");
}

static void xml_virtual(const RISCVCPU *cpu, GString *out)
{
    xml_feature_begin(out, "virtual");
    xml_reg(out, "priv", xlen_of(cpu), "int", GDB_PRIV);
    g_string_append(out, "</feature>");
}

static void xml_csr(const RISCVCPU *cpu, GString *out)
{
    xml_feature_begin(out, "csr");
    for (unsigned csr = 0; csr < 4096; csr++) {
        const char *name = csr_name(&cpu->env, csr);

        if (name) {
            xml_reg(out, name, xlen_of(cpu), "int", GDB_CSR0 + (int)csr);
        }
    }
    g_string_append(out, "</feature>");
}

const char *riscv_cpu_gdb_get_xml(CPUState *cs, const char *name)
{
    static const struct {
        const char *suffix;
        void (*make)(const RISCVCPU *cpu, GString *out);
    } texts[XML_COUNT] = {
        [XML_TARGET] = {"target.xml", xml_target}, [XML_CPU] = {"bit-cpu.xml", xml_cpu},
        [XML_FPU] = {"bit-fpu.xml", xml_fpu},      [XML_VIRTUAL] = {"bit-virtual.xml", xml_virtual},
        [XML_CSR] = {"riscv-csr.xml", xml_csr},
    };
    RISCVCPU *cpu = RISCV_CPU(cs);

    for (unsigned i = 0; i < XML_COUNT; i++) {
        if (g_str_has_suffix(name, texts[i].suffix)) {
            if (!cpu->gdb_xml[i]) {
                GString *out = g_string_new(NULL);

                texts[i].make(cpu, out);
                cpu->gdb_xml[i] = g_string_free(out, FALSE);
            }
            return cpu->gdb_xml[i];
        }
    }
    return NULL;
}

/* ---- registers ------------------------------------------------------------------------------- */

static int append_value(GByteArray *buf, uint64_t value, unsigned bytes)
{
    uint8_t bytes_le[8];

    stq_le_p(bytes_le, value);
    g_byte_array_append(buf, bytes_le, bytes);
    return (int)bytes;
}

int riscv_cpu_gdb_read_register(CPUState *cs, GByteArray *buf, int reg)
{
    RISCVCPU *cpu = RISCV_CPU(cs);
    CPURISCVState *env = &cpu->env;
    unsigned bytes = xlen_of(cpu) / 8;
    uint64_t value;

    if (reg < 0 || reg >= GDB_END) {
        return 0;
    }
    if (reg < GDB_PC) {
        return append_value(buf, env->gpr[reg], bytes);
    }
    if (reg == GDB_PC) {
        return append_value(buf, env->tcg.pc, bytes);
    }
    if (reg < GDB_PRIV) {
        return append_value(buf, env->fpr[reg - GDB_FPR0], 8);
    }
    if (reg == GDB_PRIV) {
        return append_value(buf, env->priv, bytes);
    }
    if (csr_rw(env, (unsigned)reg - GDB_CSR0, &value, 0, 0, false, true) != CSR_OK) {
        return 0;
    }
    return append_value(buf, value, bytes);
}

int riscv_cpu_gdb_write_register(CPUState *cs, const uint8_t *buf, int reg)
{
    RISCVCPU *cpu = RISCV_CPU(cs);
    CPURISCVState *env = &cpu->env;
    unsigned bytes = reg >= GDB_FPR0 && reg < GDB_PRIV ? 8 : xlen_of(cpu) / 8;
    uint64_t value = bytes == 8 ? ldq_le_p(buf) : (uint64_t)(int32_t)ldl_le_p(buf);
    uint64_t old;

    if (reg < 0 || reg >= GDB_END) {
        return 0;
    }
    if (reg < GDB_PC) {
        if (reg) {
            env->gpr[reg] = value;
        }
    } else if (reg == GDB_PC) {
        env->tcg.pc = value;
    } else if (reg < GDB_PRIV) {
        env->fpr[reg - GDB_FPR0] = value;
    } else if (reg == GDB_PRIV) {
        if (value <= PRV_M && value != 2) {
            env->priv = (uint8_t)value;
            riscv_cpu_update_flags(env);
        }
    } else if (csr_rw(env, (unsigned)reg - GDB_CSR0, &old, value, UINT64_MAX, true, true) !=
               CSR_OK) {
        return 0;
    }
    return (int)bytes;
}
