/* SPDX-License-Identifier: MIT */
/*
 * Character devices: creation from both syntaxes, frontends, back pressure, the mux, logs.
 */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "system/chardev.h"

/* A frontend that notes what it is told and takes at most @room bytes. */
typedef struct Taker {
    CharBackend be;
    int room;
    GString *got;
    GString *events; /* a letter each: Opened, Closed, Break, In, oUt */
} Taker;

static int taker_can_read(void *opaque)
{
    Taker *t = opaque;

    return t->room;
}

static void taker_read(void *opaque, const uint8_t *buf, int size)
{
    Taker *t = opaque;

    g_assert_cmpint(size, <=, t->room);
    g_string_append_len(t->got, (const char *)buf, size);
    t->room -= size;
}

static void taker_event(void *opaque, QEMUChrEvent event)
{
    static const char letters[] = {
        [CHR_EVENT_BREAK] = 'B',   [CHR_EVENT_OPENED] = 'O', [CHR_EVENT_MUX_IN] = 'I',
        [CHR_EVENT_MUX_OUT] = 'U', [CHR_EVENT_CLOSED] = 'C',
    };

    g_string_append_c(((Taker *)opaque)->events, letters[event]);
}

static void taker_init(Taker *t, Chardev *chr, int room)
{
    GError *error = NULL;

    *t = (Taker){.room = room, .got = g_string_new(NULL), .events = g_string_new(NULL)};
    g_assert_true(qemu_chr_fe_init(&t->be, chr, &error));
    qemu_chr_fe_set_handlers(&t->be, taker_can_read, taker_read, taker_event, t);
}

static void taker_free(Taker *t)
{
    qemu_chr_fe_deinit(&t->be, false);
    g_string_free(t->got, true);
    g_string_free(t->events, true);
}

static void taker_accept(Taker *t, int room)
{
    t->room = room;
    qemu_chr_fe_accept_input(&t->be);
}

static Chardev *make(const char *text)
{
    GError *error = NULL;
    Chardev *chr = qemu_chr_new_from_opts(text, &error);

    g_assert_no_error(error);
    return chr;
}

/* Iterate until @done is @len bytes long. */
static void wait_for_bytes(const GString *done, gsize len)
{
    while (done->len < len) {
        main_loop_wait(false);
    }
    g_assert_cmpuint(done->len, ==, len);
}

static void spin(void)
{
    for (int i = 0; i < 8; i++) {
        main_loop_wait(true);
    }
}

static char *temp_path(const char *name)
{
    static char *dir;

    if (!dir) {
        dir = g_dir_make_tmp("tinamou-chardev-XXXXXX", NULL);
    }
    return g_build_filename(dir, name, NULL);
}

static void expect_error(const char *text, const char *message)
{
    GError *error = NULL;

    g_assert_null(qemu_chr_new_from_opts(text, &error));
    g_assert_cmpstr(error->message, ==, message);
    g_clear_error(&error);
}

/* ---- creation ---- */

static void test_errors(void)
{
    make("null,id=taken");
    expect_error("foo,id=a", "'foo' is not a valid char driver name");
    expect_error("mux,id=a", "'mux' is not a valid char driver name");
    expect_error("fd,id=a", "'fd' is not a valid char driver name");
    expect_error("null", "chardev: no id specified");
    expect_error("id=a", "chardev: \"a\" missing backend");
    expect_error("null,id=a,foo=1", "Invalid parameter 'foo'");
    expect_error("null,id=1a", "Parameter 'id' expects an identifier");
    expect_error("null,id=taken", "Duplicate ID 'taken' for chardev");
    expect_error("null,id=a,mux=foo", "Parameter 'mux' expects 'on' or 'off'");
    expect_error("file,id=a", "chardev: file: no filename given");
    expect_error("file,id=a,path=/nonexist/x",
                 "Could not open '/nonexist/x': No such file or directory");
    expect_error("pipe,id=a,path=/nonexist",
                 "Could not open '/nonexist': No such file or directory");
    expect_error("ringbuf,id=a,size=3", "size of ringbuf chardev must be power of two");
    expect_error("socket,id=a,host=x", "chardev: socket: no port given");
    expect_error("socket,id=a,port=99999", "port '99999' is out of range");
    expect_error("socket,id=a,path=/nonexist/x",
                 "Failed to connect to '/nonexist/x': No such file or directory");
    expect_error("socket,id=a,path=/nonexist/x,server=on",
                 "Failed to bind socket to /nonexist/x: No such file or directory");
    g_assert_null(qemu_chr_find("a"));
    qemu_chr_cleanup();
}

