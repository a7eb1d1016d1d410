#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A machine whose harts all sleep costs nothing: no thread of it runs at all.

usage: idle.py EMULATOR
"""

import os
import subprocess
import sys
import tempfile
import time
import unittest

import payload

EMULATOR = sys.argv[1]
TIMEOUT_S = 20
QUIET_S = 1.0  # longer than any period at which something might be looked at


class Idle(unittest.TestCase):
    def switches(self, pid):
        """How often the threads of a process have been given a processor, and which there are."""
        total = 0
        threads = os.listdir("/proc/%d/task" % pid)
        for thread in threads:
            with open("/proc/%d/task/%s/schedstat" % (pid, thread)) as file:
                total += int(file.read().split()[2])
        return total, threads

    def check(self, *options):
        with tempfile.NamedTemporaryFile() as guest:
            guest.write(payload.sleep("ready\n"))
            guest.flush()
            process = subprocess.Popen([EMULATOR, "-M", "virt", "-display", "none", "-serial",
                                        "stdio", "-monitor", "none", "-bios", guest.name,
                                        *options], stdout=subprocess.PIPE)
            self.addCleanup(process.kill)
            self.assertEqual(process.stdout.readline(), b"ready\n")
        end = time.monotonic() + TIMEOUT_S
        last, since = None, time.monotonic()
        while time.monotonic() - since < QUIET_S:
            self.assertLess(time.monotonic(), end, "something runs again and again")
            now = self.switches(process.pid)
            if now != last:
                last, since = now, time.monotonic()
            time.sleep(0.02)
        process.kill()
        process.wait()
        process.stdout.close()

    def test_one_hart(self):
        self.check()

    def test_four_harts(self):
        self.check("-smp", "4")

    def test_one_thread(self):
        self.check("-smp", "4", "-accel", "tcg,thread=single")

    def test_interpreter(self):
        self.check("-smp", "2", "-accel", "tcg,interp=on")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
