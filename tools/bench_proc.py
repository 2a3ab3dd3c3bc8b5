"""The rows of `rvsim bench` about procfs, beside the host's own Linux for scale: the same programs, compiled for it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from rvsim.tools.bench_report import Row, Work
from rvsim.tools.guest_build import USER_APPS, BuildError, compile_host
from rvsim.tools.measuring import interleaved

SOURCES = USER_APPS / "src" / "bench"
MEMORY = "1G"
PROCESSES = 6000


@dataclass(frozen=True)
class ProcWork(Work):
    """A row whose program gets `words`; a reading of the directory gets how many processes sleep meanwhile."""

    words: tuple[str, ...] = ()


WORKS = (
    ProcWork("/proc/self/stat: open+read+close x 20000", "bench_procstat", "scale", 0, 0),
    *(ProcWork(f"readdir of /proc, {count} processes", f"procdir-{count}", "scale", 0, 0, (str(count),))
      for count in (10, 100, 1000, 5000)),
    ProcWork("ps -e, 5000 processes", "bench_ps", "scale", 0, 0, ("5000",)),
)


def rows(rvsim: Sequence[str], programs: Path, rounds: int, names: Sequence[str]) -> list[Row]:
    """Measure the rows called `names` (none: all), and the same on the host where it has a C compiler and a /proc.

    Raises:
        MeasuringError: a command fails.
    """
    measured = []
    with tempfile.TemporaryDirectory(prefix="rvsim-bench-") as folder:
        for work in WORKS:
            if names and work.program not in names:
                continue
            click.echo(f"rvsim: measuring {work.name}", err=True)
            program = work.program if work.program.startswith("bench_") else "bench_procdir"
            limits = ("--memory", MEMORY, "--processes", str(PROCESSES))
            commands = {"rvsim": [*rvsim, "run", "--clock", "host", *limits, str(programs / program), *work.words]}
            native = _compiled(program, Path(folder))
            if native is not None:
                commands["native"] = [str(native), *work.words]
            samples = interleaved(commands, rounds)
            measured.append(Row(work, samples["rvsim"], None, samples.get("native")))
    return measured


def _compiled(program: str, folder: Path) -> Path | None:
    """The program for this host; None where it cannot be made or there is no /proc."""
    source, out = SOURCES / f"{program}.c", folder / program
    if not source.exists() or not Path("/proc/self/stat").exists():
        return None
    try:
        return out if out.exists() else compile_host(source, out)
    except BuildError:
        return None