static void test_legacy(void)
{
    GError *error = NULL;
    bool monitor = false;
    Chardev *chr = qemu_chr_new("s0", "null", &monitor, &error);

    g_assert_no_error(error);
    g_assert_false(monitor);
    g_assert_true(qemu_chr_find("s0") == chr);
    g_assert_true(qemu_chr_new("other", "chardev:s0", NULL, &error) == chr);

    g_assert_nonnull(qemu_chr_new("s1", "mon:null", &monitor, &error));
    g_assert_true(monitor);
    g_assert_nonnull(qemu_chr_find("s1-base"));

    g_assert_null(qemu_chr_new("s2", "foo", NULL, &error));
    g_assert_cmpstr(error->message, ==, "'foo' is not a valid char driver");
    g_clear_error(&error);
    g_assert_null(qemu_chr_new("s2", "mon:null", NULL, &error)); /* makes no sense for -gdb */
    g_clear_error(&error);
    g_assert_null(qemu_chr_new("s2", "tcp:localhost", NULL, &error));
    g_clear_error(&error);
    g_assert_null(qemu_chr_new("s2", "chardev:nope", NULL, &error));
    g_assert_cmpstr(error->message, ==, "chardev \"nope\" not found");
    g_clear_error(&error);
    qemu_chr_cleanup();
}

/* ---- frontends ---- */

static void test_none(void)
{
    CharBackend be;

    g_assert_true(qemu_chr_fe_init(&be, NULL, NULL));
    g_assert_cmpint(qemu_chr_fe_write(&be, (const uint8_t *)"abc", 3), ==, 3);
    g_assert_cmpuint(qemu_chr_fe_add_watch(&be, G_IO_OUT, NULL, NULL), ==, 0);
    g_assert_cmpint(qemu_chr_fe_ioctl(&be, CHR_IOCTL_SERIAL_SET_BREAK, NULL), ==, -ENOTSUP);
    g_assert_false(qemu_chr_fe_backend_connected(&be));
    qemu_chr_fe_deinit(&be, false);
}

static void test_one_user(void)
{
    Chardev *chr = make("null,id=a");
    GError *error = NULL;
    CharBackend second;
    Taker t;

    taker_init(&t, chr, 1);
    g_assert_cmpstr(t.events->str, ==, "O");
    g_assert_false(qemu_chr_fe_init(&second, chr, &error));
    g_assert_cmpstr(error->message, ==, "chardev 'a' is already in use");
    g_clear_error(&error);
    taker_free(&t);
    g_assert_true(qemu_chr_fe_init(&second, chr, &error));
    qemu_chr_fe_deinit(&second, true);
    g_assert_null(qemu_chr_find("a"));
}

static void test_file(void)
{
    g_autofree char *path = temp_path("out");
    g_autofree char *log = temp_path("log");
    g_autofree char *text = g_strdup_printf("file,id=f,path=%s,logfile=%s", path, log);
    g_autofree char *contents = NULL;
    Taker t;

    taker_init(&t, make(text), 0);
    g_assert_cmpint(qemu_chr_fe_write(&t.be, (const uint8_t *)"hello", 5), ==, 5);
    taker_free(&t);
    qemu_chr_cleanup();
    g_file_get_contents(path, &contents, NULL, NULL);
    g_assert_cmpstr(contents, ==, "hello");
    g_clear_pointer(&contents, g_free);
    g_file_get_contents(log, &contents, NULL, NULL);
    g_assert_cmpstr(contents, ==, "hello");
    g_unlink(path);
    g_unlink(log);
}

/* The two ends of a pipe chardev, seen from outside. */
static void make_fifos(const char *path, int *to_chr, int *from_chr)
{
    g_autofree char *in = g_strconcat(path, ".in", NULL);
    g_autofree char *out = g_strconcat(path, ".out", NULL);

    g_assert_cmpint(mkfifo(in, 0600), ==, 0);
    g_assert_cmpint(mkfifo(out, 0600), ==, 0);
    *to_chr = open(in, O_RDWR | O_NONBLOCK);
    *from_chr = open(out, O_RDWR | O_NONBLOCK);
    g_assert_cmpint(*to_chr, >=, 0);
    g_assert_cmpint(*from_chr, >=, 0);
}

