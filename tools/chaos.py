"""`run --fault` and `--chaos`: the plan that they write, many seeds, and what is said of one that breaks."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import TIMED_OUT, BootError, Machine
from rvsim.guest_os.faults import BadFault, FaultPlan, parse_fault
from rvsim.tools.errors import CliError, complain

if TYPE_CHECKING:
    from rvsim.guest_os.boot import MachineConfig

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


def tell_of_seed(machine: Machine, ending: str, words: Sequence[str]) -> None:
    """Which seed it was that broke the run, and how to have the same run again."""
    injector = machine.kernel.injector
    if injector is None or injector.plan.chaos_seed is None:
        return
    seed, count = injector.plan.chaos_seed, injector.injected
    again = shlex.join(["rvsim", "run", *words_with_seed(words, seed)])
    complain(f"chaos seed {seed}: {ending}, after {count} fault{'s' * (count != 1)}; again: {again}")


def hunt(config: MachineConfig, seeds: range, argv: list[bytes], words: Sequence[str]) -> int:
    """Run once without chaos, then with each seed, up to the first one with which the program ends otherwise.

    Shows the output of that run, or of the one without chaos if there is none. Returns the status of the run shown.
    """
    plan = config.faults
    assert plan is not None
    stdin = b"" if os.isatty(0) else sys.stdin.buffer.read()
    calm = FaultPlan(plan.faults) if plan.faults else None
    expected, ending, console, _ = _run(config, calm, argv, stdin)
    if expected == TIMED_OUT:
        raise CliError("it does not end in time even without chaos; give a longer --timeout")
    for seed in seeds:
        drawn = replace(plan, chaos_seed=seed)
        status, now, shown, machine = _run(config, drawn, argv, stdin)
        if status != expected:
            _show(shown)
            tell_of_seed(machine, f"{now}, and without chaos {ending}", words)
            return status
    _show(console)
    print(f"rvsim: chaos seeds {seeds.start} to {seeds.stop - 1}: {ending} with each", file=sys.stderr)
    return expected


def _run(config: MachineConfig, plan: FaultPlan | None, argv: list[bytes],
         stdin: bytes) -> tuple[int, str, CapturedConsole, Machine]:
    console = CapturedConsole(stdin)
    machine = Machine(replace(config, clock="virtual", faults=plan), console)
    machine.start(argv[0], argv)
    try:
        status = machine.finish()
    except BootError as error:
        return error.status, str(error), console, machine
    return status, f"it ended with status {status}", console, machine


def _show(console: CapturedConsole) -> None:
    for stream, data in ((sys.stdout, console.output), (sys.stderr, console.errors)):
        stream.flush()
        stream.buffer.write(bytes(data))
        stream.buffer.flush()
