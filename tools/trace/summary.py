"""A trace in numbers: per call, per process, per kind of fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvsim.tools.plain import visible
from rvsim.tools.strace.values import signal_name
from rvsim.tools.trace import format as f
from rvsim.tools.trace.choice import Choice
from rvsim.tools.trace.decode import call_number, failed, name_of, outcome_name, seconds
from rvsim.tools.trace.format import CAUSES, Kind, Record
from rvsim.tools.trace.lives import Lives

if TYPE_CHECKING:
    from rvsim.tools.trace.reader import TraceFile

MOST_ROWS = 1 << 18
"""Of one table."""
OTHERS = "(others)"
OTHERS_NUMBER = -2
CALL = int(Kind.CALL)
ANSWERED = frozenset((CALL, int(Kind.TRAP)))


@dataclass(slots=True)
class Tally:
    """So many, of which so many failed or waited, and guest ns from their traps to their answers."""

    count: int = 0
    errors: int = 0
    waits: int = 0
    ns: int = 0


@dataclass(slots=True)
class Totals:
    """Of one process. `ticks`: what it ran itself."""

    pid: int
    name: str
    calls: int = 0
    faults: int = 0
    signals: int = 0
    turns: int = 0
    ticks: int = 0
    born_ns: int = 0
    gone_ns: int | None = None


class Summary:
    """Counts records that are fed to it. `calls` by name, `faults` by (cause, outcome), `signals` by number,
    `processes` by the number of their lives. What is too much for a table counts in one row of it, under OTHERS.
    """

    def __init__(self, lives: Lives) -> None:
        self.lives = lives
        self.records = 0
        self.start_ns: int | None = None
        self.end_ns = 0
        self.calls: dict[str, Tally] = {}
        self.faults: dict[tuple[int, int], Tally] = {}
        self.signals: dict[int, Tally] = {}
        self.processes: dict[int, Totals] = {}
        self._open: dict[tuple[int, int], tuple[Tally, int]] = {}
        self._known: dict[tuple[int, int, int], tuple[Totals, Tally, str]] = {}

    def _process(self, record: Record) -> Totals:
        process = self.lives.of(record.pid)
        totals = self.processes.get(process.number)
        if totals is None:
            number = process.number if len(self.processes) < MOST_ROWS else OTHERS_NUMBER
            totals = self.processes.setdefault(number, Totals(record.pid, process.name, born_ns=record.ns))
            if number == OTHERS_NUMBER:
                totals.name = OTHERS
        return totals

    def feed(self, record: Record) -> None:
        """Count a record that was chosen."""
        self.records += 1
        if self.start_ns is None:
            self.start_ns = record.ns
        self.end_ns = record.ns
        kind = record.kind
        if kind == CALL:
            self._call(record)
            return
        if kind == Kind.SENT:       # its sender may be nobody
            return
        totals = self._process(record)
        if kind == Kind.TRAP:
            totals.faults += 1
            tally = self.faults.setdefault((record.cause, record.outcome), Tally())
            tally.count += 1
            tally.ns += record.cost_ns
        elif kind == Kind.SIGNAL:
            totals.signals += 1
            self.signals.setdefault(record.number if record.number < 65 else 0, Tally()).count += 1
        elif kind == Kind.EXEC:
            totals.name = self.lives.of(record.pid).name
        elif kind == Kind.EXIT and record.flags & f.GROUP:
            totals.gone_ns = record.ns

    def forget(self) -> None:
        """A process has begun, ended, or runs another program."""
        self._known.clear()

    def _call(self, record: Record) -> None:
        # Calls are most of a long trace: what is counted where is looked up once for each call of a process.
        key = record.pid, record.number, record.tval
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST_ROWS:
                self._known.clear()
            known = self._known[key] = self._row(record)
        totals, tally, abi = known
        totals.calls += 1
        tally.count += 1
        if not record.flags & f.OPEN:
            tally.ns += record.cost_ns
            if record.result < 0 and failed(abi, record):
                tally.errors += 1
        elif len(self._open) < MOST_ROWS:
            self._open[record.pid, record.tid] = tally, record.ns

    def _row(self, record: Record) -> tuple[Totals, Tally, str]:
        abi = self.lives.of(record.pid).abi
        name = name_of(abi, call_number(record))
        if name not in self.calls and len(self.calls) >= MOST_ROWS:
            name = OTHERS
        return self._process(record), self.calls.setdefault(name, Tally()), abi

    def end_call(self, record: Record) -> None:
        """A RETURN, of a call that was chosen or not, or the end of its task."""
        tally, start_ns = self._open.pop((record.pid, record.tid), (None, 0))
        if tally is not None:
            tally.waits += 1
            tally.ns += max(record.ns - start_ns, 0)
            tally.errors += record.kind == Kind.RETURN and failed(self.lives.of(record.pid).abi, record)

    def turn(self, record: Record) -> None:
        """A TURN or a TURN_OVER."""
        totals = self._process(record)
        if record.kind == Kind.TURN:
            totals.turns += 1
        else:
            totals.ticks += record.result


def summarize(trace: TraceFile, choice: Choice) -> Summary:
    """Read a trace to its end and count what was chosen.

    Raises:
        TraceError: it is damaged.
    """
    lives = Lives(trace)
    found = Summary(lives)
    wanted = choice.test(lives)
    turns = Choice(choice.pids, events=("turn",), start_ns=choice.start_ns, end_ns=choice.end_ns).test(lives)
    everything = choice == Choice()
    for record in trace.records():
        kind = record.kind
        if kind in ANSWERED:
            if everything or wanted(record):
                found.feed(record)
            continue
        if kind == Kind.RETURN or kind == Kind.EXIT:
            found.end_call(record)
        if kind == Kind.RETURN:
            continue
        if kind != Kind.EXIT:
            lives.feed(record)
        if kind == Kind.TURN or kind == Kind.TURN_OVER:
            if turns(record):
                found.turn(record)
        elif wanted(record):
            found.feed(record)
        if kind == Kind.EXIT:
            lives.feed(record)
        if kind in (Kind.EXIT, Kind.EXEC, Kind.FORK):
            found.forget()
    return found


def tables(found: Summary) -> str:
    """The summary for a person."""
    parts = []
    rows: list[tuple[str, ...]]
    if found.calls:
        rows = [(str(tally.count), str(tally.errors or ""), str(tally.waits or ""), str(tally.ns),
                 str(tally.ns // tally.count), visible(name))
                for name, tally in sorted(found.calls.items(), key=lambda item: (-item[1].ns, item[0]))]
        parts.append(_table(("calls", "errors", "waited", "ns", "ns/call", "call"), rows))
    if found.faults:
        rows = [(str(tally.count), str(tally.ns), f"{CAUSES.get(cause, cause)}: {outcome_name(outcome)}")
                for (cause, outcome), tally in sorted(found.faults.items(), key=lambda item: (-item[1].count, item[0]))]
        parts.append(_table(("traps", "ns", "fault"), rows))
    if found.signals:
        rows = [(str(tally.count), signal_name(number)) for number, tally in sorted(found.signals.items())]
        parts.append(_table(("taken", "signal"), rows))
    if found.processes:
        rows = [(str(totals.pid), str(totals.calls), str(totals.faults), str(totals.signals), str(totals.turns),
                 str(totals.ticks), seconds(totals.born_ns), "" if totals.gone_ns is None else seconds(totals.gone_ns),
                 visible(totals.name))
                for _, totals in sorted(found.processes.items())]
        parts.append(_table(("pid", "calls", "faults", "signals", "turns", "ticks", "from", "to", "program"), rows))
    span = f"{seconds(found.start_ns)} to {seconds(found.end_ns)}" if found.start_ns is not None else "no time"
    return "\n\n".join([*parts, f"{found.records} records, {span}"])


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Numbers to the right, the last column to the left."""
    cells = [head, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head) - 1)]
    return "\n".join("  ".join([*(cell.rjust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
                     for row in cells)
