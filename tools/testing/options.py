"""The plugin's options: how they are called, and what they say."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from rvsim.tools.testing.runner import Options

Moved = tuple[tuple[str, str], ...]


class Results(NamedTuple):
    """Where failed runs are kept. On a worker, for another host: `shown` is where they will be, and `moved` what of the
    files here is elsewhere there, as pairs of a path here and one there."""

    folder: Path
    shown: Path
    moved: Moved = ()


RESULTS = "rvsim-results"
"""Where failed runs are kept, below pytest's root directory."""
ELSEWHERE = pytest.StashKey[Results]()


def add_options(parser: pytest.Parser) -> None:
    """Every option begins with --rvsim-, so that it is in nobody's way; `rvsim test` has them without."""
    group = parser.getgroup("rvsim", "RISC-V guests (rvsim)")
    group.addoption("--rvsim-update", action="store_true", default=False,
                    help="write golden files instead of comparing them")
    group.addoption("--rvsim-tag", action="append", default=[], metavar="TAG",
                    help="run only cases with this tag; may be given again")
    group.addoption("--rvsim-results", default=RESULTS, metavar="DIR",
                    help=f"where failed runs are kept, to be had again in the stepper [default: {RESULTS}]")
    group.addoption("--rvsim-chaos", type=_seed, default=None, metavar="SEED",
                    help="draw faults and schedules for every case from this seed")
    group.addoption("--rvsim-cov", default=None, metavar="FILE",
                    help="write which lines of the guest's programs ran to FILE, as lcov")
    group.addoption("--rvsim-dist", default=None, metavar="dask=ADDRESS",
                    help="run the cases on the workers of a Dask cluster, whose scheduler has this address")
    group.addoption("--rvsim-dist-files", action="append", default=[], metavar="PATTERN",
                    help="send these files of the root directory to the workers too; may be given again")
    group.addoption("--rvsim-grade", default=None, metavar="FILE",
                    help="write the points of each test, earned and possible, to FILE (….json), and show them")


def _seed(word: str) -> int:
    """A seed of chaos. Raises ArgumentTypeError."""
    if re.fullmatch(r"[0-9]{1,18}", word, re.ASCII) is None:
        raise ArgumentTypeError(f"{word!r} is no seed: a whole number from 0; for many, give the cases a matrix, as "
                                "docs/faults.md has it")
    return int(word)


def run_options(config: pytest.Config) -> Options:
    """What the command line says about running cases."""
    from rvsim.tools.testing.runner import Options

    return Options(update=bool(config.getoption("rvsim_update")), chaos=config.getoption("rvsim_chaos"))


def results_folder(config: pytest.Config) -> Results:
    """Where failed runs are kept. A relative path is one from the root directory."""
    if ELSEWHERE in config.stash:
        return config.stash[ELSEWHERE]
    folder = config.rootpath / str(config.getoption("rvsim_results"))
    with suppress(ValueError):
        folder = folder.relative_to(Path.cwd())
    return Results(folder, folder)
