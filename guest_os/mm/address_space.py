"""An address space: sorted areas over a page table, faults, and the accounting that procfs shows.

mm/mmap.c, mm/memory.c. Pages come on their first touch; fork shares frames and copies them on the first store.
"""

from __future__ import annotations

from typing import Protocol

from rvsim.emu._gate import PTE_A, PTE_COW, PTE_D, PTE_FILE, PTE_R, PTE_U, PTE_W, PTE_X, PageTable
from rvsim.guest_os.abi.errno import EACCES, EFAULT, EINVAL, ENOMEM, ENOSPC, Errno
from rvsim.guest_os.abi.mman import (
    PROT_EXEC,
    PROT_READ,
    PROT_WRITE,
    VM_DONTCOPY,
    VM_GROWSDOWN,
    VM_LOCKED,
    VM_MAYWRITE,
    VM_NEVEREXEC,
    VM_SHARED,
    VM_WIPEONFORK,
)
from rvsim.guest_os.mm.area_map import AreaMap
from rvsim.guest_os.mm.fault import BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR, Access, BadAccess, OutOfMemory
from rvsim.guest_os.mm.layout import (
    MAX_RW_COUNT,
    MMAP_MIN,
    PAGE_SIZE,
    STACK_GAP,
    TASK_SIZE,
    page_down,
    page_up,
)
from rvsim.guest_os.mm.memory import AnonymousBacking, Memory
from rvsim.guest_os.mm.page_cache import PageCache
from rvsim.guest_os.mm.vma import Vma, VmaList

FAULT_AROUND = 64
"""Pages of a file among which one fault maps those that are in frames: the aligned group of so many that it is in.

Differs: Linux takes 16 (fault_around_bytes), so resident sizes here may be larger by pages that others have loaded.
mm/memory.c:do_fault_around
"""

BRK_NAME = b"[heap]"


def pte_flags(prot: int) -> int:
    """The PTE permission bits for a protection. RISC-V has no write without read, so W brings R."""
    if not prot & (PROT_READ | PROT_WRITE | PROT_EXEC):
        return 0
    flags = PTE_U | PTE_A
    if prot & (PROT_READ | PROT_WRITE | PROT_EXEC) & ~PROT_EXEC:
        flags |= PTE_R
    if prot & PROT_WRITE:
        flags |= PTE_W
    if prot & PROT_EXEC:
        flags |= PTE_X | PTE_R
    return flags


class Spy(Protocol):
    """Looks on while a call moves bytes from and to the user's memory."""

    def reads(self, address: int, size: int) -> None:
        """These bytes were read."""

    def writes(self, address: int, data: bytes | bytearray | memoryview) -> bool:
        """These bytes are to be written, and can be. True: whoever looks on does it later."""


