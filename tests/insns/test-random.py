#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs random programs on the emulator's engines, and on QEMU where there is one, and compares.

    test-random.py --riscv DIR --emulator PATH [--seed N] [--blocks N] [--insns N] insns/*.insn

The reference is the interpreter with the optimiser off. QEMU's command is taken from the
environment, TINAMOU_TEST_QEMU (it may hold arguments).
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile

# Ways to run our own: name, accelerator options.
ENGINES = (
    ('interpreter', 'interp=on,optimise=off'),
    ('interpreter, optimised', 'interp=on'),
    ('host code', 'interp=off'),
    ('host code, one instruction a block', 'interp=off,one-insn-per-tb=on'),
)


def cpu_option(insns, ext_def):
    """-cpu with the extensions that the instructions need and that are off by default."""
    needed = {e for i in insns for e in i.gate.extensions()}
    off = {line.split(',')[0][len('EXT('):] for line in ext_def.split('\n')
           if line.startswith('EXT(') and line.split(',')[1].strip() == 'false'}
    # Parts of what is on anyway.
    off -= {'zmmul', 'zaamo', 'zalrsc'}
    return 'rv64' + ''.join(',%s=on' % e for e in sorted(needed & off))


def run(command, image, cpu):
    arguments = ['-M', 'virt', '-cpu', cpu, '-bios', image, '-display', 'none', '-serial', 'stdio',
                 '-monitor', 'none', '-net', 'none']
    done = subprocess.run(command + arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=False, timeout=120)
    if done.returncode:
        sys.exit('%s: exit status %d' % (' '.join(command + arguments), done.returncode))
    return done.stdout.decode('ascii', 'replace').split()


def compare(name, reference, lines, listing, seed):
    if len(reference) != len(listing):
        sys.exit('seed %d: %d lines of %d' % (seed, len(reference), len(listing)))
    for number, (want, got) in enumerate(zip(reference, lines + ['nothing'] * len(listing))):
        if want != got:
            print('\n'.join(listing[number]))
            sys.exit('seed %d: %s differs in block %d, above: %s, not %s' %
                     (seed, name, number, got, want))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--riscv', required=True, help='target/riscv')
    parser.add_argument('--emulator', required=True)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--blocks', type=int, default=100)
    parser.add_argument('--insns', type=int, default=50)
    parser.add_argument('files', nargs='+')
    args = parser.parse_args()
    sys.path.insert(0, args.riscv)
    from decodegen import load, read_text  # pylint: disable=import-outside-toplevel
    import random_program                  # pylint: disable=import-outside-toplevel
    ext_def = os.path.join(args.riscv, 'ext.def')
    insns = load(ext_def, args.files)
    cpu = cpu_option(insns, read_text(ext_def))
    image, listing = random_program.make(insns, args.seed, args.blocks, args.insns)
    commands = [(name, [args.emulator, '-accel', 'tcg,' + options]) for name, options in ENGINES]
    if os.environ.get('TINAMOU_TEST_QEMU'):
        commands.append(('QEMU', shlex.split(os.environ['TINAMOU_TEST_QEMU'])))
    with tempfile.NamedTemporaryFile(suffix='.bin') as file:
        file.write(image)
        file.flush()
        reference = run(commands[0][1], file.name, cpu)
        for name, command in commands[1:]:
            compare(name, reference, run(command, file.name, cpu), listing, args.seed)
            print('%s: %d blocks agree' % (name, len(listing)))


if __name__ == '__main__':
    main()
