# SPDX-License-Identifier: MIT
"""Starts an emulator on a pseudo terminal and talks with what runs in it.

Nothing here sleeps: a test waits for text, and gives up when the console has been silent for
too long, however long the whole takes. TINAMOU_TEST_SLOW=N allows N times as much, for builds
with a sanitizer.
"""

import functools
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import tty

# No guest is silent for as long, even when the host has other work.
SILENCE_S = 60 * float(os.environ.get("TINAMOU_TEST_SLOW", "1"))
TAIL_LINES = 40

SKIPPED = 77  # meson's exit status for a test that could not be run


class Failure(Exception):
    """The guest did not do what it should."""


class Skip(Exception):
    """Something that the test needs is not there."""


class Emulator:
    """One run of the emulator; use it in a `with`."""

    def __init__(self, command, folder=None, environment=None):
        self.command = [str(word) for word in command]
        self.output = b""    # all of it
        self.seen = 0        # how much of it expect() has passed
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        self.process = subprocess.Popen(self.command, stdin=slave, stdout=slave, stderr=slave,
                                        cwd=folder, env=environment, start_new_session=True)
        os.close(slave)
        # The terminal's end appears as an error of read().
        self.open = True

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                if not kind:
                    raise Failure("SIGTERM does not end the emulator") from None
        os.close(self.master)

    def read(self, timeout_s):
        """Take in what the console says within the time; False when nothing came."""
        if not self.open or not select.select([self.master], [], [], timeout_s)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        self.open = bool(data)
        self.output += data
        return self.open

    def expect(self, pattern):
        """Wait for a regular expression after what the last call found; returns the match."""
        expression = re.compile(pattern.encode(), re.MULTILINE)
        while True:
            match = expression.search(self.output, self.seen)
            if match:
                self.seen = match.end()
                return match
            if not self.read(SILENCE_S):
                if self.open:
                    raise Failure(f"{SILENCE_S:.0f} s of silence, waiting for '{pattern}'")
                raise Failure(f"ended with status {self.process.wait()} before '{pattern}'")

    def send(self, text):
        data = text.encode()
        while data:
            data = data[os.write(self.master, data):]

    def wait(self, status=0, console=None):
        """Wait for the emulator's own end. @console: a file that grows while the guest is well."""
        size = 0
        while self.open:
            if not self.read(SILENCE_S) and self.open:
                before, size = size, console.stat().st_size if console else 0
                if size == before:
                    raise Failure(f"{SILENCE_S:.0f} s of silence, waiting for the end")
        ended = self.process.wait(SILENCE_S)
        if ended != status:
            raise Failure(f"ended with status {ended}, not {status}")

    def text(self):
        return self.output.decode(errors="replace").replace("\r", "")

    def tail(self):
        lines = self.text().splitlines()[-TAIL_LINES:]
        return "".join(f"    | {line}\n" for line in lines)


@functools.cache
def _help(emulator, *arguments):
    return subprocess.run([emulator, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=SILENCE_S, check=False).stdout


def need_device(emulator, *names):
    """Skip unless the emulator has these devices."""
    known = re.findall(r'^name "([^"]+)"', _help(emulator, "-M", "virt", "-device", "help"),
                       re.MULTILINE)
    for name in names:
        if name not in known:
            raise Skip(f"the emulator has no device {name}")


def need_option(emulator, *names):
    """Skip unless -help speaks of these options."""
    text = _help(emulator, "-help")
    for name in names:
        if not re.search(rf"(?:^|[\s/\[]){re.escape(name)}\b", text):
            raise Skip(f"the emulator has no option {name}")


def run(test, *arguments):
    """Run a test function as this process: its status is 0, 1 or SKIPPED."""
    started = time.monotonic()
    try:
        test(*arguments)
    except Skip as reason:
        print(f"SKIP: {reason}")
        sys.exit(SKIPPED)
    except Failure as failure:
        print(f"FAIL: {failure}")
        sys.exit(1)
    print(f"passed in {time.monotonic() - started:.1f} s")
