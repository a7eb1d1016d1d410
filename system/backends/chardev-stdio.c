/* SPDX-License-Identifier: MIT */
/*
 * Character device "stdio": the terminal we were started on, in raw mode, or whatever standard
 * input and output are.
 *
 * The terminal's settings are put back on every way out: when the device goes, at exit(), and, from
 * a signal handler, when a fatal signal (a crash, an assertion, an untimely SIGTERM) ends us. After
 * a stop and SIGCONT raw mode is set again. Descriptors 0 to 2 are shared with the shell, so their
 * O_NONBLOCK is never touched: see chardev_fd_private().
 *
 * Threads: BQL; the handlers run in any thread and use only what is marked [signal].
 * Tests: tests/system/terminal.py
 */
#include "qemu/osdep.h"
#include <signal.h>
#include <termios.h>
#include "chardev-internal.h"
#include "qemu/error.h"

#define TYPE_CHARDEV_STDIO CHARDEV_TYPE("stdio")
OBJECT_DECLARE_SIMPLE_TYPE(ChardevStdio, CHARDEV_STDIO)

struct ChardevStdio {
    ChardevFd parent;

    bool signal; /* [const] after parse: Ctrl-C and friends send signals */
};

/* There is one terminal, so there is one of this. */
static struct {
    bool in_use;               /* [bql] */
    bool forbidden;            /* [const] after set-up */
    bool no_signal_by_default; /* [const] after set-up */
    bool hooked;               /* [bql] handlers and atexit() are installed */
    /* [signal] written before raw is set, and never while it is */
    struct termios saved_mode;
    struct termios raw_mode;
    volatile sig_atomic_t raw;
} terminal;

/* Signals that end the process unless somebody handles them. */
static const int fatal_signals[] = {SIGABRT, SIGBUS,  SIGFPE,  SIGHUP, SIGILL,
                                    SIGINT,  SIGQUIT, SIGSEGV, SIGSYS, SIGTERM};

void chardev_stdio_set_signal_default(bool signal)
{
    terminal.no_signal_by_default = !signal;
}

void chardev_stdio_forbid(void)
{
    terminal.forbidden = true;
}

/* Async-signal-safe. */
static void terminal_restore(void)
{
    if (terminal.raw) {
        terminal.raw = 0;
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.saved_mode);
    }
}

static void on_fatal_signal(int sig)
{
    terminal_restore();
    /* SA_RESETHAND has put the default action back: end as if we had never caught it. */
    raise(sig);
}

static void on_continue(int sig)
{
    if (terminal.raw) {
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.raw_mode);
    }
}

/* Only where nobody else handles the signal. */
static void hook_signal(int sig, void (*handler)(int), int flags)
{
    struct sigaction old, act = {.sa_handler = handler, .sa_flags = flags};

    if (sigaction(sig, NULL, &old) == 0 && !(old.sa_flags & SA_SIGINFO) &&
        old.sa_handler == SIG_DFL) {
        sigaction(sig, &act, NULL);
    }
}

static void install_hooks(void)
{
    if (terminal.hooked) {
        return;
    }
    terminal.hooked = true;
    for (size_t i = 0; i < ARRAY_SIZE(fatal_signals); i++) {
        hook_signal(fatal_signals[i], on_fatal_signal, SA_RESETHAND | SA_NODEFER);
    }
    hook_signal(SIGCONT, on_continue, SA_RESTART);
    atexit(terminal_restore);
}

static void terminal_make_raw(bool signal)
{
    if (tcgetattr(STDIN_FILENO, &terminal.saved_mode) != 0) {
        return; /* not a terminal */
    }
    terminal.raw_mode = terminal.saved_mode;
    terminal.raw_mode.c_iflag &=
        ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    terminal.raw_mode.c_oflag |= OPOST;
    terminal.raw_mode.c_lflag &= ~(ECHO | ECHONL | ICANON | IEXTEN | (signal ? 0 : ISIG));
    terminal.raw_mode.c_cflag &= ~(CSIZE | PARENB);
    terminal.raw_mode.c_cflag |= CS8;
    terminal.raw_mode.c_cc[VMIN] = 1;
    terminal.raw_mode.c_cc[VTIME] = 0;
    install_hooks();
    terminal.raw = 1;
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal.raw_mode);
}

static bool stdio_parse(Chardev *chr, QemuOpts *opts, GError **error)
{
    ChardevStdio *s = CHARDEV_STDIO(chr);

    s->signal = !terminal.no_signal_by_default;
    return qemu_opt_get_bool(opts, "signal", &s->signal, error);
}

static bool stdio_open(Chardev *chr, GError **error)
{
    ChardevStdio *s = CHARDEV_STDIO(chr);
    ChardevFd *fd_chr = CHARDEV_FD(chr);
    bool in_blocks;
    int in, out;

    if (terminal.forbidden) {
        error_setg(error, "cannot use stdio with -daemonize");
        return false;
    }
    if (terminal.in_use) {
        error_setg(error, "cannot use stdio by multiple character devices");
        error_append_hint(error, "'mon:stdio', or '-chardev stdio,id=ID,mux=on', shares it.\n");
        return false;
    }
    in = chardev_fd_private(STDIN_FILENO, O_RDONLY, &in_blocks, error);
    if (in < 0) {
        return false;
    }
    out = chardev_fd_private(STDOUT_FILENO, O_WRONLY, &fd_chr->out_blocks, error);
    if (out < 0) {
        close(in);
        return false;
    }
    terminal.in_use = true;
    terminal_make_raw(s->signal);
    chardev_fd_start(fd_chr, in, out);
    qemu_chr_be_event(chr, CHR_EVENT_OPENED);
    return true;
}

static void stdio_finalize(Object *obj)
{
    if (CHARDEV_FD(obj)->fd_out >= 0) {
        terminal_restore();
        terminal.in_use = false;
    }
}

static void stdio_class_init(ObjectClass *oc, const void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->internal = false;
    cc->parse = stdio_parse;
    cc->open = stdio_open;
}

static const TypeInfo chardev_stdio_types[] = {
    {
        .name = TYPE_CHARDEV_STDIO,
        .parent = TYPE_CHARDEV_FD,
        .instance_size = sizeof(ChardevStdio),
        .instance_finalize = stdio_finalize,
        .class_init = stdio_class_init,
    },
};

DEFINE_TYPES(chardev_stdio_types)
