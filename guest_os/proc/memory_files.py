"""pagemap, clear_refs and map_files/. fs/proc/task_mmu.c, base.c"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.capability import CAP_SYS_ADMIN
from rvsim.guest_os.abi.errno import EACCES, EBADF, EINVAL, ENOENT, ESRCH
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFREG
from rvsim.guest_os.mm.layout import PAGE_SIZE, TASK_SIZE
from rvsim.guest_os.mm.pte import PTE_A, PTE_D, PTE_FILE
from rvsim.guest_os.proc.maps import seek_address
from rvsim.guest_os.proc.node import ProcInode, ProcSuperBlock, Subject
from rvsim.guest_os.task.access import may_access
from rvsim.guest_os.task.pid import Pid, PidType, pid_task
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.inode import Dirent, Inode

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.mm.vma import Vma
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.mount import Path

PRESENT, FILE_PAGE, EXCLUSIVE, SOFT_DIRTY = 1 << 63, 1 << 61, 1 << 56, 1 << 55
"""Documentation/admin-guide/mm/pagemap.rst"""

PFN_MASK = (1 << 55) - 1
READ_PAGES = 65_536
"""Entries that one read gives at most."""


class PagemapInode(ProcInode):
    """pagemap: eight bytes for each page of the address space."""

    def __init__(self, sb: ProcSuperBlock, pid: Pid | None) -> None:
        super().__init__(sb, S_IFREG | 0o400, pid)

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        task = self.task()
        if not may_access(self.sb.kernel.scheduler.current, task):
            raise EACCES
        if task.mm is None:
            raise ESRCH
        return PagemapFile(self, path, flags, cred, task.mm)


class PagemapFile(File):
    """The entries of the address space that the process had at open."""

    __slots__ = ("mm",)

    seekable = True

    def __init__(self, inode: PagemapInode, path: Path, flags: int, cred: Credentials, mm: AddressSpace | None) -> None:
        super().__init__(inode, path, flags, cred)
        self.mm = mm

    def pread(self, size: int, offset: int) -> bytes:
        if not self.readable:
            raise EBADF
        if offset % 8 or size % 8:
            raise EINVAL
        mm = self.mm
        first = offset // 8
        count = min(size // 8, READ_PAGES, TASK_SIZE // PAGE_SIZE - first)
        if mm is None or mm.users == 0 or count <= 0:
            return b""
        entries = [0] * count
        shows_frames = self.cred.cap_effective >> CAP_SYS_ADMIN & 1
        start = first * PAGE_SIZE
        for address, pte in mm.table.entries(start, start + count * PAGE_SIZE):
            ppn = pte >> 10 & 0xFFF_FFFF_FFFF
            alone = mm.memory.frames.count(ppn) == 1
            entries[address // PAGE_SIZE - first] = (
                PRESENT | SOFT_DIRTY | (FILE_PAGE if pte & PTE_FILE else 0) | (EXCLUSIVE if alone else 0)
                | (ppn & PFN_MASK if shows_frames else 0))
        return struct.pack(f"<{count}Q", *entries)

    def read(self, size: int) -> bytes:
        data = self.pread(size, self.offset)
        self.offset += len(data)
        return data

    def seek(self, offset: int, whence: int) -> int:
        self.offset = seek_address(self.offset, offset, whence)
        return self.offset


def unreadable(subject: Subject) -> bytes:
    """What is only written. Raises EINVAL. fs/read_write.c:vfs_read"""
    raise EINVAL


def set_clear_refs(subject: Subject, data: bytes) -> int:
    """Clear marks: 1 referenced, 2 of anonymous pages, 3 of file pages, 4 soft-dirty, 5 the high-water mark.

    Raises:
        EINVAL: another number.
    """
    text = data.strip()
    if text not in (b"1", b"2", b"3", b"4", b"5"):
        raise EINVAL
    mm = subject.task.mm
    if mm is None:
        return len(data)
    if text == b"5":
        mm.hiwater_rss = mm.rss_pages
        return len(data)
    for area in mm.areas:
        if (text == b"2" and area.file is not None) or (text == b"3" and area.file is None):
            continue
        mm.table.age(area.start, area.end, PTE_D if text == b"4" else PTE_A)
    return len(data)


def _name(area: Vma) -> bytes:
    return b"%x-%x" % (area.start, area.end)


class MapFilesDir(ProcInode):
    """map_files/: a link to the file behind each area that has one, named by its bounds."""

    volatile = True

    def __init__(self, sb: ProcSuperBlock, pid: Pid | None) -> None:
        super().__init__(sb, S_IFDIR | 0o500, pid)

    def _areas(self) -> list[Vma]:
        task: Task | None = pid_task(self.pid, self.kind)
        if task is None:
            raise ENOENT
        if not may_access(self.sb.kernel.scheduler.current, task):
            raise EACCES
        return [area for area in task.mm.areas if area.file is not None] if task.mm is not None else []

    def lookup(self, name: bytes) -> Inode:
        for area in self._areas():
            if _name(area) == name:
                return MapFileLink(self.sb, self.pid, self.kind, area)
        raise ENOENT

    def readdir(self, position: int) -> Iterable[Dirent]:
        for area in self._areas():
            at = area.start // PAGE_SIZE + 2
            if at >= position:
                yield at, _name(area), self.sb.new_ino(), S_IFLNK >> 12


class MapFileLink(ProcInode):
    """The file behind one area."""

    __slots__ = ("area",)

    def __init__(self, sb: ProcSuperBlock, pid: Pid | None, kind: PidType, area: Vma) -> None:
        super().__init__(sb, S_IFLNK | 0o500 | (0o200 if area.shared else 0), pid, kind)
        self.area = area
        self.size = 64

    def readlink(self) -> bytes:
        return self._place().display()

    def follow(self) -> bytes | Path:
        return self._place()

    def _place(self) -> Path:
        task = pid_task(self.pid, self.kind)
        mm = task.mm if task is not None else None
        area = mm.areas.find(self.area.start) if mm is not None else None
        if area is None or area.file is None or (area.start, area.end) != (self.area.start, self.area.end):
            raise ENOENT
        place: Path = area.file.path  # type: ignore[attr-defined]
        return place
