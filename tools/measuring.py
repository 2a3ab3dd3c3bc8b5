"""Run commands side by side and take medians: what `rvsim bench` rests on, with no benchmark of its own."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

TIMEOUT_S = 120
_INSIDE = re.compile(rb"^\S+ (\d+)$", re.MULTILINE)


class MeasuringError(Exception):
    """A command that was to be measured failed; the message says which and how."""


@dataclass
class Samples:
    """The runs of one command: wall clock of the whole process, and what the program itself measured, if it did."""

    whole_ns: list[int] = field(default_factory=list)
    inside_ns: list[int] = field(default_factory=list)

    @property
    def whole_s(self) -> float:
        """The median of whole processes, in seconds."""
        return statistics.median(self.whole_ns) / 1e9

    @property
    def inside_s(self) -> float | None:
        """The median of what the program printed, in seconds; None if it prints no time."""
        return statistics.median(self.inside_ns) / 1e9 if self.inside_ns else None


def _environment() -> dict[str, str]:
    """As a person has it: Python keeps its compiled modules, whatever this process was told."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run_once(command: list[str], samples: Samples) -> None:
    """Run `command` to its end and add its times to `samples`. The program prints `NAME NANOSECONDS` on a line.

    Raises:
        MeasuringError: it cannot start, takes longer than TIMEOUT_S, or ends with another status than 0.
    """
    start_ns = time.perf_counter_ns()
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S, check=False, env=_environment()
        )
    except OSError as error:
        raise MeasuringError(f"{command[0]}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise MeasuringError(f"{' '.join(command)}: still running after {TIMEOUT_S} s") from None
    whole_ns = time.perf_counter_ns() - start_ns
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise MeasuringError(f"{' '.join(command)}: status {done.returncode}{': ' if last else ''}{''.join(last)}")
    samples.whole_ns.append(whole_ns)
    samples.inside_ns += [int(number) for number in _INSIDE.findall(done.stdout)[:1]]


def interleaved(commands: dict[str, list[str]], rounds: int) -> dict[str, Samples]:
    """Run each command `rounds` times, taking turns and changing who is first, so that a slow spell hits all alike."""
    samples = {name: Samples() for name in commands}
    names = list(commands)
    for name in names:
        run_once(commands[name], Samples())          # not counted: the first run finds nothing cached
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            run_once(commands[name], samples[name])
    return samples


@dataclass(frozen=True)
class Idle:
    """What a process costs that waits for input: resident and peak KiB, and its share of a processor."""

    resident_kib: int
    peak_kib: int
    cpu_share: float


def measure_idle(command: list[str], settle_s: float = 1.5, watch_s: float = 1.0) -> Idle | None:
    """Start `command`, let it come to wait for its input, and look at it; None where the host has no Linux /proc.

    Raises:
        MeasuringError: it cannot start, or does not wait.
    """
    if not Path("/proc/self/status").exists():
        return None
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        raise MeasuringError(f"{command[0]}: {error.strerror}") from None
    with process:
        try:
            time.sleep(settle_s)
            before_s = _cpu_seconds(process.pid)
            time.sleep(watch_s)
            share = (_cpu_seconds(process.pid) - before_s) / watch_s
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace")
            if process.poll() is not None:
                raise MeasuringError(f"{' '.join(command)}: ended with status {process.returncode}, not idle")
            return Idle(_kib(status, "VmRSS"), _kib(status, "VmHWM"), share)
        finally:
            process.kill()


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process so far. proc_pid_stat(5): utime and stime, in hundredths of a second"""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _kib(status: str, key: str) -> int:
    found = re.search(rf"^{key}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) if found else 0
