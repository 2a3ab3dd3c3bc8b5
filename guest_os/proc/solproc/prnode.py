"""The inodes of solproc and what they share: one `PrCommon` per process and per lwp. illumos: sys/proc/prdata.h

A number of an inode is made of the slots: ((slot of the lwp << bits | slot of the process) << 6) + type + 2; the root
has 2. Names are never cached: a directory asks the live tables at each lookup.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EACCES, EINVAL, ENOENT, ENOSYS
from rvsim.guest_os.abi.poll import POLLNVAL
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFREG
from rvsim.guest_os.task.access import may_access
from rvsim.guest_os.task.pid import Pid, PidNamespace, PidType, pid_task
from rvsim.guest_os.vfs.inode import Inode, Stat
from rvsim.guest_os.vfs.permission import check_mode
from rvsim.guest_os.vfs.regular_file import DirectoryFile
from rvsim.guest_os.vfs.super_block import SuperBlock

if TYPE_CHECKING:
    from rvsim.guest_os.proc.solproc.page_data import PageDataFile
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.file import File
    from rvsim.guest_os.vfs.mount import Path

SOLPROC_MAGIC = 0x9FA1
ROOT_INO = 2


class PrType(enum.IntEnum):
    """What an inode is; the order is that of names in a process's directory, then in an lwp's."""

    ROOTDIR = 0
    PIDDIR = 1
    AS = 2
    CTL = 3
    STATUS = 4
    LSTATUS = 5
    PSINFO = 6
    LPSINFO = 7
    MAP = 8
    RMAP = 9
    XMAP = 10
    CRED = 11
    SIGACT = 12
    AUXV = 13
    USAGE = 14
    LUSAGE = 15
    PAGEDATA = 16
    WATCH = 17
    CWD = 18
    ROOT = 19
    FDDIR = 20
    FD = 21
    OBJECTDIR = 22
    OBJECT = 23
    LWPDIR = 24
    LWPIDDIR = 25
    LWPCTL = 26
    LWPSTATUS = 27
    LWPSINFO = 28
    LWPUSAGE = 29
    XREGS = 30


class SolSuperBlock(SuperBlock):
    """One mount of solproc; it shows the processes of one pid namespace. `commons` holds what inodes share."""

    __slots__ = ("bits", "kernel", "ns")

    magic = SOLPROC_MAGIC

    def __init__(self, kernel: Kernel, ns: PidNamespace) -> None:
        super().__init__("solproc", kernel.clock)
        self.kernel = kernel
        self.ns = ns
        self.bits = kernel.processes.limit.bit_length()

    def number(self, kind: PrType, slot: int, lwp_slot: int = 0) -> int:
        """The number of an inode."""
        return ((lwp_slot << self.bits | slot) << 6) + kind + ROOT_INO


class PrCommon:
    """What all inodes of one process, or of one lwp of it, share: whom they are about.

    It holds the identities, not the numbers, so an old descriptor never shows a new process. `page_files` are the
    open files named pagedata.
    """

    __slots__ = ("page_files", "pid", "slot", "thread", "thread_slot")

    def __init__(self, pid: Pid, slot: int, thread: Pid | None = None, thread_slot: int = 0) -> None:
        self.pid = pid
        self.slot = slot
        self.thread = thread
        self.thread_slot = thread_slot
        self.page_files: list[PageDataFile] = []

    def process(self) -> ThreadGroup:
        """The process. Raises ENOENT: it was waited for."""
        leader = pid_task(self.pid, PidType.TGID)
        if leader is None:
            raise ENOENT
        return leader.group

    def task(self) -> Task:
        """The lwp. Raises ENOENT: it is gone."""
        found = pid_task(self.thread, PidType.PID)
        if found is None:
            raise ENOENT
        return found

    def live_process(self) -> ThreadGroup:
        """The process, not as a zombie. Raises ENOENT."""
        group = self.process()
        if group.zombie:
            raise ENOENT
        return group

    def live_task(self) -> Task:
        """The lwp, not as a zombie. Raises ENOENT."""
        task = self.task()
        if not task.alive:
            raise ENOENT
        return task


class PrNode(Inode):
    """An inode of solproc: its type, its common part, and what number it has among its like (a descriptor)."""

    __slots__ = ("common", "index", "kind")

    sb: SolSuperBlock
    zombie = False
    """Whether it serves zombies too."""

    def __init__(self, sb: SolSuperBlock, kind: PrType, common: PrCommon | None, mode: int, index: int = 0) -> None:
        slot, thread_slot = (common.slot, common.thread_slot) if common is not None else (0, 0)
        ino = sb.number(kind, slot, thread_slot) if common is not None else ROOT_INO
        super().__init__(sb, mode, ino=ino)
        self.kind = kind
        self.common = common
        self.index = index

    @property
    def about(self) -> PrCommon:
        """The common part of a node that has one."""
        if self.common is None:
            raise ENOENT
        return self.common

    def refresh(self) -> None:
        """Owner and times of now: the real ids of the process, and its start."""
        if self.common is None:
            return
        leader = pid_task(self.common.pid, PidType.TGID)
        if leader is None:
            return
        self.uid, self.gid = leader.cred.uid, leader.cred.gid
        clock = self.sb.clock
        start = clock.realtime_ns() - clock.monotonic_ns() + leader.group.start_ns
        self.atime_ns = self.mtime_ns = self.ctime_ns = self.btime_ns = start

    def stat(self) -> Stat:
        self.refresh()
        return super().stat()

    def permission(self, cred: Credentials, mask: int) -> None:
        self.refresh()
        check_mode(self, cred, mask)

    def allow(self) -> None:
        """May the caller look into the process? Raises EACCES; files that anyone may read do not ask."""
        leader = pid_task(self.about.pid, PidType.TGID)
        if leader is not None and not may_access(self.sb.kernel.scheduler.current, leader):
            raise EACCES

    def touch_atime(self) -> None:
        """Times are the process's."""

    def set_mode(self, mode: int) -> None:
        raise ENOSYS

    def set_owner(self, uid: int, gid: int, mode: int) -> None:
        raise ENOSYS

    def set_times(self, atime_ns: int | None, mtime_ns: int | None) -> None:
        raise ENOSYS


