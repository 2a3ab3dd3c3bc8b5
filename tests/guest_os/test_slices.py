"""Slices of a seed: the same on every host, of every length, and good for finding races."""

from __future__ import annotations

from typing import Any

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.slices import LONGEST_BITS, SHORTEST_BITS, Slices
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import make, nothing_left

SEEDS = range(1, 40)


class TrapTrace(Observer):
    """Every trap, and who had it; who ran when."""

    def __init__(self) -> None:
        self.traps: list[tuple[int, ...]] = []
        self.turns: list[tuple[int, int]] = []

    def turn(self, task: Task) -> None:
        self.turns.append((task.kernel.hart.ticks, task.tid))

    def trap(self, task: Task, cause: int, epc: int, tval: int) -> None:
        self.traps.append((task.kernel.hart.ticks, task.tid, cause, epc))


def run(program: bytes, seed: int) -> tuple[Any, ...]:
    console = CapturedConsole()
    machine = make(console, seed=seed)
    trace = TrapTrace()
    machine.kernel.observe(trace)
    status = machine.run(program, [program])
    nothing_left(machine)
    return status, bytes(console.output), machine.hart.ticks, trace.traps, trace.turns


def test_numbers_are_our_own() -> None:
    """They must not change with Python or the host: a seed is a way to write down an interleaving."""
    slices = Slices(7)
    assert [slices.next_ns() for _ in range(6)] == [9073491, 1564964, 1341, 7311, 1835506, 2023]
    assert [Slices(seed).next_ns() for seed in (1, 2, -1, 1 << 80)] == [1378, 3579, 6527593, 1288397]


def test_every_length_comes() -> None:
    slices = Slices(3)
    lengths = [slices.next_ns() for _ in range(2000)]
    assert {length.bit_length() - 1 for length in lengths} == set(range(SHORTEST_BITS, LONGEST_BITS))
    assert len(set(lengths)) > 1900


def test_a_race_is_hunted_and_caught() -> None:
    """`race_adder_hidden` adds with nothing to protect its counter, and with slices of one length it gets away."""
    program, right = b"race_adder_hidden", b"race_adder_hidden: counted 8000 of 8000.\n"
    assert run(program, 0)[:2] == (0, right)
    results = {seed: run(program, seed) for seed in SEEDS}
    assert len({tuple(result[4]) for result in results.values()}) > len(SEEDS) / 2
    losing = [seed for seed, result in results.items() if result[:2] != (0, right)]
    assert len(losing) > 3
    for _ in range(10):
        assert run(program, losing[0]) == results[losing[0]]


def test_seeds_interleave_differently() -> None:
    results = {seed: run(b"adder", seed) for seed in range(8)}
    assert len({tuple(result[4]) for result in results.values()}) == len(results)


@pytest.mark.parametrize("program", [b"adder_mutex_blocking", b"adder_peterson_spin", b"adder_atomic"])
def test_what_is_protected_stays_so(program: bytes) -> None:
    for seed in range(1, 6):
        assert run(program, seed)[0] == 0


def test_streams_are_independent() -> None:
    """Drawing random bytes moves no slice; and seed 0 has the random bytes that it always had."""
    machines = [make(seed=seed) for seed in (0, 5)]
    assert machines[0].kernel.scheduler.slices is None
    slices = machines[1].kernel.scheduler.slices
    assert slices is not None
    before = slices.state
    machines[1].random.read(100)
    assert slices.state == before
    assert machines[0].random.read(8) != machines[1].random.read(8)
