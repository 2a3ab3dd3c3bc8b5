"""The outside as the scheduler sees it: the host's console and clock, and the limit on the run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.outside import Outside

if TYPE_CHECKING:
    from rvsim.guest_os.fs.console_tty import ConsoleTty
    from rvsim.guest_os.fs.stream import HostInput

POLL_EVERY_NS = 10_000_000
SPIN_WAIT_S = 0.02


class HostConsole(Protocol):
    """The console, as far as waiting goes."""

    def wait(self, timeout_s: float | None) -> bool: ...

    def poll(self) -> None: ...

    def flush(self) -> None: ...


class WorldClock(Protocol):
    """The clock, as far as idling goes."""

    def monotonic_ns(self) -> int: ...

    def host_delay_s(self, deadline_ns: int) -> float: ...

    def advance_to(self, deadline_ns: int) -> None: ...

    realtime_base_ns: int
    paced: bool

    def follow_host(self) -> bool: ...


class HostWorld:
    """Input from the host's terminal or stream, and a limit in host time."""

    __slots__ = (
        "clock", "clock_was_set", "console", "disturbed", "end_ns", "expired", "leaving", "next_poll_ns", "outside",
        "source", "tty", "visiting", "visitor", "visits", "waiting",
    )

    def __init__(self, console: HostConsole, clock: WorldClock, tty: ConsoleTty | None, source: HostInput,
                 timeout_ns: int | None, clock_was_set: Callable[[int], None], outside: Outside | None = None) -> None:
        """`clock_was_set` is told the new base of real time when somebody has set the host's clock.

        `outside` numbers the looks of this world, so that a run can be had again.
        """
        self.console = console
        self.clock = clock
        self.tty = tty
        self.source = source
        self.end_ns = None if timeout_ns is None else time.monotonic_ns() + timeout_ns
        self.next_poll_ns = 0
        self.clock_was_set = clock_was_set
        self.leaving = False            # the person wants to leave: see `leave`
        self.expired = False            # the run is over: its time limit passed
        self.outside: Outside = outside if outside is not None else Outside()
        self.visitor: Callable[[], None] | None = None      # looks at a machine that ends without having chosen to
        self.visits: dict[Callable[[], None], None] = {}    # asked for: each looks at the machine while nothing runs
        self.visiting = False
        self.waiting = False
        self.disturbed = False      # a debugger stood here while nothing ran: look at everything again

    def _look_at_limit(self) -> None:
        """See whether the time limit has passed: once in each look, so that a run that is had again ends there too."""
        self.expired = self.outside.ask("expired", self._past_limit, False)

    def leave(self) -> None:
        """The person wants to leave: KeyboardInterrupt, at the next look. For handlers of signals."""
        if self.waiting or self.leaving:
            raise KeyboardInterrupt
        self.leaving = True

    def _past_limit(self) -> bool:
        if self.leaving:
            raise KeyboardInterrupt
        return self.end_ns is not None and time.monotonic_ns() >= self.end_ns

    def request_visit(self, visitor: Callable[[], None]) -> None:
        """Let `visitor` look: at once if the machine waits, else at the end of the turn. For handlers of signals.

        Many requests before a visit make one visit; one that comes during a visit makes another.
        """
        self.visits[visitor] = None
        if self.waiting:
            self._let_visit()

    def _let_visit(self) -> None:
        if self.visiting:
            return                      # a signal came meanwhile: the loop below sees to it
        self.visiting = True
        try:
            while self.visits:
                visitor, _ = self.visits.popitem()
                visitor()
        finally:
            self.visiting = False

    def visit(self) -> None:
        """The machine ends without having chosen to: let the visitor look, if there is one."""
        if self.visitor is not None:
            self.visitor()

    @contextmanager
    def _at_rest(self) -> Iterator[None]:
        """While this lasts, a visitor may look at any moment."""
        self.waiting = True
        try:
            if self.visits:
                self._let_visit()
            yield
        finally:
            self.waiting = False

    def poll(self) -> None:
        """Take in what was typed, and let out what was printed: at most every 10 ms of host time."""
        if self.visits:
            self._let_visit()
        outside = self.outside
        outside.next_moment()
        self._look_at_limit()
        now = time.monotonic_ns()
        due = now >= self.next_poll_ns
        if due:
            self.next_poll_ns = now + POLL_EVERY_NS
            self._follow_clock()
        if outside.recalling:
            if due:
                self.console.flush()
            due = outside.answers_here()
        if due:
            self.console.poll()
            if self.tty is not None:
                self.tty.pump()
            if not self._keyed and not self.source.waits and self.source.queue.waiters:
                self.source.pump()
        outside.next_moment()

    def _follow_clock(self) -> None:
        if self.clock.follow_host():
            self.clock_was_set(self.clock.realtime_base_ns)

    def _limit(self, delay_s: float | None) -> float | None:
        """So long to wait at most. To be asked at rest."""
        if self.leaving:
            return 0.0                  # that came just before: the next look leaves
        if self.end_ns is None:
            return delay_s
        left = max((self.end_ns - time.monotonic_ns()) / 1e9, 0.0)
        return left if delay_s is None else min(delay_s, left)

    def wait_for_input(self) -> bool:
        """Wait for the host's stream, at most until the run's limit. False: the limit passed."""
        with self._at_rest():
            return self.console.wait(self._limit(None))

    @property
    def _keyed(self) -> bool:
        return self.tty is not None and self.tty.keyed

    def _pump(self) -> bool:
        resized = self.tty is not None and self.tty.pump()
        return resized if self._keyed else self.source.pump()

    @property
    def listening(self) -> bool:
        """Whether input could still wake someone: a terminal always (its keys send signals), a stream if read."""
        if self.tty is not None and self.tty.keyed:
            return not self.tty.hung_up
        return bool(self.source.queue.waiters) and not self.source.ended

    def idle(self, deadline_ns: int | None, spinning: bool = False) -> bool:
        """Nothing can run: wait for input or until `deadline_ns`. False: neither can ever come.

        `spinning`: something could run, but would only look again; then the wait is short if there is no deadline.
        """
        self.outside.next_moment()
        more = self._rest(deadline_ns, spinning)
        self.outside.next_moment()
        return more

    def _rest(self, deadline_ns: int | None, spinning: bool) -> bool:
        listening = self.listening
        if deadline_ns is None and not listening:
            return False
        delay = None if deadline_ns is None else self.clock.host_delay_s(deadline_ns)
        if spinning and deadline_ns is None:
            delay = SPIN_WAIT_S
        if listening:
            began = time.monotonic_ns()
            with self._at_rest():
                ready = self.console.wait(self._limit(delay))
            if self.clock.paced and (ready or deadline_ns is None):
                self._let_pass(lambda: time.monotonic_ns() - began, deadline_ns)
            heard = ready and self._pump()
            self._follow_clock()
            self._look_at_limit()
            if heard:
                return True
        else:
            self.console.flush()
            if delay and not self.outside.recalling:
                with self._at_rest():
                    self.outside.sleep(self._limit(delay) or 0.0)
            self._follow_clock()
            self._look_at_limit()
        if self.disturbed:
            self.disturbed = False
            return True
        if deadline_ns is not None and not self.expired:
            self.clock.advance_to(deadline_ns)
        return True

    def _let_pass(self, passed_ns: Callable[[], int], deadline_ns: int | None) -> None:
        """So long the machine has waited: its time moves on, not beyond `deadline_ns`."""
        now = self.clock.monotonic_ns() + self.outside.ask("waited", passed_ns, 0)
        self.clock.advance_to(now if deadline_ns is None else min(now, deadline_ns))
