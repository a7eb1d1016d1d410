/* SPDX-License-Identifier: MIT */
/*
 * The gdb stub's commands and their replies, on a machine of three harts that do nothing but count
 * up their pc; then the same commands with bytes changed at random.
 */
#include "qemu/osdep.h"
#include "../fake-accel.h"
#include "hw/core/runstate.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "qemu/units.h"
#include "system/address-spaces.h"
#include "system/cpus.h"
#include "system/gdbstub/gdbstub-internal.h"
#include "system/memory.h"

#define NUM_HARTS 3
#define NUM_REGS 4 /* three of 8 bytes, then pc, which is register 3 */
#define RAM_BASE 0x80000000

/* ---- harts: registers, of which running adds 4 to pc ---- */

#define TYPE_FAKE_CPU "fake-cpu"
OBJECT_DECLARE_SIMPLE_TYPE(FakeCPU, FAKE_CPU)

struct FakeCPU {
    CPUState parent_obj;
    uint64_t regs[NUM_REGS];
};

static bool fake_has_work(CPUState *cpu)
{
    return false;
}

static void fake_set_pc(CPUState *cpu, vaddr pc)
{
    FAKE_CPU(cpu)->regs[NUM_REGS - 1] = pc;
}

static int fake_read_register(CPUState *cpu, GByteArray *buf, int reg)
{
    uint8_t bytes[8];

    if (reg < 0 || reg >= NUM_REGS) {
        return 0;
    }
    stq_le_p(bytes, FAKE_CPU(cpu)->regs[reg]);
    g_byte_array_append(buf, bytes, 8);
    return 8;
}

static int fake_write_register(CPUState *cpu, const uint8_t *buf, int reg)
{
    FAKE_CPU(cpu)->regs[reg] = ldq_le_p(buf);
    return 8;
}

static const char *fake_get_xml(CPUState *cpu, const char *name)
{
    return g_str_equal(name, "target.xml") ? "<target>*</target>" : NULL;
}

/* There is nothing above RAM_BASE + 1 MiB. */
static hwaddr fake_get_phys_page(CPUState *cpu, vaddr va)
{
    return va < RAM_BASE + MiB ? va : HWADDR_MAX;
}

static void fake_cpu_class_init(ObjectClass *oc, const void *data)
{
    CPUClass *cc = CPU_CLASS(oc);

    cc->has_work = fake_has_work;
    cc->set_pc = fake_set_pc;
    cc->gdb_read_register = fake_read_register;
    cc->gdb_write_register = fake_write_register;
    cc->gdb_get_xml = fake_get_xml;
    cc->gdb_num_core_regs = NUM_REGS;
    cc->get_phys_page_debug = fake_get_phys_page;
}

/* One instruction. [bql] */
static void fake_step(CPUState *cpu)
{
    uint64_t *pc = &FAKE_CPU(cpu)->regs[NUM_REGS - 1];
    bool is_step = (cpu->singlestep_enabled & SSTEP_ENABLE) != 0;

    *pc += 4;
    if (cpu->watchpoints->len && *pc % 256 == 0) {
        cpu->watchpoint_hit = g_array_index(cpu->watchpoints, CPUWatchpoint, 0);
    }
    for (guint i = 0; i < cpu->breakpoints->len && !is_step; i++) {
        is_step = g_array_index(cpu->breakpoints, CPUBreakpoint, i).pc == *pc;
    }
    if (is_step || cpu->watchpoint_hit.len) {
        cpu_debug_stop(cpu);
    }
}

static void fake_round(CPUState *cpu)
{
    bql_lock();
    if (cpu_can_run(cpu)) {
        fake_step(cpu);
    }
    bql_unlock();
}

static const TypeInfo fake_types[] = {
    {
        .name = TYPE_FAKE_CPU,
        .parent = TYPE_CPU,
        .instance_size = sizeof(FakeCPU),
        .class_init = fake_cpu_class_init,
    },
};
DEFINE_TYPES(fake_types)

/* ---- helpers ---- */

static GDBSession *s; /* [const] between begin() and end() */
static CPUState *harts[NUM_HARTS];

static void begin(void)
{
    s = gdb_session_new();
    for (int i = 0; i < NUM_HARTS; i++) {
        for (int reg = 0; reg < NUM_REGS; reg++) {
            FAKE_CPU(harts[i])->regs[reg] = 0x100u * (unsigned)i + (unsigned)reg;
        }
        fake_set_pc(harts[i], 0x1000);
    }
}

