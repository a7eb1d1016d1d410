#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The emulator on a terminal: keys of -nographic, the monitor's echo, and the terminal's settings
after every way out.

usage: terminal.py EMULATOR
"""

import os
import pty
import select
import signal
import sys
import tempfile
import termios
import time
import unittest

import payload

EMULATOR = sys.argv[1]
TIMEOUT_S = 20


class Terminal(unittest.TestCase):
    def setUp(self):
        self.guest = tempfile.NamedTemporaryFile()
        self.guest.write(payload.echo())
        self.guest.flush()
        self.output = b""
        # The test's own end of the terminal: the settings outlive the emulator.
        self.master, self.slave = pty.openpty()
        self.saved = termios.tcgetattr(self.slave)
        self.addCleanup(self.close)

    def close(self):
        self.guest.close()
        os.close(self.master)
        os.close(self.slave)

    def start(self, *options):
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            for number in range(3):
                os.dup2(self.slave, number)
            # Controlling terminal, so that Ctrl-C means something.
            os.close(os.open(os.ttyname(0), os.O_RDWR))
            # A shell has its background jobs ignore these.
            for number in signal.SIGINT, signal.SIGQUIT:
                signal.signal(number, signal.SIG_DFL)
            os.execv(EMULATOR, [EMULATOR, "-M", "virt", "-bios", self.guest.name, *options])

    def nographic(self, *options):
        self.start("-nographic", *options)
        self.expect("ready\r\r\n")

    def expect(self, text):
        """Read up to the text; returns what came before it."""
        text = text.encode()
        end = time.monotonic() + TIMEOUT_S
        while text not in self.output:
            ready, _, _ = select.select([self.master], [], [], 0.1)
            if ready:
                self.output += os.read(self.master, 4096)
            self.assertLess(time.monotonic(), end, "%r not in %r" % (text, self.output))
        before, self.output = self.output.split(text, 1)
        return before.decode()

    def type(self, keys):
        os.write(self.master, keys.encode())

    def expect_exit(self, status=0):
        end = time.monotonic() + TIMEOUT_S
        while True:
            pid, result = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
            # What it still writes must not block it.
            if select.select([self.master], [], [], 0.05)[0]:
                self.output += os.read(self.master, 4096)
            self.assertLess(time.monotonic(), end)
        self.assertEqual(os.waitstatus_to_exitcode(result), status)
        self.assertEqual(termios.tcgetattr(self.slave), self.saved)

    # ---- keys ----

    def test_keys(self):
        self.nographic()
        self.assertNotEqual(termios.tcgetattr(self.slave), self.saved)
        self.type("a\x03b")  # Ctrl-C is the guest's
        self.expect("a\x03b")
        self.type("\x01\x01")
        self.expect("\x01")
        self.type("\x01h")
        self.expect("\r\n\rC-a h    print this help\r\n\rC-a x    exit emulator\r\n\r")
        self.type("\x01x")
        self.expect("QEMU: Terminated\r\n\r")
        self.expect_exit()

    def test_other_escape_character(self):
        self.nographic("-echr", "2")
        self.type("\x01x")
        self.expect("\x01x")
        self.type("\x02h")
        self.expect("C-b x    exit emulator")
        self.type("\x02x")
        self.expect_exit()

    def test_monitor(self):
        self.nographic()
        self.type("\x01c")
        self.expect("QEMU 11.1.3 monitor - type 'help' for more information\r\r\n(qemu) ")
        self.type("q!\x7fx")
        self.expect("q\x1b[K\x1b[Dq!\x1b[K\x1b[D\x1b[Dq\x1b[K\x1b[Dqx\x1b[K")
        self.type("\r")
        self.expect("\r\r\nunknown command: 'qx'\r\r\n(qemu) ")
        self.type("\x01cz")  # and back
        self.expect("\r\r\nz")
        self.type("\x01c")
        self.expect("(qemu) ")
        self.type("xp /2xw 0x80000000\r")
        self.expect("\r\r\n80000000: 0x100002b7 0x07200313\r\r\n(qemu) ")
        self.type("quit\r")
        self.expect("quit\x1b[K\r\r\n")
        self.expect_exit()

    def test_start_stopped(self):
        self.start("-nographic", "-S")
        self.type("\x01c")
        self.expect("(qemu) ")
        self.type("c\r")
        self.expect("ready")
        self.type("\x01cq")  # the guest's own way to power off
        self.expect_exit()

    def test_stop_holds_the_guest(self):
        self.nographic()
        self.type("\x01cstop\r")
        self.expect("stop\x1b[K\r\r\n(qemu) ")
        self.type("\x01chello")
        time.sleep(0.3)
        self.type("\x01c")
        self.assertNotIn("hello", self.expect("(qemu) "))
        self.type("cont\r")
        self.expect("hello")  # typed while it was stopped, and not lost
        self.type("q\r")
        self.expect_exit()

    # ---- ways out ----

    def test_guest_powers_off(self):
        self.nographic()
        self.type("q")
        self.expect_exit()

    def test_control_c_with_signals(self):
        self.start("-display", "none", "-serial", "stdio")
        self.expect("ready\r\r\n")
        self.type("\x03")
        self.expect("terminating on signal 2")
        self.expect_exit()

    def test_control_c_with_monitor(self):
        self.start("-display", "none", "-serial", "mon:stdio")
        self.expect("ready\r\r\n")
        self.type("a\x03b")
        self.expect("a\x03b")
        self.type("\x01x")
        self.expect_exit()

    def test_killed(self):
        for number in signal.SIGTERM, signal.SIGABRT, signal.SIGQUIT:
            with self.subTest(number=number):
                self.nographic()
                os.kill(self.pid, number)
                self.expect_exit(0 if number == signal.SIGTERM else -number)

    def test_error_after_raw_mode(self):
        self.start("-nographic", "-device", "foo")
        self.expect("-device foo: 'foo' is not a valid device model name\r\n")
        self.expect_exit(1)

    # ---- a pseudo terminal of our own ----

    def test_pty(self):
        self.start("-display", "none", "-serial", "pty", "-monitor", "stdio", "-S")
        self.expect("char device redirected to ")
        name = self.expect(" (label serial0)\r\n")
        peer = os.open(name, os.O_RDWR | os.O_NOCTTY)
        self.addCleanup(os.close, peer)
        self.expect("(qemu) ")
        self.type("c\r")
        text = b""
        while b"ready\r\n" not in text:
            self.assertTrue(select.select([peer], [], [], TIMEOUT_S)[0])
            text += os.read(peer, 100)
        os.write(peer, b"x")
        self.assertTrue(select.select([peer], [], [], TIMEOUT_S)[0])
        self.assertEqual(os.read(peer, 100), b"x")
        self.type("q\r")
        self.expect_exit()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
