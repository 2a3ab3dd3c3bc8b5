"""What the ELF files that a process has mapped say of its functions: their names, and how to leave them."""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_right
from functools import cached_property
from io import BytesIO
from typing import NamedTuple

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from rvsim.guest_os.abi.mman import PROT_EXEC
from rvsim.guest_os.fs.looking import contents
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.mm.vma import Vma
from rvsim.tools.procs.cfi import FrameTable, Rules

LARGEST_FILE = 1 << 26
EXECUTABLE = 4
"""SHF_EXECINSTR"""
KINDS = (0, 2, 10)
"""STT_NOTYPE, STT_FUNC, STT_GNU_IFUNC"""
SYMBOL = struct.Struct("<IBBHQQ")
"""Elf64_Sym: st_name, st_info, st_other, st_shndx, st_value, st_size. Read here, since pyelftools takes ten times as
long, and a library has thousands."""


class Symbol(NamedTuple):
    """A function at [start, end)."""

    start: int
    end: int
    name: str


class FileSymbols:
    """The functions of one ELF file, by address, and its segments; nothing of what is no ELF file."""

    def __init__(self, data: bytes) -> None:
        self.symbols: list[Symbol] = []
        self.segments: list[tuple[int, int, bool]] = []     # offset, address, code?
        self.fixed = False
        self._sections: list[tuple[bytes, int, bool]] = []
        try:
            self._read(ELFFile(BytesIO(data)))
        except (ELFError, ValueError, KeyError, UnicodeDecodeError, OverflowError, zlib.error):
            self.symbols = []
        self.starts = [symbol.start for symbol in self.symbols]

    def _read(self, elf: ELFFile) -> None:
        self.fixed = elf["e_type"] == "ET_EXEC"
        self.segments = [(segment["p_offset"], segment["p_vaddr"], bool(segment["p_flags"] & 1))
                         for segment in elf.iter_segments() if segment["p_type"] == "PT_LOAD"]
        for name in (".eh_frame", ".debug_frame"):
            section = elf.get_section_by_name(name)
            if section is not None and section["sh_type"] != "SHT_NOBITS":
                self._sections.append((section.data(), section["sh_addr"], name == ".eh_frame"))
        table = elf.get_section_by_name(".symtab") or elf.get_section_by_name(".dynsym")
        if not isinstance(table, SymbolTableSection):
            return
        if elf.elfclass != 64 or not elf.little_endian:
            return
        code = {index for index, section in enumerate(elf.iter_sections()) if section["sh_flags"] & EXECUTABLE}
        names, entries = table.stringtable.data(), table.data()
        found = []
        for at, info, _, section_number, start, size in SYMBOL.iter_unpack(
                entries[:len(entries) // SYMBOL.size * SYMBOL.size]):
            if section_number in code and info & 15 in KINDS:
                name = names[at:names.find(b"\0", at)].decode(errors="replace")
                if name and not name.startswith(("$", ".L")):
                    found.append(Symbol(start, start + size, name))
        found.sort()
        following = [symbol.start for symbol in found[1:]] + [0]
        self.symbols = [symbol if symbol.end > symbol.start else symbol._replace(end=after)
                        for symbol, after in zip(found, following, strict=True)]

    def bias(self, area: Vma) -> int | None:
        """How far the file's addresses are moved in a process that has this area; None: it cannot be told."""
        if self.fixed:
            return 0
        for offset, address, code in self.segments:
            if offset - offset % PAGE_SIZE == area.offset and code == bool(area.prot & PROT_EXEC):
                return area.start - (address - address % PAGE_SIZE)
        return None

    @cached_property
    def _frames(self) -> list[FrameTable]:
        return [FrameTable(*section) for section in self._sections]

    def rules(self, address: int) -> Rules | None:
        """How to leave the function at an address of the file, as its compiler says; None: it does not say."""
        return next((rules for table in self._frames if (rules := table.rules(address)) is not None), None)

    def find(self, address: int) -> Symbol | None:
        """The function at an address of the file."""
        at = bisect_right(self.starts, address)
        while at > 0:
            at -= 1
            symbol = self.symbols[at]
            if address < symbol.end:
                return symbol
            if symbol.end > symbol.start:
                break
        return None


class SymbolCache:
    """Every mapped file that was asked for."""

    def __init__(self) -> None:
        self._files: dict[int, tuple[object, FileSymbols]] = {}

    def _file(self, area: Vma) -> tuple[FileSymbols, int] | None:
        """The file that an area shows, and how far its addresses are moved."""
        cache = area.cache
        if cache is None or area.file is None:
            return None
        held = self._files.get(id(cache))
        if held is None:
            held = self._files[id(cache)] = (cache, FileSymbols(contents(cache.backing, LARGEST_FILE)))
        bias = held[1].bias(area)
        return (held[1], bias) if bias is not None else None

    def find(self, area: Vma, address: int) -> Symbol | None:
        """The function at `address` of a process, which lies in `area`; its place is the process's."""
        file, bias = self._file(area) or (None, 0)
        symbol = file.find(address - bias) if file is not None else None
        return Symbol(symbol.start + bias, symbol.end + bias, symbol.name) if symbol is not None else None

    def rules(self, area: Vma, address: int) -> Rules | None:
        """How to leave the function at `address` of a process, which lies in `area`; None: its file does not say."""
        file, bias = self._file(area) or (None, 0)
        return file.rules(address - bias) if file is not None else None
