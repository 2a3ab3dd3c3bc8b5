"""Sessions: a run that is stopped often is the run, and whatever it was at a stop, it is again after going back."""

from __future__ import annotations

import gc
import itertools
import random
from collections.abc import Generator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from debugged import Debugged, state

from rvsim.guest_os.task import scheduler
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import debug_program, musl_program, run
from rvsim.tools.debug import conditions, events, history, memory
from rvsim.tools.debug.console import NoInput, TypedInput
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


def test_a_change_ends_what_was_to_be_changed_further_on(many_marks: None) -> None:
    """Of two changes the first is made otherwise: the second is not made again, and the run goes on."""
    def plan(session: Session) -> Steps:
        stop = yield None
        stop = yield Go(conditions.Call(("writev",)))
        first = stop.position
        session.edit(SetRegister(first, 1, "s11", 1))
        stop = yield Go(conditions.Call(("kill",)))
        session.edit(SetRegister(stop.position, 1, "s11", 2))
        stop = yield Go(conditions.Trap())
        yield Goto(first)
        session.edit(Inject(first, -28))
        stop = yield Go(conditions.Happens(Kind.FORK))
        assert stop.kind is Kind.FORK
        assert stop.task is not None
        assert stop.task.context.get(27) != 2

    Debugged(musl_program("debugged.c"), plan)


def test_a_place_that_a_change_has_made_void(many_marks: None) -> None:
    """Who wants to go there stays where he is, and is told."""
    def plan(session: Session) -> Steps:
        stop = yield None
        stop = yield Go(conditions.Call(("writev",)))
        first = stop
        assert stop.task is not None
        stop = yield Go(conditions.Stepped(stop.task, 5))
        gone = stop.position
        yield Goto(first.position)
        assert first.task is not None
        session.edit(SetRegister(first.position, 1, "s11", 1))
        session.edit(Inject(first.position, -28))
        before = state(session)
        stop = yield Goto(gone)
        assert (stop.lost, stop.position) == (True, first.position)
        assert state(session) == before
        stop = yield Goto(Position(10_000, 0, 0, 0, Kind.TRAP))
        assert (stop.lost, stop.position) == (True, first.position)
        stop = yield Go(conditions.Happens(Kind.FORK))
        assert stop.kind is Kind.FORK
        assert not stop.lost

    Debugged(musl_program("debugged.c"), plan)


def test_back_to_where_the_guest_waited(many_marks: None) -> None:
    """Though the input has come long since; what is given it there instead is what it reads."""
    typed = TypedInput()

    def plan(session: Session) -> Steps:
        stop = yield None
        stop = yield Go()
        waiting, before = stop.position, state(session)
        assert stop.kind is Kind.WAITING
        typed.type(b"four\n")
        stop = yield Go()
        assert stop.kind is Kind.ENDED
        stop = yield Goto(waiting)
        assert (stop.position, state(session)) == (waiting, before)
        session.forget_ahead()
        typed.type(b"sixteen\n")
        stop = yield Go()
        assert stop.kind is Kind.ENDED

    done = Debugged(musl_program("debugged.c"), plan, "read", source=typed)
    assert bytes(done.output).endswith(b"read 5\nread 8\n")


def test_a_file_is_read_again_after_a_change(many_marks: None) -> None:
    """What the guest had read of it further on comes again."""
    class Once(NoInput):
        left = b"four\n"

        def read(self, limit: int) -> bytes | None:
            data, self.left = self.left, b""
            return data

    def plan(session: Session) -> Steps:
        stop = yield None
        first = stop
        stop = yield Go()
        assert stop.kind is Kind.ENDED
        yield Goto(first.position)
        session.edit(SetRegister(first.position, 1, "s11", 1))
        stop = yield Go()
        assert stop.kind is Kind.ENDED

    done = Debugged(musl_program("debugged.c"), plan, "read", source=Once())
    assert bytes(done.output).count(b"read 5\n") == 2


