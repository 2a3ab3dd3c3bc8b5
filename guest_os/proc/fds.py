"""fd/, fdinfo/, task/, ns/: directories whose names come from the live process. fs/proc/fd.c, base.c, namespaces.c"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EACCES, ENOENT, ENXIO, EPERM, ESRCH
from rvsim.guest_os.abi.fcntl import O_CLOEXEC
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFREG, S_IFSOCK
from rvsim.guest_os.proc.lock_files import of_file
from rvsim.guest_os.proc.node import Entry, ProcInode, ProcSuperBlock, Subject, TableDir, Text, TextInode
from rvsim.guest_os.task.access import may_access
from rvsim.guest_os.task.pid import Pid, PidType, pid_nr_ns, pid_task
from rvsim.guest_os.vfs.inode import Dirent, Inode, Stat
from rvsim.guest_os.vfs.permission import MAY_WRITE

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.file import File
    from rvsim.guest_os.vfs.mount import Path


def number(name: bytes) -> int:
    """A decimal number without leading zeros. ENOENT: anything else. fs/proc/util.c:name_to_int"""
    if not name.isdigit() or len(name) > 10 or (name[0] == 48 and len(name) > 1):
        raise ENOENT
    return int(name)


class FdLink(ProcInode):
    """One descriptor as a magic link: it leads to the open file's place, whatever its name is now."""

    __slots__ = ("fd",)

    def __init__(self, sb: ProcSuperBlock, pid: Pid | None, kind: PidType, fd: int) -> None:
        super().__init__(sb, S_IFLNK | 0o700, pid, kind)
        self.fd = fd
        self.size = 64

    def _file(self) -> File:
        task = pid_task(self.pid, self.kind)
        if task is None or task.files_shared is None:
            raise ENOENT
        if not may_access(self.sb.kernel.scheduler.current, task):
            raise EACCES
        file = task.fds.files.get(self.fd)
        if file is None:
            raise ENOENT
        return file

    def refresh(self) -> None:
        super().refresh()
        task = pid_task(self.pid, self.kind)
        file = task.fds.files.get(self.fd) if task is not None and task.files_shared is not None else None
        if file is not None:
            self.mode = S_IFLNK | 0o100 | (0o400 if file.readable else 0) | (0o200 if file.writable else 0)

    def readlink(self) -> bytes:
        return self._file().path.display()

    def follow(self) -> bytes | Path:
        file = self._file()
        if file.inode.mode & 0o170000 == S_IFSOCK:
            raise ENXIO
        return file.path


def fdinfo(subject: Subject, fd: int) -> bytes:
    """pos, flags, mnt_id, ino, and what the file itself has to say. fs/proc/fd.c:seq_show"""
    task = subject.task
    file = task.fds.files.get(fd) if task.files_shared is not None else None
    if file is None:
        raise ENOENT
    flags = file.flags | (O_CLOEXEC if fd in task.fds.cloexec else 0)
    head = b"pos:\t%d\nflags:\t0%o\nmnt_id:\t%d\nino:\t%d\n" % (
        file.offset, flags, file.path.mount.id, file.inode.ino)
    return head + of_file(file, task.fds, pid_nr_ns(task.group.pid, subject.ns)) + file.fdinfo(subject.ns)


class _Render:
    """The `fdinfo` text of one descriptor."""

    __slots__ = ("fd",)

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def __call__(self, subject: Subject) -> bytes:
        return fdinfo(subject, self.fd)


class FdInfoInode(TextInode):
    """A file in fdinfo/: of a process that is gone there is none. fs/proc/fd.c:seq_show"""

    def task(self) -> Task:
        try:
            return super().task()
        except ESRCH:
            raise ENOENT from None


