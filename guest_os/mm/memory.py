"""The machine's memory as the kernel shares it out: frames, page caches, and what to do when it runs short."""

from __future__ import annotations

from typing import Protocol

from rvsim.emu._gate import Frames
from rvsim.guest_os.mm.page_cache import Backing, PageCache


class AnonymousBacking:
    """What stands behind shared anonymous memory: zeroes, and nothing to write back to. mm/shmem.c:shmem_zero_setup

    Attributes:
        ino: its inode number, once somebody has asked for one.
    """

    __slots__ = ("_size", "ino", "mapping")

    def __init__(self, size: int) -> None:
        self._size = size
        self.ino = 0
        self.mapping: object | None = None

    @property
    def size(self) -> int:
        return self._size

    def read_raw(self, offset: int, size: int) -> bytes:
        """Nothing: a page that was never touched is zero."""
        return b""

    def write_raw(self, offset: int, data: bytes) -> None:
        """Nothing to do: the frames are the only place, and they live as long as the mappings."""

    def charge(self, offset: int, size: int) -> None:
        """Nothing to do: the frames are counted already."""


class Allocations(Protocol):
    """Who may refuse a page: faults that are injected."""

    def page_wanted(self) -> None:
        """A program is to get a page. Raises OutOfMemory: not this one."""


class Memory:
    """Frames, and the page caches that may give some back. One per machine.

    `allocations` is asked before a program gets a page of its own; None, which is usual: nobody is.
    """

    __slots__ = ("allocations", "caches", "frames")

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self.caches: dict[PageCache, None] = {}
        self.allocations: Allocations | None = None

    def take_page(self) -> None:
        """A program gets a page of its own next. Raises OutOfMemory: it is one that is to fail."""
        if self.allocations is not None:
            self.allocations.page_wanted()

    def cache_of(self, backing: Backing) -> PageCache:
        """The page cache of a file, made when it is first asked for."""
        cache = backing.mapping
        if isinstance(cache, PageCache):
            return cache
        made = PageCache(self.frames, backing)
        backing.mapping = made
        self.caches[made] = None
        return made

    def cached_pages(self) -> tuple[int, int]:
        """How many frames page caches hold, and how many of them are shared memory without a file."""
        shared = sum(len(cache.pages) for cache in self.caches if isinstance(cache.backing, AnonymousBacking))
        return sum(len(cache.pages) for cache in self.caches), shared

    def mapped_pages(self) -> int:
        """How many frames of page caches are in somebody's address space."""
        count = self.frames.count
        return sum(1 for cache in self.caches if cache.mappers for ppn in cache.pages.values() if count(ppn) > 1)

    def forget(self, cache: PageCache) -> None:
        """Give up a page cache and its frames."""
        cache.release()
        self.caches.pop(cache, None)

    def reclaim(self) -> int:
        """Give back what page caches hold and nobody maps; returns the number of frames gained."""
        gained = 0
        for cache in tuple(self.caches):
            gained += cache.shrink()
            if not cache.pages and not cache.mappers:
                cache.release()
                del self.caches[cache]
        return gained
