/* SPDX-License-Identifier: MIT */
/* See golden-host.h. Single thread; takes over the back end's prologue while it compiles. */
#include "qemu/osdep.h"
#include <capstone/capstone.h>

#include "golden-host.h"
#include "tcg/x86_64/emit.h"

/* Capstone 5 writes some operands in another way. */
#define CAPSTONE_MAJOR 4

const char *const golden_host = "x86-64";

/* In the program's image, so that calls of its functions have 32-bit displacements. */
static uint8_t memory[64 * 1024] QEMU_ALIGNED(64);

typedef struct Listing {
    const TCGContext *c;
    const HostEmitter *e;
    const cs_insn *insns;
    size_t n;
    GString *out;
} Listing;

static uint64_t address(const void *p)
{
    return (uintptr_t)p;
}

/* A block's number, or -1. */
static int block_at(const Listing *l, uint64_t at)
{
    for (unsigned i = 0; i < l->c->norder; i++) {
        const unsigned b = l->c->order[i];

        if (l->c->blocks[b].reachable && address(l->e->label_at[b]) == at) {
            return (int)b;
        }
    }
    return -1;
}

/* What a direct jump or call goes to; 0 if @insn is none. */
static uint64_t target_of(const cs_insn *insn)
{
    const bool is_jump = insn->mnemonic[0] == 'j' || g_str_has_prefix(insn->mnemonic, "call");

    return is_jump && insn->op_str[0] != '*' ? strtoull(insn->op_str, NULL, 16) : 0;
}

static const uint8_t *stub_code(const Stub *stub)
{
    int32_t rel;

    memcpy(&rel, stub->jump, sizeof(rel));
    return stub->jump + sizeof(rel) + rel;
}

/* Number of the jump target @at that is no block: they are counted by address. 0: none. */
static unsigned local_label(const Listing *l, uint64_t at)
{
    unsigned number = 1;
    bool found = false;

    for (size_t i = 0; i < l->n && l->insns[i].address <= at; i++) {
        bool is_target = false;

        for (size_t j = 0; j < l->n; j++) {
            is_target |= target_of(&l->insns[j]) == l->insns[i].address;
        }
        is_target &= block_at(l, l->insns[i].address) < 0;
        found = is_target && l->insns[i].address == at;
        number += is_target && !found;
    }
    return found ? number : 0;
}

static void append_target(const Listing *l, uint64_t to)
{
    static const char *const stubs[] = {
        [STUB_LD] = "ld",     [STUB_ST] = "st",     [STUB_RMW] = "rmw",     [STUB_CAS] = "cas",
        [STUB_EXIT] = "exit", [STUB_CALL] = "call", [STUB_FP] = "fp",       [STUB_NAN] = "nan",
        [STUB_ZERO] = "zero", [STUB_LINK] = "link", [STUB_LEAVE] = "leave",
    };
    const struct {
        const char *name;
        const void *at;
    } known[] = {
        {"epilogue", x86_prologue.epilogue},
        {"fold_fp", x86_prologue.fold_fp},
        {"load_fp", x86_prologue.load_fp},
        {"fp_op", x86_fp_op},
    };

    if (block_at(l, to) >= 0) {
        g_string_append_printf(l->out, "L%d", block_at(l, to));
        return;
    }
    if (local_label(l, to)) {
        g_string_append_printf(l->out, ".%u", local_label(l, to));
        return;
    }
    for (unsigned i = 0; i < l->e->nstubs; i++) {
        if (address(stub_code(&l->e->stub[i])) == to) {
            g_string_append_printf(l->out, "stub_%s", stubs[l->e->stub[i].data.kind]);
            return;
        }
    }
    for (unsigned i = 0; i < l->c->nhelpers; i++) {
        if (address(l->c->helpers[i].func) == to) {
            g_string_append_printf(l->out, "helper_%s", l->c->helpers[i].name);
            return;
        }
    }
    for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
        if (address(known[i].at) == to) {
            g_string_append(l->out, known[i].name);
            return;
        }
    }
    g_error("no name for the target of a jump");
}

/* The field of env at @offset, or NULL. */
static const char *env_name(const Listing *l, int64_t offset)
{
    const TCGLayout *layout = l->e->layout;
    const struct {
        const char *name;
        int32_t offset;
    } fields[] = {
        {"pc", layout->pc},
        {"poll", layout->poll},
        {"tlb_table", layout->tlb_table},
        {"jc_table", layout->jc_table},
        {"jc_key", layout->jc_key},
        {"icount", layout->icount},
        {"fp_rm", layout->fp_rm},
        {"fp_flags", layout->fp_flags},
    };

    for (unsigned g = 0; g < l->c->nglobals; g++) {
        if (l->c->temps[g].offset == offset) {
            return l->c->global_names[g];
        }
    }
    for (unsigned i = 0; i < ARRAY_SIZE(fields); i++) {
        if (fields[i].offset == offset) {
            return fields[i].name;
        }
    }
    return NULL;
}