class FdDir(ProcInode):
    """fd/ or fdinfo/: a name for each open descriptor of now."""

    __slots__ = ("links",)

    volatile = True

    def __init__(self, sb: ProcSuperBlock, pid: Pid | None, links: bool) -> None:
        super().__init__(sb, S_IFDIR | (0o500 if links else 0o555), pid)
        self.links = links

    def _task(self) -> Task:
        task = pid_task(self.pid, self.kind)
        if task is None:
            raise ENOENT
        if not may_access(self.sb.kernel.scheduler.current, task):
            raise EACCES
        return task

    def lookup(self, name: bytes) -> Inode:
        fd = number(name)
        task = self._task()
        if task.files_shared is None or fd not in task.fds.files:
            raise ENOENT
        if self.links:
            return FdLink(self.sb, self.pid, self.kind, fd)
        inode = FdInfoInode(self.sb, S_IFREG | 0o444, self.pid, self.kind)
        inode.entry = Text(_Render(fd))
        return inode

    def readdir(self, position: int) -> Iterable[Dirent]:
        task = self._task()
        if task.files_shared is None:
            return
        for fd, _ in task.fds:
            if fd + 2 >= position:
                yield fd + 2, b"%d" % fd, self.sb.new_ino(), (S_IFLNK if self.links else S_IFREG) >> 12

    def permission(self, cred: Credentials, mask: int) -> None:
        """Raises ESRCH: fdinfo of a process that is gone. fs/proc/fd.c:proc_fdinfo_permission"""
        if not self.links:
            self.task()
        super().permission(cred, mask)

    def stat(self) -> Stat:
        """Raises ENOENT: fd of a process that is gone. fs/proc/fd.c:proc_fd_getattr"""
        if self.links and pid_task(self.pid, self.kind) is None:
            raise ENOENT
        return super().stat()

    def refresh(self) -> None:
        super().refresh()
        task = pid_task(self.pid, self.kind)
        self.size = len(task.fds.files) if self.links and task is not None and task.files_shared is not None else 0


class TaskDir(ProcInode):
    """task/: the threads of the process."""

    __slots__ = ("table",)

    volatile = True

    def __init__(self, sb: ProcSuperBlock, pid: Pid | None, table: Mapping[bytes, Entry]) -> None:
        super().__init__(sb, S_IFDIR | 0o555, pid)
        self.table = table

    def _threads(self) -> dict[int, Task]:
        leader = pid_task(self.pid, PidType.TGID)
        if leader is None:
            raise ENOENT
        return {pid_nr_ns(thread.pid, self.sb.ns): thread for thread in leader.group.threads}

    def lookup(self, name: bytes) -> Inode:
        thread = self._threads().get(number(name))
        if thread is None:
            raise ENOENT
        return pid_dir(self.sb, thread.pid, self.table, PidType.PID)

    def readdir(self, position: int) -> Iterable[Dirent]:
        for tid in sorted(self._threads()):
            if tid + 2 >= position:
                yield tid + 2, b"%d" % tid, self.lookup(b"%d" % tid).ino, S_IFDIR >> 12

    def permission(self, cred: Credentials, mask: int) -> None:
        """As `PidDir`. Raises ESRCH."""
        self.task()
        super().permission(cred, mask)

    def refresh(self) -> None:
        super().refresh()
        leader = pid_task(self.pid, PidType.TGID)
        self.nlink = 2 + (len(leader.group.threads) if leader is not None else 0)


class PidDir(TableDir):
    """The directory of a process or thread. It cannot be changed by anybody. fs/proc/base.c:proc_pid_instantiate"""

    __slots__ = ()

    def permission(self, cred: Credentials, mask: int) -> None:
        """Raises EPERM for writing, whoever asks. fs/namei.c:inode_permission, IS_IMMUTABLE

        Raises:
            ESRCH: the process was waited for. fs/proc/base.c:proc_pid_permission
        """
        if mask & MAY_WRITE:
            raise EPERM
        self.task()
        super().permission(cred, mask)


def pid_dir(sb: ProcSuperBlock, pid: Pid, table: Mapping[bytes, Entry], kind: PidType) -> TableDir:
    """The directory of a process or thread: one inode per identity and mount, kept by the identity itself."""
    if not isinstance(pid.stashed, dict):
        pid.stashed = {}
    found: TableDir | None = pid.stashed.get((sb, kind))
    if found is None:
        found = pid.stashed[sb, kind] = PidDir(sb, 0o555, pid, table, kind)
    return found
