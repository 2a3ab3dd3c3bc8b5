"""After each test that runs to its end here, the machine has everything back that it gave away."""

from __future__ import annotations

import pytest

from rvsim.tests.guest import nothing_left
from rvsim.tools.testing.guest import Guest


@pytest.hookimpl(optionalhook=True)
def pytest_rvsim_close(guest: Guest) -> None:
    guest.machine.close()
    nothing_left(guest.machine)
