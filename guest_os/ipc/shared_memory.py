"""System V shared memory. ipc/shm.c

A segment is a file in memory that no name leads to, mapped shared through the page cache. Its open file counts the
areas that show it: each maps, forks, splits and unmaps like any area of a file. A segment that was removed goes when
the last of them does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EINVAL, ENOMEM, ENOSPC
from rvsim.guest_os.abi.fcntl import O_RDWR
from rvsim.guest_os.abi.ipc import SHM_DEST, SHM_INFO_DATA, SHMALL, SHMID_DS, SHMINFO, SHMMAX, SHMMNI
from rvsim.guest_os.abi.stat import S_IFREG
from rvsim.guest_os.fs.mem_file import MemFile
from rvsim.guest_os.fs.tmpfs import MemSuperBlock
from rvsim.guest_os.ipc.ids import IpcIds, IpcObject
from rvsim.guest_os.mm.layout import PAGE_SIZE, page_up
from rvsim.guest_os.mm.page_cache import PageCache
from rvsim.guest_os.task.pid import Pid, pid_nr_ns
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.mount import Mount, MountTable, Path

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.vfs.credentials import Credentials

NS = 1_000_000_000


class ShmFs(MemSuperBlock):
    """Where the files of segments live; never mounted in the tree. ipc/shm.c: the kernel's own mount of tmpfs"""

    __slots__ = ()

    pseudo = True


class Segment(IpcObject):
    """A segment of `size` bytes. include/linux/shm.h; `file` holds it, and once more for each area that shows it."""

    def __init__(self, shm: SharedMemory, key: int, size: int, mode: int, task: Task) -> None:
        super().__init__(key, mode & 0o777, task.cred)
        self.shm = shm
        self.size = size
        self.pages = page_up(size) // PAGE_SIZE
        self.creator: Pid = task.group.pid
        self.last: Pid | None = None
        self.atime_ns = self.dtime_ns = 0
        self.ctime_ns = shm.kernel.clock.realtime_ns()
        self.file: SegmentFile

    @property
    def attached(self) -> int:
        """How many areas show it."""
        return self.file.count - 1

    @property
    def cache(self) -> PageCache:
        """Its pages."""
        return self.shm.kernel.memory.cache_of(self.file.inode)

    def pack(self, task: Task) -> bytes:
        """The struct shmid64_ds, with process numbers as `task` sees them."""
        ns = task.pid.numbers[task.pid.level][1]
        return SHMID_DS.pack(
            self.pack_perm(), self.size, self.atime_ns // NS, self.dtime_ns // NS, self.ctime_ns // NS,
            pid_nr_ns(self.creator, ns), pid_nr_ns(self.last, ns) if self.last is not None else 0, self.attached, 0, 0)


class SegmentFile(File):
    """A segment's open file: what its areas hold."""

    __slots__ = ("segment",)

    seekable = True

    def __init__(self, path: Path, cred: Credentials, segment: Segment) -> None:
        super().__init__(path.inode, path, O_RDWR, cred)
        self.segment = segment

    def get(self) -> File:
        """One more area shows it. ipc/shm.c:shm_open"""
        self.segment.shm.used(self.segment, True)
        return super().get()

    def put(self) -> None:
        """One area less; the last one ends a segment that was removed. ipc/shm.c:shm_close"""
        segment = self.segment
        if not segment.deleted:
            segment.shm.used(segment, False)
        super().put()
        if not segment.deleted and segment.mode & SHM_DEST and not segment.attached:
            segment.shm.destroy(segment)


class SharedMemory:
    """The segments of a machine. `pages`: what all of them may come to hold."""

    def __init__(self, kernel: Kernel, table: MountTable) -> None:
        self.kernel = kernel
        self.ids: IpcIds[Segment] = IpcIds(SHMMNI)
        self.sb = ShmFs("tmpfs", kernel.clock)
        self.mount: Mount = table.make(self.sb)
        self.pages = 0

    def used(self, segment: Segment, attached: bool) -> None:
        """Note who attached or detached a segment, and when."""
        now = self.kernel.clock.realtime_ns()
        if attached:
            segment.atime_ns = now
        else:
            segment.dtime_ns = now
        task = self.kernel.scheduler.current
        if task is not None:
            segment.last = task.group.pid

    def make(self, key: int, size: int, mode: int, task: Task) -> Segment:
        """A new segment. ipc/shm.c:newseg

        Raises:
            EINVAL: an empty one. ENOSPC: too many. ENOMEM: together they are larger than the machine's memory.
        """
        if not 1 <= size <= SHMMAX:
            raise EINVAL
        pages = page_up(size) // PAGE_SIZE
        if len(self.ids) >= SHMMNI:
            raise ENOSPC
        if self.pages + pages > self.kernel.memory.frames.total:
            raise ENOMEM
        segment = Segment(self, key, size, mode, task)
        cred = task.cred
        inode = MemFile(self.sb, S_IFREG | mode & 0o777, cred.euid, cred.egid)
        inode.nlink = 0
        inode.size = pages * PAGE_SIZE
        dentry = Dentry(b"/SYSV%08x" % (key & 0xFFFF_FFFF), None, inode)
        dentry.deleted = True
        segment.file = SegmentFile(Path(self.mount, dentry), cred, segment)
        inode.ino = self.ids.add(segment)
        self.pages += pages
        return segment

    def remove(self, segment: Segment) -> None:
        """IPC_RMID: nobody finds it by its key; it goes when nothing shows it any more. ipc/shm.c:do_shm_rmid"""
        if segment.attached:
            segment.mode |= SHM_DEST
            self.ids.hide(segment)
        else:
            self.destroy(segment)

    def destroy(self, segment: Segment) -> None:
        """Give everything of a segment back. ipc/shm.c:shm_destroy"""
        self.ids.remove(segment)
        self.pages -= segment.pages
        inode = segment.file.inode
        cache = inode.mapping
        inode.size = 0
        if isinstance(cache, PageCache):
            self.kernel.memory.forget(cache)
        segment.file.put()

    def limits(self) -> bytes:
        """The struct shminfo64."""
        return SHMINFO.pack(SHMMAX, 1, SHMMNI, SHMMNI, SHMALL, 0, 0, 0, 0)

    def usage(self) -> bytes:
        """The struct shm_info."""
        resident = sum(len(segment.cache.pages) for segment in self.ids)
        return SHM_INFO_DATA.pack(len(self.ids), self.pages, resident, 0, 0, 0)

    def listing(self, task: Task) -> bytes:
        """/proc/sysvipc/shm. ipc/shm.c:sysvipc_shm_proc_show"""
        ns = task.pid.numbers[task.pid.level][1]
        lines = [b"       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid"
                 b"      atime      dtime      ctime                   rss                  swap\n"]
        for one in self.ids:
            last = pid_nr_ns(one.last, ns) if one.last is not None else 0
            lines.append(b"%10d %10d  %4o %21d %5d %5d  %5d %5d %5d %5d %5d %10d %10d %10d %21d %21d\n" % (
                one.key, one.id, one.mode, one.size, pid_nr_ns(one.creator, ns), last, one.attached, one.uid, one.gid,
                one.cuid, one.cgid, one.atime_ns // NS, one.dtime_ns // NS, one.ctime_ns // NS,
                len(one.cache.pages) * PAGE_SIZE, 0))
        return b"".join(lines)

    def clear(self) -> None:
        """The machine ends."""
        for segment in self.ids:
            self.destroy(segment)
