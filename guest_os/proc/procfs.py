"""procfs: the root directory and the tables of everything in it. fs/proc/root.c, base.c; proc(5)

The order of names is Linux's: in the root by length and then by bytes, then `self`, `thread-self`, then processes by
number; in a process the order of its table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi.errno import EACCES, EINVAL, ENOENT, EPERM
from rvsim.guest_os.abi.sched import (
    CLONE_NEWCGROUP,
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWTIME,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
)
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK
from rvsim.guest_os.proc import (
    lock_files,
    maps,
    memory_files,
    mount_files,
    status,
    sysctl,
    system_files,
    task_files,
    time_files,
)
from rvsim.guest_os.proc.fds import FdDir, TaskDir, number, pid_dir
from rvsim.guest_os.proc.maps import MemInode
from rvsim.guest_os.proc.net_files import NET, SYSVIPC
from rvsim.guest_os.proc.node import (
    Dir,
    Entry,
    Link,
    ProcSuperBlock,
    Seeks,
    Special,
    Subject,
    TableDir,
    Text,
    entry_type,
)
from rvsim.guest_os.task.access import may_access
from rvsim.guest_os.task.namespaces import for_children
from rvsim.guest_os.task.pid import Pid, PidType, pid_nr_ns, pid_task, task_active_pid_ns
from rvsim.guest_os.vfs.inode import Dirent, Inode
from rvsim.guest_os.vfs.mount import Path
from rvsim.guest_os.vfs.super_block import FileSystemType, MountOptions

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel

SELF_POSITION = 256
FIRST_PROCESS = 258
ROOT_INO = 1


def _place(path: Path | None) -> Path:
    if path is None:
        raise ENOENT
    return path


def cwd(subject: Subject) -> Path:
    """The working directory. fs/proc/base.c:proc_cwd_link"""
    return _place(subject.task.fs.cwd if subject.task.fs_shared is not None else None)


def root(subject: Subject) -> Path:
    """The root directory. fs/proc/base.c:proc_root_link"""
    return _place(subject.task.fs.root if subject.task.fs_shared is not None else None)


def exe(subject: Subject) -> Path:
    """The program's file. fs/proc/base.c:proc_exe_link"""
    mm = subject.task.mm
    if mm is None or mm.exe is None:
        raise ENOENT
    place: Path = mm.exe.path  # type: ignore[attr-defined]
    return place


class _Shown:
    """The text of a link to a place, as seen from the reader's root."""

    __slots__ = ("place",)

    def __init__(self, place: object) -> None:
        self.place = place

    def __call__(self, subject: Subject) -> bytes:
        reader = subject.reader
        found: Path = self.place(subject)  # type: ignore[operator]
        return found.display(reader.fs.root if reader is not None else None)


class _Namespace:
    """A link in ns/: where the namespace stands as a file. All of a kind are one, but for pid."""

    __slots__ = ("inum", "kind", "name")

    def __init__(self, name: bytes, kind: int, inum: int) -> None:
        self.name = name
        self.kind = kind
        self.inum = inum

    def __call__(self, subject: Subject) -> Path:
        task = subject.task
        if not may_access(subject.reader, task):
            raise EACCES
        name = self.name.removesuffix(b"_for_children")
        space = None
        inum = self.inum
        if self.name not in (b"pid", b"user") and not task.alive:
            raise ENOENT
        if name == b"pid":
            space = for_children(task) if self.name != name else task_active_pid_ns(task)
            if space.child_reaper is None:
                raise ENOENT
            inum = space.inum
        place: Path = subject.kernel.namespaces.place(name, self.kind, inum, space)
        return place


class _NamespaceText(_Namespace):
    """Its text, `pid:[4026531836]`."""

    __slots__ = ()

    def __call__(self, subject: Subject) -> Any:
        return super().__call__(subject).display()


