"""Who called whom in a stopped task: by call frame information where a file has it, else as `rvsim pstack` does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rvsim.tools.procs.prologue import SP
from rvsim.tools.procs.unwind import Cursor, Frame, Unwinder

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.symbols import Symbols
    from rvsim.tools.procs.symbols import Symbol


class DebugUnwinder(Unwinder):
    """As `Unwinder`, but what the compiler says of a frame comes first."""

    def __init__(self, task: Task, symbols: Symbols) -> None:
        finder: Any = symbols        # it answers `find(area, address)` as a SymbolCache does
        super().__init__(task.space, finder)
        self._files = symbols

    def _caller(self, cursor: Cursor, symbol: Symbol | None) -> Cursor | None:
        caller = self._by_frame_information(cursor)
        return caller if caller is not None else super()._caller(cursor, symbol)

    def _by_frame_information(self, cursor: Cursor) -> Cursor | None:
        address = cursor.pc if cursor.exact else cursor.pc - 1
        area = self.space.areas.find(address)
        file = self._files.file(area) if area is not None else None
        bias = file.bias(area) if file is not None and area is not None else None
        if file is None or bias is None or cursor.from_ra:
            return None
        frame = file.frames.find(address - bias)
        if frame is None:
            return None
        top = (cursor.sp if frame.register == SP else cursor.fp) + frame.offset
        ra = cursor.ra if frame.ra_at is None else self._word(top + frame.ra_at)
        if ra is None or top < cursor.sp or not self._is_code(ra):
            return None
        saved = self._word(top + frame.fp_at) if frame.fp_at is not None else None
        return Cursor(ra, top, cursor.fp if saved is None else saved, guessed=cursor.guessed)


def backtrace(task: Task, symbols: Symbols) -> Iterator[Frame]:
    """The frames of a task, from the innermost on; none of one that has no memory any more."""
    if task.mm is not None:
        yield from DebugUnwinder(task, symbols).frames(task)


def cursors(task: Task, symbols: Symbols) -> Iterator[Cursor]:
    """The same as pc and stack pointers."""
    if task.mm is not None:
        yield from DebugUnwinder(task, symbols).cursors(task)
