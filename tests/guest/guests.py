# SPDX-License-Identifier: MIT
"""The guests: what each needs, its command line, and what it must say.

A guest is a function of a Run that ends or raises Failure; GUESTS names them all. Versions
are not compared: a mirror moves on.
"""

import contextlib
import hashlib
import http.server
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import threading

from emulator import Emulator, Failure, Skip, need_device, need_option

HERE = pathlib.Path(__file__).resolve().parent
MIB = 1 << 20

GUESTS = {}


def guest(function):
    GUESTS[function.__name__.replace("_", "-")] = function
    return function


class Run:
    """One guest on one emulator: the number of harts, accelerator, and a scratch folder."""

    def __init__(self, emulator, smp, accel, folder):
        self.emulator = pathlib.Path(emulator).resolve()
        self.smp = smp
        self.accel = accel
        self.folder = pathlib.Path(folder)

    @contextlib.contextmanager
    def start(self, *arguments, memory="512M", harts=None):
        """The emulator with these arguments; on failure its command and last lines are shown."""
        command = [self.emulator, "-M", "virt", "-nographic", "-m", memory,
                   "-smp", harts or self.smp]
        if self.accel:
            command += ["-accel", self.accel]
        with Emulator([*command, *arguments], self.folder) as machine:
            try:
                yield machine
            except Failure:
                print("command:", " ".join(machine.command))
                print(machine.tail(), end="")
                raise

    def linux(self, *arguments, words, memory="512M", kernel="linux"):
        """Linux with our initramfs; words are for its command line."""
        suffix = kernel.removeprefix("linux")
        return self.start("-bios", need_guest("fw_dynamic.bin", "opensbi"),
                          "-kernel", need_guest(f"Image{suffix}", kernel),
                          "-initrd", need_guest(f"initrd{suffix}.gz", kernel),
                          "-append", f"console=ttyS0 {words}", *arguments, memory=memory)

    def scratch_disk(self, size):
        """A disk that init.sh's tests may write to."""
        path = self.folder / "scratch.img"
        with open(path, "wb") as file:
            file.write(b"RVSCRATCH")
            file.truncate(size)
        return path


def need_guest(name, group):
    """The path of a file that fetch.sh brings."""
    where = subprocess.run([HERE / "fetch.sh", "--where"], capture_output=True, text=True,
                           check=True).stdout.strip()
    path = pathlib.Path(where, name)
    if not path.exists():
        raise Skip(f"no {name}: tests/guest/fetch.sh {group} has not been run or had no network")
    return path


def need_program(*names):
    """The first of these programs that is installed."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    for name in names:
        if shutil.which(name, path=path):
            return shutil.which(name, path=path)
    raise Skip(f"{names[0]} is not installed")


def expect_done(machine, passed=None):
    """The end of init.sh's tests: none failed, and as many passed as said."""
    done = machine.expect(r"RVTEST: DONE pass=(\d+) fail=(\d+) skip=(\d+) [^\n]*\n")
    count, failed = int(done.group(1)), int(done.group(2))
    if failed or (count < 1 if passed is None else count != passed):
        for line in re.findall(r"RVTEST: .*(?:FAIL|SKIP).*", machine.text()):
            print(line)
        raise Failure(f"{count} tests of the guest passed and {failed} failed, "
                      f"not {passed or 'some'} and 0")


# ---------------------------------------------------------------- firmware

@guest
def opensbi(run):
    """OpenSBI without anything after it, which then faults for ever: SIGTERM still works."""
    with run.start("-bios", need_guest("fw_dynamic.bin", "opensbi"), memory="128M") as machine:
        machine.expect(r"OpenSBI v\d")
        machine.expect(r"Platform HART Count +: %d\b" % run.smp)
        machine.expect(r"Boot HART ID +: \d")


@guest
def u_boot(run):
    """U-Boot in S-mode: its prompt, and what it thinks of the firmware."""
    with run.start("-bios", need_guest("fw_dynamic.bin", "opensbi"),
                   "-kernel", need_guest("u-boot.bin", "u-boot"), memory="256M") as machine:
        machine.expect(r"U-Boot \d{4}")
        stop_autoboot(machine)
        machine.send("sbi\r")
        machine.expect(r"SBI \d")
        machine.expect(r"Hart State Management Extension")
        machine.expect(r"^=> ")
        machine.send("poweroff\r")
        machine.wait()


