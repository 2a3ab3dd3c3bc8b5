"""Whatever is done to a machine and wherever it goes, a place where it has been is what it was there."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from debugged import Debugged, short_turns, state
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import debug_program, musl_program
from rvsim.tools.debug import conditions, history, memory
from rvsim.tools.debug.causes import ECALL
from rvsim.tools.debug.console import TypedInput
from rvsim.tools.debug.edits import Inject, SetRegister, WriteMemory
from rvsim.tools.debug.session import Session
from rvsim.tools.debug.stop import EVENTS, Condition, Go, Goto, Kind, Order, Position, Search, Stop, number_of
from rvsim.tools.debug.watches import ACCESSES, Watch

Steps = Generator[Order | None, Stop, None]
Deed = tuple[str, int]

DEEDS = ("step", "steps", "trap", "traps", "return", "event", "switch", "break", "watch", "free", "set", "pc", "write",
         "inject", "later", "input", "back", "trap back", "step back", "call back", "break back", "write back", "start")
PARTS = ((musl_program, "debugged.c", "read"), (debug_program, "debugged.c", "crash"),
         *((debug_program, "gdb/gdb.c", part) for part in ("threads", "signals", "vforks", "forks")))


class Enough(Condition):
    """So many turns have begun: what was changed may never end."""

    kind = Kind.SWITCH

    def __init__(self, session: Session) -> None:
        self.session = session
        self.last = session.history.turn + 40

    def goes_on(self, task: Task) -> bool:
        return self.session.history.turn >= self.last


class Traveller:
    """Does what a list of deeds says, and compares each place that it comes to again."""

    def __init__(self, session: Session, typed: TypedInput) -> None:
        self.session = session
        self.typed = typed
        self.seen: dict[Position, Any] = {}
        self.again = 0

    def state(self) -> Any:
        return state(self.session), self.session.console.place

    def look(self, stop: Stop) -> None:
        assert not stop.lost
        place = stop.position
        now = self.state()
        if place in self.seen:
            self.again += 1
            assert now == self.seen[place], place
        self.seen[place] = now

    def changed(self, stop: Stop) -> None:
        """What came later will not come."""
        here = stop.position
        self.seen = {place: what for place, what in self.seen.items()
                     if place.order < here.order}
        self.seen[here] = self.state()

    def edit(self, stop: Stop, what: str, number: int) -> None:
        session, task = self.session, stop.task
        if stop.kind is Kind.ENDED:
            return
        if what == "input":
            if session.console.replaying:
                session.forget_ahead()
            self.typed.type(b"line %d\n" % number)
        elif what == "later":
            if task is None:
                return
            session.injections[number_of(task)] = -(number % 40)
            session.aim()
        elif task is None or task.mm is None or not task.alive:
            return
        elif what == "inject":
            if stop.kind is not Kind.TRAP or stop.cause != ECALL:
                return
            session.edit(Inject(stop.position, -(number % 40)))
        elif what == "write":
            session.edit(WriteMemory(stop.position, number_of(task), int(task.context.get(2)) + 8 * (number % 64),
                                     number.to_bytes(8, "little")))
        elif what == "pc":
            if stop.kind is Kind.TRAP:
                return
            session.edit(SetRegister(stop.position, number_of(task), "pc", int(task.context.pc) + 4))
        else:
            name = ("a0", "a1", "s0", "ra", "t0", "a7", "ft0", "s1")[number % 8]
            session.edit(SetRegister(stop.position, number_of(task), name, number))
        self.changed(stop)

    def way(self, stop: Stop, what: str, number: int) -> Order | None:
        session, task = self.session, stop.task
        if what == "back":
            places = list(self.seen)
            return Goto(places[number % len(places)])
        if what == "start":
            return Goto(session.start) if session.start is not None else None
        if what == "trap back":
            number = stop.position.traps - number % 20
            return Goto(Position(number, 0, 0, 0, Kind.TRAP)) if number > 0 else None
        if what == "call back":
            return Search(conditions.AnyOf([conditions.Call(), *map(conditions.Happens, EVENTS)]))
        if what == "break back":
            return Search(conditions.AtBreakpoints(session))
        if what == "free" and stop.kind is not Kind.ENDED:
            return Go()
        if task is None or not task.alive:
            return Go(conditions.Trap()) if stop.kind is not Kind.ENDED else None
        if what == "step back":
            return Search(conditions.Stepped(task))
        if what == "write back":
            address = int(task.context.get(2)) + 8 * (number % 8)
            watch = Watch(0, task.group.tgid, address, 8, frozenset((ACCESSES["w"],)))
            return Search(conditions.Accessed(watch)) if memory.read(task, address, 8) is not None else None
        if stop.kind is Kind.ENDED:
            return None
        wanted: dict[str, Condition] = {
            "step": conditions.Stepped(task), "steps": conditions.Stepped(task, number % 50 + 1),
            "trap": conditions.Trap(), "traps": conditions.Trap(count=number % 30 + 1),
            "return": conditions.Returned(task), "switch": conditions.Switched(task),
            "event": conditions.AnyOf([conditions.Happens(kind) for kind in EVENTS])}
        return Go(wanted.get(what, conditions.Trap(count=2)))

    def place(self, stop: Stop, what: str, number: int) -> None:
        """Something that stops the run: it changes nothing."""
        session, task = self.session, stop.task
        if task is None or task.mm is None:
            return
        if what == "break":
            session.breakpoints.add("here", frozenset((int(task.context.pc) + 2 * (number % 9),)), temporary=True)
        elif not session.watches.all:
            session.watches.add(Watch(999, task.group.tgid, int(task.context.get(2)) + 8 * (number % 8), 8,
                                      frozenset((ACCESSES["w"],))))
        session.aim()


def travel(build: Any, source: str, part: str, deeds: list[Deed]) -> Traveller:
    typed = TypedInput()
    made: list[Traveller] = []

    def plan(session: Session) -> Steps:
        traveller = Traveller(session, typed)
        made.append(traveller)
        stop = yield None
        traveller.look(stop)
        for what, number in deeds:
            if what in ("set", "pc", "write", "inject", "later", "input"):
                traveller.edit(stop, what, number)
                continue
            if what in ("break", "watch"):
                traveller.place(stop, what, number)
                continue
            order = traveller.way(stop, what, number)
            if order is not None:
                if isinstance(order, Go):
                    bound = Enough(session)
                    order = Go(conditions.AnyOf([order.until, bound]) if order.until is not None else bound)
                stop = yield order
                traveller.look(stop)
        for position in list(traveller.seen):
            stop = yield Goto(position)
            assert stop.position == position
            traveller.look(stop)

    Debugged(build(source), plan, part, source=typed)
    return made[0]


deeds_of = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 10_000)), min_size=5, max_size=30)


@pytest.fixture(autouse=True)
def many_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many turns, a snapshot at each of them, and few that are kept."""
    short_turns(monkeypatch, 4001)
    monkeypatch.setattr(history, "MOST_MARKS", 6)


@settings(deadline=None, max_examples=12,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(PARTS), deeds_of)
@example(PARTS[0], [("steps", 12), ("write back", 1), ("set", 0), ("pc", 0), ("call back", 0)])
@example(PARTS[1], [("steps", 12), ("write back", 1), ("pc", 1421), ("call back", 788), ("step back", 9600)])
@example(PARTS[0], [("free", 0), ("trap back", 18), ("step", 0), ("watch", 0), ("event", 0)])
def test_a_place_is_what_it_was(program: tuple[Any, str, str], deeds: list[Deed]) -> None:
    travel(*program, deeds)


@pytest.mark.slow
@settings(deadline=None, max_examples=150,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(PARTS), deeds_of)
def test_many_places_are_what_they_were(program: tuple[Any, str, str], deeds: list[Deed]) -> None:
    travel(*program, deeds)
