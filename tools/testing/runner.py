"""Runs one test of a test file."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rvsim.guest_os.boot_error import BootError
from rvsim.guest_os.faults import FaultPlan
from rvsim.guest_os.task.slices import Slices
from rvsim.tools.errors import reason
from rvsim.tools.testing import covering
from rvsim.tools.testing.checks import Failure, Golden, counted, ending, file_afterwards, matched, stream_trap
from rvsim.tools.testing.guest import Guest, GuestFailure
from rvsim.tools.testing.image import IMAGES, Booted, ImageSpec, Start, command_of, programs_of
from rvsim.tools.testing.limits import DEFAULT_TICKS, DEFAULT_TIME_NS, Limits
from rvsim.tools.testing.suite import Case, LimitKeys, PutIn, Step, Suite
from rvsim.tools.testing.watching import CallWatch, FaultWatch, counted_calls

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.tools.testing.reading import Test


class CannotRun(Exception):
    """A test cannot even begin: one line."""


@dataclass
class Outcome:
    """How a test went. `guest` None: it never began."""

    guest: Guest | None = None
    failures: list[Failure] = field(default_factory=list)
    updated: list[Path] = field(default_factory=list)

    @property
    def trap(self) -> int | None:
        """Where the first thing went wrong that can be pinned to a trap."""
        return next((failure.trap for failure in self.failures if failure.trap is not None), None)


@dataclass(frozen=True)
class Options:
    """What the command line says about all tests."""

    update: bool = False
    chaos: int | None = None


def limits_from(*keys: LimitKeys) -> Limits:
    """The limits of a case: what the first of `keys` says counts."""

    def first(name: str) -> int | None:
        return next((value for one in keys if (value := getattr(one, name)) is not None), None)

    return Limits(first("time_ns") or DEFAULT_TIME_NS, first("ticks") or DEFAULT_TICKS, first("memory_bytes"),
                  first("processes"), first("traps"))


def spec_of(suite: Suite, folder: Path) -> ImageSpec:
    """What the machines of a file are made of. Raises CannotRun."""
    try:
        programs = programs_of(suite.programs, folder)
    except ValueError as error:
        raise CannotRun(f"programs: {error}") from None
    return ImageSpec(
        root=None if suite.root is None else folder / suite.root,
        image=None if suite.image is None else folder / suite.image, programs=programs,
        shares=tuple((folder / host, at, True) for at, host in suite.shares.items()), abi=suite.abi,
        memory_bytes=suite.memory_bytes, env=tuple(suite.env.items()), cwd=suite.cwd)


def contents(put_in: PutIn, folder: Path) -> bytes:
    """The bytes of a file that is put in. Raises CannotRun."""
    if put_in.base64 is not None:
        return base64.b64decode(put_in.base64)
    if put_in.text is not None:
        return put_in.text.encode()
    return _read(folder / (put_in.host or ""))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotRun(f"{path}: {reason(error)}") from None


def prepared(case: Case, options: Options) -> Callable[[Machine], None]:
    """What a machine gets before its first process: the slices of a seed, and what is to go wrong."""
    chaos = case.chaos if case.chaos is not None else options.chaos
    faults = tuple(one.fault() for one in case.faults)

    def prepare(machine: Machine) -> None:
        if case.seed:
            machine.kernel.scheduler.slices = Slices(case.seed)
            machine.hart.exact_slices = True
        if faults or chaos is not None:
            machine.kernel.faults = FaultPlan(faults, chaos, case.chaos_level, case.chaos_rate)

    return prepare


def start_of(suite: Suite, test: Test, folder: Path, prepare: Callable[[Machine], None] | None) -> Start:
    """How the machine of a test begins. Raises CannotRun."""
    case = test.case
    files = {path: contents(put_in, folder) for path, put_in in case.files.items()}
    modes = {path: put_in.permissions() for path, put_in in case.files.items()}
    argv = list(case.argv)
    if not argv and suite.boot is None and suite.image is not None:
        argv = list(command_of(folder / suite.image))
    if argv and argv[0].startswith(("./", "../")):
        name = os.path.basename(argv[0])
        files[f"/bin/{name}"] = _read(folder / argv[0])
        modes[f"/bin/{name}"] = 0o755
        argv[0] = name
    terminal = _at_terminal(suite, case)
    stdin = None if case.dialogue else (case.stdin or "").encode()
    if terminal and stdin is not None:
        stdin += b"\x04"
    return Start(argv, case.env, case.cwd, files, modes, stdin, terminal, limits_from(case.limits, suite.limits),
                 prepare, test.id)


def _at_terminal(suite: Suite, case: Case) -> bool:
    if case.terminal is not None:
        return case.terminal
    return bool(case.dialogue) or suite.boot is not None


def booted(suite: Suite, test: Test, folder: Path) -> Booted:
    """What the machine of a test goes on from. Raises CannotRun, GuestFailure, BootError."""
    spec = spec_of(suite, folder)
    terminal = _at_terminal(suite, test.case)
    if suite.boot is None:
        return IMAGES.booted(spec, terminal)
    boot = suite.boot
    start = Start(boot.argv, boot.env, terminal=terminal, limits=limits_from(suite.limits), name="boot")
    return IMAGES.brought_to(spec, start, boot.dialogue, lambda guest: converse(guest, boot.dialogue))


def converse(guest: Guest, dialogue: tuple[Step, ...]) -> None:
    """Go through a dialogue. Raises GuestFailure."""
    for number, step in enumerate(dialogue, 1):
        timeout = None if step.timeout_ns is None else step.timeout_ns / 1e9
        if step.regex is not None or step.expect is not None:
            try:
                if step.regex is not None:
                    guest.expect(step.regex, timeout)
                else:
                    guest.expect_exact(step.expect or "", timeout)
            except GuestFailure as failure:
                raise guest.fails(f"step {number} of the dialogue: {failure}") from None
        if guest.ended and (step.send is not None or step.sendline is not None or step.sendcontrol or step.sendeof):
            raise guest.fails(f"step {number} of the dialogue: {guest.standing()}, and cannot be sent anything")
        if step.send is not None:
            guest.send(step.send)
        elif step.sendline is not None:
            guest.sendline(step.sendline)
        elif step.sendcontrol is not None:
            guest.sendcontrol(step.sendcontrol)
        elif step.sendeof:
            guest.sendeof()


def run(suite: Suite, test: Test, folder: Path, options: Options) -> Outcome:
    """Run a test. Its guest is left open for whoever wants to look; `Guest.close` it."""
    outcome = Outcome()
    expect = test.case.expect
    calls = CallWatch((*expect.calls, *expect.never), expect.no_leaks) if (
        expect.calls or expect.never or expect.no_leaks) else None
    faults = FaultWatch() if expect.faults else None
    try:
        guest = booted(suite, test, folder).start(start_of(suite, test, folder, prepared(test.case, options)))
    except (CannotRun, BootError) as error:
        outcome.failures.append(Failure(in_keys(str(error))))
        return outcome
    except GuestFailure as failure:
        outcome.guest = failure.guest
        outcome.failures.append(Failure(f"the image does not boot: {failure}", failure.trap))
        return outcome
    outcome.guest = guest
    covering.watch(guest)
    for observer in (calls, faults):
        if observer is not None:
            guest.machine.kernel.observe(observer)
    before = counted_calls(guest.machine) if calls is not None else {}
    try:
        converse(guest, test.case.dialogue)
        if _ends(suite, test.case):
            guest.wait()
        elif not guest.ended:
            guest.run_until(bool)               # what was sent last is acted on
            if guest.limit:
                raise guest.fails(guest.limit)
    except GuestFailure as failure:
        outcome.failures.append(Failure(str(failure), failure.trap))
    else:
        _judge(outcome, guest, test, Golden(folder, options.update), calls, faults, before, _ends(suite, test.case))
    return outcome


def in_keys(message: str) -> str:
    """What a machine cannot be made for, with the key of a test file in place of the option of `rvsim run`."""
    return next((key + message.removeprefix(option) for option, key in _KEYS.items() if message.startswith(option)),
                message)


_KEYS = {"--cwd ": "cwd: ", "--root: ": "root: ", "-v: ": "shares: "}


def _ends(suite: Suite, case: Case) -> bool:
    """Whether the machine must end for the case to be over."""
    return suite.boot is None or case.expect.status is not None or case.expect.signal is not None


def _judge(outcome: Outcome, guest: Guest, test: Test, golden: Golden, calls: CallWatch | None,
           faults: FaultWatch | None, before: dict[str, int], ends: bool) -> None:
    expect, console, failures = test.case.expect, guest.console, outcome.failures
    if ends:
        failures += ending(guest, expect.status or 0, expect.signal)
    if expect.output is not None:
        failures += matched(expect.output, bytes(console.output), "the output", golden,
                            stream_trap(console, console.output))
    if expect.errors is not None:
        failures += matched(expect.errors, bytes(console.errors), "the standard error", golden,
                            stream_trap(console, console.errors))
    for path, wanted in expect.files.items():
        failures += file_afterwards(guest, path, wanted, golden)
    if calls is not None:
        now = counted_calls(guest.machine)
        made = {name: count - before.get(name, 0) for name, count in now.items()}
        failures += counted("calls of", expect.calls, made, calls.first)
        failures += [Failure(f"{name} is called {made[name]} times, and never should be", calls.first.get(name))
                     for name in expect.never if made.get(name)]
        failures += [Failure(message, trap) for message, trap in (*calls.open_files, *calls.left)]
    if faults is not None:
        found = {kind: sum(one[0] == kind for one in faults.found) for kind in expect.faults}
        first = {kind: trap for kind, _, trap in reversed(faults.found)}
        failures += counted("faults of the kind", expect.faults, found, first)
    if expect.max_ticks is not None and guest.ticks > expect.max_ticks:
        failures.append(Failure(f"it took {guest.ticks:,} ticks, and may take {expect.max_ticks:,}", guest.traps()))
    outcome.updated = golden.written
