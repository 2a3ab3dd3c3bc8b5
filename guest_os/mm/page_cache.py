"""The pages of one file that are in frames, shared by everything that maps them. mm/filemap.c

A file that was never mapped has no page cache: its inode alone holds its bytes. Once mapped, the frames that are
present hold the truth, and reads and writes of the file go through them (`PageMapping` of the VFS).
"""

from __future__ import annotations

from typing import Any, Protocol

from rvsim.emu._gate import Frames
from rvsim.guest_os.mm.layout import PAGE_SIZE


class Backing(Protocol):
    """What a page cache needs of an inode: raw access to its stored bytes, and their number."""

    mapping: Any
    """None, or the `PageCache` (to the VFS a `PageMapping`)."""

    @property
    def size(self) -> int: ...

    def read_raw(self, offset: int, size: int) -> bytes:
        """Up to `size` stored bytes from `offset`, not looking at frames."""

    def write_raw(self, offset: int, data: bytes) -> None:
        """Store `data` at `offset`, not looking at frames; the size does not change."""

    def charge(self, offset: int, size: int) -> None:
        """Make sure that there is room to store that range. Raises ENOSPC."""


class Mapper(Protocol):
    """An address space that maps pages of a cache."""

    def truncated(self, cache: PageCache, first: int) -> None:
        """The file ends before its page `first` now: no later page may stay mapped."""


class PageCache:
    """Frames by page index, each holding one reference. Pages are loaded when they are first asked for.

    `mappers` counts the areas that show it, `writers` those that are shared and may be written.
    """

    __slots__ = ("backing", "dirty", "frames", "mappers", "pages", "spaces", "writers")

    def __init__(self, frames: Frames, backing: Backing) -> None:
        self.frames = frames
        self.backing = backing
        self.pages: dict[int, int] = {}
        self.dirty: set[int] = set()
        self.mappers = 0
        self.writers = 0
        self.spaces: dict[Mapper, int] = {}   # how many areas of each map it

    def mapped_by(self, space: Mapper, change: int, writes: bool = False) -> None:
        """An area of `space` maps this cache, or (-1) does no more; `writes`: it may change the file."""
        self.mappers += change
        self.writers += change if writes else 0
        count = self.spaces.get(space, 0) + change
        if count:
            self.spaces[space] = count
        else:
            del self.spaces[space]

    def page(self, index: int) -> int:
        """The ppn of page `index`, loaded if it was not there; no reference is taken for the caller.

        Raises:
            MemoryError: no frame is left.
            Errno: the file cannot be read there.
        """
        ppn = self.pages.get(index)
        if ppn is None:
            data = self.backing.read_raw(index * PAGE_SIZE, PAGE_SIZE)
            ppn = self.frames.alloc()
            if data:
                self.frames.write(ppn, 0, data)
            self.pages[index] = ppn
        return ppn

    def page_for_write(self, index: int) -> int:
        """As `page`, for a mapping that may store to it: from now on the frame holds the truth.

        Raises:
            ENOSPC: the file system has no room for the page.
        """
        if index not in self.dirty:
            self.backing.charge(index * PAGE_SIZE, PAGE_SIZE)
        ppn = self.page(index)
        self.dirty.add(index)
        return ppn

    def mark_dirty(self, index: int) -> None:
        """A mapping may store to page `index`, which is present, from now on. Raises ENOSPC."""
        if index not in self.dirty:
            self.backing.charge(index * PAGE_SIZE, PAGE_SIZE)
            self.dirty.add(index)

    def is_dirty(self, index: int) -> bool:
        """Whether a mapping may have stored to page `index`."""
        return index in self.dirty

    def read(self, offset: int, size: int) -> bytes:
        """The file's bytes from `offset`, up to `size`, ending at the file's end."""
        size = min(size, self.backing.size - offset)
        if size <= 0:
            return b""
        if not self.dirty:
            return self.backing.read_raw(offset, size)
        first, last = offset // PAGE_SIZE, (offset + size - 1) // PAGE_SIZE
        touched = [index for index in sorted(self.dirty) if first <= index <= last]
        if not touched:
            return self.backing.read_raw(offset, size)
        data = bytearray(self.backing.read_raw(offset, size))
        for index in touched:
            start = max(offset, index * PAGE_SIZE)
            end = min(offset + size, (index + 1) * PAGE_SIZE)
            data[start - offset:end - offset] = self.frames.read(
                self.pages[index], start - index * PAGE_SIZE, end - index * PAGE_SIZE)
        return bytes(data)

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Bring `data`, which the inode stores at `offset`, into the frames that hold those pages."""
        if not self.pages:
            return
        end = offset + len(data)
        view = memoryview(data)
        for index in range(offset // PAGE_SIZE, (end + PAGE_SIZE - 1) // PAGE_SIZE):
            ppn = self.pages.get(index)
            if ppn is not None:
                start = max(offset, index * PAGE_SIZE)
                stop = min(end, (index + 1) * PAGE_SIZE)
                self.frames.write(ppn, start - index * PAGE_SIZE, view[start - offset:stop - offset])

    def truncate(self, size: int) -> None:
        """The file is now `size` bytes long: whole pages past it go, the rest of the last one is zeroed."""
        keep = (size + PAGE_SIZE - 1) // PAGE_SIZE
        for space in self.spaces:
            space.truncated(self, keep)
        for index in [index for index in self.pages if index >= keep]:
            self.frames.put(self.pages.pop(index))
            self.dirty.discard(index)
        tail = size % PAGE_SIZE
        if tail and keep - 1 in self.pages:
            self.frames.clear(self.pages[keep - 1], tail)

    def zero(self, offset: int, end: int) -> None:
        """The bytes [offset, end) of the file are zeros now: so are those of the frames that hold them."""
        first, last = offset // PAGE_SIZE, (end - 1) // PAGE_SIZE
        for index in [index for index in self.pages if first <= index <= last]:
            start = index * PAGE_SIZE
            here, stop = max(offset - start, 0), min(end - start, PAGE_SIZE)
            self.frames.write(self.pages[index], here, bytes(stop - here))

    def write_back(self) -> None:
        """Store what mappings changed back into the inode. The pages stay dirty while something maps them."""
        size = self.backing.size
        for index in sorted(self.dirty):
            start = index * PAGE_SIZE
            if start < size:
                self.backing.write_raw(start, self.frames.read(self.pages[index], 0, min(PAGE_SIZE, size - start)))
        if not self.mappers:
            self.dirty.clear()

    def shrink(self) -> int:
        """Give back the frames that nothing maps; returns how many."""
        self.write_back()
        idle = [index for index, ppn in self.pages.items() if self.frames.count(ppn) == 1 and index not in self.dirty]
        for index in idle:
            self.frames.put(self.pages.pop(index))
        return len(idle)

    def release(self) -> None:
        """Store what is dirty and give back every frame: the inode goes, or the machine ends."""
        self.write_back()
        for ppn in self.pages.values():
            self.frames.put(ppn)
        self.pages.clear()
        self.dirty.clear()
        self.backing.mapping = None
