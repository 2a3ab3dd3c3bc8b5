"""Call frame information: where a function's caller is, as the compiler wrote it down. DWARF 5, 6.4; LSB 10.6

    .eh_frame     entry: | length 4 | distance back to its CIE 4 | begin | size | augmentation | instructions |
    .debug_frame  entry: | length 4 | offset of its CIE 4        | begin | size |                instructions |

A CIE has 0 (in .debug_frame: ~0) in place of the CIE, and what all its functions have in common. What is there is
somebody else's data: an entry that makes no sense is taken for none, and nothing is read twice.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

RA = 1
FORMATS = {0x0: (8, False), 0x2: (2, False), 0x3: (4, False), 0x4: (8, False), 0xA: (2, True), 0xB: (4, True),
           0xC: (8, True)}
"""DW_EH_PE's sizes and signs; 1 and 9 are LEB128."""
MOST_STATES = 64


class _Broken(Exception):
    """This entry cannot be understood."""


class _Bytes:
    """A place in a section."""

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data = data
        self.at = at
        self.end = end

    def number(self, size: int, signed: bool = False) -> int:
        if self.at + size > self.end:
            raise _Broken
        self.at += size
        return int.from_bytes(self.data[self.at - size:self.at], "little", signed=signed)

    def leb(self, signed: bool = False) -> int:
        value = shift = 0
        while shift < 70:
            byte = self.number(1)
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value - (1 << shift) if signed and byte & 0x40 else value
        raise _Broken

    def skip(self, size: int) -> None:
        if size < 0 or self.at + size > self.end:
            raise _Broken
        self.at += size

    def pointer(self, encoding: int, address: int) -> int:
        """A pointer in an encoding of .eh_frame; `address` is that of the section."""
        place = address + self.at
        if encoding & 0x0F in (1, 9):
            value = self.leb(encoding & 8 != 0)
        elif encoding & 0x0F in FORMATS:
            value = self.number(*FORMATS[encoding & 0x0F])
        else:
            raise _Broken
        match encoding & 0xF0:
            case 0x00:
                return value
            case 0x10:
                return value + place & (1 << 64) - 1
            case _:
                raise _Broken


class _Common(NamedTuple):
    """A CIE."""

    code: _Bytes
    code_align: int
    data_align: int
    return_register: int
    encoding: int
    augmented: bool
    signal: bool


@dataclass(slots=True)
class Rules:
    """A row of the table: the caller's stack pointer is register `cfa_register` plus `cfa_offset`.

    `saved`: where registers were put, counted from there. `lost`: registers that the function does not bring back; if
    the return address is one, nobody called it. `signal`: what comes next was interrupted, not called.
    """

    cfa_register: int = 2
    cfa_offset: int = 0
    saved: dict[int, int] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    return_register: int = RA
    signal: bool = False

    def copy(self) -> Rules:
        return Rules(self.cfa_register, self.cfa_offset, dict(self.saved), set(self.lost), self.return_register,
                     self.signal)


