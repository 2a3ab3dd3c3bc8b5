"""`rvsim image ls`: names and facts of what is in an image."""

from __future__ import annotations

import os
import stat as host_stat
import time
from collections.abc import Iterable
from typing import Any

from rvsim.guest_os.abi.stat import S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK, major, minor
from rvsim.guest_os.fs.archive import ArchiveNode
from rvsim.tools.image.merged import shown

KINDS = {S_IFREG: "file", S_IFDIR: "directory", S_IFLNK: "link", S_IFCHR: "character device", S_IFBLK: "block device",
         S_IFIFO: "FIFO", S_IFSOCK: "socket"}  # fmt: skip
Named = tuple[bytes, ArchiveNode]
_SECOND_NS = 1_000_000_000


def kind_of(node: ArchiveNode) -> str:
    """What it is, in a word."""
    return KINDS[node.mode & S_IFMT]


def is_device(node: ArchiveNode) -> bool:
    """Whether it has a number."""
    return node.mode & S_IFMT in (S_IFCHR, S_IFBLK)


def long_lines(found: Iterable[Named]) -> list[str]:
    """One line for each, as `ls -ln` writes them; times are UTC."""
    rows = []
    for path, node in found:
        size = f"{major(node.rdev)}, {minor(node.rdev)}" if is_device(node) else str(node.size)
        moment = time.gmtime(min(max(node.mtime_ns // _SECOND_NS, -(1 << 35)), 1 << 35))
        target = f" -> {shown(node.target)}" if node.mode & S_IFMT == S_IFLNK else ""
        rows.append((host_stat.filemode(node.mode), str(node.nlink), str(node.uid), str(node.gid), size,
                     f"{time.strftime('%Y-%m-%d %H:%M', moment)}", f"{shown(path)}{target}"))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    return [" ".join([row[0], *(text.rjust(width) for text, width in zip(row[1:5], widths[1:], strict=True)), *row[5:]])
            for row in rows]


def as_json(path: bytes, node: ArchiveNode) -> dict[str, Any]:
    """One of them. `mode` is in octal, times are seconds since 1970; names that are no UTF-8 have surrogates."""
    facts: dict[str, Any] = {
        "path": os.fsdecode(path), "type": kind_of(node), "mode": f"{node.mode & 0o7777:04o}", "uid": node.uid,
        "gid": node.gid, "size": node.size, "mtime": node.mtime_ns // _SECOND_NS, "links": node.nlink,
    }  # fmt: skip
    if node.mode & S_IFMT == S_IFLNK:
        facts["target"] = os.fsdecode(node.target)
    if is_device(node):
        facts["device"] = [major(node.rdev), minor(node.rdev)]
    if node.xattrs:
        facts["xattrs"] = {os.fsdecode(key): value.hex() for key, value in sorted(node.xattrs.items())}
    return facts