def stop_autoboot(machine):
    machine.expect(r"Hit any key to stop autoboot")
    machine.send("\r")
    machine.expect(r"^=> ")


@guest
def u_boot_booti(run):
    """U-Boot loads Linux from the ext4 partition of a virtio disk."""
    need_device(run.emulator, "virtio-blk-device")
    with run.start("-bios", need_guest("fw_dynamic.bin", "opensbi"),
                   "-kernel", need_guest("u-boot.bin", "u-boot"),
                   "-drive", f"file={boot_disk(run)},format=raw,if=none,id=d0",
                   "-device", "virtio-blk-device,drive=d0") as machine:
        stop_autoboot(machine)
        for line in ("load virtio 0:1 ${kernel_addr_r} /Image",
                     "load virtio 0:1 ${ramdisk_addr_r} /initrd.gz",
                     "setenv rs ${filesize}",
                     "setenv bootargs console=ttyS0 test=smoke"):
            machine.send(line + "\r")
            machine.expect(r"^=> ")
        machine.send("booti ${kernel_addr_r} ${ramdisk_addr_r}:${rs} ${fdtcontroladdr}\r")
        machine.expect(r"Starting kernel")
        machine.expect(r"RVTEST: smoke: PASS")
        expect_done(machine, 1)
        machine.wait()


