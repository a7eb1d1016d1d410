/* SPDX-License-Identifier: MIT */
/*
 * Semihosting calls: how a guest's program asks, where its arguments are, and what each call does
 * with the host side (hw/core/semihosting.h).
 *
 * An ebreak between two particular instructions is a call. It is carried out by the hart's thread
 * after the hart has left generated code, with env as at the ebreak; then pc goes on. A call that
 * waits for input leaves pc where it is: the hart sleeps as in WFI, may take interrupts, and calls
 * again. Pointers are translated and checked as those of the hart's own loads and stores at that
 * point, but what is wrong with them is a failure of the call, not a trap.
 *
 * Specification: "RISC-V Semihosting" 0.4, "Semihosting Call Sequence"; the operations are those of
 * "Semihosting for AArch32 and AArch64" 2.0, with fields of XLEN bits.
 * Threads: the hart's own, BQL. Tests: tests/system/semihosting.py
 */
#include "qemu/osdep.h"

#include "hw/core/runstate.h"
#include "hw/core/semihosting.h"
#include "qemu/atomic.h"
#include "qemu/bswap.h"
#include "qemu/log.h"
#include "qemu/timer.h"
#include "qemu/trace.h"
#include "qemu/units.h"
#include "system/memory.h"
#include "target/riscv/cpu-internal.h"

enum {
    INSN_SLLI_X0_X0_31 = 0x01f01013,
    INSN_EBREAK = 0x00100073,
    INSN_SRAI_X0_X0_7 = 0x40705013,
};

/* Bytes that pass through a buffer of ours at a time. */
#define CHUNK 65536
/* A call moves at most so much, so that it ends; the guest repeats it for the rest. */
#define MAX_TRANSFER (256 * MiB)
/* Text for SYS_WRITE0 that has no end by then has none. */
#define MAX_STRING (1 * MiB)

/* Why a program stops: "SYS_EXIT". Other reasons are errors. */
enum {
    ADP_FIRST_REASON = 0x20000,
    ADP_APPLICATION_EXIT = 0x20026,
    ADP_LAST_REASON = 0x20029,
};

#define TICKS_PER_SECOND NANOSECONDS_PER_SECOND

static int last_errno; /* [bql] for SYS_ERRNO */

typedef struct SemihostingCall {
    CPURISCVState *env;
    uint64_t block;  /* a1: address of the arguments, or the only one */
    uint64_t arg[4]; /* as many of the block as the operation has */
    bool again;      /* to be repeated once there is input */
    int wait_handle; /* where it comes from; 0: console */
} SemihostingCall;

static int64_t fail(int error)
{
    last_errno = error;
    return -1;
}

/* 0 or -errno to the 0 or -1 that most calls return. */
static int64_t status(int64_t result)
{
    return result < 0 ? fail((int)-result) : result;
}

/* ---- guest memory ---------------------------------------------------------------------------- */

static bool xlen_is_32(const CPURISCVState *env)
{
    return env->xl == 1;
}

/* Translate @va for an access; how many bytes from there are alike goes to @n. */
static bool translate(CPURISCVState *env, vaddr va, MMUAccessType access, CPUTLBFill *fill,
                      size_t *n)
{
    unsigned mmu_idx = extract64(env->tcg.tb_flags, TB_FLAGS_MEM_SHIFT, 3);

    if (!riscv_cpu_tlb_fill(env_cpu_state(env), va, 1, access, mmu_idx, true, fill)) {
        return false;
    }
    /* where protection is finer than a page: byte by byte */
    *n = fill->size_log2 < TARGET_PAGE_BITS ? 1 : TARGET_PAGE_SIZE - (va & ~TARGET_PAGE_MASK);
    return true;
}