_KINDS = (
    (b"net", CLONE_NEWNET, 4026531840), (b"uts", CLONE_NEWUTS, 4026531838), (b"ipc", CLONE_NEWIPC, 4026531839),
    (b"pid", CLONE_NEWPID, 0), (b"pid_for_children", CLONE_NEWPID, 0), (b"user", CLONE_NEWUSER, 4026531837),
    (b"mnt", CLONE_NEWNS, 4026531841), (b"cgroup", CLONE_NEWCGROUP, 4026531835),
    (b"time", CLONE_NEWTIME, 4026531834), (b"time_for_children", CLONE_NEWTIME, 4026531834),
)
_NS = {name: Link(_Namespace(name, kind, inum), _NamespaceText(name, kind, inum)) for name, kind, inum in _KINDS}


def _fd_dir(sb: ProcSuperBlock, pid: Pid | None) -> Inode:
    return FdDir(sb, pid, True)


def _fdinfo_dir(sb: ProcSuperBlock, pid: Pid | None) -> Inode:
    return FdDir(sb, pid, False)


def _map_files_dir(sb: ProcSuperBlock, pid: Pid | None) -> Inode:
    return memory_files.MapFilesDir(sb, pid)


class NetDir(TableDir):
    """net/ of a process; who has no network any more has no names in it. fs/proc/proc_net.c"""

    __slots__ = ()

    def readdir(self, position: int) -> Iterable[Dirent]:
        task = pid_task(self.pid, self.kind)
        if task is None or not task.alive:
            raise EINVAL
        return super().readdir(position)

    def lookup(self, name: bytes) -> Inode:
        task = pid_task(self.pid, self.kind)
        if task is None or not task.alive:
            raise ENOENT
        return super().lookup(name)


def _net_dir(sb: ProcSuperBlock, pid: Pid | None) -> Inode:
    return NetDir(sb, 0o555, pid, NET)


def _set_map(subject: Subject, data: bytes) -> int:
    """The ids of the only user namespace are mapped, once for all. Raises EPERM. kernel/user_namespace.c:map_write"""
    raise EPERM


def _set_login(subject: Subject, data: bytes) -> int:
    """Nobody logs in here. Raises EPERM: another's. EINVAL. fs/proc/base.c:proc_loginuid_write"""
    raise EPERM if subject.reader is not subject.task else EINVAL


def _task_dir(sb: ProcSuperBlock, pid: Pid | None) -> Inode:
    return TaskDir(sb, pid, THREAD_DIR)


class _Const:
    """A per-process file that always says the same."""

    __slots__ = ("text",)

    def __init__(self, text: bytes) -> None:
        self.text = text

    def __call__(self, subject: Subject) -> bytes:
        return self.text


