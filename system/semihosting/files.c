/* SPDX-License-Identifier: MIT */
/*
 * Files for guests: a table of handles. Contracts are in hw/core/semihosting.h.
 *
 * Whoever switches semihosting on trusts the guest with the files of the user who runs it.
 * Threads: BQL. Specification: "Semihosting for AArch32 and AArch64" 2.0, "SYS_OPEN", "Semihosting
 * extensions". Tests: tests/system/semihosting.py
 */
#include "qemu/osdep.h"
#include <sys/stat.h>
#include "semihosting-internal.h"

typedef enum FileKind {
    FILE_CLOSED,
    FILE_HOST,
    FILE_CONSOLE_IN,
    FILE_CONSOLE_OUT, /* @fd: stdout or stderr, where these are the console */
    FILE_FEATURES,
} FileKind;

typedef struct SemihostingFile {
    FileKind kind;
    int fd;
    uint64_t pos; /* of FILE_FEATURES */
} SemihostingFile;

static SemihostingFile files[SEMIHOSTING_MAX_FILES]; /* [bql] handle - 1 is the index */

/*
 * "Semihosting extensions": a magic number, then a bit for each: SYS_EXIT_EXTENDED, and the
 * distinction of stdout and stderr.
 */
static const uint8_t features[] = {'S', 'H', 'F', 'B', 1 << 0 | 1 << 1};

static SemihostingFile *find(int handle)
{
    return handle >= 1 && handle <= SEMIHOSTING_MAX_FILES && files[handle - 1].kind != FILE_CLOSED ?
               &files[handle - 1] :
               NULL;
}

/* ---- opening and closing ---- */

/* Without O_NONBLOCK opening a FIFO would wait for its other end. */
static int open_host(const char *name, unsigned mode)
{
    static const int flags[] = {O_RDONLY,
                                O_RDWR,
                                O_WRONLY | O_CREAT | O_TRUNC,
                                O_RDWR | O_CREAT | O_TRUNC,
                                O_WRONLY | O_CREAT | O_APPEND,
                                O_RDWR | O_CREAT | O_APPEND};
    int fd = open(name, flags[mode / 2] | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);

    return fd < 0 ? -errno : fd;
}

static int open_file(SemihostingFile *file, const char *name, unsigned mode)
{
    if (g_str_equal(name, ":tt")) {
        file->kind = mode < 4 ? FILE_CONSOLE_IN : FILE_CONSOLE_OUT;
        file->fd = mode < 4 ? STDIN_FILENO : mode < 8 ? STDOUT_FILENO : STDERR_FILENO;
        return 0;
    }
    if (g_str_equal(name, ":semihosting-features")) {
        if (mode > 1) {
            return -EACCES;
        }
        file->kind = FILE_FEATURES;
        file->pos = 0;
        return 0;
    }
    file->fd = open_host(name, mode);
    if (file->fd < 0) {
        return file->fd;
    }
    file->kind = FILE_HOST;
    return 0;
}

int semihosting_open(const char *name, unsigned mode)
{
    if (mode > 11) {
        return -EINVAL;
    }
    for (int i = 0; i < SEMIHOSTING_MAX_FILES; i++) {
        if (files[i].kind == FILE_CLOSED) {
            int result = open_file(&files[i], name, mode);

            return result < 0 ? result : i + 1;
        }
    }
    return -EMFILE;
}

int semihosting_close(int handle)
{
    SemihostingFile *file = find(handle);
    int result = 0;

    if (!file) {
        return -EBADF;
    }
    if (file->kind == FILE_HOST) {
        semihosting_forget_fd(file->fd);
        result = close(file->fd);
    }
    file->kind = FILE_CLOSED;
    return result < 0 ? -errno : 0;
}

void semihosting_files_cleanup(void)
{
    for (int handle = 1; handle <= SEMIHOSTING_MAX_FILES; handle++) {
        semihosting_close(handle);
    }
}

/* ---- reading and writing ---- */

ssize_t semihosting_read(int handle, void *buf, size_t len)
{
    SemihostingFile *file = find(handle);

    switch (file ? file->kind : FILE_CLOSED) {
    case FILE_HOST:
        return semihosting_read_fd(file->fd, buf, len);
    case FILE_CONSOLE_IN:
        return semihosting_console_read(buf, len);
    case FILE_FEATURES:
        len = MIN(len, sizeof(features) - file->pos);
        memcpy(buf, features + file->pos, len);
        file->pos += len;
        return (ssize_t)len;
    case FILE_CONSOLE_OUT:
    case FILE_CLOSED:
        break;
    }
    return -EBADF;
}

ssize_t semihosting_write(int handle, const void *buf, size_t len)
{
    SemihostingFile *file = find(handle);
    ssize_t n;

    switch (file ? file->kind : FILE_CLOSED) {
    case FILE_HOST:
        do {
            n = write(file->fd, buf, len);
        } while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
    case FILE_CONSOLE_OUT:
        n = (ssize_t)semihosting_console_write_to(file->fd, buf, len);
        return n > 0 || len == 0 ? n : -EIO;
    case FILE_CONSOLE_IN:
    case FILE_FEATURES:
    case FILE_CLOSED:
        break;
    }
    return -EBADF;
}

void semihosting_wait(int handle, CPUState *cpu)
{
    const SemihostingFile *file = find(handle);

    if (file && file->kind == FILE_HOST) {
        semihosting_wait_fd(file->fd, cpu);
    } else {
        semihosting_console_wait(cpu);
    }
}

/* ---- position, length, kind ---- */

int semihosting_seek(int handle, uint64_t pos)
{
    SemihostingFile *file = find(handle);

    switch (file ? file->kind : FILE_CLOSED) {
    case FILE_HOST:
        return pos > INT64_MAX ? -EINVAL : lseek(file->fd, (off_t)pos, SEEK_SET) < 0 ? -errno : 0;
    case FILE_FEATURES:
        if (pos > sizeof(features)) {
            return -EINVAL;
        }
        file->pos = pos;
        return 0;
    case FILE_CONSOLE_IN:
    case FILE_CONSOLE_OUT:
        return -ESPIPE;
    case FILE_CLOSED:
        break;
    }
    return -EBADF;
}

int64_t semihosting_length(int handle)
{
    SemihostingFile *file = find(handle);
    struct stat st;

    switch (file ? file->kind : FILE_CLOSED) {
    case FILE_HOST:
        return fstat(file->fd, &st) < 0 ? -errno : st.st_size;
    case FILE_FEATURES:
        return sizeof(features);
    case FILE_CONSOLE_IN:
    case FILE_CONSOLE_OUT:
        return -EINVAL;
    case FILE_CLOSED:
        break;
    }
    return -EBADF;
}

int semihosting_isatty(int handle)
{
    SemihostingFile *file = find(handle);

    switch (file ? file->kind : FILE_CLOSED) {
    case FILE_HOST:
        return isatty(file->fd);
    case FILE_CONSOLE_IN:
    case FILE_CONSOLE_OUT:
        return semihosting_console_isatty(file->fd);
    case FILE_FEATURES:
        return 0;
    case FILE_CLOSED:
        break;
    }
    return -EBADF;
}

/* ---- names ---- */

int semihosting_remove(const char *name)
{
    return unlink(name) < 0 ? -errno : 0;
}

int semihosting_rename(const char *from, const char *to)
{
    return rename(from, to) < 0 ? -errno : 0;
}
