"""A machine that is restored from a snapshot goes on as it did: the same bytes, ticks and traps; and taking changes
nothing. Every system call's own program is one of the workloads, stopped at rounds of its scheduler chosen by chance.
"""

from __future__ import annotations

import random
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from rvsim.emu.clock import HostClock, VirtualClock
from rvsim.emu.console import CapturedConsole
from rvsim.emu.host import FdKind
from rvsim.guest_os.boot import Share
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.memory import Memory
from rvsim.guest_os.snapshot import SnapshotError, restore, take
from rvsim.guest_os.syscalls.traps import Traps
from rvsim.guest_os.task.kernel import Kernel
from rvsim.guest_os.task.scheduler import Scheduler
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.task.thread_group import ThreadGroup
from rvsim.guest_os.world import HostWorld
from rvsim.tests.guest import GUESTS, musl_program, rcore_program
from rvsim.tests.resumed import Run, go_on, goes_on_alike, started

CALLS = sorted(path.stem for path in (GUESTS / "calls").glob("*.c"))
TERMINALS: tuple[FdKind, FdKind, FdKind] = ("terminal", "terminal", "terminal")


def checked(program: Path | str, *args: str, stdin: bytes = b"", rounds: int = 3, through: Path | None = None,
            **config: Any) -> Run:
    """Run a program with snapshots at so many rounds, compare with a run without, and go on from each.

    The last one goes through the file `through`, if there is one.
    """
    plain = CapturedConsole(stdin)
    bare = go_on(started(plain, program, *args, **config), plain)
    chance = random.Random(f"{program}{args}")
    chosen = set(chance.sample(range(len(bare.rounds)), min(rounds, len(bare.rounds))))
    console = CapturedConsole(stdin)
    run = go_on(started(console, program, *args, **config), console, chosen.__contains__)
    assert (run.end, run.rounds) == (bare.end, bare.rounds), "taking a snapshot has changed the run"
    goes_on_alike(run, run.points[:-1] if through is not None else None)
    if through is not None:
        goes_on_alike(run, run.points[-1:], through)
    return run


@pytest.mark.parametrize("call", CALLS)
def test_calls(call: str, tmp_path: Path) -> None:
    run = checked(musl_program(f"calls/{call}.c"), rounds=2, through=tmp_path / "snap")
    assert run.end[:2] == (0, b"passed\n")


@pytest.mark.parametrize("name", ["linux_life", "linux_locks", "linux_semaphores", "linux_cancel", "proc_rules",
                                  "solproc_control", "vdso"])
def test_programs_of_many_parts(name: str, tmp_path: Path) -> None:
    run = checked(musl_program(f"{name}.c"), rounds=4, through=tmp_path / "snap")
    assert run.end[0] == 0
    assert run.end[1].endswith(b"passed\n")


def test_the_hosts_clock_goes_on_where_it_stood() -> None:
    console = CapturedConsole()
    machine = started(console, "sh", "-c", "sleep 0.05; echo end", clock="host")
    earliest = time.time_ns()
    snapshot = take(machine)
    latest = time.time_ns()
    time.sleep(0.1)
    before = time.monotonic_ns()
    again = restore(snapshot, console)
    assert snapshot.time_ns <= again.clock.monotonic_ns() <= snapshot.time_ns + time.monotonic_ns() - before
    shown = again.clock.realtime_ns()
    assert earliest - 10**9 < shown < latest + time.monotonic_ns() - before + 10**9
    assert again.finish() == 0
    assert console.output == b"end\n"
    earliest, shown, latest = time.time_ns(), again.clock.realtime_ns(), time.time_ns()
    assert earliest - 50_000_000 < shown < latest + 50_000_000


@pytest.mark.parametrize("program", [
    pytest.param("usertests", marks=pytest.mark.slow), "pipetest", "mpsc_sem", "sig_simple", "forktree",
    "phil_din_mutex",
])
def test_tutorial_programs(program: str) -> None:
    checked(program, rounds=5)


def test_a_program_that_spins() -> None:
    checked(rcore_program("rcore_life.c"), rounds=5)


