"""What gdb changes of the guest's files: `remote put` and `remote delete`. Made again when the run is repeated."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rvsim.guest_os.abi.errno import EACCES, EBADF, EIO, EISDIR, ENOENT, EROFS, Errno
from rvsim.guest_os.abi.fcntl import O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_TRUNC, O_WRONLY
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFMT, S_IFREG
from rvsim.guest_os.proc.node import ProcSuperBlock
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.entries import unlink
from rvsim.guest_os.vfs.namei import lookup
from rvsim.guest_os.vfs.open import open_file, open_path
from rvsim.guest_os.wait import Blocked
from rvsim.tools.gdb.objects import find_group

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.vfs.file import File
    from rvsim.guest_os.vfs.fs_context import FsContext
    from rvsim.guest_os.vfs.mount import Path
    from rvsim.tools.debug.session import Session
    from rvsim.tools.debug.stop import Position

_FLAGS = {0x8: O_APPEND, 0x200: O_CREAT, 0x400: O_TRUNC, 0x800: O_EXCL}
_ACCESS = {0: 0, 1: O_WRONLY, 2: O_RDWR}


def linux_flags(flags: int) -> int | None:
    """The flags of an open, from the protocol's; None: they mean nothing. GDB manual, "Open Flags\""""
    if flags & ~0xE0B or flags & 3 not in _ACCESS:
        return None
    return _ACCESS[flags & 3] | sum(own for bit, own in _FLAGS.items() if flags & bit)


class Actor(NamedTuple):
    """In whose place files are named and changed."""

    fs: FsContext
    cred: Credentials


def actor(machine: Machine, pid: int) -> Actor | None:
    """Process `pid`, None if it is not there any more; 0: the first process, or when that is gone the kernel."""
    group = find_group(machine.kernel, pid) if pid else None
    if pid and group is None:
        return None
    task = next((task for task in group.threads if task.alive), None) if group is not None else machine.kernel.init
    if task is not None and task.alive:
        return Actor(task.fs, task.cred)
    return None if pid else Actor(machine.context, machine.cred)


def may_write(path: Path) -> None:
    """Raises EISDIR, EACCES: it is no regular file, or the kernel's own."""
    kind = path.inode.mode & S_IFMT
    if kind != S_IFREG:
        raise EISDIR if kind == S_IFDIR else EACCES
    if isinstance(path.inode.sb, ProcSuperBlock):
        raise EACCES


@dataclass(slots=True)
class FileEdit(ABC):
    """One change, by the rights of the process `pid`.

    Attributes:
        error: why it could not be made; None: it was.
    """

    position: Position
    pid: int
    name: bytes
    error: Errno | None = None

    def apply(self, session: Session) -> None:
        """Make the change."""
        self.error = None
        who = actor(session.machine, self.pid)
        try:
            if who is None:
                raise EBADF
            self.act(who)
        except Errno as error:
            self.error = error
        except Blocked:
            self.error = EIO()          # a lease, or the other end of a pipe

    @abstractmethod
    def act(self, who: Actor) -> None:
        """The same; raises Errno, Blocked."""


@dataclass(slots=True)
class OpenEdit(FileEdit):
    """A file is opened for writing: made if need be, and emptied if that is wanted. `inode` tells it from others."""

    flags: int = 0
    mode: int = 0
    inode: tuple[int, int] = (0, 0)

    def act(self, who: Actor) -> None:
        try:
            may_write(lookup(who.fs, who.cred, self.name))
        except ENOENT:
            if not self.flags & O_CREAT:
                raise
        file = open_file(who.fs, who.cred, self.name, self.flags, self.mode)
        try:
            self.inode = _number(file)
        finally:
            file.put()


@dataclass(slots=True)
class WriteEdit(FileEdit):
    """Bytes of such a file. The right to write was asked for when it was opened."""

    inode: tuple[int, int] = (0, 0)
    offset: int = 0
    data: bytes = b""
    written: int = 0

    def act(self, who: Actor) -> None:
        file = open_path(lookup(who.fs, Credentials(), self.name), O_WRONLY, Credentials())
        try:
            if _number(file) != self.inode:
                raise EIO               # the name is another file's by now
            self.written = file.pwrite(self.data, self.offset)
        finally:
            file.put()


@dataclass(slots=True)
class UnlinkEdit(FileEdit):
    """A file loses a name."""

    def act(self, who: Actor) -> None:
        path = lookup(who.fs, who.cred, self.name, follow=False)
        if isinstance(path.inode.sb, ProcSuperBlock):
            raise EROFS
        unlink(who.fs, who.cred, self.name)


def _number(file: File) -> tuple[int, int]:
    stat = file.inode.stat()
    return stat.dev, stat.ino
