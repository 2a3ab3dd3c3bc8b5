"""A run whose answers from outside are kept can be had again: the same output, ticks, turns and traps."""

from __future__ import annotations

import random
from typing import Any

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.outside import Answer, Diverged, InputLog, Mark, Position
from rvsim.guest_os.snapshot import restore, take
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import make, nothing_left

TERMINAL = ("terminal", "terminal", "terminal")


class TrapTrace(Observer):
    """Every trap, and who had it."""

    def __init__(self) -> None:
        self.traps: list[tuple[int, int, int, int]] = []

    def trap(self, task: Task, cause: int, epc: int, tval: int) -> None:
        self.traps.append((task.kernel.hart.ticks, task.tid, cause, epc))


class ErraticConsole(CapturedConsole):
    """Its input comes in pieces of any size, and only now and then; the window changes its size meanwhile."""

    def __init__(self, text: bytes, seed: int, **options: Any) -> None:
        super().__init__(ended=False, **options)
        self.chance = random.Random(seed)
        self.text = text

    def _come(self) -> None:
        if self.text:
            count = self.chance.randrange(1, 9)
            self.feed(self.text[:count])
            self.text = self.text[count:]
        else:
            self.feed_end()

    def read(self, limit: int) -> bytes | None:
        if self.chance.random() < 0.2:
            self._come()
        if self.is_terminal(0) and self.chance.random() < 0.05:
            self.resize(self.chance.randrange(10, 50), 80)
        return super().read(limit)

    def wait(self, timeout_s: float | None) -> bool:
        if timeout_s is None or self.chance.random() < 0.3:
            self._come()
        return super().wait(0.0)


class DeafConsole(CapturedConsole):
    """Nobody may ask this one."""

    def read(self, limit: int) -> bytes | None:
        raise AssertionError

    def wait(self, timeout_s: float | None) -> bool:
        raise AssertionError

    def take_resize(self) -> bool:
        raise AssertionError

    def size(self) -> tuple[int, int]:
        raise AssertionError


def run(console: CapturedConsole, log: InputLog, words: list[bytes]) -> tuple[Any, ...]:
    machine = make(console, outside=log)
    trace = TrapTrace()
    machine.kernel.observe(trace)
    status = machine.run(words[0], words)
    nothing_left(machine)
    return status, bytes(console.transcript), machine.hart.ticks, machine.clock.monotonic_ns(), trace.traps


SHELL = b"echo one\rsleep 1\rls /bin\r\x03\x03forktest\rcat\rtyped\rmore\r\x04infloop\r\x03exit\r"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("text", "words", "kinds"), [
    (SHELL, [b"initproc"], TERMINAL),
    (b"one\ntwo\nthree and more\n" * 9, [b"wc"], ("pipe", "pipe", "pipe")),
])
def test_run_is_had_again(seed: int, text: bytes, words: list[bytes], kinds: Any) -> None:
    first = InputLog()
    expected = run(ErraticConsole(text, seed, kinds=kinds), first, words)
    assert first.answers
    for _ in range(2):
        again = InputLog(first.answers, first.position)
        assert run(DeafConsole(kinds=kinds), again, words) == expected
        assert again.position == first.position


def test_going_back_answers_as_before_and_shows_nothing_twice() -> None:
    """What a debugger does: a mark, some questions, back to the mark, and on beyond."""
    console = CapturedConsole(b"abcdef")
    log = InputLog()
    logged = log.wrap(console)

    def ask(count: int) -> list[bytes | None]:
        answers = []
        for _ in range(count):
            log.next_moment()
            answers.append(logged.read(1))
            logged.write(b"+")
        return answers

    ask(1)
    mark = log.mark()
    assert ask(2) == [b"b", b"c"]
    log.rewind(mark)
    assert log.recalling
    assert ask(4) == [b"b", b"c", b"d", b"e"]
    assert console.output == b"+" * 5
    log.rewind(mark)
    log.forget_future()
    assert not log.recalling
    assert ask(1) == [b"f"]
    assert [answer.value for answer in log.answers] == [b"a", b"f"]
    assert console.output == b"+" * 6


def test_another_run_is_noticed() -> None:
    log = InputLog([Answer(Position(1, 0), "input", b"x", 70, 80)], Position(9, 0))
    log.set_now(lambda: (71, 80))
    console = log.wrap(DeafConsole())
    assert console.read(1) is None
    log.next_moment()
    with pytest.raises(Diverged, match=r"at tick 71: expected input at tick 70 .* got input at tick 71"):
        console.read(1)
    log.rewind(Mark(Position(0, 5), 0))
    log.next_moment()
    log.next_moment()
    with pytest.raises(Diverged):
        console.closed(1)


def test_leaving_is_an_answer_too() -> None:
    class Leaving(CapturedConsole):
        def poll(self) -> None:
            raise KeyboardInterrupt

    log = InputLog()
    with pytest.raises(KeyboardInterrupt):
        log.wrap(Leaving()).poll()
    again = InputLog(log.answers, log.position)
    with pytest.raises(KeyboardInterrupt):
        again.wrap(DeafConsole()).poll()


class GoBack(Exception):
    """Leaves a run, as a debugger does."""


@pytest.mark.parametrize("seed", range(3))
def test_back_to_snapshots_of_a_run_that_is_typed_to(seed: int) -> None:
    """Snapshots at intervals; from each, the run goes on to its end as it did, and nobody is asked or shown anything
    twice."""
    console = ErraticConsole(SHELL, seed, kinds=TERMINAL)
    log = InputLog()
    machine = make(console, outside=log, seed=seed)
    points: list[tuple[Mark, Any]] = []
    machine.start(b"initproc", [b"initproc"])
    rounds = 0

    def keep() -> None:
        nonlocal rounds
        rounds += 1
        if rounds % 10 == 0:
            points.append((log.mark(), take(machine, points[-1][1] if points else None)))
        if rounds == 60:
            raise GoBack

    machine.kernel.scheduler.at_rest = keep
    with pytest.raises(GoBack):
        machine.finish()
    shown = bytes(console.transcript)
    ends = set()
    for mark, snapshot in (*points, points[0]):
        log.rewind(mark)
        again = restore(snapshot, console, outside=log)
        assert shown == console.transcript
        status = again.finish()
        nothing_left(again)
        ends.add((status, again.hart.ticks, again.clock.monotonic_ns(), log.position, bytes(console.transcript)))
        shown = bytes(console.transcript)
    assert len(ends) == 1
    assert len(points) == 6

