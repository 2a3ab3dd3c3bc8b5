"""Writing to files of procfs, the same on the host's kernel and here; and by a shell's `>`."""

from __future__ import annotations

import pytest

from rvsim.tests.guest import cases, host_program, musl_program, passes, passes_on_the_host, run


@pytest.mark.parametrize("case", cases("procfs_writes.c"))
def test_on_the_host(case: str) -> None:
    passes_on_the_host(host_program("procfs_writes.c"), case)


@pytest.mark.parametrize("case", cases("procfs_writes.c"))
def test_in_rvsim(case: str) -> None:
    passes(musl_program("procfs_writes.c"), case)


def test_a_shell_sets_the_host_s_name() -> None:
    script = b"echo lab-7 > /proc/sys/kernel/hostname\ncat /proc/sys/kernel/hostname\nexit\n"
    assert run("sh", stdin=script).output == b"lab-7\n"
