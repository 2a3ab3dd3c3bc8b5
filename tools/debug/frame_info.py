"""How functions keep their frames, as the compiler says. DWARF 5, "Call Frame Information"; read by pyelftools."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, NamedTuple

from rvsim.tools.debug.elf_file import attempt

RA, SP, FP = 1, 2, 8


class Frame(NamedTuple):
    """Where the caller's things are: its stack pointer is `register` + `offset`; ra and s0 are saved at these offsets
    from that, None: they still are in their registers."""

    register: int
    offset: int
    ra_at: int | None
    fp_at: int | None


class Frames:
    """The frame information of a file, which may have none. Addresses are the file's own."""

    def __init__(self, elf: Any) -> None:
        self._entries: list[tuple[int, int, Any]] = []
        if elf is not None:
            attempt(lambda: self._read(elf))
        self._entries.sort(key=lambda one: one[:2])
        self._starts = [start for start, _, _ in self._entries]
        self._decoded: dict[int, Any] = {}

    def _read(self, elf: Any) -> None:
        from elftools.dwarf.callframe import FDE

        dwarf = elf.get_dwarf_info()
        entries: list[Any] = []
        if dwarf.has_EH_CFI():
            entries += attempt(dwarf.EH_CFI_entries) or []
        if dwarf.has_CFI():
            entries += attempt(dwarf.CFI_entries) or []
        for entry in entries:
            if isinstance(entry, FDE):
                start = entry.header["initial_location"]
                self._entries.append((start, start + entry.header["address_range"], entry))

    def find(self, address: int) -> Frame | None:
        """The frame of the function at an address; None: nothing is said of it, or what is no plain frame."""
        at = bisect_right(self._starts, address) - 1
        if at < 0 or address >= self._entries[at][1]:
            return None
        if at not in self._decoded:
            self._decoded[at] = attempt(self._entries[at][2].get_decoded)
        decoded = self._decoded[at]
        if decoded is None:
            return None
        found = None
        for row in decoded.table:
            if row["pc"] > address:
                break
            found = row
        return attempt(lambda: _frame(found)) if found is not None else None


def _frame(row: Any) -> Frame | None:
    cfa = row["cfa"]
    if cfa.expr is not None or cfa.reg not in (SP, FP):
        return None
    places: list[int | None] = []
    for register in RA, FP:
        rule = row.get(register)
        if rule is None or rule.type == "SAME_VALUE":
            places.append(None)
        elif rule.type == "OFFSET":
            places.append(rule.arg)
        else:
            return None
    return Frame(cfa.reg, cfa.offset, places[0], places[1])
