"""What a seed draws: faults that a correct program survives, and how often.

The numbers are SplitMix64's, as those of the time slices (`task/slices.py`), of a key that nothing else uses.

What may be drawn at level `legal` is what Linux itself does at some time or other:

- any call takes longer;
- a read of a pipe, stream socket or raw terminal gives less than there is (also in the middle of what one small
  write put there, which Linux keeps together: a program may not count on who writes);
- a write of such a file takes less than it was given, if it may not wait or a signal handler could have cut it short,
  and not where POSIX says that a write to a pipe is whole (up to PIPE_BUF bytes);
- a call that is about to wait gives EINTR instead, if the task catches a signal that would do that.

Level `hard` adds errors that machines have when they are full or broken. An EAGAIN where something is there belongs to
these: who waits for an edge of epoll would wait for ever.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EAGAIN, EIO, EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC
from rvsim.guest_os.abi.fcntl import O_CREAT, PIPE_BUF
from rvsim.guest_os.abi.signals import (
    NSIG,
    SA_RESTART,
    SIG_DFL,
    SIG_IGN,
    SIGABRT,
    SIGBUS,
    SIGCHLD,
    SIGFPE,
    SIGHUP,
    SIGILL,
    SIGINT,
    SIGPIPE,
    SIGQUIT,
    SIGSEGV,
    SIGSYS,
    SIGTERM,
    SIGTRAP,
    bit,
)
from rvsim.guest_os.abi.termios import ICANON
from rvsim.guest_os.faults.fault import NO_RESULT
from rvsim.guest_os.faults.transfers import (
    READING,
    TRANSFERS,
    WRITING,
    Transfer,
    comes_in_bytes,
    does_not_wait,
    file_of,
    is_stream,
    wanted,
)
from rvsim.guest_os.fs.epoll import EpollItem
from rvsim.guest_os.fs.pipe import PipeEnd
from rvsim.guest_os.fs.tty import TtyFile
from rvsim.guest_os.task.call_fault import CallFault
from rvsim.guest_os.wait import Restart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.vfs.file import File

_MASK = (1 << 64) - 1
EPOLLET = 1 << 31
SHORTEST_DELAY_BITS, LONGEST_DELAY_BITS = 10, 24
"""Delays are of every order of magnitude alike: a microsecond to some ten milliseconds."""

ITS_OWN = (SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGPIPE, SIGSYS)
TO_END = (SIGHUP, SIGINT, SIGQUIT, SIGTERM)
FOR_A_SIGNAL = frozenset(("rt_sigsuspend", "rt_sigtimedwait"))
"""Calls that wait for a signal: a program may take their end for its coming."""

FULL: dict[str, tuple[int, ...]] = {
    "mmap": (ENOMEM.number,), "brk": (ENOMEM.number,), "mremap": (ENOMEM.number,), "clone": (EAGAIN.number,
    ENOMEM.number), "clone3": (EAGAIN.number, ENOMEM.number), "openat": (EMFILE.number, ENFILE.number, ENOMEM.number),
    "openat2": (EMFILE.number, ENFILE.number, ENOMEM.number), "pipe2": (EMFILE.number, ENFILE.number),
    "socket": (EMFILE.number, ENFILE.number, ENOBUFS.number), "dup": (EMFILE.number,), "mkdirat": (ENOSPC.number,),
    "symlinkat": (ENOSPC.number, EIO.number), "linkat": (ENOSPC.number, EIO.number), "fsync": (EIO.number,),
    "fdatasync": (EIO.number,), "execve": (ENOMEM.number,), "getdents64": (EIO.number,),
    "fallocate": (ENOSPC.number,), "ftruncate": (EIO.number,), "unlinkat": (EIO.number,), "renameat2": (ENOSPC.number,),
}  # fmt: skip
"""What `hard` adds, by call."""


class Chaos:
    """Draws. `rate`: of so many calls, one is met."""

    __slots__ = ("hard", "rate", "state")

    def __init__(self, seed: int, hard: bool, rate: int) -> None:
        self.state: int = int.from_bytes(hashlib.sha256(b"rvsim chaos%d" % seed).digest()[:8], "little")
        self.hard = hard
        self.rate = rate

    def _draw(self, below: int) -> int:
        self.state = self.state + 0x9E3779B97F4A7C15 & _MASK
        number = self.state
        number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        number = (number ^ number >> 27) * 0x94D049BB133111EB & _MASK
        return (number ^ number >> 31) % below

    def draw(self, task: Task, name: str, registers: Sequence[int], linux: bool) -> CallFault | None:
        """What happens to this call; None: nothing. Each call draws once, whatever comes of it."""
        if self._draw(self.rate) or name in NO_RESULT:
            return None
        kinds = ["delay"]
        transfer = TRANSFERS.get(name) if linux else None
        file = None
        size = 0
        if transfer is not None:
            file = file_of(task, registers[0])
            if file is not None and comes_in_bytes(file) and is_stream(file):
                size = wanted(task, transfer, registers)
                if _may_be_short(task, transfer, file, size):
                    kinds.append("short")
        if linux and _may_be_interrupted(task, name, registers):
            kinds.append("interrupted")
        errors = self._errors(name, transfer, file, registers) if linux and self.hard else ()
        if errors:
            kinds.append("error")
        kind = kinds[self._draw(len(kinds))]
        if kind == "short":
            return CallFault(limit=1 + self._draw(min(size, 1 << 16) - 1) if self._draw(2) else 1)
        if kind == "interrupted":
            return CallFault(interrupts=1)
        if kind == "error":
            return CallFault(error=errors[self._draw(len(errors))])
        length = 1 << SHORTEST_DELAY_BITS + self._draw(LONGEST_DELAY_BITS - SHORTEST_DELAY_BITS)
        return CallFault(delay_ns=length + self._draw(length))

    def _errors(self, name: str, transfer: Transfer | None, file: File | None,
                registers: Sequence[int]) -> tuple[int, ...]:
        errors = FULL.get(name, ())
        if name == "openat" and registers[2] & O_CREAT:
            errors = (*errors, ENOSPC.number)
        if transfer is not None and file is not None and transfer.way in (READING, WRITING):
            if file.seekable:
                errors = (*errors, EIO.number)
                if transfer.way == WRITING:
                    errors = (*errors, ENOSPC.number)
            elif is_stream(file) and does_not_wait(file):
                errors = (*errors, EAGAIN.number)
        return errors


def _may_be_short(task: Task, transfer: Transfer, file: File, size: int) -> bool:
    if size < 2 or _edge_is_awaited(file) or (isinstance(file, TtyFile) and file.tty.termios.lflag & ICANON):
        return False
    if transfer.way == READING:
        return True
    if transfer.way != WRITING or (isinstance(file, PipeEnd) and size <= PIPE_BUF):
        return False
    return does_not_wait(file) or _catches(task, False)


def _edge_is_awaited(file: File) -> bool:
    """Whether an epoll tells of changes only: who reads less than it wanted may take that for all. man 7 epoll"""
    return any(isinstance(watcher, EpollItem) and watcher.events & EPOLLET for watcher in file.watchers or ())


def _may_be_interrupted(task: Task, name: str, registers: Sequence[int]) -> bool:
    """Whether this call, if it has to wait, may be told that a signal ended that. signal(7)"""
    if name in FOR_A_SIGNAL or not _catches(task, False):
        return False
    match name:
        case "ppoll":                         # without files and time: pause
            return bool(registers[1] or registers[2])
        case "pselect6":
            return bool(registers[0] or registers[4])
        case _:
            return True


def may_be_cut_short(task: Task, restart: Restart) -> bool:
    """Whether a wait of this kind ends with EINTR, by a signal that the task catches."""
    return restart is not Restart.NEVER and _catches(task, restart is Restart.SYS)


def _catches(task: Task, ends_waits: bool) -> bool:
    """Whether a signal may come that the task catches; `ends_waits`: whose handler has no SA_RESTART.

    Not counted are those that only an instruction or a call of its own brings, SIGCHLD where there is no child, and
    those that ask a program to end: who catches them seldom goes on with what was interrupted.
    """
    for signo in range(1, NSIG + 1):
        action = task.sighand.actions[signo]
        if action.handler in (SIG_DFL, SIG_IGN) or task.blocked & bit(signo) or signo in ITS_OWN + TO_END:
            continue
        if signo == SIGCHLD and not task.group.children:
            continue
        if not (ends_waits and action.flags & SA_RESTART):
            return True
    return False
