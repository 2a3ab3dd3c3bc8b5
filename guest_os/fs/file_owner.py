"""Signals about files: F_SETOWN, F_SETSIG and O_ASYNC. fs/fcntl.c, "signal-driven I/O" in fcntl(2)"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EAGAIN
from rvsim.guest_os.abi.fcntl import O_ASYNC
from rvsim.guest_os.abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRBAND, POLLWRNORM
from rvsim.guest_os.abi.signals import POLL_IN, POLL_OUT, SI_KERNEL, SI_SIGIO, SIGIO
from rvsim.guest_os.task.pid import Pid, PidType, get_pid, pid_task, put_pid
from rvsim.guest_os.task.signal import SigInfo, send_signal
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.wait import WaitQueue

_BANDS = {POLL_IN: POLLIN | POLLRDNORM, POLL_OUT: POLLOUT | POLLWRNORM | POLLWRBAND}
_LOOK_FOR = {POLL_IN: POLLIN | POLLHUP, POLL_OUT: POLLOUT | POLLERR}
_SIGNALS_WITH_CODES = frozenset((4, 5, 7, 8, 11, 17, 29, 31))
"""SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGCHLD, SIGIO, SIGSYS. include/linux/signal.h:SIG_SPECIFIC_SICODES_MASK"""


class FileOwner:
    """Who gets signals about a file, and which; waits on the file's queues while it has O_ASYNC.

    Attributes:
        pid, kind: a process (TGID), a group (PGID) or a thread (PID); None: nobody.
        uid, euid: of who set it; a signal goes only where they may send one.
        signum: F_SETSIG's; 0 for a SIGIO that says nothing more.
        fd: the number that O_ASYNC was set by, which the signal tells.
    """

    __slots__ = ("euid", "fd", "file", "kind", "pid", "queues", "signum", "uid")

    def __init__(self, file: File) -> None:
        self.file = file
        self.pid: Pid | None = None
        self.kind = PidType.TGID
        self.uid = self.euid = self.signum = 0
        self.fd = -1
        self.queues: tuple[tuple[WaitQueue, int], ...] = ()

    def set(self, pid: Pid | None, kind: PidType, cred: Credentials) -> None:
        """F_SETOWN. fs/fcntl.c:__f_setown"""
        put_pid(self.pid)
        self.pid = get_pid(pid) if pid is not None else None
        self.kind = kind
        self.uid, self.euid = cred.uid, cred.euid

    def watch(self, fd: int) -> None:
        """O_ASYNC was set."""
        self.fd = fd
        self.queues = self.file.async_queues()
        for queue, _ in self.queues:
            queue.waiters[self] = None

    def unwatch(self) -> None:
        """O_ASYNC was taken away."""
        for queue, _ in self.queues:
            queue.waiters.pop(self, None)
        self.queues = ()

    def file_closed(self) -> None:
        """The last holder of the file let go of it."""
        self.unwatch()
        put_pid(self.pid)
        self.pid = None

    def wake(self, queue: WaitQueue | None) -> None:
        """Something happened to the file: send the signal. fs/fcntl.c:send_sigio"""
        pid = self.pid
        if pid is None:
            return
        events = self.file.poll()
        for known, band in self.queues:
            if known is queue and events & _LOOK_FOR[band]:
                if self.kind is PidType.PGID:
                    for member in tuple(pid.tasks[PidType.PGID]):
                        self._send(member, band)
                else:
                    target = pid_task(pid, PidType.PID)
                    if target is not None:
                        self._send(target, band)

    def _send(self, target: Task, band: int) -> None:
        """fs/fcntl.c:send_sigio_to_task, sigio_perm"""
        cred = target.cred
        if self.euid and not {self.uid, self.euid} & {cred.uid, cred.suid}:
            return
        to_group = self.kind is not PidType.PID
        if self.signum:
            code = SI_SIGIO if self.signum != SIGIO and self.signum in _SIGNALS_WITH_CODES else band
            info = SigInfo(self.signum, code, kind="poll", value=_BANDS[band], status=self.fd)
            try:
                send_signal(target, info, to_group)
            except EAGAIN:
                pass                 # the queue is full: a plain SIGIO instead
            else:
                return
        send_signal(target, SigInfo(SIGIO, SI_KERNEL), to_group)


def owner_of(file: File) -> FileOwner:
    """The file's owner, made when it is first asked for."""
    if not isinstance(file.owner, FileOwner):
        file.owner = FileOwner(file)
    return file.owner


def set_async(file: File, fd: int, on: bool) -> bool:
    """Set or take away O_ASYNC. False: this kind of file sends no signals. fs/fcntl.c:fasync_helper"""
    if not file.async_queues():
        return False
    owner = owner_of(file)
    owner.unwatch()
    if on:
        owner.watch(fd)
    file.flags = file.flags | O_ASYNC if on else file.flags & ~O_ASYNC
    return True
