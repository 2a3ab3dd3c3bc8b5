"""Runs guests with a recorder attached, or without; and makes traces by hand."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import Machine
from rvsim.guest_os.task.observer import Observer
from rvsim.tests import guest
from rvsim.tools.trace import format as f
from rvsim.tools.trace.format import Kind, Record
from rvsim.tools.trace.reader import TraceFile
from rvsim.tools.trace.recorder import Recorder, header_of
from rvsim.tools.trace.writer import Writer

SUBJECT = "trace_subject.c"
HOSTILE = "</script><script>document.title = 'owned'</script><!--&amp;\u2028\x1b[31m\udcff\"'"


@dataclass
class Run:
    """How a run ended, and its trace if it was recorded."""

    output: bytes
    status: int
    ticks: int
    ns: int
    traps: int
    machine: Machine
    path: Path | None = None

    @property
    def records(self) -> list[Record]:
        """All of the trace."""
        with TraceFile(str(self.path)) as trace:
            found = list(trace.records())
            assert not trace.cut
            return found

    def of(self, *kinds: Kind) -> list[Record]:
        """The records of these kinds."""
        return [record for record in self.records if record.kind in kinds]


def run(program: Path | str, *arguments: str, stdin: bytes = b"", trace: Path | None = None, stacks: int = 0,
        others: tuple[Observer, ...] = (), prepare: Callable[[Machine], object] | None = None, **config: Any) -> Run:
    """Run a program; `trace`: where its trace goes, None: it is not recorded. `prepare` is called before it starts."""
    console = CapturedConsole(stdin)
    machine = guest.make(console, **config)
    traps = machine.hart.traps
    name = str(program).encode()
    argv = [name, *(argument.encode() for argument in arguments)]
    for observer in others:
        machine.kernel.observe(observer)
    if prepare is not None:
        prepare(machine)
    if trace is None:
        status = machine.run(name, argv)
    else:
        with Recorder.recording(machine, str(trace), header_of(machine, argv, stacks), stacks) as recorder:
            status = recorder.status = machine.run(name, argv)
    guest.nothing_left(machine)
    return Run(bytes(console.output), status, machine.hart.ticks, machine.clock.monotonic_ns(),
               machine.hart.traps - traps, machine, trace)


def pack(records: Iterable[Record]) -> bytes:
    """Records as docs/traces.md says that they are packed: an implementation of its own."""
    out = bytearray()
    before = [0] * 14
    for record in records:
        words = struct.unpack("<14Q", f.RECORD.pack(*record))
        changed = [(at, (word - old) % 2**64) for at, (word, old) in enumerate(zip(words, before, strict=True))
                   if word != old]
        out += sum(1 << at for at, _ in changed).to_bytes(2, "little")
        for _, difference in changed:
            number = difference << 1 if difference < 2**63 else (2**64 - difference << 1) - 1
            while number > 127:
                out.append(number & 127 | 128)
                number >>= 7
            out.append(number)
        before = list(words)
    return bytes(out)


def made(kind: int = Kind.CALL, ns: int = 0, **fields: int) -> Record:
    """A record of process 1 with little in it."""
    values = dict.fromkeys(Record._fields, 0) | {"kind": int(kind), "pid": 1, "tid": 1, "ns": ns, "ticks": ns}
    return Record(**values | fields)


def write(path: Path, *chunks: tuple[bytes, Any] | list[Record], header: dict[str, Any] | None = None,
          ends: bool = True) -> Path:
    """A trace of these chunks: (tag, what its JSON says), or records. `ends`: it is not cut off."""
    writer = Writer(str(path))
    writer.json(f.HEAD, {"argv": ["made"], "stacks": 1} if header is None else header)
    for chunk in chunks:
        if isinstance(chunk, list):
            writer.packed(pack(chunk), len(chunk))
        else:
            writer.json(*chunk)
    if ends:
        writer.json(f.DONE, {"records": writer.records})
    writer.close()
    return path


def hostile(path: Path) -> Path:
    """A trace in which every text is out to do harm."""
    module = {"path": HOSTILE, "build": HOSTILE, "symbols": [[0, 100, HOSTILE + ";\n"]]}
    return write(
        path, (f.TEXTS, [HOSTILE, "linux"]), (f.MODULE, module), (f.STACKS, [[0, 5, 0, 6]]),
        [made(Kind.EXEC, number=0, a0=1, a1=0), made(Kind.MAPPED, a0=0, a1=4096), made(number=172, ns=5, result=1),
         made(Kind.TRAP, cause=13, outcome=3, epc=8, ns=6), made(Kind.STACK, result=50, ns=9)],
        header={"argv": [HOSTILE, "x"], "stacks": 10, "rvsim": HOSTILE, "clock": HOSTILE})
