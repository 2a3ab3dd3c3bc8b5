"""Address spaces against a simple model: what is mapped, how, and what stands there, through any order of changes."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from rvsim.emu.hart import Hart
from rvsim.guest_os.abi.errno import EFAULT, EINVAL, ENOMEM
from rvsim.guest_os.abi.mman import PROT_EXEC, PROT_READ, PROT_WRITE, VM_MAYWRITE, VM_SHARED
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.mm.memory import Memory

BASE = 0x200000 - 8 * PAGE_SIZE      # a table ends inside the range
PAGES = 24

pages = st.integers(0, PAGES - 1)
sizes = st.integers(1, 10)
prots = st.sampled_from((0, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC, PROT_WRITE,
                         PROT_READ | PROT_WRITE | PROT_EXEC))

HART = Hart(4 << 20)


class Page:
    """A mapped page of the model. `cell` holds its first byte; shared pages share the cell."""

    def __init__(self, prot: int, shared: bool, cell: list[int]) -> None:
        self.prot = prot
        self.shared = shared
        self.cell = cell


class Modelled:
    """An address space and what is to be in it."""

    def __init__(self, space: AddressSpace, model: dict[int, Page]) -> None:
        self.space = space
        self.model = model


class Spaces(RuleBasedStateMachine):
    """Several address spaces, related by fork."""

    spaces = Bundle("spaces")

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory(HART.frames)
        self.before = HART.frames.used
        self.all: list[Modelled] = []
        self.steps = 0

    @rule(target=spaces)
    def new(self) -> Any:
        if len(self.all) >= 4:
            return multiple()
        made = Modelled(AddressSpace(self.memory), {})
        self.all.append(made)
        return made

    @rule(it=spaces, at=pages, count=sizes, prot=prots, shared=st.booleans())
    def map(self, it: Modelled, at: int, count: int, prot: int, shared: bool) -> None:
        start, size = BASE + at * PAGE_SIZE, count * PAGE_SIZE
        it.space.unmap(start, start + size)
        it.space.map(start, size, prot, VM_MAYWRITE | (VM_SHARED if shared else 0))
        for page in range(at, at + count):
            it.model[page] = Page(prot, shared, [0])

    @rule(it=spaces, at=pages, count=sizes)
    def unmap(self, it: Modelled, at: int, count: int) -> None:
        it.space.unmap(BASE + at * PAGE_SIZE, BASE + (at + count) * PAGE_SIZE)
        for page in range(at, at + count):
            it.model.pop(page, None)

    @rule(it=spaces, at=pages, count=sizes, prot=prots)
    def protect(self, it: Modelled, at: int, count: int, prot: int) -> None:
        whole = all(page in it.model for page in range(at, at + count))
        try:
            it.space.protect(BASE + at * PAGE_SIZE, BASE + (at + count) * PAGE_SIZE, prot)
            assert whole
        except ENOMEM:
            assert not whole
        for page in range(at, at + count):
            if page not in it.model:
                break
            it.model[page].prot = prot

    @rule(it=spaces, at=pages, offset=st.sampled_from((0, 1, 4095)), value=st.integers(1, 255))
    def store(self, it: Modelled, at: int, offset: int, value: int) -> None:
        page = it.model.get(at)
        address = BASE + at * PAGE_SIZE
        try:
            user_memory.write(it.space, address + offset, b"\xff")
            user_memory.write(it.space, address, bytes([value]))
            assert page is not None
            assert page.prot & PROT_WRITE
            page.cell[0] = value
        except EFAULT:
            assert page is None or not page.prot & PROT_WRITE

    @rule(it=spaces, at=pages)
    def load(self, it: Modelled, at: int) -> None:
        page = it.model.get(at)
        try:
            data = user_memory.read(it.space, BASE + at * PAGE_SIZE, 1)
            assert page is not None
            assert page.prot
            assert data[0] == page.cell[0]
        except EFAULT:
            assert page is None or not page.prot

    @rule(it=spaces, at=pages, old=sizes, new=sizes, to=st.none() | pages)
    def remap(self, it: Modelled, at: int, old: int, new: int, to: int | None) -> None:
        start = BASE + at * PAGE_SIZE
        fixed = BASE + to * PAGE_SIZE if to is not None else None
        if new > old and any(page in it.model and it.model[page].shared for page in range(at, at + old)):
            return              # what lies past the end of shared memory is SIGBUS, which the model does not know
        try:
            moved = it.space.remap(start, old * PAGE_SIZE, new * PAGE_SIZE, to is not None, fixed)
        except (EFAULT, EINVAL, ENOMEM):
            return
        area = it.space.areas.find(moved)
        assert area is not None
        if new < old and to is None:        # only the tail goes, whatever it is
            assert moved == start
            for page in range(at + new, at + old):
                it.model.pop(page, None)
            return
        taken = [it.model.pop(page) for page in range(at, at + old)]
        place = (moved - BASE) // PAGE_SIZE
        for number in range(new):
            last = taken[min(number, old - 1)]
            it.model[place + number] = taken[number] if number < old else Page(last.prot, last.shared, [0])

    @rule(it=spaces, at=pages, count=sizes)
    def discard(self, it: Modelled, at: int, count: int) -> None:
        """MADV_DONTNEED: private pages are zero again, shared ones keep what they hold."""
        it.space.discard(BASE + at * PAGE_SIZE, BASE + (at + count) * PAGE_SIZE)
        for page in range(at, at + count):
            if page in it.model and not it.model[page].shared:
                it.model[page].cell = [0]

    @rule(target=spaces, it=spaces)
    def fork(self, it: Modelled) -> Any:
        if len(self.all) >= 4:
            return multiple()
        try:
            child = it.space.fork()
        except ENOMEM:
            return multiple()
        model = {number: Page(page.prot, page.shared, page.cell if page.shared else list(page.cell))
                 for number, page in it.model.items()}
        made = Modelled(child, model)
        self.all.append(made)
        return made

    @rule(it=consumes(spaces))
    def end(self, it: Modelled) -> None:
        it.space.put()
        self.all.remove(it)

    @invariant()
    def counts_are_right(self) -> None:
        self.steps += 1
        for it in self.all[self.steps % max(len(self.all), 1):][:1]:      # one at a time: to count takes long
            fresh = it.space.recount()
            table = it.space.table
            running = {name: getattr(it.space, name) for name in fresh if hasattr(it.space, name)}
            running |= {"anon": table.anon, "file": table.file, "tables": table.tables}
            assert running == fresh
            mapped = {(address - BASE) // PAGE_SIZE for area in it.space.areas
                      for address in range(area.start, area.end, PAGE_SIZE)}
            assert mapped == set(it.model)
            assert all(left.end <= right.start for left, right in zip(it.space.areas.areas, it.space.areas.areas[1:],
                                                                     strict=False))

    def teardown(self) -> None:
        for it in self.all:
            it.space.put()
        self.memory.reclaim()
        assert HART.frames.used == self.before
        assert not self.memory.caches


TestSpaces = Spaces.TestCase
TestSpaces.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
