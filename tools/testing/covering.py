"""What the programs of all guests of a test run have run, over all its processes: `--cov FILE`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rvsim.tools.coverage import Coverage
from rvsim.tools.errors import reason

if TYPE_CHECKING:
    from rvsim.tools.testing.guest import Guest

_ACTIVE: list[Coverage] = []
"""The one that notes, if any does."""


def begin() -> None:
    """Note from now on."""
    _ACTIVE[:] = [Coverage()]


def watch(guest: Guest) -> None:
    """Note what a guest runs until it is closed, if anything is noted."""
    if _ACTIVE:
        coverage, machine = _ACTIVE[0], guest.machine
        coverage.attach(machine)
        guest.at_close.append(lambda: coverage.detach(machine))


def noted() -> dict[str, Any]:
    """What was noted since `begin`."""
    return _ACTIVE[0].to_data()


def merge(data: dict[str, Any]) -> None:
    """Take over what another process has noted."""
    if _ACTIVE:
        _ACTIVE[0].merge(Coverage.from_data(data))


def finish(config: pytest.Config) -> None:
    """A worker hands over what it has noted; the first process writes it as lcov."""
    if not _ACTIVE:
        return
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output["rvsim_cov"] = _ACTIVE[0].to_data()
        return
    path = config.invocation_params.dir / str(config.getoption("rvsim_cov"))
    try:
        path.write_text(_ACTIVE[0].to_lcov(), encoding="utf-8", errors="replace")
    except OSError as error:
        raise pytest.UsageError(f"--cov {path}: {reason(error)}") from None


def table() -> str:
    """What ran, by file and function."""
    from rvsim.tools.coverage.summary import summary

    return summary(_ACTIVE[0].report) if _ACTIVE else ""