/* @buf may be NULL: only check. False: some byte may not be accessed. */
static bool guest_access(CPURISCVState *env, vaddr va, void *buf, size_t len, MMUAccessType access)
{
    CPUState *cpu = env_cpu_state(env);
    uint8_t *p = buf;

    while (len) {
        CPUTLBFill fill;
        size_t n;

        va = xlen_is_32(env) ? (uint32_t)va : va;
        if (!translate(env, va, access, &fill, &n)) {
            return false;
        }
        n = MIN(n, len);
        if (p) {
            if (address_space_rw(cpu->as, fill.phys, fill.attrs, p, n, access == MMU_DATA_STORE) !=
                MEMTX_OK) {
                return false;
            }
            p += n;
        }
        va += n;
        len -= n;
    }
    return true;
}

static bool guest_read(CPURISCVState *env, vaddr va, void *buf, size_t len)
{
    return guest_access(env, va, buf, len, MMU_DATA_LOAD);
}

static bool guest_write(CPURISCVState *env, vaddr va, const void *buf, size_t len)
{
    return guest_access(env, va, (void *)buf, len, MMU_DATA_STORE);
}

/* Word @index of a block: XLEN bits. */
static bool read_word(CPURISCVState *env, vaddr block, unsigned index, uint64_t *value)
{
    unsigned size = xlen_is_32(env) ? 4 : 8;
    uint8_t bytes[8] = {0};

    if (!guest_read(env, block + index * size, bytes, size)) {
        return false;
    }
    *value = ldq_le_p(bytes);
    return true;
}

static bool write_word(CPURISCVState *env, vaddr block, unsigned index, uint64_t value)
{
    unsigned size = xlen_is_32(env) ? 4 : 8;
    uint8_t bytes[8];

    stq_le_p(bytes, value);
    return guest_write(env, block + index * size, bytes, size);
}

/* The name of @len bytes at @va; NULL: the call has failed. */
static char *read_name(CPURISCVState *env, vaddr va, uint64_t len)
{
    g_autofree char *name = NULL;

    if (len >= PATH_MAX) {
        fail(ENAMETOOLONG);
        return NULL;
    }
    name = g_malloc0(len + 1);
    if (!guest_read(env, va, name, len)) {
        fail(EFAULT);
        return NULL;
    }
    return g_steal_pointer(&name);
}

/* A handle is what semihosting_open() has returned: anything else is none. */
static int handle_of(uint64_t value)
{
    return value <= SEMIHOSTING_MAX_FILES ? (int)value : 0;
}

/* ---- console --------------------------------------------------------------------------------- */

static int64_t sys_writec(SemihostingCall *call)
{
    uint8_t c;

    if (!guest_read(call->env, call->block, &c, 1)) {
        return fail(EFAULT);
    }
    semihosting_console_write(&c, 1);
    return 0;
}

/* Text to the first NUL. What can be read of one without is written. */
static int64_t sys_write0(SemihostingCall *call)
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    bool ended = false;

    while (!ended && text->len < MAX_STRING) {
        vaddr va = call->block + text->len;
        size_t n = 256 - (va & 255); /* never into a page that the text does not reach */
        uint8_t piece[256];
        const uint8_t *end;

        if (!guest_read(call->env, va, piece, n)) {
            break;
        }
        end = memchr(piece, 0, n);
        ended = end != NULL;
        g_byte_array_append(text, piece, ended ? (guint)(end - piece) : (guint)n);
    }
    semihosting_console_write(text->data, text->len);
    return ended ? 0 : fail(EFAULT);
}

static int64_t sys_readc(SemihostingCall *call)
{
    int c = semihosting_console_getc();

    if (c == -EAGAIN) {
        call->again = true;
        return 0;
    }
    return status(c);
}

/* ---- files ----------------------------------------------------------------------------------- */

/* name, mode, length of name */
static int64_t sys_open(SemihostingCall *call)
{
    g_autofree char *name = read_name(call->env, call->arg[0], call->arg[2]);

    if (!name) {
        return -1;
    }
    return status(semihosting_open(name, (unsigned)MIN(call->arg[1], UINT_MAX)));
}

static int64_t sys_close(SemihostingCall *call)
{
    return status(semihosting_close(handle_of(call->arg[0])));
}

