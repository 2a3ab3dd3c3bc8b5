"""The console of a tested machine: in memory, with no host time in it.

What a test sends is taken in at the end of the guest's next turn, or at once if the guest waits: places that depend on
the guest alone, so that a run with the same input is the same run.
"""

from __future__ import annotations

from collections.abc import Callable

from rvsim.emu.console import CapturedConsole
from rvsim.emu.host import FdKind

TERMINAL: tuple[FdKind, FdKind, FdKind] = ("terminal", "terminal", "terminal")
PIPES: tuple[FdKind, FdKind, FdKind] = ("pipe", "pipe", "pipe")


class TestConsole(CapturedConsole):
    """Three streams that are one terminal, or three pipes. Input is fed; it does not starve, it is looked for in vain.

    Attributes:
        writes: of each piece of output, where in `transcript` it begins, and what `stamp` said then.
        vain_waits: how often in a row the machine looked for input, and there was none.
    """

    __test__ = False

    def __init__(self, kinds: tuple[FdKind, FdKind, FdKind]) -> None:
        super().__init__(ended=False, kinds=kinds)
        self.writes: list[tuple[int, int]] = []
        self.stamp: Callable[[], int] = int
        self.vain_waits = 0

    def another(self) -> TestConsole:
        """A new one whose streams are of the same kinds."""
        return TestConsole(self._kinds)

    @property
    def has_input(self) -> bool:
        """Whether there is something that the guest has not taken."""
        return bool(self._pending) or self._ended

    def feed(self, data: bytes) -> None:
        super().feed(data)
        self.vain_waits = 0

    def feed_end(self) -> None:
        """Let the input end after what is readable. A terminal hangs up."""
        super().feed_end()
        self.vain_waits = 0

    def wait(self, timeout_s: float | None) -> bool:
        """As `Console.wait`, but no time passes; the driver of the machine sees to it that none waits for ever."""
        if self.has_input:
            return True
        self.vain_waits += 1
        return False

    def write(self, data: bytes) -> None:
        self._note_write()
        super().write(data)

    def write_error(self, data: bytes) -> None:
        self._note_write()
        super().write_error(data)

    def _note_write(self) -> None:
        self.writes.append((len(self.transcript), self.stamp()))
        self.vain_waits = 0
