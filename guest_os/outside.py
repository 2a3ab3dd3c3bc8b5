"""What the kernel asks the outside, numbered: so that a run can be had again, to the tick.

All that a run depends on, besides its program and its files, are the answers to questions: is there input, how large is
the window, is the time limit over. The kernel is deterministic, so it asks the same questions in the same order if it
gets the same answers. Only the world's own looks (`HostWorld.poll`), which go by the host's time, come and go. So a
question is known by its *position*: the number of the moment, and its number within the moment. A moment is what lies
between two looks of the world, or one look.

An `InputLog` keeps every answer that was not the usual one (no input, same size, not over), with its position. Up to
the position to which it knows the run, it answers from memory; beyond, it asks the live outside and learns. Going back
in a run is `rewind`, then running again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from rvsim.emu.console import Console
from rvsim.emu.host import FdKind
from rvsim.emu.host import sleep as sleep_of_host
from rvsim.guest_os.fs.host_os import HOST, HostOs

Value = None | bool | int | bytes | str | tuple[int, ...]
T = TypeVar("T", bound=Value)

INTERRUPT = "interrupt"
"""The value of an answer that was no answer, but the person's wish to leave: KeyboardInterrupt."""


class Position(NamedTuple):
    """Where in a run: the number of the moment, and of the question in it."""

    moment: int
    question: int


START = Position(0, 0)


class Answer(NamedTuple):
    """An unusual answer. `ticks` and `time_ns` (monotonic) say when in guest time, and are there to be compared."""

    position: Position
    kind: str
    value: Value
    ticks: int
    time_ns: int


class Mark(NamedTuple):
    """A place in a log to go back to."""

    position: Position
    at: int


class Diverged(Exception):
    """A run that is had again asks what it did not ask the first time. The text says where, in one line."""


class Outside:
    """The plain outside: nobody counts. A question is asked by handing over how to find its answer."""

    recalling = False
    """Whether answers come from memory now."""

    host: HostOs = HOST
    """Whom to ask for files of the host."""

    sleep: Callable[[float], None] = staticmethod(sleep_of_host)
    """How the machine waits, some seconds, for nothing but the host's clock. Signals of the host are handled."""

    def set_now(self, now: Callable[[], tuple[int, int]]) -> None:
        """`now` tells the tick and the monotonic time in nanoseconds."""
        return

    def wrap(self, console: Console) -> Console:
        """The console that the machine is to use."""
        return console

    def next_moment(self) -> None:
        """The world begins or ends a look."""
        return

    def answers_here(self) -> bool:
        """Whether an answer from memory belongs to this moment."""
        return False

    def ask(self, kind: str, live: Callable[[], T], usual: T) -> T:
        """The answer to a question of this `kind`: `live()`, or what that gave when the run was here before."""
        return live()


