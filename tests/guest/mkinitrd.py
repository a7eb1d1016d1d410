#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Packs the test guests' initramfs: busybox, init.sh and kernel modules.

usage: mkinitrd.py KERNEL_TREE BUSYBOX INIT OUTPUT

KERNEL_TREE is where Debian's kernel packages were unpacked. The modules are those of MODULES
and what they depend on; depmod has not run there, so that dependencies and aliases are read
from the modules themselves. The archive is "newc" (Linux, Documentation/driver-api/early-
userspace/buffer-format.rst), made without root, and the same input gives the same bytes.
"""

import gzip
import lzma
import pathlib
import re
import struct
import subprocess
import sys

# Not built into Debian's kernel; a name that is absent or built in is passed over.
MODULES = """
virtio_mmio virtio_blk virtio_net virtio_rng
ext4 crc32c_generic vfat nls_cp437 nls_iso8859_1 nls_ascii loop
""".split()

DHCP_SCRIPT = """#!/bin/sh
case $1 in
deconfig)
    ip addr flush dev $interface
    ip link set $interface up
    ;;
bound | renew)
    ip addr add $ip/${mask:-24} dev $interface
    [ -z "$router" ] || ip route replace default via ${router%% *} dev $interface
    for server in $dns; do echo nameserver $server; done >/etc/resolv.conf
    echo "lease $ip router $router dns $dns"
    ;;
esac
"""

# Of a login shell. At once: no other prompt comes, whose query of the cursor's position would be
# answered to the shell that started the emulator.
PROFILE = """alias poweroff='poweroff -f'
alias reboot='reboot -f'
alias halt='halt -f'
"""

DIRECTORY, REGULAR, SYMLINK, CHARACTER = 0o040000, 0o100000, 0o120000, 0o020000


class Archive:
    """A newc archive in memory; everything belongs to root and to 1970."""

    def __init__(self):
        self.data = bytearray()
        self.inodes = 0

    def add(self, name, mode, content=b"", device=(0, 0)):
        self.inodes += 1
        encoded = name.encode() + b"\0"
        fields = (self.inodes, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(encoded), 0)
        self.data += b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
        self.pad()
        self.data += content
        self.pad()

    def pad(self):
        self.data += bytes(-len(self.data) % 4)

    def finish(self):
        self.add("TRAILER!!!", 0)
        return bytes(self.data)


class Modules:
    """The modules of a kernel, by name with underscores."""

    FILE_NAME = re.compile(r"(.+)\.ko(?:\.(xz|gz|zst))?$")

    def __init__(self, tree):
        folders = [*tree.glob("usr/lib/modules/*/kernel"), *tree.glob("lib/modules/*/kernel")]
        if not folders:
            sys.exit(f"mkinitrd.py: no kernel modules below {tree}")
        self.release = folders[0].parent.name
        self.paths = {}
        for path in sorted(folders[0].rglob("*.ko*")):
            match = self.FILE_NAME.match(path.name)
            if match:
                self.paths[match.group(1).replace("-", "_")] = path
        self.content = {}   # of the chosen ones, in the order in which they can be loaded
        self.info = {}      # name: {key: [value, ...]}

    @staticmethod
    def read(path):
        data = path.read_bytes()
        if path.suffix == ".xz":
            return lzma.decompress(data)
        if path.suffix == ".gz":
            return gzip.decompress(data)
        if path.suffix == ".zst":
            return subprocess.run(["zstd", "-dc"], input=data, capture_output=True,
                                  check=True).stdout
        return data

    @staticmethod
    def modinfo(data):
        """The key=value strings of an ELF64 module's .modinfo section."""
        offset, = struct.unpack_from("<Q", data, 0x28)
        size, count, names = struct.unpack_from("<HHH", data, 0x3A)
        headers = [struct.unpack_from("<IIQQQQ", data, offset + i * size) for i in range(count)]
        info = {}
        for name, _, _, _, start, length in headers:
            at = headers[names][4] + name
            if data[at:data.index(0, at)] != b".modinfo":
                continue
            for item in data[start:start + length].split(b"\0"):
                key, _, value = item.decode(errors="replace").partition("=")
                info.setdefault(key, []).append(value)
        return info

    def depends(self, name):
        return [d.replace("-", "_") for value in self.info[name].get("depends", [])
                for d in value.split(",") if d]

    def add(self, name):
        """Choose a module after the ones it needs, among them those it asks for by softdep."""
        if name in self.info or name not in self.paths:
            return
        data = self.read(self.paths[name])
        self.info[name] = self.modinfo(data)
        for softdep in self.info[name].get("softdep", []):
            before = re.match(r"pre:\s*(.*?)\s*(?:post:|$)", softdep)
            for wanted in before.group(1).split() if before else ():
                wanted = wanted.replace("-", "_")
                self.add(wanted if wanted in self.paths else wanted + "_generic")
        for wanted in self.depends(name):
            self.add(wanted)
        self.content[name] = data

    def closure(self, name):
        """What a module needs, the first to be loaded last, as modules.dep has it."""
        order = list(self.content)
        found = set()
        pending = [name]
        while pending:
            new = [d for d in self.depends(pending.pop()) if d in self.content]
            pending += [d for d in new if d not in found]
            found.update(new)
        return sorted(found, key=order.index, reverse=True)

    def put(self, archive):
        base = f"lib/modules/{self.release}"
        dependencies, aliases, softdeps = [], [], []
        for folder in ("lib", "lib/modules", base, base + "/kernel"):
            archive.add(folder, DIRECTORY | 0o755)
        for name, data in self.content.items():
            archive.add(f"{base}/kernel/{name}.ko", REGULAR | 0o644, data)
            needs = "".join(f" kernel/{d}.ko" for d in self.closure(name))
            dependencies.append(f"kernel/{name}.ko:{needs}\n")
            aliases += [f"alias {a} {name}\n" for a in self.info[name].get("alias", [])]
            softdeps += [f"softdep {name} {s}\n" for s in self.info[name].get("softdep", [])]
        for file, lines in (("dep", dependencies), ("alias", aliases), ("softdep", softdeps)):
            archive.add(f"{base}/modules.{file}", REGULAR | 0o644, "".join(lines).encode())


