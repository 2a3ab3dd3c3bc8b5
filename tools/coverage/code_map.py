"""What the code of one file is: its lines and functions, and where in it they are."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from typing import Any, NamedTuple

from rvsim.tools.coverage.ranges import Ranges
from rvsim.tools.debug.lines import Lines, Sequence, text_of
from rvsim.tools.debug.reading import attempt
from rvsim.tools.procs.symbols import FileSymbols


class Statement(NamedTuple):
    """A piece [start, end) of the code of a line."""

    path: str
    line: int
    start: int
    end: int


class Function(NamedTuple):
    """A function that was compiled to [start, end), or into another there."""

    path: str
    line: int
    name: str
    start: int
    end: int
    inlined: bool


class CodeMap:
    """The code of the program with these contents; its DWARF may be in another file, `debug`. Addresses are the file's
    own. Without DWARF there are only `symbols`."""

    def __init__(self, data: bytes, debug: bytes = b"") -> None:
        from elftools.elf.elffile import ELFFile

        self.symbols = FileSymbols(data)
        if debug and not self.symbols.symbols:
            self.symbols = FileSymbols(debug)
        elf = attempt(lambda: ELFFile(BytesIO(data)))
        self._segments: list[tuple[int, int, int]] = attempt(lambda: list(_code(elf))) or []
        self._lines = Lines(attempt(lambda: ELFFile(BytesIO(debug))) if debug else elf)
        self.statements: list[Statement] = []
        self.functions: list[Function] = []
        for unit, table in self._lines.units():
            for sequence in table:
                self.statements += _statements(sequence)
            self.functions += attempt(lambda unit=unit: list(self._functions(unit))) or []

    def addresses(self, ranges: set[tuple[int, int]]) -> Ranges:
        """Addresses of ranges of bytes of the file."""
        return Ranges((start - offset + address, end - offset + address) for start, end in ranges
                      for offset, address, size in self._segments if offset <= start < offset + size)

    def _functions(self, unit: Any) -> Iterator[Function]:
        for die in unit.iter_DIEs():
            inlined = die.tag == "DW_TAG_inlined_subroutine"
            if not inlined and (die.tag != "DW_TAG_subprogram" or "DW_AT_declaration" in die.attributes):
                continue
            start, end = _extent(die)
            if not 0 < start < end:     # what the linker left out begins at 0
                continue
            named = attempt(lambda die=die: self._named(die))
            if named is not None:
                path, line, name = named
                yield Function(path, line, name, start, end, inlined)

    def _named(self, die: Any) -> tuple[str, int, str] | None:
        """(path, line, name) of a function; for them, entries lead to others."""
        path, line, linkage, name = "", 0, "", ""
        for _ in range(8):
            found = die.attributes
            if "DW_AT_decl_line" in found and not line:
                line = found["DW_AT_decl_line"].value
            if "DW_AT_decl_file" in found and not path:
                path = self._lines.file_name(die.cu, found["DW_AT_decl_file"].value)
            linkage = linkage or text_of(found.get("DW_AT_linkage_name") or found.get("DW_AT_MIPS_linkage_name"))
            name = name or text_of(found.get("DW_AT_name"))
            onward = next((at for at in ("DW_AT_abstract_origin", "DW_AT_specification") if at in found), None)
            if onward is None:
                break
            die = die.get_DIE_from_attribute(onward)
        return (path, line, linkage or name) if path and line and (linkage or name) else None


def _code(elf: Any) -> Iterator[tuple[int, int, int]]:
    for segment in elf.iter_segments():
        if segment["p_type"] == "PT_LOAD" and segment["p_flags"] & 1:
            yield segment["p_offset"], segment["p_vaddr"], segment["p_filesz"]


def _statements(sequence: Sequence) -> Iterator[Statement]:
    places = sorted({row[0] for row in sequence.rows} | {sequence.end})
    after = dict(pairwise(places))
    for address, path, line in sequence.statements:
        if line and address in after:
            yield Statement(path, line, address, after[address])


def _extent(die: Any) -> tuple[int, int]:
    """[start, end) of an entry; of one in pieces, the piece that is entered. Nothing: it has no code."""
    low, high = die.attributes.get("DW_AT_low_pc"), die.attributes.get("DW_AT_high_pc")
    if low is not None and high is not None:
        return low.value, high.value + (0 if high.form == "DW_FORM_addr" else low.value)
    ranges = die.attributes.get("DW_AT_ranges")
    if ranges is None:
        return 0, 0
    entry = die.attributes.get("DW_AT_entry_pc")
    return attempt(lambda: _piece(die, ranges.value, entry)) or (0, 0)


def _piece(die: Any, offset: int, entry: Any) -> tuple[int, int]:
    cu = die.cu
    lists = die.dwarfinfo.range_lists()
    base = cu.get_top_DIE().attributes.get("DW_AT_low_pc")
    start = base.value if base is not None else 0
    found = []
    for one in lists.get_range_list_at_offset(offset, cu):
        if hasattr(one, "base_address"):
            start = one.base_address
        else:
            shift = 0 if getattr(one, "is_absolute", False) else start
            found.append((one.begin_offset + shift, one.end_offset + shift))
    at = entry.value + (0 if entry.form == "DW_FORM_addr" else found[0][0]) if entry is not None else found[0][0]
    return next(((low, high) for low, high in found if low <= at < high), found[0])
