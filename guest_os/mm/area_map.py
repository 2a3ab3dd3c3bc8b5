"""The areas of one address space: their accounting, splitting and joining, where room is. mm/vma.c, mm/mmap.c

Nothing here looks at a page table; `AddressSpace` adds that.
"""

from __future__ import annotations

from collections.abc import Iterable

from rvsim.guest_os.abi.errno import ENOMEM
from rvsim.guest_os.abi.mman import PROT_WRITE, VM_LOCKED, VM_MAYWRITE, VM_NORESERVE, VM_SHARED
from rvsim.guest_os.mm.layout import MMAP_GAP, MMAP_MIN, PAGE_SIZE, STACK_TOP, TASK_SIZE, page_up
from rvsim.guest_os.mm.memory import AnonymousBacking, Memory
from rvsim.guest_os.mm.page_cache import PageCache
from rvsim.guest_os.mm.vma import Vma, VmaList

MAX_AREAS = 65530
"""vm.max_map_count."""
MAY_SHARE_WRITES = VM_SHARED | VM_MAYWRITE


class AreaMap:
    """Sorted areas with running counts of their pages, by kind, and the limits on them."""

    __slots__ = (
        "areas", "data_limit", "data_vm", "exec_vm", "hiwater_vm", "locked_vm", "memory", "mmap_top", "space_limit",
        "stack_vm", "total_vm",
    )

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.areas = VmaList()
        self.mmap_top = STACK_TOP - MMAP_GAP
        self.total_vm = self.data_vm = self.stack_vm = self.exec_vm = self.locked_vm = 0
        self.hiwater_vm = 0
        self.data_limit: int | None = None
        self.space_limit: int | None = None

    def _account(self, area: Vma, sign: int) -> None:
        pages = area.pages * sign
        self.total_vm += pages
        if area.is_stack:
            self.stack_vm += pages
        elif area.is_data:
            self.data_vm += pages
        elif area.is_exec:
            self.exec_vm += pages
        if area.flags & VM_LOCKED:
            self.locked_vm += pages
        if self.total_vm > self.hiwater_vm:
            self.hiwater_vm = self.total_vm

    def _attach(self, area: Vma) -> None:
        if area.cache is not None:
            area.cache.mapped_by(self, 1, area.flags & MAY_SHARE_WRITES == MAY_SHARE_WRITES)
        if area.file is not None:
            area.file.get()  # type: ignore[attr-defined]
        self.areas.insert(area)
        self._account(area, 1)

    def _detach(self, area: Vma) -> None:
        self.areas.remove(area)
        self._account(area, -1)
        cache = area.cache
        if cache is not None:
            cache.mapped_by(self, -1, area.flags & MAY_SHARE_WRITES == MAY_SHARE_WRITES)
            if not cache.mappers:
                # The frames may still be in a page table that is about to be freed: they hold their own references.
                if isinstance(cache.backing, AnonymousBacking):
                    self.memory.forget(cache)
                elif cache.dirty:
                    cache.write_back()
        if area.file is not None:
            area.file.put()  # type: ignore[attr-defined]

    def lock(self, areas: Iterable[Vma], locked: bool) -> None:
        """Mark areas as locked or not; there is no swap, so nothing else changes. mm/mlock.c"""
        for area in areas:
            if bool(area.flags & VM_LOCKED) != locked:
                self._account(area, -1)
                area.flags ^= VM_LOCKED
                self._account(area, 1)

    def _split(self, area: Vma, at: int) -> Vma:
        """Cut an area in two at `at`; returns the upper part."""
        upper = area.piece(at, area.end)
        self._account(area, -1)
        self.areas.resize(area, area.start, at)
        self._account(area, 1)
        self._attach(upper)
        return upper

    def _carve(self, start: int, end: int) -> list[Vma]:
        """The areas inside [start, end), with those that stick out cut at its bounds."""
        if start >= end:
            return []
        touched = self.areas.overlapping(start, end)
        if touched and touched[0].start < start:
            touched[0] = self._split(touched[0], start)
        if touched and touched[-1].end > end:
            self._split(touched[-1], end)
        return touched

    def _merge(self, area: Vma) -> None:
        """Join an area with its neighbours where they are more of the same."""
        before = self.areas.before(area.start)
        if before is not None and before.continues(area):
            end = area.end
            self._detach(area)
            self._grow(before, before.start, end)
            area = before
        after = self.areas.find(area.end)
        if after is not None and after.start == area.end and area.continues(after):
            end = after.end
            self._detach(after)
            self._grow(area, area.start, end)

    def _grow(self, area: Vma, start: int, end: int) -> None:
        self._account(area, -1)
        self.areas.resize(area, start, end)
        self._account(area, 1)

    def covered(self, start: int, end: int) -> bool:
        """Whether every address of [start, end) lies in an area."""
        at = start
        for area in self.areas.overlapping(start, end):
            if area.start > at:
                return False
            at = area.end
        return at >= end

    def find_free(self, size: int, hint: int = 0) -> int:
        """Where `size` bytes are free: at `hint` if that is, else top-down below the stack.

        Raises:
            ENOMEM: nowhere.
        """
        if hint:
            hint = page_up(hint)
            if hint >= MMAP_MIN and hint + size <= TASK_SIZE and not self.areas.overlapping(hint, hint + size):
                return hint
        start = self.areas.gap_below(self.mmap_top, MMAP_MIN, size)
        if start is None:
            start = self.areas.gap_above(self.mmap_top, STACK_TOP, size)
        if start is None:
            raise ENOMEM
        return start

    def truncated(self, cache: PageCache, first: int) -> None:
        """A file that is mapped here ends before its page `first` now."""

    def check_growth(self, pages: int, prot: int, flags: int) -> None:
        """Refuse to grow past the limits and past what memory could ever hold. mm/util.c:__vm_enough_memory

        Raises:
            ENOMEM: RLIMIT_AS, RLIMIT_DATA, the number of areas, or more pages than the machine has.
        """
        size = pages * PAGE_SIZE
        if len(self.areas) >= MAX_AREAS:
            raise ENOMEM
        if self.space_limit is not None and self.total_vm * PAGE_SIZE + size > self.space_limit:
            raise ENOMEM
        if prot & PROT_WRITE and not flags & VM_SHARED:
            if self.data_limit is not None and self.data_vm * PAGE_SIZE + size > self.data_limit:
                raise ENOMEM
            if not flags & VM_NORESERVE and pages > self.memory.frames.total:
                raise ENOMEM
