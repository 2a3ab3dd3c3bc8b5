"""Process life and threads in the ABI `linux`: each case on this host's Linux, and in rvsim with musl and glibc."""

from __future__ import annotations

import sys

import pytest

from rvsim.tests.guest import GLIBC_CC, cases, glibc_program, host_program, musl_program, passes, passes_on_the_host

PROGRAMS = ("linux_life.c", "linux_threads.c", "linux_locks.c", "linux_semaphores.c", "linux_cancel.c")
NAMES = [(program, case) for program in PROGRAMS for case in cases(program)
         if not case.startswith("helper")]


@pytest.mark.skipif(sys.platform != "linux", reason="the host is no Linux")
@pytest.mark.parametrize(("program", "case"), NAMES)
def test_on_linux(program: str, case: str) -> None:
    passes_on_the_host(host_program(program), case)


@pytest.mark.parametrize(("program", "case"), NAMES)
def test_with_musl(program: str, case: str) -> None:
    passes(musl_program(program), case)


@pytest.mark.skipif(GLIBC_CC is None, reason="no riscv64-linux-gnu-gcc")
@pytest.mark.parametrize(("program", "case"), NAMES)
def test_with_glibc(program: str, case: str) -> None:
    passes(glibc_program(program), case)
