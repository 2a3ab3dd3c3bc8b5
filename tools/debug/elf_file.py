"""One ELF file as a debugger reads it: symbols, source lines, frames. Each part is read when it is first asked for.

A file may be anything: what cannot be read counts as not being there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from io import BytesIO
from typing import Any

from rvsim.guest_os.mm.vma import Vma
from rvsim.tools.debug.reading import attempt
from rvsim.tools.procs.cfi import Rules
from rvsim.tools.procs.symbols import FileSymbols, Symbol

OBJECTS = ("STT_OBJECT", "STT_TLS", "STT_COMMON")
FUNCTIONS = ("STT_FUNC", "STT_NOTYPE", "STT_LOOS")


class ElfFile:
    """The file with these bytes. Addresses are the file's own."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.is_elf = data.startswith(b"\x7fELF")

    @cached_property
    def functions(self) -> FileSymbols:
        """Its functions and its segments."""
        found: FileSymbols = attempt(lambda: FileSymbols(self.data)) or FileSymbols(b"")
        return found

    @cached_property
    def elf(self) -> Any:
        """The file as pyelftools has it; None if it does not."""
        from elftools.elf.elffile import ELFFile

        if not self.is_elf:
            return None
        return attempt(lambda: ELFFile(BytesIO(self.data)))

    def bias(self, area: Vma) -> int | None:
        """How far its addresses are moved in a process that has this area; None: it cannot be told."""
        return self.functions.bias(area) if self.is_elf else None

    @cached_property
    def _named(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for name, start, _, kind in self._all:
            if kind in FUNCTIONS or kind in OBJECTS:
                found.setdefault(name, start)
        return found

    @cached_property
    def _all(self) -> list[tuple[str, int, int, str]]:
        """(name, address, size, type) of the symbols that are defined; functions first, the program's names first."""
        if self.elf is None:
            return []
        return attempt(self._read_symbols) or []

    def _read_symbols(self) -> list[tuple[str, int, int, str]]:
        from elftools.elf.sections import SymbolTableSection

        found = []
        for section in ".symtab", ".dynsym":
            table = self.elf.get_section_by_name(section)
            if isinstance(table, SymbolTableSection):
                for symbol in table.iter_symbols():
                    kind = symbol["st_info"]["type"]
                    if symbol["st_shndx"] != "SHN_UNDEF" and symbol.name and not symbol.name.startswith(("$", ".L")):
                        found.append((symbol.name, symbol["st_value"], symbol["st_size"], str(kind)))
        found.sort(key=lambda one: one[3] not in ("STT_FUNC", "STT_LOOS"))
        return found

    @cached_property
    def _objects(self) -> tuple[list[int], list[Symbol]]:
        found = sorted({Symbol(start, start + size, name) for name, start, size, kind in self._all
                        if kind == "STT_OBJECT" and size})
        return [one.start for one in found], found

    def find(self, address: int) -> Symbol | None:
        """The function or variable at an address."""
        function = self.functions.find(address)
        if function is not None:
            return function
        starts, objects = self._objects
        at = bisect_right(starts, address) - 1
        return objects[at] if at >= 0 and address < objects[at].end else None

    def address(self, name: str) -> int | None:
        """Where a symbol is."""
        return self._named.get(name)

    def names(self) -> Iterable[str]:
        """All symbols' names."""
        return self._named

    @cached_property
    def lines(self) -> Any:
        """Its source lines: a `Lines`."""
        from rvsim.tools.debug.lines import Lines

        return Lines(self.elf)

    def rules(self, address: int) -> Rules | None:
        """How to leave the function at an address; None: the compiler has not said it."""
        found: Rules | None = attempt(lambda: self.functions.rules(address))
        return found
