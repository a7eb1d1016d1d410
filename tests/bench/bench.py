#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures Tinamou beside a reference emulator, on the same guest, in turns.

usage: bench.py [options] [PROGRAM or CLASS...]

Both emulators boot the same kernel with the same initramfs, whose init runs the programs of
tests/bench/guest. What is compared is the host CPU time (user and system, all threads) that an
emulator's process spends between a program's first and last line on the console; of several
rounds the median counts. Also measured: CPU time to OpenSBI's banner and to userspace, peak
memory, and the start and end of a machine that executes nothing. Nothing here passes or fails.

--add 'NAME=FILE ARGUMENT...' measures another program, a static one for riscv64 Linux; it may be
repeated. docs/profiling.md tells how CoreMark and Dhrystone are built for it.

Classes: int mem fp fpnc atom sys code, and by name only
    mmio   accesses to devices by a guest without an operating system: ns of CPU time each; how
           late WFI ends, in ns
    uart   a megabyte through Linux' ttyS0 into a file: CPU and wall time
    debian programs of Debian 13, position-independent as there: userland/init.sh
Files: those of tests/guest/fetch.sh linux opensbi, and userland for "debian" or its programs.
"""

import argparse
import collections
import importlib.util
import math
import os
import pathlib
import re
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
GUEST = HERE.parent / "guest"
USERLAND = HERE / "userland"
COMPILER = "riscv64-linux-gnu-gcc"
SOURCES = ("main", "int", "mem", "fp", "atom", "sys", "code")
CLASSES = ("int", "mem", "fp", "atom", "sys", "code")
BARE = ("mmio", "uart")
MMIO_COUNT = 500000  # as in guest/mmio.c
TICKS = os.sysconf("SC_CLK_TCK")
CPUCLOCK_SCHED = 2

DEBIAN = re.findall(r"^run (\w+)", (USERLAND / "init.sh").read_text(), re.MULTILINE)

INIT = """#!/bin/sh
mount -t proc proc /proc
mount -t devtmpfs dev /dev 2>/dev/null
echo "BOOT-OK $(uname -r) cpus=$(nproc)"
export SCALE=1
for word in $(cat /proc/cmdline); do
    case $word in
    SCALE=*) SCALE=${word#SCALE=} ;;
    programs=*) programs=${word#programs=} ;;
    esac
done
IFS=,
for program in $programs; do
    if [ $program = uart ]; then
        stty -F /dev/ttyS0 raw -echo
        echo "BEGIN uart"
        yes 0123456789abcdef0123456789abcdef0123456789abcde |
            dd bs=4096 count=250 iflag=fullblock 2>/dev/null
        echo "RES uart chk=0"
    elif [ -x /added/$program ]; then
        echo "BEGIN $program"
        IFS=' '
        /added/$program $(cat /added/$program.arguments) >/tmp/out
        echo "RES $program chk=status$?"
        IFS=,
    else
        /bin/rvbench $program
    fi
done
poweroff -f
"""


def guest_files():
    """The folder in which fetch.sh has put kernel, firmware and busybox."""
    where = subprocess.run([GUEST / "fetch.sh", "--where"], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.strip()
    return pathlib.Path(where)


def load_mkinitrd():
    spec = importlib.util.spec_from_file_location("mkinitrd", GUEST / "mkinitrd.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compile_guest(folder):
    """Builds the benchmark program for riscv64 Linux, static."""
    flags = ["-O2", "-march=rv64gc", "-mabi=lp64d", "-static", "-pthread", "-I", HERE / "guest"]
    big = folder / "bigcode.c"
    big.write_text(subprocess.run([sys.executable, HERE / "gen_bigcode.py", "6000"], check=True,
                                  text=True, stdout=subprocess.PIPE).stdout)
    objects = []
    for name in SOURCES:
        objects.append(folder / (name + ".o"))
        subprocess.run([COMPILER, *flags, "-c", HERE / "guest" / (name + ".c"), "-o",
                        objects[-1]], check=True)
    objects.append(folder / "fpnc.o")
    subprocess.run([COMPILER, *flags, "-ffp-contract=off", "-DNOFMA", "-c",
                    HERE / "guest" / "fp.c", "-o", objects[-1]], check=True)
    subprocess.run([COMPILER, *flags, *objects, big, "-o", folder / "rvbench", "-lm"], check=True)
    subprocess.run([COMPILER, "-O2", "-static", "-nostdlib", "-nostartfiles",
                    "-fno-stack-protector", HERE / "guest" / "true.c", "-o",
                    folder / "true.static"], check=True)


def compile_bare(folder):
    """Builds the guest without an operating system, of which the first byte is the first run."""
    path = folder / "mmio.elf"
    subprocess.run([COMPILER, "-O2", "-march=rv64imac_zicsr", "-mabi=lp64", "-mcmodel=medany",
                    "-ffreestanding", "-nostdlib", "-static", "-Wl,--build-id=none,-N",
                    "-Wl,--no-warn-rwx-segments,-Ttext=0x80000000", HERE / "guest" / "mmio.c",
                    "-o", path], check=True)
    return path


def new_archive(mkinitrd, folders, init):
    archive = mkinitrd.Archive()
    for name in ("dev", "proc", "tmp", *folders):
        archive.add(name, mkinitrd.DIRECTORY | 0o755)
    archive.add("dev/console", mkinitrd.CHARACTER | 0o600, device=(5, 1))
    archive.add("init", mkinitrd.REGULAR | 0o755, init)
    return archive


def make_initrd(folder, busybox, added):
    mkinitrd = load_mkinitrd()
    archive = new_archive(mkinitrd, ("added", "bin", "sys"), INIT.encode())
    archive.add("bin/busybox", mkinitrd.REGULAR | 0o755, busybox.read_bytes())
    for name in ("sh", "mount", "poweroff", "uname", "nproc", "cat", "stty", "dd", "yes"):
        archive.add("bin/" + name, mkinitrd.SYMLINK | 0o777, b"busybox")
    for name in ("rvbench", "true.static"):
        archive.add("bin/" + name, mkinitrd.REGULAR | 0o755, (folder / name).read_bytes())
    for name, (file, *arguments) in added.items():
        archive.add("added/" + name, mkinitrd.REGULAR | 0o755, pathlib.Path(file).read_bytes())
        archive.add("added/%s.arguments" % name, mkinitrd.REGULAR | 0o644,
                    " ".join(arguments).encode())
    path = folder / "initrd"
    path.write_bytes(archive.finish())
    return path


def make_userland(folder, files):
    """Debian's programs, and behind them an archive of what runs them."""
    mkinitrd = load_mkinitrd()
    archive = new_archive(mkinitrd, ("bench",), (USERLAND / "init.sh").read_bytes())
    archive.add("usr/bin/busybox", mkinitrd.REGULAR | 0o755, (files / "busybox").read_bytes())
    for path in sorted(USERLAND.iterdir()):
        archive.add("bench/" + path.name, mkinitrd.REGULAR | 0o644, path.read_bytes())
    source = subprocess.run([COMPILER, "-E", "-P", HERE / "guest" / "int.c"], check=True,
                            stdout=subprocess.PIPE).stdout
    archive.add("bench/program.i", mkinitrd.REGULAR | 0o644, source)
    path = folder / "userland"
    path.write_bytes((files / "userland.cpio").read_bytes() + archive.finish())
    return path


def cpu_seconds(pid):
    """User and system time of a process and its ended children, in seconds."""
    try:
        with open("/proc/%d/stat" % pid, encoding="latin-1") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        # its processor clock: Linux makes the clock's number from the process'. Children: in ticks
        own = time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)
    except OSError:
        return 0.0
    return own + sum(map(int, fields[13:15])) / TICKS


