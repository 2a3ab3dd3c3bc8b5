"""The guest's files for gdb, so that it finds programs, libraries and procfs there. GDB manual, "Host I/O Packets"

Only reading. A file of a file system is looked at without being opened, so the guest notices nothing; what procfs
shows is made when it is opened.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from rvsim.guest_os.abi.errno import (
    EACCES,
    EBADF,
    EINVAL,
    EIO,
    EISDIR,
    EMFILE,
    EROFS,
    Errno,
)
from rvsim.guest_os.abi.fcntl import O_NONBLOCK, O_RDONLY
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFMT, S_IFREG
from rvsim.guest_os.proc.node import ProcSuperBlock
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.namei import lookup, readlink
from rvsim.guest_os.vfs.open import open_path
from rvsim.guest_os.wait import Blocked
from rvsim.tools.gdb.ids import BadPacket, parse_bytes, parse_hex
from rvsim.tools.gdb.packets import LARGEST, escaped

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvsim.guest_os.vfs.fs_context import FsContext
    from rvsim.guest_os.vfs.inode import Stat
    from rvsim.guest_os.vfs.mount import Path

MOST_FILES = 256
LARGEST_TEXT = 1 << 24
LARGEST_READ = LARGEST // 2 - 64
"""Every byte may need an escape."""

_STAT = struct.Struct(">7I3Q3I")
_ERRNOS = frozenset((1, 2, 4, 9, 13, 14, 16, 17, 19, 20, 21, 22, 23, 24, 27, 28, 29, 30))
_NAME_TOO_LONG, _UNKNOWN = 91, 9999
_ACCESS = 3
"""O_WRONLY and O_RDWR. GDB manual, "Open Flags"."""


def _failed(error: Errno) -> bytes:
    number = error.number
    return b"F-1,%x" % (number if number in _ERRNOS else _NAME_TOO_LONG if number == 36 else _UNKNOWN)


class _Opened(NamedTuple):
    """An open file: its place, and its text if that was made at open."""

    path: Path
    text: bytes | None


class Files:
    """What one connection has open. `context_of` gives the root and directory of a process; 0 is the session's own."""

    def __init__(self, context_of: Callable[[int], FsContext | None]) -> None:
        self._context_of = context_of
        self._pid = 0
        self._open: dict[int, _Opened] = {}
        self._cred = Credentials()
        self._calls = {b"open": self._do_open, b"close": self._do_close, b"pread": self._do_pread,
                       b"fstat": self._do_fstat, b"stat": self._do_stat, b"lstat": self._do_stat,
                       b"readlink": self._do_readlink, b"setfs": self._do_setfs}

    def packet(self, text: bytes) -> bytes:
        """The answer to what stands behind `vFile:`; nothing, if there is no such operation. Raises BadPacket."""
        name, _, rest = text.partition(b":")
        if name in (b"pwrite", b"unlink"):
            return _failed(EROFS())
        call = self._calls.get(name)
        if call is None:
            return b""
        try:
            return call(rest.split(b","))
        except Errno as error:
            return _failed(error)

    def _context(self) -> FsContext:
        context = self._context_of(self._pid)
        if context is None:
            raise EBADF
        return context

    def _named(self, field: bytes) -> bytes:
        name = parse_bytes(field)
        if b"\0" in name:
            raise EINVAL
        return name

    def _find(self, name: bytes) -> Path:
        return lookup(self._context(), self._cred, name)

    def _do_setfs(self, fields: list[bytes]) -> bytes:
        (field,) = _fields(fields, 1)
        pid = parse_hex(field, 0x7FFF_FFFF)
        if self._context_of(pid) is None:
            raise EINVAL
        self._pid = pid
        return b"F0"

    def _do_open(self, fields: list[bytes]) -> bytes:
        name, flags, _mode = _fields(fields, 3)
        if parse_hex(flags) & _ACCESS:
            raise EROFS
        if len(self._open) >= MOST_FILES:
            raise EMFILE
        path = self._find(self._named(name))
        kind = path.inode.mode & S_IFMT
        if kind != S_IFREG:
            raise EISDIR if kind == S_IFDIR else EACCES
        text = self._text(path) if isinstance(path.inode.sb, ProcSuperBlock) else None
        number = min(set(range(len(self._open) + 1)).difference(self._open))
        self._open[number] = _Opened(path, text)
        return b"F%x" % number

    def _text(self, path: Path) -> bytes:
        file = open_path(path, O_RDONLY | O_NONBLOCK, self._cred)
        try:
            text = b""
            while len(text) < LARGEST_TEXT:
                data = file.read(1 << 16)
                if not data:
                    break
                text += data
            return text
        except Blocked:
            raise EIO from None
        finally:
            file.put()

    def _opened(self, field: bytes) -> _Opened:
        found = self._open.get(parse_hex(field, MOST_FILES))
        if found is None:
            raise EBADF
        return found

    def _do_close(self, fields: list[bytes]) -> bytes:
        (field,) = _fields(fields, 1)
        self._opened(field)
        del self._open[parse_hex(field)]
        return b"F0"

    def _do_pread(self, fields: list[bytes]) -> bytes:
        number, count, offset = _fields(fields, 3)
        found = self._opened(number)
        at, size = parse_hex(offset, (1 << 63) - 1), min(parse_hex(count), LARGEST_READ)
        if found.text is not None:
            data = found.text[at:at + size]
        elif not found.path.inode.nlink and not found.path.inode.open_count:
            raise EIO                   # it was removed
        else:
            data = found.path.inode.read_at(at, size)
        return b"F%x;" % len(data) + escaped(data)

    def _do_fstat(self, fields: list[bytes]) -> bytes:
        (number,) = _fields(fields, 1)
        found = self._opened(number)
        return _packed(found.path.inode.stat(), found.text)

    def _do_stat(self, fields: list[bytes]) -> bytes:
        (name,) = _fields(fields, 1)
        return _packed(self._find(self._named(name)).inode.stat(), None)

    def _do_readlink(self, fields: list[bytes]) -> bytes:
        (name,) = _fields(fields, 1)
        text = readlink(self._context(), self._cred, self._named(name))
        return b"F%x;" % len(text) + escaped(text)


def _fields(fields: list[bytes], count: int) -> list[bytes]:
    if len(fields) != count:
        raise BadPacket("fields")
    return fields


def _packed(stat: Stat, text: bytes | None) -> bytes:
    """The protocol's struct stat. GDB manual, "struct stat" """
    low = 0xFFFF_FFFF
    size = stat.size if text is None else len(text)
    data = _STAT.pack(stat.dev & low, stat.ino & low, stat.mode, stat.nlink & low, stat.uid, stat.gid,
                      stat.rdev & low, size, stat.blksize, stat.blocks, *(
                          time_ns // 10**9 & low for time_ns in (stat.atime_ns, stat.mtime_ns, stat.ctime_ns)))
    return b"F%x;" % len(data) + escaped(data)
