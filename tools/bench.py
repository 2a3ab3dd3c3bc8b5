"""`rvsim bench`: the machine's speed as ratios against `qemu-riscv64`, and the marks they must reach."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from rvsim.tools import bench_debian, bench_image, bench_proc, bench_snapshot, bench_test, bench_trace
from rvsim.tools.bench_report import RESIDENT_MARK_MIB, Row, Work, format_table
from rvsim.tools.errors import CliError
from rvsim.tools.measuring import MeasuringError, Samples, interleaved, measure_idle
from rvsim.tools.version import own_version

PEERS = ("qemu-riscv64", "qemu-riscv64-static")
PROGRAMS = Path(__file__).resolve().parent.parent / "user_apps" / "bin"


WORKS = (
    Work("getppid x 10^6", "bench_getppid", "inside", 2.5, 1),
    Work("  sort", "bench_sort", "part", 2.2, 1),
    Work("  hash", "bench_hash", "part", 2.2, 1),
    Work("  sieve", "bench_sieve", "part", 2.2, 1),
    Work("  matrix", "bench_matrix", "part", 2.2, 1),
    Work("  calls", "bench_calls", "part", 2.2, 1),
    Work("fork + exit + wait x 1000", "bench_forkwait", "whole", 0.7, 0.3),
    Work("fork + exec + wait x 200", "bench_forkexec", "whole", 0.7, 0.3),
    Work("first touch of a page x 20000", "bench_touch", "inside", 2, 1),
    Work("hello, start to exit", "hello", "start", 200, 100),
)

COMPUTE = Work("compute, the five together", "compute", "whole", 2.2, 1)


def rvsim_command() -> list[str]:
    """The words that start this rvsim: the installed command, as a person starts it, else this module's package."""
    script = Path(sys.executable).with_name("rvsim")
    if script.exists():
        return [str(script)]
    return [sys.executable, "-c", "from rvsim.tools.entry import console_script; console_script()"]


def find_peer() -> str | None:
    """The path of a qemu in user mode, if there is one."""
    return next(filter(None, map(shutil.which, PEERS)), None)


def measure(work: Work, peer: str | None, rounds: int) -> Row:
    """Measure one row. The guest's clock is the host's, so that what a program measures is real time.

    Raises:
        MeasuringError: a command fails.
    """
    program = str(PROGRAMS / work.program)
    commands = {"rvsim": [*rvsim_command(), "run", "--clock", "host", program]}
    if peer is not None:
        # Without binfmt, a program under qemu can start another only by naming qemu: bench_forkexec takes the words.
        words = [peer, str(PROGRAMS / "true")] if work.program == "bench_forkexec" else []
        commands["peer"] = [peer, program, *words]
    samples = interleaved(commands, rounds)
    return Row(work, samples["rvsim"], samples.get("peer"))


def together(rows: list[Row]) -> Row:
    """The parts as one work: run by run, the sum of their times."""

    def total(samples: list[Samples]) -> Samples:
        return Samples([sum(run) for run in zip(*(one.whole_ns for one in samples), strict=True)],
                       [sum(run) for run in zip(*(one.inside_ns for one in samples), strict=True)])

    peers = [row.peer for row in rows if row.peer is not None]
    return Row(COMPUTE, total([row.ours for row in rows]), total(peers) if len(peers) == len(rows) else None)


def describe_host() -> dict[str, Any]:
    return {
        "machine": platform.machine(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "unicorn": version("unicorn"),
        "rvsim": own_version(),
    }


@click.command()
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write every sample and ratio to FILE.")
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, metavar="N",
              help="How often each side runs; the medians count.")
@click.argument("names", nargs=-1, metavar="[PROGRAM]...")
def bench(json_file: Path | None, rounds: int, names: tuple[str, ...]) -> int:
    """Measure rvsim against qemu-riscv64.

    With PROGRAMs (bench_sort, hello, tar, ...), only these rows. Status 1 if a first mark is missed.
    """
    known_names = [work.program for work in (*WORKS, *bench_proc.WORKS, *bench_trace.WORKS, *bench_debian.WORKS)]
    known_names += [*bench_snapshot.NAMES, *(work.program for work in (*bench_test.WORKS, *bench_image.WORKS))]
    unknown = set(names) - set(known_names)
    if unknown:
        known = ", ".join(known_names)
        raise CliError(f"no benchmark is called {min(unknown)}; there are {known}")
    if not (PROGRAMS / "hello").exists():
        raise CliError("the guest programs are not built; run `make apps`")
    peer = find_peer()
    if peer is None:
        click.echo(f"rvsim: no {PEERS[0]} on the PATH (Debian: qemu-user-static): no ratios", err=True)
    rows = []
    idle = None
    try:
        for work in WORKS:
            if not names or work.program in names:
                click.echo(f"rvsim: measuring {work.name}", err=True)
                rows.append(measure(work, peer, rounds))
        parts = [row for row in rows if row.work.judged == "part"]
        if not names:
            rows.insert(rows.index(parts[-1]) + 1, together(parts))
        rows += bench_proc.rows(rvsim_command(), PROGRAMS, rounds, names)
        rows += bench_trace.rows(rvsim_command(), PROGRAMS, rounds, names)
        rows += bench_debian.rows(rvsim_command(), peer, rounds, names)
        rows += bench_snapshot.rows(rounds, names)
        rows += bench_test.rows(rvsim_command(), PROGRAMS, peer, rounds, names)
        rows += bench_image.rows(rvsim_command(), rounds, names)
        if not names:
            idle = measure_idle([*rvsim_command(), "run", "initproc"])
    except MeasuringError as error:
        raise CliError(str(error)) from None
    click.echo(format_table(rows, idle))
    debugging: list[Any] = []
    if not names:
        from rvsim.tools import bench_step

        debugging = bench_step.rows(rounds)
        click.echo(bench_step.format_rows(debugging))
    if json_file is not None:
        report = {
            "host": describe_host(),
            "peer": peer,
            "rounds": rounds,
            "rows": [row.as_json() for row in rows],
            "idle": idle and vars(idle),
            "debugging": [row._asdict() for row in debugging],
        }
        try:
            json_file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise CliError(f"cannot write {json_file}: {error.strerror}") from None
    missed = any(row.held is False for row in rows) or not all(one.held for one in debugging)
    return 1 if missed or (idle is not None and idle.resident_kib > RESIDENT_MARK_MIB * 1024) else 0
