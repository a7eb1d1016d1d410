/* SPDX-License-Identifier: MIT */
/*
 * -daemonize and -pidfile. Contracts are in daemon.h.
 *
 * Threads: main. Tests: tests/system/exit-status.py
 */
#include "qemu/osdep.h"
#include <sys/file.h>
#include <sys/wait.h>
#include "daemon.h"
#include "qemu/error.h"

static int ready_fd = -1;   /* the daemon's end of the pipe to the parent */
static int pidfile_fd = -1; /* kept open: its lock says that we live */
static char *pidfile_path;

/* In the parent: wait until the daemon says that it is set up, or is gone. */
static bool wait_for_daemon(int fd, pid_t pid, GError **error)
{
    uint8_t ok = 0;
    ssize_t n;

    do {
        n = read(fd, &ok, 1);
    } while (n < 0 && errno == EINTR);
    close(fd);
    if (n == 1) {
        return true;
    }
    waitpid(pid, NULL, 0);
    error_setg(error, "-daemonize: the daemon ended before it was set up");
    return false;
}

bool daemon_fork(bool *is_parent, GError **error)
{
    int fds[2];
    pid_t pid;

    *is_parent = false;
    if (pipe2(fds, O_CLOEXEC) != 0) {
        error_setg_errno(error, errno, "-daemonize: cannot make a pipe");
        return false;
    }
    pid = fork();
    if (pid < 0) {
        error_setg_errno(error, errno, "-daemonize: cannot fork");
        close(fds[0]);
        close(fds[1]);
        return false;
    }
    if (pid > 0) {
        *is_parent = true;
        close(fds[1]);
        return wait_for_daemon(fds[0], pid, error);
    }
    close(fds[0]);
    ready_fd = fds[1];
    setsid();
    /* Once more: a session leader could get a controlling terminal again. */
    pid = fork();
    if (pid != 0) {
        _exit(pid < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
    }
    umask(027);
    return true;
}

bool daemon_ready(GError **error)
{
    uint8_t ok = 1;
    int null_fd;

    if (ready_fd < 0) {
        return true;
    }
    null_fd = qemu_open("/dev/null", O_RDWR, error);
    if (null_fd < 0) {
        return false;
    }
    if (chdir("/") != 0) {
        error_setg_errno(error, errno, "-daemonize: cannot change to /");
        close(null_fd);
        return false;
    }
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        dup2(null_fd, fd);
    }
    close(null_fd);
    if (!qemu_write_full(ready_fd, &ok, 1)) {
        error_setg_errno(error, errno, "-daemonize: the parent is gone");
        return false;
    }
    close(ready_fd);
    ready_fd = -1;
    return true;
}

static bool pidfile_write(int fd, const char *path, GError **error)
{
    g_autofree char *text = g_strdup_printf("%d\n", (int)getpid());

    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        error_setg_errno(error, errno, "cannot create PID file: Cannot lock pid file");
        error_append_hint(error, "'%s' belongs to an emulator that still runs.\n", path);
        return false;
    }
    if (ftruncate(fd, 0) != 0 || !qemu_write_full(fd, text, strlen(text))) {
        error_setg_errno(error, errno, "cannot create PID file: Failed to write '%s'", path);
        return false;
    }
    return true;
}

bool pidfile_create(const char *path, GError **error)
{
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);

    if (fd < 0) {
        error_setg_errno(error, errno, "cannot create PID file: Could not create '%s'", path);
        return false;
    }
    if (!pidfile_write(fd, path, error)) {
        close(fd);
        return false;
    }
    pidfile_fd = fd;
    /* The daemon changes its directory before it removes the file. */
    pidfile_path = g_canonicalize_filename(path, NULL);
    return true;
}

void pidfile_remove(void)
{
    if (pidfile_path) {
        unlink(pidfile_path);
        close(pidfile_fd);
        g_clear_pointer(&pidfile_path, g_free);
    }
}
