"""Source lines of an ELF file. DWARF 5, "Line Number Information"; read by pyelftools, unit by unit, when needed."""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

from rvsim.tools.debug.reading import attempt

MOST_ROWS = 4_000_000


class Sequence(NamedTuple):
    """The lines of one piece of code, [start, end): rows of (address, path, line), ascending.

    `statements` are those of them at which a statement begins (is_stmt), in the same order.
    """

    start: int
    end: int
    rows: list[tuple[int, str, int]]
    statements: list[tuple[int, str, int]]


class Lines:
    """The line tables of a file, which may have none. Addresses are the file's own."""

    def __init__(self, elf: Any) -> None:
        self._dwarf: Any = None
        if elf is not None and attempt(elf.has_dwarf_info):
            self._dwarf = attempt(elf.get_dwarf_info)
        self._units: list[Any] | None = None
        self._ranges: list[tuple[int, int, int]] | None = None      # start, end, index of the unit
        self._tables: dict[int, list[Sequence]] = {}
        self._programs: dict[int, Any] = {}
        self._rows = 0

    def _all_units(self) -> list[Any]:
        if self._units is None:
            self._units = []
            if self._dwarf is not None:
                attempt(self._collect)
        return self._units

    def _collect(self) -> None:
        assert self._units is not None
        for unit in self._dwarf.iter_CUs():
            self._units.append(unit)

    def _unit_ranges(self) -> list[tuple[int, int, int]]:
        """Which unit has which addresses; a unit that does not say is looked through."""
        if self._ranges is None:
            self._ranges = []
            for index, unit in enumerate(self._all_units()):
                ranges = attempt(lambda unit=unit: self._said(unit))
                if ranges is None:
                    ranges = [(one.start, one.end) for one in self._table(index)]
                self._ranges.extend((start, end, index) for start, end in ranges if start < end)
            self._ranges.sort()
        return self._ranges

    def _said(self, unit: Any) -> list[tuple[int, int]] | None:
        top = unit.get_top_DIE()
        low, high = top.attributes.get("DW_AT_low_pc"), top.attributes.get("DW_AT_high_pc")
        if low is None or high is None:
            return None
        start = int(low.value)
        return [(start, int(high.value) + (0 if high.form == "DW_FORM_addr" else start))]

    def _table(self, index: int) -> list[Sequence]:
        table = self._tables.get(index)
        if table is None:
            table = self._tables[index] = attempt(lambda: self._read(self._all_units()[index])) or []
            table.sort(key=lambda one: one.start)
        return table

    def _read(self, unit: Any) -> list[Sequence]:
        program = self._dwarf.line_program_for_CU(unit)
        if program is None:
            return []
        directory = text_of(unit.get_top_DIE().attributes.get("DW_AT_comp_dir"))
        paths: dict[int, str] = {}
        found: list[Sequence] = []
        rows: list[tuple[int, str, int]] = []
        statements: list[tuple[int, str, int]] = []
        for entry in program.get_entries():
            state = entry.state
            if state is None:
                continue
            self._rows += 1
            if self._rows > MOST_ROWS:
                return []
            if state.end_sequence:
                if rows and 0 < rows[0][0] < state.address:      # what the linker left out begins at 0
                    rows.sort(key=lambda row: row[0])
                    statements.sort(key=lambda row: row[0])
                    found.append(Sequence(rows[0][0], state.address, rows, statements))
                rows, statements = [], []
                continue
            path = paths.get(state.file)
            if path is None:
                path = paths[state.file] = _path(program, state.file, directory)
            row = state.address, path, state.line
            rows.append(row)
            if state.is_stmt:
                statements.append(row)
        return found

    def units(self) -> Iterator[tuple[Any, list[Sequence]]]:
        """Every unit, as pyelftools has it, with its lines."""
        for index, unit in enumerate(self._all_units()):
            yield unit, self._table(index)

    def file_name(self, unit: Any, number: int) -> str:
        """The path of a file that a unit's entries give the number of; `?` if there is none."""
        program = self._programs.get(unit.cu_offset)
        if program is None:
            program = self._programs[unit.cu_offset] = attempt(lambda: self._dwarf.line_program_for_CU(unit))
        if program is None:
            return "?"
        return _path(program, number, text_of(unit.get_top_DIE().attributes.get("DW_AT_comp_dir")))

    def find(self, address: int) -> tuple[str, int] | None:
        """(path, line) of the code at an address."""
        ranges = self._unit_ranges()
        at = bisect_right(ranges, (address, 1 << 64, 0)) - 1
        while at >= 0 and ranges[at][0] <= address:
            start, end, index = ranges[at]
            if start <= address < end:
                found = self._in_unit(index, address)
                if found is not None:
                    return found
            if address - start > 1 << 24:
                break
            at -= 1
        return None

    def _in_unit(self, index: int, address: int) -> tuple[str, int] | None:
        table = self._table(index)
        at = bisect_right(table, address, key=lambda one: one.start) - 1
        if at < 0 or address >= table[at].end:
            return None
        rows = table[at].rows
        row = rows[bisect_right(rows, address, key=lambda one: one[0]) - 1]
        return (row[1], row[2]) if row[2] else None

    def addresses(self, name: str, line: int) -> tuple[frozenset[int], int]:
        """(addresses, line): where the code of line `line` of a file begins, or of the next one that has code.

        `name` is the end of its path. One address for each function and place that the line was compiled into.
        """
        rows: list[tuple[int, int]] = []
        for index in range(len(self._all_units())):
            if not attempt(lambda index=index: self._mentions(self._all_units()[index], name)):
                continue
            for one in self._table(index):
                previous = (0, "", 0)
                for row in one.rows:
                    if row[2] >= line and row[1:] != previous[1:] and _is(row[1], name):
                        rows.append((row[2], row[0]))
                    previous = row
        if not rows:
            return frozenset(), 0
        nearest = min(rows)[0]
        return frozenset(address for found, address in rows if found == nearest), nearest

    def _mentions(self, unit: Any, name: str) -> bool:
        program = self._dwarf.line_program_for_CU(unit)
        if program is None:
            return False
        last = posixpath.basename(name).encode()
        return any(posixpath.basename(entry.name) == last for entry in program["file_entry"])


def _is(path: str, name: str) -> bool:
    return path == name or path.endswith("/" + name)


def text_of(attribute: Any) -> str:
    """The text of a DWARF attribute, which may be missing."""
    value = attribute.value if attribute is not None else None
    return value.decode(errors="replace") if isinstance(value, bytes) else ""


def _path(program: Any, number: int, directory: str) -> str:
    """The path of a file of a line program. Until DWARF 4, files and directories count from 1, and 0 is the unit's."""
    header = program.header
    files = header["file_entry"]
    at = number if header["version"] >= 5 else number - 1
    if not 0 <= at < len(files):
        return "?"
    entry = files[at]
    name = entry.name.decode(errors="replace")
    folders = header["include_directory"]
    folder_at = entry.dir_index if header["version"] >= 5 else entry.dir_index - 1
    folder = folders[folder_at].decode(errors="replace") if 0 <= folder_at < len(folders) else ""
    return posixpath.normpath(posixpath.join(directory, folder, name))
