"""The machine as a whole: first programs, programs of both ABIs together, and a machine at rest."""

from __future__ import annotations

import math
import threading

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import TIMED_OUT, Machine
from rvsim.guest_os.world import SPIN_WAIT_S
from rvsim.tests.guest import (
    GLIBC_CC,
    glibc_program,
    make,
    musl_program,
    rcore_program,
    run,
    zig_program,
)


def test_hello_with_musl() -> None:
    result = run(musl_program("hello.c"))
    assert (result.output, result.status) == (b"hello, 3.14\n", 0)


@pytest.mark.skipif(GLIBC_CC is None, reason="no riscv64-linux-gnu-gcc")
def test_hello_with_glibc() -> None:
    result = run(glibc_program("hello.c"))
    assert (result.output, result.status) == (b"hello, 3.14\n", 0)


def test_threads_without_a_c_library() -> None:
    result = run(zig_program("linux_threads.zig"))
    assert (result.errors, result.status) == (b"64000\n", 0)


def test_programs_of_both_abis() -> None:
    """The system call interface is the program's, from one exec to the next."""
    rcore, linux = rcore_program("rcore_execs.c"), musl_program("linux_execs.c")
    files = {b"/rcore": rcore.read_bytes(), b"/linux": linux.read_bytes()}
    result = run(rcore, "/linux", "/rcore", "/linux", files=files)
    assert result.output == b"no arguments\ncode 6\nstatus 0\ncode 0\n"
    result = run(linux, "/rcore", "/linux", "/rcore", files=files)
    assert result.output == b"no arguments\nstatus 1280\ncode 0\nstatus 0\n"


def test_the_console_is_read_while_others_run() -> None:
    """A child waits for a key, which comes when its parent has printed a word meanwhile."""
    console = CapturedConsole(script=[(b"ready", b"k")], kinds=("terminal", "terminal", "terminal"))
    result = run(rcore_program("rcore_console.c"), console=console, clock="host", timeout_ns=10**10)
    assert (result.output.split(), result.status) == ([b"ready", b"got", b"k"], 0)


class Silent(CapturedConsole):
    """A terminal at which nobody types. When it was waited for often enough, the machine's time limit has passed.

    Attributes:
        waits: how long each was to be, and how many traps there had been.
    """

    machine: Machine

    def __init__(self) -> None:
        super().__init__(kinds=("terminal", "terminal", "terminal"), ended=False)
        self.waits: list[tuple[float, int]] = []

    def wait(self, timeout_s: float | None) -> bool:
        self.waits.append((math.inf if timeout_s is None else timeout_s, self.machine.hart.traps))
        if len(self.waits) == 30:
            self.machine.world.end_ns = 0
        return False


def test_at_rest_nothing_is_spent() -> None:
    """initproc loops over waitpid and yield, but while its shell waits for a key the host's processor is idle."""
    console = Silent()
    machine = console.machine = make(console, clock="host")
    threads = threading.active_count()
    assert machine.run(b"initproc", [b"initproc"]) == TIMED_OUT
    assert all(waits_s >= SPIN_WAIT_S for waits_s, _ in console.waits)
    assert console.waits[-1][1] - console.waits[0][1] <= 3 * len(console.waits)
    assert threading.active_count() == threads
