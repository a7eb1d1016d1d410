#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debugging the guest: gdb itself in batch mode, and the protocol spoken by the test.

usage: gdb.py EMULATOR
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import payload

EMULATOR = os.path.abspath(sys.argv[1])
GDB = "gdb-multiarch"
TIMEOUT_S = 30

# Each hart counts in t1, and keeps the count in a word of its own.
COUNT = payload.words(
    0x00001297,  # 80000000: auipc t0, 1
    0xF1402E73,  # 80000004: csrr t3, mhartid
    0x003E1E13,  # 80000008: slli t3, t3, 3
    0x01C282B3,  # 8000000c: add t0, t0, t3
    0x00130313,  # 80000010: addi t1, t1, 1
    0x0062B023,  # 80000014: sd t1, 0(t0)
    0x0002B383,  # 80000018: ld t2, 0(t0)
    0xFF5FF06F,  # 8000001c: j 80000010
)
COUNTERS = 0x80001000


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Machine(unittest.TestCase):
    """Starts the emulator with a guest and a socket for gdb."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.socket = self.path("gdb")

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def start(self, *options, code=COUNT, gdb=True, **popen):
        with open(self.path("guest"), "wb") as file:
            file.write(code)
        if gdb:
            options = ("-gdb", "unix:%s,server=on,wait=off" % self.socket, *options)
        process = subprocess.Popen(
            [EMULATOR, "-M", "virt", "-m", "32", "-smp", "2", "-display", "none", "-serial",
             "null", "-bios", self.path("guest"), *options], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.kill()
        process.communicate()

    def finish(self, process, text=None):
        out, err = process.communicate(text, timeout=TIMEOUT_S)
        return process.returncode, out, err


@unittest.skipUnless(shutil.which(GDB), GDB + " is not installed")
class Debugger(Machine):
    def gdb(self, *commands, target=None):
        """What gdb prints when it carries out commands after connecting."""
        end = time.monotonic() + TIMEOUT_S
        while not target and not os.path.exists(self.socket):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        first = ["set pagination off", "set confirm off", "set osabi none",
                 "set architecture riscv:rv64", "target remote " + (target or self.socket)]
        arguments = [word for command in [*first, *commands] for word in ("-ex", command)]
        done = subprocess.run([GDB, "-nx", "-batch", *arguments], text=True, timeout=TIMEOUT_S,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        return done.stdout

    def values(self, output):
        """The numbers that p has printed."""
        return [int(value, 0) for value in re.findall(r"^\$\d+ = (\S+)", output, re.M)]

    def test_break_and_step(self):
        self.start("-S")
        out = self.gdb("set scheduler-locking on", "p/x (long)$pc", "stepi", "p/x (long)$pc",
                       "hbreak *0x80000010", "continue", "p/x (long)$pc", "p $t1",
                       "continue", "p $t1", "stepi 3", "p/x (long)$pc", "p $t1", "p $t2",
                       "x/i $pc")
        self.assertEqual(self.values(out)[:5], [0x1000, 0x1004, 0x80000010, 0, 1], out)
        self.assertEqual(self.values(out)[5:], [0x8000001C, 2, 2], out)
        self.assertRegex(out, r"=> 0x8000001c:\s+j\s+0x80000010")
        self.assertNotIn("warning: multi-threaded target", out)

    def test_software_breakpoint_of_one_hart(self):
        self.start("-S")
        out = self.gdb("break *0x80000018 thread 2", "continue", "continue", "info threads",
                       "p $t1", "p (long)$mhartid", "thread 1", "p (long)$mhartid")
        self.assertEqual(self.values(out), [2, 1, 0], out)
        self.assertRegex(out, r"\* 2 +Thread 1\.2 \(CPU#1 \[running\]\)")

    def test_registers_and_memory(self):
        self.start("-S")
        out = self.gdb("set $sp = 0x1122334455667788", "set $fa0.double = 1.5",
                       "set $mscratch = 77", "p/x (long)$sp", "p (int)$fa0.double",
                       "p (long)$mscratch", "p $priv", "thread 2", "p/x (long)$sp",
                       "set {long}0x80001000 = -2", "p {long}0x80001000", "p/x {int}0x80000010",
                       "p {int}0x60", "info registers a0")
        self.assertEqual(self.values(out), [0x1122334455667788, 1, 77, 3, 0, -2, 0x00130313], out)
        self.assertIn("Cannot access memory at address 0x60", out)

    def test_code_is_written(self):
        """A jump is replaced that the harts have executed."""
        self.start("-S")
        out = self.gdb("hbreak *0x80000018", "continue", "continue", "set {int}0x80000018 = 0x6f",
                       "delete", "stepi", "p/x (long)$pc", "stepi", "p/x (long)$pc")
        self.assertEqual(self.values(out), [0x80000018, 0x80000018], out)

    def test_step_one_hart(self):
        self.start("-S")
        out = self.gdb("set scheduler-locking on", "thread 2", "stepi", "stepi", "thread 1",
                       "p/x (long)$pc", "thread 2", "p/x (long)$pc")
        self.assertEqual(self.values(out), [0x1000, 0x1008], out)

    def test_step_on_one_thread(self):
        """The other hart, which runs meanwhile, does not keep the thread for itself."""
        self.start("-S", "-accel", "tcg,thread=single")
        out = self.gdb("hbreak *0x80000010", "continue", "continue", "delete", "stepi 8",
                       "p/x (long)$pc", "stepi 3", "p/x (long)$pc")
        self.assertEqual(self.values(out), [0x80000010, 0x8000001C], out)

    def test_watchpoints(self):
        self.start("-S")
        out = self.gdb("watch *(long *)0x80001008", "continue", "p $t1", "p/x (long)$pc",
                       "continue", "p $t1", "delete", "rwatch *(long *)0x80001000", "continue",
                       "p (long)$mhartid", "p/x (long)$pc", "delete",
                       "awatch *(int *)0x80001008", "continue", "p/x (long)$pc", "continue",
                       "p/x (long)$pc")
        values = self.values(out)
        # gdb tells after the access
        self.assertEqual(values[:3], [1, 0x80000018, 2], out)
        self.assertEqual(values[3:5], [0, 0x8000001C], out)
        self.assertEqual(sorted(values[5:]), [0x80000018, 0x8000001C], out)
        self.assertIn("Hardware watchpoint 1: *(long *)0x80001008\n\nOld value = 0\nNew value = 1",
                      out)

    def test_step_over_wfi(self):
        self.start("-S", code=payload.words(0x10500073, 0xFFDFF06F))  # wfi; j .-4
        out = self.gdb("hbreak *0x80000000", "continue", "stepi", "p/x (long)$pc", "stepi",
                       "stepi", "p/x (long)$pc", "delete", "stepi", "stepi", "p/x (long)$pc")
        self.assertEqual(self.values(out), [0x80000004, 0x80000004, 0x80000004], out)

    def test_attach_and_attach_again(self):
        self.start()
        counts = []
        for _ in range(3):
            out = self.gdb("p {long}0x80001000", "p {long}0x80001008", "detach")
            counts.append(self.values(out))
            time.sleep(0.2)
        for earlier, later in zip(counts, counts[1:]):
            self.assertGreater(later[0], earlier[0], counts)
            self.assertGreater(later[1], earlier[1], counts)

    def test_tcp(self):
        port = free_port()
        self.start("-S", "-gdb", "tcp:127.0.0.1:%d" % port, gdb=False)
        out = self.gdb("p/x (long)$pc", target=":%d" % port)
        self.assertEqual(self.values(out), [0x1000], out)

    def test_monitor_command(self):
        self.start("-S")
        out = self.gdb("monitor info status", "monitor gdbserver none", "monitor info cpus")
        self.assertIn("VM status: paused (prelaunch)\n", out)
        self.assertIn("Error: ", out)
        self.assertIn("* CPU #0: thread_id=", out)

    def test_guest_ends(self):
        process = self.start("-S", code=payload.write_test_device(0x3333 | 7 << 16))
        out = self.gdb("continue")
        self.assertIn("exited with code 07", out)
        self.assertEqual(self.finish(process)[0], 7)

    def test_kill(self):
        process = self.start()
        self.gdb("kill")
        status, _, err = self.finish(process)
        self.assertEqual((status, err),
                         (0, "tinamou-system-riscv64: QEMU: Terminated via GDBstub\n"))


class Client:
    """The protocol, without a debugger."""

    def __init__(self, path):
        end = time.monotonic() + TIMEOUT_S
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(TIMEOUT_S)
        self.data = b""
        while True:
            try:
                self.sock.connect(path)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)

    def close(self):
        self.sock.close()

    def send_bytes(self, data):
        self.sock.sendall(data)

    def send(self, text):
        data = text.encode()
        self.send_bytes(b"$%s#%02x" % (data, sum(data) & 0xFF))

    def receive(self):
        """The next packet, acknowledged; what comes before it is dropped."""
        while True:
            found = re.search(rb"\$([^#]*)#..", self.data, re.S)
            if found:
                self.data = self.data[found.end():]
                self.send_bytes(b"+")
                return found.group(1).decode()
            more = self.sock.recv(65536)
            if not more:
                raise EOFError
            self.data += more

    def ask(self, text):
        self.send(text)
        return self.receive()


class Protocol(Machine):
    def connect(self):
        client = Client(self.socket)
        self.addCleanup(client.close)
        return client

    def count(self, client):
        return int.from_bytes(bytes.fromhex(client.ask("m%x,8" % COUNTERS)), "little")

    def test_interrupt(self):
        self.start("-S")
        client = self.connect()
        self.assertEqual(client.ask("?"), "T05core:01;thread:01;")
        for _ in range(20):
            client.send("vCont;c")
            client.send_bytes(b"\x03")
            self.assertEqual(client.receive(), "T02thread:01;")
            self.assertEqual(client.ask("T1"), "OK")

    def test_acknowledgment(self):
        self.start("-S")
        client = self.connect()
        client.send_bytes(b"$?#00")
        self.assertEqual(client.sock.recv(1), b"-")
        self.assertEqual(client.ask("qC"), "QC01")
        client.send("qC")
        first = client.sock.recv(100)
        while not first.endswith(b"#f5"):
            first += client.sock.recv(100)
        client.send_bytes(b"-")
        self.assertEqual(client.receive(), "QC01")
        # acknowledged: nothing to repeat
        client.send_bytes(b"-")
        self.assertEqual(client.ask("T1"), "OK")

    def test_restart(self):
        self.start("-S")
        client = self.connect()
        self.assertEqual(client.ask("Z1,80000010,4"), "OK")
        client.ask("vCont;c")
        self.assertEqual(client.ask("!"), "OK")
        client.send("R00")  # has no answer
        self.assertEqual(client.ask("p20"), "0010000000000000")

    def test_packet_while_running(self):
        self.start("-S")
        client = self.connect()
        client.send("vCont;c")
        client.send("qC")
        self.assertEqual(client.receive(), "T02thread:01;")
        self.assertEqual(client.receive(), "QC01")

    def test_connection_is_lost(self):
        """What was inserted goes; a machine that runs goes on."""
        self.start("-S")
        first = self.connect()
        self.assertEqual(first.ask("Z0,80001000,4"), "OK")
        self.assertEqual(first.ask("Z2,90000000,4"), "OK")
        first.send("vCont;c")
        first.close()
        time.sleep(0.2)
        second = self.connect()
        before = self.count(second)
        self.assertEqual(second.ask("z0,80001000,4"), "E22")
        self.assertEqual(second.ask("D"), "OK")
        second.close()
        time.sleep(0.2)
        self.assertGreater(self.count(self.connect()), before)

    def test_noise(self):
        self.start("-S")
        client = self.connect()
        for seed in range(50):
            noise = bytes((seed * 7 + i * i * 31) & 0xFF for i in range(3000))
            client.send_bytes(noise.replace(b"k", b""))
        client.send_bytes(b"#00")
        client.close()
        again = self.connect()
        self.assertEqual(again.ask("qC"), "QC01")

    def test_stdio(self):
        process = self.start("-S", "-gdb", "stdio", gdb=False)
        status, out, err = self.finish(process, "$qC#b4+$k#6b")
        self.assertEqual(status, 0, err)
        self.assertEqual(out, "+$QC01#f5+")

    def test_chardev(self):
        self.start("-S", "-chardev", "socket,id=c,server=on,wait=off,path=" + self.socket, "-gdb",
                   "chardev:c", gdb=False)
        self.assertEqual(self.connect().ask("qC"), "QC01")

    def test_hmp(self):
        """The monitor starts, moves and ends the service; a hart's stop is seen there too."""
        process = self.start("-S", "-monitor", "stdio", gdb=False)
        other = self.path("other")
        process.stdin.write("gdbserver unix:%s,server=on,wait=off\n" % self.socket)
        process.stdin.flush()
        client = self.connect()
        self.assertEqual(client.ask("Z1,80000010,4"), "OK")
        self.assertRegex(client.ask("vCont;c"), "T05thread:0[12];")
        process.stdin.write("info status\ngdbserver unix:%s,server=on,wait=off\n" % other)
        process.stdin.flush()
        with self.assertRaises((EOFError, ConnectionError)):
            client.receive()
        self.socket = other
        self.assertEqual(self.connect().ask("z1,80000010,4"), "E22")
        status, out, _ = self.finish(process, "gdbserver none\ngdbserver foo\nquit\n")
        self.assertEqual(status, 0)
        for text in ("Waiting for gdb connection on device 'unix:", "VM status: paused (debug)",
                     "Disabled gdbserver", "Could not open gdbserver on device 'foo'"):
            self.assertIn(text, out)
        self.assertFalse(os.path.exists(other))

    def test_port_in_use(self):
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            sock.listen()
            option = "-gdb tcp:127.0.0.1:%d" % sock.getsockname()[1]
            process = self.start(*option.split(), gdb=False)
            status, _, err = self.finish(process)
        prefix = "tinamou-system-riscv64: %s: " % option
        self.assertEqual(status, 1)
        self.assertIn(prefix + "Failed to find an available port: Address already in use\n", err)
        self.assertTrue(err.endswith(prefix + "gdbstub: couldn't create chardev\n"), err)

    def test_end_by_signal(self):
        process = self.start("-S")
        client = self.connect()
        client.send("qSupported:multiprocess+")
        client.receive()
        client.send("vCont;c")
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(client.receive(), "W00;process:1")
        self.assertEqual(self.finish(process)[0], 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
