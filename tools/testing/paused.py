"""A machine that stands still between two turns, and runs on until what somebody waits for has come.

There is no host time in it. The machine runs until that has come, the guest waits for input, a limit was passed, or it
ended: moments that lie between two turns of its scheduler and depend on the guest alone.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from rvsim.tools.quantities import parse_duration_ns
from rvsim.tools.testing.limits import Limits, Meter

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.tools.testing.console import TestConsole

MOST_VAIN_WAITS = 1000
"""So often may programs that ask again and again look for input before they count as waiting for it."""


class Reason(Enum):
    """Why a machine stands still."""

    REACHED = "what was waited for has come"
    WAITS = "the guest waits for input"
    LIMIT = "a limit was passed"
    ENDED = "it ended"
    STUCK = "nothing can run any more"


class _Pause(BaseException):
    """Leaves the scheduler's loop between two turns."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason


class PausedMachine:
    """Runs when it is told to.

    Attributes:
        machine: for whoever wants to look closer.
        reason: why it stands still.
        limit: which limit was passed, as a sentence.
    """

    def __init__(self, machine: Machine, console: TestConsole, limits: Limits, name: str) -> None:
        self.machine = machine
        self.console = console
        self.name = name
        self.reason = Reason.REACHED
        self.limit = ""
        self.meter = Meter(machine, limits)
        self._until: Callable[[], bool] = bool
        self._deadline: tuple[int, int] | None = None
        self._closed = False

    def run_until(self, reached: Callable[[], bool]) -> Reason:
        """Run until `reached` says so between two turns, or the machine cannot or may not go on."""
        self._must_live()
        scheduler = self.machine.kernel.scheduler
        self.limit = ""
        self._until = reached
        scheduler.at_rest = self._quick_look()
        try:
            scheduler.run()
        except _Pause as pause:
            self.reason = pause.reason
        else:
            self.reason = Reason.STUCK if self.machine.kernel.exit_status is None else Reason.ENDED
            if reached():
                return Reason.REACHED
        finally:
            scheduler.at_rest = None
            self._deadline = None
        return self.reason

    def _quick_look(self) -> Callable[[], None]:
        """`_at_rest`, but as quick as can be where nothing has happened: some programs take a million turns."""
        console, hart, until, runnable = (
            self.console, self.machine.hart, self._until, self.machine.kernel.scheduler.runnable)
        never = 1 << 63
        deadline = self._deadline or (never, never)
        last_trap = self.meter.last_trap
        last_tick, last_ns = min(self.meter.last_tick, deadline[0]), min(self.meter.last_ns, deadline[1])
        if self.meter.other:
            last_tick = -1
        polled = self._polled

        def look() -> None:
            ticks = hart.ticks
            if not runnable or (polled and console.has_input) or ticks > last_tick or (
                    ticks + hart.time_offset_ns > last_ns) or hart.traps > last_trap or until():
                self._at_rest()

        return look

    @property
    def _polled(self) -> bool:
        """Whether input is taken in between turns, and not by the guest's call alone."""
        world = self.machine.world
        return world.tty is not None or not world.source.waits

    def _at_rest(self) -> None:
        console, machine = self.console, self.machine
        if console.has_input and self._polled:
            machine.world.next_poll_ns = 0      # taken in at the end of the turn, not when the host's clock says so
        if self._until():
            raise _Pause(Reason.REACHED)
        limit = self.meter.passed() or self._past_deadline()
        if limit is not None:
            self.limit = limit
            raise _Pause(Reason.LIMIT)
        scheduler = machine.kernel.scheduler
        if scheduler.runnable or console.has_input or scheduler.timers.next_deadline() is not None:
            return
        if scheduler.spinning and (scheduler.spin_needs_ms or console.vain_waits < MOST_VAIN_WAITS):
            return
        if machine.world.listening:
            raise _Pause(Reason.WAITS)

    def _set_deadline(self, timeout: str | float | None, ticks: int | None) -> None:
        if timeout is None and ticks is None:
            self._deadline = None
            return
        if isinstance(timeout, str):
            timeout = parse_duration_ns(timeout) / 1e9
        never = 1 << 63
        now_ticks, now_ns = self.machine.now()
        self._deadline = (never if ticks is None else now_ticks + ticks,
                          never if timeout is None else now_ns + round(timeout * 1e9))

    def _past_deadline(self) -> str | None:
        if self._deadline is None:
            return None
        ticks, time_ns = self.machine.now()
        if ticks > self._deadline[0] or time_ns > self._deadline[1]:
            return "the time to wait for it is over"
        return None

    @property
    def ended(self) -> bool:
        """Whether the machine is over."""
        return self.machine.kernel.exit_status is not None

    @property
    def status(self) -> int | None:
        """How the first process ended, as `wait` tells it; None while it has not."""
        return self.machine.ending() if self.ended else None

    @property
    def signal(self) -> int:
        """The signal that ended the first process, 0 if none did."""
        return (self.machine.kernel.exit_status or 0) & 0x7F

    def standing(self) -> str:
        """Why the machine stands still, as half a sentence."""
        match self.reason:
            case Reason.WAITS:
                return "the guest waits for input that the test does not give"
            case Reason.LIMIT:
                return self.limit
            case Reason.ENDED:
                return f"the machine ended with status {self.machine.ending()}"
            case Reason.STUCK:
                return "nothing can run any more: every process waits for what can never come"
            case _:
                return "it goes on"

    def traps(self) -> int:
        """So many traps there were."""
        return int(self.machine.hart.traps)

    @property
    def ticks(self) -> int:
        """Bytes of instructions that ran since the guest was started."""
        return self.meter.ticks

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def _must_live(self) -> None:
        if self._closed:
            raise ValueError(f"{self.name} is closed")
