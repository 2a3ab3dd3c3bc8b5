"""pidfd: a process, or a thread, as a file. kernel/fork.c, fs/pidfs.c, pidfd_open(2)"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import ESPIPE
from rvsim.guest_os.abi.fcntl import PIDFD_THREAD
from rvsim.guest_os.abi.poll import POLLHUP, POLLIN, POLLRDNORM
from rvsim.guest_os.fs.anon import AnonFile, AnonFs
from rvsim.guest_os.task.pid import Pid, PidNamespace, PidType, get_pid, pid_nr_ns, pid_task, put_pid
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.wait import WaitQueue


class PidFile(AnonFile):
    """Holds a pid; readable, for poll, once the process (PIDFD_THREAD: the thread) has ended."""

    __slots__ = ("pid", "queue")

    kind = b"[pidfd]"

    def __init__(self, anon: AnonFs, flags: int, cred: Credentials, pid: Pid) -> None:
        super().__init__(anon, flags, cred)
        self.flags |= flags & PIDFD_THREAD
        self.pid = get_pid(pid)
        if pid.exit_queue is None:
            pid.exit_queue = WaitQueue()
        self.queue = pid.exit_queue

    @property
    def task(self) -> Task | None:
        """The thread, or the process's leader; None once it was waited for."""
        return pid_task(self.pid, PidType.PID)

    def poll(self) -> int:
        task = self.task
        if task is None:
            return POLLIN | POLLRDNORM | POLLHUP
        ended = not task.alive if self.flags & PIDFD_THREAD else task.group.zombie
        return POLLIN | POLLRDNORM if ended else 0

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        return (self.queue,)

    def fdinfo(self, ns: PidNamespace) -> bytes:  # type: ignore[override]
        """Its numbers from `ns` downwards; -1 if it was waited for. kernel/fork.c:pidfd_show_fdinfo"""
        if self.task is None:
            return b"Pid:\t-1\nNSpid:\t-1\n"
        numbers = [number for number, _ in self.pid.numbers[ns.level:]] if pid_nr_ns(self.pid, ns) else [0]
        return b"Pid:\t%d\nNSpid:%b\n" % (numbers[0], b"".join(b"\t%d" % number for number in numbers))

    def seek(self, offset: int, whence: int) -> int:
        raise ESPIPE

    def release(self) -> None:
        put_pid(self.pid)
        super().release()
