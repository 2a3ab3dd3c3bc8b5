"""Which records a person wants to see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvsim.tools.strace import constants
from rvsim.tools.trace.decode import call_number, name_of
from rvsim.tools.trace.format import CAUSES, OUTCOMES, Kind, Outcome, Record

if TYPE_CHECKING:
    from rvsim.tools.trace.lives import Lives

ANY = "any"
EVENTS = {
    "fork": (Kind.FORK,), "exec": (Kind.EXEC,), "exit": (Kind.EXIT,), "turn": (Kind.TURN, Kind.TURN_OVER),
    "wait": (Kind.SLEEP,), "wake": (Kind.WAKE,), "code": (Kind.MAPPED,), "stack": (Kind.STACK,),
    "injected": (Kind.INJECTED,),
}
"""The names of events on the command line."""
FAULTS = {name: outcome for outcome, name in OUTCOMES.items() if outcome not in (Outcome.NOTHING, Outcome.COUNTER)}
_SIGNALS = {name: number for number, name in constants.SIGNALS.items()}
_SIGNAL_KINDS = (Kind.SIGNAL, Kind.SENT, Kind.STOPPED)
PLAIN = frozenset(Kind) - {Kind.TURN, Kind.TURN_OVER, Kind.SLEEP, Kind.WAKE, Kind.MAPPED, Kind.STACK}
"""What is shown if nothing is asked for."""

Test = Callable[[Record], bool]


def parse_signal(text: str) -> int:
    """A signal's number: SIGINT, INT, 2. ValueError: there is none."""
    name = text.upper()
    number = _SIGNALS.get(name, _SIGNALS.get(f"SIG{name}"))
    if number is None and text.isascii() and text.isdigit() and 1 <= int(text) <= 64:
        number = int(text)
    if number is None:
        raise ValueError(f"{text!r} is no signal; write SIGCHLD, CHLD, 17, or any")
    return number


def parse_cause(text: str) -> int:
    """A trap's cause: its number, or words of its name that no other has. ValueError: there is none, or several."""
    if text.isascii() and text.isdigit() and len(text) < 4:
        return int(text)
    found = [cause for cause, name in CAUSES.items() if text.lower() in name.lower()]
    if len(found) != 1:
        what = "is no cause" if not found else f"could be {' or '.join(repr(CAUSES[cause]) for cause in found)}"
        raise ValueError(f"{text!r} {what}; write a number or a part of a name such as 'store/AMO page fault'")
    return found[0]


@dataclass(frozen=True)
class Choice:
    """What was asked for. Kinds of records add up; pids and times narrow them down.

    `calls`, `faults`, `signals`: names and numbers, or ANY among them. Times are guest ns, [start, end).
    """

    pids: Sequence[int] = ()
    calls: Sequence[str] = ()
    faults: Sequence[str] = ()
    signals: Sequence[str] = ()
    causes: Sequence[int] = ()
    events: Sequence[str] = ()
    start_ns: int = 0
    end_ns: int = 1 << 64

    def test(self, lives: Lives) -> Test:
        """A function that says whether a record is wanted, for one reading of a trace.

        Raises:
            ValueError: there is no such call or signal.
        """
        kinds = frozenset(kind for event in self.events for kind in EVENTS[event])
        pids = frozenset(self.pids)
        causes = frozenset(self.causes)
        faults = frozenset(FAULTS.values()) if ANY in self.faults else frozenset(FAULTS[name] for name in self.faults)
        any_call, calls = ANY in self.calls, frozenset(self.calls) - {ANY}
        any_signal = ANY in self.signals
        signals = frozenset(parse_signal(text) for text in self.signals if text != ANY)
        everything = not (kinds or causes or faults or self.calls or self.signals)
        start_ns, end_ns = self.start_ns, self.end_ns

        def wanted(record: Record) -> bool:
            if not start_ns <= record.ns < end_ns:
                return False
            if pids and record.pid not in pids and record.tid not in pids:
                return False
            kind = record.kind
            if everything:
                return kind in PLAIN
            if kind in (Kind.CALL, Kind.RETURN):
                if kind == Kind.CALL and record.cause in causes:
                    return True
                return any_call or (bool(calls) and name_of(lives.of(record.pid).abi, call_number(record)) in calls)
            if kind == Kind.TRAP:
                return record.cause in causes or (record.outcome in faults and record.outcome != Outcome.COUNTER)
            if kind in _SIGNAL_KINDS:
                return any_signal or record.number in signals
            return kind in kinds

        return wanted


def known_calls() -> frozenset[str]:
    """The names of all calls of all ABIs."""
    from rvsim.guest_os.abi.syscall_names import NAMES
    from rvsim.guest_os.syscalls import rcore_table

    tables = (rcore_table.ROWS, rcore_table.ROWS_CHAPTER_8)
    return frozenset(NAMES.values()) | {row.name.removesuffix("_flags") for table in tables for row in table.values()}


LIGHT = frozenset((Kind.CALL, Kind.TRAP, Kind.RETURN))
"""Kinds that `Lives` learns nothing from."""
