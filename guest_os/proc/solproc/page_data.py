"""pagedata: which pages were referenced and modified since an open file was last read. man 5 proc, illumos: vm/vm_rm.c

The page tables have one set of marks. Whoever is about to clear them first hands them to every open file of the
process, which keeps them until it is read itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi import solproc as sol
from rvsim.guest_os.abi.errno import E2BIG, EBADF, ENOENT, ENOMEM
from rvsim.guest_os.abi.solproc import Page
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.mm.pte import PTE_A, PTE_D
from rvsim.guest_os.proc.solproc.files import PrFile
from rvsim.guest_os.proc.solproc.maps import describe, space_of
from rvsim.guest_os.proc.solproc.prnode import PrFileNode, PrType

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.proc.solproc.prnode import PrCommon, SolSuperBlock
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.file import File
    from rvsim.guest_os.vfs.mount import Path

MAX_OPENS = 32


class PageDataNode(PrFileNode):
    """pagedata of a process; its size is the room that a read needs."""

    __slots__ = ()

    def __init__(self, sb: SolSuperBlock, common: PrCommon) -> None:
        super().__init__(sb, PrType.PAGEDATA, common, 0o400)

    def refresh(self) -> None:
        super().refresh()
        try:
            mm = space_of(self.about.live_process())
        except ENOENT:
            mm = None
        areas = mm.areas if mm is not None else ()
        self.size = sol.PRPAGEHEADER.size + sum(sol.PRASMAP.size + _padded(area.pages) for area in areas)

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        group = self.about.live_process()
        self.allow()
        if len(self.about.page_files) >= MAX_OPENS:
            raise ENOMEM
        mm = space_of(group)
        if mm is not None:
            hand_out(self.about, mm)
        return PageDataFile(self, path, flags, cred)


class PageDataFile(PrFile):
    """Each read gives everything and clears it; the offset does not matter.

    `marks` has the bits of `Page` by address of the page, in the memory `space`.

    Differs: the marks are those that /proc/PID/clear_refs clears and smaps shows; each takes from the other.
    """

    __slots__ = ("marks", "space")

    def __init__(self, inode: PrFileNode, path: Path, flags: int, cred: Credentials) -> None:
        super().__init__(inode, path, flags, cred)
        self.marks: dict[int, int] = {}
        self.space: AddressSpace | None = space_of(inode.about.process())
        inode.about.page_files.append(self)

    def release(self) -> None:
        self.inode.about.page_files.remove(self)
        super().release()

    def pread(self, size: int, offset: int) -> bytes:
        if not self.readable:
            raise EBADF
        self.check()
        group = self.inode.about.live_process()
        mm = space_of(group)
        if mm is None:
            raise ENOENT
        hand_out(self.inode.about, mm)
        data = self._content(mm, group.kernel.clock.realtime_ns())
        if size < len(data):
            raise E2BIG
        self.marks = {}
        return data

    def pwrite(self, data: bytes, offset: int) -> int:
        raise EBADF

    def take(self, mm: AddressSpace, address: int, bits: int) -> None:
        """These marks of a page are about to be cleared."""
        if self.space is not mm:               # the process has another program since
            self.space, self.marks = mm, {}
        self.marks[address] = self.marks.get(address, 0) | bits

    def _content(self, mm: AddressSpace, now_ns: int) -> bytes:
        seen = self.marks if self.space is mm else {}
        parts, total = [], 0
        for area in mm.areas:
            marks = bytearray(_padded(area.pages))
            for address, _ in mm.table.entries(area.start, area.end):
                marks[(address - area.start) // PAGE_SIZE] = Page.MAPPED | seen.get(address, 0)
            fields = describe(mm, area)
            del fields["pr_size"]
            parts.append(sol.PRASMAP.pack(fields, pr_npage=area.pages) + bytes(marks))
            total += area.pages
        stamp = {"tv_sec": now_ns // 10**9, "tv_nsec": now_ns % 10**9}
        return sol.PRPAGEHEADER.pack(pr_tstamp=stamp, pr_nmap=len(parts), pr_npage=total) + b"".join(parts)


def _padded(pages: int) -> int:
    """Bytes of the marks of so many pages."""
    return -(-pages // 8) * 8


def hand_out(common: PrCommon, mm: AddressSpace) -> None:
    """Move the marks of the page table to the open files of the process."""
    for area in mm.areas:
        for address, entry in mm.table.entries(area.start, area.end):
            bits = (Page.REFERENCED if entry & PTE_A else 0) | (Page.MODIFIED if entry & PTE_D else 0)
            if bits:
                for file in common.page_files:
                    file.take(mm, address, int(bits))
        mm.table.age(area.start, area.end, PTE_A | PTE_D)
