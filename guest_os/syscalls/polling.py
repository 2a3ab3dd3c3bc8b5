"""Waiting for any of several files: ppoll, pselect6. fs/select.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EBADF, EFAULT, EINVAL
from rvsim.guest_os.abi.fcntl import O_PATH
from rvsim.guest_os.abi.poll import (
    POLLERR,
    POLLHUP,
    POLLIN,
    POLLNVAL,
    POLLOUT,
    POLLPRI,
    POLLRDBAND,
    POLLRDNORM,
    POLLWRBAND,
    POLLWRNORM,
)
from rvsim.guest_os.abi.signals import UNBLOCKABLE
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.syscalls.args import Int, Ptr, SizeT, UInt
from rvsim.guest_os.syscalls.clock import read_timespec, write_timespec
from rvsim.guest_os.syscalls.signals import SIGSET_SIZE
from rvsim.guest_os.task.resources import RLIMIT_NOFILE
from rvsim.guest_os.task.signal import recalc
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.wait import Blocked, Restart, Resume, WaitQueue

SELECT_IN = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR
SELECT_OUT = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR
SELECT_EX = POLLPRI


class PollWait(Resume):
    """A poll that waits until `deadline_ns` (None: for ever); the time left goes to `tsp` when it ends (0: nowhere)."""

    __slots__ = ("deadline_ns", "task", "tsp")

    def __init__(self, task: Task, deadline_ns: int | None, tsp: int) -> None:
        self.task = task
        self.deadline_ns = deadline_ns
        self.tsp = tsp

    def interrupted(self) -> int | None:
        self.store_remaining()
        return None

    def store_remaining(self) -> None:
        """A bad pointer is no error. fs/select.c:poll_select_finish"""
        if self.tsp and self.deadline_ns is not None:
            left = max(self.deadline_ns - self.task.kernel.clock.monotonic_ns(), 0)
            try:
                write_timespec(self.task, self.tsp, left)
            except (EFAULT, OutOfMemory):
                return


def begin(task: Task, tsp: int, sigmask: int, size: int, timeout_ns: int | None = None) -> PollWait:
    """Read the timeout (a timespec at `tsp`, else `timeout_ns`) and put the signal mask in place.

    Raises:
        EFAULT. EINVAL: a bad time, or a mask whose `size` is not 8.
    """
    resume = task.resume
    if isinstance(resume, PollWait):
        return resume
    if tsp:
        timeout_ns = read_timespec(task, tsp)
    if sigmask:
        if size != SIGSET_SIZE:
            raise EINVAL
        mask = user_memory.read_u64(task.space, sigmask) & ~UNBLOCKABLE
    deadline = None if timeout_ns is None else task.kernel.clock.monotonic_ns() + timeout_ns
    if sigmask:
        task.saved_blocked, task.blocked = task.blocked, mask
    return PollWait(task, deadline, tsp if timeout_ns else 0)


def end(task: Task, wait: PollWait) -> None:
    """The call is over without a signal: the mask goes back, the time left is stored. fs/select.c:poll_select_finish"""
    task.resume = None
    if task.saved_blocked is not None:
        task.blocked, task.saved_blocked = task.saved_blocked, None
        recalc(task)
    wait.store_remaining()


def block(task: Task, wait: PollWait, queues: list[WaitQueue], restart: Restart = Restart.NOHAND) -> None:
    """Wait for one of `queues`. Raises `Blocked`; returns when the time is up."""
    if wait.deadline_ns is not None and task.kernel.clock.monotonic_ns() >= wait.deadline_ns:
        return
    task.resume = wait
    if task.saved_blocked is not None:
        recalc(task)
    raise Blocked(*dict.fromkeys(queues), deadline_ns=wait.deadline_ns, restart=restart)


def sys_ppoll(task: Task, ufds: Ptr, nfds: UInt, tsp: Ptr, sigmask: Ptr, size: SizeT) -> int:
    """Wait until one of the files is ready. fs/select.c:ppoll, do_sys_poll

    Raises:
        EFAULT: any pointer. EINVAL: `nfds` above RLIMIT_NOFILE, a bad time, a bad `size`. EINTR: a handler ran.
        Blocked: none is ready.
    """
    wait = begin(task, tsp, sigmask, size)
    try:
        if nfds > task.group.limits.soft[RLIMIT_NOFILE]:
            raise EINVAL
        data = bytearray(user_memory.read(task.space, ufds, 8 * nfds)) if nfds else bytearray()
        files = task.fds.files
        queues: list[WaitQueue] = []
        ready = 0
        for at in range(0, 8 * nfds, 8):
            fd, events = _POLLFD.unpack_from(data, at)
            got = 0
            if fd >= 0:
                file = files.get(fd)
                if file is None or file.flags & O_PATH:
                    got = POLLNVAL
                else:
                    got = file.poll() & (events | POLLERR | POLLHUP | POLLNVAL)
                    if not got:
                        queues += file.poll_queues()
            if got:
                ready += 1
            data[at + 6] = got & 0xFF
            data[at + 7] = got >> 8
        if not ready:
            block(task, wait, queues)
        if nfds:
            user_memory.write(task.space, ufds, data)
    except Blocked:
        raise
    except BaseException:
        end(task, wait)
        raise
    end(task, wait)
    return ready


_POLLFD = struct.Struct("<iH")


def sys_pselect6(task: Task, n: Int, inp: Ptr, outp: Ptr, exp: Ptr, tsp: Ptr, sig: Ptr) -> int:
    """Wait until a file of three bit sets is ready; the sets become those that are. fs/select.c:core_sys_select

    Raises:
        EFAULT. EINVAL: n < 0, a bad time, a bad size of the mask. EBADF: a file of the sets is not open.
        EINTR: a handler ran. Blocked: none is ready.
    """
    mask = size = 0
    if sig and task.resume is None:
        mask, size = struct.unpack("<QQ", user_memory.read(task.space, sig, 16))
    wait = begin(task, tsp, mask, size)
    try:
        if n < 0:
            raise EINVAL
        n = min(n, _table_size(task))
        length = (n + 63) // 64 * 8
        valid = (1 << n) - 1
        sets = [int.from_bytes(user_memory.read(task.space, address, length), "little") & valid
                if address and n else 0 for address in (inp, outp, exp)]
        results = [0, 0, 0]
        queues: list[WaitQueue] = []
        ready = _select(task, sets, results, queues)
        if not ready:
            block(task, wait, queues)
        for address, result in zip((inp, outp, exp), results, strict=True):
            if address and n:
                user_memory.write(task.space, address, result.to_bytes(length, "little"))
    except Blocked:
        raise
    except BaseException:
        end(task, wait)
        raise
    end(task, wait)
    return ready


def _table_size(task: Task) -> int:
    """Bits of descriptors that can be there at all: others are ignored. fs/select.c:core_sys_select, max_fds"""
    highest = max(task.fds.files, default=0)
    return 64 if highest < 64 else 128 << (highest // 128).bit_length()


def _select(task: Task, sets: list[int], results: list[int], queues: list[WaitQueue]) -> int:
    """Fill `results` with what is ready, or `queues` with what to wait for. EBADF. fs/select.c:do_select"""
    files = task.fds.files
    wanted = sets[0] | sets[1] | sets[2]
    ready = 0
    while wanted:
        bit = wanted & -wanted
        wanted ^= bit
        file = files.get(bit.bit_length() - 1)
        if file is None or file.flags & O_PATH:
            raise EBADF
        got = file.poll()
        for at, mask in enumerate((SELECT_IN, SELECT_OUT, SELECT_EX)):
            if sets[at] & bit and got & mask:
                results[at] |= bit
                ready += 1
        queues += file.poll_queues()
    return ready


__all__ = ["sys_ppoll", "sys_pselect6"]
