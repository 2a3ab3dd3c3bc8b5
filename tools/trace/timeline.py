"""A trace as what happened to each task: who ran when, which calls waited, who made, ended and signalled whom.

Both exports are made from it. `Timeline` is fed records and tells a `Teller` of things that are whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rvsim.tools.strace.values import signal_name
from rvsim.tools.trace import format as f
from rvsim.tools.trace.choice import LIGHT, Choice
from rvsim.tools.trace.decode import action_text, call_number, name_of, signal_text, status_text, trap_text
from rvsim.tools.trace.format import Kind, Outcome, Record, TraceError
from rvsim.tools.trace.lives import Lives

if TYPE_CHECKING:
    from rvsim.tools.trace.reader import TraceFile

MOST_TASKS = 1 << 18
_BEGINS = frozenset((Kind.CALL, Kind.TRAP, Kind.TURN, Kind.FORK, Kind.EXEC))
WAITS = frozenset(("wait4", "waitid", "waitpid", "waittid"))


@dataclass(slots=True)
class Actor:
    """A task's life. `number` counts them; `parent`: the number of who made it, -1: nobody."""

    number: int
    pid: int
    tid: int
    parent: int
    born_ns: int
    name: str
    named_ns: int
    runs_since: int | None = None
    call: Record | None = None      # one that waits


class Teller(Protocol):
    """What a timeline is told to. Times are guest ns."""

    def task(self, actor: Actor) -> None:
        """A task begins."""

    def program(self, actor: Actor, end_ns: int) -> None:
        """`actor` ran `actor.name` from `actor.named_ns` until now."""

    def exit(self, actor: Actor, ns: int, how: str) -> None:
        """It ended; None more comes of it but perhaps its last run."""

    def run(self, actor: Actor, start_ns: int, end_ns: int) -> None:
        """It had the hart."""

    def call(self, actor: Actor, record: Record, name: str, end_ns: int, result: Record | None) -> None:
        """A call. `result`: the record that has its result; None: it never had one."""

    def mark(self, actor: Actor, ns: int, kind: str, text: str) -> None:
        """Something without length: `fault`, `signal`, `stop`, `exec`."""

    def arrow(self, kind: str, start: Actor, start_ns: int, end: Actor, end_ns: int) -> None:
        """One thing led to another: `fork`, `wait`, `signal`, `wake`."""


