/* SPDX-License-Identifier: MIT */
/*
 * Names for generated code, for Linux perf: -perfmap writes /tmp/perf-PID.map, -jitdump writes
 * ./jit-PID.dump. docs/profiling.md says how to use them.
 *
 * A map has a line for the host code of each guest instruction, and one for a block's slow paths;
 * a dump has a record with the bytes of each block. Each block is one write() to the end of the
 * file: nothing is lost when the process is killed, and no lock is needed. What is said of code
 * that has been emptied out of the region stays in both; only a dump tells by its times.
 *
 * Formats: Linux tools/perf/Documentation/jit-interface.txt and jitdump-specification.txt.
 * Threads: any hart's; set-up and end on the main thread. Tests: tests/system/perf.py.
 */
#include "qemu/osdep.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "accel/tcg/perf.h"
#include "qemu/error.h"
#include "qemu/timer.h"
#include "tcg-internal.h"

/* [atomic] set before harts exist; -1: off, also after an error. */
static int map_fd = -1;
static int dump_fd = -1;

/* ---- files ----------------------------------------------------------------------------------- */

static int perf_create(const char *path, GError **error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0) {
        error_setg_errno(error, errno, "Could not open '%s'", path);
    }
    return fd;
}

static void perf_write(int *fd, const void *data, size_t size)
{
    int to = qatomic_read(fd);

    if (to >= 0 && write(to, data, size) != (ssize_t)size) {
        qatomic_set(fd, -1);
        warn_report_once("writing for perf failed: generated code has no more names from here on");
    }
}

/* ---- /tmp/perf-PID.map ----------------------------------------------------------------------- */

bool perf_enable_map(GError **error)
{
    g_autofree char *path = g_strdup_printf("/tmp/perf-%d.map", (int)getpid());

    map_fd = perf_create(path, error);
    return map_fd >= 0;
}

static void map_line(GString *text, const TCGCode *code, uint32_t from, uint32_t to, uint64_t pc,
                     const char *part)
{
    if (to > from) {
        g_string_append_printf(text, "%" PRIxPTR " %x guest-0x%" PRIx64 "%s\n",
                               (uintptr_t)code->entry + from, to - from, pc, part);
    }
}

static void map_report(const TranslationBlock *tb, const TCGCode *code)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (unsigned i = 0; i < code->nmarks; i++) {
        uint32_t end = i + 1 < code->nmarks ? code->marks[i + 1].offset : code->main_size;

        map_line(text, code, code->marks[i].offset, end, code->marks[i].pc, "");
    }
    map_line(text, code, code->main_size, code->size, tb->pc, "-slow");
    perf_write(&map_fd, text->str, text->len);
}

/* ---- jit-PID.dump ---------------------------------------------------------------------------- */

enum {
    JITDUMP_MAGIC = 0x4a695444,
    JITDUMP_VERSION = 1,
    JIT_CODE_LOAD = 0,
    JIT_CODE_CLOSE = 3,
};

/* "Jitdump File Header Format" */
typedef struct JitdumpHeader {
    uint32_t magic;
    uint32_t version;
    uint32_t total_size;
    uint32_t elf_mach;
    uint32_t pad1;
    uint32_t pid;
    uint64_t timestamp; /* ns of CLOCK_MONOTONIC, as in records: perf record -k mono */
    uint64_t flags;
} JitdumpHeader;

/* "Jitdump Records Header Format" */
typedef struct JitdumpPrefix {
    uint32_t id;
    uint32_t total_size;
    uint64_t timestamp;
} JitdumpPrefix;

/* "JIT_CODE_LOAD record": then the name with its NUL, then the code. */
typedef struct JitdumpLoad {
    JitdumpPrefix p;
    uint32_t pid;
    uint32_t tid;
    uint64_t vma;
    uint64_t code_addr;
    uint64_t code_size;
    uint64_t code_index;
} JitdumpLoad;

QEMU_BUILD_BUG_ON(sizeof(JitdumpHeader) != 40);
QEMU_BUILD_BUG_ON(sizeof(JitdumpLoad) != 56);

#ifdef __x86_64__
#define HOST_ELF_MACHINE EM_X86_64
#else
#define HOST_ELF_MACHINE EM_NONE
#endif

bool perf_enable_jitdump(GError **error)
{
    g_autofree char *path = g_strdup_printf("jit-%d.dump", (int)getpid());
    JitdumpHeader header = {
        .magic = JITDUMP_MAGIC,
        .version = JITDUMP_VERSION,
        .total_size = sizeof(header),
        .elf_mach = HOST_ELF_MACHINE,
        .pid = (uint32_t)getpid(),
        .timestamp = (uint64_t)get_clock(),
    };
    void *marker;

    dump_fd = perf_create(path, error);
    if (dump_fd < 0) {
        return false;
    }
    perf_write(&dump_fd, &header, sizeof(header));
    /* "perf record" sees the mapping, and so learns of the file; it stays until the process ends */
    marker =
        mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_EXEC, MAP_PRIVATE, dump_fd, 0);
    if (marker == MAP_FAILED) {
        error_setg_errno(error, errno, "Could not map '%s' for perf to see", path);
        return false;
    }
    return true;
}

static void dump_code(const char *name, const void *entry, const uint8_t *code, size_t size)
{
    static uint64_t next_index; /* [atomic] */
    size_t name_size = strlen(name) + 1;
    JitdumpLoad load = {
        .p.id = JIT_CODE_LOAD,
        .p.total_size = (uint32_t)(sizeof(load) + name_size + size),
        .p.timestamp = (uint64_t)get_clock(),
        .pid = (uint32_t)getpid(),
        .tid = (uint32_t)qemu_get_thread_id(),
        .vma = (uintptr_t)entry,
        .code_addr = (uintptr_t)entry,
        .code_size = size,
        .code_index = qatomic_fetch_inc(&next_index),
    };
    g_autoptr(GByteArray) record = g_byte_array_sized_new(load.p.total_size);

    g_byte_array_append(record, (const uint8_t *)&load, sizeof(load));
    g_byte_array_append(record, (const uint8_t *)name, (guint)name_size);
    g_byte_array_append(record, code, (guint)size);
    perf_write(&dump_fd, record->data, record->len);
}

/* ---- both ------------------------------------------------------------------------------------ */

void perf_report_prologue(const uint8_t *rw, size_t size)
{
    const uint8_t *rx = rw + tcg_accel.jitmem->diff;

    if (map_fd >= 0) {
        g_autofree char *line =
            g_strdup_printf("%" PRIxPTR " %zx tcg-prologue-buffer\n", (uintptr_t)rx, size);

        perf_write(&map_fd, line, strlen(line));
    }
    if (dump_fd >= 0) {
        dump_code("tcg-prologue-buffer", rx, rw, size);
    }
}

void perf_report_tb(const TranslationBlock *tb, const TCGCode *code)
{
    if (tcg_accel.interp) {
        return;
    }
    if (unlikely(qatomic_read(&map_fd) >= 0)) {
        map_report(tb, code);
    }
    if (unlikely(qatomic_read(&dump_fd) >= 0)) {
        g_autofree char *name = g_strdup_printf("guest-0x%" PRIx64, tb->pc);

        dump_code(name, code->entry, code->rw, code->size);
    }
}

void perf_exit(void)
{
    JitdumpPrefix close_record = {
        .id = JIT_CODE_CLOSE,
        .total_size = sizeof(close_record),
        .timestamp = (uint64_t)get_clock(),
    };

    perf_write(&dump_fd, &close_record, sizeof(close_record));
}
