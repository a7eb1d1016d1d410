#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How the emulator ends: exit statuses of guests, signals, the monitor, -pidfile, -daemonize.

usage: exit-status.py EMULATOR
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import payload

EMULATOR = sys.argv[1]
TIMEOUT_S = 20


class ExitStatus(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def guest(self, code):
        with open(self.path("guest"), "wb") as file:
            file.write(code)
        return ["-M", "virt", "-bios", self.path("guest")]

    def start(self, code, *options, **popen):
        process = subprocess.Popen([EMULATOR, *self.guest(code), *options], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, **popen)
        self.addCleanup(process.kill)
        return process

    def finish(self, process, text=None):
        out, err = process.communicate(text, timeout=TIMEOUT_S)
        return process.returncode, out, err

    def run_guest(self, value, *options):
        process = self.start(payload.write_test_device(value), "-nographic", *options)
        return self.finish(process)[0]

    def monitor(self, *options):
        """A machine whose monitor reads its commands from our pipe."""
        return self.start(payload.spin(), "-display", "none", "-monitor", "stdio", *options)

    def wait_for(self, condition):
        end = time.monotonic() + TIMEOUT_S
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    # ---- the guest's word ----

    def test_power_off(self):
        self.assertEqual(self.run_guest(0x5555), 0)

    def test_fail(self):
        self.assertEqual(self.run_guest(0x3333), 0)
        self.assertEqual(self.run_guest(0x3333 | 7 << 16), 7)
        self.assertEqual(self.run_guest(0x3333 | 0x102 << 16), 2)

    def test_no_reboot(self):
        self.assertEqual(self.run_guest(0x7777, "-no-reboot"), 0)
        self.assertEqual(self.run_guest(0x7777, "-action", "reboot=shutdown"), 0)

    def test_no_shutdown(self):
        process = self.start(payload.power_off(), "-display", "none", "-monitor", "stdio",
                             "-no-shutdown")
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        status, out, _ = self.finish(process, "info status\ncont\nsystem_reset\nquit\n")
        self.assertEqual(status, 0)
        self.assertIn("VM status: paused (shutdown)", out)
        self.assertIn("Resetting the Virtual Machine is required", out)

    # ---- the user's ----

    def test_quit(self):
        self.assertEqual(self.finish(self.monitor(), "quit\n")[0], 0)

    def test_system_reset_with_no_reboot(self):
        self.assertEqual(self.finish(self.monitor("-no-reboot"), "system_reset\n")[0], 0)

    def test_commands_in_order(self):
        status, out, _ = self.finish(self.monitor("-S"),
                                     "info status\nc\ninfo status\nstop\ninfo status\nq\n")
        self.assertEqual(status, 0)
        states = [line.strip() for line in out.splitlines() if line.startswith("VM status")]
        self.assertEqual(states, ["VM status: paused (prelaunch)", "VM status: running",
                                  "VM status: paused"])

    def test_signals(self):
        for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
            process = self.start(payload.echo(), "-display", "none", "-serial", "stdio")
            self.assertEqual(process.stdout.readline().strip(), "ready")
            process.send_signal(number)
            status, _, err = self.finish(process)
            self.assertEqual(status, 0)
            self.assertRegex(err, "tinamou-system-riscv64: terminating on signal %d from pid %d "
                                  r"\(.+\)\n" % (number, os.getpid()))

    def test_signal_ends_a_stopped_machine(self):
        process = self.start(payload.power_off(), "-display", "none", "-serial", "null",
                             "-no-shutdown")
        time.sleep(0.5)
        process.terminate()
        self.assertEqual(self.finish(process)[0], 0)

    # ---- files and the background ----

    def test_pidfile(self):
        process = self.monitor("-pidfile", self.path("pid"))
        path = self.path("pid")
        self.wait_for(lambda: os.path.exists(path) and os.stat(path).st_size)
        with open(path) as file:
            self.assertEqual(int(file.read()), process.pid)
        second = self.monitor("-pidfile", self.path("pid"))
        status, _, err = self.finish(second)
        self.assertEqual(status, 1)
        self.assertIn("cannot create PID file: Cannot lock pid file", err)
        self.assertTrue(os.path.exists(self.path("pid")))
        self.finish(process, "quit\n")
        self.assertFalse(os.path.exists(self.path("pid")))

    def test_daemonize(self):
        process = self.start(payload.spin(), "-display", "none", "-daemonize", "-pidfile",
                             self.path("pid"), "-serial", "file:" + self.path("out"))
        self.assertEqual(self.finish(process)[0], 0)
        with open(self.path("pid")) as file:
            pid = int(file.read())
        self.addCleanup(self.kill_if_alive, pid)
        self.assertEqual(os.stat("/proc/%d/fd/0" % pid).st_rdev, os.stat("/dev/null").st_rdev)
        os.kill(pid, signal.SIGTERM)
        self.wait_for(lambda: not os.path.exists(self.path("pid")))

    def kill_if_alive(self, pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def test_daemonize_tells_failure(self):
        process = self.start(payload.spin(), "-display", "none", "-daemonize", "-serial", "foo")
        status, _, err = self.finish(process)
        self.assertEqual(status, 1)
        self.assertIn("-serial foo: 'foo' is not a valid char driver", err)

    # ---- lists ----

    def test_lists(self):
        rows = {
            ("-version",): "QEMU emulator version 11.1.3 (Tinamou ",
            ("--help",): "-machine [type=]name",
            ("-M", "help"): "virt                 RISC-V VirtIO board",
            ("-M", "virt,help"): "virt-machine options:\n  aclint=<bool>",
            ("-cpu", "help"): "Available CPUs:\n",
            ("-device", "help"): 'name "loader"',
            ("-device", "loader,help"): "loader options:\n",
            ("-accel", "help"): "Accelerators supported in QEMU binary:\ntcg\n",
            ("-chardev", "help"): "Available chardev backend types: \n",
            ("-object", "help"): "List of user creatable objects:\n",
            ("-netdev", "help"): "Available netdev backend types:\n",
            ("-display", "help"): "Available display backend types:\nnone\n",
            ("-d", "help"): "Log items (comma separated):\n",
        }
        for options, part in rows.items():
            done = subprocess.run([EMULATOR, *options], text=True, capture_output=True,
                                  timeout=TIMEOUT_S)
            self.assertEqual((done.returncode, done.stderr), (0, ""), options)
            self.assertIn(part, done.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
