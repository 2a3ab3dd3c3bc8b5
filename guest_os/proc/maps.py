"""maps, smaps, mem. fs/proc/task_mmu.c, base.c:mem_rw"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EACCES, EBADF, EINVAL, EIO, ESRCH
from rvsim.guest_os.abi.fcntl import SEEK_CUR, SEEK_SET
from rvsim.guest_os.abi.mman import PROT_EXEC, PROT_READ, PROT_WRITE, VM_GROWSDOWN, VM_LOCKED, VM_NORESERVE, VM_SHARED
from rvsim.guest_os.abi.stat import S_IFREG
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.layout import PAGE_SIZE, TASK_SIZE
from rvsim.guest_os.mm.memory import AnonymousBacking
from rvsim.guest_os.mm.pte import PTE_A, PTE_D, PTE_FILE
from rvsim.guest_os.mm.vma import Vma
from rvsim.guest_os.proc.node import ProcInode, ProcSuperBlock, Subject
from rvsim.guest_os.proc.records import RecordsFile
from rvsim.guest_os.task.access import may_access
from rvsim.guest_os.task.pid import Pid
from rvsim.guest_os.vfs.file import File

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.mount import Path

NAME_COLUMN = 73


def area_name(mm: AddressSpace, area: Vma) -> bytes:
    """What is mapped, as maps names it; nothing for anonymous memory. fs/proc/task_mmu.c:show_map_vma"""
    if area.file is not None:
        path: bytes = area.file.path.display()  # type: ignore[attr-defined]
        return path.replace(b"\n", b"\\012")
    if area.start < mm.brk and area.end > mm.start_brk and area.cache is None:
        return b"[heap]"
    if area.start <= mm.start_stack <= area.end and area.cache is None:
        return b"[stack]"
    if area.name in (b"[vdso]", b"[vvar]"):
        return area.name
    return b"/dev/zero (deleted)" if area.shared else b""


def _place(kernel: Kernel, area: Vma) -> tuple[int, int]:
    """Device and inode number. Shared memory without a name is a file of the tmpfs where memfd_create makes its files.

    mm/shmem.c:shmem_kernel_file_setup
    """
    if area.file is not None:
        inode = area.file.inode  # type: ignore[attr-defined]
        return inode.sb.dev, inode.ino
    backing = area.cache.backing if area.cache is not None else None
    if not isinstance(backing, AnonymousBacking):
        return 0, 0
    sb = kernel.memfds
    if not backing.ino:
        backing.ino = sb.new_ino()
    return sb.dev, backing.ino


def maps_line(kernel: Kernel, mm: AddressSpace, area: Vma) -> bytes:
    """One area as maps shows it, with its newline. fs/proc/task_mmu.c:show_map_vma"""
    letters = "".join(letter if area.prot & bit else "-" for letter, bit in
                      (("r", PROT_READ), ("w", PROT_WRITE), ("x", PROT_EXEC))) + ("s" if area.shared else "p")
    dev, ino = _place(kernel, area)
    line = b"%08x-%08x %s %08x %02x:%02x %d " % (area.start, area.end, letters.encode(), area.offset,
                                                dev >> 8 & 0xFFF, dev & 0xFF | dev >> 12 & 0xFFF00, ino)
    name = area_name(mm, area)
    return (line.ljust(NAME_COLUMN) + name if name else line) + b"\n"


def maps(subject: Subject) -> bytes:
    """The areas, a line each. fs/proc/task_mmu.c"""
    mm = subject.memory
    return b"".join(maps_line(subject.kernel, mm, area) for area in mm.areas) if mm is not None else b""


class MapsFile(RecordsFile):
    """An open maps: the areas by address. fs/proc/task_mmu.c:m_start, m_next"""

    __slots__ = ()

    def records(self, subject: Subject, cursor: int) -> Iterator[tuple[int, bytes]]:
        mm = subject.memory
        for area in mm.areas.overlapping(cursor, TASK_SIZE) if mm is not None else ():
            assert mm is not None
            yield area.end, self.record(subject, mm, area)

    def record(self, subject: Subject, mm: AddressSpace, area: Vma) -> bytes:
        """What is shown of an area."""
        return maps_line(subject.kernel, mm, area)


class SmapsFile(MapsFile):
    """An open smaps."""

    __slots__ = ()

    def record(self, subject: Subject, mm: AddressSpace, area: Vma) -> bytes:
        return smaps_record(subject, mm, area)


def _figures(subject: Subject, mm: AddressSpace, area: Vma) -> dict[str, int]:
    frames = subject.kernel.memory.frames
    figures = dict.fromkeys(("Rss", "Pss", "Pss_Dirty", "Shared_Clean", "Shared_Dirty", "Private_Clean",
                             "Private_Dirty", "Referenced", "Anonymous", "Pss_Anon", "Pss_File", "Pss_Shmem"), 0)
    for address, entry in mm.table.entries(area.start, area.end):
        ppn = entry >> 10 & 0xFFF_FFFF_FFFF
        holders = frames.count(ppn)
        cached = area.cache is not None and (address - area.start + area.offset) // PAGE_SIZE in area.cache.pages
        mapped = max(holders - (1 if cached and entry & PTE_FILE else 0), 1)
        dirty = bool(entry & PTE_D) if entry & PTE_FILE else True
        figures["Rss"] += 4096
        share = PAGE_SIZE // mapped
        figures["Pss"] += share
        figures["Pss_Dirty"] += share if dirty else 0
        figures[("Shared_" if mapped > 1 else "Private_") + ("Dirty" if dirty else "Clean")] += 4096
        figures["Referenced"] += 4096 if entry & PTE_A else 0
        if entry & PTE_FILE:
            figures["Pss_Shmem" if area.file is None else "Pss_File"] += share
        else:
            figures["Anonymous"] += 4096
            figures["Pss_Anon"] += share
    return figures


_SMAPS_ORDER = ("Rss", "Pss", "Pss_Dirty", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty",
                "Referenced", "Anonymous", "LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped",
                "Shared_Hugetlb", "Private_Hugetlb", "Swap", "SwapPss", "Locked")
_ROLLUP_ORDER = (*_SMAPS_ORDER[:3], "Pss_Anon", "Pss_File", "Pss_Shmem", *_SMAPS_ORDER[3:])


def _lines(figures: dict[str, int], order: tuple[str, ...]) -> bytes:
    return b"".join(b"%-16s%8d kB\n" % (name.encode() + b":", figures.get(name, 0) // 1024) for name in order)


def _flags(area: Vma) -> bytes:
    words = [word for word, on in (
        (b"rd", area.prot & PROT_READ), (b"wr", area.prot & PROT_WRITE), (b"ex", area.prot & PROT_EXEC),
        (b"sh", area.flags & VM_SHARED), (b"mr", 1), (b"mw", 1), (b"me", 1), (b"ms", area.flags & VM_SHARED),
        (b"gd", area.flags & VM_GROWSDOWN), (b"lo", area.flags & VM_LOCKED), (b"nr", area.flags & VM_NORESERVE)) if on]
    return b"VmFlags: " + b" ".join(words) + b" \n"


def smaps(subject: Subject) -> bytes:
    """maps with figures for each area. fs/proc/task_mmu.c:show_smap"""
    mm = subject.memory
    return b"".join(smaps_record(subject, mm, area) for area in mm.areas) if mm is not None else b""


def smaps_record(subject: Subject, mm: AddressSpace, area: Vma) -> bytes:
    """One area as smaps shows it."""
    figures = _figures(subject, mm, area)
    figures["Locked"] = figures["Pss"] if area.flags & VM_LOCKED else 0
    return maps_line(subject.kernel, mm, area) + b"%-16s%8d kB\n%-16s%8d kB\n%-16s%8d kB\n" % (
        b"Size:", (area.end - area.start) // 1024, b"KernelPageSize:", 4, b"MMUPageSize:", 4) + _lines(
            figures, _SMAPS_ORDER) + b"THPeligible:    %8d\n" % 0 + _flags(area)


def smaps_rollup(subject: Subject) -> bytes:
    """The figures of all areas added up. fs/proc/task_mmu.c:show_smaps_rollup"""
    mm = subject.memory
    if mm is None:
        raise ESRCH
    if not len(mm.areas):
        return b""
    total: dict[str, int] = {}
    for area in mm.areas:
        for name, value in _figures(subject, mm, area).items():
            total[name] = total.get(name, 0) + value
    head = b"%08x-%08x ---p 00000000 00:00 0 " % (mm.areas.areas[0].start, mm.areas.areas[-1].end)
    return head.ljust(NAME_COLUMN) + b"[rollup]\n" + _lines(total, _ROLLUP_ORDER)


def seek_address(now: int, offset: int, whence: int) -> int:
    """The new offset of a file whose offsets are addresses: any number. fs/proc/base.c:mem_lseek

    Raises:
        EINVAL: from the end.
    """
    if whence not in (SEEK_SET, SEEK_CUR):
        raise EINVAL
    return (offset + (now if whence == SEEK_CUR else 0)) & 0xFFFF_FFFF_FFFF_FFFF


class MemInode(ProcInode):
    """The memory of a process: the offset is the address."""

    def __init__(self, sb: ProcSuperBlock, pid: Pid | None) -> None:
        super().__init__(sb, S_IFREG | 0o600, pid)

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        task = self.task()
        if not may_access(self.sb.kernel.scheduler.current, task):
            raise EACCES
        if task.mm is None:
            raise ESRCH
        return MemFile(self, path, flags, cred, task.mm)


class MemFile(File):
    """Reads and writes go to the address space that the process had at open; after exec or exit there is nothing."""

    __slots__ = ("mm",)

    seekable = True

    def __init__(self, inode: MemInode, path: Path, flags: int, cred: Credentials, mm: AddressSpace | None) -> None:
        super().__init__(inode, path, flags, cred)
        self.mm = mm

    def pread(self, size: int, offset: int) -> bytes:
        if not self.readable:
            raise EBADF
        mm = self.mm
        if mm is None or mm.users == 0 or not size:
            return b""
        data = user_memory.force_read(mm, offset, size, True)
        if not data:
            raise EIO
        return data

    def read(self, size: int) -> bytes:
        data = self.pread(size, self.offset)
        self.offset += len(data)
        return data

    def pwrite(self, data: bytes, offset: int) -> int:
        if not self.writable:
            raise EBADF
        mm = self.mm
        if mm is None or mm.users == 0 or not data:
            return 0
        there = user_memory.force_write(mm, offset, data, True)
        if not there:
            raise EIO
        return there

    def write(self, data: bytes) -> int:
        done = self.pwrite(data, self.offset)
        self.offset += done
        return done

    def seek(self, offset: int, whence: int) -> int:
        self.offset = seek_address(self.offset, offset, whence)
        return self.offset
