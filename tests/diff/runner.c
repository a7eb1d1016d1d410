/* SPDX-License-Identifier: MIT */
/*
 * Runs the programs of the differential test on a bare "virt" machine, in M-mode.
 *
 * The blob at BLOB_PA holds programs as programs.py writes them, each with a header (layout.h) that
 * says in which mode and with which page tables to run it. What it starts from, registers and
 * memory, is drawn from its seed. Each trap of the program is logged and the instruction
 * skipped; delegated traps arrive through an ecall at stvec. The program ends with an ebreak behind
 * its last instruction, with MAX_TRAPS traps, or when it traps outside its code. Then a
 * checksum of all that it may have changed is printed, or the values themselves.
 *
 * Privileged ISA 20240411; 16550 at 0x10000000, test device at 0x100000.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

#define read_csr(name)                                                                             \
    ({                                                                                             \
        uint64_t value_;                                                                           \
        __asm__ volatile("csrr %0, " name : "=r"(value_));                                         \
        value_;                                                                                    \
    })
#define write_csr(name, value)                                                                     \
    __asm__ volatile("csrw " name ", %0" ::"r"((uint64_t)(value)) : "memory")

enum {
    MSTATUS_SIE = 1 << 1,
    MSTATUS_SPIE = 1 << 5,
    MSTATUS_SPP = 1 << 8,
    MSTATUS_MPP_SHIFT = 11,
    MSTATUS_MPP = 3 << 11,
    MSTATUS_FS = 3 << 13,
    MSTATUS_MPRV = 1 << 17,
    CAUSE_BREAKPOINT = 3,
    CAUSE_ECALL_S = 9,
    PTE_V = 1,
    PTE_RWXAD = 0xce,
    PAGE = 4096,
};

#define DELEGATED (1ull << 62) /* in a logged cause */

struct context {
    uint64_t x[32]; /* x[0] is the address to go to */
    uint64_t sp;    /* the runner's own, while the program runs */
    uint64_t f[32];
};
_Static_assert(offsetof(struct context, sp) == CONTEXT_SP, "runner.S uses it");

struct trap {
    uint64_t cause, tval, epc, mstatus;
};

void enter_program(struct context *context);
void put_fp(const uint64_t f[32]);
void take_fp(uint64_t f[32]);
void run_all(void);

static struct context context;
static struct trap traps[MAX_TRAPS];
static unsigned trap_count;
static uint64_t random_state;
static bool verbose;
static uint64_t sum;

/* Output */

static void put_char(char c)
{
    volatile uint8_t *uart = (volatile uint8_t *)0x10000000;

    while (!(uart[5] & 0x20)) {
    }
    uart[0] = c;
}

static void put_text(const char *text)
{
    while (*text) {
        put_char(*text++);
    }
}

static void put_hex(uint64_t value, int digits)
{
    while (digits--) {
        put_char("0123456789abcdef"[value >> (4 * digits) & 15]);
    }
}

/* One result: into the checksum, and as a line "name.number value" in a full dump. */
static void result(const char *name, unsigned number, uint64_t value)
{
    sum = (sum ^ value) * 0x9e3779b97f4a7c15;
    sum ^= sum >> 29;
    if (verbose) {
        put_text(name);
        put_char('.');
        put_hex(number, 4);
        put_char(' ');
        put_hex(value, 16);
        put_char('\n');
    }
}

/* Values at which instructions go wrong more often than at uniformly random ones */

