"""What debugging costs: the rows of `rvsim bench` about breakpoints, the stepper, and going back.

Each row is a ratio against the same run with nobody looking, or the seconds that going back takes. All in one process,
the sides by turns, with time virtual. Ratios are of processor time, of the best round of each side: the work is the
same each time, and whatever disturbs it makes it longer.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import click

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.abi.signals import SIGKILL
from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.tools.debug import conditions
from rvsim.tools.debug.console import SessionConsole
from rvsim.tools.debug.session import Session
from rvsim.tools.debug.stop import Go, Goto, Kind, Order, Position, Quit, Stop

PROGRAMS = {"bench_getppid": 4, "bench_sieve": 2, "bench_calls": 1, "bench_forkwait": 5}
"""What runs, and how often one after the other: so long that no snapshot more or less decides the row."""
BREAKPOINT_MARK = 1.05
BACK_MARK_S = 0.5
LONG_RUN = b"; ".join([b"bench_getppid"] * 10)
NEVER = 0x7_0000
"""An address that no program here has code at."""


class StepRow(NamedTuple):
    """One row: a value in `unit`, and the mark that it must not exceed, None if there is none."""

    name: str
    value: float
    unit: str
    mark: float | None

    @property
    def held(self) -> bool:
        """Whether the mark is held."""
        return self.mark is None or self.value <= self.mark


class _Frontend:
    """Does at each stop what `plan` says."""

    def __init__(self, plan: Callable[[Session, Stop], Order]) -> None:
        self.plan = plan
        self.session: Any = None

    def stopped(self, stop: Stop) -> Order:
        return self.plan(self.session, stop)

    def poll(self) -> None:
        return


def _session(argv: list[bytes], plan: Callable[[Session, Stop], Order]) -> Session:
    def boot(console: SessionConsole) -> Machine:
        machine = Machine(MachineConfig(), console)
        machine.start(argv[0], argv)
        return machine

    frontend = _Frontend(plan)
    session = frontend.session = Session(boot, frontend, SessionConsole(lambda fd, data: None))
    return session


def _bare(argv: list[bytes]) -> float:
    machine = Machine(MachineConfig(), CapturedConsole())
    machine.start(argv[0], argv)
    gc.collect()                        # what the side before left behind is not this one's
    start = time.process_time()
    machine.kernel.scheduler.run()
    return time.process_time() - start


def _debugged(argv: list[bytes], go: Callable[[Session], Go]) -> float:
    """The same in a session, with the snapshots that it takes; `go` says at the first stop what is to be looked for."""
    begun = taken = 0.0

    def plan(session: Session, stop: Stop) -> Order:
        nonlocal begun, taken
        if stop.kind is Kind.ENDED:
            taken = time.process_time() - begun
            return Quit()
        order = go(session)
        gc.collect()
        begun = time.process_time()
        return order

    _session(argv, plan).run()
    return taken


def _with_breakpoint(argv: list[bytes]) -> float:
    """Under a breakpoint that never hits."""
    def go(session: Session) -> Go:
        session.breakpoints.add("never", frozenset((NEVER,)))
        return Go()

    return _debugged(argv, go)


def _with_catch(argv: list[bytes]) -> float:
    """Until a signal comes, which never does; gdb's runs look for as much."""
    return _debugged(argv, lambda session: Go(conditions.Happens(Kind.SIGNAL, frozenset((SIGKILL,)))))


def _in_the_stepper(argv: list[bytes]) -> float:
    """With each trap looked at: `until call` for one that never comes."""
    return _debugged(argv, lambda session: Go(conditions.Call(("reboot",))))


def _back() -> Iterator[StepRow]:
    """Going back in a run of 10^7 traps: from its end, by 1 and by 10,000."""
    times: list[tuple[int, float]] = []
    wanted = [1, 1, 1, 10_000, 10_000, 10_000]
    begun, traps = 0.0, 0

    def plan(session: Session, stop: Stop) -> Order:
        nonlocal begun, traps
        if stop.kind is Kind.START:
            return Go()
        if begun:
            times.append((wanted[len(times)], time.perf_counter() - begun))
        else:
            traps = stop.position.traps
        if len(times) == len(wanted):
            return Quit()
        begun = time.perf_counter()
        here = stop.position.traps + (stop.kind is Kind.ENDED)
        return Goto(Position(here - wanted[len(times)], 0, 0, 0, Kind.TRAP))

    _session([b"sh", b"-c", LONG_RUN], plan).run()
    for count in 1, 10_000:
        slowest = max(seconds for wanted_count, seconds in times if wanted_count == count)
        yield StepRow(f"back {count}, after {traps} traps", slowest, "s", BACK_MARK_S if count == 1 else None)


def rows(rounds: int) -> list[StepRow]:
    """Measure them all."""
    found = []
    for program in PROGRAMS:
        click.echo(f"rvsim: measuring {program} under the debugger", err=True)
        argv = [b"sh", b"-c", b"; ".join([program.encode()] * PROGRAMS[program])]
        samples = [(_bare(argv), _with_breakpoint(argv), _with_catch(argv)) for _ in range(3 * rounds)]
        bare, stopped, caught = (min(column) for column in zip(*samples, strict=True))
        stepped = min(_in_the_stepper(argv) for _ in range(rounds))
        found.append(StepRow(f"{program}, a breakpoint that never hits", stopped / bare, "x", BREAKPOINT_MARK))
        found.append(StepRow(f"{program}, until a signal that never comes", caught / bare, "x", None))
        found.append(StepRow(f"{program}, each trap looked at", stepped / bare, "x", None))
    click.echo("rvsim: measuring `back`", err=True)
    return [*found, *_back()]


def format_rows(measured: list[StepRow]) -> str:
    """The table."""
    lines = ["", f"{'debugging':52} {'measured':>10}  mark"]
    for row in measured:
        mark = "" if row.mark is None else f"<= {row.mark} {row.unit}{'' if row.held else '  MISSED'}"
        lines.append(f"{row.name:52} {row.value:8.2f} {row.unit}  {mark}".rstrip())
    return "\n".join(lines)


def main() -> None:
    """Measure, and show the table."""
    click.echo(format_rows(rows(3)))


if __name__ == "__main__":
    main()
