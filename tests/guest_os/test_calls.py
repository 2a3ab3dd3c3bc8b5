"""Each system call has a program of its own, `tests/guests/calls/NAME.c`: the host's kernel and rvsim must pass it.

What a program expects is thereby what Linux does. A case that the host's kernel cannot be asked (another architecture,
a privilege that a test may not have) stands under `#ifdef __riscv` and names its source.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rvsim.tests.guest import GUESTS, TIMEOUT_S, host_program, musl_program, run

CALLS = sorted(path.stem for path in (GUESTS / "calls").glob("*.c"))


@pytest.mark.parametrize("call", CALLS)
def test_on_the_host(call: str, tmp_path: Path) -> None:
    program = host_program(f"calls/{call}.c")
    done = subprocess.run([program], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=TIMEOUT_S,
                          stdin=subprocess.DEVNULL)
    assert (done.stdout, done.returncode) == ("passed\n", 0)


@pytest.mark.parametrize("call", CALLS)
def test_in_rvsim(call: str) -> None:
    result = run(musl_program(f"calls/{call}.c"))
    assert (result.output.decode(errors="replace"), result.status) == ("passed\n", 0)
