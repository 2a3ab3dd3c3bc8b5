"""The rows of `rvsim bench` about tests: what it takes to begin a case, and what many small cases take.

The hundred programs are cases of one file on our side, and on the other side as many processes of the peer: both check
that each prints what it should and exits with 0.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from rvsim.tools.bench_report import Row, Work
from rvsim.tools.measuring import MeasuringError, Samples, run_once

PROGRAM = "hello"
SAYS = b"Hello"
START = Work("test: start of a case", "test-start", "start", 20, 10)
THOUSAND = Work("test: 1,000 cases on 2 cores", "test-1000", "start", 30_000, 15_000)
HUNDRED = Work("test: 100 programs", "test-100", "whole", 10, 5)
WORKS = (START, THOUSAND, HUNDRED)
WORKERS = 2


def test_file(cases: int) -> str:
    """A file with so many cases."""
    return "\n".join(f'[[case]]\nname = "case {number}"\nargv = "{PROGRAM}"\n'
                     f'expect.output.contains = "{SAYS.decode()}"\n' for number in range(cases))


def start_times(rounds: int) -> Samples:
    """From the snapshot to a machine whose first process is ready, in the memory of the case before."""
    from rvsim.tools.testing.image import IMAGES, ImageSpec, Start

    booted = IMAGES.booted(ImageSpec(), terminal=False)
    taken = []
    for _ in range(max(rounds, 5) * 4):
        start_ns = time.perf_counter_ns()
        guest = booted.start(Start((PROGRAM,), stdin=b"", terminal=False))
        taken.append(time.perf_counter_ns() - start_ns)
        guest.wait()
        guest.close()
    return Samples(taken)


def suite_times(rvsim: Sequence[str], cases: int, workers: int, rounds: int) -> Samples:
    """`rvsim test` from start to exit. Raises MeasuringError."""
    samples = Samples()
    with tempfile.TemporaryDirectory(prefix="rvsim-bench-") as folder:
        file = Path(folder) / "bench.rvtest.toml"
        file.write_text(test_file(cases), encoding="utf-8")
        spread = ["-n", str(workers)] if workers > 1 else []
        for _ in range(rounds):
            run_once([*rvsim, "test", str(file), "-q", "-p", "no:cacheprovider", *spread], samples)
    return samples


def peer_times(peer: str, program: Path, cases: int, rounds: int) -> Samples:
    """Each program in a process of the peer, one after another. Raises MeasuringError."""
    samples = Samples()
    for _ in range(rounds):
        start_ns = time.perf_counter_ns()
        for _ in range(cases):
            done = subprocess.run([peer, str(program)], stdin=subprocess.DEVNULL, capture_output=True, check=False)
            if done.returncode or SAYS not in done.stdout:
                raise MeasuringError(f"{peer} {program}: status {done.returncode}")
        samples.whole_ns.append(time.perf_counter_ns() - start_ns)
    return samples


def rows(rvsim: Sequence[str], programs: Path, peer: str | None, rounds: int, names: Sequence[str]) -> list[Row]:
    """Measure the rows called `names` (none: all). Raises MeasuringError."""
    measured = []
    wanted = [work for work in WORKS if not names or work.program in names]
    for work in wanted:
        click.echo(f"rvsim: measuring {work.name}", err=True)
        if work is START:
            measured.append(Row(work, start_times(rounds), None))
        elif work is THOUSAND:
            measured.append(Row(work, suite_times(rvsim, 1000, WORKERS, min(rounds, 2)), None))
        else:
            few = min(rounds, 3)
            theirs = peer_times(peer, programs / PROGRAM, 100, few) if peer is not None else None
            measured.append(Row(work, suite_times(rvsim, 100, 1, few), theirs))
    return measured
