#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# /init of the test guests' initramfs: a shell, or tests and then power off. The kernel hands
# words of its command line that it does not know to us as environment:
#
#     test=smoke|all|NAME,...   tests to run (the t_ functions below); none: a shell
#     end=poweroff|reboot|halt|shell   what to do after the tests; the default is poweroff
#     mods=auto|none|NAME,...   modules to load; auto, the default, goes by what devices ask for
#     url= sum=                 what test net fetches, and its SHA-256
#     memtest=MIB               how much test mem fills at most
#     rows= cols= TERM=         the size and kind of the terminal, for the shell
#
# A test prints "RVTEST: NAME: PASS|FAIL|SKIP", the end is "RVTEST: DONE pass=N fail=N skip=N".
# Disk tests write only to disks that begin with the bytes RVSCRATCH.
PATH=/bin
HOME=/root
export PATH HOME

bb=/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t sysfs sys /sys
$bb mount -t devtmpfs dev /dev 2>/dev/null
$bb --install -s /bin 2>/dev/null
hash -r
mkdir -p /dev/pts /dev/shm
mount -t devpts pts /dev/pts
mount -t tmpfs tmpfs /dev/shm
echo 1 >/proc/sys/kernel/printk

passed=0
failed=0
skipped=0

pass() {
    passed=$((passed + 1))
    echo "RVTEST: $1: PASS $2"
}

fail() {
    failed=$((failed + 1))
    echo "RVTEST: $1: FAIL $2"
}

skip() {
    skipped=$((skipped + 1))
    echo "RVTEST: $1: SKIP $2"
}

# check NAME DETAIL COMMAND...
check() {
    name=$1
    detail=$2
    shift 2
    if "$@"; then pass "$name" "$detail"; else fail "$name" "$detail"; fi
}

info() {
    echo "RVINFO: $*"
}

uptime_s() {
    cut -d' ' -f1 /proc/uptime
}

# true_that EXPRESSION: of awk
true_that() {
    awk "BEGIN { exit !($1) }"
}

forget_pages() {
    sync
    echo 3 >/proc/sys/vm/drop_caches
}

# A field of /proc/cpuinfo, of the first hart.
cpuinfo() {
    grep -m1 "^$1" /proc/cpuinfo | tr -s '\t ' ' '
}

# Until no device is new: a transport's module makes devices that want modules.
load_modules() {
    : >/tmp/aliases
    while :; do
        find /sys/devices -name modalias -exec cat {} + 2>/dev/null | sort -u >/tmp/aliases.new
        cmp -s /tmp/aliases /tmp/aliases.new && break
        mv /tmp/aliases.new /tmp/aliases
        while read -r alias; do modprobe -q "$alias" 2>/dev/null; done </tmp/aliases
    done
}

t_smoke() {
    pass smoke "$(cut -c1-60 /proc/version)"
}

# Lines that the host compares: nothing may be lost on the way.
t_console() {
    i=0
    while [ $i -lt 200 ]; do
        echo "RVLINE $i abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        i=$((i + 1))
    done
    pass console 200
}

t_cpu() {
    info "$(cpuinfo isa)"
    info "$(cpuinfo mmu)"
    info "$(cpuinfo mvendorid) $(cpuinfo marchid) $(cpuinfo mimpid)"
    n=$(grep -c '^processor' /proc/cpuinfo)
    check cpu.count "$n" [ "$n" -eq "$(nproc)" ]
    check cpu.isa "" grep -q '^isa.*rv64ima' /proc/cpuinfo
    r=$(awk 'BEGIN {
        x = 2; for (i = 0; i < 8; i++) x = (x + 2 / x) / 2
        y = 0; for (i = 1; i <= 1000; i++) y += 1 / (i * i)
        printf "%.15f %.12f %.17g %d %g", x, y, 0.1 + 0.2, -7.9, 1e300 * 1e-310 }')
    check cpu.fp "$r" \
        [ "$r" = "1.414213562373095 1.643934566682 0.30000000000000004 -7 1e-10" ]
    r=$(printf abc | sha256sum | cut -c1-16)
    check cpu.sha256 "$r" [ "$r" = ba7816bf8f01cfea ]
    r=$(printf abc | sha512sum | cut -c1-16)
    check cpu.sha512 "$r" [ "$r" = ddaf35a193617aba ]
    r=$(echo '2^521-1' | bc | tr -d '\\\n' | md5sum | cut -c1-8)
    check cpu.bc "$r" [ "$r" = 3fa0fe67 ]
    r=$(seq 1 20000 | gzip -9 | gunzip | md5sum | cut -c1-8)
    check cpu.gzip "$r" [ "$r" = "$(seq 1 20000 | md5sum | cut -c1-8)" ]
    i=0
    while [ $i -lt 100 ] && [ "$(echo $i)" = $i ]; do i=$((i + 1)); done
    check cpu.fork $i [ $i = 100 ]
    r=0
    trap 'r=1' USR1
    kill -USR1 $$
    check cpu.signal $r [ $r = 1 ]
    trap - USR1
    sh -c 'kill -SEGV $$' 2>/dev/null
    r=$?
    check cpu.segv $r [ $r -eq 139 ]
}

