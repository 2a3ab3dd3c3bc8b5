"""The machine's time: virtual, counted in ticks of the hart, or the host's own.

A clock shows two times, both in nanoseconds and both `int`: monotonic, which is 0 at boot, and real time, which counts
from 1970-01-01T00:00:00Z. Real time is always monotonic time plus a base, which moves only when the host's clock is
set; so who knows the base and reads `time` knows both.

The timebase that the SBI timer counts in is 10 MHz: monotonic time in units of 100 ns, as the `timebase-frequency` of
many boards has it. `rdtime` counts in it too, unless the hart is told otherwise (`timebase_ns`).
"""

import time
from typing import Protocol

from rvsim.emu import host

TIMEBASE_HZ = 10_000_000
NS_PER_TIMEBASE_TICK = 1_000_000_000 // TIMEBASE_HZ

VIRTUAL_EPOCH_NS = 1_735_689_600 * 1_000_000_000
"""Real time at boot of a machine in virtual time: 2025-01-01T00:00:00Z, so that runs repeat."""


CLOCK_STEP_NS = 1_000_000
"""By so much must the host's two times have moved apart to count as set anew."""


class TimedHart(Protocol):
    """The hart, as far as a clock needs it: it answers `rdtime` itself, from the same numbers as its clock."""

    host_time: bool
    """Whether `rdtime` counts the host's monotonic clock instead of ticks."""

    time_offset_ns: int
    """What `rdtime` adds to what it counts, modulo 2**64."""

    @property
    def ticks(self) -> int:
        """Bytes of instructions retired since boot."""
        ...

    def time_ns(self) -> int:
        """What `rdtime` counts, with the offset, in nanoseconds."""
        ...


class Clock(Protocol):
    """What the kernel, the SBI and `rdtime` know of time."""

    realtime_base_ns: int
    """Real time when monotonic time was 0."""

    def monotonic_ns(self) -> int:
        """Nanoseconds since boot. Never goes back."""
        ...

    def realtime_ns(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z."""
        ...

    def host_delay_s(self, deadline_ns: int) -> float:
        """How long the host has to wait until an idle machine may show the monotonic time `deadline_ns`."""
        ...

    def advance_to(self, deadline_ns: int) -> None:
        """Let an idle machine reach the monotonic time `deadline_ns`. Nothing happens if that is past."""
        ...

    def follow_host(self) -> bool:
        """Move the base if somebody has set the host's clock; whether it moved."""
        ...


class VirtualClock:
    """Time passes as the hart retires instructions, one tick a nanosecond, and jumps when the machine is idle.

    The same program and input see the same times on every host.
    """

    __slots__ = ("hart", "realtime_base_ns")

    paced = False
    """Whether an idle machine's time passes as the host's, though it is not the host's."""

    def __init__(self, hart: TimedHart, epoch_ns: int = VIRTUAL_EPOCH_NS) -> None:
        self.hart = hart
        self.realtime_base_ns = epoch_ns
        hart.host_time = False

    def monotonic_ns(self) -> int:
        return self.hart.ticks + self.hart.time_offset_ns

    def realtime_ns(self) -> int:
        return self.realtime_base_ns + self.monotonic_ns()

    def host_delay_s(self, deadline_ns: int) -> float:
        return 0.0

    def advance_to(self, deadline_ns: int) -> None:
        self.hart.time_offset_ns += max(0, deadline_ns - self.monotonic_ns())

    def follow_host(self) -> bool:
        """Virtual time follows nothing."""
        return False


class PacedClock(VirtualClock):
    """Virtual time for a person: an idle machine waits on the host as long as its time moves on.

    So a sleep takes its time, and the keys come when they were typed; who notes how long each wait was can have the run
    again. While the hart runs, a tick is a nanosecond, however long that takes on the host.
    """

    __slots__ = ()

    paced = True

    def host_delay_s(self, deadline_ns: int) -> float:
        return max(0, deadline_ns - self.monotonic_ns()) / 1e9


class HostClock:
    """Time passes as on the host; monotonic time is 0 when the clock is made.

    Differs: CPU time is counted in instructions, a nanosecond each, with `--clock host` too: a program that computes at
        more than 10^9 instructions a second shows more CPU time than time has passed, and `top` more than 100 %.
    """

    __slots__ = ("hart", "realtime_base_ns")

    paced = False

    def __init__(self, hart: TimedHart) -> None:
        self.hart = hart
        hart.host_time = True
        hart.time_offset_ns = 0
        hart.time_offset_ns = -hart.time_ns() & (1 << 64) - 1
        self.realtime_base_ns = self._measure_base()[0]

    def monotonic_ns(self) -> int:
        return self.hart.time_ns()

    def realtime_ns(self) -> int:
        return self.realtime_base_ns + self.hart.time_ns()

    def host_delay_s(self, deadline_ns: int) -> float:
        return max(0, deadline_ns - self.monotonic_ns()) / 1e9

    def advance_to(self, deadline_ns: int) -> None:
        """Sleep until then: the host's time cannot jump."""
        while (delay_s := self.host_delay_s(deadline_ns)) > 0:
            host.sleep(delay_s)

    def _measure_base(self) -> tuple[int, int]:
        """The base as the host's clocks have it now, and by how much that may be wrong."""
        before = self.hart.time_ns()
        real = time.time_ns()
        after = self.hart.time_ns()
        return real - (before + after) // 2, after - before

    def follow_host(self) -> bool:
        """The host's clock was set, or it slept: its two times moved apart, by more than reading them can explain."""
        base, doubt = self._measure_base()
        if abs(base - self.realtime_base_ns) < CLOCK_STEP_NS + doubt:
            return False
        self.realtime_base_ns = base
        return True


def timebase_ticks(clock: Clock) -> int:
    """What `rdtime` reads: monotonic time in units of 100 ns."""
    return clock.monotonic_ns() // NS_PER_TIMEBASE_TICK
