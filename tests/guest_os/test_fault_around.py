"""One fault on a file's page maps those around it that are in frames already, and only those."""

from __future__ import annotations

import pytest

from rvsim.emu.hart import Hart
from rvsim.guest_os.abi.errno import EIO
from rvsim.guest_os.abi.mman import PROT_EXEC, PROT_READ, PROT_WRITE
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.address_space import FAULT_AROUND, AddressSpace
from rvsim.guest_os.mm.fault import Access, BadAccess
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.mm.memory import Memory
from rvsim.guest_os.mm.page_cache import PageCache

HART = Hart(8 << 20)
PAGES = 3 * FAULT_AROUND
BASE = 0x4020_0000 - 5 * PAGE_SIZE          # a leaf table ends inside the area


class Numbered:
    """A file whose pages begin with their own number, the last one half full."""

    size = PAGES * PAGE_SIZE - PAGE_SIZE // 2
    mapping: object | None = None

    def read_raw(self, offset: int, size: int) -> bytes:
        return (offset // PAGE_SIZE).to_bytes(8, "little").ljust(min(size, self.size - offset), b"\0")

    def write_raw(self, offset: int, data: bytes) -> None:
        raise AssertionError("nobody writes it")

    def charge(self, offset: int, size: int) -> None:
        raise AssertionError("nobody writes it")


class World:
    """A machine's memory with one file in it."""

    def __init__(self) -> None:
        self.memory = Memory(HART.frames)
        self.before = HART.frames.used
        self.cache: PageCache = self.memory.cache_of(Numbered())
        self.spaces: list[AddressSpace] = []

    def space(self, first: int, pages: int, prot: int = PROT_READ | PROT_EXEC) -> AddressSpace:
        """A space with pages of the file, from page `first` on, at BASE."""
        space = AddressSpace(self.memory)
        self.spaces.append(space)
        space.map(BASE, pages * PAGE_SIZE, prot, 0, self.cache, first * PAGE_SIZE, None, b"file")
        return space

    def end(self) -> None:
        """Everything is given back."""
        for space in self.spaces:
            space.put()
        self.memory.reclaim()
        assert HART.frames.used == self.before


def mapped(space: AddressSpace, first: int) -> list[int]:
    """The file's pages that are mapped; each at its place, with its own bytes."""
    found = []
    for address, entry in space.table.entries(BASE, BASE + PAGES * PAGE_SIZE):
        number = int.from_bytes(HART.frames.read(entry >> 10, 0, 8), "little")
        assert address == BASE + (number - first) * PAGE_SIZE
        found.append(number)
    return found


def test_only_what_is_in_frames_and_in_the_group() -> None:
    world = World()
    there = [1, FAULT_AROUND - 1, FAULT_AROUND, FAULT_AROUND + 7, 2 * FAULT_AROUND - 1, 2 * FAULT_AROUND]
    for index in there:
        world.cache.page(index)
    space = world.space(0, PAGES)
    space.fault(BASE + (FAULT_AROUND + 3) * PAGE_SIZE, Access.READ)
    assert mapped(space, 0) == [FAULT_AROUND, FAULT_AROUND + 3, FAULT_AROUND + 7, 2 * FAULT_AROUND - 1]
    assert set(world.cache.pages) == {*there, FAULT_AROUND + 3}       # nothing is loaded for being near
    world.end()


def test_not_past_the_area_nor_the_file() -> None:
    world = World()
    for index in range(PAGES):
        world.cache.page(index)
    inside = world.space(FAULT_AROUND + 10, 20)
    inside.fault(BASE + 5 * PAGE_SIZE, Access.READ)
    assert mapped(inside, FAULT_AROUND + 10) == list(range(FAULT_AROUND + 10, FAULT_AROUND + 30))
    last = world.space(PAGES - 4, 8)
    last.fault(BASE, Access.READ)
    assert mapped(last, PAGES - 4) == [PAGES - 4, PAGES - 3, PAGES - 2, PAGES - 1]
    world.end()


def test_what_is_mapped_already_stays() -> None:
    world = World()
    for index in range(8):
        world.cache.page(index)
    space = world.space(0, PAGES, PROT_READ | PROT_WRITE)
    user_memory.write(space, BASE + 2 * PAGE_SIZE, b"mine")
    space.fault(BASE, Access.READ)
    assert user_memory.read(space, BASE + 2 * PAGE_SIZE, 4) == b"mine"
    user_memory.write(space, BASE + 3 * PAGE_SIZE, b"too")            # it was mapped for reading: copied first
    assert user_memory.read(space, BASE + 3 * PAGE_SIZE, 3) == b"too"
    assert HART.frames.read(world.cache.pages[3], 0, 3) == b"\3\0\0"
    assert [space.table.anon, space.table.file] == [2, 6]
    world.end()


class Gone(Numbered):
    """A file whose bytes the host cannot give any more."""

    def read_raw(self, offset: int, size: int) -> bytes:
        raise EIO


@pytest.mark.parametrize("access", [Access.READ, Access.WRITE])
def test_a_page_that_cannot_be_read_is_a_bus_error(access: Access) -> None:
    world = World()
    world.cache = world.memory.cache_of(Gone())
    space = world.space(0, 4, PROT_READ | PROT_WRITE)
    with pytest.raises(BadAccess) as fault:
        space.fault(BASE + PAGE_SIZE, access)
    assert fault.value.bus
    world.end()
