"""To a position where the run has been: from a snapshot before it, with nothing to stop the run on its way."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from rvsim.tools.debug.stop import (
    EVENTS,
    SINGULAR,
    Condition,
    Event,
    Goto,
    Kind,
    Order,
    Position,
    Search,
    Stop,
    number_of,
)

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.history import Change, Mark
    from rvsim.tools.debug.session import Session


class SessionError(Exception):
    """Something that a session cannot do: one line."""


class Leave(BaseException):
    """Leaves the scheduler for `Session.run`."""

    def __init__(self, order: Order) -> None:
        self.order = order


class Arrived(BaseException):
    """A silent run has come to its end."""


class Overshot(BaseException):
    """Straight code led past the last place from where a position can be aimed at: do it again with more care."""


class Lost(Exception):
    """The run does not come by a position: it was one of a run that has been changed since."""


class Journey:
    """What a session has before it besides what it was asked to stop at.

    Attributes:
        target: what the run is on its way to: a change that is to be made again, or the end of the journey.
        ahead: changes that were made further on, to be made again.
        final: the end of the journey, None when it is over.
        muted: nothing stops but the target; `mute_until`: to this tick only.
        found: a search notes here what would have stopped.
        careful: the target's address is a breakpoint from its last trap on.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.target: Position | None = None
        self.ahead: list[Change] = []
        self.final: Position | None = None
        self.muted = False
        self.mute_until: int | None = None
        self.found: deque[Position] | None = None
        self.careful = False
        self._here: Position | None = None
        self._missed = self._lost = self._given_up = False
        self._origin: Position | None = None

    @property
    def under_way(self) -> bool:
        """Whether the run is repeated to get somewhere or to find something."""
        return self.final is not None

    def give_up(self) -> None:
        """Somebody has interrupted the way back: to where it began. That is near a mark, as a rule. Raises Leave.

        Nothing interrupts the way to there, or there would be nowhere to stand; whoever cannot wait may leave.
        """
        if self._given_up or self._origin is None:
            return
        self.found = self.mute_until = self.session.history.end = None
        raise Leave(Goto(self._origin, given_up=True))

    def search_ends(self) -> None:
        """A search has come to the mark that the next search began at."""
        raise Arrived

    def forget_ahead(self) -> None:
        """What was to be made again is not."""
        self.ahead = []
        self.target = self.final

    def at_rest(self, turn: int) -> None:
        """The machine is between two turns."""
        if self.target is not None and self.target.kind is not Kind.TRAP and 0 < self.target.turn < turn:
            self.overshoots()

    def overshoots(self) -> None:
        """The run has left the target behind. Raises Overshot, or the run goes on without what was to be made again."""
        if self.final is not None:
            raise Overshot
        self.session.forget_ahead()
        self.session.aim()

    def is_target(self, task: Task) -> bool:
        """Whether the task, about to run, stands at the target."""
        target, hart = self.target, self.session.machine.hart
        if target is None or target.kind in SINGULAR or target.traps != hart.traps:
            return False
        if target.ticks < hart.ticks:
            self.overshoots()
            return False
        if target.ticks != hart.ticks or target.pc != hart.pc or target.tid != number_of(task):
            return False
        return target.is_at(self.session.position(Kind.STEP, task))

    def arrived(self, task: Task | None, here: Position, event: Event | None = None) -> None:
        """The target is here: a change to be made again, or the end of the way."""
        history = self.session.history
        if self.ahead:
            history.make(self.ahead.pop(0))
            self._next_target()
            self.session.aim()
            history.fresh = False           # the run goes on
            return
        self.final = None
        ahead = history.ahead()
        if ahead and ahead[0].position.is_at(here):
            history.make(ahead[0])
        self._arrive(task, here, event)

    def _next_target(self) -> None:
        self.target = self.ahead[0].position if self.ahead else self.final

    def _arrive(self, task: Task | None, here: Position, event: Event | None) -> None:
        """The end of a journey."""
        if self.found is not None:
            raise Arrived
        self.muted = False
        self.ahead = self.session.history.ahead()
        self._next_target()
        assert self._here is not None
        here = here._replace(kind=self._here.kind)
        hart = self.session.machine.hart
        event = event if here.kind in EVENTS else None
        stop = Stop(here.kind, here, task, event=event, asked=True, missed=self._missed, lost=self._lost,
                    given_up=self._given_up)
        if here.kind is Kind.TRAP:
            stop = replace(stop, cause=hart.cause, epc=hart.epc, tval=hart.tval)
        elif here.kind is Kind.BREAK and task is not None:
            stop = replace(stop, breakpoints=self.session.breakpoints.at(here.pc))
        elif here.kind is Kind.ENDED:
            status, error = self.session.ending()
            stop = replace(stop, status=status, error=error)
        self.session.report(stop)

    def travel(self, order: Goto | Search) -> None:
        """Go where the frontend wants, report there, and run on."""
        here = self._origin = self.session.stop.position
        self._given_up = isinstance(order, Goto) and order.given_up
        self._missed = self._lost = False
        try:
            if isinstance(order, Goto):
                self._here = order.position
            else:
                found = self._search(order.condition, here)
                self._here = found if found is not None else here
                self._missed = found is None
            self._return_to(self._here)
        except Lost:
            self._lost, self._here = True, here
            try:
                self._return_to(here)
            except Lost:
                raise SessionError("the run did not go as it went before") from None

    def _return_to(self, position: Position) -> None:
        """Be at a position again, whatever stops on the way. Raises Lost."""
        self.found = None
        self.mute_until = self.session.history.end = None
        self.session.until = Condition()
        with suppress(Arrived):
            self._go_to(position, self.session.history.before(position))
        raise Lost

    def _go_to(self, position: Position, mark: Mark) -> None:
        """Run from `mark` to a position, stopping nowhere before it; then whatever `_arrive` does.

        Raises:
            Lost: the run does not come by it. Arrived: nor does it before its end, or it is the end of a search.
        """
        self.careful = False
        mute_until = self.mute_until
        while True:
            ahead = self.session.history.between(mark, position)
            if ahead is None:
                raise Lost
            self.mute_until = mute_until
            self.muted = self.found is None or self.mute_until is not None
            self.final, self.ahead = position, ahead
            self._next_target()
            self.session.adopt(self.session.history.restore(mark))
            try:
                self.session.run_on()
            except Overshot:
                if self.careful:
                    raise Lost from None
                self.careful = True

    def _search(self, condition: Condition, here: Position) -> Position | None:
        """The last position before `here` at which `condition` would have stopped."""
        self.session.until = condition
        end = here
        history = self.session.history
        for mark in history.backwards(here):
            window = condition.window
            while True:
                start = end.ticks - window if window else 0
                whole = start <= mark.ticks
                self.mute_until = None if whole else start
                self.found = deque(maxlen=3)
                self._here = end
                with suppress(Arrived):
                    self._go_to(end, mark)
                found = [position for position in self.found if position != here and not _ends_there(position, here)]
                self.found = None
                if found:
                    self.mute_until = history.end = None
                    return found[-1]
                if whole:
                    break
                window *= 64
            end = mark.position
            history.end = mark.turn
        history.end = None
        return None


def _ends_there(position: Position, here: Position) -> bool:
    """Whether a step ended a turn whose task stands `here` as its next one begins: nothing lies between."""
    return position.kind is Kind.STEP and here.kind not in SINGULAR and position == here._replace(
        kind=Kind.STEP, turn=position.turn)
