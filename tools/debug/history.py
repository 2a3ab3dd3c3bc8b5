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
from rvsim.tools.debug.stop import Kind, Position

if TYPE_CHECKING:
    from rvsim.tools.debug.recent import Passed
    from rvsim.tools.debug.session import Session

INTERVAL_NS = 200_000_000
MOST_MARKS = 32
SHARE = 64
"""A snapshot is taken at the earliest when the run has taken so many times what a snapshot takes: the last two tell,
of which one may have been disturbed; half a turn early, when turns take long,"""

LONGEST_NS = 1_000_000_000
LEAST_SHARE = 20
"""unless that is longer than this: nothing interrupts the way from the last snapshot to where somebody stood who went
back and has enough of it."""


class Edit(Protocol):
    """A change that somebody made to the stopped machine at `position`; it is made again when the run comes by."""

    @property
    def position(self) -> Position:
        """Where it was made."""
        ...

    def apply(self, session: Session) -> None:
        """Make the change."""
        ...


class Change:
    """What somebody changed at one stop, until the machine went on."""

    def __init__(self, position: Position, edit: Edit) -> None:
        self.position = position
        self.edits = [edit]


class Mark:
    """A moment of the run, between two turns, that can be gone back to. `changes`: so many had been made before;
    `passed`: the last traps before it, if they are kept."""

    def __init__(self, snapshot: Snapshot, traps: int, ticks: int, turn: int, place: Place, changes: int,
                 passed: Sequence[Passed] = ()) -> None:
        self.snapshot = snapshot
        self.traps = traps
        self.ticks = ticks
        self.turn = turn
        self.place = place
        self.changes = changes
        self.passed = passed

    @property
    def position(self) -> Position:
        """The mark as the end of a search, which no stop is at: see `History.at_rest`."""
        return Position(self.traps, self.ticks, 0, 0, Kind.WAITING, self.turn, -1, self.changes)


class History:
    """The marks of a session, and the changes that were made.

    Attributes:
        changes: in their order; the first `applied` of them are made in the machine as it is.
        fresh: the last of those was made where the machine stands now.
        turn: so often the machine has been between two turns.
        end: the number of the turn before which a search is over.
        furthest: so many traps the run has come by.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.marks: list[Mark] = []
        self.changes: list[Change] = []
        self.applied = 0
        self.fresh = False
        self.turn = 0
        self.end: int | None = None
        self.furthest = 0
        self._due_ns = self._rested_ns = 0
        self._cost_ns = self._last_cost_ns = 0

    def begin(self) -> None:
        """Another run begins."""
        self.marks.clear()
        self.changes.clear()
        self.applied = self.furthest = self.turn = 0
        self.fresh = False
        self._due_ns = 0

    # ---- marks

    def at_rest(self) -> None:
        """The machine is between two turns."""
        session = self.session
        self.turn += 1
        if self.end is not None and self.turn >= self.end:
            session.journey.search_ends()
        if session.journey.target is not None:
            session.journey.at_rest(self.turn)
        if session.until.sees_rests:
            session.until.at_rest()
        now = time.monotonic_ns()
        turn_ns, self._rested_ns = now - self._rested_ns, now
        if now + turn_ns // 2 < self._due_ns or session.journey.under_way:
            return
        if self.marks and self.turn <= self.marks[-1].turn:
            return
        before = self.marks[-1].snapshot if self.marks else None
        snapshot = take(session.machine, before)
        hart = session.machine.hart
        passed = session.recent.sync() if session.recent is not None else ()
        self.marks.append(Mark(snapshot, hart.traps, hart.ticks, self.turn, session.console.place, self.applied,
                               passed))
        cost = time.monotonic_ns() - now
        self._cost_ns = min(cost, self._last_cost_ns or cost)
        self._last_cost_ns = cost
        self._wait()
        self._thin()

    def goes_on(self) -> None:
        """The run goes on now, after a stop."""
        self.fresh = False
        self._wait()

    def _wait(self) -> None:
        cost = self._cost_ns
        self._rested_ns = time.monotonic_ns()
        self._due_ns = self._rested_ns + min(max(INTERVAL_NS, SHARE * cost), max(LONGEST_NS, LEAST_SHARE * cost))

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
            if mark.traps < position.traps if position.kind is Kind.TRAP else mark.turn <= position.turn:
                yield mark
        yield self.marks[0]

    def restore(self, mark: Mark) -> Machine:
        """The machine as it was at a mark."""
        self.session.console.go_back(mark.place)
        self.applied = mark.changes
        self.turn = mark.turn - 1           # it begins with the moment between turns in which it was taken
        self.fresh = False
        console = self.session.console
        machine = restore(mark.snapshot, console, outside=console.outside)
        if self.session.recent is not None:
            self.session.recent.adopt(machine, mark.passed)
        gc.collect(0)
        return machine

    # ---- changes

    @property
    def changes_before(self) -> int:
        """So many changes had been made when the run came to where it stands."""
        return self.applied - self.fresh

    def changed(self, edit: Edit) -> None:
        """A change was made here: what was known to come after is void."""
        self.forget_ahead(edit.position)
        if self.fresh:
            self.changes[-1].edits.append(edit)
            return
        self.changes.append(Change(edit.position, edit))
        self.applied += 1
        self.fresh = True

    def make(self, change: Change) -> None:
        """Make the next change again, where the machine stands."""
        self.session.keep_recent(change.position)
        for edit in change.edits:
            edit.apply(self.session)
        self.applied += 1
        self.fresh = True

    def forget_ahead(self, position: Position) -> None:
        """What was known to come after a position, where the machine stands, is void."""
        del self.changes[self.applied:]
        self.furthest = position.traps
        self.marks = [self.marks[0], *(mark for mark in self.marks[1:] if mark.turn <= position.turn)]

    def ahead(self) -> list[Change]:
        """The changes that were made further on."""
        return self.changes[self.applied:]

    def between(self, mark: Mark, position: Position) -> list[Change] | None:
        """The changes on the way from a mark to a position; None: it is of a run that has been changed since."""
        if position.kind is Kind.TRAP:
            return [change for change in self.changes[mark.changes:] if change.position.traps < position.traps]
        if position.changes > len(self.changes) or any(
                change.position.order < position.order for change in self.changes[position.changes:]):
            return None
        return self.changes[mark.changes:position.changes]
