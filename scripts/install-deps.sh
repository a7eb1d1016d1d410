#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what Tinamou needs from Debian's or Ubuntu's packages, by apt, and nothing when it
# is all there (some milliseconds). The only place where packages are listed.
#
#     scripts/install-deps.sh GROUP...
#
# Groups: build (compile the emulator), test (check.sh: a second compiler, cross compilers for
# test programs, clang-format), boot (boot.sh: what fetches and packs a guest).
#
# Status: 0 all there now, 1 something is missing; stderr says what and the command for it.
set -eu

packages_build="gcc libc6-dev meson ninja-build pkg-config python3 git
    libglib2.0-dev libpixman-1-dev libfdt-dev libcapstone-dev libsdl2-dev liburcu-dev
    libslirp-dev zlib1g-dev"
packages_test="clang clang-format binutils-riscv64-linux-gnu gcc-riscv64-linux-gnu
    libc6-dev-riscv64-cross gcc-riscv64-unknown-elf
    picolibc-riscv64-unknown-elf device-tree-compiler
    e2fsprogs gdb-multiarch tmux
    procps"
packages_boot="ca-certificates perl-base gzip xz-utils"

say() {
    echo "install-deps: $*" >&2
}

# The packages of the named groups, one a line.
list_packages() {
    for group in "$@"; do
        case $group in
        build) echo "$packages_build" ;;
        test) echo "$packages_test" ;;
        boot) echo "$packages_boot" ;;
        *)
            say "unknown group '$group': build, test and boot exist"
            return 1
            ;;
        esac
    done | tr -s ' \n' '\n\n' | sed '/^$/d'
}

# Those of the named packages that are not installed, one a line.
list_missing() {
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^installed //p')
    for package in "$@"; do
        echo "$installed" | grep -qxF "$package" || echo "$package"
    done
}

# Runs a command as root; fails when there is no way to.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        sudo "$@"
    else
        return 1
    fi
}

install() {
    say "installing $*"
    if ! as_root true; then
        say "neither root nor sudo. As root, run:"
        say "    apt-get install --no-install-recommends $*"
        return 1
    fi
    if ! as_root apt-get update; then
        say "warning: the package lists are not up to date (no network?); using those here"
    fi
    if ! as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@"; then
        say "could not install: $*"
        return 1
    fi
}

[ $# -gt 0 ] || set -- build
packages=$(list_packages "$@")
if ! command -v dpkg-query >/dev/null; then
    say "no Debian packages on this system. Needed are, under Debian's names:"
    say "    $(echo "$packages" | tr '\n' ' ')"
    exit 0
fi
# shellcheck disable=SC2086 # package names, to be split, here and below
missing=$(list_missing $packages)
if [ -n "$missing" ]; then
    install $missing
fi
