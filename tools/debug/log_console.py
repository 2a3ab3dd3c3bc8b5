"""A console whose machine asks through a log, which knows the answers when one goes back.

`SessionConsole` alone counts what the machine reads: enough while the machine reads only what its programs ask for. One
with a terminal, or whose clock waits for the host, also looks by itself, when the host's time has come; so here every
question has its place in the run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rvsim.emu.host import FdKind
from rvsim.guest_os.outside import START, Answer, InputLog, Mark, Position, T
from rvsim.tools.debug.console import Place, SessionConsole, Source, TypedInput

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine

PIPES: tuple[FdKind, FdKind, FdKind] = ("pipe", "pipe", "pipe")
TERMINALS: tuple[FdKind, FdKind, FdKind] = ("terminal", "terminal", "terminal")


class LogPlace(NamedTuple):
    """A place in a log: in its answers, and, of a recording, in its host's answers and its comparisons, with the
    checksums there."""

    answers: Mark
    host: int = 0
    checks: int = 0
    turns: int = 0
    output: tuple[int, ...] = ()


class SessionLog(InputLog):
    """The answers that a run has had.

    Attributes:
        comes_by: called before each question whether there is input.
        lasting: where there was input that comes again after a change, for nobody has typed it here.
    """

    comes_by: Callable[[], None]

    def __init__(self, answers: Iterable[Answer] = (), known: Position = START) -> None:
        super().__init__(answers, known)
        self.lasting: set[Position] = set()

    def place(self) -> LogPlace:
        """Where the run is."""
        return LogPlace(self.mark())

    def go_back(self, place: LogPlace) -> None:
        """The machine is again as it was at `place`."""
        self.rewind(place.answers)
        self.reached = self.position        # the console knows what was shown before

    def changed(self) -> None:
        """Somebody has changed the machine."""
        self.forget_future()

    def forget_future(self) -> None:
        super().forget_future()
        self.lasting = {position for position in self.lasting if position < self.position}

    def input_ahead(self, every: bool) -> list[bytes]:
        """The input that comes from here on, as far as it is lasting, or `every`."""
        return [answer.value for answer in self.answers[self.at:] if answer.kind == "input"
                and isinstance(answer.value, bytes) and (every or answer.position in self.lasting)]

    def note_input(self) -> None:
        """What is being read is lasting."""
        self.lasting.add(Position(self.moment, self.question - 1))

    def ask(self, kind: str, live: Callable[[], T], usual: T) -> T:
        if kind == "wait":
            self.comes_by()
        return super().ask(kind, live, usual)


class ReadySource(Source, Protocol):
    """A source that also says whether it has something now."""

    def is_ready(self) -> bool:
        """Whether there is input, or its end, without waiting."""
        ...


class ReturningSource:
    """What came later in a run that was changed, piece by piece; then another source."""

    log: SessionLog

    def __init__(self, then: ReadySource) -> None:
        self.then = then
        self.pieces: deque[bytes] = deque()
        self._here: bytes | None = None

    def put_back(self, pieces: list[bytes]) -> None:
        """These come again, first of all."""
        if self._here is not None:
            self.pieces.appendleft(self._here)
            self._here = None
        self.pieces.extendleft(reversed(pieces))

    def read(self, limit: int) -> bytes | None:
        data = self._here
        if data is None:
            return self.then.read(limit)
        self._here = data[limit:] or None
        self.log.note_input()
        return data[:limit]

    def is_ready(self) -> bool:
        return self.take_next() or self.then.is_ready()

    def wait(self) -> bool:
        return self.take_next() or self.then.wait()

    def take_next(self) -> bool:
        """Let the next piece be read; whether there is one."""
        if self._here is None and self.pieces:
            self._here = self.pieces.popleft()
        return self._here is not None


class LogConsole(SessionConsole):
    """`log` is the machine's outside."""

    def __init__(self, sink: Callable[[int, bytes], None], source: ReadySource, log: SessionLog | None = None,
                 kinds: tuple[FdKind, FdKind, FdKind] = PIPES) -> None:
        self.returning = ReturningSource(source)
        super().__init__(sink, self.returning)
        self.kinds = kinds
        self._use(log if log is not None else SessionLog())

    def _use(self, log: SessionLog) -> None:
        self.outside = self.log = self.returning.log = log
        log.comes_by = self._comes_by_input

    # ---- for the session

    def another_outside(self) -> SessionLog:
        return SessionLog()

    def suits(self, machine: Machine) -> bool:
        return isinstance(machine.outside, SessionLog)

    def take_over(self, machine: Machine) -> None:
        assert isinstance(machine.outside, SessionLog)
        self.kinds = TERMINALS if machine.tty is not None else PIPES
        self._use(machine.outside)

    @property
    def place(self) -> Place:
        return super().place._replace(answers=self.log.at, log=self.log.place())

    def go_back(self, place: Place) -> None:
        super().go_back(place)
        if place.log is not None:
            self.log.go_back(place.log)

    def diverge(self) -> None:
        self.returning.put_back(self.log.input_ahead(every=self.typed is None))
        super().diverge()
        self.log.changed()

    def forget_returning(self) -> None:
        self.returning.pieces.clear()

    @property
    def typed(self) -> TypedInput | None:
        return self.returning.then if isinstance(self.returning.then, TypedInput) else None

    @property
    def replaying(self) -> bool:
        return self.log.upcoming() is not None

    def _comes_by_input(self) -> None:
        if self.comes_by is not None:
            self.comes_by()

    # ---- for the machine

    def kind(self, fd: int) -> FdKind:
        return self.kinds[fd]

    def is_terminal(self, fd: int) -> bool:
        return self.kinds[fd] == "terminal"

    def read(self, limit: int) -> bytes | None:
        if not self.is_terminal(0):
            self.returning.take_next()      # to a terminal, keys come while nothing else happens
        return self.returning.read(limit)

    def wait(self, timeout_s: float | None) -> bool:
        """Wait for input. If there is something else to do later, it is done at once: nobody's time is spent."""
        if timeout_s is not None:
            return self.returning.is_ready()
        while not self.source.wait():
            assert self.starved is not None
            self.starved()
        return True
