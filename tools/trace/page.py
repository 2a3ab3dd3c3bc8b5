"""A trace as one HTML page that needs nothing else: a timeline to zoom and pan, and the calls as a list."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rvsim.tools.plain import visible
from rvsim.tools.trace.decode import call_text, result_text
from rvsim.tools.trace.timeline import Actor, Timeline

if TYPE_CHECKING:
    from rvsim.tools.trace.choice import Choice
    from rvsim.tools.trace.format import Record
    from rvsim.tools.trace.reader import TraceFile

TEMPLATE = Path(__file__).with_name("page.html")
MOST = {"tasks": 2_000, "calls": 100_000, "marks": 50_000, "runs": 100_000, "arrows": 20_000}
"""So many of each go into a page; the first ones in the trace."""


class _Page:
    """Collects what the page shows, and counts what it has no room for."""

    def __init__(self) -> None:
        self.timeline: Timeline
        self.data: dict[str, list[list[Any]]] = {name: [] for name in MOST}
        self.left_out = dict.fromkeys(MOST, 0)
        self._texts: dict[str, int] = {}

    def _text(self, text: str) -> int:
        """The number of a text of the page."""
        return self._texts.setdefault(visible(text), len(self._texts))

    def texts(self) -> list[str]:
        """All texts by number."""
        return list(self._texts)

    def _add(self, kind: str, actors: tuple[Actor, ...], row: list[Any]) -> None:
        if len(self.data[kind]) >= MOST[kind] or any(actor.number >= MOST["tasks"] for actor in actors):
            self.left_out[kind] += 1
        else:
            self.data[kind].append(row)

    def task(self, actor: Actor) -> None:
        """pid, tid, parent, born, programs [[from, to, name]…], end or null, how"""
        if actor.number < MOST["tasks"]:
            self.data["tasks"].append([actor.pid, actor.tid, actor.parent, actor.born_ns, [], None, 0])
        else:
            self.left_out["tasks"] += 1

    def program(self, actor: Actor, end_ns: int) -> None:
        if actor.number < MOST["tasks"]:
            programs = self.data["tasks"][actor.number][4]
            if len(programs) < 1000:
                programs.append([actor.named_ns, end_ns, self._text(actor.name)])

    def exit(self, actor: Actor, ns: int, how: str) -> None:
        if actor.number < MOST["tasks"]:
            self.data["tasks"][actor.number][5:] = [ns, self._text(how)]

    def run(self, actor: Actor, start_ns: int, end_ns: int) -> None:
        runs = self.data["runs"]
        if runs and runs[-1][0] == actor.number and runs[-1][2] == start_ns:
            runs[-1][2] = end_ns
        else:
            self._add("runs", (actor,), [actor.number, start_ns, end_ns])

    def call(self, actor: Actor, record: Record, name: str, end_ns: int, result: Record | None) -> None:
        if len(self.data["calls"]) >= MOST["calls"]:
            self.left_out["calls"] += 1         # without the effort to write it out
            return
        abi = self.timeline.lives.of(record.pid).abi
        waited = 1 if result is not record else 0
        self._add("calls", (actor,), [
            actor.number, record.ns, end_ns, self._text(name), self._text(call_text(abi, record)),
            self._text(result_text(abi, result) if result is not None else "?"), waited])

    def mark(self, actor: Actor, ns: int, kind: str, text: str) -> None:
        self._add("marks", (actor,), [actor.number, ns, kind, self._text(text)])

    def arrow(self, kind: str, start: Actor, start_ns: int, end: Actor, end_ns: int) -> None:
        self._add("arrows", (start, end), [kind, start.number, start_ns, end.number, end_ns])


def export(trace: TraceFile, choice: Choice, out: TextIO) -> dict[str, int]:
    """Write the page; returns what was left out of it, by kind.

    Raises:
        TraceError: the trace is damaged.
        OSError: `out` cannot be written.
    """
    page = _Page()
    page.timeline = Timeline(trace, choice, page)
    page.timeline.tell()
    left_out = {name: count for name, count in page.left_out.items() if count}
    notes = [visible(f"recorded by rvsim {trace.header.get('rvsim')}, {trace.header.get('clock')} clock")]
    if trace.cut:
        notes.append("the trace is cut off: its run was ended from outside")
    notes += [f"{count} {name} are not on this page, which holds the first {MOST[name]}; choose some by --from, --to "
              "or --pid" for name, count in left_out.items()]
    data = {"command": trace.command, "notes": notes, "start": page.timeline.start_ns or 0, "end": page.timeline.end_ns,
            "texts": page.texts(), **page.data}
    before, after = TEMPLATE.read_text(encoding="utf-8").split("@DATA@")
    out.write(before.replace("@TITLE@", escape(f"{trace.command} - rvsim trace")))
    out.write(in_script(json.dumps(data, separators=(",", ":"))))
    out.write(after)
    return left_out


def in_script(text: str) -> str:
    """JSON (ASCII) so that nothing in it ends the script element around it or begins a comment."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
