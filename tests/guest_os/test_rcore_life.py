"""Process life, threads and signals in the ABI `rcore`: the cases of two guest programs."""

from __future__ import annotations

import pytest

from rvsim.tests.guest import cases, rcore_program, run

NAMES = [(program, case) for program in ("rcore_life.c", "rcore_threads.c") for case in cases(program)
         if not case.startswith("helper")]


@pytest.mark.parametrize(("program", "case"), NAMES)
def test_case(program: str, case: str) -> None:
    path = rcore_program(program)
    files = {b"/self": path.read_bytes()}
    result = run(path, case, files=files)
    assert (result.output.decode(errors="replace"), result.status) == ("passed\n", 0)
