"""What of a recorded run the stepper shows first."""

from __future__ import annotations

from rvsim.tools.debug.played import PlayedConsole
from rvsim.tools.step.shell import Reader


class AtTrap(Reader):
    """The commands of another reader, behind one that runs to a trap by its number."""

    def __init__(self, reader: Reader, console: PlayedConsole, trap: int) -> None:
        self.reader = reader
        self.interactive = reader.interactive
        self._console = console
        self._trap = trap
        self._asked = False

    def line(self, prompt: str) -> str | None:
        count = self._trap - self._console.start_traps
        if self._asked or count <= 0:
            return self.reader.line(prompt)
        self._asked = True
        return f"trap {count}"
