"""/proc with many processes, and with processes that come and go while it is read."""

from __future__ import annotations

import re

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.tests.guest import MEBIBYTE, Result, musl_program, nothing_left, run
from rvsim.tests.guest import make as make_machine


def test_a_storm_of_births_and_deaths_among_readers() -> None:
    result = run(musl_program("proc_load.c"), "40", "storm", memory_bytes=128 * MEBIBYTE)
    assert result.output == b"passed\n"


def test_every_one_of_five_thousand_shows_once() -> None:
    result = run(musl_program("proc_load.c"), "5000", memory_bytes=1024 * MEBIBYTE, process_limit=6000,
                 timeout_ns=300 * 10**9)
    assert re.fullmatch(rb"5000 processes in \d+ us\npassed\n", result.output), result.output


def test_memory_that_many_share_counts_once() -> None:
    """meminfo(5): AnonPages and Mapped are pages of the machine, not entries in tables."""
    console = CapturedConsole()
    machine = make_machine(console)
    machine.install(b"/bin/load", musl_program("proc_load.c").read_bytes())
    assert machine.run(b"load", [b"load", b"100", b"run", b"cat", b"/proc/meminfo"]) == 0
    kib = {key.decode(): int(value) for key, value in re.findall(rb"^(\S+): +(\d+) kB$", console.output, re.MULTILINE)}
    used = kib["MemTotal"] - kib["MemFree"]
    assert 0 < kib["Mapped"] <= kib["Cached"]
    assert kib["AnonPages"] + kib["Cached"] + kib["PageTables"] == used
    assert 100 * 3 < kib["AnonPages"] // 4 < 100 * 12       # a stack, data, and thread data that each has written to


FEW, MANY = 200, 800


def among(count: int, command: str) -> Result:
    """A command among `count` processes that sleep; `ticks` is what it alone took, in user mode."""
    console = CapturedConsole()
    machine = make_machine(console, memory_bytes=256 * MEBIBYTE)
    machine.install(b"/bin/load", musl_program("proc_load.c").read_bytes())
    status = machine.run(b"load", [b"load", b"%d" % count, b"run", *command.encode().split()])
    nothing_left(machine)
    used = re.fullmatch(rb"(\d+) us\n", console.errors)
    assert used is not None, console.errors
    return Result(status, bytes(console.output), bytes(console.errors), int(used[1]), machine)


@pytest.mark.parametrize("command", ["ps -e", "ps aux", "ps -eL", "pstree", "pstree -p", "pstree -a", "ptree",
                                     "top -b -n 1"])
def test_tools_take_four_times_as_long_for_four_times_as_many(command: str) -> None:
    """Up to what a sort adds; a search among all for each would take sixteen times as long."""
    few, many = among(FEW, command), among(MANY, command)
    assert (few.status, many.status) == (0, 0)
    listed = 1 if command in ("pstree", "pstree -a") else MANY      # these draw what is alike once
    assert many.output.count(b"load") >= listed
    assert many.ticks < 6 * few.ticks, (few.ticks, many.ticks)


def test_the_kernel_looks_at_a_group_once_for_all_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """ptree reads of each process whether its group is orphaned, which takes a look at each member."""
    looks = []

    class Counted(dict[object, bool]):
        def __setitem__(self, group: object, orphaned: bool) -> None:
            looks.append(group)
            super().__setitem__(group, orphaned)

    console = CapturedConsole()
    machine = make_machine(console, memory_bytes=128 * MEBIBYTE)
    machine.install(b"/bin/load", musl_program("proc_load.c").read_bytes())
    monkeypatch.setattr(machine.kernel, "orphaned", Counted())
    assert machine.run(b"load", [b"load", b"100", b"run", b"ptree"]) == 0
    assert 0 < len(looks) < 10