timer_interrupts() {
    awk '/riscv-timer|RISC-V/ { for (i = 2; i <= NF; i++) if ($i ~ /^[0-9]+$/) sum += $i }
        END { print sum + 0 }' /proc/interrupts
}

t_timer() {
    clock=/sys/devices/system/clocksource/clocksource0/current_clocksource
    info "clocksource $(cat $clock)"
    # The upper bounds only catch a clock that runs wild: the host may be busy.
    a=$(uptime_s)
    sleep 1
    b=$(uptime_s)
    check timer.sleep1 "$a to $b" true_that "$b - $a >= 0.99 && $b - $a < 10"
    a=$(uptime_s)
    i=0
    while [ $i -lt 20 ]; do
        usleep 10000
        i=$((i + 1))
    done
    b=$(uptime_s)
    check timer.20x10ms "$a to $b" true_that "$b - $a >= 0.19 && $b - $a < 20"
    a=$(timer_interrupts)
    usleep 100000
    b=$(timer_interrupts)
    check timer.irq "$a to $b" [ "$b" -gt "$a" ]
    if [ -e /dev/rtc0 ]; then
        check timer.rtc "$(cat /sys/class/rtc/rtc0/name /sys/class/rtc/rtc0/date | tr '\n' ' ')" \
            [ "$(date +%Y)" -ge 2024 ]
    else
        skip timer.rtc "no clock"
    fi
}

t_virtio() {
    n=0
    for d in /sys/bus/virtio/devices/*; do
        [ -e "$d" ] || continue
        n=$((n + 1))
        driver=$(readlink "$d/driver")
        info "${d##*/} id=$(cat "$d/device") driver=${driver##*/} status=$(cat "$d/status")" \
            "features=$(cat "$d/features")"
    done
    if [ $n -gt 0 ]; then pass virtio.count $n; else skip virtio.count; fi
    if grep -q virtio /sys/class/misc/hw_random/rng_current 2>/dev/null; then
        n=$(head -c 4096 /dev/hwrng | wc -c)
        packed=$(head -c 4096 /dev/hwrng | gzip | wc -c)
        check virtio.rng "$n bytes, packed $packed" [ "$n" = 4096 -a "$packed" -gt 4000 ]
    else
        skip virtio.rng
    fi
    if [ -c /dev/hvc0 ] && ls /sys/bus/virtio/drivers/virtio_console/virtio* >/dev/null 2>&1 &&
        echo RVTEST-HVC0 >/dev/hvc0; then
        pass virtio.console
    else
        skip virtio.console
    fi
}

# checksum FILE [ARGUMENT OF dd]...
checksum() {
    file=$1
    shift
    dd if="$file" "$@" 2>/dev/null | sha256sum | cut -c1-16
}

is_scratch() {
    [ "$(dd if="$1" bs=9 count=1 2>/dev/null | tr -d '\0')" = RVSCRATCH ]
}

disk_write() {
    local d=$1 r sectors
    head -c 8388608 /dev/urandom >/tmp/pattern
    dd if=/tmp/pattern of="/dev/$d" bs=64k seek=16 conv=notrunc 2>/dev/null
    forget_pages
    r=$(checksum "/dev/$d" bs=64k skip=16 count=128)
    check "disk.$d.rw" "8 MiB" [ "$r" = "$(checksum /tmp/pattern bs=64k)" ]
    r=ok
    for sectors in 1 3 7 15 63; do
        dd if=/tmp/pattern of="/dev/$d" bs=512 count=$sectors seek=$((40000 + sectors)) \
            conv=notrunc 2>/dev/null
        forget_pages
        [ "$(checksum "/dev/$d" bs=512 skip=$((40000 + sectors)) count=$sectors)" = \
            "$(checksum /tmp/pattern bs=512 count=$sectors)" ] || r="bad at $sectors"
    done
    check "disk.$d.odd" "$r" [ "$r" = ok ]
}