/* handle, buffer, length; returns how many bytes were not written */
static int64_t sys_write(SemihostingCall *call)
{
    uint64_t len = MIN(call->arg[2], MAX_TRANSFER);
    g_autofree uint8_t *buf = g_malloc(CHUNK);
    uint64_t done = 0;

    while (done < len) {
        size_t n = MIN(len - done, CHUNK);
        ssize_t written;

        if (!guest_read(call->env, call->arg[1] + done, buf, n)) {
            fail(EFAULT);
            break;
        }
        written = semihosting_write(handle_of(call->arg[0]), buf, n);
        if (written <= 0) {
            status(written);
            break;
        }
        done += (uint64_t)written;
        if ((size_t)written < n) {
            break; /* no room, or a reader that stalls */
        }
    }
    return (int64_t)(call->arg[2] - done);
}

/*
 * handle, buffer, length; returns how many bytes were not read, all of them at the end of the file
 */
static int64_t sys_read(SemihostingCall *call)
{
    uint64_t len = MIN(call->arg[2], MAX_TRANSFER);
    g_autofree uint8_t *buf = g_malloc(CHUNK);
    int handle = handle_of(call->arg[0]);
    uint64_t done = 0;

    while (done < len) {
        size_t n = MIN(len - done, CHUNK);
        ssize_t got;

        /* before input is taken that could not be delivered */
        if (!guest_access(call->env, call->arg[1] + done, NULL, n, MMU_DATA_STORE)) {
            fail(EFAULT);
            break;
        }
        got = semihosting_read(handle, buf, n);
        if (got == -EAGAIN && done == 0) {
            call->again = true;
            call->wait_handle = handle;
            return 0;
        }
        if (got <= 0) {
            status(got);
            break;
        }
        if (!guest_write(call->env, call->arg[1] + done, buf, (size_t)got)) {
            fail(EFAULT);
            break;
        }
        done += (uint64_t)got;
        if ((size_t)got < n) {
            break; /* a terminal's line, or the end */
        }
    }
    return (int64_t)(call->arg[2] - done);
}

static int64_t sys_istty(SemihostingCall *call)
{
    return status(semihosting_isatty(handle_of(call->arg[0])));
}

/* handle, position */
static int64_t sys_seek(SemihostingCall *call)
{
    return status(semihosting_seek(handle_of(call->arg[0]), call->arg[1]));
}

static int64_t sys_flen(SemihostingCall *call)
{
    return status(semihosting_length(handle_of(call->arg[0])));
}

/* buffer, number 0 to 255, length of buffer: a name that the host does not use */
static int64_t sys_tmpnam(SemihostingCall *call)
{
    g_autofree char *name = g_strdup_printf("%s/tinamou-%ld-%02x", g_get_tmp_dir(), (long)getpid(),
                                            (unsigned)call->arg[1] & 0xff);

    if (call->arg[1] > 255 || strlen(name) >= call->arg[2]) {
        return fail(EINVAL);
    }
    return guest_write(call->env, call->arg[0], name, strlen(name) + 1) ? 0 : fail(EFAULT);
}

/* name, length */
static int64_t sys_remove(SemihostingCall *call)
{
    g_autofree char *name = read_name(call->env, call->arg[0], call->arg[1]);

    return name ? status(semihosting_remove(name)) : -1;
}

/* old name, its length, new name, its length */
static int64_t sys_rename(SemihostingCall *call)
{
    g_autofree char *from = read_name(call->env, call->arg[0], call->arg[1]);
    g_autofree char *to = from ? read_name(call->env, call->arg[2], call->arg[3]) : NULL;

    return to ? status(semihosting_rename(from, to)) : -1;
}

/* ---- time ------------------------------------------------------------------------------------ */

/* hundredths of a second since the start */
static int64_t sys_clock(SemihostingCall *call)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) / (NANOSECONDS_PER_SECOND / 100);
}

static int64_t sys_time(SemihostingCall *call)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