static void end(void)
{
    vm_stop(RUN_STATE_PAUSED);
    g_clear_pointer(&s, gdb_session_free);
    for (int i = 0; i < NUM_HARTS; i++) {
        g_assert_cmpuint(harts[i]->breakpoints->len, ==, 0);
        g_assert_cmpuint(harts[i]->watchpoints->len, ==, 0);
    }
}

static uint64_t pc_of(int i)
{
    return FAKE_CPU(harts[i])->regs[NUM_REGS - 1];
}

static void expect(const char *packet, const char *answer)
{
    g_autoptr(GString) reply = g_string_new(NULL);

    g_assert_cmpint(gdb_handle_packet(s, packet, reply), ==, GDB_REPLY);
    if (!g_str_equal(reply->str, answer)) {
        g_test_message("packet '%s'", packet);
    }
    g_assert_cmpstr(reply->str, ==, answer);
}

/* A packet that is answered when the machine stops; @answer is the answer's beginning. */
static void expect_stop(const char *packet, const char *answer)
{
    g_autoptr(GString) reply = g_string_new(NULL);
    g_autofree char *framed = NULL;
    int status;

    g_string_truncate(s->last, 0);
    g_assert_cmpint(gdb_handle_packet(s, packet, reply), ==, GDB_NO_REPLY);
    while (!s->last->len) {
        g_assert_false(main_loop_should_exit(&status));
        if (!s->last->len) {
            main_loop_wait(false);
        }
    }
    g_assert_false(runstate_is_running());
    framed = g_strdup_printf("$%s", answer);
    if (!g_str_has_prefix(s->last->str, framed)) {
        g_error("packet '%s': '%s' is not '%s'", packet, s->last->str, answer);
    }
}

/* ---- questions ---- */

static void test_queries(void)
{
    begin();
    expect("qSupported:multiprocess+;swbreak+",
           "PacketSize=20020;qXfer:features:read+;vContSupported+;multiprocess+");
    expect("vMustReplyEmpty", "");
    expect("QStartNoAckMode", "");
    expect("qTStatus", "");
    expect("!", "OK");
    expect("?", "T05core:01;thread:p01.01;");
    expect("qAttached", "1");
    expect("qAttached:1", "1");
    expect("vCont?", "vCont;c;C;s;S");
    expect("qXfer:memory-map:read::0,100", "");
    expect("vAttach;1", "T05core:01;thread:p01.01;");
    expect("vAttach;2", "E22");
    expect("vRun;", "");
    expect("bs", "");
    end();
}

static void test_features(void)
{
    begin();
    expect("qXfer:features:read:target.xml:0,100", "l<target>*</target>");
    expect("qXfer:features:read:target.xml:0,8", "m<target>");
    expect("qXfer:features:read:target.xml:8,1", "m"); /* "*" takes two bytes in a packet */
    expect("qXfer:features:read:target.xml:8,2", "m*");
    expect("qXfer:features:read:target.xml:12,5", "l");
    expect("qXfer:features:read:target.xml:13,5", "E00");
    expect("qXfer:features:read:target.xml:ffffffffffffffff,ffffffffffffffff", "E00");
    expect("qXfer:features:read:other.xml:0,5", "E00");
    expect("qXfer:features:read:target.xml:0", "E22");
    expect("qXfer:features:read:", "E22");
    end();
}

static void test_threads(void)
{
    begin();
    expect("qfThreadInfo", "m01");
    expect("qC", "QC01");
    expect("qSupported:multiprocess+",
           "PacketSize=20020;qXfer:features:read+;vContSupported+;multiprocess+");
    expect("qfThreadInfo", "mp01.01");
    expect("qsThreadInfo", "mp01.02");
    expect("qsThreadInfo", "mp01.03");
    expect("qsThreadInfo", "l");
    expect("Hgp1.2", "OK");
    expect("qC", "QCp01.02");
    expect("Hgp1.4", "E22");
    expect("Hgp2.1", "E22");
    expect("Hg3", "OK");
    expect("Hg-1", "OK");
    expect("qC", "QCp01.03");
    expect("Hg0", "OK");
    expect("Hgp1.-1", "OK");
    expect("Hcp0.0", "OK");
    expect("H", "E22");
    expect("Hg", "E22");
    expect("Hx1", "E22");
    expect("Hgffffffffffffffff", "E22");
    expect("T1", "OK");
    expect("Tp01.03", "OK");
    expect("T4", "E22");
    expect("T0", "E22");
    expect("T", "E22");
    expect("qThreadExtraInfo,p1.1", "4350552330205b72756e6e696e675d");
    expect("qThreadExtraInfo,p1.9", "E22");
    end();
}

