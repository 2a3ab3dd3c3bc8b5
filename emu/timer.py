"""The supervisor's timer: raises its interrupt when time reaches the armed deadline. SBI, "Timer Extension"."""

from collections.abc import Callable

from rvsim.emu.clock import NS_PER_TIMEBASE_TICK, Clock

NEVER_NS = 1 << 63
"""Deadlines from here on (292 years) never come; guests disarm the timer with 2**64 - 1."""


class SupervisorTimer:
    """One comparator against a clock. `set_pending` sets or clears the hart's mip.STIP."""

    def __init__(self, clock: Clock, set_pending: Callable[[bool], None]) -> None:
        self.clock = clock
        self._set_pending = set_pending
        self.deadline_ns: int | None = None
        """When the interrupt will be raised; None: not armed, or raised already."""

    def arm(self, timebase: int) -> None:
        """Take back the pending interrupt; raise it when `rdtime` reads `timebase`, at once if that is past."""
        deadline_ns = timebase * NS_PER_TIMEBASE_TICK
        self.deadline_ns = deadline_ns if deadline_ns < NEVER_NS else None
        self._set_pending(False)
        self.poll()

    def poll(self) -> None:
        """Raise the interrupt if its time has come."""
        if self.deadline_ns is not None and self.clock.monotonic_ns() >= self.deadline_ns:
            self.deadline_ns = None
            self._set_pending(True)
