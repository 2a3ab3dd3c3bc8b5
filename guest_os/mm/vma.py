"""An area of an address space, and the sorted list of them. include/linux/mm_types.h:vm_area_struct"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from rvsim.guest_os.abi.mman import PROT_EXEC, PROT_WRITE, VM_GROWSDOWN, VM_SHARED
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.mm.page_cache import PageCache


class Vma:
    """One area [start, end), page-aligned, with one protection and one backing.

    `cache` is None for anonymous memory; else page `(va - start + offset) / 4096` of it backs `va`. `file` is the
    open file that was mapped (opaque here; it holds a reference and names the area), `name` a label such as
    b"[heap]".
    """

    __slots__ = ("cache", "end", "file", "flags", "name", "offset", "prot", "start")

    def __init__(self, start: int, end: int, prot: int, flags: int, cache: PageCache | None = None, offset: int = 0,
                 file: object | None = None, name: bytes = b"") -> None:
        self.start = start
        self.end = end
        self.prot = prot
        self.flags = flags
        self.cache = cache
        self.offset = offset
        self.file = file
        self.name = name

    def __repr__(self) -> str:
        return f"Vma({self.start:#x}-{self.end:#x} prot={self.prot} flags={self.flags:#x} {self.name!r})"

    @property
    def pages(self) -> int:
        return (self.end - self.start) // PAGE_SIZE

    @property
    def shared(self) -> bool:
        return bool(self.flags & VM_SHARED)

    @property
    def is_data(self) -> bool:
        """Private, writable and no stack: counted as VmData. mm/mmap.c:is_data_mapping"""
        return self.prot & PROT_WRITE != 0 and not self.flags & (VM_SHARED | VM_GROWSDOWN)

    @property
    def is_exec(self) -> bool:
        """Executable, not writable, no stack: counted as VmExe or VmLib. mm/mmap.c:is_exec_mapping"""
        return self.prot & (PROT_EXEC | PROT_WRITE) == PROT_EXEC and not self.flags & VM_GROWSDOWN

    @property
    def is_stack(self) -> bool:
        return bool(self.flags & VM_GROWSDOWN)

    def piece(self, start: int, end: int) -> Vma:
        """The part [start, end) of this area as an area of its own."""
        return Vma(start, end, self.prot, self.flags, self.cache, self.offset + (start - self.start)
                   if self.cache is not None else 0, self.file, self.name)

    def continues(self, after: Vma) -> bool:
        """Whether `after`, which begins where this one ends, is more of the same."""
        return (self.end == after.start and self.prot == after.prot and self.flags == after.flags
                and self.cache is after.cache and self.file is after.file and self.name == after.name
                and (self.cache is None or self.offset + (self.end - self.start) == after.offset))


class VmaList:
    """Areas in the order of their addresses; they never overlap."""

    __slots__ = ("_starts", "areas")

    def __init__(self) -> None:
        self.areas: list[Vma] = []
        self._starts: list[int] = []

    def __iter__(self) -> Iterator[Vma]:
        return iter(self.areas)

    def __len__(self) -> int:
        return len(self.areas)

    def find(self, address: int) -> Vma | None:
        """The area that holds `address`."""
        at = bisect_right(self._starts, address) - 1
        if at >= 0:
            area = self.areas[at]
            if address < area.end:
                return area
        return None

    def after(self, address: int) -> Vma | None:
        """The first area that ends past `address`. mm/mmap.c:find_vma"""
        at = bisect_right(self._starts, address) - 1
        if at >= 0 and address < self.areas[at].end:
            return self.areas[at]
        return self.areas[at + 1] if at + 1 < len(self.areas) else None

    def before(self, address: int) -> Vma | None:
        """The last area that starts below `address`."""
        at = bisect_right(self._starts, address - 1) - 1
        return self.areas[at] if at >= 0 else None

    def overlapping(self, start: int, end: int) -> list[Vma]:
        """The areas that share an address with [start, end), ascending; none if that is empty."""
        if start >= end:
            return []
        at = max(bisect_right(self._starts, start) - 1, 0)
        found = []
        for area in self.areas[at:]:
            if area.start >= end:
                break
            if area.end > start:
                found.append(area)
        return found

    def insert(self, area: Vma) -> None:
        """Add an area that overlaps none."""
        at = bisect_right(self._starts, area.start)
        self.areas.insert(at, area)
        self._starts.insert(at, area.start)

    def remove(self, area: Vma) -> None:
        """Take out an area that is in the list."""
        at = bisect_right(self._starts, area.start) - 1
        if self.areas[at] is not area:
            raise ValueError("the area is not in the list")
        del self.areas[at]
        del self._starts[at]

    def resize(self, area: Vma, start: int, end: int) -> None:
        """Change the bounds of an area in place; it still overlaps none and keeps its rank."""
        at = bisect_right(self._starts, area.start) - 1
        area.start = start
        area.end = end
        self._starts[at] = start

    def gap_below(self, top: int, bottom: int, size: int) -> int | None:
        """The highest address below `top` with `size` free bytes, not below `bottom`. mm/mmap.c, top-down search"""
        end = top
        for area in reversed(self.areas):
            if area.start >= end:
                continue
            if area.end <= end - size:
                break
            end = min(end, area.start)
        return end - size if end - size >= bottom else None

    def gap_above(self, bottom: int, top: int, size: int) -> int | None:
        """The lowest address from `bottom` with `size` free bytes below `top`."""
        start = bottom
        for area in self.areas:
            if area.end <= start:
                continue
            if area.start - start >= size:
                break
            start = area.end
        return start if start + size <= top else None