class PrDir(PrNode):
    """A directory: nothing is made or removed in it by name."""

    volatile = True

    def __init__(self, sb: SolSuperBlock, kind: PrType, common: PrCommon | None, mode: int) -> None:
        super().__init__(sb, kind, common, S_IFDIR | mode)

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        return PrDirFile(self, path, flags, cred)

    def create(self, name: bytes, mode: int, uid: int, gid: int) -> Inode:
        raise EACCES

    def mkdir(self, name: bytes, mode: int, uid: int, gid: int) -> Inode:
        raise ENOSYS

    def mknod(self, name: bytes, mode: int, uid: int, gid: int, rdev: int) -> Inode:
        raise ENOSYS

    def symlink(self, name: bytes, target: bytes, uid: int, gid: int) -> Inode:
        raise ENOSYS

    def link(self, name: bytes, inode: Inode) -> None:
        raise ENOSYS

    def unlink(self, name: bytes, inode: Inode) -> None:
        raise ENOSYS

    def rmdir(self, name: bytes, inode: Inode) -> None:
        raise ENOSYS

    def rename(
        self, name: bytes, inode: Inode, new_dir: Inode, new_name: bytes, target: Inode | None, flags: int
    ) -> None:
        raise ENOSYS


class PrDirFile(DirectoryFile):
    """An open directory: it is not read as a file, and nothing can happen to it that poll would tell."""

    __slots__ = ()

    def read(self, size: int) -> bytes:
        raise EINVAL

    def pread(self, size: int, offset: int) -> bytes:
        raise EINVAL

    def poll(self) -> int:
        return POLLNVAL


class PrFileNode(PrNode):
    """A regular file of a process or an lwp."""

    def __init__(self, sb: SolSuperBlock, kind: PrType, common: PrCommon, mode: int) -> None:
        super().__init__(sb, kind, common, S_IFREG | mode)

    def truncate(self, size: int) -> None:
        """open with O_TRUNC changes nothing."""


def process_common(sb: SolSuperBlock, group: ThreadGroup) -> PrCommon:
    """What the inodes of a process share; the identity keeps it, so it is the same as long as one exists."""
    return _common(group.pid, None, group.slot, 0)


def lwp_common(sb: SolSuperBlock, task: Task) -> PrCommon:
    """What the inodes of an lwp share."""
    return _common(task.group.pid, task.pid, task.group.slot, task.lwp_slot)


def _common(pid: Pid, thread: Pid | None, slot: int, thread_slot: int) -> PrCommon:
    keeper = pid if thread is None else thread
    if not isinstance(keeper.stashed, dict):
        keeper.stashed = {}
    key = "process" if thread is None else "lwp"
    common: PrCommon | None = keeper.stashed.get(key)
    if common is None or (common.slot, common.thread_slot) != (slot, thread_slot):
        common = keeper.stashed[key] = PrCommon(pid, slot, thread, thread_slot)
    return common
