#!/bin/sh
# SPDX-License-Identifier: MIT
# Fetches guests from Debian's packages, without root, and packs an initramfs for them.
#
#     tests/guest/fetch.sh [--offline] GROUP...
#     tests/guest/fetch.sh --where          prints the folder the files are put in
#
# Groups and their files:
#     linux      Image, initrd.gz, busybox  Debian 13's kernel; busybox, modules and init.sh
#     opensbi    fw_dynamic.bin             SBI firmware
#     u-boot     u-boot.bin                 U-Boot for S-mode
#     linux-sid  Image-sid, initrd-sid.gz   the kernel of Debian's unstable suite
#     userland   userland.cpio              programs of Debian 13, for tests/bench
#
# The files live below $XDG_CACHE_HOME/tinamou (or ~/.cache/tinamou). A group that is there is
# used as it is until its package lists are a week old or these scripts have changed: then it
# is made anew if any version is. Without a network old lists and files are used, with a
# warning; --offline does not even try. The status is 0 when all groups are there.
set -eu
LC_ALL=C
export LC_ALL
umask 022

program=fetch
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-$here/../..}/.cache}/tinamou
out=$cache/guests
offline=no
stable=trixie

# shellcheck source=tests/guest/apt.sh
. "$here/apt.sh"

usage() {
    sed -n '3,20s/^# \{0,1\}//p' "$0"
    exit "$1"
}

# What the scripts are: the first line of every stamp.
scripts_hash() {
    cat "$here/fetch.sh" "$here/apt.sh" "$here/mkinitrd.py" "$here/packtree.py" \
        "$here/init.sh" | sha256sum
}

suite_of() {
    case $1 in
    *-sid) echo sid ;;
    *) echo "$stable" ;;
    esac
}

# The packages that hold the kernel and its modules: one in Debian 13, several in later ones.
kernel_packages() {
    image=$(apt-cache depends linux-image-riscv64 |
        sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    if [ -z "$image" ]; then
        say "$suite has no kernel for riscv64"
        return 1
    fi
    echo "$image"
    apt-cache depends "$image" |
        sed -n 's/^ *Depends: \(linux-\(binary\|modules\)-[0-9].*\)/\1/p'
}

# Programs and all that they need, but for what checks programs while they run.
userland_packages() {
    apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
        --no-replaces --no-enhances binutils bzip2 coreutils dash gcc-14 lua5.4 nodejs openssl \
        perl-base python3-minimal sqlite3 tar xz-utils zstd |
        grep '^[a-z0-9]' | grep -vE '^lib([alt]|ub)san' | sort -u
}

# The packages of a group, one a line.
packages_of() {
    case $1 in
    linux) kernel_packages && echo busybox-static ;;
    linux-sid) kernel_packages ;;
    opensbi) echo opensbi ;;
    u-boot) echo u-boot-qemu ;;
    userland) userland_packages ;;
    esac
}

# The group's packages with versions.
versions_of() {
    packages=$(packages_of "$1") || return 1
    for package in $packages; do
        echo "$package $(package_version "$package")"
    done
}

# put FILE NAME: a file of a package becomes NAME, at once or not at all.
put() {
    cp "$1" "$out/$2.new" && chmod 644 "$out/$2.new" && mv "$out/$2.new" "$out/$2"
}

# All kernels get one busybox, the stable one, so that they run the same tests.
make_linux() {
    suffix=${1#linux}
    tree=$cache/tree/$1
    # shellcheck disable=SC2046 # names, to be split
    unpack_packages "$tree" $(packages_of "$1") || return 1
    [ -n "$suffix" ] || put "$tree/usr/bin/busybox" busybox || return 1
    image=$(find "$tree" -name 'vmlinu[xz]*' -type f | head -n 1)
    say "packing initrd$suffix.gz"
    python3 "$here/mkinitrd.py" "$tree" "$out/busybox" "$here/init.sh" "$tree/initrd.gz" ||
        return 1
    put "$tree/initrd.gz" "initrd$suffix.gz" && put "$image" "Image$suffix"
}

make_opensbi() {
    tree=$cache/tree/opensbi
    unpack_packages "$tree" opensbi &&
        put "$tree/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin" fw_dynamic.bin
}

make_u_boot() {
    tree=$cache/tree/u-boot
    unpack_packages "$tree" u-boot-qemu &&
        put "$tree/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin" u-boot.bin
}

make_userland() {
    tree=$cache/tree/userland
    # shellcheck disable=SC2046 # names, to be split
    unpack_packages "$tree" $(packages_of userland) || return 1
    say "packing userland.cpio"
    find "$tree/usr/share" -mindepth 1 -maxdepth 1 ! -name 'node*' -exec rm -rf {} +
    find "$tree/usr" -type f \( -name '*.a' -o -name lto1 -o -name '*lto-dump*' \) -delete
    for name in bin sbin lib; do
        [ -e "$tree/$name" ] || ln -s "usr/$name" "$tree/$name"
    done
    ln -sf dash "$tree/usr/bin/sh"
    python3 "$here/packtree.py" "$tree" "$cache/userland.tmp" &&
        put "$cache/userland.tmp" userland.cpio && rm "$cache/userland.tmp"
}

make_group() {
    case $1 in
    linux) make_linux linux ;;
    linux-sid) make_linux linux-sid ;;
    opensbi) make_opensbi ;;
    u-boot) make_u_boot ;;
    userland) make_userland ;;
    esac || return 1
    rm -rf "${tree:?}"
}

# Brings one group up to date; fails only when its files are not there at all.
get_group() {
    stamp=$out/$1.stamp
    if [ -e "$stamp" ] && [ "$(head -n 1 "$stamp")" = "$scripts" ] &&
        lists_are_fresh "$(suite_of "$1")"; then
        return 0
    fi
    if apt_setup "$(suite_of "$1")" && versions=$(versions_of "$1"); then
        wanted=$(printf '%s\n%s' "$scripts" "$versions")
        [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
        if make_group "$1"; then
            echo "$wanted" >"$stamp"
            say "$1 is ready in $out"
            return 0
        fi
    fi
    if [ -e "$stamp" ]; then
        say "warning: $1 cannot be brought up to date; using the one of $(date -r "$stamp" +%F)"
        return 0
    fi
    say "$1 cannot be had"
    return 1
}

case ${1:-} in
--where)
    echo "$out"
    exit 0
    ;;
--offline)
    offline=yes
    shift
    ;;
-h | --help) usage 0 ;;
esac
[ $# -gt 0 ] || usage 2
for group in "$@"; do
    case $group in
    linux | opensbi | u-boot | linux-sid | userland) ;;
    *) fail "unknown group '$group'; see --help" ;;
    esac
done
for tool in apt-get dpkg-deb python3 flock; do
    command -v $tool >/dev/null || fail "needs $tool: Debian or Ubuntu"
done
case $cache in
*[[:space:]\;\"\'\&]*) fail "apt cannot have these characters in a path: $cache" ;;
esac

mkdir -p "$out"
exec 9>"$cache/lock"
if ! flock -n 9; then
    say "waiting for another fetch"
    flock 9
fi
scripts=$(scripts_hash)
status=0
for group in "$@"; do
    [ "$group" != linux-sid ] || get_group linux || status=1
    get_group "$group" || status=1
done
exit $status
