#!/bin/sh
# SPDX-License-Identifier: MIT
# Boots Debian's Linux on the emulator of this tree, with a shell on this terminal.
#
#     ./boot.sh [--offline] [--build FOLDER] [OPTION OF THE EMULATOR]...
#
# Installs missing packages, builds into build/ (or FOLDER), fetches kernel, busybox and
# OpenSBI into the user's cache, and starts. What is done already is not done again. Options
# of the emulator come after ours and win: ./boot.sh -smp 4 -m 2G
#
# Without a network and with nothing in the cache, or with --offline, the self-test of
# pc-bios/ is booted instead. In either, poweroff ends with status 0 and Ctrl-A x quits.
set -eu
root=$(cd "$(dirname "$0")" && pwd)
build=$root/build
offline=no

say() {
    echo "boot.sh: $*" >&2
}

while [ $# -gt 0 ]; do
    case $1 in
    --offline) offline=yes ;;
    --build)
        [ $# -gt 1 ] || { say "--build needs a folder"; exit 2; }
        build=$2
        shift
        ;;
    -h | --help)
        sed -n '3,12s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *) break ;;
    esac
    shift
done
emulator=$build/tinamou-system-riscv64

# Brings the emulator up to date; says nothing when it is.
build_emulator() {
    if [ ! -f "$build/build.ninja" ]; then
        say "configuring $build"
        meson setup "$build" "$root"
    fi
    case $(ninja -C "$build" -n tinamou-system-riscv64) in
    *"no work to do"*) ;;
    *)
        say "building the emulator: some minutes the first time"
        ninja -C "$build" tinamou-system-riscv64
        ;;
    esac
}

boot_selftest() {
    say "booting the self-test; type help at its prompt, poweroff to end"
    exec "$emulator" -M virt -nographic -bios "$root/pc-bios/selftest.bin" "$@"
}

boot_linux() {
    guests=$("$root/tests/guest/fetch.sh" --where)
    words="console=ttyS0 TERM=${TERM:-vt100}"
    if size=$(stty size 2>/dev/null); then
        words="$words rows=${size% *} cols=${size#* }"
    fi
    say "booting Linux; poweroff in its shell ends, Ctrl-A x quits, Ctrl-A h shows all keys"
    exec "$emulator" -M virt -m 1G -smp 2 -nographic -bios "$guests/fw_dynamic.bin" \
        -kernel "$guests/Image" -initrd "$guests/initrd.gz" -append "$words" \
        -netdev user,id=boot-net -device virtio-net-device,netdev=boot-net \
        -device virtio-rng-device "$@"
}

if [ "$offline" = no ]; then
    "$root/scripts/install-deps.sh" build boot
fi
build_emulator >&2
if [ "$offline" = yes ]; then
    say "offline, as asked"
    boot_selftest "$@"
fi
if ! "$root/tests/guest/fetch.sh" linux opensbi; then
    say "no guest from Debian without a network"
    boot_selftest "$@"
fi
boot_linux "$@"
