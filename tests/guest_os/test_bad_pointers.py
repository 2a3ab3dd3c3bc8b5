"""Every pointer argument of every call, bad in every way: the kernel answers, leaks nothing and goes on."""

from __future__ import annotations

from typing import Any

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls import linux_table, rcore_table
from rvsim.guest_os.syscalls.args import parameters
from rvsim.guest_os.syscalls.table import Row
from rvsim.guest_os.task.task import State, Task
from rvsim.guest_os.wait import Blocked, Resume

AREA = 0x20_0000
READ_ONLY = 0x30_0000
HOLE = 0x40_0000
PAGE = 4096
BAD = {
    "null": 0,
    "unmapped": HOLE,
    "read-only": READ_ONLY,
    "kernel half": (1 << 64) - (1 << 38),
    "past the user half": 1 << 38,
    "wrapping": (1 << 64) - 8,
    "straddling": AREA + 16 * PAGE - 4,
}
OTHERS = (0, 1, 3, 8, PAGE, (1 << 64) - 1)
ENDS_THE_MACHINE = {"sys_exit", "sys_exit_group", "sys_reboot", "rcore_exit"}
POINTERS = ("ptr", "path")


class Bench:
    """A machine with one process, whose calls are made from here."""

    def __init__(self, abi: str) -> None:
        self.machine = Machine(MachineConfig(memory_bytes=16 << 20, process_limit=32), CapturedConsole(b"input\n"))
        program = b"true" if abi == "linux" else b"infloop"
        self.task: Task = self.machine.start(program, [program])
        self.calls = self.machine.kernel.abis[abi].calls
        space = self.task.space
        space.map(AREA, 16 * PAGE, 3, 0)
        space.map(READ_ONLY, PAGE, 1, 0)
        self.run_on()

    def run_on(self) -> None:
        kernel = self.machine.kernel
        kernel.scheduler.current = self.task
        self.machine.hart.load(self.task.context, self.task.space.table)

    def call(self, number: int, arguments: list[int]) -> None:
        """Make one call; nothing but its own wait may come out of it."""
        task = self.task
        entry: Any = self.calls.get(number)
        function, nargs = entry
        try:
            result = function(task, *arguments[:nargs])
            assert result is None or isinstance(result, int)
        except Blocked:
            pass
        resume, task.resume = task.resume, None
        if isinstance(resume, Resume):
            resume.dropped()
        task.state = State.RUNNING
        task.group.stopping = False
        self.run_on()

    def close(self) -> None:
        self.machine.kernel.scheduler.current = None
        self.machine.close()
        memory = self.machine.memory
        memory.reclaim()
        cached = sum(len(cache.pages) for cache in memory.caches)
        assert memory.frames.used == cached
        assert self.machine.kernel.tasks == 0


def sweep(abi: str, rows: dict[int, Row]) -> int:
    """Every call, every pointer of it, every bad value, with several values for the rest; how many calls were made."""
    made = 0
    for number, row in sorted(rows.items()):
        kinds = [kind for _, kind in parameters(row.handler)]
        if row.handler.__name__ in ENDS_THE_MACHINE or not any(kind in POINTERS for kind in kinds):
            continue
        bench = Bench(abi)
        for at, kind in enumerate(kinds):
            if kind not in POINTERS:
                continue
            for bad in BAD.values():
                for other in OTHERS:
                    if bench.task.mm is None or not bench.task.alive:
                        break
                    user_memory.write(bench.task.space, AREA, b"/tmp\0".ljust(64, b"\0"))
                    arguments = [AREA if kind in POINTERS else other for kind in kinds]
                    arguments[at] = bad
                    bench.call(number, arguments)
                    made += 1
                    if bench.task.space.areas.find(AREA) is None or bench.task.space.areas.find(READ_ONLY) is None:
                        bench.close()            # a call that unmaps did its work: begin afresh
                        bench = Bench(abi)
        bench.close()
    return made


@pytest.mark.parametrize(("abi", "rows"), [("linux", linux_table.ROWS), ("rcore", rcore_table.ROWS)])
def test_every_pointer_of_every_call(abi: str, rows: dict[int, Row]) -> None:
    assert sweep(abi, rows) > 200
