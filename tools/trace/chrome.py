"""A trace as Chrome's trace events, which ui.perfetto.dev and chrome://tracing open.

"Trace Event Format" (docs.google.com, by the Chromium authors): times in microseconds. Each task is a thread of its
process; a thread of process 0 shows who had the hart.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from rvsim.tools.plain import visible
from rvsim.tools.trace.decode import call_text, result_text
from rvsim.tools.trace.timeline import Actor, Timeline

if TYPE_CHECKING:
    from rvsim.tools.trace.choice import Choice
    from rvsim.tools.trace.format import Record
    from rvsim.tools.trace.reader import TraceFile

HART = 0


class _Events:
    """Writes events as they are told."""

    def __init__(self, trace: TraceFile, out: TextIO) -> None:
        self.timeline: Timeline
        self._trace = trace
        self._out = out
        self._first = True
        self._arrows = 0

    def write(self, kind: str, name: str, pid: int, tid: int, ns: int | None = None, **more: Any) -> None:
        event: dict[str, Any] = {"ph": kind, "name": visible(name), "pid": pid, "tid": tid}
        if ns is not None:
            event["ts"] = ns / 1000
        self._out.write(("\n" if self._first else ",\n") + json.dumps(event | more))
        self._first = False

    def _name(self, actor: Actor) -> None:
        if actor.pid == actor.tid:
            self.write("M", "process_name", actor.pid, actor.tid, args={"name": visible(actor.name)})
        self.write("M", "thread_name", actor.pid, actor.tid, args={"name": visible(actor.name)})

    def _slice(self, name: str, category: str, actor: Actor, start_ns: int, end_ns: int, **args: Any) -> None:
        self.write("X", name, actor.pid, actor.tid, start_ns, dur=max(end_ns - start_ns, 0) / 1000, cat=category,
                   args=args)

    def task(self, actor: Actor) -> None:
        self._name(actor)

    def program(self, actor: Actor, end_ns: int) -> None:
        self._slice(actor.name, "program", actor, actor.named_ns, end_ns)

    def exit(self, actor: Actor, ns: int, how: str) -> None:
        self.write("i", how, actor.pid, actor.tid, ns, s="t", cat="exit")

    def run(self, actor: Actor, start_ns: int, end_ns: int) -> None:
        self.write("X", f"{actor.name} {actor.tid}", HART, HART, start_ns, dur=(end_ns - start_ns) / 1000, cat="run")

    def call(self, actor: Actor, record: Record, name: str, end_ns: int, result: Record | None) -> None:
        abi = self.timeline.lives.of(record.pid).abi
        self._slice(name, "call", actor, record.ns, end_ns, call=visible(call_text(abi, record)),
                    result=result_text(abi, result) if result is not None else "?")

    def mark(self, actor: Actor, ns: int, kind: str, text: str) -> None:
        if kind == "exec":
            self._name(actor)
        self.write("i", text, actor.pid, actor.tid, ns, s="t", cat=kind)

    def arrow(self, kind: str, start: Actor, start_ns: int, end: Actor, end_ns: int) -> None:
        if kind == "wake":
            return
        self._arrows += 1
        # An arrow begins and ends in the slice around its time; a program's slice does not hold its last moment.
        began_ns = max(start_ns - 1, start.born_ns) if kind == "wait" else start_ns
        self.write("s", kind, start.pid, start.tid, began_ns, id=self._arrows, cat=kind)
        self.write("f", kind, end.pid, end.tid, end_ns, id=self._arrows, cat=kind, bp="e")


def export(trace: TraceFile, choice: Choice, out: TextIO) -> None:
    """Write the whole trace, or what was chosen of it, as JSON.

    Raises:
        TraceError: the trace is damaged.
        OSError: `out` cannot be written.
    """
    header = {name: value for name, value in trace.header.items() if isinstance(value, (str, int))}
    out.write('{"displayTimeUnit":"ns","otherData":' + json.dumps({name: visible(str(value))
                                                                   for name, value in header.items()}))
    out.write(',"traceEvents":[')
    events = _Events(trace, out)
    events.write("M", "process_name", HART, HART, args={"name": "hart 0"})
    events.write("M", "thread_name", HART, HART, args={"name": "who runs"})
    events.timeline = Timeline(trace, choice, events)
    events.timeline.tell()
    out.write("\n]}\n")
