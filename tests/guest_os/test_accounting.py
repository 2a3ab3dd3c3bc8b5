"""What procfs says of an address space is recounted from its areas and its page table after every call of programs
that map, unmap, protect, move, lock, fork, copy on write and execute. include/linux/mm_types.h
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from rvsim.emu._gate import PTE_FILE
from rvsim.guest_os.abi.mman import VM_LOCKED
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import GUESTS, cases, make, musl_program, nothing_left

PROGRAMS = ["calls/brk.c", "calls/mmap.c", "calls/munmap.c", "calls/mremap.c", "calls/mprotect.c", "calls/madvise.c",
            "calls/mlock.c", "calls/execve.c", "calls/clone.c"]


def recount(space: AddressSpace) -> None:
    """Compare every figure with what it should be."""
    areas = list(space.areas)
    assert space.total_vm == sum(area.pages for area in areas)
    assert space.data_vm == sum(area.pages for area in areas if area.is_data)
    assert space.stack_vm == sum(area.pages for area in areas if area.is_stack)
    assert space.exec_vm == sum(area.pages for area in areas if area.is_exec)
    assert space.locked_vm == sum(area.pages for area in areas if area.flags & VM_LOCKED)
    entries = [entry for area in areas for _, entry in space.table.entries(area.start, area.end)]
    file = sum(bool(entry & PTE_FILE) for entry in entries)
    assert (space.table.anon, space.table.file) == (len(entries) - file, file)
    assert space.table.accounted() == (space.table.anon, space.table.file, space.table.tables)
    assert space.hiwater_vm >= space.total_vm
    if space.saved_auxv:
        assert space.arg_start <= space.arg_end <= space.env_start <= space.env_end
        assert space.start_code < space.end_code
        assert space.start_brk <= space.brk
        stack = space.areas.find(space.start_stack)
        assert stack is not None
        assert stack.is_stack


class Recounter(Observer):
    """Recounts the space of whoever made a call, of a child, and of a program just begun."""

    def __init__(self) -> None:
        self.times = 0

    def _check(self, task: Task) -> None:
        if task.mm is not None:
            self.times += 1
            recount(task.mm)

    def leave(self, task: Task, number: int, registers: Sequence[int], result: int | None) -> None:
        self._check(task)

    def forked(self, task: Task, child: Task) -> None:
        self._check(task)
        self._check(child)

    def executed(self, task: Task) -> None:
        self._check(task)


@pytest.mark.parametrize("name", [name for name in PROGRAMS if (GUESTS / name).exists()])
def test_every_figure_after_every_call(name: str) -> None:
    machine = make()
    observer = Recounter()
    machine.kernel.observe(observer)
    program = os.fsencode(musl_program(name))
    assert machine.run(program, [program]) == 0
    assert observer.times > 20
    nothing_left(machine)


def test_the_programs_are_there() -> None:
    assert [name for name in PROGRAMS if not (GUESTS / name).exists()] == []
    assert cases("calls/mmap.c")
