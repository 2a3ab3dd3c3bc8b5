"""The libraries that a program's dynamic linker has loaded, read from its own list. gdb: library-list-svr4.dtd

The list hangs on the program's dynamic section: its DT_DEBUG entry leads to `struct r_debug`, that to a chain of
`struct link_map`. man 3 rtld-audit names the fields; "System V ABI", "Dynamic Section".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from rvsim.guest_os.abi.auxv import AT_PHDR, AT_PHENT, AT_PHNUM
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.tools.strace import memory

PT_DYNAMIC, PT_PHDR = 2, 6
DT_NULL, DT_DEBUG = 0, 21
MOST_ENTRIES = 1024
LONGEST_NAME = 4096

_PHDR = struct.Struct("<IIQQQQQQ")
_DYN = struct.Struct("<QQ")
_LINK = struct.Struct("<5Q")


class Library(NamedTuple):
    """One entry: where its link_map is, what was added to its addresses, its dynamic section, its path; and where the
    `struct r_debug` is that it hangs on."""

    debug: int
    link_map: int
    base: int
    dynamic: int
    name: bytes


def auxiliary(space: AddressSpace) -> dict[int, int]:
    """The auxiliary vector that the program was started with."""
    return dict(struct.iter_unpack("<QQ", space.saved_auxv))


def _dynamic(space: AddressSpace) -> int | None:
    """Where the program's dynamic section is in memory."""
    vector = auxiliary(space)
    table, size, count = (vector.get(kind, 0) for kind in (AT_PHDR, AT_PHENT, AT_PHNUM))
    if size != _PHDR.size or count > 64:
        return None
    data = memory.read(space, table, size * count)
    if data is None:
        return None
    bias, found = 0, None
    for kind, _flags, _offset, address, *_ in _PHDR.iter_unpack(data):
        if kind == PT_PHDR:
            bias = table - address
        elif kind == PT_DYNAMIC:
            found = address
    return None if found is None else found + bias


def _debug(space: AddressSpace) -> int:
    """Where the dynamic linker keeps its list; 0: nowhere yet."""
    at = _dynamic(space)
    for _ in range(MOST_ENTRIES if at is not None else 0):
        data = memory.read(space, at or 0, _DYN.size)
        if data is None:
            break
        tag, value = _DYN.unpack(data)
        if tag == DT_NULL:
            break
        if tag == DT_DEBUG:
            return int(value)
        at = (at or 0) + _DYN.size
    return 0


def loaded(space: AddressSpace) -> Iterator[Library]:
    """What is in the list, the program itself first. Guest memory says it, so it ends where it makes no sense."""
    debug = _debug(space)
    head = memory.read(space, debug + 8, 8) if debug else None
    at = int.from_bytes(head, "little") if head is not None else 0
    seen: set[int] = set()
    while at and at not in seen and len(seen) < MOST_ENTRIES:
        seen.add(at)
        data = memory.read(space, at, _LINK.size)
        if data is None:
            return
        base, name_at, dynamic, following, _before = _LINK.unpack(data)
        name = memory.string(space, name_at, LONGEST_NAME) if name_at else None
        yield Library(debug, at, base, dynamic, name[0] if name is not None else b"")
        at = following
