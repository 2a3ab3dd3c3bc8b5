"""Runs a guest with a tracer attached, or without."""

from __future__ import annotations

from dataclasses import dataclass

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.guest_os.task.observer import Observer
from rvsim.tools.strace.tracer import Tracer


@dataclass
class Traced:
    """What a run gave: the trace, the guest's output, its status, and the ticks it took."""

    text: str
    output: bytes
    status: int
    ticks: int


def trace(program: bytes, *arguments: bytes, stdin: bytes = b"", cwd: bytes = b"/", watch: bool = True,
          others: tuple[Observer, ...] = ()) -> Traced:
    """Run an ELF file, or a program of the built-in system if it is a path."""
    console = CapturedConsole(stdin)
    machine = Machine(MachineConfig(cwd=cwd, timeout_ns=120_000_000_000), console)
    pieces: list[str] = []
    tracer = Tracer(pieces.append)
    for observer in (*((tracer,) if watch else ()), *others):
        machine.kernel.observe(observer)
    name = program
    if program.startswith(b"\x7fELF"):
        name = b"/tmp/program"
        machine.install(name, program)
    status = machine.run(name, [name, *arguments])
    tracer.close()
    return Traced("".join(pieces), bytes(console.output), status, machine.hart.ticks)
