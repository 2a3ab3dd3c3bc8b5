"""A controller stops programs wherever it likes, and the run stays what it is without one: ticks, turns, output."""

from __future__ import annotations

import itertools
import random
import struct
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given
from hypothesis import strategies as st

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot_error import BootError
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import Access
from rvsim.guest_os.task import scheduler
from rvsim.guest_os.task.control import Controller, Reason, Stop, Watched
from rvsim.guest_os.task.flow import is_call, is_jump, successors
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.signal import SigInfo
from rvsim.guest_os.task.stepping import instruction_at
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import make, musl_program, nothing_left

WRITES = frozenset((Access.WRITE,))


class Turns(Observer):
    """Who ran, and at which tick."""

    def __init__(self, sees_pages: bool = False) -> None:
        self.sees_pages = sees_pages
        self.turns: list[tuple[int, int]] = []

    def turn(self, task: Task) -> None:
        self.turns.append((task.tid, task.kernel.hart.ticks))


class Counting(Controller):
    """Counts its stops by reason; steps every `every`th instruction that it is asked for."""

    def __init__(self, kernel: Any, every: int = 0) -> None:
        super().__init__(kernel)
        self.every = every
        self.asked = 0
        self.stops: list[tuple[Reason, int]] = []

    def wants_step(self, task: Task) -> bool:
        self.asked += 1
        return bool(self.every) and self.asked % self.every == 0

    def stopped(self, task: Task, stop: Stop) -> None:
        assert stop.pc == task.kernel.hart.pc == task.context.pc
        self.stops.append((stop.reason, stop.pc))


def symbol(path: Any, name: str) -> tuple[int, int]:
    """(address, size) of a symbol of an ELF file."""
    with open(path, "rb") as stream:
        found = ELFFile(stream).get_section_by_name(".symtab").get_symbol_by_name(name)[0]
        return found["st_value"], found["st_size"]


def ended(controller: Any = None, observer: Turns | None = None, seed: int = 0) -> tuple[Any, ...]:
    """Run the program under a controller made by `controller(kernel)`; what the run came to, and the controller."""
    screen = CapturedConsole()
    machine = make(screen, seed=seed)
    turns = observer if observer is not None else Turns()
    machine.kernel.observe(turns)
    made = machine.kernel.controller = controller(machine.kernel) if controller is not None else None
    program = str(musl_program("stepped.c")).encode()
    status = machine.run(program, [program])
    nothing_left(machine)
    result = status, bytes(screen.output), machine.hart.ticks, machine.clock.monotonic_ns(), turns.turns
    return result, made