def test_a_shell_at_its_prompt() -> None:
    script = [
        (b"$ ", b"sleep 5 & cat /proc/self/stat | wc &\n"), (b"$ ", b"echo $HOME > /tmp/x; cat < /tmp/x | cat\n"),
        (b"$ ", b"sleep 1000\x03"), (b"$ ", b"ps\n"), (b"$ ", b"ls /proc/1 /dev /sys | wc\n"), (b"$ ", b"exit 3\n"),
    ]
    console = CapturedConsole(script=script, kinds=TERMINALS)
    run = go_on(started(console, "sh"), console, lambda number: True)
    assert run.end[0] == 3
    assert len(run.points) > 10
    goes_on_alike(run)


def test_a_directory_of_the_host(tmp_path: Path) -> None:
    (tmp_path / "words").write_bytes(b"some words\n" * 1000)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "more").write_bytes(b"more\n")
    share = Share(bytes(tmp_path), b"/share", readonly=True)
    script = "cd /share/below; cat /share/words | wc; ls .. ; cat more ../words | wc; cat ../none"
    run = checked("sh", "-c", script, rounds=12, shares=(share,))
    assert b"1000 " in run.end[1]


def test_ten_times_from_one_snapshot() -> None:
    console = CapturedConsole()
    run = go_on(started(console, musl_program("linux_threads.c")), console, lambda number: number == 40)
    assert len(run.points) == 1
    goes_on_alike(run, run.points * 10)


@pytest.mark.parametrize("program", ["forktree", "mpsc_sem", musl_program("linux_threads.c")])
def test_going_back_in_the_machine_that_is_there(program: Path | str) -> None:
    """Its hart goes on, with what that has translated, and with all that later rounds have left in memory."""
    console = CapturedConsole()
    first = started(console, program)
    run = go_on(first, console, lambda number: number % 5 == 2)
    assert len(run.points) > 2
    goes_on_alike(run, [*run.points, *reversed(run.points)], into=first)


def test_going_back_between_machines_of_different_size() -> None:
    console = CapturedConsole()
    run = go_on(started(console, "forktree", memory_bytes=16 << 20), console, (9).__eq__)
    other = started(CapturedConsole(), "true", memory_bytes=32 << 20)
    goes_on_alike(run, into=other)
    assert other.hart.frames.size == 32 << 20


def test_snapshots_share_pages() -> None:
    console = CapturedConsole()
    run = go_on(started(console, "forktree"), console, lambda number: True)
    assert len(run.points) > 10
    for one, next_one in pairwise(run.points):
        pairs = [(old, new) for old, new in zip(one.snapshot.pages, next_one.snapshot.pages, strict=False) if old]
        assert all(old is new for old, new in pairs if old == new)
        assert sum(old is new for old, new in pairs) >= len(pairs) // 3


def test_equal_states_have_equal_records() -> None:
    console = CapturedConsole(b"")
    machine = started(console, "cat", timeout_ns=None)
    first = take(machine)
    second = take(restore(first, console))
    assert second.records == first.records
    assert second.hart == first.hart
    assert (second.pages, second.free, second.counts, second.flags) == (
        first.pages, first.free, first.counts, first.flags)


@pytest.mark.parametrize("kind", [Kernel, Scheduler, Traps, HostWorld, Memory, AddressSpace, VirtualClock,
                                  HostClock, Task, ThreadGroup])
def test_what_every_turn_uses_has_slots(kind: type) -> None:
    """A snapshot that reads an instance's `__dict__` makes every later access to its fields slower, in CPython 3.11."""
    assert kind.__dictoffset__ == 0


def test_who_looks_at_a_machine_is_no_part_of_it() -> None:
    """A signal of the host may ask for a look just before a snapshot is taken, and a debugger may wait in its own way.
    """
    console = CapturedConsole()
    machine = started(console, "true")
    looks: list[object] = []
    machine.world.request_visit(lambda: looks.append("first"))
    machine.world.outside.sleep = looks.append
    again = restore(take(machine), console)
    assert again.finish() == 0
    assert looks == []
    again.world.request_visit(lambda: looks.append("later"))
    again.world.poll()
    assert looks == ["later"]


def test_not_in_the_middle_of_a_turn() -> None:
    console = CapturedConsole(b"")
    machine = started(console, "true")
    machine.kernel.scheduler.current = machine.kernel.init
    with pytest.raises(SnapshotError, match="a task is running"):
        take(machine)
