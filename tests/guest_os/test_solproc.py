"""The Solaris-style procfs, used by guest programs as a debugger would. Expected values: illumos, man 5 proc."""

from __future__ import annotations

import pytest

from rvsim.tests.guest import cases, musl_program, passes

PROGRAMS = ("solproc_control.c", "solproc_lwps.c", "solproc_messages.c", "solproc_steps.c",
            "solproc_tree.c", "solproc_watch.c")


@pytest.mark.parametrize(("program", "case"), [(program, case) for program in PROGRAMS for case in cases(program)])
def test_as_a_debugger(program: str, case: str) -> None:
    passes(musl_program(program), case)
