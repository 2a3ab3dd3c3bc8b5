"""map, rmap, xmap, pagedata and object/: the areas of a process. illumos: os/prsubr.c, man 5 proc"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi import solproc as sol
from rvsim.guest_os.abi.errno import ENOENT
from rvsim.guest_os.abi.mman import PROT_EXEC, PROT_READ, PROT_WRITE, VM_LOCKED, VM_NORESERVE
from rvsim.guest_os.abi.solproc import MapFlag, Page
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.mm.pte import PTE_A, PTE_D, PTE_FILE

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.mm.vma import Vma
    from rvsim.guest_os.task.thread_group import ThreadGroup
    from rvsim.guest_os.vfs.file import File


def space_of(group: ThreadGroup) -> AddressSpace | None:
    """The memory of a process that is alive."""
    return next((thread.mm for thread in group.threads if thread.mm is not None), None)


def object_name(mm: AddressSpace, file: File) -> bytes:
    """The name in object/ of a mapped file: `a.out` for the program, else type, device and inode."""
    inode = file.inode
    exe: Any = mm.exe
    if exe is not None and exe.inode is inode:
        return b"a.out"
    dev = inode.sb.dev
    return b"%s.%d.%d.%d" % (inode.sb.type_name.encode(), dev >> 8 & 0xFFF, dev & 0xFF | dev >> 12 & 0xFFF00, inode.ino)


def _flags(mm: AddressSpace, area: Vma) -> MapFlag:
    flags = MapFlag(0)
    for prot, flag in ((PROT_READ, MapFlag.READ), (PROT_WRITE, MapFlag.WRITE), (PROT_EXEC, MapFlag.EXEC)):
        if area.prot & prot:
            flags |= flag
    if area.shared:
        flags |= MapFlag.SHARED
    if area.cache is None:
        flags |= MapFlag.ANON
        if area.start <= mm.brk and area.end >= mm.start_brk and mm.brk > mm.start_brk:
            flags |= MapFlag.BREAK
        if area.is_stack:
            flags |= MapFlag.STACK
    if area.flags & VM_NORESERVE:
        flags |= MapFlag.NORESERVE
    return flags


def describe(mm: AddressSpace, area: Vma, reserved: bool = False) -> dict[str, Any]:
    """prmap_t of one area; `reserved`: with the room that a stack may still grow into."""
    start = area.start
    if reserved and area.is_stack:
        start = min(start, max(area.end - mm.stack_limit, 0))
        below = mm.areas.before(area.start)
        start = max(start, below.end) if below is not None else start
    name = object_name(mm, area.file) if area.file is not None else b""     # type: ignore[arg-type]
    return {"pr_vaddr": start, "pr_size": area.end - start, "pr_mapname": name, "pr_offset": area.offset,
            "pr_mflags": _flags(mm, area), "pr_pagesize": PAGE_SIZE, "pr_shmid": -1}


def maps(group: ThreadGroup, reserved: bool) -> bytes:
    """map, or (`reserved`) rmap."""
    mm = space_of(group)
    return b"".join(sol.PRMAP.pack(describe(mm, area, reserved)) for area in mm.areas) if mm is not None else b""


def extended_maps(group: ThreadGroup) -> bytes:
    """xmap: with what is resident, anonymous and locked, in pages."""
    mm = space_of(group)
    parts = []
    for area in mm.areas if mm is not None else ():
        assert mm is not None
        entries = list(mm.table.entries(area.start, area.end))
        fields = describe(mm, area) | {
            "pr_rss": len(entries), "pr_anon": sum(not entry & PTE_FILE for _, entry in entries),
            "pr_locked": len(entries) if area.flags & VM_LOCKED else 0, "pr_hatpagesize": PAGE_SIZE,
        }
        if area.file is not None:
            inode = area.file.inode                                         # type: ignore[attr-defined]
            fields |= {"pr_dev": inode.sb.dev, "pr_ino": inode.ino}
        parts.append(sol.PRXMAP.pack(fields))
    return b"".join(parts)


def page_data(group: ThreadGroup, now_ns: int) -> tuple[bytes, list[tuple[int, int]]]:
    """pagedata as it is now, and the ranges whose marks a successful read clears."""
    mm = space_of(group)
    if mm is None:
        raise ENOENT
    parts, ranges, total = [], [], 0
    for area in mm.areas:
        marks = bytearray(area.pages)
        for address, entry in mm.table.entries(area.start, area.end):
            marks[(address - area.start) // PAGE_SIZE] = (
                Page.MAPPED | (Page.REFERENCED if entry & PTE_A else 0) | (Page.MODIFIED if entry & PTE_D else 0))
        fields = describe(mm, area)
        del fields["pr_size"]
        parts.append(sol.PRASMAP.pack(fields, pr_npage=area.pages) + bytes(marks).ljust(-(-area.pages // 8) * 8, b"\0"))
        ranges.append((area.start, area.end))
        total += area.pages
    stamp = {"tv_sec": now_ns // 10**9, "tv_nsec": now_ns % 10**9}
    head = sol.PRPAGEHEADER.pack(pr_tstamp=stamp, pr_nmap=len(parts), pr_npage=total)
    return head + b"".join(parts), ranges