class FrameTable:
    """The entries of one section. Addresses are the file's."""

    def __init__(self, data: bytes, address: int, eh: bool) -> None:
        """`eh`: the section is .eh_frame, else .debug_frame."""
        self._data = data
        self._address = address
        self._eh = eh
        self._commons: dict[int, _Common | None] = {}
        self._entries: list[tuple[int, int, int, int, int]] = []    # begin, end, instructions, their end, CIE
        at = 0
        while (end := self._add(at)) is not None:
            at = end
        self._entries.sort()
        self._begins = [entry[0] for entry in self._entries]

    def _add(self, at: int) -> int | None:
        """Take the entry at `at`; where the next one is, None at the end."""
        if at + 8 > len(self._data):
            return None
        size = int.from_bytes(self._data[at:at + 4], "little")
        if size == 0 and not self._eh:
            return at + 4
        end = at + 4 + size
        if not 4 <= size < 0xFFFF_FFF0 or end > len(self._data):        # at its end, damaged, or of 64 bits
            return None
        link = int.from_bytes(self._data[at + 4:at + 8], "little")
        if link == (0 if self._eh else 0xFFFF_FFFF):
            return end
        start = at + 4 - link if self._eh else link
        common = self._common(start)
        if common is None:
            return end
        place = _Bytes(self._data, at + 8, end)
        try:
            begin = place.pointer(common.encoding, self._address)
            length = place.pointer(common.encoding & 0x0F, 0)
            if common.augmented:
                place.skip(place.leb())
        except _Broken:
            return end
        if length > 0:
            self._entries.append((begin, begin + length, place.at, end, start))
        return end

    def _common(self, at: int) -> _Common | None:
        if at not in self._commons:
            try:
                self._commons[at] = self._read_common(at)
            except _Broken:
                self._commons[at] = None
        return self._commons[at]

    def _read_common(self, at: int) -> _Common:
        if not 0 <= at <= len(self._data) - 8:
            raise _Broken
        place = _Bytes(self._data, at + 4, min(at + 4 + int.from_bytes(self._data[at:at + 4], "little"),
                                               len(self._data)))
        if place.number(4) != (0 if self._eh else 0xFFFF_FFFF):
            raise _Broken
        version = place.number(1)
        letters = b""
        while (letter := place.number(1)) != 0:
            letters += bytes((letter,))
        if version == 4:
            place.skip(2)                                # sizes of an address and a segment
        code_align, data_align = place.leb(), place.leb(True)
        register = place.number(1) if version == 1 else place.leb()
        encoding, signal = 0, False
        augmented = letters.startswith(b"z")
        if letters and not augmented:
            raise _Broken
        if augmented:
            size = place.leb()
            rest = _Bytes(self._data, place.at, min(place.at + size, place.end))
            place.skip(size)
            for letter in letters[1:]:
                match letter:
                    case 0x52:                          # R: how pointers are written
                        encoding = rest.number(1)
                    case 0x50:                          # P: a routine for exceptions
                        rest.pointer(rest.number(1) & 0x7F, self._address)
                    case 0x4C:                          # L
                        rest.number(1)
                    case 0x53:                          # S
                        signal = True
                    case _:
                        raise _Broken
        return _Common(place, code_align, data_align, register, encoding, augmented, signal)

    def rules(self, address: int) -> Rules | None:
        """The row for an instruction; None: there is no entry for it, or it needs more than we can do."""
        at = bisect_right(self._begins, address) - 1
        if at < 0 or address >= self._entries[at][1]:
            return None
        begin, _, start, end, link = self._entries[at]
        common = self._common(link)
        if common is None:
            return None
        rules = Rules(return_register=common.return_register, signal=common.signal)
        try:
            code = common.code
            _run(_Bytes(code.data, code.at, code.end), common, rules, rules, 0, 0)
            first = rules.copy()
            _run(_Bytes(self._data, start, end), common, rules, first, begin, address)
        except _Broken:
            return None
        return rules


def _run(place: _Bytes, common: _Common, rules: Rules, first: Rules, here: int, wanted: int) -> None:
    """Execute instructions up to the row of `wanted`. DWARF 5, 6.4.2

    Raises:
        _Broken: they are damaged, or compute a place.
    """
    states: list[Rules] = []

    def keep(register: int, offset: int | None) -> None:
        rules.saved.pop(register, None)
        rules.lost.discard(register)
        if offset is not None:
            rules.saved[register] = offset * common.data_align

    def restore(register: int) -> None:
        keep(register, None)
        if register in first.saved:
            rules.saved[register] = first.saved[register]
        if register in first.lost:
            rules.lost.add(register)

    while place.at < place.end:
        byte = place.number(1)
        low = byte & 0x3F
        match byte & 0xC0 or byte:
            case 0x40:                                  # advance_loc
                here += low * common.code_align
            case 0x80:                                  # offset
                keep(low, place.leb())
            case 0xC0:                                  # restore
                restore(low)
            case 0x00:                                  # nop
                pass
            case 0x01:                                  # set_loc
                raise _Broken
            case 0x02 | 0x03 | 0x04:                    # advance_loc1, 2, 4
                here += place.number(1 << byte - 2) * common.code_align
            case 0x05:                                  # offset_extended
                keep(place.leb(), place.leb())
            case 0x06:                                  # restore_extended
                restore(place.leb())
            case 0x07:                                  # undefined
                register = place.leb()
                keep(register, None)
                rules.lost.add(register)
            case 0x08:                                  # same_value
                keep(place.leb(), None)
            case 0x0A:                                  # remember_state
                if len(states) == MOST_STATES:
                    raise _Broken
                states.append(rules.copy())
            case 0x0B:                                  # restore_state
                if not states:
                    raise _Broken
                state = states.pop()
                rules.cfa_register, rules.cfa_offset = state.cfa_register, state.cfa_offset
                rules.saved, rules.lost = state.saved, state.lost
            case 0x0C:                                  # def_cfa
                rules.cfa_register, rules.cfa_offset = place.leb(), place.leb()
            case 0x0D:                                  # def_cfa_register
                rules.cfa_register = place.leb()
            case 0x0E:                                  # def_cfa_offset
                rules.cfa_offset = place.leb()
            case 0x11:                                  # offset_extended_sf
                keep(place.leb(), place.leb(True))
            case 0x12:                                  # def_cfa_sf
                rules.cfa_register, rules.cfa_offset = place.leb(), place.leb(True) * common.data_align
            case 0x13:                                  # def_cfa_offset_sf
                rules.cfa_offset = place.leb(True) * common.data_align
            case 0x2E:                                  # GNU_args_size
                place.leb()
            case _:                                     # expressions, registers in registers
                raise _Broken
        if here > wanted:
            return