def boot_disk(run):
    """A disk with one MBR partition at 1 MiB: ext4 with kernel and initramfs."""
    mke2fs = need_program("mke2fs")
    content = run.folder / "content"
    content.mkdir()
    for name in ("Image", "initrd.gz"):
        shutil.copy(need_guest(name, "linux"), content)
    disk = run.folder / "boot.img"
    size = 64 * MIB
    with open(disk, "wb") as file:
        file.truncate(MIB + size)
        # One entry, active, of type Linux; the geometry says to use sector numbers.
        file.seek(446)
        file.write(struct.pack("<B3sB3sII", 0x80, b"\xfe\xff\xff", 0x83, b"\xfe\xff\xff",
                               MIB // 512, size // 512))
        file.seek(510)
        file.write(b"\x55\xaa")
    # U-Boot 2025.01 reads file systems without checksums of metadata.
    subprocess.run([mke2fs, "-q", "-t", "ext4", "-O", "^metadata_csum,^64bit", "-d", content,
                    "-E", f"root_owner=0:0,offset={MIB}", disk, f"{size // 1024}k"], check=True)
    return disk


# ---------------------------------------------------------------- Linux

@guest
def linux_smoke(run):
    """OpenSBI, Linux, userspace, power off."""
    with run.linux("-no-reboot", words="test=smoke") as machine:
        machine.expect(r"OpenSBI v\d")
        machine.expect(r"Linux version \d")
        machine.expect(r"RVTEST: BOOT Linux .* riscv64 cpus=%d " % run.smp)
        machine.expect(r"RVTEST: smoke: PASS")
        expect_done(machine, 1)
        machine.wait()


@guest
def linux_all(run):
    """Every test of init.sh, with a disk, a network card, random numbers and a console."""
    need_device(run.emulator, "virtio-blk-device", "virtio-net-device", "virtio-rng-device",
                "virtio-serial-device", "virtconsole")
    with web_server() as (url, checksum):
        with run.linux("-drive", f"file={run.scratch_disk(96 * MIB)},format=raw,if=none,id=d0",
                       "-device", "virtio-blk-device,drive=d0",
                       "-netdev", "user,id=n0", "-device", "virtio-net-device,netdev=n0",
                       "-device", "virtio-rng-device",
                       "-device", "virtio-serial-device",
                       "-chardev", "file,id=c0,path=hvc0.txt",
                       "-device", "virtconsole,chardev=c0",
                       words=f"test=all url={url} sum={checksum}", memory="1G") as machine:
            # Hot plug of a hart is a test only where there are two.
            expect_done(machine, 30 if run.smp > 1 else 29)
            machine.wait()
    if b"RVTEST-HVC0" not in (run.folder / "hvc0.txt").read_bytes():
        raise Failure("what the guest wrote to its virtio console did not arrive")


@guest
def linux_tests(run):
    """The tests of init.sh that need no device."""
    with run.linux(words="test=cpu,timer,smp,mem,console") as machine:
        expect_done(machine, 20 if run.smp > 1 else 19)
        machine.wait()
        check_lines(machine)


def check_lines(machine):
    """What test console printed: all lines, in order, and nothing else between them."""
    text = machine.text()
    wanted = "".join(f"RVLINE {i} abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ\n"
                     for i in range(200))
    if wanted not in text:
        raise Failure("characters of the console are lost or out of order")


@contextlib.contextmanager
def web_server():
    """Serves one file to the guest; (url, SHA-256)."""
    data = bytes(i * i >> 8 & 0xFF for i in range(1 << 20))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        # The host, as the guest of a user network sees it.
        yield f"http://10.0.2.2:{server.server_port}/file", hashlib.sha256(data).hexdigest()
    finally:
        server.shutdown()


@guest
def linux_shell(run):
    """What a user types arrives, and poweroff ends the emulator with status 0."""
    with run.linux(words="rows=50 cols=132") as machine:
        machine.expect(r"RVTEST: SHELL")
        machine.expect(r"# ")
        machine.send("echo $((6 * 7))-$(nproc); stty size\r")
        machine.expect(r"^42-%d\r*\n" % run.smp)
        machine.expect(r"^50 132\r*\n")
        machine.send("poweroff\r")
        machine.wait()


@guest
def linux_gdb(run):
    """gdb stops the kernel at its first instruction, and later in a system call."""
    program = need_program("gdb-multiarch")
    address = run.folder / "gdb"

    def gdb(*commands):
        first = ["set confirm off", "set osabi none", "set architecture riscv:rv64",
                 f"target remote {address}"]
        arguments = [word for command in [*first, *commands] for word in ("-ex", command)]
        return subprocess.run([program, "-nx", "-batch", *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False).stdout

    def expect(pattern, output):
        if not re.search(pattern, output):
            raise Failure(f"gdb does not print '{pattern}':\n{output}")

    with run.linux("-gdb", f"unix:{address},server=on,wait=off", "-monitor", "none", "-serial",
                   "stdio", "-S", words="nokaslr") as machine:
        while not address.exists():
            machine.read(0.01)
        output = gdb("hbreak *0x80200000", "continue", "p/x (long)$pc", "p $priv")
        expect(r"\$1 = 0x80200000\n\$2 = 1", output)
        machine.expect(r"RVTEST: SHELL")
        machine.send("grep ' ksys_sync$' /proc/kallsyms\r")
        where = "0x" + machine.expect(r"^([0-9a-f]{16}) T ksys_sync").group(1).decode()
        machine.send("while sync; do :; done & loop=$!\r")
        output = gdb(f"break *{where}", "continue", "p/x (long)$pc", "continue", "p/x (long)$pc",
                     "info threads")
        expect(rf"\$1 = {where}\n[^$]*\$2 = {where}\n", output)
        if output.count("CPU#") != run.smp:
            raise Failure(f"not {run.smp} threads:\n{output}")
        machine.send("kill $loop; echo $((6 * 7)); poweroff\r")
        machine.expect(r"^42\r*\n")
        machine.wait()


@guest
def linux_reboot(run):
    """A reboot; where there is a disk, the second start finds what the first has written."""
    disk = ()
    with contextlib.suppress(Skip):
        need_device(run.emulator, "virtio-blk-device")
        disk = ("-drive", f"file={run.scratch_disk(MIB)},format=raw,if=none,id=d0",
                "-device", "virtio-blk-device,drive=d0")
    with run.linux(*disk, words="test=reboot") as machine:
        machine.expect(r"RVTEST: REBOOTING")
        machine.expect(r"OpenSBI v\d")
        if not disk:
            machine.expect(r"RVTEST: REBOOTING")
            return
        machine.expect(r"RVTEST: reboot: PASS second boot")
        expect_done(machine, 1)
        machine.wait()


@guest
def linux_panic(run):
    """A panic reboots, which -no-reboot makes the end."""
    with run.linux("-no-reboot", words="test=panic panic=1 mods=none") as machine:
        # the kernel's own output overtakes what init's terminal has still to send
        machine.expect(r"Kernel panic - not syncing: sysrq triggered crash")
        machine.expect(r"Rebooting in 1 seconds")
        machine.wait()


@guest
def linux_sid(run):
    """The kernel of Debian unstable."""
    with run.linux(words="test=cpu,timer,mem", kernel="linux-sid") as machine:
        machine.expect(r"Linux version \d")
        expect_done(machine, 16)
        machine.wait()


# ---------------------------------------------------------------- without an operating system

def build_bare(run, source, *options, compilers):
    compiler = need_program(*compilers)
    program = run.folder / (source + ".elf")
    subprocess.run([compiler, "-O2", "-mcmodel=medany", "-Wl,--build-id=none", *options,
                    HERE / "bare" / source, "-o", program], check=True)
    return program


def build_assembly(run, source, address):
    return build_bare(run, source, "-march=rv64imac_zicsr", "-mabi=lp64", "-nostdlib",
                      f"-Wl,-Ttext={address:#x}",
                      compilers=("riscv64-unknown-elf-gcc", "riscv64-linux-gnu-gcc"))


def raw_binary(program):
    objcopy = need_program("riscv64-unknown-elf-objcopy", "riscv64-linux-gnu-objcopy")
    raw = program.with_suffix(".bin")
    subprocess.run([objcopy, "-O", "binary", program, raw], check=True)
    return raw


@guest
def selftest(run):
    """Our own self-test, and typing at its prompt."""
    firmware = HERE.parent.parent / "pc-bios/selftest.bin"
    with run.start("-bios", firmware, memory="128M") as machine:
        machine.expect("Tinamou self-test")
        machine.expect(f" {run.smp} harts?, 128 MiB of RAM")
        machine.expect("selftest> ")
        machine.send("all\r")
        machine.expect("SELFTEST: DONE pass=5 fail=0")
        machine.expect("selftest> ")
        machine.send("reset\r")
        machine.expect("selftest> ")
        machine.send("poweroof\x7f\x7fff\r")
        machine.wait()


@guest
def bare_uart(run):
    """M-mode, no firmware: UART, a timer interrupt, power off; as ELF and as firmware."""
    program = build_assembly(run, "uart.S", 0x80000000)
    for arguments in (("-bios", "none", "-kernel", program), ("-bios", raw_binary(program))):
        with run.start(*arguments, memory="64M") as machine:
            machine.expect(r"UART-OK")
            machine.expect(r"TIMER-OK")
            machine.wait()


def console_of(run, *arguments, **start):
    """What a guest that ends by itself writes to its serial port."""
    path = run.folder / "serial"
    with run.start("-serial", f"file:{path}", *arguments, **start) as machine:
        machine.wait(console=path)
    return path.read_text()


def with_accel(run, options):
    """The same run with more options for the accelerator."""
    accel = ",".join([run.accel or "tcg", *options])
    return Run(run.emulator, run.smp, accel, run.folder)


@guest
def bare_icount(run):
    """-icount: counts are exact, at devices and timers too, and the same on every engine."""
    program = build_bare(run, "count.c", "-march=rv64imac_zicsr", "-mabi=lp64", "-ffreestanding",
                         "-nostdlib", "-static", "-Wl,-N,--no-warn-rwx-segments",
                         "-Wl,-Ttext=0x80000000",
                         compilers=("riscv64-unknown-elf-gcc", "riscv64-linux-gnu-gcc"))
    for shift in (0, 3, 10):
        said = console_of(run, "-bios", "none", "-kernel", program,
                          "-icount", f"shift={shift},sleep=off", memory="64M")
        found = {name: int(value) for name, value in re.findall(r"^(\S+) (\d+)$", said, re.M)}
        expected = {"nothing": 1, "three": 4, "loop": 2002, "device": 5, "ecall": 10,
                    "loop-ns": 2002 << shift, "user-loop": 2002, "timer-in-loop": 1,
                    "software-at-next": 1, "software-before-loop": 1, "software-at-page-end": 1,
                    "woken-late": 0}
        for name, value in expected.items():
            if found.get(name) != value:
                raise Failure(f"shift={shift}: {name} is {found.get(name)}, not {value}\n{said}")
        # 1 ms, less the instructions before the first count, and those of other harts
        before_timer = (1000000 >> shift) - found["timer-after"]
        if not 0 <= before_timer <= (150 if run.smp == 1 else 1000000):
            raise Failure(f"shift={shift}: the timer came {before_timer} instructions early")
        for options in ((), ("hot=1",), ("optimise=off",), ("one-insn-per-tb=on",),
                        ("interp=on",)):
            again = console_of(with_accel(run, options), "-bios", "none", "-kernel", program,
                               "-icount", f"shift={shift},sleep=off", memory="64M")
            if again != said:
                raise Failure(f"shift={shift} {options}: two runs differ:\n{said}\n{again}")


@guest
def bare_pages(run):
    """Loops over two pages, of which one is mapped elsewhere, written to, taken away."""
    program = build_bare(run, "pages.c", "-march=rv64imac_zicsr_zifencei", "-mabi=lp64",
                         "-ffreestanding", "-nostdlib", "-static",
                         "-Wl,-N,--no-warn-rwx-segments", "-Wl,-Ttext=0x80000000",
                         compilers=("riscv64-unknown-elf-gcc", "riscv64-linux-gnu-gcc"))
    for options in ((), ("hot=50", "cold=0"), ("hot=1", "cold=0"), ("hot=0", "cold=0"),
                    ("cold=255",), ("one-insn-per-tb=on",)):
        said = console_of(with_accel(run, options), "-bios", "none", "-kernel", program,
                          memory="64M")
        if said != "pages: good\n":
            raise Failure(f"{options}: {said}")


@guest
def linux_icount(run):
    """-icount: Linux boots twice and says the same at the same times."""
    for shift in (0, 3):
        said = [console_of(run, "-bios", need_guest("fw_dynamic.bin", "opensbi"),
                           "-kernel", need_guest("Image", "linux"),
                           "-initrd", need_guest("initrd.gz", "linux"),
                           "-append", "console=ttyS0 test=smoke", "-no-reboot", "-seed", "42",
                           "-rtc", "clock=vm,base=2026-01-01T00:00:00",
                           "-icount", f"shift={shift},sleep=off") for _ in range(2)]
        if "RVTEST: smoke: PASS" not in said[0] or "reboot: Power down" not in said[0]:
            raise Failure(f"shift={shift}: Linux did not come to its end:\n{said[0]}")
        for one, other in zip(said[0].splitlines(), said[1].splitlines()):
            if one != other:
                raise Failure(f"shift={shift}: two boots differ:\n{one}\n{other}")
        if said[0] != said[1]:
            raise Failure(f"shift={shift}: one boot says more than the other")


@guest
def bare_sbi(run):
    """S-mode above OpenSBI: its console, timer and power off."""
    program = raw_binary(build_assembly(run, "sbi.S", 0x80200000))
    with run.start("-bios", need_guest("fw_dynamic.bin", "opensbi"), "-kernel", program,
                   memory="64M") as machine:
        machine.expect(r"SBI-DBCN")
        machine.expect(r"SBI-TIMER")
        machine.wait()


@guest
def bare_semihosting(run):
    """A C program on picolibc: console, file and exit status go through semihosting."""
    need_option(run.emulator, "-semihosting-config")
    compiler = need_program("riscv64-unknown-elf-gcc")
    specs = subprocess.run([compiler, "-print-file-name=picolibc.specs"], capture_output=True,
                           text=True, check=True).stdout.strip()
    if not os.path.isabs(specs):
        raise Skip("picolibc-riscv64-unknown-elf is not installed")
    layout = {"__flash": 0x80000000, "__flash_size": 2 * MIB,
              "__ram": 0x80200000, "__ram_size": 2 * MIB}
    program = build_bare(run, "hello.c", "-march=rv64imafdc_zicsr", "-mabi=lp64d",
                         "--specs=picolibc.specs", "--oslib=semihost", "--crt0=semihost", "-lm",
                         *(f"-Wl,--defsym={name}={value:#x}" for name, value in layout.items()),
                         compilers=("riscv64-unknown-elf-gcc",))
    with run.start("-bios", "none", "-kernel", program,
                   "-semihosting-config", "enable=on,target=native",
                   memory="64M", harts=1) as machine:
        machine.expect(r"hello from picolibc, hart 0")
        machine.expect(r"sqrt\(2\)=1\.414213562373095 pow\(2,0\.5\)=1\.414213562373095")
        machine.expect(r"sum=12\.090136129863 cycles>0:1")
        machine.expect(r"file written")
        machine.wait(3)
    if (run.folder / "semi.txt").read_text() != "semihost file ok\n":
        raise Failure("the guest's file is not what it wrote")
