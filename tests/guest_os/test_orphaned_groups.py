"""Which process groups are orphaned: the kernel keeps answers, and whatever changes one makes it forget them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import Machine
from rvsim.guest_os.task.exit import is_orphaned
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.pid import Pid, PidType
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import make, musl_program, nothing_left


def has_no_anchor(group: Pid) -> bool:
    """The definition, by the tables of now."""
    for task in group.tasks[PidType.PGID]:
        member, parent = task.group, task.group.parent
        if not member.zombie and parent and parent.session is member.session and parent.pgrp is not group:
            return False
    return True


class Asker(Observer):
    """Asks for every group whenever a call begins or ends, so every change happens while all answers are kept."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.seen: set[bool] = set()

    def _ask(self) -> None:
        kernel = self.machine.kernel
        for number in kernel.root_ns.from_number(0):
            pid = kernel.root_ns.find(number)
            if pid is not None and pid.tasks[PidType.PGID]:
                orphaned = has_no_anchor(pid)
                self.seen.add(orphaned)
                assert is_orphaned(kernel, pid) == orphaned

    def enter(self, task: Task, number: int, registers: Sequence[int]) -> None:
        self._ask()

    def leave(self, task: Task, number: int, registers: Sequence[int], result: int | None) -> None:
        self._ask()


@pytest.mark.parametrize("seed", [b"1", b"2", b"3"])
def test_what_is_kept_is_what_is(seed: bytes) -> None:
    console = CapturedConsole()
    machine = make(console)
    machine.install(b"/bin/kinship", musl_program("proc_kinship.c").read_bytes())
    asker = Asker(machine)
    machine.kernel.observe(asker)
    # below a shell, so that there is a parent outside the group
    assert machine.run(b"sh", [b"sh", b"-c", b"kinship " + seed + b"; true"]) == 0
    assert console.output == b"passed\n"
    assert asker.seen == {True, False}
    nothing_left(machine)
