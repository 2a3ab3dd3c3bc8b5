"""map, rmap, xmap, pagedata and object/: the areas of a process. illumos: os/prsubr.c, man 5 proc"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi import solproc as sol
from rvsim.guest_os.abi.mman import PROT_EXEC, PROT_READ, PROT_WRITE, VM_LOCKED, VM_NORESERVE
from rvsim.guest_os.abi.solproc import MapFlag
from rvsim.guest_os.ipc.shared_memory import SegmentFile
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.mm.pte import PTE_FILE

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
    if isinstance(area.file, SegmentFile):
        flags |= MapFlag.SHM
    if area.flags & VM_NORESERVE:
        flags |= MapFlag.NORESERVE
    return flags


def _shm_id(area: Vma) -> int:
    """The number of the System V segment that the area shows, -1: none."""
    return area.file.segment.id if isinstance(area.file, SegmentFile) else -1


def describe(mm: AddressSpace, area: Vma, reserved: bool = False) -> dict[str, Any]:
    """prmap_t of one area; `reserved`: with the room that a stack may still grow into."""
    start = area.start
    if reserved and area.is_stack:
        start = min(start, max(area.end - mm.stack_limit, 0))
        below = mm.areas.before(area.start)
        start = max(start, below.end) if below is not None else start
    name = object_name(mm, area.file) if area.file is not None else b""     # type: ignore[arg-type]
    return {"pr_vaddr": start, "pr_size": area.end - start, "pr_mapname": name, "pr_offset": area.offset,
            "pr_mflags": _flags(mm, area), "pr_pagesize": PAGE_SIZE, "pr_shmid": _shm_id(area)}


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
            "pr_dev": sol.NO_DEVICE,
        }
        if area.file is not None:
            inode = area.file.inode                                         # type: ignore[attr-defined]
            fields |= {"pr_dev": inode.sb.dev, "pr_ino": inode.ino}
        parts.append(sol.PRXMAP.pack(fields))
    return b"".join(parts)


