"""pstack in the guest and `rvsim pstack` outside: of programs that say how to leave a function, and of others.

Both read the same things in the same order, so what they show must be the same.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import Machine
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import compiled, make, nothing_left
from rvsim.tools.procs import snapshot

pytest.importorskip("ziglang")

ZIG = (sys.executable, "-m", "ziglang", "cc", "-target", "riscv64-linux-musl", "-static", "-fno-sanitize=undefined")
PLAIN = ("-O1",)
NO_TABLES = ("-O1", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables")
FRAME_POINTERS = (*NO_TABLES, "-fno-omit-frame-pointer")
CHAIN = ["innermost", *["recursive"] * 4, "with_large_frame", "main"]


@dataclass(frozen=True)
class Line:
    """One frame: its pc, the name or what stands in place of it, and whether it is a guess."""

    pc: str
    name: str
    guessed: bool


def lines_of(text: str) -> list[Line]:
    """The frames that a text of pstack's shows."""
    return [Line(found[1], found[2].split(" + ")[0], found[3] is not None)
            for found in re.finditer(r"^ ([0-9a-f]{16}) (.*?)( \?)?$", text, re.MULTILINE)]


class AtPstack(Observer):
    """Takes a snapshot when pstack writes."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.frames: list[str] = []

    def executed(self, task: Task) -> None:
        if task.comm == b"pstack":
            process = next(process for process in snapshot.take(self.machine)["processes"] if process["pid"] == 2)
            self.frames = [f" {frame['pc']:016x} {frame['where']}" for frame in process["threads"][0]["frames"]]


def stacks(program: Path, argument: str = "") -> tuple[list[Line], list[Line]]:
    """What the guest's pstack and what the host's shows of a process's first thread."""
    console = CapturedConsole()
    machine = make(console)
    machine.install(b"/bin/subject", program.read_bytes())
    observer = AtPstack(machine)
    machine.kernel.observe(observer)
    script = f"subject {argument} & sleep 1; pstack 2/2; kill -KILL 2"
    assert machine.run(b"sh", [b"sh", b"-c", script.encode()]) == 0
    nothing_left(machine)
    assert console.errors == b""
    return lines_of(console.output.decode()), lines_of("\n".join(observer.frames))


def subject(*flags: str) -> Path:
    return compiled("proc_subject.c", *ZIG, *flags)


def test_tables_of_the_compiler() -> None:
    inside, outside = stacks(subject(*PLAIN))
    assert inside == outside
    assert [line.name for line in inside if line.name in CHAIN] == CHAIN
    assert not any(line.guessed for line in inside)


def test_tables_without_names() -> None:
    """A stripped program shows the same frames, without guesses; files and places stand for names."""
    named, _ = stacks(subject(*PLAIN))
    inside, outside = stacks(subject(*PLAIN, "-s"))
    assert inside == outside
    assert [line.pc for line in inside] == [line.pc for line in named]
    assert not any(line.guessed for line in inside)
    assert {line.name for line in inside} == {"???????? (subject"}


@pytest.mark.parametrize("flags", [NO_TABLES, FRAME_POINTERS])
def test_names_without_tables(flags: tuple[str, ...]) -> None:
    inside, outside = stacks(subject(*flags))
    assert inside == outside
    assert [line.name for line in inside if line.name in CHAIN][-2:] == ["with_large_frame", "main"]
    assert not any(line.guessed for line in inside if line.name in CHAIN)


def test_frame_pointers_alone() -> None:
    """Below our functions are the C library's, which keep none, so the first steps are guesses."""
    named, _ = stacks(subject(*FRAME_POINTERS))
    inside, outside = stacks(subject(*FRAME_POINTERS, "-s"))
    assert inside == outside
    ours = [line.pc for line in named if line.name in CHAIN]
    shown = [line.pc for line in inside]
    at = shown.index(ours[1])
    assert shown[at:at + len(ours) - 1] == ours[1:]


@pytest.mark.parametrize("how", ["ring", "itself", "full", "trampoline", "edge", "zero", "odd", "wild"])
@pytest.mark.parametrize("flags", [PLAIN, (*FRAME_POINTERS, "-s")], ids=["tables", "nothing"])
def test_a_stack_that_leads_nowhere(how: str, flags: tuple[str, ...]) -> None:
    inside, outside = stacks(compiled("proc_lost.c", *ZIG, *flags), how)
    assert 1 <= len(inside) <= 129
    assert inside == outside