static void remove_fifos(const char *path, int to_chr, int from_chr)
{
    g_autofree char *in = g_strconcat(path, ".in", NULL);
    g_autofree char *out = g_strconcat(path, ".out", NULL);

    close(to_chr);
    close(from_chr);
    g_unlink(in);
    g_unlink(out);
}

static gboolean count_call(void *unused, GIOCondition condition, void *opaque)
{
    ++*(int *)opaque;
    return G_SOURCE_REMOVE;
}

/* Input waits for room; output that the host does not take is left to the caller. */
static void test_back_pressure(void)
{
    g_autofree char *path = temp_path("fifo");
    g_autofree char *text = g_strdup_printf("pipe,id=p,path=%s", path);
    g_autofree uint8_t *block = g_malloc0(1 << 20);
    int to_chr, from_chr, taken, calls = 0;
    guint tag;
    Taker t;

    make_fifos(path, &to_chr, &from_chr);
    taker_init(&t, make(text), 3);
    g_assert_cmpint(write(to_chr, "abcdef", 6), ==, 6);
    wait_for_bytes(t.got, 3);
    spin();
    g_assert_cmpstr(t.got->str, ==, "abc");
    taker_accept(&t, 10);
    wait_for_bytes(t.got, 6);

    taken = qemu_chr_fe_write(&t.be, block, 1 << 20);
    g_assert_cmpint(taken, >, 0);
    g_assert_cmpint(taken, <, 1 << 20);
    g_assert_cmpint(qemu_chr_fe_write(&t.be, block, 1), ==, 0);
    tag = qemu_chr_fe_add_watch(&t.be, G_IO_OUT, count_call, &calls);
    g_assert_cmpuint(tag, !=, 0);
    spin();
    g_assert_cmpint(calls, ==, 0);
    while (read(from_chr, block, 1 << 20) > 0) {
    }
    while (!calls) {
        main_loop_wait(false);
    }
    spin();
    g_assert_cmpint(calls, ==, 1);

    taker_free(&t);
    qemu_chr_cleanup();
    remove_fifos(path, to_chr, from_chr);
}

static void test_ringbuf(void)
{
    Chardev *chr = make("ringbuf,id=r,size=4");
    g_autoptr(GString) data = NULL;
    CharBackend be;

    g_assert_true(qemu_chr_fe_init(&be, chr, NULL));
    g_assert_cmpint(qemu_chr_fe_write(&be, (const uint8_t *)"abcdef", 6), ==, 6);
    data = qemu_chr_ringbuf_read(chr, 3, NULL);
    g_assert_cmpstr(data->str, ==, "cde");
    g_string_free(data, true);
    data = qemu_chr_ringbuf_read(chr, 100, NULL);
    g_assert_cmpstr(data->str, ==, "f");
    qemu_chr_fe_deinit(&be, true);
}

/* ---- mux ---- */

static bool quit_called, commit_called;

static void note_quit(void)
{
    quit_called = true;
}

static void note_commit(void)
{
    commit_called = true;
}

typedef struct MuxFixture {
    char *path;
    int to_chr, from_chr;
    Taker first, second;
} MuxFixture;

static void mux_setup(MuxFixture *f, gconstpointer data)
{
    g_autofree char *text = NULL;
    Chardev *chr;

    f->path = temp_path("mux");
    text = g_strdup_printf("pipe,id=m,path=%s,mux=on", f->path);
    make_fifos(f->path, &f->to_chr, &f->from_chr);
    chr = make(text);
    taker_init(&f->first, chr, 100);
    taker_init(&f->second, chr, 100);
    quit_called = commit_called = false;
    chardev_mux_set_hooks(note_quit, note_commit);
    chardev_mux_set_escape(1);
}

static void mux_teardown(MuxFixture *f, gconstpointer data)
{
    taker_free(&f->first);
    taker_free(&f->second);
    qemu_chr_cleanup();
    remove_fifos(f->path, f->to_chr, f->from_chr);
    g_free(f->path);
}

