"""What procfs is made of: tables of entries, and the inodes and open files that they become. fs/proc/base.c, generic.c

A table reads like `ls`: name -> `Text(function)`, `Link(function)`, `Dir(table)`. A per-process function gets a
`Subject`: the task, the namespace of the mount, and who looks. Inodes of processes hold the `Pid` object, never a
number, so a number that is used again does not bring an old descriptor back to life.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi.errno import EACCES, EBADF, EINVAL, EIO, EISDIR, ENOENT, ENXIO, EOVERFLOW, EPERM, ESRCH
from rvsim.guest_os.abi.fcntl import MAX_FILE_BYTES, SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFREG
from rvsim.guest_os.task.access import may_access
from rvsim.guest_os.task.pid import Pid, PidNamespace, PidType, pid_task
from rvsim.guest_os.vfs.file import DEFAULT_POLLMASK, File
from rvsim.guest_os.vfs.inode import Dirent, Inode, Stat
from rvsim.guest_os.vfs.regular_file import DirectoryFile
from rvsim.guest_os.vfs.super_block import SuperBlock

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.mount import Path

PROC_MAGIC = 0x9FA0


class ProcSuperBlock(SuperBlock):
    """One mount of procfs; it shows the processes of one pid namespace."""

    __slots__ = ("kernel", "ns")

    magic = PROC_MAGIC
    file_size = 0
    """What stat says of a file's size."""

    def __init__(self, kernel: Kernel, ns: PidNamespace, type_name: str = "proc") -> None:
        super().__init__(type_name, kernel.clock)
        self.kernel = kernel
        self.ns = ns

    def shut_down(self) -> None:
        """The processes forget the directories that they had here."""
        for number in self.ns.from_number(0):
            pid = self.ns.find(number)
            if pid is not None and isinstance(pid.stashed, dict):
                for kind in PidType:
                    pid.stashed.pop((self, kind), None)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose file it is, as which namespace sees it, and who reads (None: the kernel itself)."""

    task: Task
    ns: PidNamespace
    kernel: Kernel
    opened: AddressSpace | None = None
    """The memory that the process had when the file was opened, of a file that stays with it."""

    @property
    def memory(self) -> AddressSpace | None:
        """The memory to show: that of the open, as long as anybody runs in it, else that of now."""
        if self.opened is None:
            return self.task.mm
        return self.opened if self.opened.users else None

    @property
    def reader(self) -> Task | None:
        return self.kernel.scheduler.current


Render = Callable[[Any], bytes]
Store = Callable[[Any, bytes], int]


class Seeks(enum.Enum):
    """What lseek does."""

    RECORDS = enum.auto()       # no end: fs/seq_file.c:seq_lseek
    PLAIN = enum.auto()         # the end is 0, as the size is: fs/read_write.c:generic_file_llseek
    NEVER = enum.auto()         # whatever is asked for, the offset stays: noop_llseek


@dataclass(frozen=True, slots=True)
class Text:
    """A file whose text `render` makes. `store` takes what is written; `guarded` asks for ptrace access at open."""

    render: Render
    mode: int = 0o444
    store: Store | None = None
    guarded: bool = False
    bound: bool = False         # shows the memory that the process had at open, whatever it runs later
    survives: bool = False      # still readable through a descriptor after the process is gone
    living: bool = False        # a zombie's cannot be opened: ESRCH
    strict: bool = False        # its mode is for root, too
    seeks: Seeks = Seeks.RECORDS
    opened: type[TextFile] | None = None    # what it is when it is open, None: a plain one


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link. `target` gives a text or a place to jump to; `shown` the text of readlink."""

    target: Callable[[Any], bytes | Path]
    shown: Callable[[Any], bytes] | None = None
    mode: int = 0o777


@dataclass(frozen=True, slots=True)
class Dir:
    """A directory of fixed entries."""

    table: Mapping[bytes, Entry]
    mode: int = 0o555
    strict: bool = False        # as of `Text`


@dataclass(frozen=True, slots=True)
class Special:
    """An entry with an inode class of its own: `make(sb, pid)`."""

    make: Callable[[ProcSuperBlock, Pid | None], Inode]
    kind: int = S_IFREG


Entry = Text | Link | Dir | Special


