"""signalfd: signals to be read. fs/signalfd.c, signalfd(2)"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EINVAL
from rvsim.guest_os.abi.poll import POLLIN
from rvsim.guest_os.fs.anon import AnonFile, AnonFs
from rvsim.guest_os.task.scheduler import Scheduler
from rvsim.guest_os.task.signal import SigInfo, dequeue, next_signal
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.wait import WaitQueue

SIGINFO = struct.Struct("<IiiIIiIIIIiiQQQQH2xiQI28x")
assert SIGINFO.size == 128


def pack(info: SigInfo) -> bytes:
    """A struct signalfd_siginfo. fs/signalfd.c:signalfd_copyinfo"""
    value = info.value
    small = (value & 0xFFFF_FFFF ^ 0x8000_0000) - 0x8000_0000
    tid = overrun = status = number = 0
    pointer = utime = stime = addr = 0
    pid, uid = info.pid & 0xFFFF_FFFF, info.uid
    if info.kind == "timer":
        pid = uid = 0
        tid, overrun, pointer, number = info.timer, info.overrun & 0xFFFF_FFFF, value, small
    elif info.kind == "child":
        status, utime, stime = info.status, info.utime, info.stime
    elif info.kind == "fault":
        addr = info.addr
    elif info.kind == "queue":
        pointer, number = value, small
    return SIGINFO.pack(info.signo, 0, info.code, pid, uid, 0, tid, 0, overrun, 0, status, number, pointer, utime,
                        stime, addr, 0, 0, 0, 0)


class SignalFile(AnonFile):
    """Takes the signals of `mask` that wait for whoever reads."""

    __slots__ = ("mask", "scheduler")

    kind = b"[signalfd]"
    record_bytes = 128

    def __init__(self, anon: AnonFs, flags: int, cred: Credentials, mask: int, scheduler: Scheduler) -> None:
        super().__init__(anon, flags, cred)
        self.mask = mask
        self.scheduler = scheduler

    @property
    def _reader(self) -> Task:
        task = self.scheduler.current
        if task is None:
            raise RuntimeError("no task runs")
        return task

    def read(self, size: int) -> bytes:
        if size < SIGINFO.size:
            raise EINVAL
        task = self._reader
        parts: list[bytes] = []
        while (len(parts) + 1) * SIGINFO.size <= size:
            info = dequeue(task, ~self.mask)
            if info is None:
                break
            parts.append(pack(info))
        if not parts:
            self.would_block(task.group.signal_queue)
        return b"".join(parts)

    def poll(self) -> int:
        task = self.scheduler.current
        return POLLIN if task is not None and next_signal(task, ~self.mask) else 0

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        return (self._reader.group.signal_queue,)