class AddressSpace(AreaMap):
    """The memory of one process. `users` counts the tasks that run in it (mm_users); the last `put` frees it all.

    `spy` looks on while a call of this process is carried out; None: nobody does. `transfer_max`: the most that the
    call that is carried out moves.
    """

    __slots__ = (
        "arg_end", "arg_start", "brk", "end_code", "end_data", "env_end", "env_start", "exe", "hiwater_rss",
        "lock_future", "major_faults", "membarrier", "minor_faults", "saved_auxv", "spy", "stack_limit", "start_brk",
        "start_code", "start_data", "start_stack", "table", "transfer_max", "users", "vdso",
    )

    def __init__(self, memory: Memory) -> None:
        try:
            self.table = PageTable(memory.frames)
        except MemoryError:
            if not memory.reclaim():
                raise OutOfMemory from None
            self.table = PageTable(memory.frames)
        super().__init__(memory)
        self.users = 1
        self.start_code = self.end_code = self.start_data = self.end_data = 0
        self.start_brk = self.brk = 0
        self.start_stack = self.arg_start = self.arg_end = self.env_start = self.env_end = 0
        self.vdso = 0
        self.saved_auxv = b""
        self.exe: object | None = None
        self.hiwater_rss = 0
        self.minor_faults = self.major_faults = 0
        self.stack_limit = 8 << 20
        self.lock_future = False
        self.membarrier = 0        # the commands of membarrier that it registered for
        self.spy: Spy | None = None
        self.transfer_max = MAX_RW_COUNT

    # ---- lifetime

    def get(self) -> AddressSpace:
        """One more user."""
        self.users += 1
        return self

    def put(self) -> None:
        """One user less; the last one gives everything back."""
        self.users -= 1
        if self.users == 0:
            self.note_rss()
            for area in tuple(self.areas):
                self._detach(area)
            self.areas = VmaList()
            self.table.free()
            exe, self.exe = self.exe, None
            if exe is not None:
                exe.put()  # type: ignore[attr-defined]

    @property
    def rss_pages(self) -> int:
        """Resident pages: anonymous, file and shared."""
        return self.table.anon + self.table.file

    def note_rss(self) -> None:
        """Bring the high-water mark of resident pages up to date; call before pages go."""
        self.hiwater_rss = max(self.hiwater_rss, self.table.anon + self.table.file)

    # ---- areas

    def changed(self) -> None:
        """The areas changed: what the gate was allowed to fill on its own is void."""
        self.table.set_zero_window(0, 0, 0)

    def split_range(self, start: int, end: int) -> list[Vma]:
        """The areas inside [start, end), cut at its bounds, so that their flags can be changed."""
        self.changed()
        return self._carve(start, end)

    # ---- mmap and its family

    def map(self, start: int, size: int, prot: int, flags: int, cache: PageCache | None = None, offset: int = 0,
            file: object | None = None, name: bytes = b"") -> Vma:
        """Add an area at [start, start + size), whose addresses are free. `flags`: VM_*.

        Raises:
            ENOMEM: see `check_growth`.
        """
        self.check_growth(size // PAGE_SIZE, prot, flags)
        if self.lock_future:
            flags |= VM_LOCKED
        if flags & VM_SHARED and cache is None:
            cache = self.memory.cache_of(AnonymousBacking(size))
            offset = 0
        area = Vma(start, start + size, prot, flags, cache, offset, file, name)
        self._attach(area)
        self.changed()
        if cache is None or file is not None:
            self._merge(area)
            area = self.areas.find(start) or area
        return area

    def unmap(self, start: int, end: int) -> None:
        """Remove all areas and pages in [start, end)."""
        touched = self._carve(start, end)
        if not touched:
            return
        self.note_rss()
        self.changed()
        self.table.unmap(start, end)
        for area in touched:
            self._detach(area)

    def protect(self, start: int, end: int, prot: int) -> None:
        """Change the protection of [start, end). mm/mprotect.c

        Raises:
            ENOMEM: part of it is not mapped (what lies before the hole is changed), or a limit.
            EACCES: a shared mapping of a file that is not open for writing, or one of a mount with noexec; what lies
                before it is changed.
        """
        self.changed()
        at = start
        for area in self._carve(start, end):
            if area.start > at:
                raise ENOMEM
            if prot & PROT_WRITE and area.flags & VM_SHARED and not area.flags & VM_MAYWRITE:
                raise EACCES
            if prot & PROT_EXEC and area.flags & VM_NEVEREXEC:
                raise EACCES
            if area.prot != prot:
                if prot & PROT_WRITE and not area.prot & PROT_WRITE and not area.flags & VM_SHARED:
                    self.check_growth(0, prot, area.flags)
                self._account(area, -1)
                area.prot = prot
                self._account(area, 1)
                flags = pte_flags(prot)
                if flags:
                    self.table.protect(area.start, area.end, flags, not area.shared)
                    if area.shared and prot & PROT_WRITE and area.cache is not None:
                        self._mark_dirty(area)
                else:
                    self._hide(area)
            at = area.end
        if at < end:
            raise ENOMEM
        for area in self.areas.overlapping(max(start - 1, 0), end + 1):
            if area in self.areas.areas:
                self._merge(area)

    def protect_page(self, page: int, prot: int) -> None:
        """Put one page's entry back to the protection of its area, after a debugger's store."""
        self.changed()
        flags = pte_flags(prot)
        self.table.protect(page, page + PAGE_SIZE, flags or PTE_R, True)

    def _hide(self, area: Vma) -> None:
        """PROT_NONE: the pages stay, but no access reaches them (valid, for no one in U-mode)."""
        self.table.protect(area.start, area.end, PTE_R, not area.shared)

    def _mark_dirty(self, area: Vma) -> None:
        cache = area.cache
        if cache is not None:
            for address, _ in self.table.entries(area.start, area.end):
                try:
                    cache.mark_dirty((address - area.start + area.offset) // PAGE_SIZE)
                except ENOSPC:             # the next store faults, and finds that out
                    self.table.unmap(address, address + PAGE_SIZE)

    def remap(self, old: int, old_size: int, new_size: int, may_move: bool, fixed: int | None,
              keep: bool = False) -> int:
        """Resize or move the mapping at `old`. mm/mremap.c. Returns its new address.

        `keep`: the old place stays, empty. An `old_size` of 0 makes a second mapping of what is shared.

        Raises:
            EFAULT: [old, old + old_size) is not one area.
            EINVAL: `fixed` overlaps the old range or is not aligned.
            ENOMEM: it cannot grow in place and may not move, or a limit.
        """
        area = self.areas.find(old)
        if area is None:
            raise EFAULT
        if fixed is not None:
            if fixed & (PAGE_SIZE - 1) or fixed + new_size > TASK_SIZE or fixed < MMAP_MIN:
                raise EINVAL
            if fixed < old + old_size and old < fixed + new_size:
                raise EINVAL
        if old_size == 0 and not area.shared:
            raise EINVAL
        if fixed is None and new_size < old_size:
            self.unmap(old + new_size, old + old_size)
            return old
        if old + old_size > area.end:
            raise EFAULT
        if fixed is None and not keep:
            if new_size == old_size:
                return old
            grown = new_size - old_size
            if old + old_size == area.end and old + new_size <= TASK_SIZE and not self.areas.overlapping(
                    area.end, old + new_size):
                self.check_growth(grown // PAGE_SIZE, area.prot, area.flags)
                self._grow(area, area.start, old + new_size)
                self.changed()
                self._merge(area)
                return old
            if not may_move:
                raise ENOMEM
        self.check_growth((new_size if keep else max(new_size - old_size, 0)) // PAGE_SIZE, area.prot, area.flags)
        if fixed is not None:
            self.unmap(fixed, fixed + new_size)
            target = fixed
        else:
            target = self.find_free(new_size)
        if new_size < old_size:
            self.unmap(old + new_size, old + old_size)
            old_size = new_size
        source = self._carve(old, old + old_size)[0] if old_size else area
        moved = source.piece(old, source.end)
        moved.start, moved.end = target, target + new_size
        self._attach(moved)
        try:
            if old_size:
                self.table.move(old, target, old_size)
        except MemoryError:
            self.unmap(target, target + new_size)
            raise ENOMEM from None
        if keep:
            self.lock((source,), False)
        elif old_size:
            self._detach(source)
        self.changed()
        self._merge(moved)
        return target

    def set_brk(self, new: int) -> int:
        """Move the program break; returns where it is now, unmoved if it may not move. mm/mmap.c:brk"""
        if new < self.start_brk:
            return self.brk
        old_end, new_end = page_up(self.brk), page_up(new)
        if new_end < old_end:
            self.unmap(new_end, old_end)
        elif new_end > old_end:
            if new_end > TASK_SIZE or self.areas.overlapping(old_end, new_end + PAGE_SIZE):
                return self.brk
            if self.data_limit is not None and new - self.start_brk > self.data_limit:
                return self.brk
            try:
                self.map(old_end, new_end - old_end, PROT_READ | PROT_WRITE, 0, name=BRK_NAME)
            except ENOMEM:
                return self.brk
        self.brk = new
        return new

    def discard(self, start: int, end: int) -> None:
        """Drop the pages of [start, end): private ones read as zero or as the file again. MADV_DONTNEED"""
        self.note_rss()
        self.table.unmap(start, end)

    def truncated(self, cache: PageCache, first: int) -> None:
        """The file of `cache` ends before its page `first` now: no area shows more. mm/memory.c:unmap_mapping_range"""
        for area in self.areas:
            start = max(area.start, area.start + first * PAGE_SIZE - area.offset)
            if area.cache is cache and start < area.end:
                self.discard(start, area.end)

    # ---- faults

    def fault(self, address: int, access: Access) -> None:
        """Resolve a page fault at `address`, or say why not. mm/memory.c:handle_mm_fault

        Raises:
            BadAccess: no area, or its protection forbids it.
            OutOfMemory: no frame is left.
        """
        area = self.areas.find(address)
        if area is None:
            area = self._grow_stack(address)
        if not area.prot & access and not (access == Access.READ and area.prot & (PROT_WRITE | PROT_EXEC)):
            raise BadAccess(address, SEGV_ACCERR)
        try:
            self._resolve(area, page_down(address), access)
        except MemoryError:
            if not self.memory.reclaim():
                raise OutOfMemory from None
            try:
                self._resolve(area, page_down(address), access)
            except MemoryError:
                raise OutOfMemory from None

    def _grow_stack(self, address: int) -> Vma:
        area = self.areas.after(address)
        if area is None or not area.flags & VM_GROWSDOWN:
            raise BadAccess(address, SEGV_MAPERR)
        start = page_down(address)
        below = self.areas.before(area.start)
        floor = below.end + (0 if below.flags & VM_GROWSDOWN else STACK_GAP) if below is not None else MMAP_MIN
        if area.end - start > self.stack_limit or start < floor:
            raise BadAccess(address, SEGV_MAPERR)
        if self.space_limit is not None and self.total_vm * PAGE_SIZE + area.start - start > self.space_limit:
            raise BadAccess(address, SEGV_MAPERR)
        self._grow(area, start, area.end)
        self.changed()
        return area

    def _resolve(self, area: Vma, page: int, access: Access) -> None:
        table = self.table
        entry = table.walk(page)
        flags = pte_flags(area.prot)
        if entry:
            self.minor_faults += 1
            if access == Access.WRITE and not entry & PTE_W:
                if entry & PTE_COW:
                    self.memory.take_page()
                    table.own(page)
                else:
                    table.protect(page, page + PAGE_SIZE, flags, not area.shared)
                    if table.walk(page) & PTE_COW:
                        table.own(page)
            else:
                # The entry already grants it: the hart looked before it was changed. Look again.
                table.protect(page, page + PAGE_SIZE, flags, not area.shared)
                table.stale = True
            return
        cache = area.cache
        if cache is None:
            self.memory.take_page()
            table.map_zero(page, flags | PTE_D)
            self.minor_faults += 1
            if area.prot & PROT_WRITE and self.memory.allocations is None:
                table.set_zero_window(area.start, area.end, flags | PTE_D)
            return
        self._resolve_file(area, cache, page, access, flags)

    def _resolve_file(self, area: Vma, cache: PageCache, page: int, access: Access, flags: int) -> None:
        table, frames = self.table, self.memory.frames
        index = (page - area.start + area.offset) // PAGE_SIZE
        if index * PAGE_SIZE >= cache.backing.size:
            raise BadAccess(page, BUS_ADRERR, bus=True)
        if index in cache.pages or isinstance(cache.backing, AnonymousBacking):
            self.minor_faults += 1
        else:
            self.major_faults += 1
        writable = area.shared and bool(area.prot & PROT_WRITE)
        try:
            ppn = cache.page_for_write(index) if writable else cache.page(index)
        except Errno:                       # no room for it, or its bytes cannot be read
            raise BadAccess(page, BUS_ADRERR, bus=True) from None
        if area.shared:
            frames.get(ppn)
            self._map_held(page, ppn, flags | PTE_FILE | (PTE_D if writable else 0))
            return
        if access == Access.WRITE:
            self.memory.take_page()
            self._map_held(page, frames.duplicate(ppn), flags | PTE_D)
            return
        shared_flags = (flags & ~PTE_W) | PTE_FILE | (PTE_COW if flags & PTE_W else 0)
        frames.get(ppn)
        self._map_held(page, ppn, shared_flags)
        base = area.offset // PAGE_SIZE
        first = max(index & -FAULT_AROUND, base)
        last = min((index & -FAULT_AROUND) + FAULT_AROUND, base + area.pages, page_up(cache.backing.size) // PAGE_SIZE)
        table.map_cached(cache.pages, first, last - first, area.start + (first - base) * PAGE_SIZE, shared_flags)

    def _map_held(self, page: int, ppn: int, flags: int) -> None:
        try:
            self.table.map(page, ppn, flags)
        except MemoryError:
            self.memory.frames.put(ppn)
            raise

    def settle_faults(self) -> None:
        """Move the first touches that the gate filled on its own into the fault count."""
        self.minor_faults += self.table.zero_faults
        self.table.zero_faults = 0

    # ---- fork

    def fork(self) -> AddressSpace:
        """A copy for a child: the same areas, the same frames, copied on the first store. kernel/fork.c:dup_mmap

        Raises:
            ENOMEM: no frames for the child's tables; nothing is left behind.
        """
        try:
            child = AddressSpace(self.memory)
        except OutOfMemory:
            raise ENOMEM from None
        for name in ("mmap_top", "start_code", "end_code", "start_data", "end_data", "start_brk", "brk", "start_stack",
                     "arg_start", "arg_end", "env_start", "env_end", "saved_auxv", "stack_limit", "data_limit",
                     "space_limit", "vdso", "membarrier"):
            setattr(child, name, getattr(self, name))
        child.exe = self.exe
        if self.exe is not None:
            self.exe.get()  # type: ignore[attr-defined]
        self.changed()
        try:
            for area in self.areas:
                if area.flags & VM_DONTCOPY:
                    continue
                twin = area.piece(area.start, area.end)
                twin.flags &= ~VM_LOCKED
                child._attach(twin)
                if not area.flags & VM_WIPEONFORK and (area.cache is None or not area.shared):
                    self.table.share(child.table, area.start, area.end, True)
        except MemoryError:
            child.put()
            raise ENOMEM from None
        child.hiwater_vm = child.total_vm
        child.hiwater_rss = child.rss_pages
        return child

    # ---- checks

    def recount(self) -> dict[str, int]:
        """What the running counts should be, counted afresh from the areas and the page table."""
        fresh = {"total_vm": 0, "data_vm": 0, "stack_vm": 0, "exec_vm": 0, "locked_vm": 0}
        for area in self.areas:
            fresh["total_vm"] += area.pages
            fresh["stack_vm"] += area.pages if area.is_stack else 0
            fresh["data_vm"] += area.pages if area.is_data else 0
            fresh["exec_vm"] += area.pages if area.is_exec else 0
            fresh["locked_vm"] += area.pages if area.flags & VM_LOCKED else 0
        anon, file, tables = self.table.accounted()
        return fresh | {"anon": anon, "file": file, "tables": tables}