class ProcInode(Inode):
    """Common to all: belongs to the kernel (`pid` None) or to a process, whose owner it shows."""

    __slots__ = ("entry", "kind", "pid", "strict")

    closed = True
    sb: ProcSuperBlock

    def __init__(self, sb: ProcSuperBlock, mode: int, pid: Pid | None, kind: PidType = PidType.TGID) -> None:
        super().__init__(sb, mode)
        self.pid = pid
        self.kind = kind
        self.entry: Any = None
        self.strict = False

    def task(self) -> Task:
        """The process's leader, or the thread. Raises ESRCH: it was waited for."""
        found = pid_task(self.pid, self.kind)
        if found is None:
            raise ESRCH
        return found

    def subject(self) -> Any:
        """What an entry's function gets: the kernel, or a `Subject`. Raises ESRCH."""
        if self.pid is None:
            return self.sb.kernel
        return Subject(self.task(), self.sb.ns, self.sb.kernel)

    def refresh(self) -> None:
        """Show the owner of now. fs/proc/base.c:task_dump_owner"""
        if self.pid is None:
            return
        found = pid_task(self.pid, self.kind)
        if found is None:
            return
        cred = found.cred
        if self.mode == S_IFDIR | 0o555 or (found.group.dumpable == 1 and found.mm is not None):
            self.uid, self.gid = cred.euid, cred.egid
        else:
            self.uid = self.gid = 0

    def stat(self) -> Stat:
        self.refresh()
        return super().stat()

    def permission(self, cred: Credentials, mask: int) -> None:
        self.refresh()
        if self.strict:
            self._test_mode(cred, mask)
        else:
            super().permission(cred, mask)

    def _test_mode(self, cred: Credentials, mask: int) -> None:
        """No capability goes beyond the mode. fs/proc/proc_sysctl.c:test_perm"""
        shift = 6 if cred.euid == 0 else 3 if cred.egid == 0 or 0 in cred.groups else 0
        if mask & 7 & ~(self.mode >> shift):
            raise EACCES

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        """A directory; files have their own."""
        return ProcDirFile(self, path, flags, cred)

    def set_mode(self, mode: int) -> None:
        raise EPERM

    def touch_atime(self) -> None:
        """No times are kept."""


class ProcDirFile(DirectoryFile):
    """An open directory, whose size is 0 to lseek. fs/read_write.c:generic_file_llseek"""

    __slots__ = ()

    def seek(self, offset: int, whence: int) -> int:
        if whence in (SEEK_DATA, SEEK_HOLE):
            raise ENXIO
        return super().seek(offset, SEEK_SET if whence == SEEK_END else whence)


class TextInode(ProcInode):
    """A file made by a `Text` entry."""

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        entry: Text = self.entry
        if self.pid is not None:
            task = self.task()
            if entry.guarded and not may_access(self.sb.kernel.scheduler.current, task):
                raise EACCES
            if entry.living and task.mm is None:
                raise ESRCH
        kind = entry.opened or (SystemTextFile if self.pid is None else TextFile)
        return kind(self, path, flags, cred)

    def truncate(self, size: int) -> None:
        """Accepted, and nothing: `>` opens with O_TRUNC. fs/proc/base.c:proc_setattr"""


class TextFile(File):
    """Text made at the first read and at every read at offset 0; reads that go on drain it. fs/seq_file.c

    Any other offset makes it anew and skips. So there is no snapshot at open, and no line is ever torn.
    """

    __slots__ = ("expected", "memory", "task", "text")

    seekable = True
    inode: TextInode

    def __init__(self, inode: TextInode, path: Path, flags: int, cred: Credentials) -> None:
        super().__init__(inode, path, flags, cred)
        self.text: bytes | None = None
        self.expected = 0
        self.task = inode.task() if inode.pid is not None else None
        self.memory = self.task.mm if self.task is not None and inode.entry.bound else None

    def subject(self) -> Any:
        """What the entry's function gets. Raises ESRCH: the process is gone."""
        task = self.task
        if task is None:
            return self.inode.subject()
        if not self.inode.entry.survives:
            task = self.inode.task()
        return Subject(task, self.inode.sb.ns, self.inode.sb.kernel, self.memory)

    def _render(self) -> bytes:
        entry: Text = self.inode.entry
        return entry.render(self.subject())

    def pread(self, size: int, offset: int) -> bytes:
        if not self.readable:
            raise EBADF
        if offset < 0:
            raise EINVAL
        if self.text is None or offset == 0 or offset != self.expected:
            self.text = None                # and so it is if the process is gone
            self.text = self._render()
        data = self.text[offset:offset + size]
        self.expected = offset + len(data)
        return data

    def read(self, size: int) -> bytes:
        data = self.pread(size, self.offset)
        self.offset += len(data)
        return data

    def write(self, data: bytes) -> int:
        if not self.writable:
            raise EBADF
        entry: Text = self.inode.entry
        if entry.store is None:
            raise EIO if self.inode.pid is None else EINVAL
        return entry.store(self.inode.subject(), data)

    def pwrite(self, data: bytes, offset: int) -> int:
        return self.write(data)

    def seek(self, offset: int, whence: int) -> int:
        seeks = self.inode.entry.seeks
        if seeks is Seeks.NEVER:
            return self.offset
        if seeks is Seeks.PLAIN and whence in (SEEK_DATA, SEEK_HOLE):
            raise ENXIO
        target = offset + self.offset if whence == SEEK_CUR else offset
        if whence not in (SEEK_SET, SEEK_CUR) + (SEEK_END,) * (seeks is Seeks.PLAIN) or target < 0:
            raise EINVAL
        if target > MAX_FILE_BYTES:
            raise EOVERFLOW
        self.offset = target
        return target

    def truncate(self, size: int) -> None:
        if not self.writable:
            raise EINVAL


