#!/usr/bin/env python3
"""Keeps what a host's files say, and what its Python says, in one small archive.

freeze.py ARCHIVE TRUTH.json ROOT [PATTERN...]

The archive holds truth.json and, below root/, the files of ROOT that describe
its Python (or those that the glob patterns name). Programs and libraries keep
their length, their headers and their sections about linking; everything else in
them is zeros, which take no room in an archive.
"""

import gzip
import io
import os
import struct
import sys
import tarfile
from pathlib import Path

DESCRIBING = [
    "bin", "lib", "lib64", "usr/bin/python3*", "etc/os-release", "usr/lib/os-release", "etc/debian_version",
    "usr/lib/ld-linux*", "usr/lib*/ld-linux*", "usr/lib/*/ld-linux*", "usr/lib/*/ld64.so*", "usr/lib*/ld64.so*",
    "usr/lib/*/libc.so.6",
    "usr/lib/python3.*/sysconfig.py", "usr/lib/python3.*/sysconfig/__init__.py",
    "usr/lib/python3.*/_sysconfig*", "usr/lib/python3.*/build-details*", "usr/lib/python3.*/EXTERNALLY-MANAGED",
    "usr/include/python3.*/patchlevel.h", "usr/include/python3.*/pyconfig.h", "usr/include/*/python3.*/pyconfig.h",
    "usr/lib/python3/dist-packages/*-info/*",
]
KEPT_SECTIONS = {3, 6, 7, 0x6FFFFFFD, 0x6FFFFFFE}  # STRTAB, DYNAMIC, NOTE, verdef, verneed
PT_INTERP, PT_NOTE = 3, 4


def trimmed(data):
    """An ELF file with zeros for everything but what describes it."""
    if data[:4] != b"\x7fELF":
        return data
    wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
    if wide:
        phoff, shoff, _, ehsize, phentsize, phnum, shentsize, shnum, shstrndx = struct.unpack_from(order + "QQIHHHHHH", data, 32)
        segment, section = order + "IIQQQQ", order + "IIQQQQ"
    else:
        phoff, shoff, _, ehsize, phentsize, phnum, shentsize, shnum, shstrndx = struct.unpack_from(order + "IIIHHHHHH", data, 28)
        segment, section = order + "IIIIII", order + "IIIIII"
    kept = [(0, ehsize), (phoff, phentsize * phnum), (shoff, shentsize * shnum)]
    for index in range(phnum):
        fields = struct.unpack_from(segment, data, phoff + index * phentsize)
        offset, size = (fields[2], fields[5]) if wide else (fields[1], fields[4])
        if fields[0] in (PT_INTERP, PT_NOTE):
            kept.append((offset, size))
    for index in range(shnum):
        _, kind, _, _, offset, size = struct.unpack_from(section, data, shoff + index * shentsize)
        if kind in KEPT_SECTIONS:
            kept.append((offset, size))
    out = bytearray(len(data))
    for offset, size in kept:
        out[offset:offset + size] = data[offset:offset + size]
    return bytes(out)


def add(archive, name, data=None, link=None, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.mode = mode
    if link is not None:
        entry.type, entry.linkname = tarfile.SYMTYPE, link
        archive.addfile(entry)
        return
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


def main(target, truth, root, *patterns):
    root = Path(root)
    found = sorted({path for pattern in patterns or DESCRIBING for path in root.glob(pattern)})
    with open(target, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        add(archive, "truth.json", Path(truth).read_bytes())
        for path in found:
            name = "root/" + path.relative_to(root).as_posix()
            if path.is_symlink():
                add(archive, name, link=os.readlink(path))
            elif path.is_file():
                add(archive, name, trimmed(path.read_bytes()), mode=0o755 if os.access(path, os.X_OK) else 0o644)


main(*sys.argv[1:])
