"""The console of a debugged machine: what it reads is remembered, and what it wrote before is not written again.

To the guest, its three streams are pipes. Going back begins with an earlier state of the machine; from there on it gets
the same answers again, in the same order, and its output stays unseen until it has caught up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rvsim.emu.console import DEFAULT_SIZE
from rvsim.emu.host import FdKind
from rvsim.guest_os.outside import Outside

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.tools.debug.log_console import LogPlace


class Source(Protocol):
    """Where the guest's input comes from."""

    def read(self, limit: int) -> bytes | None:
        """At most `limit` bytes; None: none now; `b""`: no more will come."""
        ...

    def wait(self) -> bool:
        """Wait until there is input. False: somebody has to be asked; see `Session.starved`."""
        ...


class NoInput:
    """An input that is at its end."""

    def read(self, limit: int) -> bytes | None:
        return b""

    def wait(self) -> bool:
        return True

    def is_ready(self) -> bool:
        return True


class TypedInput:
    """What somebody gives the guest piece by piece."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._ended = False

    def type(self, data: bytes) -> None:
        """Give it more."""
        self._pending += data

    def end(self) -> None:
        """Nothing more will come."""
        self._ended = True

    def read(self, limit: int) -> bytes | None:
        if not self._pending:
            return b"" if self._ended else None
        data = bytes(self._pending[:limit])
        del self._pending[:limit]
        return data

    def wait(self) -> bool:
        return self.is_ready()

    def is_ready(self) -> bool:
        return bool(self._pending) or self._ended


class Place(NamedTuple):
    """How far a machine is with its console: answers taken, and bytes written to each stream; with a log, the place
    in that."""

    answers: int
    written: tuple[int, int, int]
    log: LogPlace | None = None


class SessionConsole:
    """`sink(fd, data)` shows output of stream 1 or 2.

    `starved` is called when the source has nothing, `comes_by` before the guest gets an answer once more that it waited
    for.
    """

    def __init__(self, sink: Callable[[int, bytes], None], source: Source | None = None) -> None:
        self.sink = sink
        self.outside: Outside | None = None     # where the machine gets its answers, if not here
        self.source: Source = source if source is not None else NoInput()
        self.starved: Callable[[], None] | None = None
        self.comes_by: Callable[[], None] | None = None
        self._answers: list[bytes | bool | None] = []
        self._taken = 0
        self._returned = bytearray()        # was read of the source, and is to be read again
        self._written = [0, 0, 0]
        self._shown = [0, 0, 0]

    # ---- for the session

    def another_outside(self) -> Outside | None:
        """What a machine that is made elsewhere is to have as its outside, if anything."""
        return None

    def suits(self, machine: Machine) -> bool:
        """Whether it can be the console of a machine that was made elsewhere."""
        return machine.tty is None and machine.config.clock == "virtual"

    def take_over(self, machine: Machine) -> None:
        """From now on it is that machine's console."""
        self.outside = None

    def forget_returning(self) -> None:
        """What was to be read again is not, for something is typed instead."""

    @property
    def typed(self) -> TypedInput | None:
        """What takes input from a person, if that is where it comes from."""
        return self.source if isinstance(self.source, TypedInput) else None

    @property
    def place(self) -> Place:
        """Where the machine is now."""
        return Place(self._taken, (self._written[0], self._written[1], self._written[2]))

    def go_back(self, place: Place) -> None:
        """The machine is an earlier one."""
        self._taken = place.answers
        self._written = list(place.written)

    def diverge(self) -> None:
        """What comes from here on is new: what was typed further on is forgotten, what a file had comes again."""
        if not isinstance(self.source, TypedInput):
            self._returned[:0] = self.ahead
        del self._answers[self._taken:]
        self._shown = list(self._written)

    @property
    def ahead(self) -> bytes:
        """The input that was read further on."""
        return b"".join(answer for answer in self._answers[self._taken:] if isinstance(answer, bytes))

    @property
    def replaying(self) -> bool:
        """Whether there is input ahead that was read already."""
        return self._taken < len(self._answers)

    # ---- for the machine

    def open(self) -> None:
        return

    def close(self) -> None:
        return

    def kind(self, fd: int) -> FdKind:
        return "pipe"

    def is_terminal(self, fd: int) -> bool:
        return False

    def size(self) -> tuple[int, int]:
        return DEFAULT_SIZE

    def take_resize(self) -> bool:
        return False

    def read(self, limit: int) -> bytes | None:
        if self.replaying:
            answer = self._answers[self._taken]
            assert not isinstance(answer, bool), "the run asks for what it did not ask for before"
        else:
            if self._returned:
                answer = bytes(self._returned[:limit])
                del self._returned[:limit]
            else:
                answer = self.source.read(limit)
            self._answers.append(answer)
        self._taken += 1
        return answer

    def wait(self, timeout_s: float | None) -> bool:
        if self.comes_by is not None:
            self.comes_by()
        if self.replaying:
            answer = self._answers[self._taken]
            assert isinstance(answer, bool), "the run asks for what it did not ask for before"
        else:
            answer = bool(self._returned) or self.source.wait()
            while not answer and timeout_s != 0:
                assert self.starved is not None
                self.starved()
                answer = self.source.wait()
            self._answers.append(answer)
        self._taken += 1
        return answer

    def write(self, data: bytes) -> None:
        self._write(1, data)

    def write_error(self, data: bytes) -> None:
        self._write(2, data)

    def write_terminal(self, data: bytes) -> None:
        self._write(1, data)

    def closed(self, fd: int) -> bool:
        return False

    def flush(self) -> None:
        return

    def poll(self) -> None:
        return

    def _write(self, fd: int, data: bytes) -> None:
        known = self._shown[fd] - self._written[fd]
        self._written[fd] += len(data)
        if known < len(data):
            self._shown[fd] = self._written[fd]
            self.sink(fd, bytes(data[max(known, 0):]))
