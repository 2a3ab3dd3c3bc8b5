"""Open files of solproc: snapshots that are made at each read, the memory, and who holds what open.

illumos: fs/proc/prvnops.c
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from rvsim.guest_os.abi.errno import EACCES, EAGAIN, EBADF, EBUSY, EFAULT, EINVAL, EIO, ENOENT
from rvsim.guest_os.abi.fcntl import MAX_FILE_BYTES, O_EXCL, SEEK_CUR, SEEK_SET
from rvsim.guest_os.abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM
from rvsim.guest_os.abi.signals import SI_KERNEL, SIGKILL
from rvsim.guest_os.abi.solproc import Flag
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.proc.solproc.maps import space_of
from rvsim.guest_os.proc.solproc.prnode import PrFileNode, PrType, SolSuperBlock
from rvsim.guest_os.proc.solproc.views import representative
from rvsim.guest_os.task import tracing
from rvsim.guest_os.task.pid import PidType, pid_task
from rvsim.guest_os.task.signal import SigInfo, send_signal
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.permission import check_mode
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.proc.solproc.prnode import PrCommon
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.mount import Path

ALWAYS_VALID = frozenset((PrType.PSINFO, PrType.LPSINFO, PrType.USAGE, PrType.LUSAGE, PrType.LWPSINFO, PrType.LWPUSAGE))
"""Files that tell no secrets: exec of a set-id program leaves them open."""

FOR_ZOMBIES = frozenset((PrType.PSINFO, PrType.USAGE))

Content = Callable[["PrCommon", SolSuperBlock], bytes]


class SnapshotNode(PrFileNode):
    """A file whose bytes `content` makes."""

    __slots__ = ("content",)

    def __init__(self, sb: SolSuperBlock, kind: PrType, common: PrCommon, mode: int, content: Content) -> None:
        super().__init__(sb, kind, common, mode)
        self.content = content

    def refresh(self) -> None:
        super().refresh()
        try:
            self.size = len(self.content(self.about, self.sb))
        except ENOENT:
            self.size = 0

    def permission(self, cred: Credentials, mask: int) -> None:
        super().refresh()                   # the size, which takes the whole content, is for stat
        check_mode(self, cred, mask)

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        if self.kind in FOR_ZOMBIES:
            self.about.process()
        elif self.kind is PrType.LWPSINFO:
            self.about.task()
        else:
            self.about.live_process()
        if not self.mode & 0o044:
            self.allow()
        return SnapshotFile(self, path, flags, cred)


class PrFile(File):
    """An open file of a process: it ends with the process, and with a program that must not be looked into."""

    __slots__ = ("epoch", "own")

    seekable = True
    inode: PrFileNode

    def __init__(self, inode: PrFileNode, path: Path, flags: int, cred: Credentials) -> None:
        super().__init__(inode, path, flags, cred)
        group = inode.about.process()
        current = inode.sb.kernel.scheduler.current
        self.epoch = group.secret_execs
        self.own = current is not None and current.group is group

    def check(self) -> None:
        """Still the process that was opened? Raises ENOENT: it is gone. EAGAIN: it runs what must not be seen."""
        group = self.inode.about.process()
        if group.secret_execs != self.epoch and self.inode.kind not in ALWAYS_VALID:
            raise EAGAIN

    def seek(self, offset: int, whence: int) -> int:
        target = offset + self.offset if whence == SEEK_CUR else offset
        if whence not in (SEEK_SET, SEEK_CUR) or not 0 <= target <= MAX_FILE_BYTES:
            raise EINVAL
        self.offset = target
        return target

    def read(self, size: int) -> bytes:
        data = self.pread(size, self.offset)
        self.offset += len(data)
        return data

    def write(self, data: bytes) -> int:
        done = self.pwrite(data, self.offset)
        self.offset += done
        return done

    def truncate(self, size: int) -> None:
        if not self.writable:
            raise EINVAL

    def poll(self) -> int:
        """PRI, OUT: stopped on an event of interest. HUP: the process has ended. ERR: it may not be seen now."""
        about = self.inode.about
        leader = pid_task(about.pid, PidType.TGID)
        if leader is None or leader.group.zombie:
            return POLLHUP
        if leader.group.secret_execs != self.epoch and self.inode.kind not in ALWAYS_VALID:
            return POLLERR
        task = representative(leader.group) if about.thread is None else pid_task(about.thread, PidType.PID)
        if task is None or not task.alive:
            return POLLHUP
        events = POLLIN | POLLRDNORM
        return events | (POLLPRI | POLLOUT | POLLWRNORM if tracing.has_event_stop(task) else 0)

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        leader = pid_task(self.inode.about.pid, PidType.TGID)
        return (tracing.tracing_of(leader.group).stopped,) if leader is not None else ()


class SnapshotFile(PrFile):
    """Made anew at each read: what is read at once belongs together."""

    __slots__ = ()

    inode: SnapshotNode

    def pread(self, size: int, offset: int) -> bytes:
        if not self.readable:
            raise EBADF
        if offset < 0:
            raise EINVAL
        self.check()
        return self.inode.content(self.inode.about, self.inode.sb)[offset:offset + size]

    def pwrite(self, data: bytes, offset: int) -> int:
        raise EBADF


class WriterNode(PrFileNode):
    """as, ctl and lwpctl: opening one for writing makes the caller one who controls the process."""

    __slots__ = ()

    knows_exclusive = True
    file_class: ClassVar[type[WriterFile]]
    """What an open file of this kind is."""

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        group = self.about.live_process()
        if self.about.thread is not None:
            self.about.live_task()
        self.allow()
        file = self.file_class(self, path, flags & ~O_EXCL, cred)
        if file.writable and not file.own:
            trace = tracing.tracing_of(group)
            if flags & O_EXCL and trace.writers > trace.void_writers:
                file.release_only()
                raise EBUSY
            trace.writers += 1
            file.counted = True
        return file


class WriterFile(PrFile):
    """A file that may control the process. The last one to close ends the control as the modes say."""

    __slots__ = ("counted",)

    inode: WriterNode

    def __init__(self, inode: WriterNode, path: Path, flags: int, cred: Credentials) -> None:
        super().__init__(inode, path, flags, cred)
        self.counted = False

    def closes_on_exec(self) -> bool:
        """What a process opens to control itself does not outlive its program."""
        return self.own and self.writable

    def release_only(self) -> None:
        """Close without having controlled anything."""
        super().release()

    def release(self) -> None:
        leader = pid_task(self.inode.about.pid, PidType.TGID)
        if self.counted and leader is not None:
            group = leader.group
            trace = tracing.tracing_of(group)
            trace.writers -= 1
            trace.void_writers -= self.epoch != group.secret_execs
            if not trace.writers and not group.zombie and trace.agent is None and trace.modes & (Flag.KLC | Flag.RLC):
                if trace.modes & Flag.KLC:
                    send_signal(leader, SigInfo(SIGKILL, SI_KERNEL), True)
                else:
                    tracing.drop(group)
                trace.modes &= ~(Flag.RLC | Flag.KLC)       # they are for one time. fs/proc/prvnops.c:prclose
        super().release()


class MemoryFile(WriterFile):
    """The offset is the address. A read where nothing is mapped gives nothing, a write EIO."""

    __slots__ = ()

    def _space(self) -> AddressSpace | None:
        self.check()
        return space_of(self.inode.about.live_process())

    def pread(self, size: int, offset: int) -> bytes:
        if not self.readable:
            raise EBADF
        mm = self._space()
        try:
            return user_memory.force_read(mm, offset, size, False) if mm is not None else b""
        except (EFAULT, OutOfMemory):
            raise EIO from None

    def pwrite(self, data: bytes, offset: int) -> int:
        if not self.writable:
            raise EBADF
        mm = self._space()
        done = user_memory.force_write(mm, offset, data, False) if mm is not None and data else 0
        if data and not done:
            raise EIO
        return done

    def seek(self, offset: int, whence: int) -> int:
        if whence not in (SEEK_SET, SEEK_CUR):
            raise EINVAL
        self.offset = (offset + (self.offset if whence == SEEK_CUR else 0)) & (1 << 64) - 1
        return self.offset


class MemoryNode(WriterNode):
    """as: the memory of the process."""

    __slots__ = ()

    file_class = MemoryFile

    def __init__(self, sb: SolSuperBlock, common: PrCommon) -> None:
        super().__init__(sb, PrType.AS, common, 0o600)

    def refresh(self) -> None:
        super().refresh()
        leader = pid_task(self.about.pid, PidType.TGID)
        mm = space_of(leader.group) if leader is not None else None
        self.size = sum(area.end - area.start for area in mm.areas) if mm is not None else 0


class NameNode(SnapshotNode):
    """psinfo: its owner may write a new name or argument line, nothing else."""

    __slots__ = ()

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        self.about.process()
        if flags & 3:
            self.allow()
        return NameFile(self, path, flags, cred)


class NameFile(SnapshotFile):
    """What is written replaces exactly pr_fname or exactly pr_psargs; of anything else, no byte is taken."""

    __slots__ = ()

    def pwrite(self, data: bytes, offset: int) -> int:
        if not self.writable:
            raise EBADF
        self.check()
        group = self.inode.about.live_process()
        place = NAME_PLACES.get((offset, len(data)))
        if place is None:
            return 0
        text = data.split(b"\0", 1)[0]
        if place == "pr_fname":
            group.leader.comm = text[:15]
        else:
            group.shown_arguments = text[:79]
        return len(data)


def _places() -> dict[tuple[int, int], str]:
    from rvsim.guest_os.abi.solproc import PSINFO

    sizes = {field.name: field.size for field in PSINFO.fields}
    return {(PSINFO.offsets[name], sizes[name]): name for name in ("pr_fname", "pr_psargs")}


NAME_PLACES = _places()


class CannotOpen(PrFileNode):
    """A file that stands for what cannot be opened through it. Raises EACCES."""

    __slots__ = ()

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        raise EACCES