_FULL_MAP = b"         0          0 4294967295\n"
_COMMON: dict[bytes, Entry] = {
    b"fd": Special(_fd_dir, S_IFDIR),
    b"map_files": Special(_map_files_dir, S_IFDIR),
    b"fdinfo": Special(_fdinfo_dir, S_IFDIR),
    b"ns": Dir(_NS, 0o511),
    b"net": Special(_net_dir, S_IFDIR),
    b"environ": Text(status.environ, 0o400, guarded=True, bound=True, survives=True, living=True, seeks=Seeks.PLAIN),
    b"auxv": Text(status.auxv, 0o400, guarded=True, bound=True, survives=True, living=True, seeks=Seeks.PLAIN),
    b"status": Text(status.status),
    b"personality": Text(status.personality, 0o400, guarded=True),
    b"limits": Text(status.limits),
    b"sched": Text(task_files.sched, 0o644),
    b"comm": Text(status.comm, 0o644, status.set_comm),
    b"syscall": Text(status.syscall, 0o400, guarded=True),
    b"cmdline": Text(status.cmdline, seeks=Seeks.PLAIN),
    b"stat": Text(status.stat),
    b"statm": Text(status.statm),
    b"maps": Text(maps.maps, guarded=True, bound=True, opened=maps.MapsFile),
    b"children": Text(status.children),
    b"mem": Special(MemInode),
    b"cwd": Link(cwd, _Shown(cwd)),
    b"root": Link(root, _Shown(root)),
    b"exe": Link(exe, _Shown(exe)),
    b"mounts": Special(mount_files.mounts_inode),
    b"mountinfo": Special(mount_files.mountinfo_inode),
    b"mountstats": Special(mount_files.mountstats_inode),
    b"clear_refs": Text(memory_files.unreadable, 0o200, memory_files.set_clear_refs, survives=True, seeks=Seeks.NEVER),
    b"smaps": Text(maps.smaps, guarded=True, bound=True, opened=maps.SmapsFile),
    b"smaps_rollup": Text(maps.smaps_rollup, guarded=True, bound=True, living=True),
    b"pagemap": Special(memory_files.PagemapInode),
    b"wchan": Text(status.wchan),
    b"stack": Text(task_files.stack, 0o400),
    b"schedstat": Text(status.schedstat),
    b"cgroup": Text(_Const(b"0::/\n")),
    b"oom_score": Text(status.oom_score),
    b"oom_adj": Text(task_files.oom_adj, 0o644, task_files.set_oom_adj, seeks=Seeks.PLAIN),
    b"oom_score_adj": Text(status.oom_score_adj, 0o644, status.set_oom_score_adj, seeks=Seeks.PLAIN),
    b"loginuid": Text(_Const(b"4294967295"), 0o644, _set_login, seeks=Seeks.PLAIN),
    b"sessionid": Text(_Const(b"4294967295"), seeks=Seeks.PLAIN),
    b"coredump_filter": Text(task_files.coredump_filter, 0o644, task_files.set_coredump_filter, seeks=Seeks.PLAIN),
    b"io": Text(status.io, 0o400, guarded=True),
    b"uid_map": Text(_Const(_FULL_MAP), 0o644, _set_map, survives=True),
    b"gid_map": Text(_Const(_FULL_MAP), 0o644, _set_map, survives=True),
    b"projid_map": Text(_Const(_FULL_MAP), 0o644, _set_map, survives=True),
    b"setgroups": Text(_Const(b"allow\n"), 0o644, survives=True),
    b"timers": Text(task_files.timers),
    b"timerslack_ns": Text(status.timerslack, 0o666, task_files.set_timerslack),
}
_ONLY_PROCESS = (b"map_files", b"mountstats", b"coredump_filter", b"timers", b"timerslack_ns")
PID_DIR: dict[bytes, Entry] = {b"task": Special(_task_dir, S_IFDIR)} | {
    name: entry for name, entry in _COMMON.items() if name != b"children"}
"""A process's directory, in Linux's order. fs/proc/base.c:tgid_base_stuff"""

THREAD_DIR: dict[bytes, Entry] = {name: entry for name, entry in _COMMON.items() if name not in _ONLY_PROCESS} | {
    b"stat": Text(status.thread_stat), b"io": Text(status.thread_io, 0o400, guarded=True)}
"""A thread's. fs/proc/base.c:tid_base_stuff"""


class _MountsLink:
    """/proc/mounts and /proc/net: links into the reader's own directory."""

    __slots__ = ("text",)

    def __init__(self, text: bytes) -> None:
        self.text = text

    def __call__(self, kernel: Kernel) -> bytes:
        return self.text