static void type(MuxFixture *f, const char *keys)
{
    g_assert_cmpint(write(f->to_chr, keys, strlen(keys)), ==, strlen(keys));
    spin();
}

static char *shown(MuxFixture *f)
{
    char buf[4096];
    ssize_t len = read(f->from_chr, buf, sizeof(buf));

    return g_strndup(buf, MAX(len, 0));
}

static void test_mux_focus(MuxFixture *f, gconstpointer data)
{
    /* The one that set its handlers last has the focus. */
    g_assert_cmpstr(f->first.events->str, ==, "OIU");
    g_assert_cmpstr(f->second.events->str, ==, "OI");
    type(f, "a");
    g_assert_cmpstr(f->second.got->str, ==, "a");
    type(f, "\001cb\001cc");
    g_assert_cmpstr(f->first.got->str, ==, "b");
    g_assert_cmpstr(f->second.got->str, ==, "ac");
    g_assert_cmpstr(f->first.events->str, ==, "OIUIU");
}

static void test_mux_commands(MuxFixture *f, gconstpointer data)
{
    g_autofree char *help = NULL;
    g_autofree char *bye = NULL;

    type(f, "\001\001");
    g_assert_cmpstr(f->second.got->str, ==, "\001");
    type(f, "\001b");
    g_assert_cmpstr(f->second.events->str, ==, "OIB");
    g_assert_cmpstr(f->first.events->str, ==, "OIU");
    type(f, "\001s");
    g_assert_true(commit_called);
    type(f, "\001h");
    help = shown(f);
    g_assert_cmpstr(help, ==,
                    "\n\rC-a h    print this help\n\r"
                    "C-a x    exit emulator\n\r"
                    "C-a s    save disk data back to file (if -snapshot)\n\r"
                    "C-a t    toggle console timestamps\n\r"
                    "C-a b    send break (magic sysrq)\n\r"
                    "C-a c    switch between console and monitor\n\r"
                    "C-a C-a  sends C-a\n\r");
    g_assert_false(quit_called);
    type(f, "\001x");
    g_assert_true(quit_called);
    bye = shown(f);
    g_assert_cmpstr(bye, ==, "QEMU: Terminated\n\r");
}

static void test_mux_escape(MuxFixture *f, gconstpointer data)
{
    chardev_mux_set_escape(2);
    type(f, "\001x\002\002\002x");
    g_assert_cmpstr(f->second.got->str, ==, "\001x\002");
    g_assert_true(quit_called);
}

/* A frontend that does not read keeps nobody from typing commands, nor loses a byte. */
static void test_mux_stuck_frontend(MuxFixture *f, gconstpointer data)
{
    f->second.room = 0;
    type(f, "0123456789");
    type(f, "\001c!");
    g_assert_cmpstr(f->first.got->str, ==, "!");
    g_assert_cmpstr(f->second.got->str, ==, "");
    taker_accept(&f->second, 4);
    g_assert_cmpstr(f->second.got->str, ==, "0123");
    taker_accept(&f->second, 100);
    g_assert_cmpstr(f->second.got->str, ==, "0123456789");
}

static void test_mux_timestamps(MuxFixture *f, gconstpointer data)
{
    g_autofree char *text = NULL;

    qemu_chr_fe_write(&f->second.be, (const uint8_t *)"a", 1);
    type(f, "\001t");
    qemu_chr_fe_write(&f->second.be, (const uint8_t *)"b\nc", 3);
    text = shown(f);
    /* Not in the middle of a line. */
    g_assert_true(g_regex_match_simple("^ab\n\\[00:00:00\\.000\\] c$", text, 0, 0));
}

static void test_mux_detach(MuxFixture *f, gconstpointer data)
{
    qemu_chr_fe_deinit(&f->second.be, false);
    g_assert_cmpstr(f->first.events->str, ==, "OIUI");
    type(f, "z");
    g_assert_cmpstr(f->first.got->str, ==, "z");
}

/* ---- sockets ---- */

static int connect_to(const char *path)
{
    struct sockaddr_un sun = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    g_strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), ==, 0);
    return fd;
}