class InputLog(Outside):
    """Answers in memory. `answers`: what is known of the run, up to the position `known`.

    Attributes:
        position: of the next question.
        reached: how far the run has ever come; output before it has been shown already.
    """

    def __init__(self, answers: Iterable[Answer] = (), known: Position = START) -> None:
        self.answers = list(answers)
        self.known = known
        self.reached = START
        self.moment = 0
        self.question = 0
        self.at = 0             # the answer that comes next
        self._now: Callable[[], tuple[int, int]] = _nowhere

    def set_now(self, now: Callable[[], tuple[int, int]]) -> None:
        self._now = now

    def wrap(self, console: Console) -> Console:
        return LoggedConsole(console, self)

    # ---- positions

    @property
    def position(self) -> Position:
        return Position(self.moment, self.question)

    @property
    def recalling(self) -> bool:  # type: ignore[override]
        return (self.moment, self.question) < self.known

    def mark(self) -> Mark:
        """Where the run is. Belongs to a snapshot of the machine."""
        return Mark(self.position, self.at)

    def rewind(self, mark: Mark) -> None:
        """The machine is again as it was at `mark`: answer as then."""
        self.moment, self.question = mark.position
        self.at = mark.at

    def forget_future(self) -> None:
        """The machine was changed: from here on the run is another one, and is asked live."""
        del self.answers[self.at:]
        self.known = self.reached = self.position

    def next_moment(self) -> None:
        self.moment += 1
        self.question = 0

    # ---- questions

    def upcoming(self) -> Answer | None:
        """The next answer that is known."""
        return self.answers[self.at] if self.at < len(self.answers) else None

    def answers_here(self) -> bool:
        answer = self.upcoming()
        return answer is not None and answer.position.moment == self.moment

    def shown(self, stream: int, data: bytes) -> None:
        """Output goes to stream 1, 2, or 3, the terminal. For subclasses."""
        return

    def pass_by(self) -> bool:
        """Count one more question or output; whether the run was never here before."""
        here = Position(self.moment, self.question)
        self.question += 1
        if here < self.reached:
            return False
        self.reached = Position(self.moment, self.question)
        return True

    def ask(self, kind: str, live: Callable[[], T], usual: T) -> T:
        """Raises Diverged, and KeyboardInterrupt as `live` does."""
        here = Position(self.moment, self.question)
        self.pass_by()
        if here < self.known:
            return self._recall(here, kind, usual)
        return self.learn(here, kind, live, usual)

    def learn(self, here: Position, kind: str, live: Callable[[], T], usual: T) -> T:
        """Ask the live outside, and keep what it says."""
        self.known = self.reached
        try:
            value = live()
        except KeyboardInterrupt:
            self._keep(Answer(here, kind, INTERRUPT, *self._now()))
            raise
        if value != usual:
            self._keep(Answer(here, kind, value, *self._now()))
        return value

    def _keep(self, answer: Answer) -> None:
        self.keep(answer)
        self.at += 1

    def keep(self, answer: Answer) -> None:
        """A new answer, the last of all. For subclasses, which may also write it down."""
        self.answers.append(answer)

    def _recall(self, here: Position, kind: str, usual: T) -> T:
        answer = self.upcoming()
        if answer is None or answer.position > here:
            return usual
        self.at += 1
        ticks, time_ns = self._now()
        expected = f"{answer.kind} at tick {answer.ticks} (time {answer.time_ns} ns)"
        if answer.position != here or answer.kind != kind or (answer.ticks, answer.time_ns) != (ticks, time_ns):
            raise Diverged(f"at tick {ticks}: expected {expected}, got {kind} at tick {ticks} (time {time_ns} ns)")
        if answer.value == INTERRUPT:
            raise KeyboardInterrupt
        return answer.value  # type: ignore[return-value]


def _nowhere() -> tuple[int, int]:
    return 0, 0


class LoggedConsole:
    """A console whose answers go through a log. What was shown when the run was here before is not shown again."""

    def __init__(self, console: Console, log: InputLog) -> None:
        self.console = console
        self.log = log

    def open(self) -> None:
        self.console.open()

    def close(self) -> None:
        self.console.close()

    def kind(self, fd: int) -> FdKind:
        return self.console.kind(fd)

    def is_terminal(self, fd: int) -> bool:
        return self.console.is_terminal(fd)

    def size(self) -> tuple[int, int]:
        rows, columns = self.log.ask("size", self.console.size, (0, 0))
        return rows, columns

    def take_resize(self) -> bool:
        return self.log.ask("resize", self.console.take_resize, False)

    def read(self, limit: int) -> bytes | None:
        return self.log.ask("input", lambda: self.console.read(limit), None)

    def wait(self, timeout_s: float | None) -> bool:
        return self.log.ask("wait", lambda: self.console.wait(timeout_s), False)

    def write(self, data: bytes) -> None:
        if self.log.pass_by():
            self.log.shown(1, data)
            self.console.write(data)

    def write_error(self, data: bytes) -> None:
        if self.log.pass_by():
            self.log.shown(2, data)
            self.console.write_error(data)

    def write_terminal(self, data: bytes) -> None:
        if self.log.pass_by():
            self.log.shown(3, data)
            self.console.write_terminal(data)

    def closed(self, fd: int) -> bool:
        return self.log.ask("closed", lambda: self.console.closed(fd), False)

    def flush(self) -> None:
        self.console.flush()

    def poll(self) -> None:
        self.log.ask("keys", self.console.poll, None)
