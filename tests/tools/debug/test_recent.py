"""The last traps of a run: they are those that a run with a stop at each of them sees, however this one goes."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import cache

import pytest
from debugged import Debugged, short_turns

from rvsim.tests.guest import musl_program
from rvsim.tools.debug import conditions, recent
from rvsim.tools.debug.causes import ECALL
from rvsim.tools.debug.edits import Inject
from rvsim.tools.debug.recent import Passed, Recent
from rvsim.tools.debug.session import Session
from rvsim.tools.debug.stop import Go, Goto, Kind, Order, Position, Stop, number_of
from rvsim.tools.trace.format import OPEN, Outcome

Steps = Generator[Order | None, Stop, None]
Seen = tuple[int, int, int, int]
"""Number, thread, cause, and a call's number or the address of a fault."""


@pytest.fixture(autouse=True)
def many_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short turns with a snapshot at each, and little that is kept."""
    short_turns(monkeypatch, 977)
    monkeypatch.setattr(recent, "KEPT", 20)
    monkeypatch.setattr(recent, "BATCH", 16)


@cache
def seen(program: str) -> tuple[Seen, ...]:
    """All traps of a run."""
    found: list[Seen] = []

    def plan(session: Session) -> Steps:
        stop = yield None
        while stop.kind is not Kind.ENDED:
            if stop.kind is Kind.TRAP:
                what = session.machine.hart.x(17) if stop.cause == ECALL else stop.tval
                found.append((stop.position.traps, number_of(stop.task), stop.cause, what))
            stop = yield Go(conditions.Trap())

    Debugged(musl_program(program), plan)
    return tuple(found)


def kept(passed: Sequence[Passed]) -> tuple[Seen, ...]:
    """The same of what was kept."""
    return tuple((one.number, one.record.tid, one.record.cause,
                  one.record.number if one.record.cause == ECALL else one.record.tval) for one in passed)


PROGRAMS = ["debugged.c", "stepped.c"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_run_that_stops_nowhere(program: str) -> None:
    whole = seen(program)

    def plan(session: Session) -> Steps:
        yield None
        stop = yield Go()
        passed = session.keep_recent(stop.position)
        assert stop.kind is Kind.ENDED
        assert kept(passed) == whole[-20:]
        assert sum(bool(one.record.flags & OPEN) for one in passed) < 4
        assert all(one.record.outcome != Outcome.NOTHING for one in passed if one.record.cause != ECALL)

    Debugged(musl_program(program), plan, recent=Recent())


@pytest.mark.parametrize("program", PROGRAMS)
def test_going_back(program: str) -> None:
    whole = seen(program)
    places = [*range(1, len(whole), max(len(whole) // 6, 1)), len(whole)]

    def plan(session: Session) -> Steps:
        yield None
        yield Go()
        for number in reversed(places):
            stop = yield Goto(Position(number, 0, 0, 0, Kind.TRAP))
            assert kept(session.keep_recent(stop.position)) == whole[:number - 1][-20:]
            stop = yield Go(conditions.Returned(stop.task)) if stop.task is not None else Go()
            traps = stop.position.traps
            assert kept(session.keep_recent(stop.position)) == whole[:traps][-20:]

    Debugged(musl_program(program), plan, recent=Recent())


def test_stops_of_all_kinds() -> None:
    whole = seen("debugged.c")
    kinds = []

    def plan(session: Session) -> Steps:
        yield None
        for number, kind in enumerate((Kind.SIGNAL, Kind.FORK, Kind.EXIT), 1):
            session.catches.add(number, kind.value, conditions.Happens(kind))
        stop = yield Go()
        while stop.kind is not Kind.ENDED:
            kinds.append(stop.kind)
            assert kept(session.keep_recent(stop.position)) == whole[:stop.position.traps][-20:]
            stop = yield Go()
        passed = session.keep_recent(stop.position)
        assert kept(passed) == whole[-20:]

    Debugged(musl_program("debugged.c"), plan, recent=Recent())
    assert {Kind.SIGNAL, Kind.FORK, Kind.EXIT} <= set(kinds)


def test_a_call_that_is_not_made_has_no_place() -> None:
    """The numbers of the others stay right, also when the change is made again on a way back."""
    numbers = []

    def plan(session: Session) -> Steps:
        yield None
        stop = yield Go(conditions.Call(["writev"]))
        assert stop.kind is Kind.TRAP
        session.edit(Inject(stop.position, -5))
        left_out = stop.position.traps
        stop = yield Go(conditions.Trap(count=6))
        here = kept(session.keep_recent(stop.position))
        assert left_out not in [one[0] for one in here]
        assert here[-1][0] == stop.position.traps - 1
        numbers.append(here)
        stop = yield Goto(Position(stop.position.traps - 1, 0, 0, 0, Kind.TRAP))
        again = kept(session.keep_recent(stop.position))
        assert again[-len(here) + 1:] == here[:-1]

    Debugged(musl_program("debugged.c"), plan, recent=Recent())
    assert numbers
