"""For the tests of the programs that show processes: a machine with a script, and the kernel's own table meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.abi.syscall_names import NAMES
from rvsim.guest_os.boot import Machine
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.pid import PidType
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.task.thread_group import ThreadGroup
from rvsim.tests.guest import make, musl_program, nothing_left


@dataclass
class Shown:
    """A run of a script: what it printed, and what the kernel's table had when `looker` wrote."""

    status: int
    output: str
    errors: str
    table: dict[int, Row] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        return self.output.splitlines()

    def words(self) -> list[list[str]]:
        """The words of each line."""
        return [line.split() for line in self.lines]


@dataclass
class Row:
    """A process in the kernel's table. Sizes in KiB."""

    ppid: int
    pgid: int
    sid: int
    state: str
    comm: str
    threads: list[int]
    size: int
    resident: int
    areas: list[tuple[int, int]]


def row_of(group: ThreadGroup) -> Row:
    """What the kernel knows of a process."""
    leader = group.leader
    space = leader.mm
    return Row(
        group.parent.pid.numbers[0][0] if group.parent is not None else 0, group.pgrp.numbers[0][0],
        group.session.numbers[0][0], leader.state.value[0], leader.comm.decode(),
        [thread.pid.numbers[0][0] for thread in group.threads],
        space.total_vm * 4 if space is not None else 0, space.rss_pages * 4 if space is not None else 0,
        [(area.start, area.end) for area in space.areas] if space is not None else [])


class Watcher(Observer):
    """Notes the table each time the program `looker` writes; the last time counts."""

    def __init__(self, machine: Machine, looker: bytes) -> None:
        self.machine = machine
        self.looker = looker
        self.table: dict[int, Row] = {}

    def enter(self, task: Task, number: int, registers: Sequence[int]) -> None:
        if task.comm != self.looker or NAMES[number] != "write":
            return
        self.table.clear()
        ns = self.machine.kernel.root_ns
        for pid_number in ns.from_number(0):
            pid = ns.find(pid_number)
            leader = next(iter(pid.tasks[PidType.TGID]), None) if pid is not None else None
            if leader is not None:
                self.table[pid_number] = row_of(leader.group)


def show(script: str, looker: str = "", files: dict[bytes, bytes] | None = None,
         env: dict[bytes, bytes] | None = None) -> Shown:
    """Run a shell script; nothing may be left behind. /bin/subject is the process to look at."""
    console = CapturedConsole()
    machine = make(console, env=env or {})
    machine.install(b"/bin/subject", _subject().read_bytes())
    for path, data in (files or {}).items():
        machine.install(path, data)
    watcher = Watcher(machine, looker.encode())
    if looker:
        machine.kernel.observe(watcher)
    status = machine.run(b"sh", [b"sh", b"-c", script.encode()])
    nothing_left(machine)
    return Shown(status, console.output.decode(), console.errors.decode(), watcher.table)


def _subject() -> Path:
    return musl_program("proc_subject.c")
