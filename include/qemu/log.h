/* SPDX-License-Identifier: MIT */
/*
 * The log: what `-d` asks for. Items are bits of qemu_loglevel; their names and texts are
 * one table, util/log.c's log_items. Output goes to stderr or to `-D`'s file; each call
 * writes whole lines without mixing with other threads'. Any thread.
 *
 * LOG_GUEST_ERROR and LOG_UNIMP are the channel for what the guest does wrong and cannot
 * see: the text names the device and the value.
 */
#ifndef QEMU_LOG_H
#define QEMU_LOG_H

#define CPU_LOG_TB_OUT_ASM (1u << 0)
#define CPU_LOG_TB_IN_ASM (1u << 1)
#define CPU_LOG_TB_OP (1u << 2)
#define CPU_LOG_TB_OP_OPT (1u << 3)
#define CPU_LOG_TB_OP_IND (1u << 4)
#define CPU_LOG_TB_OP_PLUGIN (1u << 5)
#define CPU_LOG_INT (1u << 6)
#define CPU_LOG_EXEC (1u << 7)
#define CPU_LOG_TB_CPU (1u << 8)
#define CPU_LOG_TB_FPU (1u << 9)
#define CPU_LOG_MMU (1u << 10)
#define CPU_LOG_PCALL (1u << 11)
#define CPU_LOG_RESET (1u << 12)
#define LOG_UNIMP (1u << 13)
#define LOG_GUEST_ERROR (1u << 14)
#define CPU_LOG_PAGE (1u << 15)
#define CPU_LOG_TB_NOCHAIN (1u << 16)
#define CPU_LOG_PLUGIN (1u << 17)
#define LOG_STRACE (1u << 18)
#define LOG_PER_THREAD (1u << 19)
#define CPU_LOG_TB_VPU (1u << 20)
#define LOG_INVALID_MEM (1u << 21)
/* trace:PATTERN was given: the log is open for TRACE(). */
#define LOG_TRACE (1u << 22)

/* [atomic] relaxed: the bits that are on. Read through qemu_loglevel_mask(). */
extern unsigned qemu_loglevel;

/* One load and one branch. */
static inline bool qemu_loglevel_mask(unsigned mask)
{
    return unlikely(__atomic_load_n(&qemu_loglevel, __ATOMIC_RELAXED) & mask);
}

/* Log when any bit of @mask is on. The arguments are evaluated only then. */
#define qemu_log_mask(mask, ...)                                                                   \
    do {                                                                                           \
        if (qemu_loglevel_mask(mask)) {                                                            \
            qemu_log(__VA_ARGS__);                                                                 \
        }                                                                                          \
    } while (0)

/* The same when @addr is also within `-dfilter`'s ranges. */
#define qemu_log_mask_in_range(mask, addr, ...)                                                    \
    do {                                                                                           \
        if (qemu_loglevel_mask(mask) && qemu_log_in_addr_range(addr)) {                            \
            qemu_log(__VA_ARGS__);                                                                 \
        }                                                                                          \
    } while (0)

/* Log unconditionally: use after a test of the mask. */
void qemu_log(const char *fmt, ...) QEMU_PRINTF(1, 2);

/**
 * qemu_log_lock - the log's stream, for output of several calls that belongs together
 *
 * Never NULL: stderr when nothing else is set. The stream is the caller's alone until
 * qemu_log_unlock(); qemu_log() in between is fine, waiting for another thread is not.
 */
FILE *qemu_log_lock(void);
void qemu_log_unlock(FILE *logfile);

/**
 * qemu_str_to_log_mask - parse `-d`'s list, "int,exec,trace:riscv_*"
 *
 * "all" is every item but tid. trace:GLOB enables trace events at once and gives LOG_TRACE.
 * Returns 0 when an item is unknown.
 */
unsigned qemu_str_to_log_mask(const char *items);

/* What `-d help` prints. */
void qemu_print_log_usage(FILE *f);

/**
 * qemu_set_log - choose items
 * @mask:  bits; 0 switches the log off and closes its file
 *
 * Opens the file when one is chosen.
 */
bool qemu_set_log(unsigned mask, GError **error);

/**
 * qemu_set_log_filename - send the log to a file
 * @filename: "%d" in it becomes the process id, or with the tid item the thread id; NULL
 *            goes back to stderr
 *
 * Error: "Bad logfile template: 'NAME'" for any other use of '%', or that of opening.
 */
bool qemu_set_log_filename(const char *filename, GError **error);

/**
 * qemu_set_dfilter_ranges - `-dfilter`: A..B, A+SIZE or A-SIZE, separated by commas
 *
 * Addresses in C notation. NULL or "" logs everything.
 */
bool qemu_set_dfilter_ranges(const char *ranges, GError **error);
bool qemu_log_in_addr_range(uint64_t addr);

#endif
