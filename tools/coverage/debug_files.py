"""Where the DWARF of a program is that was stripped of it. gdb's documentation, "Separate Debug Files"."""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from rvsim.tools.debug.reading import attempt
from rvsim.tools.trace.modules import build_id

DIRECTORY = "/usr/lib/debug"


def has_lines(data: bytes) -> bool:
    """Whether an ELF file has line tables."""
    return bool(attempt(lambda: _section(data, ".debug_line") or _section(data, ".zdebug_line")))


def _section(data: bytes, name: str) -> Any:
    from elftools.elf.elffile import ELFFile

    section = ELFFile(BytesIO(data)).get_section_by_name(name)
    return section if section is not None and section["sh_type"] != "SHT_NOBITS" else None


def find(data: bytes, path: str, read: Callable[[str], bytes | None]) -> bytes:
    """The debug file of the program with these contents at `path`; nothing, if there is none. `read` gives the
    contents of a file by its path."""
    for name, crc in _places(data, path):
        found = read(name)
        if found is not None and has_lines(found):
            if crc is not None and zlib.crc32(found) == crc:
                return found
            if crc is None and build_id(found) == build_id(data):
                return found
    return b""


def _places(data: bytes, path: str) -> Iterator[tuple[str, int | None]]:
    """(path, its CRC) to look at; None: it must have the same build ID."""
    build = build_id(data)
    if build:
        yield f"{DIRECTORY}/.build-id/{build[:2]}/{build[2:]}.debug", None
    link = attempt(lambda: _section(data, ".gnu_debuglink").data())
    if link and b"\0" in link:
        name = link[:link.index(b"\0")].decode(errors="replace")
        crc = int.from_bytes(link[-4:], "little")
        folder = posixpath.dirname(path)
        for place in (folder, posixpath.join(folder, ".debug"), DIRECTORY + folder):
            yield posixpath.join(place, name), crc
