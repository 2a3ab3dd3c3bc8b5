"""What a tested machine may use before its test is over: in guest time, ticks, memory, processes. No host time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvsim.tools.quantities import format_size

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine

PAGE_SIZE = 4096
DEFAULT_TIME_NS = 600_000_000_000
DEFAULT_TICKS = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Counted from the start of the case; None: no limit of its own.

    `time_ns`: virtual time, which jumps while the guest sleeps. `ticks`: bytes of instructions that ran.
    `memory_bytes`: of page frames in use, without what can be given back. `processes`: that exist at once.
    """

    time_ns: int = DEFAULT_TIME_NS
    ticks: int = DEFAULT_TICKS
    memory_bytes: int | None = None
    processes: int | None = None


class Meter:
    """Looks at a machine between two turns."""

    def __init__(self, machine: Machine, limits: Limits) -> None:
        self.machine = machine
        self.limits = limits
        self.start_ticks: int = machine.hart.ticks
        self.start_ns = machine.clock.monotonic_ns()
        self.last_tick = self.start_ticks + limits.ticks
        self.last_ns = self.start_ns + limits.time_ns
        self.other = limits.memory_bytes is not None or limits.processes is not None

    @property
    def ticks(self) -> int:
        """So many ticks since the start."""
        return int(self.machine.hart.ticks) - self.start_ticks

    @property
    def time_ns(self) -> int:
        """So much guest time since the start."""
        return self.machine.clock.monotonic_ns() - self.start_ns

    def passed(self) -> str | None:
        """Which limit was passed, as a sentence."""
        machine, limits = self.machine, self.limits
        if machine.hart.ticks > self.last_tick:
            return f"the limit of {limits.ticks:,} ticks was passed: {self.ticks:,} so far"
        if machine.clock.monotonic_ns() > self.last_ns:
            return (f"the limit of {limits.time_ns / 1e9:g} s of guest time was passed: "
                    f"{self.time_ns / 1e9:.6g} s so far")
        return self._other_limit() if self.other else None

    def _other_limit(self) -> str | None:
        machine, limits = self.machine, self.limits
        used = machine.kernel.processes.used
        if limits.processes is not None and used > limits.processes:
            return f"the limit of {limits.processes} processes was passed: {used} at once"
        if limits.memory_bytes is not None and machine.memory.frames.used * PAGE_SIZE > limits.memory_bytes:
            machine.memory.reclaim()
            size = machine.memory.frames.used * PAGE_SIZE
            if size > limits.memory_bytes:
                return (f"the limit of {format_size(limits.memory_bytes)} of memory was passed: "
                        f"{size >> 10} KiB in use")
        return None
