"""Who called whom in a stopped task, as `rvsim pstack` finds it, with the symbols of the session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rvsim.tools.procs.unwind import Cursor, Frame, Unwinder

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.symbols import Symbols


def _unwinder(task: Task, symbols: Symbols) -> Unwinder:
    finder: Any = symbols        # it answers `find` and `rules` as a SymbolCache does
    return Unwinder(task.space, finder)


def backtrace(task: Task, symbols: Symbols) -> Iterator[Frame]:
    """The frames of a task, from the innermost on; none of one that has no memory any more."""
    if task.mm is not None:
        yield from _unwinder(task, symbols).frames(task)


def cursors(task: Task, symbols: Symbols) -> Iterator[Cursor]:
    """The same as pc and stack pointers."""
    if task.mm is not None:
        yield from _unwinder(task, symbols).cursors(task)