def test_back_to_an_exec_and_to_what_the_kernel_has_stored(many_marks: None) -> None:
    """Both are told when the task goes on, and that is where the way back ends."""
    def plan(session: Session) -> Steps:
        stop = yield None
        stop = yield Go(conditions.Happens(Kind.EXEC))
        executed, before = stop.position, state(session)
        assert stop.kind is Kind.EXEC
        stop = yield Go(conditions.Call(("wait4",)))
        yield Go(conditions.Trap())
        stop = yield Search(conditions.Happens(Kind.EXEC))
        assert (stop.position, state(session)) == (executed, before)
        assert stop.event is not None
        stop = yield Goto(executed)
        assert (stop.kind, stop.position, state(session)) == (Kind.EXEC, executed, before)

    Debugged(debug_program("gdb/gdb.c"), plan, "vforks")

    def wait(session: Session) -> Steps:
        stop = yield None
        stop = yield Go(conditions.Call(("wait4",)))
        task = stop.task
        assert task is not None
        watch = Watch(1, 1, task.context.get(11), 4, frozenset((ACCESSES["w"],)))
        session.watches.add(watch)
        session.aim()
        stop = yield Go()
        assert (stop.kind, stop.new) == (Kind.WATCH, (0x300).to_bytes(4, "little"))
        stored = stop.position
        session.watches.remove(1)
        stop = yield Go(conditions.Call(("writev",)))
        stop = yield Search(conditions.Accessed(watch))
        assert not stop.lost
        assert stop.position == stored

    Debugged(musl_program("debugged.c"), wait)


def test_a_fork_under_a_watch_that_came_in_the_middle_of_a_turn() -> None:
    """The watched page is the user's, in parent and child, while the kernel copies it."""
    def plan(session: Session) -> Steps:
        stop = yield None
        stop = yield Go(conditions.Happens(Kind.FORK))
        stop = yield Goto(Position(stop.position.traps - 1, 0, 0, 0, Kind.TRAP))
        assert stop.task is not None
        stop = yield Go(conditions.Stepped(stop.task))
        assert stop.task is not None
        place = stop.task.context.get(2)
        session.watches.add(Watch(1, 1, place, 8, frozenset((ACCESSES["w"],))))
        session.aim()
        while stop.kind is not Kind.FORK:
            stop = yield Go(conditions.Happens(Kind.FORK))
        assert stop.event is not None
        for task in (stop.task, stop.event.other):
            assert task is not None
            assert task.mm is not None
            ((_, entry),) = task.mm.table.entries(place & -4096, (place & -4096) + 4096)
            assert entry & 0x10

    Debugged(musl_program("debugged.c"), plan)


def test_processes_that_are_gone_leave_nothing_behind() -> None:
    def tasks() -> int:
        gc.collect()
        return sum(isinstance(one, Task) for one in gc.get_objects())

    before = tasks()

    def plan(session: Session) -> Steps:
        yield None
        stop = yield Go(conditions.Call(("reboot",)))
        assert stop.kind is Kind.ENDED
        assert session.machine.kernel.counters.forks >= 1000
        assert tasks() - before < 2 * events.MOST_RECENT
        assert len(session.events.recent) == events.MOST_RECENT
        assert session.events.forgotten >= 1000
        assert len(session.events.left) <= 2

    assert Debugged("bench_forkwait", plan).status == 0


@pytest.mark.parametrize(("turn_ms", "costs_ms", "gaps_ms"), [
    (1, [1], [200, 200, 200]),
    (90, [1], [180, 180, 180]),                 # half a turn early
    (150, [1], [150, 150, 150]),
    (300, [1], [300, 300, 300]),
    (1, [1, 50, 1], [200, 200, 200]),           # one was disturbed
    (1, [5], [5 * history.SHARE] * 3),
    (1, [20], [1000] * 3),                      # no longer than that
    (1, [100], [2000] * 3),                     # unless snapshots take too long
])
def test_how_often_snapshots_are_taken(monkeypatch: pytest.MonkeyPatch, turn_ms: int, costs_ms: list[int],
                                       gaps_ms: list[int]) -> None:
    now_ms, costs = 1000, itertools.cycle(costs_ms)
    begun: list[int] = []

    def taken(*of: object) -> None:
        nonlocal now_ms
        begun.append(now_ms)
        now_ms += next(costs)

    session = SimpleNamespace(
        journey=SimpleNamespace(target=None, under_way=False), until=conditions.Trap(), recent=None,
        machine=SimpleNamespace(hart=SimpleNamespace(traps=0, ticks=0)), console=SimpleNamespace(place=None))
    monkeypatch.setattr(history, "take", taken)
    monkeypatch.setattr(history, "time", SimpleNamespace(monotonic_ns=lambda: now_ms * 1_000_000))
    marks = history.History(cast(Session, session))
    ended: list[int] = []
    while len(ended) < 4:
        marks.at_rest()
        if len(begun) > len(ended):
            ended.append(now_ms)
        now_ms += turn_ms
    assert [begun[at + 1] - ended[at] for at in range(3)] == gaps_ms
