"""What a process of the ABI `rcore` has besides: threads by small numbers, locks, saved registers of handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.task.task import Task
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.emu._gate import Context


class Turn:
    """One waiter's place in a line. `granted`: it was its turn; it may go on when its call runs again."""

    __slots__ = ("granted", "queue", "stage")

    def __init__(self) -> None:
        self.queue = WaitQueue()
        self.granted = False
        self.stage = 0

    def grant(self) -> None:
        self.granted = True
        self.queue.wake_all()


class Mutex:
    """`blocking`: unlock hands it to the longest waiter; else waiters try again, as the tutorial's spin lock does."""

    __slots__ = ("blocking", "line", "locked", "released")

    def __init__(self, blocking: bool) -> None:
        self.blocking = blocking
        self.locked = False
        self.line: list[Turn] = []
        self.released = WaitQueue()

    def unlock(self) -> None:
        if self.line:
            self.line.pop(0).grant()
        else:
            self.locked = False
            self.released.wake_all()


class Semaphore:
    """A counting semaphore; a waiter that is let through does not change the count."""

    __slots__ = ("count", "line")

    def __init__(self, count: int) -> None:
        self.count = count
        self.line: list[Turn] = []


class Condvar:
    """A condition variable: those who wait, oldest first."""

    __slots__ = ("line",)

    def __init__(self) -> None:
        self.line: list[Turn] = []


class Thread:
    """A slot of the thread table: `task` while it lives, its exit code until somebody waits for it."""

    __slots__ = ("exit_code", "stack", "task")

    def __init__(self, task: Task, stack: tuple[int, int] | None) -> None:
        self.task: Task | None = task
        self.exit_code = 0
        self.stack = stack


class RcoreProcess:
    """Shared by the threads of one process."""

    __slots__ = ("condvars", "mutexes", "semaphores", "threads")

    def __init__(self) -> None:
        self.threads: dict[int, Thread] = {}
        self.mutexes: list[Mutex] = []
        self.semaphores: list[Semaphore] = []
        self.condvars: list[Condvar] = []


class RcoreThread:
    """One thread's own: its small number, and the registers to go back to after each handler that runs."""

    __slots__ = ("process", "saved", "tid")

    def __init__(self, process: RcoreProcess, tid: int) -> None:
        self.process = process
        self.tid = tid
        self.saved: list[tuple[Context, int]] = []