class Timeline:
    """Reads a trace and tells what it finds."""

    def __init__(self, trace: TraceFile, choice: Choice, teller: Teller) -> None:
        self.lives = Lives(trace)
        self.trace = trace
        self.teller = teller
        self.start_ns: int | None = None
        self.end_ns = 0
        self.actors: dict[int, Actor] = {}          # by tid, those that live
        self.count = 0
        self._gone: dict[int, tuple[Actor, int]] = {}       # by pid: ended, and nobody has waited for it yet
        self._choice = choice
        self._wanted = choice.test(self.lives)

    def tell(self) -> None:
        """Read the trace to its end, or to that of the time that was chosen.

        Raises:
            TraceError: it is damaged.
        """
        for record in self.trace.records():
            if record.ns >= self._choice.end_ns:
                self.end_ns = max(self.end_ns, self._choice.end_ns)
                break
            if self.start_ns is None:
                self.start_ns = max(record.ns, self._choice.start_ns)
            self.end_ns = max(self.end_ns, record.ns)
            if record.kind not in LIGHT and record.kind != Kind.EXIT:
                self.lives.feed(record)
            actor = self.actors.get(record.tid)
            if actor is None and record.kind in _BEGINS:
                actor = self._begin(record.pid, record.tid, None, record.ns)
            if actor is not None:
                self._feed(record, actor)
            if record.kind == Kind.EXIT:
                self.lives.feed(record)
        for actor in list(self.actors.values()):
            self._end(actor, self.end_ns)

    def _begin(self, pid: int, tid: int, parent: Actor | None, ns: int) -> Actor:
        if len(self.actors) >= MOST_TASKS:
            raise TraceError(f"{self.trace.name}: damaged: more tasks than any run has")
        name = parent.name if parent is not None else self.lives.of(pid).name
        actor = Actor(self.count, pid, tid, parent.number if parent is not None else -1, ns, name, ns)
        self.actors[tid] = actor
        self.count += 1
        self.teller.task(actor)
        return actor

    def _end(self, actor: Actor, ns: int) -> None:
        if actor.runs_since is not None:
            self.teller.run(actor, actor.runs_since, ns)
            actor.runs_since = None
        if actor.call is not None:
            self._call(actor, actor.call, ns, None)
            actor.call = None
        self.teller.program(actor, ns)

    def _call(self, actor: Actor, record: Record, end_ns: int, result: Record | None) -> None:
        name = name_of(self.lives.of(record.pid).abi, call_number(record))
        if name in WAITS and result is not None and result.result > 0 and result.result in self._gone:
            child, ended_ns = self._gone.pop(result.result)
            if self._in_time(end_ns):
                self.teller.arrow("wait", child, ended_ns, actor, end_ns)
        if self._wanted(record):
            self.teller.call(actor, record, name, end_ns, result)

    def _in_time(self, ns: int) -> bool:
        return self._choice.start_ns <= ns < self._choice.end_ns

    def _feed(self, record: Record, actor: Actor) -> None:
        kind, ns, teller = record.kind, record.ns, self.teller
        if kind == Kind.CALL:
            if actor.call is not None:
                self._call(actor, actor.call, ns, None)
                actor.call = None
            if record.flags & f.OPEN:
                actor.call = record
            else:
                self._call(actor, record, ns + record.cost_ns, record)
        elif kind == Kind.RETURN:
            if actor.call is not None:
                call, actor.call = actor.call, None
                self._call(actor, call, ns, record)
        elif kind == Kind.TRAP:
            if record.outcome != Outcome.COUNTER and self._wanted(record):
                teller.mark(actor, ns, "fault", trap_text(record, self.lives.where(record.pid, record.epc)))
        elif kind == Kind.TURN:
            actor.runs_since = ns
        elif kind == Kind.TURN_OVER:
            if actor.runs_since is not None and self._in_time(ns):
                teller.run(actor, actor.runs_since, ns)
            actor.runs_since = None
        elif kind == Kind.FORK:
            child = self._begin(record.a0 & 0xFFFF_FFFF, record.a1 & 0xFFFF_FFFF, actor, ns)
            teller.arrow("fork", actor, ns, child, ns)
        elif kind == Kind.EXEC:
            if actor.named_ns != ns or actor.born_ns != ns:
                teller.program(actor, ns)
            actor.name, actor.named_ns = self.lives.of(record.pid).name, ns
            teller.mark(actor, ns, "exec", f"runs {self.lives.of(record.pid).path}")
        elif kind == Kind.EXIT:
            self._exit(record, actor)
        elif kind in (Kind.SIGNAL, Kind.STOPPED):
            if self._wanted(record):
                if kind == Kind.SIGNAL:
                    teller.mark(actor, ns, "signal", signal_text(record))
                else:
                    teller.mark(actor, ns, "stop", f"stopped by {signal_name(record.number)}")
        elif kind == Kind.INJECTED:
            if self._wanted(record):
                teller.mark(actor, ns, "fault", f"injected: {action_text(record)}")
        elif kind == Kind.SENT:
            target = self.actors.get(record.a4 & 0xFFFF_FFFF)
            if target is not None and target is not actor and self._wanted(record):
                teller.arrow("signal", actor, ns, target, ns)
        elif kind == Kind.WAKE:
            waker = self.actors.get(record.a1 & 0xFFFF_FFFF)
            if waker is not None and waker is not actor and self._in_time(ns):
                teller.arrow("wake", waker, ns, actor, ns)

    def _exit(self, record: Record, actor: Actor) -> None:
        over = record.flags & f.GROUP
        since = actor.runs_since
        actor.runs_since = None
        self._end(actor, record.ns)
        actor.runs_since = since
        self.teller.exit(actor, record.ns, status_text(record.result))
        if since is not None and self._in_time(record.ns):
            self.teller.run(actor, since, record.ns)
        if self.actors.get(actor.tid) is actor:
            del self.actors[actor.tid]
        if over:
            if len(self._gone) >= MOST_TASKS:
                self._gone.clear()
            self._gone[record.pid] = actor, record.ns
