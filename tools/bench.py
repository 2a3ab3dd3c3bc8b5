"""`rvsim bench`: the machine's speed as ratios against `qemu-riscv64`, and the marks they must reach."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import click

from rvsim.tools.errors import CliError
from rvsim.tools.measuring import Idle, MeasuringError, Samples, interleaved, measure_idle

PEERS = ("qemu-riscv64", "qemu-riscv64-static")
PROGRAMS = Path(__file__).resolve().parent.parent / "user_apps" / "bin"
RESIDENT_MARK_MIB = 80


@dataclass(frozen=True)
class Work:
    """One row: a program, how it is judged, and the two marks.

    `inside` compares the time that the program measures itself, `whole` the process from start to exit, both as a
    ratio against the peer; `start` is the whole process in milliseconds, with no peer; `part` is shown and counts in
    the row of all compute programs together.
    """

    name: str
    program: str
    judged: Literal["inside", "whole", "start", "part"]
    first_mark: float
    then_mark: float


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


@dataclass(frozen=True)
class Row:
    """A work, measured."""

    work: Work
    ours: Samples
    peer: Samples | None

    @property
    def whole_ratio(self) -> float | None:
        return None if self.peer is None else self.ours.whole_s / self.peer.whole_s

    @property
    def inside_ratio(self) -> float | None:
        peer_s = None if self.peer is None else self.peer.inside_s
        return self.ours.inside_s / peer_s if self.ours.inside_s is not None and peer_s else None

    @property
    def judged(self) -> float | None:
        """The number that the marks are for; None if there is no peer to compare with."""
        match self.work.judged:
            case "inside":
                return self.inside_ratio
            case "whole":
                return self.whole_ratio
            case "start":
                return self.ours.whole_s * 1000
            case "part":
                return None

    @property
    def held(self) -> bool | None:
        return None if self.judged is None else self.judged <= self.work.first_mark

    def as_json(self) -> dict[str, Any]:
        peer = self.peer
        return {
            "name": self.work.name,
            "program": self.work.program,
            "judged": self.work.judged,
            "value": self.judged,
            "first_mark": self.work.first_mark,
            "then_mark": self.work.then_mark,
            "held": self.held,
            "whole_ratio": self.whole_ratio,
            "inside_ratio": self.inside_ratio,
            "rvsim": {"whole_ns": self.ours.whole_ns, "inside_ns": self.ours.inside_ns},
            "peer": peer and {"whole_ns": peer.whole_ns, "inside_ns": peer.inside_ns},
        }


def rvsim_command() -> list[str]:
    """The words that start this rvsim: the installed command, as a person starts it, else this module's package."""
    script = Path(sys.executable).with_name("rvsim")
    if script.exists():
        return [str(script)]
    return [sys.executable, "-c", "from rvsim.tools.cli import console_script; console_script()"]


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


def milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.1f}"


def ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


HEAD = ("work", "rvsim ms", "qemu ms", "whole", "inside", "mark", "then", "")
RIGHT = range(1, 7)


def table_row(row: Row) -> tuple[str, ...]:
    """The cells of a row; the times are those that are judged."""
    inside = row.work.judged == "inside"
    peer_s = None if row.peer is None else row.peer.inside_s if inside else row.peer.whole_s
    unit = " ms" if row.work.judged == "start" else " x"
    verdict = {True: "held", False: "MISSED", None: "" if row.work.judged == "part" else "no peer"}[row.held]
    return (
        row.work.name,
        milliseconds(row.ours.inside_s if inside else row.ours.whole_s),
        milliseconds(peer_s),
        ratio(row.whole_ratio),
        ratio(row.inside_ratio),
        f"{row.work.first_mark:g}{unit}",
        f"{row.work.then_mark:g}{unit}",
        verdict,
    )


def format_table(rows: list[Row], idle: Idle | None) -> str:
    """The whole report, for a person."""
    cells = [HEAD, *map(table_row, rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = [
        "  ".join(
            cell.rjust(width) if column in RIGHT else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    if idle is not None:
        mib = idle.resident_kib / 1024
        verdict = "held" if mib <= RESIDENT_MARK_MIB else "MISSED"
        lines.append(
            f"idle machine: {mib:.0f} MiB resident, {idle.peak_kib / 1024:.0f} MiB at its peak "
            f"(mark {RESIDENT_MARK_MIB} MiB: {verdict}), {idle.cpu_share:.0%} of a processor"
        )
    return "\n".join(lines)


def own_version() -> str:
    """The installed version; `checkout` where rvsim is only on the path."""
    try:
        return version("rvsim")
    except PackageNotFoundError:
        return "checkout"


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

    With PROGRAMs (bench_sort, hello, ...), only these rows. Status 1 if a first mark is missed.
    """
    unknown = set(names) - {work.program for work in WORKS}
    if unknown:
        known = ", ".join(work.program for work in WORKS)
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
            idle = measure_idle([*rvsim_command(), "run", "initproc"])
    except MeasuringError as error:
        raise CliError(str(error)) from None
    click.echo(format_table(rows, idle))
    if json_file is not None:
        report = {
            "host": describe_host(),
            "peer": peer,
            "rounds": rounds,
            "rows": [row.as_json() for row in rows],
            "idle": idle and vars(idle),
        }
        try:
            json_file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise CliError(f"cannot write {json_file}: {error.strerror}") from None
    missed = any(row.held is False for row in rows)
    return 1 if missed or (idle is not None and idle.resident_kib > RESIDENT_MARK_MIB * 1024) else 0