@pytest.fixture(params=[977, 20_011, scheduler.SLICE_NS])
def plain(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    """A run that nobody stops, with slices of several lengths."""
    monkeypatch.setattr(scheduler, "SLICE_NS", request.param)
    result: tuple[Any, ...] = ended()[0]
    assert result[0] == 0
    assert result[1].startswith(b"10 768 ")
    assert request.param > 10**6 or len(result[4]) > 30
    return result


@pytest.mark.parametrize("seed", [1, 7])
def test_slices_of_a_seed(seed: int) -> None:
    """With a seed, too, whoever steps and stops changes nothing."""
    plain = ended(seed=seed)[0]
    assert plain[0] == 0
    assert plain != ended()[0]
    assert ended(lambda kernel: Counting(kernel, every=1), seed=seed)[0] == plain
    start, size = symbol(musl_program("stepped.c"), "atomics")

    def controller(kernel: Any) -> Counting:
        made = Counting(kernel, every=5)
        made.set_breakpoints(range(start, start + size, 2))
        return made

    assert ended(controller, seed=seed)[0] == plain


def test_faults_that_the_gate_would_answer(plain: tuple[Any, ...]) -> None:
    assert ended(observer=Turns(sees_pages=True))[0] == plain


def test_some_steps(plain: tuple[Any, ...]) -> None:
    result, controller = ended(lambda kernel: Counting(kernel, every=3))
    assert result == plain
    assert {reason for reason, _ in controller.stops} == {Reason.STEP}


def test_every_step(plain: tuple[Any, ...]) -> None:
    result, controller = ended(lambda kernel: Counting(kernel, every=1))
    assert result == plain
    assert len(controller.stops) > 100_000


def test_breakpoints_anywhere(plain: tuple[Any, ...]) -> None:
    path = musl_program("stepped.c")
    places: list[int] = []
    for name in ("straight", "atomics", "main"):
        start, size = symbol(path, name)
        with open(path, "rb") as stream:
            text = ELFFile(stream).get_section_by_name(".text")
            data, base = text.data(), text["sh_addr"]
        at = start
        while at < start + size:
            places.append(at)
            at += 4 if data[at - base] & 3 == 3 else 2
    chosen = random.Random(5).sample(places, 60)

    def controller(kernel: Any) -> Counting:
        made = Counting(kernel)
        made.set_breakpoints(chosen)
        return made

    result, made = ended(controller)
    assert result == plain
    assert {reason for reason, _ in made.stops} == {Reason.BREAK}
    assert {pc for _, pc in made.stops} <= set(chosen)
    assert len({pc for _, pc in made.stops}) > 40


class Watching(Counting):
    """Watches `watched` in each process, and notes what each access found and left."""

    def __init__(self, kernel: Any, area: tuple[int, int], accesses: frozenset[Access]) -> None:
        super().__init__(kernel)
        self.area = area
        self.accesses = accesses
        self.hits: list[tuple[int, Access, int, bytes]] = []

    def wants_step(self, task: Task) -> bool:
        if task.group not in self._watches:
            self.set_watches(task.group, [Watched(self.area[0], sum(self.area), self.accesses)])
        return False

    def stopped(self, task: Task, stop: Stop) -> None:
        super().stopped(task, stop)
        assert stop.hit is not None
        data = user_memory.read(task.space, self.area[0], self.area[1])
        self.hits.append((task.tid, stop.hit.access, stop.hit.address - self.area[0], data))


def test_watched_writes(plain: tuple[Any, ...]) -> None:
    area = symbol(musl_program("stepped.c"), "watched")
    result, made = ended(lambda kernel: Watching(kernel, area, WRITES))
    assert result == plain
    for tid in {tid for tid, *_ in made.hits}:
        mine = [hit for hit in made.hits if hit[0] == tid]
        assert [offset for _, _, offset, _ in mine] == [8 * (i & 3) for i in range(12)]
        cells = [struct.unpack("<4Q", data) for *_, data in mine]
        for i, (before, after) in enumerate(itertools.pairwise(cells), 1):
            assert after[i & 3] > before[i & 3]


class Walking(Counting):
    """Steps everything, and holds each step against where the instruction can lead."""

    def __init__(self, kernel: Any) -> None:
        super().__init__(kernel, every=1)
        self.expected: dict[Task, tuple[int, ...]] = {}
        self.kinds: set[tuple[bool, bool]] = set()
        self.wrong: list[tuple[int, int]] = []
        self.left = 60_000

    def wants_step(self, task: Task) -> bool:
        self.left -= 1
        hart = task.kernel.hart
        word = instruction_at(task.space, hart.pc)
        self.expected[task] = successors(hart.pc, word, hart.x)
        self.kinds.add((is_jump(word), is_call(word)))
        self.before = hart.pc
        return self.left > 0

    def stopped(self, task: Task, stop: Stop) -> None:
        if stop.pc not in self.expected[task] and len(self.wrong) < 10:
            self.wrong.append((self.before, stop.pc))


def test_where_instructions_lead() -> None:
    _, made = ended(Walking)
    handler = symbol(musl_program("stepped.c"), "handler")[0]
    assert {pc for _, pc in made.wrong} <= {handler}
    assert made.kinds == {(False, False), (True, False), (True, True)}


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**38 - 1), st.integers(0, 2**64 - 1))
def test_any_word_leads_somewhere(word: int, half: int, register: int) -> None:
    targets = successors(2 * half, word if word & 3 == 3 else word & 0xFFFF, lambda number: register if number else 0)
    assert 1 <= len(targets) <= 2
    assert all(0 <= target < 1 << 64 and not target & 1 for target in targets)


class Hooked(Controller):
    """Answers its hooks as a test says. `said`: what they were asked, in order."""

    def __init__(self, kernel: Any) -> None:
        super().__init__(kernel)
        self.said: list[Any] = []
        self.stops: list[tuple[Reason, int]] = []

    def stopped(self, task: Task, stop: Stop) -> None:
        self.stops.append((stop.reason, task.kernel.hart.ticks))


def debugged(controller: Any) -> tuple[int, bytes, Any]:
    """debugged.c under a controller made by `controller(kernel)`: status, output, the controller."""
    screen = CapturedConsole()
    machine = make(screen)
    made = machine.kernel.controller = controller(machine.kernel)
    program = str(musl_program("debugged.c")).encode()
    status = machine.run(program, [program])
    return status, bytes(screen.output), made


