"""A machine whose standard streams are pipes: their names in /proc and /dev, on this host's Linux and in rvsim."""

from __future__ import annotations

import subprocess

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.emu.host import FdKind
from rvsim.tests.guest import cases, host_program, musl_program, run

EXPECTED = {"output_opened_again": (b"one two passed\n", b"e\n"), "input_opened_again": (b"passed\n", b"")}
INPUT = b"one\ntwo\nthree\n"


@pytest.mark.parametrize("case", cases("linux_streams.c"))
def test_on_linux(case: str) -> None:
    program = host_program("linux_streams.c")
    with subprocess.Popen([program, case], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as it:
        assert it.communicate(INPUT, timeout=60) == EXPECTED[case]


@pytest.mark.parametrize("case", cases("linux_streams.c"))
def test_in_rvsim(case: str) -> None:
    result = run(musl_program("linux_streams.c"), case, stdin=INPUT)
    assert (result.output, result.errors) == EXPECTED[case]


@pytest.mark.parametrize("kind", ["null", "pipe", "file"])
def test_input_beside_a_terminal(kind: FdKind) -> None:
    """Output at a terminal, input elsewhere: its bytes are no keys, and its end hangs no terminal up."""
    given = b"" if kind == "null" else b"one\n"
    console = CapturedConsole(given, kinds=(kind, "terminal", "terminal"))
    result = run("sh", "-c", "sleep 1; cat; sleep 1; echo end", console=console)
    assert (result.output.replace(b"\r", b""), result.status) == (given + b"end\n", 0)
