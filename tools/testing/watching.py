"""What a case's machine did, as far as a case asks: calls by name, faults by kind, what was left behind."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.signals import SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP
from rvsim.guest_os.syscalls import linux_table, rcore_table
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.pid import PidType
from rvsim.tools.strace.tracer import call_name

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.task.signal import SigInfo
    from rvsim.guest_os.task.task import Task

KINDS = {SIGSEGV: "segv", SIGBUS: "bus", SIGILL: "illegal", SIGTRAP: "trap", SIGFPE: "fpe"}
_ENDS = ("exit", "exit_group")
_FIRST_OWN_FD = 3


@cache
def call_names() -> frozenset[str]:
    """The names of all system calls that there are, in any ABI."""
    tables = (linux_table.ROWS, rcore_table.ROWS, rcore_table.ROWS_CHAPTER_8)
    return frozenset(row.name for table in tables for row in table.values())


def counted_calls(machine: Machine) -> dict[str, int]:
    """How often each call was made since boot, by name."""
    found: dict[str, int] = {}
    for abi, number, count in machine.stats.call_counts():
        name = call_name(abi, number)
        if name is not None:
            found[name] = found.get(name, 0) + count
    return found


class CallWatch(Observer):
    """At which trap each of some calls was made first, and which descriptors a process had when it ended.

    Attributes:
        first: the trap's number, by the call's name.
        open_files: a sentence for each process that ended with descriptors of its own, and the trap.
        left: the same for each process that was there when the first one ended.
    """

    def __init__(self, wanted: Sequence[str], leaks: bool) -> None:
        self.wanted = frozenset(wanted)
        self.leaks = leaks
        self.first: dict[str, int] = {}
        self.open_files: list[tuple[str, int]] = []
        self.left: list[tuple[str, int]] = []

    def enter(self, task: Task, number: int, registers: Sequence[int]) -> None:
        name = call_name(task.abi.name, number) or ""
        if name in self.wanted and name not in self.first:
            self.first[name] = task.kernel.hart.traps
        if not self.leaks or name not in _ENDS:
            return
        if name == "exit" and task.group.live_threads > 1:
            return
        kernel = task.kernel
        numbers = [fd for fd, _ in task.fds if fd >= _FIRST_OWN_FD and not task.fds.get_cloexec(fd)]
        if numbers:
            shown = ", ".join(map(str, numbers))
            self.open_files.append((f"{_named(task)} exits with descriptors open: {shown}", kernel.hart.traps))
        if kernel.init is not None and task.group is kernel.init.group:
            self._look_around(task)

    def _look_around(self, init: Task) -> None:
        kernel = init.kernel
        for leader in kernel.root_ns.tasks(PidType.TGID):
            if leader.group is not init.group:
                state = "a zombie that nobody has waited for" if leader.group.zombie else "still there"
                self.left.append((f"{_named(leader)} is {state} when the first process ends", kernel.hart.traps))


def _named(task: Task) -> str:
    return f"process {task.group.pid.numbers[0][0]} ({task.comm.decode(errors='replace')})"


class FaultWatch(Observer):
    """The faults of programs: signals that the kernel sent for what an instruction did.

    Attributes:
        found: of each, its kind, a sentence, and the trap's number.
    """

    sees_calls = False

    def __init__(self) -> None:
        self.found: list[tuple[str, str, int]] = []

    def signal(self, task: Task, info: SigInfo) -> None:
        if info.signo in KINDS and info.code > 0:
            self._note(task, KINDS[info.signo])

    def exited(self, task: Task, status: int) -> None:
        """In the ABI rcore a fault is an exit code."""
        if task.abi.name != "linux" and not status & 0x7F and status >> 8 & 0xFF in (0xFE, 0xFD) and (
                task.kernel.hart.cause in _FAULT_CAUSES):
            self._note(task, "segv" if status >> 8 & 0xFF == 0xFE else "illegal")

    def _note(self, task: Task, kind: str) -> None:
        hart = task.kernel.hart
        self.found.append((kind, f"{_named(task)} at {hart.epc:#x}, address {hart.tval:#x}", hart.traps))


_FAULT_CAUSES = (0, 1, 2, 4, 5, 6, 7, 12, 13, 15)
