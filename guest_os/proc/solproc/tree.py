"""The directories of solproc and the tables of what stands in them. illumos: fs/proc/prvnops.c"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from rvsim.guest_os.abi import solproc as sol
from rvsim.guest_os.abi.errno import EACCES, ENOENT
from rvsim.guest_os.abi.fcntl import O_ACCMODE, O_RDONLY, O_WRONLY
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFMT, S_IFREG
from rvsim.guest_os.proc.fds import number
from rvsim.guest_os.proc.solproc import maps, usage, views
from rvsim.guest_os.proc.solproc.control import ControlNode
from rvsim.guest_os.proc.solproc.files import MemoryNode, NameNode, SnapshotNode
from rvsim.guest_os.proc.solproc.page_data import PageDataNode
from rvsim.guest_os.proc.solproc.prnode import (
    PrCommon,
    PrDir,
    PrNode,
    PrType,
    SolSuperBlock,
    lwp_common,
    process_common,
)
from rvsim.guest_os.task.pid import PidType, pid_nr_ns, pid_task
from rvsim.guest_os.vfs.inode import Dirent, Inode
from rvsim.guest_os.vfs.mount import Path
from rvsim.guest_os.vfs.super_block import FileSystemType, MountOptions

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.thread_group import ThreadGroup
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.file import File

FIRST = 2
"""The position of the first name in a directory; `.` and `..` are 0 and 1."""


# ---- what the files of a process say


def _status(common: PrCommon, sb: SolSuperBlock) -> bytes:
    return sol.PSTATUS.pack(views.pstatus(common.live_process(), sb.ns))


def _lstatus(common: PrCommon, sb: SolSuperBlock) -> bytes:
    live = [thread for _, thread in common.live_process().lwps.walk() if thread.alive]
    return views.many(sol.LWPSTATUS, [views.lwpstatus(thread, sb.ns) for thread in live])


def _psinfo(common: PrCommon, sb: SolSuperBlock) -> bytes:
    return sol.PSINFO.pack(views.psinfo(common.process(), sb.ns))


def _lpsinfo(common: PrCommon, sb: SolSuperBlock) -> bytes:
    threads = [thread for _, thread in common.live_process().lwps.walk()]
    return views.many(sol.LWPSINFO, [views.lwpsinfo(thread, sb.ns) for thread in threads])


def _map(common: PrCommon, sb: SolSuperBlock) -> bytes:
    return maps.maps(common.live_process(), False)


def _rmap(common: PrCommon, sb: SolSuperBlock) -> bytes:
    return maps.maps(common.live_process(), True)


def _xmap(common: PrCommon, sb: SolSuperBlock) -> bytes:
    return maps.extended_maps(common.live_process())


def _cred(common: PrCommon, sb: SolSuperBlock) -> bytes:
    return views.credentials(common.live_process())


def _sigact(common: PrCommon, sb: SolSuperBlock) -> bytes:
    return views.actions(common.live_process())


def _auxv(common: PrCommon, sb: SolSuperBlock) -> bytes:
    return views.auxv(common.live_process())


def _usage(common: PrCommon, sb: SolSuperBlock) -> bytes:
    group = common.process()
    return sol.PRUSAGE.pack(usage.usage_record(group, usage.process_usage(group, sb.ns)))


def _lusage(common: PrCommon, sb: SolSuperBlock) -> bytes:
    group = common.live_process()
    live = [thread for _, thread in group.lwps.walk() if thread.alive]
    parts = [usage.defunct_usage(group), *(usage.lwp_usage(thread, sb.ns) for thread in live)]
    return views.many(sol.PRUSAGE, [usage.usage_record(group, part) for part in parts])


def _watch(common: PrCommon, sb: SolSuperBlock) -> bytes:
    return views.watched(common.live_process())


def _lwpstatus(common: PrCommon, sb: SolSuperBlock) -> bytes:
    return sol.LWPSTATUS.pack(views.lwpstatus(common.live_task(), sb.ns))


def _lwpsinfo(common: PrCommon, sb: SolSuperBlock) -> bytes:
    return sol.LWPSINFO.pack(views.lwpsinfo(common.task(), sb.ns))


def _lwpusage(common: PrCommon, sb: SolSuperBlock) -> bytes:
    task = common.live_task()
    return sol.PRUSAGE.pack(usage.usage_record(task.group, usage.lwp_usage(task, sb.ns)))


def _nothing(common: PrCommon, sb: SolSuperBlock) -> bytes:
    common.live_process()
    return b""


# ---- nodes that are made by hand


class PlaceLink(PrNode):
    """cwd and root: like directories to whoever goes through them; as a link, without a text."""

    __slots__ = ("cwd",)

    def __init__(self, sb: SolSuperBlock, common: PrCommon, cwd: bool) -> None:
        super().__init__(sb, PrType.CWD if cwd else PrType.ROOT, common, S_IFLNK | 0o500)
        self.cwd = cwd

    def readlink(self) -> bytes:
        self.follow()
        return b""

    def follow(self) -> bytes | Path:
        group = self.about.live_process()
        self.allow()
        task = next((thread for thread in group.threads if thread.fs_shared is not None), None)
        if task is None:
            raise ENOENT
        return task.fs.cwd if self.cwd else task.fs.root


class OpenedLink(PrNode):
    """fd/N and object/NAME: to open one is to open the file itself again, with no more access than there was."""

    __slots__ = ("access",)

    def __init__(self, sb: SolSuperBlock, kind: PrType, common: PrCommon, found: File, access: int, index: int) -> None:
        inode = found.inode
        super().__init__(sb, kind, common, inode.mode & S_IFMT | (access & inode.mode), index)
        self.access = access

    def _file(self) -> File:
        group = self.about.live_process()
        self.allow()
        if self.kind is PrType.FD:
            file = descriptors(group).get(self.index)
        else:
            file = next((found for _, index, found in mapped_objects(group) if index == self.index), None)
        if file is None:
            raise ENOENT
        return file

    def refresh(self) -> None:
        inode = self._file().inode
        self.size, self.nlink, self.rdev = inode.size, inode.nlink, inode.rdev
        self.uid, self.gid = inode.uid, inode.gid
        self.atime_ns, self.mtime_ns, self.ctime_ns = inode.atime_ns, inode.mtime_ns, inode.ctime_ns

    def permission(self, cred: Credentials, mask: int) -> None:
        if mask and self.mode & S_IFMT not in (S_IFREG, S_IFDIR):
            raise EACCES                    # nobody opens a pipe, a socket or a device through it
        super().permission(cred, mask)

    def lookup(self, name: bytes) -> Inode:
        return self._file().inode.lookup(name)

    def readdir(self, position: int) -> Iterable[Dirent]:
        return self._file().inode.readdir(position)

    def truncate(self, size: int) -> None:
        if not self.access & 0o200:
            raise EACCES
        self._file().inode.truncate(size)

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        file = self._file()
        wanted = flags & O_ACCMODE
        reads, writes = wanted != O_WRONLY, wanted != O_RDONLY
        if (reads and not self.access & 0o400) or (writes and not self.access & 0o200):
            raise EACCES
        return file.inode.open(file.path, flags, cred)


def descriptors(group: ThreadGroup) -> dict[int, File]:
    """The open files of a process by number."""
    task = next((thread for thread in group.threads if thread.files_shared is not None), None)
    return dict(task.fds) if task is not None else {}


def mapped_objects(group: ThreadGroup) -> list[tuple[bytes, int, File]]:
    """(name, index, file) of each mapped file once; the index is that of its first area."""
    mm: AddressSpace | None = maps.space_of(group)
    seen: dict[bytes, tuple[bytes, int, File]] = {}
    for at, area in enumerate(mm.areas if mm is not None else ()):
        if area.file is not None and mm is not None:
            file: File = area.file  # type: ignore[assignment]
            name = maps.object_name(mm, file)
            seen.setdefault(name, (name, at, file))
    return list(seen.values())


# ---- directories

Make = Callable[[SolSuperBlock, PrCommon], PrNode]


def _snapshot(kind: PrType, mode: int, content: Callable[[PrCommon, SolSuperBlock], bytes]) -> Make:
    return _SnapshotMaker(kind, mode, content)


class _SnapshotMaker:
    """Makes the inode of a file of snapshots."""

    __slots__ = ("content", "kind", "mode")

    def __init__(self, kind: PrType, mode: int, content: Callable[[PrCommon, SolSuperBlock], bytes]) -> None:
        self.kind = kind
        self.mode = mode
        self.content = content

    def __call__(self, sb: SolSuperBlock, common: PrCommon) -> PrNode:
        return SnapshotNode(sb, self.kind, common, self.mode, self.content)


def _psinfo_node(sb: SolSuperBlock, common: PrCommon) -> PrNode:
    return NameNode(sb, PrType.PSINFO, common, 0o644, _psinfo)


def _cwd_link(sb: SolSuperBlock, common: PrCommon) -> PrNode:
    return PlaceLink(sb, common, True)


def _root_link(sb: SolSuperBlock, common: PrCommon) -> PrNode:
    return PlaceLink(sb, common, False)


class FdDir(PrDir):
    """fd/: a name for each open file."""

    def __init__(self, sb: SolSuperBlock, common: PrCommon) -> None:
        super().__init__(sb, PrType.FDDIR, common, 0o500)

    def lookup(self, name: bytes) -> Inode:
        fd = number(name)
        group = self.about.live_process()
        self.allow()
        file = descriptors(group).get(fd)
        if file is None:
            raise ENOENT
        access = (0o444 if file.readable else 0) | (0o222 if file.writable else 0)
        return OpenedLink(self.sb, PrType.FD, self.about, file, access, fd)

    def readdir(self, position: int) -> Iterable[Dirent]:
        group = self.about.live_process()
        self.allow()
        for fd, file in descriptors(group).items():
            if fd + FIRST >= position:
                yield fd + FIRST, b"%d" % fd, self.sb.number(PrType.FD, self.about.slot), file.inode.dtype


class ObjectDir(PrDir):
    """object/: the mapped files, the program as a.out. Read-only."""

    def __init__(self, sb: SolSuperBlock, common: PrCommon) -> None:
        super().__init__(sb, PrType.OBJECTDIR, common, 0o500)

    def lookup(self, name: bytes) -> Inode:
        group = self.about.live_process()
        self.allow()
        for found, index, file in mapped_objects(group):
            if found == name:
                return OpenedLink(self.sb, PrType.OBJECT, self.about, file, 0o555, index)
        raise ENOENT

    def readdir(self, position: int) -> Iterable[Dirent]:
        group = self.about.live_process()
        self.allow()
        for name, index, file in mapped_objects(group):
            if index + FIRST >= position:
                yield index + FIRST, name, self.sb.number(PrType.OBJECT, self.about.slot), file.inode.dtype


class LwpDir(PrDir):
    """lwp/: the lwps, by slot; `agent` is another name of the agent."""

    def __init__(self, sb: SolSuperBlock, common: PrCommon) -> None:
        super().__init__(sb, PrType.LWPDIR, common, 0o555)

    def lookup(self, name: bytes) -> Inode:
        group = self.about.live_process()
        if name == b"agent":
            agent = group.tracing.agent if group.tracing is not None else None
            if agent is None:
                raise ENOENT
            return TableDir(self.sb, PrType.LWPIDDIR, lwp_common(self.sb, agent), 0o555, LWP_TABLE)
        wanted = number(name)
        for _, thread in group.lwps.walk():
            if pid_nr_ns(thread.pid, self.sb.ns) == wanted:
                return TableDir(self.sb, PrType.LWPIDDIR, lwp_common(self.sb, thread), 0o555, LWP_TABLE)
        raise ENOENT

    def readdir(self, position: int) -> Iterable[Dirent]:
        group = self.about.live_process()
        for slot, thread in group.lwps.walk(position - FIRST):
            ino = self.sb.number(PrType.LWPIDDIR, group.slot, slot)
            yield slot + FIRST, b"%d" % pid_nr_ns(thread.pid, self.sb.ns), ino, S_IFDIR >> 12


PROCESS_TABLE: dict[bytes, tuple[PrType, Make]] = {
    b"as": (PrType.AS, MemoryNode), b"ctl": (PrType.CTL, ControlNode),
    b"status": (PrType.STATUS, _snapshot(PrType.STATUS, 0o400, _status)),
    b"lstatus": (PrType.LSTATUS, _snapshot(PrType.LSTATUS, 0o400, _lstatus)),
    b"psinfo": (PrType.PSINFO, _psinfo_node),
    b"lpsinfo": (PrType.LPSINFO, _snapshot(PrType.LPSINFO, 0o444, _lpsinfo)),
    b"map": (PrType.MAP, _snapshot(PrType.MAP, 0o400, _map)),
    b"rmap": (PrType.RMAP, _snapshot(PrType.RMAP, 0o400, _rmap)),
    b"xmap": (PrType.XMAP, _snapshot(PrType.XMAP, 0o400, _xmap)),
    b"cred": (PrType.CRED, _snapshot(PrType.CRED, 0o400, _cred)),
    b"sigact": (PrType.SIGACT, _snapshot(PrType.SIGACT, 0o400, _sigact)),
    b"auxv": (PrType.AUXV, _snapshot(PrType.AUXV, 0o400, _auxv)),
    b"usage": (PrType.USAGE, _snapshot(PrType.USAGE, 0o444, _usage)),
    b"lusage": (PrType.LUSAGE, _snapshot(PrType.LUSAGE, 0o444, _lusage)),
    b"pagedata": (PrType.PAGEDATA, PageDataNode),
    b"watch": (PrType.WATCH, _snapshot(PrType.WATCH, 0o400, _watch)),
    b"cwd": (PrType.CWD, _cwd_link), b"root": (PrType.ROOT, _root_link),
    b"fd": (PrType.FDDIR, FdDir), b"object": (PrType.OBJECTDIR, ObjectDir), b"lwp": (PrType.LWPDIR, LwpDir),
}
LWP_TABLE: dict[bytes, tuple[PrType, Make]] = {
    b"lwpctl": (PrType.LWPCTL, ControlNode),
    b"lwpstatus": (PrType.LWPSTATUS, _snapshot(PrType.LWPSTATUS, 0o400, _lwpstatus)),
    b"lwpsinfo": (PrType.LWPSINFO, _snapshot(PrType.LWPSINFO, 0o444, _lwpsinfo)),
    b"lwpusage": (PrType.LWPUSAGE, _snapshot(PrType.LWPUSAGE, 0o444, _lwpusage)),
    b"xregs": (PrType.XREGS, _snapshot(PrType.XREGS, 0o400, _nothing)),
}
ZOMBIE_NAMES = (b"psinfo", b"usage")
ZOMBIE_LWP_NAMES = (b"lwpsinfo",)
_DIRECTORIES = (PrType.FDDIR, PrType.OBJECTDIR, PrType.LWPDIR)
_LINKS = (PrType.CWD, PrType.ROOT)


class TableDir(PrDir):
    """The directory of a process or an lwp. Of a zombie only the files stay that it can still fill."""

    def __init__(self, sb: SolSuperBlock, kind: PrType, common: PrCommon, mode: int,
                 table: dict[bytes, tuple[PrType, Make]]) -> None:
        super().__init__(sb, kind, common, mode)
        self.table = table

    def _names(self) -> tuple[bytes, ...]:
        about = self.about
        if about.thread is None:
            return ZOMBIE_NAMES if about.process().zombie else tuple(self.table)
        return tuple(self.table) if about.task().alive else ZOMBIE_LWP_NAMES

    def lookup(self, name: bytes) -> Inode:
        if name not in self._names():
            raise ENOENT
        return self.table[name][1](self.sb, self.about)

    def readdir(self, position: int) -> Iterable[Dirent]:
        names = self._names()
        for at, (name, (kind, _)) in enumerate(self.table.items(), FIRST):
            if at >= position and name in names:
                mode = S_IFDIR if kind in _DIRECTORIES else S_IFLNK if kind in _LINKS else S_IFREG
                yield at, name, self.sb.number(kind, self.about.slot, self.about.thread_slot), mode >> 12


class Root(PrDir):
    """The root: the processes by slot. `self` leads to the caller's and is never listed."""

    def __init__(self, sb: SolSuperBlock) -> None:
        super().__init__(sb, PrType.ROOTDIR, None, 0o555)

    def lookup(self, name: bytes) -> Inode:
        if name == b"self":
            current = self.sb.kernel.scheduler.current or self.sb.kernel.init
            if current is None or not pid_nr_ns(current.group.pid, self.sb.ns):
                raise ENOENT
            return self._directory(current.group)
        pid = self.sb.ns.find(number(name))
        leader = pid_task(pid, PidType.TGID)
        if leader is None:
            raise ENOENT
        return self._directory(leader.group)

    def _directory(self, group: ThreadGroup) -> TableDir:
        return TableDir(self.sb, PrType.PIDDIR, process_common(self.sb, group), 0o511, PROCESS_TABLE)

    def readdir(self, position: int) -> Iterable[Dirent]:
        for slot, group in self.sb.kernel.processes.walk(position - FIRST):
            shown = pid_nr_ns(group.pid, self.sb.ns)
            if shown:
                yield slot + FIRST, b"%d" % shown, self.sb.number(PrType.PIDDIR, slot), S_IFDIR >> 12

    def refresh(self) -> None:
        self.nlink = 2 + self.sb.kernel.processes.used


class SolProc(FileSystemType):
    """The processes as Solaris shows them: to be mounted at /system/proc."""

    name = "solproc"

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    def mount(self, source: bytes, options: MountOptions) -> SolSuperBlock:
        """A view of the caller's pid namespace. EINVAL: an option, of which there are none."""
        options.only()
        current = self.kernel.scheduler.current
        ns = current.pid.numbers[current.pid.level][1] if current is not None else self.kernel.root_ns
        sb = SolSuperBlock(self.kernel, ns)
        sb.set_root(Root(sb))
        return sb



