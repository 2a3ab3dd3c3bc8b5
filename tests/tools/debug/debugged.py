"""A session whose frontend is a list of orders, for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rvsim.guest_os.boot import Machine
from rvsim.guest_os.proc.solproc.views import context_of
from rvsim.guest_os.task import scheduler
from rvsim.tests.guest import make
from rvsim.tools.debug import history
from rvsim.tools.debug.console import NoInput, SessionConsole, Source
from rvsim.tools.debug.recent import Recent
from rvsim.tools.debug.session import Session
from rvsim.tools.debug.stop import Order, Quit, Stop, number_of


class Planned:
    """Asks a generator for its orders: it gets each stop and yields what is to happen next; at its end it leaves."""

    def __init__(self, plan: Callable[[Any], Any]) -> None:
        self.plan = plan
        self.running: Any = None
        self.session: Session

    def stopped(self, stop: Stop) -> Order:
        try:
            if self.running is None:
                self.running = self.plan(self.session)
                next(self.running)
            order = self.running.send(stop)
        except StopIteration:
            return Quit()
        assert isinstance(order, Order)
        return order

    def poll(self) -> None:
        return


class Debugged:
    """A run under a plan. `output` is what the guest wrote; `recent` is to keep its traps."""

    def __init__(self, program: Path | str, plan: Callable[[Any], Any], *args: str, source: Source | None = None,
                 recent: Recent | None = None, **config: Any) -> None:
        self.output = bytearray()
        frontend = Planned(plan)
        console = SessionConsole(lambda fd, data: self.output.extend(data), source or NoInput())
        name = str(program).encode()

        def boot(console: SessionConsole) -> Machine:
            machine = make(console, **config)        # type: ignore[arg-type]
            machine.start(name, [name, *(arg.encode() for arg in args)])
            return machine

        self.session = frontend.session = Session(boot, frontend, console)
        self.session.recent = recent
        self.status = self.session.run()


def short_turns(monkeypatch: pytest.MonkeyPatch, slice_ns: int) -> None:
    """From now on a turn is so long, with a snapshot at each, of which no more than the least are kept."""
    monkeypatch.setattr(scheduler, "SLICE_NS", slice_ns)
    monkeypatch.setattr(history, "INTERVAL_NS", 0)
    monkeypatch.setattr(history, "SHARE", 0)


def state(session: Session) -> tuple[Any, ...]:
    """What a machine looks like at a stop: registers, memory, time, the process table, the kernel's counts."""
    machine = session.machine
    hart, kernel = machine.hart, machine.kernel
    tasks = []
    for task in session.tasks():
        context = context_of(task)
        registers = (context.integers(), context.floats(), context.pc) if task.mm is not None else None
        tasks.append((number_of(task), task.state, registers, task.in_call, task.pending.bits, task.utime_ticks,
                      _memory(task)))
    return (hart.ticks, hart.traps, hart.pc, kernel.clock.monotonic_ns(), kernel.memory.frames.used, tuple(tasks),
            [one.tid for one in kernel.scheduler.runnable], kernel.counters.forks, kernel.counters.signals)


def _memory(task: Any) -> tuple[Any, ...]:
    if task.mm is None:
        return ()
    pages = []
    for area in task.mm.areas:
        pages += [(address, entry & 0x3FF, task.mm.table.copy_in(address, 4096))
                  for address, entry in task.mm.table.entries(area.start, area.end)]
    return tuple(pages)
