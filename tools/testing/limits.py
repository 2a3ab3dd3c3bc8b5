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
DEFAULT_TRAPS = 10_000_000
TICKS_FOR_A_TRAP = 1000
"""More ticks allow more traps: one for so many."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Counted from the start of the case; None: no limit of its own.

    `time_ns`: virtual time, which jumps while the guest sleeps. `ticks`: bytes of instructions that ran. `traps`:
    system calls and the like, each of which costs the host as much as thousands of ticks; None: as many as `ticks`
    suggests. `memory_bytes`: of page frames in use, without what can be given back. `processes`: that exist at once.
    """

    time_ns: int = DEFAULT_TIME_NS
    ticks: int = DEFAULT_TICKS
    memory_bytes: int | None = None
    processes: int | None = None
    traps: int | None = None

    @property
    def most_traps(self) -> int:
        """So many traps may be taken."""
        return self.traps if self.traps is not None else max(DEFAULT_TRAPS, self.ticks // TICKS_FOR_A_TRAP)


class Meter:
    """Looks at a machine between two turns."""

    def __init__(self, machine: Machine, limits: Limits) -> None:
        self.machine = machine
        self.limits = limits
        self.count_from(machine.hart.ticks, machine.clock.monotonic_ns(), machine.hart.traps)
        self.other = limits.memory_bytes is not None or limits.processes is not None

    def count_from(self, ticks: int, time_ns: int, traps: int) -> None:
        """The limits are counted from this moment of the machine's."""
        self.start_ticks, self.start_ns, self.start_traps = ticks, time_ns, traps
        self.last_tick = ticks + self.limits.ticks
        self.last_ns = time_ns + self.limits.time_ns
        self.last_trap = traps + self.limits.most_traps

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
        if machine.hart.traps > self.last_trap:
            return (f"the limit of {limits.most_traps:,} traps was passed: "
                    f"{machine.hart.traps - self.start_traps:,} so far")
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
