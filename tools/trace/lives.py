"""What is known of each process while a trace is read: its program, its ABI, its code."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from rvsim.tools.trace import format as f
from rvsim.tools.trace.format import Kind, Record, TraceError

if TYPE_CHECKING:
    from rvsim.tools.trace.reader import Module, TraceFile

MOST_PROCESSES = 1 << 20
"""That live at once."""
MOST_MAPPINGS = 4096


class Process:
    """A process as far as the trace has been read. `mapped`: (start, end, bias, module), ascending."""

    __slots__ = ("abi", "arguments", "mapped", "number", "parent", "path", "pid")

    def __init__(self, number: int, pid: int, parent: Process | None) -> None:
        self.number = number
        self.pid = pid
        self.parent = parent.number if parent is not None else None
        self.abi: str = parent.abi if parent is not None else "linux"
        self.path: str = parent.path if parent is not None else "?"
        self.arguments: str = parent.arguments if parent is not None else ""
        self.mapped: list[tuple[int, int, int, int]] = parent.mapped if parent is not None else []

    @property
    def name(self) -> str:
        """The last part of the path of its program."""
        return self.path.rpartition("/")[2] or self.path


class Lives:
    """The processes of a trace. A pid may come again when its process is gone, so each life has a `number` too."""

    def __init__(self, trace: TraceFile) -> None:
        self.trace = trace
        self.alive: dict[int, Process] = {}
        self.count = 0
        self._gone: Process | None = None

    def of(self, pid: int) -> Process:
        """The process that has this pid now, or had it last."""
        process = self.alive.get(pid)
        if process is None:
            process = self._gone if self._gone is not None and self._gone.pid == pid else Process(-1, pid, None)
        return process

    def _begin(self, pid: int, parent: Process | None) -> Process:
        if len(self.alive) >= MOST_PROCESSES:
            raise TraceError(f"{self.trace.name}: damaged: more processes than any run has")
        process = self.alive[pid] = Process(self.count, pid, parent)
        self.count += 1
        return process

    def feed(self, record: Record) -> None:
        """Learn from a record. Calls and traps, the most frequent, teach nothing and may be left out."""
        kind = record.kind
        if kind == Kind.FORK:
            if not record.flags & f.THREAD:
                self._begin(record.a0 & 0xFFFF_FFFF, self.of(record.pid))
        elif kind == Kind.EXEC:
            process = self.alive.get(record.pid) or self._begin(record.pid, None)
            process.path = self.trace.text(record.number)
            process.abi = self.trace.text(record.a0)
            process.arguments = self.trace.text(record.a1)
            process.mapped = []
        elif kind == Kind.EXIT:
            if record.flags & f.GROUP and record.pid in self.alive:
                self._gone = self.alive.pop(record.pid)
        elif kind == Kind.MAPPED:
            process = self.of(record.pid)
            if len(process.mapped) < MOST_MAPPINGS:
                process.mapped = sorted(
                    [old for old in process.mapped if old[1] <= record.a0 or old[0] >= record.a1]
                    + [(record.a0, record.a1, record.a2, record.number)])

    def where(self, pid: int, address: int) -> str | None:
        """`main+0x1c`, or `libc.so.6+0x1234` where no function is known; None: no code that the trace knows."""
        process = self.of(pid)
        at = bisect_right(process.mapped, (address, 1 << 64, 0, 0)) - 1
        if at < 0 or address >= process.mapped[at][1]:
            return None
        _, _, bias, number = process.mapped[at]
        modules = self.trace.modules
        return place(modules[number], address - bias) if number < len(modules) else None


def place(module: Module, address: int) -> str:
    """An address of a file by function, else by file."""
    found = module.find(address)
    if found is None:
        return f"{module.path.rpartition('/')[2]}+{address:#x}"
    name, offset = found
    return f"{name}+{offset:#x}" if offset else name