def test_trapped_comes_at_each_trap_from_a_number_on() -> None:
    class Traps(Hooked):
        def trapped(self, task: Task, cause: int) -> None:
            assert task.context.pc == task.kernel.hart.epc
            self.said.append(task.kernel.hart.traps)

    def from_ten(kernel: Any) -> Traps:
        made = Traps(kernel)
        made.set_trap_stop(10)
        return made

    _, output, made = debugged(from_ten)
    assert b"handled 10 child 3" in output
    assert made.said == list(range(10, made.kernel.hart.traps + 1))
    assert len(made.said) > 20
    assert debugged(Traps)[2].said == []


def test_a_trap_whose_pc_is_changed_is_forgotten() -> None:
    """The call that forks is not made: its result is the controller's."""
    class NoFork(Hooked):
        def trapped(self, task: Task, cause: int) -> None:
            hart = task.kernel.hart
            if cause == 8 and hart.x(17) == 220:        # clone
                self.said.append(task.tid)
                hart.complete_call(-11)
                hart.save()

    def all_of_them(kernel: Any) -> NoFork:
        made = NoFork(kernel)
        made.set_trap_stop(0)
        return made

    _, output, made = debugged(all_of_them)
    assert made.said == [1]
    assert made.kernel.counters.forks == debugged(Hooked)[2].kernel.counters.forks - 1
    assert b"child 0" in output


def test_pause_at_stops_once_at_the_first_branch() -> None:
    class Pauses(Hooked):
        def stopped(self, task: Task, stop: Stop) -> None:
            super().stopped(task, stop)
            assert self.pause_at is None
            if len(self.stops) < 5:
                self.pause_at = task.kernel.hart.ticks + 1000

    def soon(kernel: Any) -> Pauses:
        made = Pauses(kernel)
        made.pause_at = 1000
        return made

    _, output, made = debugged(soon)
    assert b"handled 10 child 3" in output
    assert [reason for reason, _ in made.stops] == [Reason.TICKS] * 5
    ticks = [tick for _, tick in made.stops]
    assert all(1000 <= later - before < 2000 for before, later in itertools.pairwise([0, *ticks]))


def test_wants_stop_is_asked_where_a_task_goes_on() -> None:
    class Asks(Hooked):
        def wants_stop(self, task: Task) -> bool:
            here = task.tid, task.kernel.hart.ticks, task.kernel.hart.traps
            wanted = here not in self.said and len(self.said) < 7
            if wanted:
                self.said.append(here)
            return wanted

    _, output, made = debugged(Asks)
    assert b"handled 10 child 3" in output
    assert made.stops == [(Reason.ASKED, tick) for _, tick, _ in made.said]
    assert made.said[0] == (1, 0, 0)
    assert len(made.said) == 7


@pytest.mark.parametrize("becomes", [None, 12])
def test_signal_may_become_another_or_none(becomes: int | None) -> None:
    """SIGUSR1, number 10, which the program handles; number 12, SIGUSR2, ends it."""
    class Signals(Hooked):
        def signal(self, task: Task, info: Any) -> Any:
            self.said.append(info.signo)
            return SigInfo(becomes, info.code) if info.signo == 10 and becomes else None if info.signo == 10 else info

    status, output, made = debugged(Signals)
    assert made.said[0] == 10
    if becomes is None:
        assert b"handled 0 child 3" in output
    else:
        assert status == 128 + 12


def test_who_is_held_stands_aside_until_stuck_lets_it_go() -> None:
    """The child is held from its first instruction; when its parent waits for it, nothing can run, and `stuck` asks."""
    class Holds(Hooked):
        freed = False

        def holds(self, task: Task) -> bool:
            return task.tid != 1 and not self.freed

        def stuck(self) -> bool:
            self.said.append([task.tid for task in self.kernel.scheduler.runnable])
            self.freed = len(self.said) == 3
            return True

    _, output, made = debugged(Holds)
    assert made.said == [[2]] * 3
    assert b"handled 10 child 3" in output


def test_a_machine_that_is_stuck_ends_unless_somebody_says_otherwise() -> None:
    class Holds(Hooked):
        def holds(self, task: Task) -> bool:
            return task.tid != 1

    screen = CapturedConsole()
    machine = make(screen)
    machine.kernel.controller = Holds(machine.kernel)
    program = str(musl_program("debugged.c")).encode()
    with pytest.raises(BootError):
        machine.run(program, [program])
    assert b"child" not in bytes(screen.output)