mount_loop() {
    mount -t ext4 /dev/loop0 /mnt 2>/dev/null || mount -t ext2 /dev/loop0 /mnt
}

# A file system from 32 MiB on.
disk_files() {
    local d=$1 i n r
    modprobe -q loop
    modprobe -q crc32c_generic
    modprobe -q ext4
    losetup -o 33554432 /dev/loop0 "/dev/$d"
    mke2fs -q /dev/loop0 >/dev/null 2>&1
    if mount_loop; then
        cp /tmp/pattern /mnt/a
        mkdir /mnt/d
        i=0
        while [ $i -lt 50 ]; do
            echo $i >/mnt/d/$i
            i=$((i + 1))
        done
        umount /mnt
        forget_pages
        mount_loop
        n=$(cat /mnt/d/* | awk '{ sum += $1 } END { print sum }')
        r=$(checksum /mnt/a bs=64k)
        umount /mnt
        check "disk.$d.fs" "files sum=$n" \
            [ "$n" = 1225 -a "$r" = "$(checksum /tmp/pattern bs=64k)" ]
    else
        fail "disk.$d.fs" mount
    fi
    losetup -d /dev/loop0
}

t_disk() {
    local d n=0 r sectors
    for d in vda vdb vdc; do
        [ -b /dev/$d ] || continue
        n=$((n + 1))
        sectors=$(cat /sys/block/$d/size)
        if is_scratch /dev/$d && [ "$(cat /sys/block/$d/ro)" = 0 ]; then
            disk_write $d
            [ "$sectors" -le 131072 ] || disk_files $d
        else
            r=$(checksum /dev/$d bs=64k count=256)
            forget_pages
            check disk.$d.ro "sectors=$sectors sum=$r" \
                [ "$r" = "$(checksum /dev/$d bs=4k count=4096)" ]
        fi
    done
    [ $n -gt 0 ] || skip disk "no disk"
}

t_net() {
    card=$(ls -d /sys/class/net/*/device 2>/dev/null | head -n 1 | cut -d/ -f5)
    if [ -z "$card" ]; then
        skip net "no card"
        return
    fi
    ip link set lo up
    ip link set "$card" up
    info "$card $(cat "/sys/class/net/$card/address")"
    if ! udhcpc -i "$card" -n -q -t 8 -T 1 -s /etc/udhcpc.sh >/tmp/dhcp 2>&1; then
        fail net.dhcp "$(tail -n 1 /tmp/dhcp)"
        return
    fi
    pass net.dhcp "$(grep '^lease' /tmp/dhcp)"
    gateway=$(ip route | sed -n 's/^default via \([^ ]*\).*/\1/p')
    ping -q -c 2 -W 3 "$gateway" >/tmp/ping 2>&1
    check net.ping "$gateway" [ $? = 0 ]
    if [ -n "$url" ]; then
        wget -q -O /tmp/file "$url"
        r=$(sha256sum </tmp/file | cut -d' ' -f1)
        check net.wget "$(wc -c </tmp/file) bytes" [ "$r" = "$sum" ]
    else
        skip net.wget "no url="
    fi
}

t_smp() {
    n=$(nproc)
    r=ok
    c=0
    while [ $c -lt "$n" ]; do
        # Field 39: the hart it ran on last.
        ran=$(taskset "$(printf %x $((1 << c)))" sh -c 'cut -d" " -f39 /proc/self/stat')
        [ "$ran" = $c ] || r="hart $c: ran on $ran"
        c=$((c + 1))
    done
    check smp.affinity "$n harts, $r" [ "$r" = ok ]
    head -c 1048576 /dev/urandom >/tmp/s
    wanted=$(md5sum </tmp/s)
    c=0
    while [ $c -lt "$n" ]; do
        for _ in 1 2 3 4 5 6 7 8; do
            [ "$(md5sum </tmp/s)" = "$wanted" ] || echo bad
        done >/tmp/s.$c &
        c=$((c + 1))
    done
    wait
    check smp.parallel "$n at once" [ -z "$(cat /tmp/s.*)" ]
    if [ -e /sys/devices/system/cpu/cpu1/online ]; then
        echo 0 >/sys/devices/system/cpu/cpu1/online
        a=$(nproc)
        echo 1 >/sys/devices/system/cpu/cpu1/online
        b=$(nproc)
        check smp.hotplug "$n, $a, $b" [ "$a" -eq $((n - 1)) -a "$b" -eq "$n" ]
    else
        skip smp.hotplug "one hart"
    fi
}

