"""How a call on a socket waits: with the socket's timeout, and with what it has done so far kept. net/core/sock.c"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from rvsim.guest_os.abi.errno import EAGAIN
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
        end_ns: when such a call takes no more messages.
        waited: this message has made it wait.
    """

    __slots__ = ("count", "deadline_ns", "end_ns", "sender", "waited")

    def __init__(self) -> None:
        super().__init__(0)
        self.deadline_ns: int | None = None
        self.sender: Sender | None = None
        self.count = 0
        self.end_ns: int | None = None
        self.waited = False

    def interrupted(self) -> int | None:
        return self.count or self.done or None

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
        task.resume = SocketWait()
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
