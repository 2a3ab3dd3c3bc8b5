"""Changes that a debugger makes to a stopped machine: plain data, so that they can be made again on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvsim.tools.debug import memory, registers

if TYPE_CHECKING:
    from rvsim.tools.debug.session import Session
    from rvsim.tools.debug.stop import Position


@dataclass(frozen=True, slots=True)
class SetRegister:
    """A register of a task gets a value."""

    position: Position
    tid: int
    name: str
    value: int

    def apply(self, session: Session) -> None:
        """Make the change."""
        task = session.task(self.tid)
        if task is not None:
            registers.write(task, self.name, self.value)


@dataclass(frozen=True, slots=True)
class WriteMemory:
    """Bytes of a task's memory get other values."""

    position: Position
    tid: int
    address: int
    data: bytes

    def apply(self, session: Session) -> None:
        """Make the change."""
        task = session.task(self.tid)
        if task is not None and task.mm is not None:
            memory.write(task.mm, self.address, self.data)


@dataclass(frozen=True, slots=True)
class Inject:
    """The call that the task stands at, before the kernel acts, is not made, and has this result."""

    position: Position
    result: int

    def apply(self, session: Session) -> None:
        """Make the change."""
        session.machine.hart.complete_call(self.result)
        session.machine.hart.save()
