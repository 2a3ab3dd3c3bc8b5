"""What gdb changes of the machine. A change is remembered with its place, and made again when the run is repeated."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EAGAIN
from rvsim.guest_os.abi.signals import SIGKILL
from rvsim.guest_os.task.signal import SigInfo, send_signal
from rvsim.guest_os.task.task import State
from rvsim.guest_os.wait import Resume
from rvsim.tools.debug import memory
from rvsim.tools.debug.stop import Kind
from rvsim.tools.gdb.objects import find_group, find_task, space_of
from rvsim.tools.gdb.registers import write_register
from rvsim.tools.gdb.steering import GdbSteering, Hold

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.session import Session
    from rvsim.tools.debug.stop import Position


@dataclass(slots=True)
class RegisterEdit:
    """A register of a thread gets a value."""

    position: Position
    tid: int
    number: int
    value: int

    def apply(self, session: Session) -> None:
        task = find_task(session.machine.kernel, self.tid)
        if task is None or not task.alive:
            return
        leave_call(task)
        if self.position.kind is Kind.WAITING and session.loaded is task:
            control = session.control
            assert isinstance(control, GdbSteering)
            control.abandons = True
        write_register(task, self.number, self.value)


@dataclass(slots=True)
class MemoryEdit:
    """Bytes of a process's memory. `written`: how many went in."""

    position: Position
    pid: int
    address: int
    data: bytes
    written: int = 0

    def apply(self, session: Session) -> None:
        group = find_group(session.machine.kernel, self.pid)
        space = space_of(group) if group is not None else None
        self.written = memory.write(space, self.address, self.data) if space is not None else 0


@dataclass(slots=True)
class SignalEdit:
    """The signal that a thread stopped for becomes another, or none."""

    position: Position
    tid: int
    info: SigInfo | None

    def apply(self, session: Session) -> None:
        control = session.control
        assert isinstance(control, GdbSteering)
        control.replaced[self.tid] = self.info


@dataclass(slots=True)
class InjectEdit:
    """A thread gets a signal, or with SIGKILL its whole process does."""

    position: Position
    tid: int
    info: SigInfo

    def apply(self, session: Session) -> None:
        task = find_task(session.machine.kernel, self.tid)
        if task is None or not task.alive:
            return
        with suppress(EAGAIN):
            send_signal(task, self.info, self.info.signo == SIGKILL)


@dataclass(slots=True)
class HoldEdit:
    """From here on other threads stand aside."""

    position: Position
    hold: Hold

    def apply(self, session: Session) -> None:
        control = session.control
        assert isinstance(control, GdbSteering)
        control.set_hold(self.hold)


def leave_call(task: Task) -> None:
    """A thread that waits in a call and is to do something else makes the call anew if it comes back to it."""
    if not task.in_call:
        return
    task.in_call = False
    resume, task.resume = task.resume, None
    if isinstance(resume, Resume):
        resume.dropped()
    if task.state is State.SLEEPING:
        task.kernel.scheduler.unpark(task)
