"""The lines of a trace: whose line is open, who is cut off, and when pids are shown."""

from __future__ import annotations

from collections.abc import Callable

COLUMN = 40
"""Where results begin; strace's -a."""


class Lines:
    """One line at a time; a line that another task cuts off ends in `<unfinished ...>`."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._owner: int | None = None
        self._column = 0
        self.tasks = 0

    def _put(self, text: str) -> None:
        self._column += len(text)
        self._write(text)

    def _begin(self, tid: int) -> None:
        if self._owner is not None:
            self._put(" <unfinished ...>\n")
        self._owner = tid
        self._column = 0
        if self.tasks > 1:
            self._put(f"[pid {tid:5}] ")

    def owns(self, tid: int) -> bool:
        """Whether the open line is this task's."""
        return self._owner == tid

    def start(self, tid: int, text: str) -> None:
        """Open a line."""
        self._begin(tid)
        self._put(text)

    def go_on(self, tid: int, name: str, text: str) -> None:
        """Add to the call `name`, whose line may have been cut off."""
        if self._owner != tid:
            self._begin(tid)
            self._put(f"<... {name} resumed>")
        self._put(text)

    def end(self, result: str) -> None:
        """Close the call of the open line with its result."""
        self._put(") ")
        self._put(" " * (COLUMN - self._column) + f"= {result}\n")
        self._owner = None

    def line(self, tid: int, text: str) -> None:
        """A line that is no call: a signal, an exit."""
        self._begin(tid)
        self._put(text + "\n")
        self._owner = None

    def close(self) -> None:
        """The trace is over: a line that is open stays without its end."""
        if self._owner is not None:
            self._put(" <detached ...>\n")
            self._owner = None
