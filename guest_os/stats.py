"""What a run did, in numbers: `--stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.syscall_names import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rvsim.guest_os.task.kernel import Kernel


class Stats:
    """Counts of one machine since boot; `str` gives a line each."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    def call_counts(self) -> Iterator[tuple[str, int, int]]:
        """Of each system call that was made: its ABI, its number, and how often."""
        for abi, table in self.kernel.call_tables().items():
            for number, count in table.counts().items():
                yield abi, number, count

    def calls(self) -> dict[str, int]:
        """System calls by `abi:number`, most frequent first, then by number."""
        counts = {f"{abi}:{number}": count for abi, number, count in self.call_counts()}
        return dict(sorted(counts.items(), key=lambda item: -item[1]))

    def _named(self, call: str) -> str:
        """` (brk)` for `linux:214`: the handler's name."""
        abi, _, number = call.rpartition(":")
        entry = self.kernel.abis[abi].calls.get(int(number))
        if entry is None:
            return ""
        handler = getattr(entry[0], "__wrapped__", entry[0])        # before it may stand a plan of faults
        return f" ({handler.__qualname__.removeprefix('call_').partition('_')[2]})"

    def facts(self) -> dict[str, int]:
        """The counts by name."""
        kernel = self.kernel
        hart, counters = kernel.hart, kernel.counters
        return {
            "ticks": hart.ticks, "guest time (ns)": kernel.clock.monotonic_ns(), "traps": hart.traps,
            "system calls": sum(self.calls().values()) + sum(counters.unknown_calls.values()),
            "page faults": counters.faults + hart.zero_fills, "forks": counters.forks, "execs": counters.exec,
            "signals": counters.signals, "address space switches": hart.switches,
            "frames in use": kernel.memory.frames.used, "killed for memory": counters.killed_for_memory,
        }

    def __str__(self) -> str:
        lines = [f"{name:>24}: {value:,}" for name, value in self.facts().items()]
        for name, count in list(self.calls().items())[:12]:
            lines.append(f"{'call ' + name:>24}: {count:,}{self._named(name)}")
        for number, count in sorted(self.kernel.counters.unknown_calls.items()):
            name = f" ({NAMES[number]})" if number in NAMES else ""
            lines.append(f"{f'unknown call {number}':>24}: {count:,}{name}")
        return "\n".join(lines)
