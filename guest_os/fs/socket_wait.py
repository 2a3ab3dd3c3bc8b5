"""How a call on a socket waits: with the socket's timeout, and with what it has done so far kept. net/core/sock.c"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from rvsim.guest_os.abi.errno import EAGAIN, EFAULT
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.wait import Blocked, Progress, Restart, WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.fs.unix_message import Sender
    from rvsim.guest_os.task.task import Task


class SocketWait(Progress):
    """A call on a socket that waits or has waited.

    Attributes:
        done: bytes moved, of the message that is moved now.
        deadline_ns: when the socket's timeout ends the wait; None: no timeout, or none began yet.
        sender: whose bytes have been read so far.
        count: whole messages moved, of a call that moves several.
        length_at: of such a call, where the length of the message goes that is moved now; else 0.
        end_ns: when such a call takes no more messages.
        waited: this message has made it wait.
    """

    __slots__ = ("count", "deadline_ns", "end_ns", "length_at", "sender", "task", "waited")

    def __init__(self, task: Task) -> None:
        super().__init__(0)
        self.task = task
        self.length_at = 0
        self.deadline_ns: int | None = None
        self.sender: Sender | None = None
        self.count = 0
        self.end_ns: int | None = None
        self.waited = False

    def interrupted(self) -> int | None:
        if not self.length_at:
            return self.done or None
        if self.done:                    # part of a message is a message
            try:
                user_memory.write_u32(self.task.space, self.length_at, self.done)
            except (EFAULT, OutOfMemory):
                return self.count or -EFAULT.number
            return self.count + 1
        return self.count or None

    def next_message(self) -> None:
        """One more message is done."""
        self.count += 1
        self.done = 0
        self.deadline_ns = None
        self.sender = None
        self.waited = False


def has_waited(task: Task) -> bool:
    """Whether the call runs again after a wait for the same message."""
    return isinstance(task.resume, SocketWait) and task.resume.waited


def wait(task: Task, queue: WaitQueue, timeout_ns: int | None, dont_wait: bool) -> NoReturn:
    """Wait on `queue`, at most `timeout_ns` (None: for ever) since the call's first wait for this message.

    Raises:
        EAGAIN: `dont_wait`, or the time is up.
        Blocked: a handler ends a wait with a timeout always, one without unless SA_RESTART. sock_intr_errno
    """
    if dont_wait:
        raise EAGAIN
    if not isinstance(task.resume, SocketWait):
        task.resume = SocketWait(task)
    task.resume.waited = True
    if timeout_ns is None:
        raise Blocked(queue)
    now = task.kernel.clock.monotonic_ns()
    deadline = task.resume.deadline_ns
    if deadline is None:
        deadline = task.resume.deadline_ns = now + timeout_ns
    if now >= deadline:
        raise EAGAIN
    raise Blocked(queue, deadline_ns=deadline, restart=Restart.EINTR)
