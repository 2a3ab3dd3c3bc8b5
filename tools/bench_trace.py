"""The rows of `rvsim bench` about what writes a run down: with `--trace`, `--record` or `--cov`, beside the same run
without."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from rvsim.tools.bench_report import BARE_MARK, Row, Work
from rvsim.tools.measuring import interleaved


@dataclass(frozen=True)
class TraceWork(Work):
    """A row that runs `guest` with `into` and a file, and with `options`; without both it runs on the same `clock`.

    `times`: so many runs instead of one, where they are too short for a median of few.
    """

    guest: str = ""
    options: tuple[str, ...] = ()
    into: str = "--trace"
    clock: str = "host"
    times: int = 1


WORKS = (
    TraceWork(f"--trace: getppid x 10^6{BARE_MARK}", "trace-getppid", "inside", 2, 1.5, "bench_getppid"),
    TraceWork(f"--trace: fork + exit + wait x 1000{BARE_MARK}", "trace-forkwait", "whole", 2, 1.5, "bench_forkwait"),
    TraceWork(f"--trace: first touch of a page x 20000{BARE_MARK}", "trace-touch", "inside", 2, 1.5, "bench_touch"),
    TraceWork(f"--trace: calls, compute{BARE_MARK}", "trace-calls", "whole", 2, 1.1, "bench_calls"),
    TraceWork(f"--trace-stacks 100000: calls{BARE_MARK}", "trace-stacks", "whole", 4, 2, "bench_calls",
              ("--trace-stacks", "100000")),
    TraceWork(f"--record: fork + exit + wait x 1000{BARE_MARK}", "record-forkwait", "whole", 1.3, 1.1, "bench_forkwait",
              into="--record", clock="virtual"),
    TraceWork(f"--record: calls, compute{BARE_MARK}", "record-calls", "whole", 1.2, 1.05, "bench_calls",
              into="--record", clock="virtual"),
    TraceWork(f"--cov: sieve{BARE_MARK}", "cov-sieve", "inside", 1.3, 1.05, "bench_sieve", into="--cov"),
    TraceWork(f"--cov: fork + exec x 200{BARE_MARK}", "cov-forkexec", "inside", 1.3, 1.1, "bench_forkexec",
              into="--cov", times=3),
)


def rows(rvsim: Sequence[str], programs: Path, rounds: int, names: Sequence[str]) -> list[Row]:
    """Measure the rows called `names` (none: all).

    Raises:
        MeasuringError: a command fails.
    """
    measured = []
    with tempfile.TemporaryDirectory(prefix="rvsim-bench-") as folder:
        for work in WORKS:
            if names and work.program not in names:
                continue
            click.echo(f"rvsim: measuring {work.name.removesuffix(BARE_MARK)}", err=True)
            run, program = [*rvsim, "run", "--clock", work.clock], str(programs / work.guest)
            samples = interleaved({
                "traced": [*run, work.into, str(Path(folder) / "file"), *work.options, program],
                "bare": [*run, program],
            }, rounds * work.times)
            measured.append(Row(work, samples["traced"], samples["bare"]))
    return measured
