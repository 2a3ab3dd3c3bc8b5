"""Names of addresses: the symbol tables of every file that a process has mapped, its libraries and the vDSO included.

What belongs to a file is read once, however often the machine goes back; see `elf_file`.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rvsim.guest_os.fs.looking import contents
from rvsim.guest_os.proc.maps import area_name
from rvsim.tools.debug.elf_file import ElfFile
from rvsim.tools.procs.symbols import LARGEST_FILE, Symbol

if TYPE_CHECKING:
    from rvsim.guest_os.mm.page_cache import PageCache
    from rvsim.guest_os.mm.vma import Vma
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.procs.cfi import Rules


class Loaded(NamedTuple):
    """A file in a process. `bias` is what its own addresses are moved by; [start, end) is from its first area to its
    last."""

    file: ElfFile
    bias: int
    path: str
    start: int
    end: int


class Place(NamedTuple):
    """A line of a source file, as DWARF names it."""

    path: str
    line: int


class Symbols:
    """The symbols of a session."""

    def __init__(self) -> None:
        self._files: dict[bytes, ElfFile] = {}
        self._by_cache: dict[int, tuple[PageCache, ElfFile]] = {}

    def another_machine(self) -> None:
        """Page caches are new; the files' contents are the same."""
        self._by_cache.clear()

    def file(self, area: Vma) -> ElfFile | None:
        """The file that an area shows."""
        cache = area.cache
        if cache is None or (area.file is None and area.name != b"[vdso]"):
            return None
        held = self._by_cache.get(id(cache))
        if held is None:
            data = contents(cache.backing, LARGEST_FILE)
            digest = hashlib.blake2b(data, digest_size=16).digest()
            file = self._files.get(digest)
            if file is None:
                file = self._files[digest] = ElfFile(data)
            held = self._by_cache[id(cache)] = cache, file
        return held[1]

    def loaded(self, task: Task) -> list[Loaded]:
        """The files of a process: its program, then the others in the order of their addresses."""
        space = task.mm
        if space is None:
            return []
        found: dict[tuple[int, int], Loaded] = {}
        program = getattr(space.exe, "inode", None)
        first = None
        for area in space.areas:
            file = self.file(area)
            if file is None or not file.is_elf:
                continue
            bias = file.bias(area)
            if bias is None:
                continue
            key = id(file), bias
            known = found.get(key)
            if known is None:
                path = area_name(space, area).decode(errors="replace")
                found[key] = Loaded(file, bias, path, area.start, area.end)
                if program is not None and getattr(area.file, "inode", None) is program:
                    first = key
            else:
                found[key] = known._replace(end=area.end)
        ordered = list(found.values())
        if first is not None:
            ordered.sort(key=lambda one: (id(one.file), one.bias) != first)
        return ordered

    def find(self, area: Vma, address: int) -> Symbol | None:
        """The symbol at `address` of a process, which lies in `area`; its place is the process's."""
        file = self.file(area)
        bias = file.bias(area) if file is not None else None
        if file is None or bias is None:
            return None
        symbol = file.find(address - bias)
        return Symbol(symbol.start + bias, symbol.end + bias, symbol.name) if symbol is not None else None

    def rules(self, area: Vma, address: int) -> Rules | None:
        """How to leave the function at `address` of a process, which lies in `area`; None: its file does not say."""
        file = self.file(area)
        bias = file.bias(area) if file is not None else None
        return file.rules(address - bias) if file is not None and bias is not None else None

    def at(self, task: Task, address: int) -> Symbol | None:
        """The symbol that holds an address of a process."""
        area = task.mm.areas.find(address) if task.mm is not None else None
        if area is None:
            return None
        found = self.find(area, address)
        if found is None and area.cache is None:        # .bss behind the last page of the file
            for one in self.loaded(task):
                symbol = one.file.find(address - one.bias)
                if symbol is not None:
                    return Symbol(symbol.start + one.bias, symbol.end + one.bias, symbol.name)
        return found

    def describe(self, task: Task, address: int) -> str:
        """`main+0x1c`, or nothing."""
        symbol = self.at(task, address)
        if symbol is None:
            return ""
        return f"{symbol.name}+{address - symbol.start:#x}" if address != symbol.start else symbol.name

    def address(self, task: Task, name: str) -> int | None:
        """Where a symbol is in a process; the program's own comes before its libraries'."""
        for one in self.loaded(task):
            found = one.file.address(name)
            if found is not None:
                return found + one.bias
        return None

    def names(self, task: Task) -> Iterator[str]:
        """All names, for completion."""
        for one in self.loaded(task):
            yield from one.file.names()

    # ---- source lines

    def line(self, task: Task, address: int) -> Place | None:
        """The source line of an address of a process."""
        area = task.mm.areas.find(address) if task.mm is not None else None
        file = self.file(area) if area is not None else None
        bias = file.bias(area) if file is not None and area is not None else None
        if file is None or bias is None:
            return None
        found = file.lines.find(address - bias)
        return Place(*found) if found is not None else None

    def line_addresses(self, task: Task, name: str, line: int) -> tuple[frozenset[int], int]:
        """(where the code of a source line begins, the line that this is): of the next line that has code."""
        for one in self.loaded(task):
            addresses, found = one.file.lines.addresses(name, line)
            if addresses:
                return frozenset(address + one.bias for address in addresses), found
        return frozenset(), 0


def nearest(starts: list[int], address: int) -> int:
    """The index of the last start that is not above an address, -1 if there is none."""
    return bisect_right(starts, address) - 1
