"""The console of a tested machine: in memory, with no host time in it.

What a test sends is taken in at the end of the guest's next turn, or at once if the guest waits: places that depend on
the guest alone, so that a run with the same input is the same run.
"""

from __future__ import annotations

from collections.abc import Callable

from rvsim.emu.console import DEFAULT_SIZE
from rvsim.emu.host import FdKind

TERMINAL: tuple[FdKind, FdKind, FdKind] = ("terminal", "terminal", "terminal")
PIPES: tuple[FdKind, FdKind, FdKind] = ("pipe", "pipe", "pipe")


class TestConsole:
    """Three streams that are one terminal, or three pipes.

    Attributes:
        output, errors: what went to streams 1 and 2; a terminal's screen is stream 1.
        transcript: both, in their order.
        writes: of each piece of output, where in `transcript` it begins, and what `stamp` said then.
        vain_waits: how often in a row the machine looked for input, and there was none.
    """

    __test__ = False

    def __init__(self, kinds: tuple[FdKind, FdKind, FdKind] = TERMINAL, size: tuple[int, int] = DEFAULT_SIZE) -> None:
        self.output = bytearray()
        self.errors = bytearray()
        self.transcript = bytearray()
        self.writes: list[tuple[int, int]] = []
        self.stamp: Callable[[], int] = int
        self.vain_waits = 0
        self._pending = bytearray()
        self._ended = False
        self._kinds = kinds
        self._size = size

    # ---- for the test

    def feed(self, data: bytes) -> None:
        """Make `data` readable."""
        self._pending += data
        self.vain_waits = 0

    def feed_end(self) -> None:
        """Let the input end after what is readable. A terminal hangs up."""
        self._ended = True
        self.vain_waits = 0

    @property
    def has_input(self) -> bool:
        """Whether there is something that the guest has not taken."""
        return bool(self._pending) or self._ended

    # ---- for the machine

    def open(self) -> None:
        """There is nothing to take over."""

    def close(self) -> None:
        """There is nothing to give back."""

    def kind(self, fd: int) -> FdKind:
        return self._kinds[fd]

    def is_terminal(self, fd: int) -> bool:
        return self._kinds[fd] == "terminal"

    def size(self) -> tuple[int, int]:
        return self._size

    def take_resize(self) -> bool:
        return False

    def read(self, limit: int) -> bytes | None:
        if not self._pending:
            return b"" if self._ended else None
        taken = bytes(self._pending[:limit])
        del self._pending[:limit]
        return taken

    def wait(self, timeout_s: float | None) -> bool:
        """As `Console.wait`, but no time passes; the driver of the machine sees to it that none waits for ever."""
        if self.has_input:
            return True
        self.vain_waits += 1
        return False

    def write(self, data: bytes) -> None:
        self._wrote(data)
        self.output += data

    def write_error(self, data: bytes) -> None:
        self._wrote(data)
        self.errors += data

    def write_terminal(self, data: bytes) -> None:
        self.write(data)

    def closed(self, fd: int) -> bool:
        return False

    def flush(self) -> None:
        """Nothing is buffered."""

    def poll(self) -> None:
        """There is no escape key."""

    def _wrote(self, data: bytes) -> None:
        self.writes.append((len(self.transcript), self.stamp()))
        self.transcript += data
        self.vain_waits = 0
