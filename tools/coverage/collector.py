"""Notes which bytes of which files a machine runs as code, while it is attached to it."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, NamedTuple

from rvsim.emu._gate import CoverLog
from rvsim.guest_os.fs import looking
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.proc.maps import area_name

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.mm.page_cache import PageCache
    from rvsim.guest_os.mm.vma import Vma

LARGEST_FILE = 1 << 28
_NOTE = struct.Struct("<QQ")


class Ran(NamedTuple):
    """A file of which code ran: its contents then, a path that it had in the guest, and ranges of its bytes."""

    data: bytes
    path: str
    ranges: set[tuple[int, int]]


class Collector:
    """Attaches to a machine when it is made, until `detach`.

    What is no file is left out: code that a program made for itself, and the kernel's vDSO. The machine runs, tick by
    tick, as it would without.

    Raises:
        ValueError: the machine has a collector.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.files: dict[bytes, Ran] = {}       # by a digest of their contents
        # by the identity of a page cache, which the first item keeps alive
        self._known: dict[int, tuple[PageCache, set[tuple[int, int]]]] = {}
        if machine.hart.cover is not None:
            raise ValueError("the machine's coverage is noted already")
        self._log = CoverLog(self._note)
        machine.hart.cover = self._log

    def detach(self) -> None:
        """Note no more."""
        if self.machine.hart.cover is self._log:
            self.machine.hart.cover = None

    def _note(self, notes: bytes) -> None:
        task = self.machine.kernel.scheduler.current
        space = task.mm if task is not None else None
        if space is None:
            return
        area: Vma | None = None
        ranges: set[tuple[int, int]] | None = None
        for start, end in _NOTE.iter_unpack(notes):
            if area is None or not area.start <= start < area.end:
                area = space.areas.find(start)
                ranges = self._ranges(space, area) if area is not None else None
            if area is not None and ranges is not None:
                shift = area.offset - area.start
                ranges.add((start + shift, min(end, area.end) + shift))

    def _ranges(self, space: AddressSpace, area: Vma) -> set[tuple[int, int]] | None:
        """Where to note what ran of the file that an area shows; None: it shows none."""
        cache = area.cache
        if cache is None or area.file is None:
            return None
        known = self._known.get(id(cache))
        if known is None:
            data = contents(cache)
            path = area_name(space, area).decode(errors="replace").removesuffix(" (deleted)")
            digest = hashlib.blake2b(data or path.encode(), digest_size=16).digest()
            ran = self.files.get(digest)
            if ran is None:
                ran = self.files[digest] = Ran(data, path, set())
            known = self._known[id(cache)] = cache, ran.ranges
        return known[1]


def contents(cache: PageCache) -> bytes:
    """The file behind a page cache as a program sees it; nothing, if it cannot be read or is too large."""
    with looking.looking(cache.backing):
        size = cache.backing.size
    if size > LARGEST_FILE:
        return b""
    data = looking.contents(cache.backing, LARGEST_FILE)
    if not cache.dirty:
        return data
    changed = bytearray(data.ljust(size, b"\0"))
    for index in sorted(cache.dirty):
        ppn = cache.pages.get(index)
        if ppn is not None:
            at = index * PAGE_SIZE
            changed[at:at + PAGE_SIZE] = cache.frames.read(ppn)[:max(size - at, 0)]
    return bytes(changed[:size])
