"""Each system call has a program of its own, `tests/guests/calls/NAME.c`: the host's kernel and rvsim must pass it.

What a program expects is thereby what Linux does. A case that the host's kernel cannot be asked (another architecture,
a privilege that a test may not have) stands under `#ifdef __riscv` and names its source.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from rvsim.guest_os.boot import Share
from rvsim.guest_os.syscalls.file_rows import FILE_ROWS
from rvsim.tests.guest import GUESTS, TIMEOUT_S, host_program, musl_program, run

CALLS = sorted(path.stem for path in (GUESTS / "calls").glob("*.c"))
ON_FILES = sorted({row.name for row in FILE_ROWS.values()} & set(CALLS))
NOT_ON_THE_HOSTS_FILES = {"mknodat": ["devices"]}
"""The cases of what a directory of the host does not let a guest do: EPERM there."""


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


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser's guest may give the host's files away")
@pytest.mark.parametrize("call", ON_FILES)
def test_in_a_directory_of_the_host(call: str, tmp_path: Path) -> None:
    """What a program leaves here, and how it is told of errors, is the same on another file system."""
    share = Share(os.fsencode(tmp_path), b"/share")
    result = run(musl_program("in_folder.c"), "/share", "/bin/call", shares=(share,),
                 files={b"/bin/call": musl_program(f"calls/{call}.c").read_bytes()})
    failed = re.findall(r"^(\w+): status", result.output.decode(errors="replace"), re.MULTILINE)
    assert failed == NOT_ON_THE_HOSTS_FILES.get(call, []), result.output.decode(errors="replace")
    assert failed or result.output == b"passed\n"
