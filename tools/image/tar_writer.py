"""Writes tar archives of which every byte follows from what goes in: POSIX pax, with as few extended headers as can be.

pax(1), "pax Interchange Format". Python's `tarfile` is not used: what it writes has changed from version to version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from rvsim.guest_os.abi.stat import (
    S_IFBLK,
    S_IFCHR,
    S_IFDIR,
    S_IFIFO,
    S_IFLNK,
    S_IFMT,
    S_IFREG,
    major,
    minor,
)
from rvsim.guest_os.fs.archive_entry import Entry

BLOCK = 512
_END = bytes(2 * BLOCK)
_KINDS = {S_IFREG: b"0", S_IFLNK: b"2", S_IFCHR: b"3", S_IFBLK: b"4", S_IFDIR: b"5", S_IFIFO: b"6"}
_HARD_LINK = b"1"
_EXTENDED = b"x"
_NAME_BYTES = 100
_OCTAL_8 = 1 << 21
"""From here on a number does not fit into the seven octal digits of a field of 8 bytes."""
_OCTAL_12 = 1 << 33
_SECOND_NS = 1_000_000_000


class TarWriter:
    """An archive while it is written to `out`; `digest` and `size` are of what was written so far."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out = out
        self.hash = hashlib.sha256()
        self.size = 0

    @property
    def digest(self) -> str:
        """sha256 as hexadecimal digits."""
        return self.hash.hexdigest()

    def _write(self, data: bytes) -> None:
        self.out.write(data)
        self.hash.update(data)
        self.size += len(data)

    def add(self, entry: Entry, data: Iterable[bytes] = ()) -> None:
        """Add a member; `data` comes to `entry.size` bytes, and `entry.extents` do not count.

        Raises:
            ValueError: `data` has another size.
        """
        size = entry.size if entry.link is None and entry.mode & S_IFMT == S_IFREG else 0
        self._write(_headers(entry, size))
        done = 0
        for part in data:
            done += len(part)
            if done > size:
                break
            self._write(part)
        if done != size:
            raise ValueError
        self._write(bytes(-size % BLOCK))

    def end(self) -> None:
        """Write the archive's end."""
        self._write(_END)


def _headers(entry: Entry, size: int) -> bytes:
    """The header of a member, with an extended one before it where something does not fit."""
    kind = entry.mode & S_IFMT
    name = entry.name + b"/" if kind == S_IFDIR and entry.link is None else entry.name
    target = entry.target if entry.link is None else entry.link
    records: list[tuple[bytes, bytes]] = []

    def short(key: bytes, text: bytes) -> bytes:
        if len(text) > _NAME_BYTES:
            records.append((key, text))
        return text[:_NAME_BYTES]

    def fitting(key: bytes, number: int, limit: int) -> int:
        if number < limit:
            return number
        records.append((key, b"%d" % number))
        return 0

    device = kind in (S_IFCHR, S_IFBLK) and entry.link is None
    header = _header(
        short(b"path", name), entry.mode & 0o7777, fitting(b"uid", entry.uid, _OCTAL_8),
        fitting(b"gid", entry.gid, _OCTAL_8), fitting(b"size", size, _OCTAL_12), entry.mtime_ns // _SECOND_NS,
        _KINDS[kind] if entry.link is None else _HARD_LINK, short(b"linkpath", target),
        (major(entry.rdev), minor(entry.rdev)) if device else (0, 0),
    )  # fmt: skip
    records += [(b"SCHILY.xattr." + key, value) for key, value in sorted(entry.xattrs.items())]
    if not records:
        return header
    body = b"".join(_record(key, value) for key, value in sorted(records))
    extended = _header(b"PaxHeaders/" + name.rstrip(b"/").rpartition(b"/")[2][:80], 0o644, 0, 0, len(body), 0,
                       _EXTENDED, b"", (0, 0))
    return extended + body + bytes(-len(body) % BLOCK) + header


def _header(name: bytes, mode: int, uid: int, gid: int, size: int, mtime: int, kind: bytes, target: bytes,
            device: tuple[int, int]) -> bytes:
    """One block."""
    start = b"%s%07o\0%07o\0%07o\0%011o\0%011o\0" % (name.ljust(_NAME_BYTES, b"\0"), mode, uid, gid, size, mtime)
    end = b"%s%sustar\x0000%s%s%07o\0%07o\0%s" % (kind, target.ljust(_NAME_BYTES, b"\0"), bytes(32), bytes(32),
                                                *device, bytes(167))
    total = sum(start) + 8 * ord(" ") + sum(end)
    return b"%s%06o\0 %s" % (start, total, end)


def _record(key: bytes, value: bytes) -> bytes:
    """`LENGTH KEY=VALUE\\n`, of which LENGTH counts itself too."""
    length = rest = len(key) + len(value) + 3
    while length != rest + len(b"%d" % length):
        length = rest + len(b"%d" % length)
    return b"%d %s=%s\n" % (length, key, value)


def parts_of(read: Callable[[int], bytes], chunk_bytes: int = 1 << 20) -> Iterator[bytes]:
    """What a file's `read` gives, in parts."""
    while part := read(chunk_bytes):
        yield part
