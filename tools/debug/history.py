"""Where a session has been, and how to be there again: snapshots now and then, and the run repeated from one of them.

Snapshots are taken between turns, at intervals of the host's time, so that repeating is quick however the run spends
its time. Old ones are thinned out, so that they lie the further apart the longer they are ago.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.boot import Machine
from rvsim.guest_os.snapshot import Snapshot, restore, take
from rvsim.tools.debug.console import Place
from rvsim.tools.debug.stop import EVENTS, Kind, Position

if TYPE_CHECKING:
    from rvsim.tools.debug.recent import Passed
    from rvsim.tools.debug.session import Session

INTERVAL_NS = 200_000_000
MOST_MARKS = 32
SHARE = 50
"""A snapshot is taken at the earliest when the run has taken so many times what the last snapshot took."""


class Edit(Protocol):
    """A change that somebody made to the stopped machine at `position`; it is made again when the run comes by."""

    @property
    def position(self) -> Position:
        """Where it was made."""
        ...

    def apply(self, session: Session) -> None:
        """Make the change."""
        ...


class Mark:
    """A moment of the run that can be gone back to. `edits`: so many changes had been made before; `passed`: the last
    traps before it, if they are kept."""

    def __init__(self, snapshot: Snapshot, traps: int, ticks: int, place: Place, edits: int,
                 passed: Sequence[Passed] = ()) -> None:
        self.snapshot = snapshot
        self.traps = traps
        self.ticks = ticks
        self.place = place
        self.edits = edits
        self.passed = passed

    @property
    def moment(self) -> tuple[int, int]:
        """What positions are ordered by."""
        return self.traps, self.ticks

    @property
    def position(self) -> Position:
        """The mark as the end of a search: see `History.at_rest`."""
        return Position(self.traps, self.ticks, 0, 0, Kind.WAITING)


def rank(position: Position) -> tuple[int, int, int]:
    """In what order positions come, as far as they tell. Of a trap, the number says all."""
    if position.kind is Kind.TRAP:
        return position.traps, -1, 0
    return position.traps, position.ticks, 1 if position.kind in EVENTS else 2


class History:
    """The marks of a session, and the changes that were made."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.marks: list[Mark] = []
        self.edits: list[Edit] = []
        self.applied = 0            # so many of the edits are made in the machine as it is
        self.end: tuple[int, int] | None = None     # a search is over here
        self.furthest = 0           # so many traps the run has come by
        self._due_ns = 0
        self._cost_ns = 0

    def begin(self) -> None:
        """Another run begins."""
        self.marks.clear()
        self.edits.clear()
        self.applied = self.furthest = 0
        self._due_ns = 0

    # ---- marks

    def at_rest(self) -> None:
        """The machine is between two turns."""
        session = self.session
        hart = session.machine.hart
        moment = hart.traps, hart.ticks
        if self.end is not None and moment >= self.end:
            session.journey.search_ends()
        session.until.at_rest()
        now = time.monotonic_ns()
        if now < self._due_ns or (self.marks and moment <= self.marks[-1].moment) or session.journey.under_way:
            return
        before = self.marks[-1].snapshot if self.marks else None
        snapshot = take(session.machine, before)
        passed = session.recent.sync() if session.recent is not None else ()
        self.marks.append(Mark(snapshot, *moment, session.console.place, self.applied, passed))
        self._cost_ns = time.monotonic_ns() - now
        self.goes_on()
        self._thin()

    def goes_on(self) -> None:
        """The run goes on now, after a stop."""
        self._due_ns = time.monotonic_ns() + max(INTERVAL_NS, SHARE * self._cost_ns)

    def _thin(self) -> None:
        """Drop the mark that is missed least: whose neighbours are nearest to each other for their age."""
        if len(self.marks) <= MOST_MARKS:
            return
        last = len(self.marks) - 1
        newest = self.marks[last].ticks + self.marks[last].traps
        ages = [newest - mark.ticks - mark.traps + 1 for mark in self.marks]
        drop = min(range(1, last - 1), key=lambda at: (ages[at - 1] - ages[at + 1]) / ages[at])
        del self.marks[drop]

    def before(self, position: Position) -> Mark:
        """The last mark from which the run comes by a position."""
        return next(self.backwards(position))

    def backwards(self, position: Position) -> Iterator[Mark]:
        """The marks before a position, the last one first; the first of all is before everything."""
        for mark in reversed(self.marks[1:]):
            if mark.traps < position.traps or (position.kind is not Kind.TRAP and mark.moment < position.moment):
                yield mark
        yield self.marks[0]

    def restore(self, mark: Mark) -> Machine:
        """The machine as it was at a mark."""
        self.session.console.go_back(mark.place)
        self.applied = mark.edits
        console = self.session.console
        machine = restore(mark.snapshot, console, outside=console.outside)
        if self.session.recent is not None:
            self.session.recent.adopt(machine, mark.passed)
        gc.collect(0)
        return machine

    # ---- changes

    def changed(self, edit: Edit, position: Position) -> None:
        """A change was made here: what was known to come after is void."""
        del self.edits[self.applied:]
        self.edits.append(edit)
        self.applied += 1
        self.forget_after(position)

    def forget_after(self, position: Position) -> None:
        """What was known to come after a position is void."""
        self.furthest = position.traps
        self.marks = [self.marks[0], *(mark for mark in self.marks[1:] if mark.moment < position.moment)]

    def forget_ahead(self) -> bool:
        """Changes that were made further on are not made again; whether there were any."""
        ahead = self.edits[self.applied:]
        if not ahead:
            return False
        del self.edits[self.applied:]
        self.marks = [self.marks[0]] + [mark for mark in self.marks[1:] if mark.moment < ahead[0].position.moment]
        return True

    def edits_ahead(self) -> list[Edit]:
        """The changes that were made further on."""
        return self.edits[self.applied:]

    def edits_between(self, mark: Mark, position: Position) -> list[Edit]:
        """The changes on the way from a mark to a position."""
        return [edit for edit in self.edits[mark.edits:] if rank(edit.position) <= rank(position)]
