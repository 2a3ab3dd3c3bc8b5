"""The files whose code runs, as a trace keeps them: path, build, and the functions by address in the file."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from rvsim.guest_os.abi.mman import PROT_EXEC
from rvsim.guest_os.fs.looking import contents
from rvsim.guest_os.proc.maps import area_name
from rvsim.tools.procs.symbols import LARGEST_FILE, FileSymbols

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.mm.vma import Vma

MOST_SYMBOLS = 200_000
"""Of one file that go into a trace."""


class Modules:
    """Gives each file a number when its code is first mapped, and hands what is known of it to `tell`."""

    def __init__(self, tell: Callable[[dict[str, Any]], object]) -> None:
        self._tell = tell
        # by the identity of a page cache, which the first item keeps alive, or by a name
        self._known: dict[int | bytes, tuple[object, int, FileSymbols]] = {}

    def place(self, space: AddressSpace, area: Vma) -> tuple[int, int]:
        """(the module's number, what to subtract from an address in `area` for one of the file)."""
        key = id(area.cache) if area.cache is not None else area.name
        known = self._known.get(key)
        if known is None:
            number = len(self._known)
            known = self._known[key] = (area.cache, number, self._introduce(space, area, number))
        bias = known[2].bias(area)
        return known[1], area.start - area.offset if bias is None else bias

    def _introduce(self, space: AddressSpace, area: Vma, number: int) -> FileSymbols:
        data = b""
        if area.cache is not None:
            data = contents(area.cache.backing, LARGEST_FILE)
        file = FileSymbols(data)
        self._tell({
            "id": number,
            "path": area_name(space, area).decode(errors="surrogateescape"),
            "build": build_id(data),
            "size": len(data),
            "symbols": [[symbol.start, symbol.end - symbol.start, symbol.name]
                        for symbol in file.symbols[:MOST_SYMBOLS]],
        })
        return file

    def code(self, space: AddressSpace) -> Iterator[tuple[Vma, int, int]]:
        """(area, module, bias) of all code that a process has mapped."""
        for area in space.areas:
            if area.prot & PROT_EXEC:
                yield (area, *self.place(space, area))


def build_id(data: bytes) -> str:
    """The GNU build ID in hexadecimal; empty if there is none."""
    if not data:
        return ""
    try:
        for segment in ELFFile(BytesIO(data)).iter_segments("PT_NOTE"):
            for note in segment.iter_notes():
                if note["n_name"] == "GNU" and note["n_type"] == "NT_GNU_BUILD_ID":
                    return str(note["n_desc"])
    except (ELFError, ValueError, KeyError, UnicodeDecodeError, OverflowError):
        return ""
    return ""
