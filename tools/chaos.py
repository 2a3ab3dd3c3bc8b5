"""`run --fault` and `--chaos`: the plan that they write, many seeds, and what is said of one that breaks."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rvsim.emu.console import CapturedConsole
from rvsim.emu.host import FdKind, fd_kind
from rvsim.emu.host_console import HostConsole
from rvsim.guest_os.boot import TIMED_OUT, BootError, Machine
from rvsim.guest_os.faults import BadFault, FaultPlan, parse_fault
from rvsim.tools.errors import CliError, complain

if TYPE_CHECKING:
    from rvsim.guest_os.boot import MachineConfig

HANGS_FACTOR, HANGS_TICKS = 20, 200_000_000
_SEEDS = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?", re.ASCII)


def parse_seeds(text: str) -> range:
    """`SEED` or `FIRST-LAST`. Raises ValueError."""
    match = _SEEDS.fullmatch(text)
    if match is None or (match[2] is not None and int(match[2]) < int(match[1])):
        raise ValueError(f"{text!r} is no seed; write 7, or 1-100 to try each of them")
    return range(int(match[1]), int(match[2] or match[1]) + 1)


def plan_of(faults: Sequence[str], seeds: range | None, level: str, rate: int) -> FaultPlan:
    """What the options write, with the first of the seeds. Raises CliError."""
    made = []
    for text in faults:
        try:
            made.append(parse_fault(text))
        except BadFault as error:
            raise CliError(f"--fault {text}: {error}") from None
    return FaultPlan(tuple(made), None if seeds is None else seeds.start, level, rate)


def words_with_seed(words: Sequence[str], seed: int) -> list[str]:
    """The words of a command line, with this one seed after --chaos."""
    found = list(words)
    at = next((at for at, word in enumerate(found) if word.split("=")[0] == "--chaos"), None)
    if at is not None and "=" in found[at]:
        found[at] = f"--chaos={seed}"
    elif at is not None:
        found[at + 1] = str(seed)
    return found


def tell_of_seed(machine: Machine, ending: str, words: Sequence[str], behind: str = "") -> None:
    """Which seed it was that broke the run, and how to have the same run again; `behind` stands behind the command."""
    injector = machine.kernel.injector
    if injector is None or injector.plan.chaos_seed is None:
        return
    seed, count = injector.plan.chaos_seed, injector.injected
    again = shlex.join(["rvsim", "run", *words_with_seed(words, seed)])
    complain(f"chaos seed {seed}: {ending}, after {count} fault{'s' * (count != 1)}; again: {again}{behind}")


class _Input:
    """The input, which is the same for each run: taken whole when a program first asks for some."""

    def __init__(self) -> None:
        self._data: bytes | None = b"" if fd_kind(0) in ("terminal", "null") else None

    def all(self) -> bytes:
        """May wait for its end."""
        if self._data is None:
            self._data = sys.stdin.buffer.read()
        return self._data


class _SeedConsole(CapturedConsole):
    """Output on the side, and the common input."""

    def __init__(self, given: _Input) -> None:
        super().__init__(ended=False, kinds=_kinds(), size=HostConsole().size())
        self._given: _Input | None = given

    def _bring(self) -> None:
        if self._given is not None:
            self.feed(self._given.all())
            self.feed_end()
            self._given = None

    def read(self, limit: int) -> bytes | None:
        self._bring()
        return super().read(limit)

    def wait(self, timeout_s: float | None) -> bool:
        if timeout_s is None:
            self._bring()
        return super().wait(timeout_s)


class _Hangs(Exception):
    """A run goes on for much longer than the one without chaos."""


class _Run:
    """One run of the program, its console on the side. `status`, `ending`: as an exit status and in words."""

    def __init__(self, config: MachineConfig, plan: FaultPlan | None, argv: list[bytes], given: _Input,
                 most_ticks: int | None = None) -> None:
        self.console = _SeedConsole(given)
        self.machine = Machine(replace(config, clock="virtual", faults=plan), self.console)
        self.machine.start(argv[0], argv)
        if most_ticks is not None:
            self._watch(most_ticks)
        try:
            self.status = self.machine.finish()
            self.ending = f"it ended with status {self.status}"
        except BootError as error:
            self.status, self.ending = error.status, str(error)
        except _Hangs:
            self.machine.close()
            self.status, self.ending = TIMED_OUT, f"it does not end: {self.ticks:,} ticks so far"

    @property
    def ticks(self) -> int:
        """How many have passed."""
        return int(self.machine.hart.ticks)

    def _watch(self, most_ticks: int) -> None:
        hart = self.machine.hart

        def look() -> None:
            if hart.ticks > most_ticks:
                raise _Hangs

        self.machine.kernel.scheduler.at_rest = look


def _kinds() -> tuple[FdKind, FdKind, FdKind]:
    """What the streams are, so that programs do what they do in a single run; nobody types while seeds are tried."""
    first, second, third = (fd_kind(fd) for fd in range(3))
    return "null" if first == "terminal" else first, second, third


def hunt(config: MachineConfig, seeds: range, argv: list[bytes], words: Sequence[str]) -> int:
    """Run once without chaos, then with each seed, up to the first one with which the program ends otherwise.

    A run that takes HANGS_FACTOR times as many ticks as without chaos, and HANGS_TICKS more, counts as one that does
    not end. Shows the output of the run that breaks, or of the one without chaos if none does. Returns the status of
    the run shown.
    """
    plan = config.faults
    assert plan is not None
    given = _Input()
    calm = _Run(config, FaultPlan(plan.faults) if plan.faults else None, argv, given)
    if calm.status == TIMED_OUT:
        raise CliError("it does not end in time even without chaos; give a longer --timeout")
    for seed in seeds:
        run = _Run(config, replace(plan, chaos_seed=seed), argv, given, calm.ticks * HANGS_FACTOR + HANGS_TICKS)
        if run.status != calm.status:
            _show(run.console)
            tell_of_seed(run.machine, f"{run.ending}, and without chaos {calm.ending}", words,
                         " </dev/null" if fd_kind(0) == "terminal" else "")
            return run.status
    _show(calm.console)
    print(f"rvsim: chaos seeds {seeds.start} to {seeds.stop - 1}: {calm.ending} with each", file=sys.stderr)
    return calm.status


def _show(console: CapturedConsole) -> None:
    for stream, data in ((sys.stdout, console.output), (sys.stderr, console.errors)):
        stream.flush()
        stream.buffer.write(bytes(data))
        stream.buffer.flush()