static void test_qemu_settings(void)
{
    begin();
    expect("qqemu.Supported", "sstepbits;sstep;PhyMemMode");
    expect("qqemu.sstepbits", "ENABLE=1,NOIRQ=2,NOTIMER=4");
    expect("qqemu.sstep", "0x7");
    expect("Qqemu.sstep=1", "OK");
    expect("qqemu.sstep", "0x1");
    expect("Qqemu.sstep=8", "E22");
    expect("Qqemu.sstep=", "E22");
    expect("qqemu.PhyMemMode", "0");
    expect("Qqemu.PhyMemMode:1", "OK");
    expect("qqemu.PhyMemMode", "1");
    end();
}

/* ---- state ---- */

static void test_registers(void)
{
    begin();
    expect("g", "0000000000000000010000000000000002000000000000000010000000000000");
    expect("p1", "0100000000000000");
    expect("p4", "E14");
    expect("pffffffffffffffff", "E22");
    expect("p", "E22");
    expect("P1=8877665544332211", "OK");
    expect("p1", "8877665544332211");
    expect("P1=88", "E14"); /* too few bytes */
    expect("P4=8877665544332211", "E14");
    expect("P1", "E22");
    expect("P1=0g", "E22");
    expect("Hg2", "OK");
    expect("p1", "0101000000000000");
    expect("G0100000000000000020000000000000003000000000000000400000000000000", "OK");
    expect("p3", "0400000000000000");
    expect("G01", "E22");
    expect("G", "E22");
    expect("Hg1", "OK");
    expect("p3", "0010000000000000");
    end();
}

static void test_memory(void)
{
    begin();
    expect("m80000000,4", "00000000");
    expect("M80000ffe,4:01020304", "OK"); /* across a page boundary */
    expect("m80000ffe,4", "01020304");
    expect("m80000000,0", "");
    expect("m80100000,4", "E14"); /* no translation */
    expect("m800ffffe,4", "E14");
    expect("m0,4", "E14"); /* nothing there */
    expect("mffffffffffffffff,2", "E14");
    expect("m80000000,10011", "E22");
    expect("m80000000,ffffffffffffffff", "E22");
    expect("m80000000", "E22");
    expect("m,4", "E22");
    expect("M80000000,2:00", "E22");
    expect("M80000000,1:0g", "E22");
    expect("M80000000,1", "E22");
    expect("X80000000,0:", "");
    expect("Qqemu.PhyMemMode:1", "OK");
    expect("m80100000,1", "00"); /* physical: there is more RAM */
    end();
}

static void test_longest_read(void)
{
    g_autoptr(GString) reply = g_string_new(NULL);

    begin();
    gdb_handle_packet(s, "m80000000,10010", reply);
    g_assert_cmpuint(reply->len, ==, GDB_PACKET_MAX);
    end();
}

static void test_monitor(void)
{
    begin();
    expect("qRcmd,", "E22");
    expect("qRcmd,7z", "E22");
    expect("qRcmd,666f6f0a", "OK");               /* foo */
    expect("qRcmd,696e666f20737461747573", "OK"); /* info status */
    end();
}

/* ---- breakpoints ---- */

static void test_marks(void)
{
    begin();
    for (char type = '0'; type <= '4'; type++) {
        char packet[] = "Z0,80000000,4";

        packet[1] = type;
        expect(packet, "OK");
        expect(packet, "OK");
    }
    for (int i = 0; i < NUM_HARTS; i++) {
        g_assert_cmpuint(harts[i]->breakpoints->len, ==, 1);
        g_assert_cmpuint(harts[i]->watchpoints->len, ==, 3);
    }
    expect("z0,80000000,4", "OK");
    g_assert_cmpuint(harts[2]->breakpoints->len, ==, 1); /* that of Z1 */
    expect("z1,80000000,4", "OK");
    g_assert_cmpuint(harts[2]->breakpoints->len, ==, 0);
    expect("z1,80000000,4", "E22");
    expect("z2,80000000,2", "E22");
    expect("Z2,80000000,0", "E22");
    expect("Z2,ffffffffffffffff,2", "E22");
    expect("Z5,80000000,4", "");
    expect("z9,80000000,4", "");
    expect("Z0", "E22");
    expect("Z0,80000000", "E22");
    expect("Z0,80000000,4;X1,00", "E22");
    expect("Z0,80000004,2", "OK");
    expect("?", "T05core:01;thread:01;"); /* a new debugger: all go */
    g_assert_cmpuint(harts[0]->breakpoints->len, ==, 0);
    g_assert_cmpuint(harts[0]->watchpoints->len, ==, 0);
    end();
}

