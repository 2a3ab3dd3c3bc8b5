"""The guest's files for gdb, so that it finds programs, libraries and procfs there. GDB manual, "Host I/O Packets"

A file of a file system is read without being opened, so the guest notices nothing; what procfs shows is made when it is
opened. What is written is written as the guest's first process would, or the one that gdb names, and by its rights: so
only files of the host are reached that are mounted, and only changed if they are mounted for that.
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
from rvsim.guest_os.abi.fcntl import O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFMT, S_IFREG
from rvsim.guest_os.fs.looking import looking
from rvsim.guest_os.proc.node import ProcSuperBlock
from rvsim.guest_os.recording.again import NotRecorded
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.namei import lookup, readlink
from rvsim.guest_os.vfs.open import open_path
from rvsim.guest_os.wait import Blocked
from rvsim.tools.gdb.file_edits import FileEdit, OpenEdit, UnlinkEdit, WriteEdit, actor, linux_flags
from rvsim.tools.gdb.ids import BadPacket, parse_bytes, parse_hex
from rvsim.tools.gdb.packets import LARGEST, escaped
from rvsim.tools.gdb.session import Unchangeable

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvsim.guest_os.vfs.fs_context import FsContext
    from rvsim.guest_os.vfs.inode import Stat
    from rvsim.guest_os.vfs.mount import Path
    from rvsim.tools.debug.session import Session
    from rvsim.tools.debug.stop import Position

MOST_FILES = 256
LARGEST_TEXT = 1 << 24
LARGEST_READ = LARGEST // 2 - 64
"""Every byte may need an escape."""

_STAT = struct.Struct(">7I3Q3I")
_ERRNOS = frozenset((1, 2, 4, 9, 13, 14, 16, 17, 19, 20, 21, 22, 23, 24, 27, 28, 29, 30))
_NAME_TOO_LONG, _UNKNOWN = 91, 9999
_ACCESS = O_WRONLY | O_RDWR


def _failed(error: Errno) -> bytes:
    number = error.number
    return b"F-1,%x" % (number if number in _ERRNOS else _NAME_TOO_LONG if number == 36 else _UNKNOWN)


class _Opened(NamedTuple):
    """An open file: its place, and its text if that was made at open."""

    path: Path
    text: bytes | None
    writing: OpenEdit | None


class Files:
    """What one connection has open. `session` gives the session as it is."""

    def __init__(self, session: Callable[[], Session]) -> None:
        self._session = session
        self._pid = 0
        self._open: dict[int, _Opened] = {}
        self._cred = Credentials()
        self._calls = {b"open": self._do_open, b"close": self._do_close, b"pread": self._do_pread,
                       b"fstat": self._do_fstat, b"stat": self._do_stat, b"lstat": self._do_stat,
                       b"readlink": self._do_readlink, b"setfs": self._do_setfs,
                       b"pwrite": self._do_pwrite, b"unlink": self._do_unlink}

    def packet(self, text: bytes) -> bytes:
        """The answer to what stands behind `vFile:`; nothing, if there is no such operation. Raises BadPacket."""
        name, _, rest = text.partition(b":")
        call = self._calls.get(name)
        if call is None:
            return b""
        try:
            return call(rest.split(b",", 2) if name == b"pwrite" else rest.split(b","))
        except Errno as error:
            return _failed(error)
        except NotRecorded:
            return _failed(EIO())

    def _context(self) -> FsContext:
        who = actor(self._session().machine, self._pid)
        if who is None:
            raise EBADF
        return who.fs

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
        if actor(self._session().machine, pid) is None:
            raise EINVAL
        self._pid = pid
        return b"F0"

    def _do_open(self, fields: list[bytes]) -> bytes:
        name, flags_text, mode = _fields(fields, 3)
        flags = linux_flags(parse_hex(flags_text))
        if flags is None:
            raise EINVAL
        if len(self._open) >= MOST_FILES:
            raise EMFILE
        writing = None
        if flags != O_RDONLY:
            writing = OpenEdit(self._position(), self._pid, self._named(name), flags=flags,
                               mode=parse_hex(mode) & 0o7777)
            self._edit(writing)
        path = self._find(self._named(name))
        kind = path.inode.mode & S_IFMT
        if kind != S_IFREG:
            raise EISDIR if kind == S_IFDIR else EACCES
        text = self._text(path) if isinstance(path.inode.sb, ProcSuperBlock) else None
        number = min(set(range(len(self._open) + 1)).difference(self._open))
        self._open[number] = _Opened(path, text, writing)
        return b"F%x" % number

    def _position(self) -> Position:
        return self._session().stop.position

    def _edit(self, edit: FileEdit) -> None:
        """Raises Errno."""
        try:
            self._session().edit(edit)
        except Unchangeable:
            raise EROFS from None
        if edit.error is not None:
            raise edit.error

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
        if found.writing is not None and found.writing.flags & _ACCESS == O_WRONLY:
            raise EBADF
        at, size = parse_hex(offset, (1 << 63) - 1), min(parse_hex(count), LARGEST_READ)
        if found.text is not None:
            data = found.text[at:at + size]
        elif not found.path.inode.nlink and not found.path.inode.open_count:
            raise EIO                   # it was removed
        else:
            with looking(found.path.inode):
                data = found.path.inode.read_at(at, size)
        return b"F%x;" % len(data) + escaped(data)

    def _do_pwrite(self, fields: list[bytes]) -> bytes:
        number, offset, data = _fields(fields, 3)
        opened = self._opened(number).writing
        if opened is None or not opened.flags & _ACCESS:
            raise EBADF
        at = parse_hex(offset, (1 << 63) - 1 - len(data))
        edit = WriteEdit(self._position(), opened.pid, opened.name, inode=opened.inode, offset=at, data=data)
        self._edit(edit)
        return b"F%x" % edit.written

    def _do_unlink(self, fields: list[bytes]) -> bytes:
        (name,) = _fields(fields, 1)
        self._edit(UnlinkEdit(self._position(), self._pid, self._named(name)))
        return b"F0"

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
