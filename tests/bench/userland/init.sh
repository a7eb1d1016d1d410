#!/usr/bin/busybox sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The init of a guest that runs Debian's programs for bench.py: each twice, the second time
# between a BEGIN and a RES with a checksum of what it prints. "programs=A,B" on the kernel's
# command line chooses some.
export PATH=/usr/bin:/usr/sbin HOME=/tmp LC_ALL=C
busybox mount -t proc proc /proc
busybox mount -t devtmpfs dev /dev 2>/dev/null
busybox mount -t tmpfs tmp /tmp
programs=,,
for word in $(cat /proc/cmdline); do
    case $word in
    programs=*) programs=,${word#programs=}, ;;
    esac
done
cd /bench || exit
cat /usr/bin/perl /usr/bin/openssl /usr/bin/sqlite3 | head -c 3000000 >/tmp/data
head -c 500000 /tmp/data >/tmp/less

chosen() {
    case $programs in
    ,, | *,$1,*) ;;
    *) return 1 ;;
    esac
}

# run NAME COMMAND...
run() {
    chosen "$1" || return
    name=$1
    shift
    "$@" >/tmp/out 2>&1
    echo "BEGIN $name"
    "$@" >/tmp/out 2>&1
    echo "RES $name chk=$?-$(md5sum </tmp/out | cut -c1-8)"
}

hex=00112233445566778899aabbccddeeff
cc1='/usr/libexec/gcc/riscv64-linux-gnu/14/cc1 -quiet -w -O1 -march=rv64gc -mabi=lp64d program.i -o'
if chosen as || chosen objdump; then
    $cc1 /tmp/program.s
    as -o /tmp/program.o /tmp/program.s
fi
run perl perl words.pl
run python python3 -S objects.py
run lua lua5.4 tables.lua
run node node objects.js
run node_start node -e 1
run sqlite sh -c 'sqlite3 :memory: <rows.sql'
run cc1 $cc1 -
run as sh -c 'as -o /tmp/again.o /tmp/program.s && md5sum /tmp/again.o'
run objdump objdump -d /tmp/program.o
run xz sh -c 'xz -3 -T1 -c /tmp/less | xz -dc'
run gzip sh -c 'busybox gzip -c /tmp/data | busybox gzip -dc'
run bzip2 sh -c 'bzip2 -c /tmp/less | bzip2 -dc'
run zstd sh -c 'zstd -T1 -q -c /tmp/data | zstd -q -dc'
run openssl_sha256 openssl dgst -sha256 /tmp/data
run openssl_aes openssl enc -aes-128-cbc -K $hex -iv $hex -in /tmp/data
run openssl_chacha openssl enc -chacha20 -K $hex$hex -iv $hex -in /tmp/data
run md5sum md5sum /tmp/data /tmp/data /tmp/data
run sort sh -c 'od -An -tx2 -w2 /tmp/less | sort | uniq -c | sort -rn'
run awk sh -c 'od -An -tu1 -w16 /tmp/less |
    busybox awk "{for (i = 1; i <= NF; i++) s[\$i]++} END {for (k in s) t += s[k] * k; print t}"'
run dash sh count.sh
run pipes sh pipes.sh
run tar sh -c 'tar cf - /usr/libexec /usr/lib/python3* | wc -c'
busybox poweroff -f