static void test_many_marks(void)
{
    begin();
    for (unsigned i = 0; i < 1024; i++) {
        g_autofree char *packet = g_strdup_printf("Z0,%x,4", 4 * i);

        expect(packet, "OK");
    }
    expect("Z0,10000,4", "E22");
    expect("Z0,0,4", "OK"); /* is there */
    end();
}

/* ---- running ---- */

static void test_step(void)
{
    begin();
    expect_stop("vCont;s:2", "T05thread:02;");
    g_assert_cmphex(pc_of(1), ==, 0x1004);
    g_assert_cmphex(pc_of(0), ==, 0x1000); /* held */
    g_assert_cmphex(pc_of(2), ==, 0x1000);
    expect("qC", "QC02");
    expect_stop("vCont;s:3;s:1", "T05thread:0");
    g_assert_cmphex(pc_of(1), ==, 0x1004);
    expect_stop("s", "T05thread:0");
    expect("Hc1", "OK");
    expect_stop("s2000", "T05thread:01;");
    g_assert_cmphex(pc_of(0), ==, 0x2004);
    expect_stop("S05;3000", "T05thread:01;");
    g_assert_cmphex(pc_of(0), ==, 0x3004);
    for (int i = 0; i < NUM_HARTS; i++) {
        g_assert_cmpint(harts[i]->singlestep_enabled, ==, 0);
        g_assert_false(harts[i]->held);
    }
    end();
}

static void test_continue(void)
{
    begin();
    expect("qSupported:multiprocess+",
           "PacketSize=20020;qXfer:features:read+;vContSupported+;multiprocess+");
    expect("Z1,1100,4", "OK");
    expect_stop("vCont;c:p1.3", "T05thread:p01.03;");
    g_assert_cmphex(pc_of(2), ==, 0x1100);
    g_assert_cmphex(pc_of(1), ==, 0x1000);
    expect_stop("vCont;c:p1.1", "T05thread:p01.01;");
    expect_stop("vCont;c:p1.2;s:p1.1;c", "T05thread:p01.0");
    expect("z1,1100,4", "OK");
    expect("Z2,80000010,4", "OK");
    expect("Hc2", "OK");
    expect_stop("c1000", "T05thread:p01.0");
    g_assert_nonnull(strstr(s->last->str, ";watch:80000010;"));
    expect("z2,80000010,4", "OK");
    expect("Z4,80000020,4", "OK");
    expect_stop("C05", "T05thread:p01.0");
    g_assert_nonnull(strstr(s->last->str, ";awatch:80000020;"));
    end();
}

static void test_bad_resume(void)
{
    begin();
    expect("vCont", "E22");
    expect("vCont;", "E22");
    expect("vCont;t", "E22");
    expect("vCont;x:1", "E22");
    expect("vCont;c:9", "E22");
    expect("vCont;c:1,2", "E22");
    expect("vCont;S:1", "E22");
    expect("vCont;c;", "E22");
    expect("cx", "E22");
    expect("s1,", "E22");
    expect("C", "E22");
    expect("Sxx", "E22");
    g_assert_false(runstate_is_running());
    g_assert_false(s->awaits_stop);
    end();
}

/* Somebody else stops the machine. */
static void test_stopped_by_others(void)
{
    g_autoptr(GString) reply = g_string_new(NULL);

    begin();
    g_assert_cmpint(gdb_handle_packet(s, "c", reply), ==, GDB_NO_REPLY);
    g_assert_true(runstate_is_running());
    g_assert_cmpuint(s->last->len, ==, 0);
    vm_stop(RUN_STATE_PAUSED);
    g_assert_cmpstr(s->last->str, ==, "$T02thread:01;#04");
    g_string_truncate(s->last, 0);
    vm_start();
    vm_stop(RUN_STATE_IO_ERROR); /* it did not ask to be told this time */
    g_assert_cmpuint(s->last->len, ==, 0);
    end();
}

static void test_detach(void)
{
    g_autoptr(GString) reply = g_string_new(NULL);

    begin();
    expect("D;2", "E22");
    expect("D1", "E22");
    expect("Z0,1000,4", "OK");
    g_assert_cmpint(gdb_handle_packet(s, "D;1", reply), ==, GDB_NO_REPLY);
    g_assert_cmpstr(s->last->str, ==, "$OK#9a");
    g_assert_true(runstate_is_running());
    g_assert_false(s->awaits_stop);
    end();
}