/* The block takes 64 bits whatever XLEN is. */
static int64_t sys_elapsed(SemihostingCall *call)
{
    uint8_t ticks[8];

    stq_le_p(ticks, (uint64_t)qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
    return guest_write(call->env, call->block, ticks, sizeof(ticks)) ? 0 : fail(EFAULT);
}

static int64_t sys_tickfreq(SemihostingCall *call)
{
    return TICKS_PER_SECOND;
}

/* ---- the program ----------------------------------------------------------------------------- */

/* A host's shell is more than files: refused. */
static int64_t sys_system(SemihostingCall *call)
{
    return fail(ENOSYS);
}

static int64_t sys_errno(SemihostingCall *call)
{
    return last_errno;
}

/* a status of these calls: is it an error */
static int64_t sys_iserror(SemihostingCall *call)
{
    return xlen_is_32(call->env) ? (int32_t)call->arg[0] < 0 : (int64_t)call->arg[0] < 0;
}

/* buffer, its length; the length becomes the text's */
static int64_t sys_get_cmdline(SemihostingCall *call)
{
    const char *text = semihosting_cmdline();
    size_t len = strlen(text);

    if (len >= call->arg[1]) {
        return fail(E2BIG);
    }
    return guest_write(call->env, call->arg[0], text, len + 1) &&
                   write_word(call->env, call->block, 1, len) ?
               0 :
               fail(EFAULT);
}

/* pointer to a block that gets heap base and limit, stack base and limit; 0 is "not known" */
static int64_t sys_heapinfo(SemihostingCall *call)
{
    uint64_t values[4] = {0};
    uint64_t size;
    hwaddr base;

    if (semihosting_heap(&base, &size)) {
        values[0] = base;
        values[1] = values[2] = base + size;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
        if (!write_word(call->env, call->arg[0], i, values[i])) {
            return fail(EFAULT);
        }
    }
    return 0;
}

static int64_t exit_program(uint64_t reason, uint64_t code)
{
    int exit_code = reason == ADP_APPLICATION_EXIT ? (int)code : EXIT_FAILURE;

    /* The program's host ends with it, also under -no-shutdown: as if the user had quit. */
    qemu_system_shutdown_request_with_code(SHUTDOWN_CAUSE_HOST_QMP_QUIT, exit_code);
    return 0;
}

/* reason, exit status */
static int64_t sys_exit_extended(SemihostingCall *call)
{
    return exit_program(call->arg[0], call->arg[1]);
}

/*
 * With XLEN 32 a1 is the reason. With 64 it is the address of the block that SYS_EXIT_EXTENDED has;
 * programs that do as with 32 are many, and no reason is the address of a block that can be read.
 */
static int64_t sys_exit(SemihostingCall *call)
{
    bool is_reason = call->block >= ADP_FIRST_REASON && call->block <= ADP_LAST_REASON;
    uint64_t reason, code;

    if (xlen_is_32(call->env)) {
        return exit_program(call->block, EXIT_SUCCESS);
    }
    if (read_word(call->env, call->block, 0, &reason) &&
        read_word(call->env, call->block, 1, &code)) {
        return exit_program(reason, code);
    }
    return is_reason ? exit_program(call->block, EXIT_SUCCESS) : fail(EFAULT);
}

/* ---- the table ------------------------------------------------------------------------------- */

typedef struct SemihostingOp {
    const char *name;
    unsigned num_args; /* words of the block to be read; 0: none, or only a1 counts */
    int64_t (*run)(SemihostingCall *call);
} SemihostingOp;

static const SemihostingOp operations[] = {
    [0x01] = {"SYS_OPEN", 3, sys_open},
    [0x02] = {"SYS_CLOSE", 1, sys_close},
    [0x03] = {"SYS_WRITEC", 0, sys_writec},
    [0x04] = {"SYS_WRITE0", 0, sys_write0},
    [0x05] = {"SYS_WRITE", 3, sys_write},
    [0x06] = {"SYS_READ", 3, sys_read},
    [0x07] = {"SYS_READC", 0, sys_readc},
    [0x08] = {"SYS_ISERROR", 1, sys_iserror},
    [0x09] = {"SYS_ISTTY", 1, sys_istty},
    [0x0a] = {"SYS_SEEK", 2, sys_seek},
    [0x0c] = {"SYS_FLEN", 1, sys_flen},
    [0x0d] = {"SYS_TMPNAM", 3, sys_tmpnam},
    [0x0e] = {"SYS_REMOVE", 2, sys_remove},
    [0x0f] = {"SYS_RENAME", 4, sys_rename},
    [0x10] = {"SYS_CLOCK", 0, sys_clock},
    [0x11] = {"SYS_TIME", 0, sys_time},
    [0x12] = {"SYS_SYSTEM", 0, sys_system},
    [0x13] = {"SYS_ERRNO", 0, sys_errno},
    [0x15] = {"SYS_GET_CMDLINE", 2, sys_get_cmdline},
    [0x16] = {"SYS_HEAPINFO", 1, sys_heapinfo},
    [0x18] = {"SYS_EXIT", 0, sys_exit},
    [0x20] = {"SYS_EXIT_EXTENDED", 2, sys_exit_extended},
    [0x30] = {"SYS_ELAPSED", 0, sys_elapsed},
    [0x31] = {"SYS_TICKFREQ", 0, sys_tickfreq},
};

static int64_t run_operation(SemihostingCall *call, uint64_t number)
{
    const SemihostingOp *op = number < ARRAY_SIZE(operations) ? &operations[number] : NULL;

    if (!op || !op->run) {
        qemu_log_mask(LOG_UNIMP, "semihosting operation 0x%" PRIx64 "\n", number);
        return fail(ENOSYS);
    }
    for (unsigned i = 0; i < op->num_args; i++) {
        if (!read_word(call->env, call->block, i, &call->arg[i])) {
            qemu_log_mask(LOG_GUEST_ERROR, "%s: no arguments at 0x%" PRIx64 "\n", op->name,
                          call->block);
            return fail(EFAULT);
        }
    }
    TRACE(semihosting_call, "%s 0x%" PRIx64, op->name, call->block);
    return op->run(call);
}

/* ---- the call -------------------------------------------------------------------------------- */

/* Queued by riscv_semihosting_call() for the hart's own thread. */
static void carry_out(CPUState *cpu, void *data)
{
    CPURISCVState *env = cpu->env_ptr;
    SemihostingCall call = {.env = env, .block = env->gpr[11]};
    uint64_t number = env->gpr[10];
    int64_t result;

    if (xlen_is_32(env)) {
        call.block = (uint32_t)call.block;
        number = (uint32_t)number;
    }
    result = run_operation(&call, number);
    if (call.again) {
        semihosting_wait(call.wait_handle, cpu);
        return;
    }
    env->gpr[10] = (uint64_t)(xlen_is_32(env) ? (int32_t)result : result);
    env->tcg.pc += 4;
}

/* The three instructions around pc, which are in one page, so that one is there if all are. */
static bool is_call(CPURISCVState *env)
{
    vaddr first = env->tcg.pc - 4;
    uint8_t code[12];
    hwaddr page;

    if ((first & ~TARGET_PAGE_MASK) > TARGET_PAGE_SIZE - sizeof(code)) {
        return false;
    }
    page = riscv_cpu_get_code_page_debug(env_cpu_state(env), first);
    return page != HWADDR_MAX &&
           address_space_read(env_cpu_state(env)->as, page | (first & ~TARGET_PAGE_MASK),
                              (MemTxAttrs){.is_fetch = 1, .debug = 1}, code,
                              sizeof(code)) == MEMTX_OK &&
           ldl_le_p(code) == INSN_SLLI_X0_X0_31 && ldl_le_p(code + 4) == INSN_EBREAK &&
           ldl_le_p(code + 8) == INSN_SRAI_X0_X0_7;
}

bool riscv_semihosting_call(CPURISCVState *env)
{
    if (!semihosting_enabled(env->priv == PRV_U) || !is_call(env)) {
        return false;
    }
    async_run_on_cpu(env_cpu_state(env), carry_out, NULL);
    return true;
}