def peak_kib(pid):
    try:
        with open("/proc/%d/status" % pid, encoding="latin-1") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1))
    except (OSError, AttributeError):
        return 0


def lines_of(path, process):
    """Lines of a file that a process is writing, until that ends; it is not reaped, so that its
    times can still be read."""
    rest = b""
    with open(path, "rb") as file:
        ended = False
        while not ended:
            state = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            ended = state is not None
            rest += file.read()
            *lines, rest = rest.split(b"\n")
            yield from lines
            time.sleep(0.002)


class Run:
    """One boot of one emulator; results by name, in seconds or MiB. Its console is stdout, or the
    file @console."""

    def __init__(self, command, limit_s, console=None):
        self.results = {}
        self.checksums = {}
        self.begun = {}
        self.begun_wall = {}
        self.wall = {}
        self.process = subprocess.Popen([str(word) for word in command],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        timer = threading.Timer(limit_s, self.process.kill)
        timer.start()
        for raw in lines_of(console, self.process) if console else self.process.stdout:
            self.line(raw.decode("latin-1"))
        self.process.wait()
        timer.cancel()
        if self.process.returncode != 0:
            raise SystemExit("bench.py: %s ended with status %d" %
                             (command[0], self.process.returncode))

    def line(self, text):
        now = cpu_seconds(self.process.pid)
        if "OpenSBI v" in text:
            self.results.setdefault("OpenSBI banner", now)
        if "BOOT-OK" in text:
            self.results["boot to userspace"] = now
            self.results["peak MiB after boot"] = peak_kib(self.process.pid) / 1024
        begin = re.search(r"BEGIN (\S+)", text)
        if begin:
            self.begun[begin.group(1)] = now
            self.begun_wall[begin.group(1)] = time.monotonic()
        value = re.search(r"VAL (\S+)=(\d+)", text)
        if value:
            self.results[value.group(1)] = int(value.group(2))
        end = re.search(r"RES (\S+) .*chk=(\S+)", text)
        if end and end.group(1) in self.begun:
            self.results[end.group(1)] = now - self.begun.pop(end.group(1))
            self.wall[end.group(1)] = time.monotonic() - self.begun_wall[end.group(1)]
            self.checksums[end.group(1)] = end.group(2)


def start_and_quit(command, firmware):
    """CPU time of a machine that is made and ended at once."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*map(str, command), "-M", "virt", "-S", "-nodefaults", "-display", "none",
                    "-monitor", "stdio", "-bios", str(firmware)],
                   input=b"quit\n", stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run_mmio(args, command, bare):
    """Nanoseconds by name."""
    run = Run([*command, "-M", "virt", "-smp", args.smp, "-display", "none", "-serial", "stdio",
               "-monitor", "none", "-global", "virtio-mmio.force-legacy=false", "-device",
               "virtio-rng-device", "-bios", "none", "-kernel", bare], args.limit)
    run.results.pop("wfi", None)
    return {name: value if name.endswith("_ns") else value / MMIO_COUNT * 1e9
            for name, value in run.results.items()}


def run_linux(args, command, files, initrd, append, *options, memory="1G", console=None):
    return Run([*command, "-M", "virt", "-m", memory, "-smp", args.smp, "-no-reboot", "-bios",
                files / "fw_dynamic.bin", "-kernel", files / "Image", "-initrd", initrd,
                "-append", "console=ttyS0 " + append, *options], args.limit, console)


def run_uart(args, command, files, initrd):
    """Seconds, of CPU and by the clock, for a megabyte."""
    with tempfile.NamedTemporaryFile() as console:
        run = run_linux(args, command, files, initrd, "programs=uart", "-display", "none",
                        "-serial", "file:" + console.name, "-monitor", "none",
                        console=console.name)
    return {"uart": run.results["uart"], "uart wall": run.wall["uart"]}


def run_userland(args, command, files, userland, programs):
    run = run_linux(args, command, files, userland, "programs=" + ",".join(programs),
                    "-nographic", memory="2G")
    run.results.pop("OpenSBI banner", None)
    return run


def run_bare(args, files, initrd, bare, command):
    results = {}
    if "mmio" in args.programs:
        results.update(run_mmio(args, command, bare))
    if "uart" in args.programs:
        results.update(run_uart(args, command, files, initrd))
    return results


def measure(args, files, userland, initrd, bare):
    programs = [name for name in args.programs if name not in (*BARE, *DEBIAN)]
    debian = [name for name in args.programs if name in DEBIAN]
    emulators = {"tinamou": [args.emulator], "reference": args.reference.split()}
    values = {name: collections.defaultdict(list) for name in emulators}
    checksums = {}
    for _ in range(args.rounds):
        for name, command in emulators.items():
            for key, value in run_bare(args, files, initrd, bare, command).items():
                values[name][key].append(value)
            runs = []
            if debian:
                runs.append(run_userland(args, command, files, userland, debian))
            if programs:
                append = "programs=%s SCALE=%g" % (",".join(programs), args.scale)
                runs.append(run_linux(args, command, files, initrd, append, "-nographic"))
                values[name]["start and quit"].append(
                    start_and_quit(command, files / "fw_dynamic.bin"))
            for run in runs:
                for key, value in run.results.items():
                    values[name][key].append(value)
                for key, value in run.checksums.items():
                    if key in DEBIAN and not value.startswith("0-"):
                        print("%s: %s has it fail: %s" % (key, name, value))
                    if checksums.setdefault(key, value) != value:
                        print("%s: %s computed %s, not %s" % (key, name, value, checksums[key]))
    return values


def report(args, values):
    version = subprocess.run([*args.reference.split(), "--version"], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.splitlines()[0]
    print("reference: %s; -smp %s, scale %g, median of %d" %
          (version, args.smp, args.scale, args.rounds))
    print("%-22s %10s %10s %7s" % ("", "tinamou", "reference", "ratio"))
    logarithms = []
    milestones = ("OpenSBI banner", "boot to userspace", "peak MiB after boot", "start and quit")
    keys = [key for key in values["tinamou"] if key not in milestones]
    for key in (*milestones, *keys):
        ours = statistics.median(values["tinamou"][key] or [0])
        theirs = statistics.median(values["reference"][key] or [0])
        if not ours and not theirs:
            continue
        ratio = ours / theirs if theirs else math.nan
        print("%-22s %10.3f %10.3f %7.2f" % (key, ours, theirs, ratio))
        if key in keys and ours > 0 and theirs > 0:
            logarithms.append(math.log(ratio))
    if logarithms:
        print("%-22s %29.2f" % ("geometric mean", math.exp(statistics.mean(logarithms))))


def added_program(text):
    """NAME=FILE ARGUMENT... as (name, words)"""
    name, equals, command = text.partition("=")
    words = shlex.split(command)
    if not equals or not re.fullmatch(r"\w+", name) or not words:
        raise argparse.ArgumentTypeError("'%s' is not of the form NAME=FILE ARGUMENT..." % text)
    return name, words


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--emulator", default=HERE.parents[1] / "build/tinamou-system-riscv64")
    parser.add_argument("--reference", default="%s system" % (HERE / "reference-qemu"),
                        help="command line of the emulator to compare with")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--smp", default="1")
    parser.add_argument("--limit", type=float, default=1800, help="seconds for one run")
    parser.add_argument("--add", action="append", default=[], type=added_program,
                        metavar="'NAME=FILE ARGUMENT...'", help="another program to measure")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM")
    args = parser.parse_args()
    added = dict(args.add)
    for name in added:
        if name in (*DEBIAN, *CLASSES, *BARE, "debian"):
            parser.error("--add %s: that is one of the suite, choose another name" % name)
    args.programs = [*args.programs, *added] or list(CLASSES)
    if "debian" in args.programs:
        args.programs = [name for name in args.programs if name != "debian"] + DEBIAN
    files = guest_files()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        compile_guest(folder)
        userland = make_userland(folder, files) if set(args.programs) & set(DEBIAN) else None
        report(args, measure(args, files, userland, make_initrd(folder, files / "busybox", added),
                             compile_bare(folder)))


main()