/* Operands, with names in front of (%rbp), which is env, and (%rip). */
static void append_operands(const Listing *l, const cs_insn *insn)
{
    const char *text = insn->op_str;
    const char *base = strstr(text, "(%r");
    const char *digits = base;
    int64_t disp;

    if (!base || (!g_str_has_prefix(base, "(%rbp)") && !g_str_has_prefix(base, "(%rip)"))) {
        g_string_append(l->out, text);
        return;
    }
    while (digits > text && (g_ascii_isxdigit(digits[-1]) || strchr("x-", digits[-1]))) {
        digits--;
    }
    disp = digits == base ? 0 : g_ascii_strtoll(digits, NULL, 0);
    g_string_append_len(l->out, text, digits - text);
    if (g_str_has_prefix(base, "(%rip)")) {
        disp += (int64_t)(insn->address + insn->size - address(x86_prologue.constants));
        g_string_append_printf(l->out, "constants+%" PRId64, disp);
    } else if (env_name(l, disp + l->e->layout->env_bias)) {
        g_string_append(l->out, env_name(l, disp + l->e->layout->env_bias));
    } else {
        g_string_append_len(l->out, digits, base - digits);
    }
    g_string_append(l->out, base);
}

static void append_insn(const Listing *l, const cs_insn *insn)
{
    const uint64_t to = target_of(insn);

    g_string_append_printf(l->out, "    %s", insn->mnemonic);
    if (insn->op_str[0]) {
        g_string_append_c(l->out, ' ');
    }
    if (to) {
        append_target(l, to);
    } else {
        append_operands(l, insn);
    }
    g_string_append_c(l->out, '\n');
}

static bool ends_access(const Listing *l, uint64_t at)
{
    for (unsigned i = 0; i < l->e->nstubs; i++) {
        const Stub *stub = &l->e->stub[i];

        if (stub->data.kind <= STUB_CAS && address(stub->resume) == at) {
            return true;
        }
    }
    return false;
}

static void append_listing(const Listing *l)
{
    unsigned count = 0;
    bool is_first = true;

    for (size_t i = 0; i < l->n; i++) {
        const uint64_t at = l->insns[i].address;

        if (ends_access(l, at)) {
            if (!is_first) {
                g_string_append_printf(l->out, "    # %u instructions\n", count);
            }
            is_first = false;
            count = 0;
        }
        if (block_at(l, at) >= 0) {
            g_string_append_printf(l->out, "L%d:\n", block_at(l, at));
            is_first = true;
        } else if (local_label(l, at)) {
            g_string_append_printf(l->out, ".%u:\n", local_label(l, at));
        }
        append_insn(l, &l->insns[i]);
        count++;
    }
}

static void disassemble(TCGContext *c, const TCGCode *code, GString *out)
{
    Listing l = {.c = c, .e = c->host, .out = out};
    const uint8_t *end = l.e->base;
    cs_insn *insns;
    csh cs;

    g_assert_cmpint(cs_open(CS_ARCH_X86, CS_MODE_64, &cs), ==, CS_ERR_OK);
    cs_option(cs, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
    l.n = cs_disasm(cs, code->rw, (size_t)(end - code->rw), address(code->rw), 0, &insns);
    l.insns = insns;
    append_listing(&l);
    cs_free(insns, l.n);
    cs_close(&cs);
}

bool golden_host_code(TCGContext *c, TCGOptLevel level, GString *out)
{
    const X86Features features = x86_features;
    const TCGPrologue prologue = x86_prologue;
    TCGCodeBuf buf = {memory, memory + sizeof(memory), 0};
    TCGCode code;
    int major, minor;

    cs_version(&major, &minor);
    if (major != CAPSTONE_MAJOR) {
        return false;
    }
    tcg_prologue_gen(&guest_layout, &buf);
    x86_features = (X86Features){.bmi1 = true, .bmi2 = true, .lzcnt = true, .fma = true};
    buf.ptr = (uint8_t *)ROUND_UP((uintptr_t)buf.ptr, 64);
    g_assert_cmpint(tcg_compile(c, level, false, &buf, &code), ==, TCG_OK);
    disassemble(c, &code, out);
    x86_features = features;
    x86_prologue = prologue;
    return true;
}
