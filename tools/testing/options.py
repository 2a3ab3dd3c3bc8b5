"""The plugin's options: how they are called, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rvsim.tools.testing.runner import Options

RESULTS = "rvsim-results"
"""Where failed runs are kept, below pytest's root directory."""


def add_options(parser: pytest.Parser) -> None:
    """Every option begins with --rvsim-, so that it is in nobody's way; `rvsim test` has them without."""
    group = parser.getgroup("rvsim", "RISC-V guests (rvsim)")
    group.addoption("--rvsim-update", action="store_true", default=False,
                    help="write golden files instead of comparing them")
    group.addoption("--rvsim-tag", action="append", default=[], metavar="TAG",
                    help="run only cases with this tag; may be given again")
    group.addoption("--rvsim-results", default=RESULTS, metavar="DIR",
                    help=f"where failed runs are kept, to be had again in the stepper [default: {RESULTS}]")
    group.addoption("--rvsim-chaos", type=int, default=None, metavar="SEED",
                    help="draw faults and schedules for every case from this seed")
    group.addoption("--rvsim-cov", default=None, metavar="FILE",
                    help="write which lines of the guest's programs ran to FILE, as lcov")


def run_options(config: pytest.Config) -> Options:
    """What the command line says about running cases."""
    from rvsim.tools.testing.runner import Options

    return Options(update=bool(config.getoption("rvsim_update")), chaos=config.getoption("rvsim_chaos"))


def results_folder(config: pytest.Config) -> Path:
    """Where failed runs are kept. A relative path is one from the root directory."""
    folder = config.rootpath / str(config.getoption("rvsim_results"))
    try:
        return folder.relative_to(Path.cwd())
    except ValueError:
        return folder
