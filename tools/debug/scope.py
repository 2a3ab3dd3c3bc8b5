"""What names in expressions mean for a task of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.tools.debug import memory, registers

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.session import Session

VARIABLES = ("traps", "ticks", "time", "pid", "tid")


class TaskScope:
    """Registers, memory and symbols of one task. Besides: `$scause`, `$sepc`, `$stval` of the last trap, `$traps`,
    `$ticks`, `$time` in ns, `$pid`, `$tid`."""

    def __init__(self, session: Session, task: Task) -> None:
        self.session = session
        self.task = task

    def register(self, name: str) -> int | None:
        """The value of a register or of one of the variables."""
        hart = self.session.machine.hart
        match name:
            case "scause":
                return int(hart.cause)
            case "sepc":
                return int(hart.epc)
            case "stval":
                return int(hart.tval)
            case "traps":
                return int(hart.traps)
            case "ticks":
                return int(hart.ticks)
            case "time":
                return int(self.session.machine.clock.monotonic_ns())
            case "pid":
                return int(self.task.group.tgid)
            case "tid":
                return int(self.task.tid)
        return registers.read(self.task, name)

    def memory(self, address: int, size: int) -> bytes | None:
        """Bytes of the task's memory."""
        return memory.read(self.task, address, size)

    def symbol(self, name: str) -> int | None:
        """The address of a symbol of the program or of its libraries."""
        return self.session.symbols.address(self.task, name)