_STATIC: dict[bytes, Entry] = {
    b"cmdline": Text(system_files.Fixed(b"rvsim\n")), b"cpuinfo": Text(system_files.cpuinfo),
    b"devices": Text(system_files.devices), b"diskstats": Text(system_files.Fixed(b"")),
    b"filesystems": Text(system_files.filesystems), b"loadavg": Text(time_files.loadavg),
    b"interrupts": Text(time_files.interrupts), b"softirqs": Text(time_files.softirqs),
    b"locks": Text(lock_files.locks), b"modules": Text(system_files.Fixed(b"")),
    b"meminfo": Text(system_files.meminfo), b"mounts": Link(_MountsLink(b"self/mounts")),
    b"net": Link(_MountsLink(b"self/net")),
    b"sysvipc": Dir(SYSVIPC),
    b"partitions": Text(system_files.Fixed(b"major minor  #blocks  name\n\n")), b"stat": Text(time_files.stat),
    b"swaps": Text(system_files.Fixed(b"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"),
                   opened=system_files.SwapsFile),
    b"sys": Dir(sysctl.SYS, strict=True), b"uptime": Text(time_files.uptime), b"version": Text(system_files.version),
    b"vmstat": Text(system_files.vmstat),
    b"tty": Dir({b"drivers": Text(system_files.Fixed(
        b"/dev/tty             /dev/tty        5       0 system:/dev/tty\n"
        b"/dev/console         /dev/console    5       1 system:console\n"
        b"/dev/ptmx            /dev/ptmx       5       2 system\n"
        b"pty_slave            /dev/pts      136 0-1048575 pty:slave\n"))}),
}
ROOT_TABLE: dict[bytes, Entry] = dict(sorted(_STATIC.items(), key=lambda item: (len(item[0]), item[0])))


class _SelfLink:
    """`self` and `thread-self`: the reader, by its number in the mount's namespace."""

    __slots__ = ("sb", "thread")

    def __init__(self, sb: ProcSuperBlock, thread: bool) -> None:
        self.sb = sb
        self.thread = thread

    def __call__(self, kernel: Kernel) -> bytes:
        reader = kernel.scheduler.current or kernel.init
        tgid = pid_nr_ns(reader.group.pid, self.sb.ns) if reader is not None else 0
        if reader is None or not tgid:
            raise ENOENT
        return b"%d/task/%d" % (tgid, pid_nr_ns(reader.pid, self.sb.ns)) if self.thread else b"%d" % tgid


class ProcRoot(TableDir):
    """The root. Processes are read from the live table at each call; nothing is cached."""

    def __init__(self, sb: ProcSuperBlock) -> None:
        table = ROOT_TABLE | {b"self": Link(_SelfLink(sb, False)), b"thread-self": Link(_SelfLink(sb, True))}
        super().__init__(sb, 0o555, None, table)
        self.ino = ROOT_INO

    def lookup(self, name: bytes) -> Inode:
        if name in self.entry:
            return super().lookup(name)
        nr = number(name)
        pid = self.sb.ns.find(nr)
        task = pid_task(pid, PidType.PID)
        if pid is None or task is None:
            raise ENOENT
        is_leader = pid_task(pid, PidType.TGID) is not None
        return pid_dir(self.sb, pid, PID_DIR, PidType.TGID if is_leader else PidType.PID)

    def readdir(self, position: int) -> Iterable[Dirent]:
        for at, (name, entry) in enumerate(ROOT_TABLE.items()):
            if at + 2 >= position:
                yield at + 2, name, self.lookup(name).ino, entry_type(entry)
        for at, name in ((SELF_POSITION, b"self"), (SELF_POSITION + 1, b"thread-self")):
            if at >= position:
                yield at, name, self.lookup(name).ino, S_IFLNK >> 12
        ns = self.sb.ns
        for nr in ns.from_number(max(position - FIRST_PROCESS, 0)):
            pid = ns.find(nr)
            if pid is not None and pid.tasks[PidType.TGID]:
                yield nr + FIRST_PROCESS, b"%d" % nr, pid_dir(self.sb, pid, PID_DIR, PidType.TGID).ino, S_IFDIR >> 12

    def refresh(self) -> None:
        self.nlink = 2 + len(self.sb.ns)


class ProcFs(FileSystemType):
    """The processes as files. Options hidepid, gid and subset are accepted as far as they mean `everything`."""

    name = "proc"

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    def mount(self, source: bytes, options: MountOptions) -> ProcSuperBlock:
        """A view of the caller's pid namespace. EINVAL: an option that would hide something."""
        if options.number("hidepid", 0):
            raise EINVAL
        current = self.kernel.scheduler.current
        ns = current.pid.numbers[current.pid.level][1] if current is not None else self.kernel.root_ns
        sb = ProcSuperBlock(self.kernel, ns)
        sb.set_root(ProcRoot(sb))
        return sb
