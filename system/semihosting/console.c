/* SPDX-License-Identifier: MIT */
/*
 * The console of a guest's program, and harts that wait for input. Contracts are in
 * semihosting-internal.h.
 *
 * Without a Chardev it is this process's own stdin, stdout and stderr. These may be a -serial's
 * too; who reads first has the input then.
 * Threads: BQL. Tests: tests/system/semihosting.py
 */
#include "qemu/osdep.h"
#include <poll.h>
#include "qemu/atomic.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "semihosting-internal.h"
#include "system/chardev.h"
#include "system/cpus.h"

#define FIFO_SIZE 4096
/* Output to a pipe or terminal that takes nothing for so long is lost. */
#define STALL_MS 2000

/* [bql] */
static CharBackend console_chr; /* chr is NULL: none, the process's own */
static GByteArray *fifo;        /* received from it, not yet read */
static GPtrArray *sleepers;     /* of CPUState: harts that wait for any input */
static GArray *watched_fds;     /* of int: those that have a handler for that */

/* ---- waiting ---- */

/* There is input somewhere: who waits looks again whether it is theirs. */
static void wake_all(void)
{
    while (sleepers && sleepers->len) {
        CPUState *cpu = g_ptr_array_steal_index(sleepers, sleepers->len - 1);

        qatomic_set(&cpu->halted, 0);
        qemu_cpu_kick(cpu);
    }
}

static void sleep_on_input(CPUState *cpu)
{
    if (!sleepers) {
        sleepers = g_ptr_array_new();
    }
    if (!g_ptr_array_find(sleepers, cpu, NULL)) {
        g_ptr_array_add(sleepers, cpu);
    }
    qatomic_set(&cpu->halted, 1);
}

static void fd_readable(void *opaque)
{
    semihosting_forget_fd(GPOINTER_TO_INT(opaque));
    wake_all();
}

void semihosting_wait_fd(int fd, CPUState *cpu)
{
    if (!watched_fds) {
        watched_fds = g_array_new(false, false, sizeof(int));
    }
    qemu_set_fd_handler(fd, fd_readable, NULL, GINT_TO_POINTER(fd));
    g_array_append_val(watched_fds, fd);
    sleep_on_input(cpu);
}

void semihosting_forget_fd(int fd)
{
    for (guint i = watched_fds ? watched_fds->len : 0; i-- > 0;) {
        if (g_array_index(watched_fds, int, i) == fd) {
            qemu_set_fd_handler(fd, NULL, NULL, NULL);
            g_array_remove_index_fast(watched_fds, i);
        }
    }
}

void semihosting_console_wait(CPUState *cpu)
{
    if (console_chr.chr) {
        sleep_on_input(cpu);
    } else {
        semihosting_wait_fd(STDIN_FILENO, cpu);
    }
}

/* ---- input ---- */

ssize_t semihosting_read_fd(int fd, void *buf, size_t len)
{
    struct pollfd pfd = {.fd = fd, .events = POLLIN};
    ssize_t n;

    if (poll(&pfd, 1, 0) == 0) {
        return -EAGAIN;
    }
    do {
        n = read(fd, buf, len);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

ssize_t semihosting_console_read(void *buf, size_t len)
{
    if (!console_chr.chr) {
        return semihosting_read_fd(STDIN_FILENO, buf, len);
    }
    if (!fifo->len) {
        return -EAGAIN;
    }
    len = MIN(len, fifo->len);
    memcpy(buf, fifo->data, len);
    g_byte_array_remove_range(fifo, 0, (guint)len);
    qemu_chr_fe_accept_input(&console_chr);
    return (ssize_t)len;
}

int semihosting_console_getc(void)
{
    uint8_t byte;
    ssize_t n = semihosting_console_read(&byte, 1);

    return n == 1 ? byte : n == 0 ? -EPIPE : (int)n;
}

static int console_can_read(void *opaque)
{
    return FIFO_SIZE - (int)fifo->len;
}

static void console_received(void *opaque, const uint8_t *buf, int size)
{
    g_byte_array_append(fifo, buf, (guint)size);
    wake_all();
}

/* ---- output ---- */

/*
 * All of it, unless the reader is gone or stalls; returns how much. Never more at a time than a
 * pipe that can be written to takes without blocking.
 */
static size_t write_fd(int fd, const uint8_t *buf, size_t len)
{
    size_t done = 0;

    while (done < len) {
        struct pollfd pfd = {.fd = fd, .events = POLLOUT};
        ssize_t n;

        if (poll(&pfd, 1, STALL_MS) == 0) {
            break;
        }
        n = write(fd, buf + done, MIN(len - done, PIPE_BUF));
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno != EAGAIN && errno != EINTR) {
            break;
        }
    }
    return done;
}

size_t semihosting_console_write_to(int fd, const void *buf, size_t len)
{
    return console_chr.chr ? (size_t)qemu_chr_fe_write_all(&console_chr, buf, (int)len) :
                             write_fd(fd, buf, len);
}

void semihosting_console_write(const void *buf, size_t len)
{
    semihosting_console_write_to(STDERR_FILENO, buf, len);
}

int semihosting_console_isatty(int fd)
{
    return console_chr.chr || isatty(fd);
}

/* ---- life ---- */

bool semihosting_console_start(const char *id, GError **error)
{
    Chardev *chr;

    if (!id) {
        return true;
    }
    chr = qemu_chr_find(id);
    if (!chr) {
        error_setg(error, "semihosting chardev '%s' not found", id);
        error_append_hint(error, "Add '-chardev KIND,id=%s'.\n", id);
        return false;
    }
    if (!qemu_chr_fe_init(&console_chr, chr, error)) {
        return false;
    }
    fifo = g_byte_array_new();
    qemu_chr_fe_set_handlers(&console_chr, console_can_read, console_received, NULL, NULL);
    return true;
}

void semihosting_console_cleanup(void)
{
    qemu_chr_fe_deinit(&console_chr, false);
    while (watched_fds && watched_fds->len) {
        semihosting_forget_fd(g_array_index(watched_fds, int, 0));
    }
    g_clear_pointer(&watched_fds, g_array_unref);
    g_clear_pointer(&sleepers, g_ptr_array_unref);
    g_clear_pointer(&fifo, g_byte_array_unref);
}
