"""The directories of slots, checked at every birth and death while readers and tracers walk them. illumos: os/pid.c"""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvsim.guest_os.abi.errno import EAGAIN
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.slots import SlotTable
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import MEBIBYTE, make, musl_program, nothing_left


class Rules(Observer):
    """Asks every table for a broken rule."""

    def __init__(self) -> None:
        self.checked = 0

    def _check(self, task: Task) -> None:
        self.checked += 1
        table = task.kernel.processes
        assert table.broken_rule() is None
        assert table.used == len({owner.pid: None for _, owner in table.walk()})
        for slot, group in table.walk():
            assert group.slot == slot
            assert group.lwps.broken_rule() is None
            assert {thread: at for at, thread in group.lwps.walk()} == {
                thread: thread.lwp_slot for thread in group.threads}

    def forked(self, task: Task, child: Task) -> None:
        self._check(task)

    def exited(self, task: Task, status: int) -> None:
        if not task.group.exiting:
            self._check(task)


def test_storm() -> None:
    machine = make(memory_bytes=128 * MEBIBYTE, timeout_ns=240 * 10**9)
    observer = Rules()
    machine.kernel.observe(observer)
    program = os.fsencode(musl_program("solproc_storm.c"))
    assert machine.run(program, [program, b"storm"]) == 0
    assert observer.checked > 300
    assert machine.kernel.processes.used == 0
    nothing_left(machine)


def test_storm_at_full_speed() -> None:
    machine = make(memory_bytes=128 * MEBIBYTE, timeout_ns=240 * 10**9)
    program = os.fsencode(musl_program("solproc_storm.c"))
    assert machine.run(program, [program, b"storm"]) == 0
    nothing_left(machine)


@given(st.lists(st.integers(0, 11), max_size=200))
def test_slots_as_a_stack_of_free_ones(choices: Iterable[int]) -> None:
    table: SlotTable[int] = SlotTable(8)
    held: dict[int, int] = {}
    free: list[int] = []
    for number, choice in enumerate(choices):
        if choice in held:
            table.give_back(choice)
            del held[choice]
            free.append(choice)
        elif len(held) == 8:
            with pytest.raises(EAGAIN):
                table.take(number)
        else:
            slot = table.take(number)
            assert slot == (free.pop() if free else len(held))
            held[slot] = number
        assert table.broken_rule() is None
        assert list(table.walk()) == sorted(held.items())
        assert table.owner(choice) == held.get(choice)


def test_broken_rules_are_found() -> None:
    def table() -> SlotTable[int]:
        made: SlotTable[int] = SlotTable(8)
        for number in range(4):
            made.take(number)
        made.give_back(1)
        made.give_back(2)
        return made

    broken = table()
    broken.entries[1].next_free = 2
    assert broken.broken_rule() == "the free list visits slot 2 twice or leaves the table"
    broken = table()
    broken.entries[2].owner = 5
    assert broken.broken_rule() == "slot 2 is free and in use"
    broken = table()
    broken.entries[2].next_free = -1
    assert broken.broken_rule() == "a slot is neither free nor in use"
    broken = table()
    broken.used = 3
    assert broken.broken_rule() == "2 slots are in use, 3 are counted"
