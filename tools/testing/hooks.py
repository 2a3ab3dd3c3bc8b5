"""What a conftest.py may have to be asked by the plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from rvsim.tools.testing.guest import Guest


def pytest_rvsim_close(item: pytest.Item, guest: Guest) -> None:
    """A test is over and has passed so far; `guest` will be closed next. What is raised here is the test's failure."""
