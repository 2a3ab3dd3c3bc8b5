"""What `rvsim test` says where pytest would speak of itself: of a wrong option, and where there are no tests."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any

import pytest

from rvsim.tools.errors import CliError

WRONG_OPTION = 4
NO_TESTS = "there are no tests here: they are in files NAME.rvtest.toml and test_NAME.py; docs/testing.md has a first"


class Usage:
    """The plugin, for runs by `rvsim test` alone."""

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_parse(self) -> Generator[None, pytest.Config | None, pytest.Config | None]:
        """Raises CliError: an option is wrong."""
        try:
            return (yield)
        except pytest.UsageError as error:
            raise CliError(in_a_line(str(error)), WRONG_OPTION) from None

    def pytest_terminal_summary(self, terminalreporter: Any, exitstatus: int) -> None:
        """Help whoever has no tests yet, or has named them in another way."""
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and not terminalreporter.stats.get("deselected"):
            terminalreporter.write_line(f"rvsim: {NO_TESTS}")


def in_a_line(said: str) -> str:
    """What pytest says of a wrong option, without its own usage, and with options as `rvsim test` calls them."""
    _, found, wrong = said.partition(": error: ")
    line = wrong.split("\n")[0] if found else " ".join(said.split()).rstrip(".")
    return re.sub(r"^argument (\S+):", r"\1:", line).replace("--rvsim-", "--") + "; see `rvsim test --help`"
