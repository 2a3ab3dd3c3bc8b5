"""What stands on both sides of a session: who is asked at stops, and what the machine's kernel asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.boot import Machine
from rvsim.guest_os.task.control import Controller
from rvsim.guest_os.task.control import Stop as ControlStop
from rvsim.guest_os.task.task import Task
from rvsim.tools.debug.stop import Order, Stop

if TYPE_CHECKING:
    from rvsim.tools.debug.session import Session


class Frontend(Protocol):
    """Who decides at stops: a prompt, gdb's connection, a test."""

    def stopped(self, stop: Stop) -> Order:
        """The session has stopped; what is to happen next."""
        ...

    def poll(self) -> None:
        """Called every 20 ms of a run: a place to look for an interrupt and call `Session.interrupt`."""
        ...


class Steering(Controller):
    """The machine's controller: asks the session."""

    def __init__(self, machine: Machine, session: Session) -> None:
        super().__init__(machine.kernel)
        self.session = session

    def wants_stop(self, task: Task) -> bool:
        return self.session.is_asked(task)

    def wants_step(self, task: Task) -> bool:
        return self.session.is_stepping(task)

    def stops_at_end(self, task: Task) -> bool:
        return self.session.journey.is_target(task)      # a step came to the end of this slice

    def stopped(self, task: Task, stop: ControlStop) -> None:
        self.session.came_to(task, stop)

    def trapped(self, task: Task, cause: int) -> None:
        self.session.trapped(task, cause)
