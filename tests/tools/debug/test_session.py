"""Sessions: a run that is stopped often is the run, and whatever it was at a stop, it is again after going back."""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import Any

import pytest
from debugged import Debugged, state

from rvsim.guest_os.task import scheduler
from rvsim.tests.guest import musl_program, run
from rvsim.tools.debug import conditions, history, memory
from rvsim.tools.debug.console import TypedInput
from rvsim.tools.debug.edits import Inject, SetRegister, WriteMemory
from rvsim.tools.debug.session import Session
from rvsim.tools.debug.stop import EVENTS, Go, Goto, Kind, Order, Position, Search, Stop
from rvsim.tools.debug.watches import ACCESSES, Watch

Steps = Generator[Order | None, Stop, None]


@pytest.fixture(params=[977, scheduler.SLICE_NS])
def slices(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Turns of several lengths."""
    monkeypatch.setattr(scheduler, "SLICE_NS", request.param)
    length: int = request.param
    return length


@pytest.fixture
def many_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot at every turn, and few that are kept."""
    monkeypatch.setattr(history, "INTERVAL_NS", 0)
    monkeypatch.setattr(history, "SHARE", 0)
    monkeypatch.setattr(history, "MOST_MARKS", 8)


def test_a_run_with_a_stop_at_each_trap_is_the_run(slices: int) -> None:
    program = musl_program("stepped.c")
    bare = run(program)
    stops: list[Stop] = []

    def plan(session: Session) -> Steps:
        stop = yield None
        while stop.kind is not Kind.ENDED:
            stops.append(stop)
            stop = yield Go(conditions.Trap())
        assert stop.position.ticks == bare.ticks

    done = Debugged(program, plan)
    assert (done.status, bytes(done.output)) == (bare.status, bare.output)
    assert [stop.position.traps for stop in stops[1:]] == list(range(1, len(stops)))
    assert bare.machine.hart.traps == len(stops) - 1


def test_back_to_any_stop(slices: int, many_marks: None) -> None:
    chance = random.Random(slices)
    program = musl_program("debugged.c")
    bare = run(program)
    seen: list[tuple[Position, Any]] = []

    def plan(session: Session) -> Steps:
        stop = yield None
        while stop.kind is not Kind.ENDED:
            seen.append((stop.position, state(session)))
            task = stop.task
            assert task is not None
            stop = yield Go(conditions.AnyOf(chance.choice([
                [conditions.Trap(count=2)], [conditions.Stepped(task)], [conditions.Returned(task), conditions.Trap()],
                [conditions.Stepped(task, 20), conditions.Switched(task)],
                [conditions.Happens(kind) for kind in EVENTS] + [conditions.Trap(count=3)]])))
        seen.append((stop.position, state(session)))
        for _ in range(25):
            position, before = chance.choice(seen)
            stop = yield Goto(position)
            assert stop.position == position
            assert state(session) == before
        stop = yield Goto(seen[0][0])
        while stop.kind is not Kind.ENDED:
            stop = yield Go()
        assert (stop.position, state(session)) == seen[-1]

    done = Debugged(program, plan)
    assert len({position.kind for position, _ in seen}) >= 5
    assert (done.status, bytes(done.output)) == (bare.status, bare.output)


def test_searches_backwards(many_marks: None) -> None:
    forth: list[Position] = []

    def plan(session: Session) -> Steps:
        stop = yield None
        while stop.kind is not Kind.ENDED:
            stop = yield Go(conditions.Call(("writev", "clone", "wait4")))
            if stop.kind is not Kind.ENDED:
                forth.append(stop.position)
        back = []
        while True:
            stop = yield Search(conditions.Call(("writev", "clone", "wait4")))
            if stop.missed:
                break
            back.append(stop.position)
        assert back[::-1] == forth
        assert len(forth) >= 4

    Debugged(musl_program("debugged.c"), plan)


def test_one_instruction_back(many_marks: None) -> None:
    def plan(session: Session) -> Steps:
        stop = yield None
        places = []
        stop = yield Go(conditions.Call(("kill",)))
        for _ in range(30):
            assert stop.task is not None
            stop = yield Go(conditions.Stepped(stop.task))
            places.append((stop.position, state(session)))
        for position, before in reversed(places[:-1]):
            assert stop.task is not None
            stop = yield Search(conditions.Stepped(stop.task))
            assert (stop.position.ticks, stop.position.pc) == (position.ticks, position.pc)
            assert state(session)[0] == before[0]
            assert state(session)[5] == before[5]

    Debugged(musl_program("debugged.c"), plan)


def test_the_last_write(many_marks: None) -> None:
    """innermost() stores to `counter`, ten times and once more in recursive()."""
    def plan(session: Session) -> Steps:
        stop = yield None
        stop = yield Go(conditions.Call(("kill",)))
        assert stop.task is not None
        place = session.symbols.address(stop.task, "counter")
        assert place is not None
        values = []
        while not stop.missed:
            task = session.task(1)
            assert task is not None
            data = memory.read(task, place, 8)
            assert data is not None
            values.append(int.from_bytes(data, "little"))
            watch = Watch(0, 1, place, 8, frozenset((ACCESSES["w"],)))
            stop = yield Search(conditions.Accessed(watch))
        expected = [5 + sum(range(count + 1)) for count in range(10)] + [150]
        assert values == [150, *expected[::-1]]

    Debugged(musl_program("debugged.c"), plan)


def test_breakpoints_and_watches_do_not_change_the_run(slices: int) -> None:
    program = musl_program("debugged.c")
    bare = run(program)
    kinds = []

    def plan(session: Session) -> Steps:
        stop = yield None
        assert stop.task is not None
        for name in ("innermost", "touch"):
            address = session.symbols.address(stop.task, name)
            assert address is not None
            session.breakpoints.add(name, frozenset((address,)))
        counter = session.symbols.address(stop.task, "counter")
        assert counter is not None
        session.watches.add(Watch(9, 0, counter, 8, frozenset((ACCESSES["w"],))))
        session.aim()
        while stop.kind is not Kind.ENDED:
            stop = yield Go()
            kinds.append((stop.kind, stop.new))
        assert stop.position.ticks == bare.ticks
        assert stop.position.traps == bare.machine.hart.traps

    done = Debugged(program, plan)
    assert (done.status, bytes(done.output)) == (bare.status, bare.output)
    assert [kind for kind, _ in kinds].count(Kind.BREAK) == 11 + 2
    written = [int.from_bytes(new, "little") for kind, new in kinds if kind is Kind.WATCH]
    assert written == [*(5 + sum(range(count + 1)) for count in range(10)), 150, 77]


def test_looking_changes_nothing() -> None:
    program = musl_program("debugged.c")
    bare = run(program)

    def plan(session: Session) -> Steps:
        stop = yield None
        while stop.kind is not Kind.ENDED:
            task = stop.task
            assert task is not None
            before = state(session)
            if task.mm is not None:
                for area in task.mm.areas:
                    memory.read(task, area.start, area.end - area.start)
                session.symbols.describe(task, stop.position.pc)
                session.symbols.line(task, stop.position.pc)
            session.trap_here()
            assert state(session) == before
            stop = yield Go(conditions.Trap())
        assert (stop.position.ticks, stop.position.traps) == (bare.ticks, bare.machine.hart.traps)

    assert bytes(Debugged(program, plan).output) == bare.output


def test_changes_are_made_again(many_marks: None) -> None:
    """write's result is injected, a register and a variable are set; going back over that and forth comes out alike."""
    def plan(session: Session) -> Steps:
        stop = yield None
        stop = yield Go(conditions.Call(("writev",)))
        session.edit(Inject(stop.position, -28))
        stop = yield Go(conditions.Call(("kill",)))
        assert stop.task is not None
        place = session.symbols.address(stop.task, "counter")
        assert place is not None
        session.edit(WriteMemory(stop.position, 1, place, (7).to_bytes(8, "little")))
        session.edit(SetRegister(stop.position, 1, "s11", 4711))
        changed = stop.position
        stop = yield Go(conditions.Happens(Kind.FORK))
        later, before = stop.position, state(session)
        for target in (1, changed.traps, 3):
            yield Goto(Position(target, 0, 0, 0, Kind.TRAP))
            stop = yield Goto(later)
            assert state(session) == before
        yield Goto(Position(2, 0, 0, 0, Kind.TRAP))
        stop = yield Go(conditions.Happens(Kind.FORK))
        assert state(session) == before
        assert stop.task is not None
        assert memory.read(stop.task, place, 8) == (7).to_bytes(8, "little")

    done = Debugged(musl_program("debugged.c"), plan)
    assert b"sum" not in done.output


def test_input_is_remembered(many_marks: None) -> None:
    typed = TypedInput()

    def plan(session: Session) -> Steps:
        stop = yield None
        stop = yield Go()
        assert stop.kind is Kind.WAITING
        typed.type(b"four\n")
        stop = yield Go()
        assert (stop.kind, stop.status) == (Kind.ENDED, 22)
        end = stop.position
        yield Goto(Position(1, 0, 0, 0, Kind.TRAP))
        stop = yield Go()
        assert stop.position == end

    done = Debugged(musl_program("debugged.c"), plan, "read", source=typed)
    assert bytes(done.output).endswith(b"read 5\n")
    assert bytes(done.output).count(b"read 5") == 1


def test_a_breakpoint_on_the_way_back_is_none() -> None:
    """Going back stops nowhere but where it goes to."""
    def plan(session: Session) -> Steps:
        stop = yield None
        assert stop.task is not None
        address = session.symbols.address(stop.task, "innermost")
        assert address is not None
        session.breakpoints.add("innermost", frozenset((address,)))
        session.aim()
        for _ in range(5):
            stop = yield Go()
            assert stop.kind is Kind.BREAK
        fifth = stop.position
        stop = yield Search(conditions.AtBreakpoints(session))
        assert stop.kind is Kind.BREAK
        assert stop.position.ticks < fifth.ticks
        stop = yield Go()
        assert stop.position == fifth

    Debugged(musl_program("debugged.c"), plan)


@pytest.mark.parametrize("there", [Goto(Position(1, 0, 0, 0, Kind.TRAP)), Search(conditions.Trap(frozenset((12,)))),
                                   Search(conditions.Happens(Kind.SIGNAL))])
def test_interrupted_on_its_way_back_it_is_where_it_was(there: Order, slices: int, many_marks: None) -> None:
    program = musl_program("debugged.c")
    came = 0

    def plan(session: Session) -> Steps:
        nonlocal came
        yield None
        for goal in (Go(conditions.Happens(Kind.FORK)), Go(conditions.Trap(count=3)), Go()):
            before = yield goal
            expected = state(session)
            session.interrupt()                 # it is heard of on the way
            stop = yield there
            assert stop.given_up
            assert stop.position == before.position
            assert state(session) == expected
            assert not session.interrupted
            came += 1
        stop = yield there
        assert not stop.given_up
        assert stop.position.traps < before.position.traps
        assert (yield Go()).kind is Kind.ENDED

    done = Debugged(program, plan)
    assert came == 3
    assert (done.status, bytes(done.output)) == (run(program).status, run(program).output)