def main(tree, busybox, init, output):
    archive = Archive()
    archive.add(".", DIRECTORY | 0o755)
    for folder in ("bin", "dev", "etc", "mnt", "proc", "root", "run", "sys", "tmp", "usr"):
        archive.add(folder, DIRECTORY | 0o755)
    # The kernel calls /sbin/modprobe.
    for name, target in (("sbin", "bin"), ("usr/bin", "../bin"), ("usr/sbin", "../bin"),
                         ("bin/sh", "busybox")):
        archive.add(name, SYMLINK | 0o777, target.encode())
    for name, content, mode in (
            ("init", pathlib.Path(init).read_bytes(), 0o755),
            ("bin/busybox", pathlib.Path(busybox).read_bytes(), 0o755),
            ("etc/udhcpc.sh", DHCP_SCRIPT.encode(), 0o755),
            ("etc/profile", PROFILE.encode(), 0o644),
            ("etc/passwd", b"root::0:0:root:/root:/bin/sh\n", 0o644),
            ("etc/group", b"root:x:0:\n", 0o644)):
        archive.add(name, REGULAR | mode, content)
    archive.add("dev/console", CHARACTER | 0o600, device=(5, 1))
    archive.add("dev/null", CHARACTER | 0o666, device=(1, 3))

    modules = Modules(pathlib.Path(tree))
    for name in MODULES:
        modules.add(name)
    modules.put(archive)
    with open(output, "wb") as file, \
            gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        packed.write(archive.finish())


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
