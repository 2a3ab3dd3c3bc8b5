"""Whether the memory of a machine from a file is what a kernel of ours could have made.

The gate's walkers trust page tables, and the hart does what these say. So of a machine that somebody else has saved,
every frame must be held exactly as often as it is counted: by the entries of page tables, by tables themselves, by page
caches, and by nothing else. Then no program can reach a table, another's page, or what is not RAM.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from rvsim.emu._gate import USER_END, CallTable, Frames, PageTable, table_references
from rvsim.guest_os.boot import Machine
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.mm.page_cache import PageCache
from rvsim.guest_os.mm.vma import Vma, VmaList
from rvsim.guest_os.snapshot.checks import Bad


def check_machine(machine: Any, console: object) -> None:
    """Raises Bad: the parts of the machine are not connected as they must be."""
    if not isinstance(machine, Machine):
        raise Bad("no machine")
    hart, kernel = machine.hart, machine.kernel
    if machine.console is not console or kernel.hart is not hart or machine.memory is not kernel.memory or (
            machine.memory.frames is not hart.frames or getattr(machine.clock, "hart", None) is not hart or (
            kernel.clock is not machine.clock) or kernel.scheduler.kernel is not kernel or (
            kernel.scheduler.world is not machine.world)):
        raise Bad("a machine that is not connected")
    if not all(isinstance(abi.calls, CallTable) for abi in kernel.abis.values()) or kernel.init is None:
        raise Bad("a machine without calls")


def check_memory(frames: Frames, counts: bytes, tables: list[PageTable], things: Sequence[Any]) -> None:
    """`counts`: how often each frame is held, `uint32` by index. Raises Bad, ValueError."""
    if len({id(table) for table in tables}) != len(tables):
        raise Bad("a page table twice")
    held = array("I", table_references(frames, tables))
    first, known = frames.first, len(held)
    owned: set[int] = set()
    for thing in things:
        kind = type(thing)
        if kind is PageCache:
            if thing.frames is not frames:
                raise Bad("a page cache of another memory")
            for index, ppn in thing.pages.items():
                if index.__class__ is not int or ppn.__class__ is not int or not 0 <= ppn - first < known or (
                        not 0 <= index < 1 << 52):
                    raise Bad("a page cache with impossible pages")
                held[ppn - first] += 1
        elif kind is AddressSpace:
            if thing.users > 0:
                if id(thing.table) in owned or thing.table not in tables:
                    raise Bad("address spaces with the same page table")
                owned.add(id(thing.table))
        elif kind is VmaList:
            _check_areas(thing)
    if bytes(held) != counts:
        raise Bad("frames that are held more or less often than they are counted")


def _check_areas(areas: VmaList) -> None:
    """Areas lie in the user's half, in order, and do not overlap."""
    members = areas.areas
    for area in members:
        if type(area) is not Vma or not 0 <= area.start < area.end <= USER_END or (
                (area.start | area.end) % PAGE_SIZE or area.offset % PAGE_SIZE or not 0 <= area.offset < 1 << 63):
            raise Bad("an impossible area of memory")
    if any(one.end > other.start for one, other in pairwise(members)) or (
            areas._starts != [area.start for area in members]):
        raise Bad("areas of memory in no order")
