"""A trace as lines: when, who, what, and what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.tools.trace import format as f
from rvsim.tools.trace.choice import LIGHT
from rvsim.tools.trace.decode import call_text, event_text, name_of, result_text, seconds, trap_text
from rvsim.tools.trace.format import Kind, Record
from rvsim.tools.trace.lives import Lives

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rvsim.tools.trace.choice import Choice
    from rvsim.tools.trace.reader import TraceFile

COLUMN = 40
"""Where results begin, behind the time and the pid."""


def line(record: Record, lives: Lives, where: bool = False) -> str:
    """`0.000040212    2 getppid()                    = 1 <4>`; `where`: the function that a call comes from, too."""
    who = str(record.pid) if record.pid == record.tid else f"{record.pid}/{record.tid}"
    head = f"{seconds(record.ns)} {who:>4} "
    kind = record.kind
    if kind == Kind.CALL:
        abi = lives.of(record.pid).abi
        text = call_text(abi, record)
        if record.flags & f.OPEN:
            text += " <unfinished ...>"
        else:
            text = f"{text:{COLUMN - 1}} = {result_text(abi, record)} <{record.cost_ns}>"
        place = lives.where(record.pid, record.epc) if where else None
        return head + text + (f" in {place}" if place else "")
    if kind == Kind.RETURN:
        abi = lives.of(record.pid).abi
        return head + f"{f'<... {name_of(abi, record.number)} resumed>':{COLUMN - 1}} = {result_text(abi, record)}"
    if kind == Kind.TRAP:
        return head + f"{trap_text(record, lives.where(record.pid, record.epc))} <{record.cost_ns}>"
    return head + event_text(record, lives)


def lines(trace: TraceFile, choice: Choice, where: bool = False) -> Iterator[str]:
    """The lines of the records that were chosen; nothing is read behind their time."""
    lives = Lives(trace)
    wanted = choice.test(lives)
    for record in trace.records():
        if record.ns >= choice.end_ns:
            return                      # time does not go back
        if record.kind == Kind.EXIT:
            if wanted(record):
                yield line(record, lives, where)
            lives.feed(record)
            continue
        if record.kind not in LIGHT:
            lives.feed(record)
        if wanted(record):
            yield line(record, lives, where)
