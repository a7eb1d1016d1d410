#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the self-test: build.sh OUTPUT. The committed one is ../selftest.bin; the same compiler
# gives the same bytes. CROSS is the compiler's prefix.
set -eu
output=$1
cd "$(dirname "$0")"
cross=${CROSS:-riscv64-unknown-elf-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${cross}gcc" -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -std=gnu11 -Os \
    -Wall -Wextra -Werror -ffreestanding -fno-pic -fno-stack-protector -fno-builtin \
    -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
    -nostdlib -static -no-pie -Wl,--no-warn-rwx-segments -Wl,--build-id=none -Wl,-T,selftest.ld \
    start.S main.c console.c trap.c fdt.c tests.c harts.c -o "$work/selftest.elf"
"${cross}objcopy" -O binary "$work/selftest.elf" "$work/selftest.bin"
chmod 644 "$work/selftest.bin"
cp "$work/selftest.bin" "$output"