class SystemTextFile(TextFile):
    """A file that tells of the whole system: it can be spliced and polled, as one of a process cannot. fs/proc/inode.c
    """

    __slots__ = ()

    splice_read = True

    def poll(self) -> int:
        return DEFAULT_POLLMASK


class LinkInode(ProcInode):
    """A link made by a `Link` entry."""

    def _guard(self) -> Any:
        subject = self.subject()
        entry: Link = self.entry
        if isinstance(subject, Subject) and entry.shown is not None and not may_access(subject.reader, subject.task):
            raise EACCES
        return subject

    def _call(self, function: Callable[[Any], Any]) -> Any:
        try:
            return function(self._guard())
        except ESRCH:
            raise ENOENT from None

    def readlink(self) -> bytes:
        entry: Link = self.entry
        found = self._call(entry.shown or entry.target)
        return found if isinstance(found, bytes) else bytes(found.display())

    def follow(self) -> bytes | Path:
        entry: Link = self.entry
        found: bytes | Path = self._call(entry.target)
        return found


class TableDir(ProcInode):
    """A directory made by a `Dir` entry; its names are made when they are looked up, and kept."""

    __slots__ = ("made",)

    volatile = True

    def __init__(self, sb: ProcSuperBlock, mode: int, pid: Pid | None, table: Mapping[bytes, Entry],
                 kind: PidType = PidType.TGID) -> None:
        super().__init__(sb, S_IFDIR | mode, pid, kind)
        self.entry = table
        self.made: dict[bytes, Inode] = {}

    def lookup(self, name: bytes) -> Inode:
        if self.pid is not None and pid_task(self.pid, self.kind) is None:
            raise ENOENT
        inode = self.made.get(name)
        if inode is None:
            entry = self.entry.get(name)
            if entry is None:
                raise ENOENT
            inode = self.made[name] = make_inode(self.sb, entry, self.pid, self.kind)
        return inode

    def readdir(self, position: int) -> Iterable[Dirent]:
        if self.pid is not None and pid_task(self.pid, self.kind) is None:
            raise ENOENT
        for at, (name, entry) in enumerate(self.entry.items()):
            if at + 2 >= position:
                yield at + 2, name, self.lookup(name).ino, entry_type(entry)

    def read_at(self, offset: int, size: int) -> bytes:
        raise EISDIR


def entry_type(entry: Entry) -> int:
    """The DT_* of an entry."""
    kind = {Text: S_IFREG, Link: S_IFLNK, Dir: S_IFDIR}.get(type(entry))
    if kind is None:
        kind = entry.kind  # type: ignore[union-attr]
    return kind >> 12


def make_inode(sb: ProcSuperBlock, entry: Entry, pid: Pid | None, kind: PidType) -> Inode:
    """The inode of a table's entry."""
    if isinstance(entry, Dir):
        directory = TableDir(sb, entry.mode, pid, entry.table, kind)
        directory.strict = entry.strict
        return directory
    if isinstance(entry, Special):
        made = entry.make(sb, pid)
        if isinstance(made, ProcInode):
            made.kind = kind
        return made
    inode: ProcInode
    if isinstance(entry, Link):
        inode = LinkInode(sb, S_IFLNK | entry.mode, pid, kind)
    else:
        inode = TextInode(sb, S_IFREG | entry.mode, pid, kind)
        inode.size = sb.file_size
        inode.strict = entry.strict
    inode.entry = entry
    return inode