static uint64_t draw(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static uint64_t draw_integer(void)
{
    static const uint64_t special[8] = {
        0, 1, UINT64_MAX, 1ull << 63, INT64_MAX, 1ull << 31, INT32_MAX, UINT32_MAX,
    };
    uint64_t kind = draw(), value = draw();

    switch (kind & 7) {
    case 0:
        return special[value & 7];
    case 1:
        return (int32_t)value;
    case 2:
        return special[value & 7] + (value >> 8 & 15) - 8;
    default:
        return value >> (kind >> 3 & 63);
    }
}

/* A float of @bits: zeros, infinities, NaNs, subnormals, near 1, hard to round. */
static uint64_t draw_float(int bits, int fraction)
{
    uint64_t top = (1ull << (bits - 1 - fraction)) - 1;
    uint64_t kind = draw(), mantissa = draw() & ((1ull << fraction) - 1), exponent;

    switch (kind & 7) {
    case 0:
        exponent = 0;
        break;
    case 1:
        exponent = top;
        break;
    case 2:
        exponent = kind & 8 ? 1 : top - 1;
        break;
    case 3:
        exponent = (kind >> 8) & top;
        break;
    default:
        exponent = (top >> 1) + (kind >> 8 & 127) - 60;
        break;
    }
    switch (kind >> 16 & 7) {
    case 0:
        mantissa = 0;
        break;
    case 1:
        mantissa = 1;
        break;
    case 2:
        mantissa = 1ull << (fraction - 1);
        break;
    case 3:
        mantissa = (1ull << fraction) - 1;
        break;
    case 4:
        mantissa &= ~((1ull << (fraction / 2)) - 1);
        break;
    }
    return (kind >> 20 & 1) << (bits - 1) | (exponent & top) << fraction | mantissa;
}

/* A double, a boxed single, or a single that lacks its box. */
static uint64_t draw_fp_register(void)
{
    uint64_t kind = draw() & 7;

    if (kind < 3) {
        return 0xffffffff00000000 | draw_float(32, 23);
    }
    return kind == 3 ? draw_integer() : draw_float(64, 52);
}

/* Memory */

static uint64_t *table(int level)
{
    return (uint64_t *)(TABLES_PA + (uintptr_t)level * PAGE);
}

static uint64_t pte(uint64_t pa, uint64_t bits)
{
    return pa >> 12 << 10 ^ bits;
}

static void write_tables(const uint64_t *header)
{
    for (int level = 4; level > 0; level--) {
        table(level)[VA >> (12 + 9 * level) & 511] = pte((uintptr_t)table(level - 1), PTE_V);
    }
    table(1)[(VA >> 21 & 511) + 1] = pte(DATA_PA, header[H_SUPER_PTE]);
    table(0)[STVEC_PAGE] = pte(STVEC_PA, PTE_V | PTE_RWXAD);
    for (int i = 0; i < CODE_PAGES; i++) {
        table(0)[CODE_PAGE + i] = pte(CODE_PA + i * PAGE, header[H_CODE_PTE]);
        table(0)[ALIAS_PAGE + i] = pte(CODE_PA + i * PAGE, header[H_ALIAS_PTE]);
    }
    for (int i = 0; i < DATA_PAGES; i++) {
        table(0)[DATA_PAGE + i] = pte(DATA_PA + (DATA_PAGES - 1 - i) * PAGE, header[H_PTES + i]);
    }
}

/* Call for each word of the data pages that programs may touch. */
static void each_data_word(void (*act)(uint64_t *word, unsigned number))
{
    for (unsigned page = 0; page < DATA_PAGES; page++) {
        uint64_t *words = (uint64_t *)(DATA_PA + (uintptr_t)page * PAGE);

        for (unsigned i = 0; i < ZONE / 8; i++) {
            unsigned last = PAGE / 8 - ZONE / 8 + i;

            act(words + i, page * PAGE / 8 + i);
            act(words + last, page * PAGE / 8 + last);
        }
    }
}

static void fill_word(uint64_t *word, unsigned number)
{
    /* Drawing all of it would take longer than the programs run. */
    *word = number & 7 ? word[-1] * 0x9e3779b97f4a7c15 + random_state : draw_fp_register();
}

static void report_word(uint64_t *word, unsigned number)
{
    result("data", number, *word);
}

static void load_code(const uint64_t *header)
{
    const uint16_t *from = (const uint16_t *)(header + H_WORDS);
    uint16_t *to = (uint16_t *)(CODE_PA + header[H_OFFSET]);

    for (uint64_t i = 0; i < header[H_BYTES] / 2; i++) {
        to[i] = from[i];
    }
    *(uint32_t *)STVEC_PA = 0x00000073; /* ecall */
    __asm__ volatile("fence.i" ::: "memory");
}

/* The program */

static void set_up(const uint64_t *header)
{
    bool translated = header[H_SATP_MODE] && (header[H_MSTATUS] & MSTATUS_MPP) != MSTATUS_MPP;
    uint64_t code = translated ? VA + CODE_PAGE * PAGE : CODE_PA;

    random_state = header[H_SEED];
    trap_count = 0;
    write_tables(header);
    load_code(header);
    each_data_word(fill_word);
    for (int i = 1; i < 32; i++) {
        context.x[i] = draw_integer();
        context.f[i] = draw_fp_register();
    }
    context.f[0] = draw_fp_register();
    context.x[0] = code + header[H_OFFSET];
    context.x[2] = header[H_SP];
    context.x[4] = header[H_TP];
    context.x[8] = header[H_S0];
    context.x[9] = header[H_S1];
    context.x[31] = 0;
    write_csr("mstatus", MSTATUS_FS);
    put_fp(context.f);
    write_csr("fcsr", header[H_FCSR]);
    write_csr("stvec", translated ? VA + STVEC_PAGE * PAGE : STVEC_PA);
    write_csr("medeleg", header[H_MEDELEG]);
    write_csr("mideleg", 0);
    write_csr("menvcfg", header[H_MENVCFG]);
    write_csr("senvcfg", header[H_SENVCFG]);
    write_csr("mcounteren", header[H_SEED] >> 8 & 7);
    write_csr("scounteren", header[H_SEED] >> 16 & 7);
    write_csr("mie", 0);
    write_csr("mip", 0);
    write_csr("sscratch", draw());
    write_csr("sepc", draw());
    write_csr("scause", 0);
    write_csr("stval", 0);
    write_csr("pmpaddr1", UINT64_MAX);
    write_csr("pmpaddr0", header[H_PMP_ADDR]);
    write_csr("pmpcfg0", 0x1f00 | header[H_PMP_CFG]);
    write_csr("satp", header[H_SATP_MODE] << 60 | TABLES_PA >> 12 |
                          (header[H_SATP_MODE] ? header[H_SATP_MODE] - 6 : 0));
    __asm__ volatile("sfence.vma" ::: "memory");
    write_csr("mstatus", header[H_MSTATUS]);
}

/* Bytes of the instruction at @pc, which is in the program's code. */
static unsigned insn_bytes(uint64_t pc)
{
    uint64_t offset = pc & (CODE_PAGES * PAGE - 1);

    return (*(uint16_t *)(CODE_PA + offset) & 3) == 3 ? 4 : 2;
}

/* A trap that arrived at stvec: what sret would do. */
static void return_from_s(uint64_t mstatus)
{
    uint64_t clear = MSTATUS_MPP | MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE;
    uint64_t set = MSTATUS_SPIE;

    set |= mstatus & MSTATUS_SPP ? 1 << MSTATUS_MPP_SHIFT : 0;
    set |= mstatus & MSTATUS_SPIE ? MSTATUS_SIE : 0;
    write_csr("mstatus", (mstatus & ~clear) | set);
}

/* Log the trap that ended enter_program(); false when the program is over, else go on at x[0]. */
static bool take_trap(const uint64_t *header, uint64_t start)
{
    struct trap *trap = &traps[trap_count++];

    trap->cause = read_csr("mcause");
    trap->tval = read_csr("mtval");
    trap->epc = read_csr("mepc");
    trap->mstatus = read_csr("mstatus");
    if (trap->cause == CAUSE_ECALL_S && trap->epc == read_csr("stvec")) {
        trap->cause = read_csr("scause") | DELEGATED;
        trap->tval = read_csr("stval");
        trap->epc = read_csr("sepc");
        return_from_s(trap->mstatus);
    }
    if (trap_count == MAX_TRAPS || trap->epc - start >= header[H_BYTES] ||
        trap->epc - start == header[H_BYTES] - 4) {
        return false;
    }
    context.x[0] = trap->epc + insn_bytes(trap->epc);
    write_csr("mepc", context.x[0]);
    return true;
}

static void report(void)
{
    uint64_t mstatus = read_csr("mstatus");

    write_csr("mstatus", MSTATUS_FS);
    take_fp(context.f);
    for (unsigned i = 1; i < 32; i++) {
        result("x", i, context.x[i]);
    }
    for (unsigned i = 0; i < 32; i++) {
        result("f", i, context.f[i]);
    }
    result("fcsr", 0, read_csr("fcsr"));
    result("mstatus", 0, mstatus);
    result("sscratch", 0, read_csr("sscratch"));
    result("sepc", 0, read_csr("sepc"));
    result("scause", 0, read_csr("scause"));
    result("stval", 0, read_csr("stval"));
    result("scounteren", 0, read_csr("scounteren"));
    result("mcounteren", 0, read_csr("mcounteren"));
    result("senvcfg", 0, read_csr("senvcfg"));
    result("menvcfg", 0, read_csr("menvcfg"));
    result("medeleg", 0, read_csr("medeleg"));
    result("satp", 0, read_csr("satp"));
    write_csr("satp", 0);
    for (unsigned i = 0; i < trap_count; i++) {
        result("trap-cause", i, traps[i].cause);
        result("trap-tval", i, traps[i].tval);
        result("trap-epc", i, traps[i].epc);
        result("trap-mstatus", i, traps[i].mstatus);
    }
    for (unsigned i = 0; i < DATA_PAGES; i++) {
        result("pte", i, table(0)[DATA_PAGE + i]);
    }
    result("pte-super", 0, table(1)[(VA >> 21 & 511) + 1]);
    each_data_word(report_word);
}

void run_all(void)
{
    const uint64_t *blob = (const uint64_t *)BLOB_PA;
    uint64_t count = blob[0];

    verbose = blob[1];
    blob += 2;
    while (count--) {
        uint64_t start;

        sum = 1;
        set_up(blob);
        start = context.x[0];
        write_csr("mepc", start);
        do {
            enter_program(&context);
        } while (take_trap(blob, start));
        report();
        put_hex(sum, 16);
        put_char('\n');
        blob += H_WORDS + (blob[H_BYTES] + 7) / 8;
    }
    *(volatile uint32_t *)0x100000 = 0x5555;
}
