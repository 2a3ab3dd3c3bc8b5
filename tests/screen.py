"""A person who looks at a terminal's screen: what a program has drawn there, by a terminal emulator (pyte)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pyte

from rvsim.tests.terminal import DEADLINE_S, Terminal


class Screen:
    """A terminal whose screen is looked at.

    Attributes:
        terminal: the terminal, with everything that it was sent.
        screen: the emulator.
    """

    def __init__(self, *arguments: str, rows: int = 24, columns: int = 80, command: str = "step") -> None:
        self.terminal = Terminal(*arguments, rows=rows, columns=columns, command=command)
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._fed = 0

    def type(self, keys: str) -> None:
        """Press keys."""
        self.terminal.type(keys.encode())

    def look(self) -> list[str]:
        """The rows as they are now."""
        seen = self.terminal.seen
        self._stream.feed(seen[self._fed:])
        self._fed = len(seen)
        return list(self.screen.display)

    def wait_for(self, *wanted: str, gone: str = "", when: Callable[[list[str]], bool] | None = None) -> list[str]:
        """Wait until the screen has all of `wanted`, and not `gone`; its rows.

        Raises:
            AssertionError: it does not come to that, in time.
        """
        deadline = time.monotonic() + DEADLINE_S
        while True:
            rows = self.look()
            text = "\n".join(rows)
            if all(one in text for one in wanted) and (not gone or gone not in text) and (when is None or when(rows)):
                return rows
            left = deadline - time.monotonic()
            if left <= 0 or not self.terminal.read(left):
                raise AssertionError(f"{wanted} does not appear, only\n{text}")

    def resize(self, rows: int, columns: int) -> None:
        """Change the window's size."""
        self.look()
        self.screen.resize(rows, columns)
        self.terminal.resize(rows, columns)

    def close(self) -> None:
        """End it, however far it is."""
        self.terminal.close()


def pane(rows: list[str], name: str) -> list[str]:
    """The rows of one pane, from its heading to the next one, without what stands beside it."""
    top = next(number for number, row in enumerate(rows) if f" {name}" in row and "──" in row)
    start = rows[top].index(f" {name}")
    ends = [at for at in (rows[top].find("│", start),) if at >= 0]
    end = ends[0] if ends else len(rows[top])
    found = []
    for row in rows[top + 1:-2]:
        if row[start:start + 2] and "──" in row[start:end]:
            break
        found.append(row[start:end].rstrip())
    return found