/* One client after the other; output without one is lost. */
static void test_socket_server(void)
{
    g_autofree char *path = temp_path("sock");
    g_autofree char *text = g_strdup_printf("unix:%s,server,nowait", path);
    char buf[16] = "";
    Taker t;
    int fd;

    taker_init(&t, qemu_chr_new("s", text, NULL, NULL), 100);
    g_assert_cmpint(qemu_chr_fe_write(&t.be, (const uint8_t *)"lost", 4), ==, 4);
    for (int round = 1; round <= 2; round++) {
        fd = connect_to(path);
        g_assert_cmpint(write(fd, "x", 1), ==, 1);
        wait_for_bytes(t.got, round);
        g_assert_cmpint(qemu_chr_fe_write(&t.be, (const uint8_t *)"y", 1), ==, 1);
        g_assert_cmpint(read(fd, buf, sizeof(buf)), ==, 1);
        g_assert_cmpstr(buf, ==, "y");
        close(fd);
        wait_for_bytes(t.events, 2 * round);
    }
    g_assert_cmpstr(t.events->str, ==, "OCOC");
    taker_free(&t);
    qemu_chr_cleanup();
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void test_socket_telnet(void)
{
    static const uint8_t input[] = {'a', 255, 253, 1, 255, 255, 255, 243,
                                    255, 250, 24,  1, 255, 240, 'b'};
    g_autofree char *path = temp_path("telnet");
    g_autofree char *text = g_strdup_printf("unix:%s,server=on,wait=off,telnet=on", path);
    uint8_t buf[32];
    Taker t;
    int fd;

    taker_init(&t, qemu_chr_new("s", text, NULL, NULL), 100);
    fd = connect_to(path);
    g_assert_cmpint(write(fd, input, sizeof(input)), ==, sizeof(input));
    wait_for_bytes(t.got, 3);
    g_assert_cmpmem(t.got->str, 3, "a\377b", 3);
    g_assert_cmpstr(t.events->str, ==, "OB");
    g_assert_cmpint(qemu_chr_fe_write(&t.be, (const uint8_t *)"c\377d", 3), ==, 3);
    g_assert_cmpint(read(fd, buf, sizeof(buf)), ==, 12 + 4);
    g_assert_cmpmem(buf + 12, 4, "c\377\377d", 4);
    close(fd);
    taker_free(&t);
    qemu_chr_cleanup();
}

/* A client that finds no server tries again. */
static void test_socket_reconnect(void)
{
    g_autofree char *path = temp_path("later");
    g_autofree char *client = g_strdup_printf("socket,id=c,path=%s,reconnect-ms=10", path);
    g_autofree char *server = g_strdup_printf("socket,id=s,path=%s,server=on,wait=off", path);
    Taker c, s;

    taker_init(&c, make(client), 100);
    spin();
    g_assert_cmpstr(c.events->str, ==, "");
    taker_init(&s, make(server), 100);
    wait_for_bytes(c.events, 1);
    qemu_chr_fe_write(&c.be, (const uint8_t *)"hi", 2);
    wait_for_bytes(s.got, 2);
    taker_free(&c);
    taker_free(&s);
    qemu_chr_cleanup();
}

int main(int argc, char **argv)
{
    GError *error = NULL;

    g_test_init(&argc, &argv, NULL);
    signal(SIGPIPE, SIG_IGN);
    g_assert_true(main_loop_init(&error));
    g_test_add_func("/chardev/errors", test_errors);
    g_test_add_func("/chardev/legacy", test_legacy);
    g_test_add_func("/chardev/none", test_none);
    g_test_add_func("/chardev/one-user", test_one_user);
    g_test_add_func("/chardev/file", test_file);
    g_test_add_func("/chardev/back-pressure", test_back_pressure);
    g_test_add_func("/chardev/ringbuf", test_ringbuf);
#define ADD_MUX(name, func)                                                                        \
    g_test_add("/chardev/mux/" name, MuxFixture, NULL, mux_setup, func, mux_teardown)
    ADD_MUX("focus", test_mux_focus);
    ADD_MUX("commands", test_mux_commands);
    ADD_MUX("escape", test_mux_escape);
    ADD_MUX("stuck-frontend", test_mux_stuck_frontend);
    ADD_MUX("timestamps", test_mux_timestamps);
    ADD_MUX("detach", test_mux_detach);
    g_test_add_func("/chardev/socket/server", test_socket_server);
    g_test_add_func("/chardev/socket/telnet", test_socket_telnet);
    g_test_add_func("/chardev/socket/reconnect", test_socket_reconnect);
    return g_test_run();
}
