"""The Solaris-style procfs, used by a guest program as a debugger would. Expected values: illumos, man 5 proc."""

from __future__ import annotations

import pytest

from rvsim.tests.guest import cases, musl_program, passes


@pytest.mark.parametrize("case", cases("solproc_control.c"))
def test_control(case: str) -> None:
    passes(musl_program("solproc_control.c"), case)