t_mem() {
    mib=$(awk '/MemAvailable/ { print int($2 / 1024 / 4) }' /proc/meminfo)
    [ "$mib" -le "${memtest:-64}" ] || mib=${memtest:-64}
    mkdir -p /tmp/m
    mount -t tmpfs -o size=90% tmpfs /tmp/m
    head -c 1048576 /dev/urandom >/tmp/m/0
    i=1
    while [ $i -lt "$mib" ]; do
        cp /tmp/m/0 /tmp/m/$i
        i=$((i + 1))
    done
    n=$(md5sum /tmp/m/* | cut -c1-32 | sort -u | wc -l)
    check mem.fill "$mib MiB" [ "$n" = 1 ]
    umount /tmp/m
    r=$(sh -c 'ulimit -v 65536; dd if=/dev/zero of=/dev/null bs=200M count=1 2>&1')
    check mem.limit "" [ "${r#*emory}" != "$r" ]
}

t_module() {
    n=$(wc -l </proc/modules)
    check module.count "$n: $(cut -d' ' -f1 /proc/modules | tr '\n' ' ')" [ "$n" -gt 0 ]
}

# Sector 1 of a scratch disk says that this is the second start; without a disk, reboots.
t_reboot() {
    if is_scratch /dev/vda; then
        if [ "$(dd if=/dev/vda bs=512 skip=1 count=1 2>/dev/null | head -c 1)" = 1 ]; then
            pass reboot "second boot"
            return
        fi
        echo 1 | dd of=/dev/vda bs=512 seek=1 conv=notrunc,sync 2>/dev/null
        sync
    fi
    echo "RVTEST: REBOOTING"
    reboot -f
    sleep 60
    fail reboot
}

t_panic() {
    echo "RVTEST: PANICKING"
    echo 8 >/proc/sys/kernel/printk
    echo c >/proc/sysrq-trigger
    sleep 60
    fail panic
}

run_tests() {
    [ "$test" != all ] || test=smoke,cpu,timer,virtio,disk,net,smp,mem,module
    for name_of_test in $(echo "$test" | tr , ' '); do
        if type "t_$name_of_test" >/dev/null 2>&1; then
            "t_$name_of_test"
        else
            fail "$name_of_test" "no such test"
        fi
    done
    echo "RVTEST: DONE pass=$passed fail=$failed skip=$skipped uptime=$(uptime_s)"
    case ${end:-poweroff} in
    poweroff | reboot | halt) "${end:-poweroff}" -f ;;
    esac
}

echo "RVTEST: BOOT $(uname -srm) cpus=$(nproc)" \
    "mem=$(awk '/MemTotal/ { print $2 }' /proc/meminfo)kB uptime=$(uptime_s) test=${test:-shell}"
case ${mods:-auto} in
none) ;;
auto) [ "$test" = smoke ] || load_modules ;;
*) for name in $(echo "$mods" | tr , ' '); do modprobe "$name"; done ;;
esac
[ -z "$test" ] || run_tests

ip link set lo up
if [ -e /sys/class/net/eth0 ]; then
    ip link set eth0 up
    udhcpc -i eth0 -q -s /etc/udhcpc.sh >/dev/null 2>&1 &
fi
# How busybox's poweroff, reboot and halt tell process 1.
trap 'poweroff -f' USR2
trap 'reboot -f' TERM
trap 'halt -f' USR1
[ -z "$rows" ] || stty rows "$rows" cols "${cols:-80}" </dev/console
echo "RVTEST: SHELL"
while :; do
    # In the background, since a trap waits for the end of a command, but not for that of wait.
    setsid cttyhack sh -l </dev/console &
    wait $!
    echo "The shell has ended: here is another (poweroff ends the machine)."
done