static void test_restart(void)
{
    g_autoptr(GString) reply = g_string_new(NULL);

    begin();
    expect("R00", "");
    expect("!", "OK");
    g_assert_cmpint(gdb_handle_packet(s, "R00", reply), ==, GDB_NO_REPLY);
    g_assert_true(runstate_check(RUN_STATE_PRELAUNCH));
    end();
}

/* ---- anything ---- */

/* Not among them: k, which would end the machine. */
static void test_noise(void)
{
    static const char *const seeds[] = {
        "?",
        "!",
        "g",
        "G00",
        "p1",
        "P1=0011223344556677",
        "m80000000,10",
        "M80000000,2:0102",
        "Hgp1.2",
        "Hc-1",
        "T1",
        "qC",
        "qfThreadInfo",
        "qsThreadInfo",
        "qThreadExtraInfo,p1.1",
        "qSupported:multiprocess+",
        "qXfer:features:read:target.xml:0,100",
        "qRcmd,68656c70",
        "qqemu.sstep",
        "Qqemu.sstep=7",
        "Qqemu.PhyMemMode:1",
        "vCont;s:p1.1;c",
        "vCont;C05:p1.-1",
        "c",
        "s",
        "S05;1000",
        "C05",
        "D",
        "D;1",
        "vAttach;1",

        "R00",
        "Z0,80000000,4",
        "z0,80000000,4",
        "Z2,80000000,8",
        "z2,80000000,8",
        "Z4,80000000,8",
    };
    static const char alphabet[] = "0123456789abcdfgpPmMsScCzZvqQHT,;:.-+=#$ \n";

    begin();
    for (int round = 0; round < 20000; round++) {
        const char *seed = seeds[g_test_rand_int_range(0, ARRAY_SIZE(seeds))];
        g_autoptr(GString) packet = g_string_new(seed);
        g_autoptr(GString) reply = g_string_new(NULL);

        for (int changes = g_test_rand_int_range(0, 4); changes > 0; changes--) {
            gssize at = g_test_rand_int_range(0, (gint32)packet->len + 1);
            char c = alphabet[g_test_rand_int_range(0, sizeof(alphabet) - 1)];

            if (at == (gssize)packet->len || g_test_rand_bit()) {
                g_string_insert_c(packet, at, c);
            } else if (g_test_rand_bit()) {
                packet->str[at] = c;
            } else {
                g_string_truncate(packet, (gsize)at);
            }
        }
        gdb_handle_packet(s, packet->str, reply);
        g_assert_cmpuint(reply->len, <=, GDB_PACKET_MAX);
        vm_stop(RUN_STATE_PAUSED);
        g_assert_false(s->awaits_stop);
        g_assert_nonnull(qemu_get_cpu(s->g_cpu));
        g_assert_nonnull(qemu_get_cpu(s->c_cpu));
    }
    end();
}

static void make_machine(void)
{
    MemoryRegion *ram = g_new0(MemoryRegion, 1);
    GError *error = NULL;

    g_assert_true(main_loop_init(&error));
    memory_map_init();
    g_assert_true(memory_region_init_ram(ram, NULL, "ram", 2 * MiB, &error));
    memory_region_add_subregion(get_system_memory(), RAM_BASE, ram);
    fake_accel_init(fake_round);
    for (int i = 0; i < NUM_HARTS; i++) {
        harts[i] = fake_accel_hart(TYPE_FAKE_CPU);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    make_machine();
    g_test_add_func("/gdbstub/target/queries", test_queries);
    g_test_add_func("/gdbstub/target/features", test_features);
    g_test_add_func("/gdbstub/target/threads", test_threads);
    g_test_add_func("/gdbstub/target/qemu-settings", test_qemu_settings);
    g_test_add_func("/gdbstub/target/registers", test_registers);
    g_test_add_func("/gdbstub/target/memory", test_memory);
    g_test_add_func("/gdbstub/target/longest-read", test_longest_read);
    g_test_add_func("/gdbstub/target/monitor", test_monitor);
    g_test_add_func("/gdbstub/target/marks", test_marks);
    g_test_add_func("/gdbstub/target/many-marks", test_many_marks);
    g_test_add_func("/gdbstub/target/step", test_step);
    g_test_add_func("/gdbstub/target/continue", test_continue);
    g_test_add_func("/gdbstub/target/bad-resume", test_bad_resume);
    g_test_add_func("/gdbstub/target/stopped-by-others", test_stopped_by_others);
    g_test_add_func("/gdbstub/target/detach", test_detach);
    g_test_add_func("/gdbstub/target/restart", test_restart);
    g_test_add_func("/gdbstub/target/noise", test_noise);
    return g_test_run();
}
