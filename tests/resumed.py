"""Runs that are gone on with from snapshots: whatever a machine does after one, it does again after `restore`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import Machine
from rvsim.guest_os.snapshot import Snapshot, load, restore, save, take
from rvsim.guest_os.snapshot.host import HostResources
from rvsim.guest_os.task.pid import PidType, pid_task
from rvsim.tests.guest import TIMEOUT_S, make, nothing_left

Round = tuple[Any, ...]


@dataclass
class Point:
    """A snapshot of a run: what its console had, and how many rounds of the scheduler had begun."""

    snapshot: Snapshot
    console: CapturedConsole
    rounds: int


@dataclass
class Run:
    """How a run went: a line for each round of the scheduler, and its end."""

    rounds: list[Round] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    end: tuple[Any, ...] = ()


def round_of(machine: Machine) -> Round:
    """The process table in short, and where time, memory and traps stand."""
    kernel, hart = machine.kernel, machine.hart
    tasks = []
    for number in kernel.root_ns.from_number(0):
        task = pid_task(kernel.root_ns.find(number), PidType.PID)
        if task is not None:
            tasks.append((number, task.state.value, task.comm, task.context.pc, task.in_call, task.utime_ticks,
                          task.pending.bits, task.group.tgid))
    return (hart.ticks, hart.traps, hart.switches, kernel.clock.monotonic_ns(), kernel.memory.frames.used,
            tuple(task.tid for task in kernel.scheduler.runnable), hash(tuple(tasks)))


def go_on(machine: Machine, console: CapturedConsole, at: Callable[[int], bool] = lambda number: False) -> Run:
    """Run a machine to its end; take a snapshot at the rounds that `at` says."""
    run = Run()

    def note() -> None:
        number = len(run.rounds)
        if at(number):
            kept = copy.deepcopy(console)
            before = run.points[-1].snapshot if run.points else None
            run.points.append(Point(take(machine, before), kept, number))
        run.rounds.append(round_of(machine))

    machine.kernel.scheduler.at_rest = note
    machine.world.next_poll_ns = 1 << 62        # a terminal is looked at when nothing runs, not by the host's clock
    status = machine.finish()
    nothing_left(machine)
    run.end = (status, bytes(console.output), bytes(console.errors), machine.hart.ticks, str(machine.stats))
    return run


def started(console: CapturedConsole, program: Path | str, *args: str, files: Mapping[bytes, bytes] | None = None,
            **config: Any) -> Machine:
    """A machine whose first process is ready to run."""
    machine = make(console, **config)
    for path, data in (files or {}).items():
        machine.install(path, data)
    name = str(program).encode()
    machine.start(name, [name, *(arg.encode() for arg in args)])
    return machine


def goes_on_alike(run: Run, points: Iterable[Point] | None = None, through: Path | None = None,
                  host: HostResources | None = None, into: Machine | None = None) -> None:
    """Assert that the run goes on from each snapshot as it did: the same rounds, the same end.

    `through`: a file that each snapshot is to go through. `into`: a machine that each is to take the place of.
    """
    for point in run.points if points is None else points:
        console = copy.deepcopy(point.console)
        snapshot = point.snapshot
        if through is not None:
            save(snapshot, through)
            snapshot = load(through)
        machine = restore(snapshot, console, host, TIMEOUT_S * 10**9, into)
        if into is not None:
            into = machine
        again = go_on(machine, console)
        rest = run.rounds[point.rounds:]
        for number, (one, other) in enumerate(zip(rest, again.rounds, strict=False)):
            assert one == other, f"round {number} after {point.rounds}"
        assert len(rest) == len(again.rounds)
        assert again.end == run.end
