"""How gdb lets threads run. GDB manual, "Packets": vCont"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import NamedTuple

from rvsim.tools.gdb.ids import ALL, BadPacket, ThreadId, parse_hex, parse_id
from rvsim.tools.gdb.signals import from_gdb


class Kind(enum.Enum):
    """What a thread does."""

    CONTINUE = "c"
    STEP = "s"
    RANGE = "r"         # steps, until it is outside of a range
    STOP = "t"


class Action(NamedTuple):
    """What the threads that match `thread` do; `signal`, of Linux, is delivered first, if it is not 0."""

    kind: Kind
    thread: ThreadId
    signal: int = 0
    start: int = 0
    end: int = 0

    @property
    def steps(self) -> bool:
        """Whether they stop after one instruction, or may have to."""
        return self.kind in (Kind.STEP, Kind.RANGE)


def parse_vcont(text: bytes) -> list[Action]:
    """`;c:p1.-1` and so on, the packet behind `vCont`. Raises BadPacket."""
    if not text.startswith(b";"):
        raise BadPacket("no action")
    return [_parse_action(part) for part in text[1:].split(b";")]


def _parse_action(text: bytes) -> Action:
    what, colon, thread = text.partition(b":")
    who = parse_id(thread) if colon else ThreadId(ALL, ALL)
    letter, rest = what[:1], what[1:]
    if letter in (b"C", b"S"):
        signal = from_gdb(parse_hex(rest, 255))
        if signal is None:
            raise BadPacket("no such signal")
        return Action(Kind.CONTINUE if letter == b"C" else Kind.STEP, who, signal)
    if letter == b"r":
        start, comma, end = rest.partition(b",")
        if not comma:
            raise BadPacket("no range")
        return Action(Kind.RANGE, who, 0, parse_hex(start), parse_hex(end))
    if rest or letter not in (b"c", b"s", b"t"):
        raise BadPacket("no such action")
    return Action(Kind(letter.decode()), who)


def action_for(actions: Sequence[Action], pid: int, tid: int) -> Action | None:
    """What a thread is to do: the first action that matches; None: it stays where it is."""
    for action in actions:
        if action.thread.matches(pid, tid):
            return action if action.kind is not Kind.STOP else None
    return None
