"""How a system call waits: it raises `Blocked`, and runs again from its start when it is woken.

Everything that can put a task to sleep in this kernel is in this file. No generator, thread or closure holds kernel
state; what must survive a wait lives in the task as plain data (`Task.resume`).
"""

from __future__ import annotations

import enum
from typing import Protocol


class Waiter(Protocol):
    """What a wait queue holds: a task."""

    def wake(self, queue: WaitQueue | None) -> None:
        """Become runnable and leave every queue; `queue` is the one that woke it, None for a deadline."""


class WaitQueue:
    """Tasks that wait for one condition, in order of arrival. kernel/sched/wait.c"""

    __slots__ = ("waiters",)

    def __init__(self) -> None:
        self.waiters: dict[Waiter, None] = {}

    def wake_all(self) -> None:
        """Wake every waiter, oldest first; each tests its condition anew."""
        for waiter in tuple(self.waiters):
            waiter.wake(self)

    def wake_one(self) -> Waiter | None:
        """Wake the oldest waiter and return it, None if there is none."""
        for waiter in self.waiters:
            waiter.wake(self)
            return waiter
        return None


class Restart(enum.Enum):
    """What a signal does to a blocked call. include/linux/errno.h, the ERESTART* codes"""

    SYS = enum.auto()      # ERESTARTSYS: rerun if the handler has SA_RESTART, else EINTR
    NOHAND = enum.auto()   # ERESTARTNOHAND: EINTR if a handler runs, else rerun
    EINTR = enum.auto()    # always EINTR
    NEVER = enum.auto()    # not interruptible except by a fatal signal


class Resume:
    """What a waiting call keeps in `task.resume` when it has something to say or to give back if it never goes on.

    Other plain data may be kept there too; it is dropped in silence.
    """

    __slots__ = ()

    def interrupted(self) -> int | None:
        """A signal handler runs instead of the call: its result, None for EINTR or a restart as usual."""
        return None

    def dropped(self) -> None:
        """The call does not go on: let go of what it held. Comes after `interrupted`, or when the task ends."""


class Progress(Resume):
    """Bytes already moved: what the call returns when it is interrupted."""

    __slots__ = ("done",)

    def __init__(self, done: int) -> None:
        self.done = done

    def interrupted(self) -> int | None:
        return self.done


class Abandoned(Exception):
    """A debugger, which stood in the middle of a call that waits for the host, has the task do something else."""


class Blocked(Exception):
    """Raised by a call that must wait: for any of `queues`, at most until `deadline_ns` (monotonic, None: for ever).

    When woken, the same call runs again with the same arguments, so every condition is tested anew. A call with a
    deadline finds out that it passed by comparing it with the clock.
    """

    def __init__(self, *queues: WaitQueue, deadline_ns: int | None = None, restart: Restart = Restart.SYS) -> None:
        super().__init__(queues)
        self.queues = queues
        self.deadline_ns = deadline_ns
        self.restart = restart
