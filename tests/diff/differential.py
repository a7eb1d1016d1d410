#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random programs on every engine of the emulator and on QEMU: do they end in the same state?

    differential.py --riscv DIR --emulator PATH [--seed N] [--programs N] [--save] insns/*.insn

Each program (programs.py) is run by a bare-metal runner (runner.c) in one of the modes, with or
without paging, many programs a start. What differs is run again alone, shortened for as long as
it still differs, and shown: instructions, and the registers and memory that are not the same.

QEMU's command is taken from TINAMOU_TEST_QEMU (it may hold arguments). Without it recorded.txt
serves, results of the first programs of seed 0 as QEMU gave them; --save writes it.
TINAMOU_TEST_LONG=1 makes a million programs of it.
"""

import argparse
import concurrent.futures
import glob
import hashlib
import os
import shlex
import subprocess
import sys
import tempfile

import programs

HERE = programs.HERE
RECORDED = os.path.join(HERE, 'recorded.txt')
SKIPPED = 77
COMPILER = 'riscv64-linux-gnu-gcc'
# No program touches its floating point registers unasked, and gp is the program's.
CFLAGS = ('-march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -O2 -Wall -Wextra -Werror '
          '-ffreestanding -fno-stack-protector -fno-pic -nostdlib -static '
          '-Wl,-N,--build-id=none,--no-relax,--no-warn-rwx-segments').split()
BATCH = 2000          # programs a start
SILENCE_S = 300       # for one start
LONG = 1000000
PROGRESS = 20000        # programs between two lines that say how far it is

# What both have: QEMU's rv64 has H, which we have not.
CPU_QEMU = 'rv64,h=off,sdtrig=off,zicond=on'
CPU = 'rv64,zicond=on'

# Ways to run our own: name, accelerator options, which part of the batches.
ENGINES = (
    ('host code', 'cold=0,interp=off', 1),
    ('host code, regions at once', 'cold=0,interp=off,hot=1', 1),
    ('interpreter', 'cold=0,interp=on', 1),
    ('not translated', 'cold=255', 1),
    ('interpreter, regions at once', 'cold=0,interp=on,hot=1', 5),
    ('interpreter, not optimised', 'cold=0,interp=on,optimise=off', 5),
    ('host code, one instruction a block', 'interp=off,one-insn-per-tb=on', 5),
)


class Machine:
    """An emulator that runs the runner."""

    def __init__(self, name, command, cpu, runner, every=1):
        self.name, self.every = name, every
        self.command = command + [
            '-M', 'virt', '-m', '128M', '-cpu', cpu, '-bios', runner, '-display', 'none',
            '-serial', 'stdio', '-monitor', 'none', '-net', 'none']

    def run(self, image):
        """The lines that the programs of @image (programs.image()) give."""
        with tempfile.NamedTemporaryFile(suffix='.bin') as file:
            file.write(image)
            file.flush()
            device = 'loader,file=%s,addr=%#x,force-raw=on' % (file.name, programs.AT['BLOB_PA'])
            command = self.command + ['-device', device]
            try:
                done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      check=False, timeout=SILENCE_S)
                output, status = done.stdout, done.returncode
            except subprocess.TimeoutExpired as late:
                output, status = late.stdout or b'', 'timeout'
        lines = output.decode('ascii', 'replace').splitlines()
        if status:
            lines.append('%s: ended with %s' % (self.name, status))
        return lines


def build_runner(folder):
    """The runner's path; None without a cross compiler."""
    path = os.path.join(folder, 'runner.elf')
    sources = [os.path.join(HERE, name) for name in ('runner.S', 'runner.c')]
    try:
        subprocess.run([COMPILER] + CFLAGS + ['-Wl,-Ttext=%#x' % programs.AT['RUNNER_PA']] +
                       sources + ['-o', path], check=True)
    except FileNotFoundError:
        return None
    return path


def shorten(program, differs):
    """Replace by nops what the difference does not need."""
    nops = {2: 'c.addi', 4: 'addi'}
    items = list(program.items)
    step = max(len(items) // 2, 1)
    while True:
        for start in range(0, len(items), step):
            shorter = list(items)
            for i in range(start, min(start + step, len(items))):
                insn = program.nops[nops[items[i].size()]]
                shorter[i] = programs.Item(insn, {name: 0 for name in insn.fields})
            if differs(programs.Program(program.header, shorter)):
                items = shorter
        if step == 1:
            return programs.Program(program.header, items)
        step //= 2


def disassembly(program):
    start, text = program.header['H_OFFSET'], []
    for offset, item in zip(program.addresses(), program.items):
        if item.insn.name not in ('addi', 'c.addi') or any(item.operands.values()):
            word = programs.Program({}, [item]).code() if item.target is None else None
            shown = int.from_bytes(word[:item.size()], 'little') if word else 0
            target = '' if item.target is None else ' -> %#x' % (
                start + program.addresses()[item.target])
            text.append('  %04x: %08x  %s%s' % (start + offset, shown, item.text(), target))
    return '\n'.join(text)


def explain(maker, seed, reference, machine):
    """Show the shortest form of a difference; @reference and @machine run it."""
    program = maker.program(seed)
    program.nops = maker.by_name

    def differs(candidate):
        image = programs.image([candidate])
        return reference.run(image) != machine.run(image)
    if not differs(program):
        print('seed %d: no difference when it runs alone' % seed)
        return
    program = shorten(program, differs)
    print('program %d, what is left of it:' % seed)
    print('  ' + ' '.join('%s=%s' % (name[2:].lower(), [hex(v) for v in value]
                                     if isinstance(value, list) else hex(value))
                          for name, value in sorted(program.header.items())))
    print(disassembly(program))
    image = programs.image([program], verbose=True)
    want, got = (dict(line.rpartition(' ')[::2] for line in m.run(image))
                 for m in (reference, machine))
    print('  %-16s %-18s %s' % ('', reference.name, machine.name))
    for name in dict.fromkeys(list(want) + list(got)):
        if want.get(name) != got.get(name):
            print('  %-16s %-18s %s' % (name, want.get(name, '-'), got.get(name, '-')))


class Recorded:
    """recorded.txt: "key: value" lines, then four hexadecimal digits a program."""

    def __init__(self):
        with open(RECORDED, encoding='ascii') as file:
            head, _, body = file.read().partition('\n\n')
        fields = dict(line.split(': ', 1) for line in head.split('\n') if line[0] != '#')
        self.names = fields['instructions'].split()
        self.digest = fields['programs']
        self.version = fields['reference']
        body = body.replace('\n', '')
        self.results = [body[i:i + 4] for i in range(0, len(body), 4)]

    @staticmethod
    def save(version, names, digest, lines):
        body = ''.join(line[:4] for line in lines)
        with open(RECORDED, 'w', encoding='ascii') as file:
            file.write('# Written by differential.py --save.\nreference: %s\nprograms: %s\n'
                       'instructions: %s\n\n' % (version, digest, ' '.join(names)))
            file.writelines(body[i:i + 96] + '\n' for i in range(0, len(body), 96))


class Test:
    """Batches of programs on all machines."""

    def __init__(self, maker, reference, machines, recorded, stop_after):
        self.maker, self.reference, self.machines = maker, reference, machines
        self.recorded, self.stop_after = recorded, stop_after
        self.digest = hashlib.sha256()
        self.lines = []
        self.differences = []
        self.counts = {}

    def batch(self, number, first, count):
        image = programs.image([self.maker.program(s) for s in range(first, first + count)])
        self.digest.update(image)
        who = [m for m in self.machines if number % m.every == 0]
        if self.reference:
            who.insert(0, self.reference)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda m: m.run(image), who))
        if self.recorded:
            want, width, name = self.recorded.results[first:first + count], 4, 'recorded'
        else:
            want, width, name = results[0], 16, who[0].name
        self.lines += results[0]
        known = set()
        for machine, lines in zip(who, results):
            self.counts[machine.name] = self.counts.get(machine.name, 0) + count
            lines = lines + ['nothing'] * count
            for i in range(count):
                if (len(want) <= i or want[i] != lines[i][:width]) and first + i not in known:
                    known.add(first + i)
                    self.differences.append((first + i, name, machine))
                    print('program %d: %s differs from %s' % (first + i, machine.name, name),
                          flush=True)

    def run(self, first, count):
        for number, start in enumerate(range(first, first + count, BATCH)):
            self.batch(number, start, min(BATCH, first + count - start))
            if len(self.differences) > self.stop_after:
                break
            done = min(start + BATCH, first + count) - first
            if done // PROGRESS > (start - first) // PROGRESS:
                print('%d of %d programs, %d differences' % (done, count, len(self.differences)),
                      flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--riscv', required=True, help='target/riscv')
    parser.add_argument('--emulator', required=True)
    parser.add_argument('--seed', type=int, default=0, help='number of the first program')
    parser.add_argument('--programs', type=int, default=10000)
    parser.add_argument('--show', type=int, default=3, help='differences to explain')
    parser.add_argument('--save', action='store_true', help="write QEMU's results, recorded.txt")
    parser.add_argument('files', nargs='+')
    args = parser.parse_args()
    sys.path.insert(0, args.riscv)
    from decodegen import load  # pylint: disable=import-outside-toplevel
    insns = load(os.path.join(args.riscv, 'ext.def'), args.files)
    qemu = shlex.split(os.environ.get('TINAMOU_TEST_QEMU', ''))
    if os.environ.get('TINAMOU_TEST_LONG') == '1':
        args.programs = LONG
    with tempfile.TemporaryDirectory() as folder:
        runner = build_runner(folder)
        if not runner:
            print('SKIP: no %s' % COMPILER)
            sys.exit(SKIPPED)
        sys.exit(run(args, insns, qemu, runner))


def run(args, insns, qemu, runner):
    machines = [Machine(name, [args.emulator, '-accel', 'tcg,' + options], CPU, runner, every)
                for name, options, every in ENGINES]
    reference = Machine('QEMU', qemu, CPU_QEMU, runner) if qemu else None
    recorded = None if qemu or args.seed or args.programs != 10000 else Recorded()
    maker = programs.Maker(insns, recorded and recorded.names)
    test = Test(maker, reference, machines, recorded, 0 if not args.show else 1000)
    test.run(args.seed, args.programs)
    if recorded and recorded.digest != test.digest.hexdigest():
        print('recorded.txt is of other programs: run with TINAMOU_TEST_QEMU and --save')
        return 1
    if args.save:
        version = subprocess.run(qemu + ['--version'], stdout=subprocess.PIPE, check=True,
                                 text=True).stdout.split('\n', maxsplit=1)[0]
        Recorded.save(version, maker.names, test.digest.hexdigest(), test.lines)
    for name, count in test.counts.items():
        print('%s: %d programs' % (name, count))
    if recorded:
        print('compared with recorded results of %s' % recorded.version)
    elif not reference:
        print('compared with each other only: TINAMOU_TEST_QEMU is not set')
    for seed, name, machine in test.differences[:args.show]:
        against = reference or next((m for m in machines if m is not machine), None)
        explain(maker, seed, against, machine)
    print('%d differences' % len(test.differences))
    return 1 if test.differences else 0


if __name__ == '__main__':
    main()
