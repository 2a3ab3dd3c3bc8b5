"""The rows of `rvsim bench` about snapshots: how long one takes, and how long a machine that is made of it.

Measured in this process, as a debugger has it: the snapshot after another one of the same machine, whose pages it
shares; a machine made anew; and one that goes back to the snapshot, in the hart and the memory that it has.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from rvsim.tools.bench_report import Row, Work
from rvsim.tools.measuring import Samples

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.snapshot import Snapshot

MEMORY_BYTES = 512 << 20
SHELL_SCRIPT = b"sleep 100 | cat & sleep 200 | cat & wait\n"



def _works(what: str, name: str, marks: tuple[float, float, float]) -> tuple[Work, Work, Work]:
    """The rows of one machine: a snapshot, a machine made of it, and going back to it in a machine that is there."""
    return (Work(f"snapshot: {what}", f"snapshot{name}", "start", marks[0], marks[0] / 2),
            Work("  restored", f"restore{name}", "start", marks[1], marks[1] / 2),
            Work("  gone back to", f"goback{name}", "start", marks[2], marks[2] / 2))


WORKS = (
    (_works("a shell, five processes", "", (15, 20, 20)), (b"sh", b"-c", SHELL_SCRIPT)),
    *((_works(f"{mib} MiB touched", f"-{mib}", marks), (b"bench_hold", b"%d" % mib))
      for mib, marks in ((16, (30, 40, 30)), (64, (60, 100, 60)), (256, (200, 400, 200)))),
)
NAMES = tuple(work.program for works, _ in WORKS for work in works)


class _Idle(Exception):
    """Nothing runs any more but for what waits."""


def resting(argv: Sequence[bytes]) -> Machine:
    """A machine whose programs all wait."""
    from rvsim.emu.console import CapturedConsole
    from rvsim.guest_os.boot import Machine, MachineConfig

    machine = Machine(MachineConfig(memory_bytes=MEMORY_BYTES), CapturedConsole())
    machine.start(argv[0], list(argv))
    scheduler = machine.kernel.scheduler

    def look() -> None:
        if not scheduler.runnable:
            raise _Idle

    scheduler.at_rest = look
    try:
        scheduler.run()
    except _Idle:
        scheduler.at_rest = None
    return machine


def _times(act: Callable[[], object], rounds: int) -> Samples:
    act()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter_ns()
        made = act()
        taken.append(time.perf_counter_ns() - start)
        del made
        gc.collect()        # machines are full of circles
    return Samples(taken)


def rows(rounds: int, names: Sequence[str]) -> list[Row]:
    """Measure the rows called `names` (none: all)."""
    from rvsim.emu.console import CapturedConsole
    from rvsim.guest_os.snapshot import restore, take

    measured = []
    for works, argv in WORKS:
        taking, restoring, again = works
        wanted = [work for work in works if not names or work.program in names]
        if not wanted:
            continue
        click.echo(f"rvsim: measuring {taking.name}", err=True)
        machine = resting(argv)
        first = take(machine)
        if taking in wanted:
            measured.append(Row(taking, _times(partial(take, machine, first), rounds), None))
        if restoring in wanted:
            measured.append(Row(restoring, _times(partial(restore, first, CapturedConsole()), rounds), None))
        if again in wanted:
            places = [machine]

            def go_back(snapshot: Snapshot = first, places: list[Machine] = places) -> None:
                places[0] = restore(snapshot, CapturedConsole(), into=places[0])

            measured.append(Row(again, _times(go_back, rounds), None))
    return measured
